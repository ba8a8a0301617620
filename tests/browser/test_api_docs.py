"""The docs of the API: calls found while typing, and commands with the reader's own token."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.browser.conftest import Site


def test_a_call_is_found_and_copied_with_a_token_that_is_kept_nowhere(site: Site, page: Page) -> None:
    page.goto(f"{site.url}/api/docs")
    page.get_by_label("Search calls").fill("approve an")
    call = page.get_by_role("link", name="POST /api/v1/orders/{reference}/approve")
    expect(call).to_be_visible()
    expect(page.get_by_text("GET /api/v1/devices", exact=True)).to_be_hidden()

    call.click()
    chapter = page.locator("section", has=page.get_by_role("heading", name="Approve an order", exact=True))
    chapter.locator("summary", has_text="As a command").click()
    copy = chapter.get_by_role("button", name="Copy as curl")
    assert "Bearer $TOKEN" in (copy.get_attribute("data-copy") or "")
    token = page.locator("[data-token]")
    # In a replacement these signs would mean what was found.
    token.fill("hwa_$&a$1")
    assert 'Bearer hwa_$&a$1"' in (copy.get_attribute("data-copy") or "")
    assert page.evaluate("[localStorage.length, sessionStorage.length]") == [0, 0]
    assert "hwa_" not in page.evaluate("document.cookie")

    page.reload()
    expect(token).to_have_value("")
