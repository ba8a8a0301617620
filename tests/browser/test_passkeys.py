"""A passkey in a real browser, with Chromium's virtual authenticator."""

from __future__ import annotations

from dataclasses import replace

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Site


@pytest.fixture
def named(site: Site) -> Site:
    """The site under a name: browsers have no passkeys for numbers."""
    named = replace(site, url=site.url.replace("127.0.0.1", "localhost"))
    site.app.config["HWADMIN"] = replace(site.app.config["HWADMIN"], base_url=named.url)
    return named


def test_a_passkey_is_added_lets_in_without_a_password_and_is_removed(named: Site, page: Page) -> None:
    tools = page.context.new_cdp_session(page)
    tools.send("WebAuthn.enable")
    device = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    key = tools.send("WebAuthn.addVirtualAuthenticator", {"options": device})["authenticatorId"]
    named.sign_in(page, named.world.ada)
    page.goto(f"{named.url}/my-account")
    page.get_by_label("Name of the passkey").fill("My laptop")
    page.get_by_role("button", name="Add a passkey").click()
    expect(page.get_by_text("The passkey is added.")).to_be_visible()
    page.get_by_role("button", name="Sign out").click()

    # Nobody puts a finger on it.
    tools.send("WebAuthn.setUserVerified", {"authenticatorId": key, "isUserVerified": False})
    page.get_by_role("button", name="Sign in with a passkey").click()
    expect(page.get_by_text("No passkey was used.")).to_be_visible()
    tools.send("WebAuthn.setUserVerified", {"authenticatorId": key, "isUserVerified": True})
    page.get_by_role("button", name="Sign in with a passkey").click()
    page.wait_for_url(lambda address: "/sign-in" not in address)

    page.goto(f"{named.url}/my-account")
    page.get_by_role("row", name="My laptop").get_by_role("button", name="Remove").click()
    page.get_by_role("dialog").get_by_role("button", name="Remove").click()
    expect(page.get_by_text("The passkey “My laptop” is removed.")).to_be_visible()
