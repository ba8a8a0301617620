"""Times in the zone of the browser, and the exact ones by a key and by a tap."""

from __future__ import annotations

from playwright.sync_api import Browser, expect

from tests.browser.conftest import Site, no_complaint


def test_times_are_the_browsers_and_exact_ones_are_a_key_or_a_tap_away(site: Site, browser: Browser) -> None:
    context = browser.new_context(timezone_id="Asia/Kathmandu", has_touch=True)
    with no_complaint(context):
        page = context.new_page()
        site.open_session(page, site.world.ada)
        page.goto(f"{site.url}/audit/")
        # The script of the first page said where it is; the server writes the next one.
        page.goto(f"{site.url}/my-account")
        session = page.locator("table time").first
        exact = session.get_attribute("title") or ""
        assert exact.endswith(" UTC+5:45")
        relative = session.inner_text()
        page.keyboard.press("t")
        expect(session).to_have_text(exact)
        page.keyboard.press("t")
        expect(session).to_have_text(relative)
        session.tap()
        expect(session).to_have_text(exact)
    context.close()
