"""The preview of a list on a phone: of sixty rows ten are wrong, and each is named on the first screen."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page

from hwadmin.domain.device_kinds import Kind
from hwadmin.models import Person
from hwadmin.operations.orders.submission.new_order import NewIntent
from tests.browser.conftest import Site
from tests.builders import an_identifier

ROWS = 60
# By the place in the list, what is wrong with the identifier; of the others the person is.
WRONG = {
    5: "805EC01000",
    11: "8,05E+11",
    17: "",
    29: "#N/A",
    41: "FFFFFFFFFFFF",
    47: "0092263A1",
    58: "805EC0OO0O1I",
}
UNKNOWN = (23, 35, 53)


def test_every_wrong_row_is_on_the_first_screen(site: Site, page_of: Callable[[Person], Page]) -> None:
    world = site.world
    account = world.an_account()
    people = [world.an_employee(account, f"Person Nr{place:02} Sample") for place in range(ROWS)]
    intents = {0: [NewIntent(employee_id=person.id) for person in people]}
    order = world.an_order("approved", [(Kind.DESKPHONE, ROWS)], account=account, intents=intents)
    rows, last = [], ""
    for place, person in enumerate(people):
        name = "Somebody Unknown" if place in UNKNOWN else person.name
        identifier = (WRONG[place] or last) if place in WRONG else an_identifier(Kind.DESKPHONE)
        rows.append(f"{name};{identifier}")
        last = identifier
    page = page_of(world.ada)
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(f"{site.url}/orders/{order.reference}/fulfill/list")
    page.locator("#text").fill("User;MAC\n" + "\n".join(rows))
    page.get_by_role("button", name="Read the list").click()
    lines = page.get_by_role("navigation", name="Rows to look at")
    named = {
        int(number) for number in page.evaluate("e => e.innerText.match(/[0-9]+/g)", lines.element_handle())
    }
    assert {place + 2 for place in (*WRONG, *UNKNOWN)} <= named
    box = lines.bounding_box()
    assert box is not None
    assert box["y"] + box["height"] < 844
    for link in lines.get_by_role("link").all():
        target = (link.get_attribute("href") or "").removeprefix("#")
        assert page.locator(f"[id='{target}']").count() == 1
