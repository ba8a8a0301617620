"""Hostile names in a real browser: they are shown on every page, and run on none."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Browser, Dialog, Page

from hwadmin.models import Person
from hwadmin.operations.audit import record
from hwadmin.operations.decisions import reject_order
from hwadmin.operations.ordering import NewIntent, NewLine, NewOrder, submit_order
from hwadmin.uow import transact
from tests.browser.conftest import Site

pytestmark = pytest.mark.looks

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


def everything_named(site: Site, name: str) -> tuple[str, str, str]:
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
    transact(lambda: record(ada, "table.exported", name, account=account, details={"filters": {name: name}}))
    return (
        f"/accounts/{account.id}/",
        f"/orders/{waiting.reference}",
        f"/orders/{rejected.reference}",
        f"/devices/{device.id}/",
    )


# tests/views tries more names on every page; a browser the two that reach furthest.
@pytest.mark.parametrize(
    "label",
    [
        name if name in ("an attribute", "a template") else pytest.param(name, marks=pytest.mark.full)
        for name in NAMES
    ],
)
def test_a_hostile_name_is_shown_and_never_run(
    site: Site, page_of: Callable[[Person], Page], label: str
) -> None:
    name = NAMES[label]
    account, waiting, rejected, device = everything_named(site, name)
    for person in (site.world.ada, site.world.piet):
        page = page_of(person)
        with no_dialog(page):
            shown = 0
            for path in (
                *("/orders/?status=all", waiting, f"{waiting}/plan", rejected, f"{rejected}/history"),
                *("/accounts/", account, f"{account}employees/", f"{account}locations/", f"{account}orders/"),
                *("/devices/", device, f"{device}edit/", "/catalog/", "/audit/", f"{account}edit/"),
                *([f"{account}order"] if person is site.world.piet else [f"{waiting}/reject"]),
            ):
                page.goto(f"{site.url}{path}")
                text = " ".join(page.locator("body").inner_text().split())
                values = page.locator("input, textarea").evaluate_all("all => all.map(one => one.value)")
                shown += name in text or name in values
                # What would react to a pointer or to the focus gets both.
                page.evaluate(PROVOKED)
            assert shown >= 8


def test_what_is_typed_into_the_forms_of_an_order_is_shown_and_never_run(
    site: Site, page_of: Callable[[Person], Page]
) -> None:
    name = NAMES["an attribute"]
    order = site.world.an_order()
    page = page_of(site.world.ada)
    with no_dialog(page):
        page.goto(f"{site.url}/orders/{order.reference}/reject")
        page.get_by_label("Reason").fill(name + "\u202e")
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
