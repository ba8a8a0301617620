"""Putting right what was fulfilled, in a browser: a clash resolved, a dead phone replaced by keyboard."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page, expect

from hwadmin.db.extensions import db
from hwadmin.models import HardwareOrder, Person
from hwadmin.queries.units.units import UnitRow, units_of
from tests.browser.conftest import Site

MAC = "80:5e:c0:09:ab:dc"


def units(order_id: int) -> list[UnitRow]:
    """The units as they are now; looking must not keep the site's writers waiting."""
    try:
        return units_of(order_id)
    finally:
        db.session.rollback()


def named(order: HardwareOrder) -> tuple[int, str]:
    """An order's key and reference, for when the session has let go of it."""
    return order.id, order.reference


def test_a_clash_leads_to_its_holder_and_the_device_is_moved_here(
    site: Site, page_of: Callable[[Person], Page]
) -> None:
    world = site.world
    theirs = world.an_order("fulfilled", [("deskphone", 1)], platform=world.blue_harbor)
    order = world.an_order("approved", [("deskphone", 2)])
    (there, their_reference), (here, reference) = named(theirs), named(order)
    taken, unit = units(there)[0], units(here)[0]
    page = page_of(world.ada)
    page.goto(f"{site.url}/orders/{reference}/fulfill")
    page.locator(f"#unit-{unit.id}").fill(taken.identifier or "")
    page.get_by_role("button", name="Check", exact=True).click()
    page.get_by_role("link", name="Resolve…").first.click()
    expect(page.get_by_role("heading", name="is a device of another account already")).to_be_visible()
    for fact in ("Blue Harbor Telecom", their_reference):
        expect(page.get_by_role("main")).to_contain_text(fact)
    # Without a reason nothing is sent.
    move = page.get_by_role("button", name="Move it here")
    move.click()
    expect(move).to_be_visible()
    page.get_by_label("Reason").fill("The distributor swapped the boxes.")
    move.click()
    expect(page.get_by_role("status").first).to_contain_text("has its device")
    expect(page).to_have_url(f"{site.url}/orders/{reference}/fulfill")
    assert units(here)[0].device_id == taken.device_id
    assert units(there)[0].closed_reason == "The distributor swapped the boxes."


def test_a_dead_phone_is_replaced_by_keyboard(site: Site, page_of: Callable[[Person], Page]) -> None:
    order = site.world.an_order("fulfilled", [("deskphone", 1)])
    key, reference = named(order)
    former = units(key)[0]
    page = page_of(site.world.ada)
    page.goto(f"{site.url}/orders/{reference}")
    menu = page.locator("summary", has_text="Correct")
    menu.focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Replace Yealink T54W")).to_be_visible()
    page.get_by_label("It was entered wrongly").focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Tab")
    page.keyboard.type(MAC.replace(":", "").upper())
    page.keyboard.press("Tab")
    page.keyboard.type("3146C1")
    page.keyboard.press("Tab")
    page.keyboard.type("Dead on arrival.")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status").first).to_contain_text(f"{MAC} has taken the place of")
    now = units(key)[0]
    assert (now.identifier, now.serial, now.device_id != former.device_id) == (MAC, "3146C1", True)
    page.get_by_role("link", name=MAC).first.click()
    expect(page.get_by_text("In place of")).to_be_visible()
