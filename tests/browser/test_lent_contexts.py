"""That a context of the browser which is lent again is as good as a new one."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Page

from tests.browser import lent_contexts
from tests.browser.conftest import PATIENCE, Server, Site
from tests.browser.lent_contexts import Contexts

_STORE = """async () => {
    localStorage.setItem("basket", "3");
    await (await caches.open("pages")).put("/x", new Response("x"));
    await new Promise(done => { indexedDB.open("orders").onsuccess = done; });
}"""
_STORED = """async () => [
    ...Object.keys(localStorage), ...Object.keys(sessionStorage),
    ...await caches.keys(), ...(await indexedDB.databases()).map(({ name }) => name),
]"""


def test_nothing_of_one_test_is_left_for_the_next(site: Site, browser: Browser, server: Server) -> None:
    contexts = Contexts(browser, server.url, PATIENCE)
    with contexts.lend() as first:
        page = _a_page(site, first.new_page())
        site.open_session(page, site.world.ada)
        first.add_cookies([{"name": "zone", "value": "x", "url": "http://localhost"}])
        first.grant_permissions(["geolocation"])
        page.evaluate(_STORE)
        assert sorted(page.evaluate(_STORED)) == ["basket", "orders", "pages"]
    with contexts.lend() as second:
        assert second is first
        assert page.is_closed()
        page = _a_page(site, second.new_page())
        assert page.evaluate(_STORED) == []
        assert second.cookies() == []
        asked = "navigator.permissions.query({name: 'geolocation'}).then(answer => answer.state)"
        assert page.evaluate(asked) != "granted"
    second.close()


def test_a_context_whose_clock_was_replaced_is_not_lent_again(
    site: Site, browser: Browser, server: Server
) -> None:
    contexts = Contexts(browser, server.url, PATIENCE)
    with contexts.lend() as first:
        _a_page(site, first.new_page()).clock.install()
    with contexts.lend() as second:
        assert second is not first
        assert _a_page(site, second.new_page()).evaluate(
            "Math.abs(Date.now() - performance.timeOrigin) < 1e7"
        )
    second.close()


def test_a_context_that_answers_no_more_is_not_lent_again(
    site: Site, browser: Browser, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lent_contexts, "ANSWERS_WITHIN", 200)
    contexts = Contexts(browser, server.url, PATIENCE)
    with contexts.lend() as first:
        _a_page(site, first.new_page()).evaluate("setTimeout(() => { for (;;); })")
    with contexts.lend() as second:
        assert second is not first
        assert _a_page(site, second.new_page()).evaluate("1 + 1") == 2
    second.close()


def test_two_people_never_get_the_same_one(site: Site, browser: Browser, server: Server) -> None:
    contexts = Contexts(browser, server.url, PATIENCE)
    with contexts.lend() as first, contexts.lend() as second:
        site.open_session(first.new_page(), site.world.ada)
        assert second is not first
        assert second.cookies() == []
    first.close()
    second.close()


def _a_page(site: Site, page: Page) -> Page:
    page.goto(f"{site.url}/healthz")
    return page
