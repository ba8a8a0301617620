"""Hostile names in a real browser: they are shown on every page, and run on none."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

import pytest
from markupsafe import escape
from playwright.sync_api import Browser, ConsoleMessage, Dialog, Page, Route

from hwadmin.db.unit_of_work import transact
from hwadmin.domain.event_kinds import AuditKind
from hwadmin.models import Person
from hwadmin.operations.audit.recording import Subject, record
from hwadmin.operations.orders.decisions import reject_order
from hwadmin.operations.orders.submission.new_order import NewIntent, NewLine, NewOrder
from hwadmin.operations.orders.submission.submission import submit_order
from tests.browser.conftest import Site
from tests.running import FULL

NAMES = {
    "an element": "<script>alert('hwx')</script><img src=x onerror=alert(1)>",
    "an attribute": '"><svg onload=alert(1)><a href="javascript:alert(1)">x',
    "single quotes": "' onmouseover='alert(1)' autofocus onfocus='alert(1)",
    "the end of an element": "</textarea></select></title></script><script>alert(1)</script>",
    "a template": "{{7*7}}${alert(1)}<template><script>alert(1)</script></template>",
}


PROVOKED = """() => document.querySelectorAll("body *").forEach(one => {
    for (const name of ["mouseover", "mouseenter", "focus", "load", "error"])
        one.dispatchEvent(new Event(name));
})"""


@contextmanager
def no_dialog(page: Page) -> Iterator[None]:
    """Nothing asks or says anything by itself."""
    opened: list[str] = []

    def note(dialog: Dialog) -> None:
        opened.append(dialog.message)
        dialog.dismiss()

    page.on("dialog", note)
    yield
    assert opened == []


def everything_named(site: Site, name: str) -> tuple[str, str, str, str]:
    """An account with site, employee, device and a rejected order, all called so; their addresses."""
    world = site.world
    account = world.an_account(name=name)
    place, person = world.a_location(account, name[:120], address=name), world.an_employee(account, name)
    item = world.an_item("deskphone", make="Yealink", model=name[:120], color=name[:40])
    device = world.a_device(account, item=item, employee_id=person.id, location_id=place.id)
    new = NewOrder(
        account.id,
        [NewLine(item.sku, 2, [NewIntent(employee_id=person.id, location_id=place.id)])],
        ship_to_location_id=place.id,
        attention=name,
        notes=name,
        reason=name,
    )
    piet, ada = world.piet.actor, world.ada.actor
    waiting = transact(lambda: submit_order(piet, new))
    rejected = transact(lambda: submit_order(piet, new))
    transact(lambda: reject_order(ada, rejected.id, reason=name))
    transact(
        lambda: record(
            ada, AuditKind.TABLE_EXPORTED, name, Subject(account=account), details={"filters": {name: name}}
        )
    )
    return (
        f"/accounts/{account.id}/",
        f"/orders/{waiting.reference}",
        f"/orders/{rejected.reference}",
        f"/devices/{device.id}/",
    )


def pages_with(account: str, waiting: str, rejected: str, device: str) -> list[str]:
    """The pages that show what ``everything_named`` made."""
    return [
        *("/orders/?status=all", waiting, f"{waiting}/plan", rejected, f"{rejected}/history"),
        *("/accounts/", account, f"{account}employees/", f"{account}locations/", f"{account}orders/"),
        *("/devices/", device, f"{device}edit/", "/catalog/", "/audit/", f"{account}edit/"),
    ]


# tests/views tries more names on every page; a browser the two that reach furthest, in turn.
@pytest.mark.parametrize(
    "labels",
    [
        ("an attribute", "a template"),
        *(pytest.param((label,), marks=pytest.mark.full, id=label) for label in NAMES),
    ],
)
def test_a_hostile_name_is_shown_and_never_run(
    site: Site, page_of: Callable[[Person], Page], labels: Sequence[str]
) -> None:
    named = {NAMES[label]: everything_named(site, NAMES[label]) for label in labels}
    ada, piet = site.world.ada, site.world.piet
    for turn, (person, own) in enumerate(((ada, "{waiting}/reject"), (piet, "{ordering}new"))):
        pages = [
            [(name, path) for path in (*pages_with(*made), own.format(ordering=ordering, waiting=made[1]))]
            for name, made in named.items()
            for ordering in [made[0].replace("/accounts/", "/ordering/")]
        ]
        page = page_of(person)
        with no_dialog(page):
            shown = 0
            same_pages = [*zip(*pages, strict=True)]
            # What both have is shown to one of them, in turn, and in full to both.
            mine = same_pages if FULL else [*same_pages[turn:-1:2], same_pages[-1]]
            for number, same_page in enumerate(mine, turn):
                name, path = same_page[number % len(same_page)]
                page.goto(f"{site.url}{path}")
                text = " ".join(page.locator("body").inner_text().split())
                values = page.locator("input, textarea").evaluate_all("all => all.map(one => one.value)")
                shown += name in text or name in values
                # What would react to a pointer or to the focus gets both.
                page.evaluate(PROVOKED)
            assert shown >= len(mine) // 2


# What stands in every stored field, and what it would be if a page forgot to escape it.
MARK = "<i>planted</i>"
PLANTED = (
    "<script>document.title = 'run'; alert(1)</script><img src=x onerror=\"document.title = 'run'\">"
    "<a href=\"javascript:document.title = 'run'\" class=planted>x</a><style>h1 { display: none }</style>"
    "<iframe srcdoc=\"<script>parent.document.title = 'run'</script>\"></iframe><base href=https://evil.example/>"
)


@pytest.mark.slow
def test_a_page_that_forgot_to_escape_would_still_run_nothing(site: Site, browser: Browser) -> None:
    """Scripts, styles, frames and a base, planted past our escaping: what is left is the policy."""
    pages = pages_with(*everything_named(site, MARK))
    # Every answer carries the policy, whichever page it is: the first, the last and each third between them.
    pages = pages if FULL else pages[::3]
    page = browser.new_context().new_page()
    site.open_session(page, site.world.ada)
    planted, blocked = 0, False

    def unescape(route: Route) -> None:
        nonlocal planted
        answer = route.fetch()
        text = answer.text()
        planted = text.count(str(escape(MARK)))
        route.fulfill(response=answer, body=text.replace(str(escape(MARK)), PLANTED))

    def note(message: ConsoleMessage) -> None:
        nonlocal blocked
        blocked = blocked or "Content Security Policy" in message.text

    page.on("console", note)
    with_it = 0
    for path in pages:
        blocked = False
        page.route(f"{site.url}{path}", unescape, times=1)
        with no_dialog(page):
            page.goto(f"{site.url}{path}")
            page.evaluate(PROVOKED)
            for link in page.locator("a.planted").all()[:1]:
                link.dispatch_event("click")
        assert page.title() != "run", path
        assert page.locator("h1").first.is_visible(), path
        assert page.evaluate("document.baseURI").startswith(site.url), path
        assert blocked or not planted, f"{path}: nothing was stopped, so nothing was tried"
        with_it += bool(planted)
    assert with_it >= len(pages) - 2
    page.context.close()


def test_what_is_typed_into_the_forms_of_an_order_is_shown_and_never_run(
    site: Site, page_of: Callable[[Person], Page]
) -> None:
    name = NAMES["an attribute"]
    order = site.world.an_order()
    page = page_of(site.world.ada)
    with no_dialog(page):
        page.goto(f"{site.url}/orders/{order.reference}/reject")
        page.get_by_label("Reason").fill(name + "\u202e")
        # The page that refuses has the same field: what is typed before it is there would be lost.
        with page.expect_navigation():
            page.get_by_role("button", name="Reject").click()
        assert page.get_by_label("Reason").input_value() == name + "\u202e"
        page.get_by_label("Reason").fill(name)
        page.get_by_role("button", name="Reject").click()
        page.wait_for_url(f"**/orders/{order.reference}")
        assert name in page.locator("main").inner_text()
        page.goto(f"{site.url}/orders/?status=all&q={'%22%3E%3Csvg onload=alert(1)%3E'}")
        assert page.get_by_label("Search account, platform").input_value() == '"><svg onload=alert(1)>'


@pytest.mark.parametrize("injected", ["<p onmouseover=alert(1)>x</p>", "<p onfocus=alert(1)>x</p>"])
def test_an_injection_would_be_noticed(injected: str, browser: Browser) -> None:
    """Shown on a page that is not guarded, so that what the tests above listen to is heard once."""
    page = browser.new_context().new_page()
    page.set_content(injected)
    with pytest.raises(AssertionError):
        provoke(page)
    page.context.close()


def provoke(page: Page) -> None:
    with no_dialog(page):
        page.evaluate(PROVOKED)
