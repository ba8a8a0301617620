"""What a phone must show of pages that are made for a desk."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import update

from hwadmin.clock import utcnow
from hwadmin.db.extensions import db
from hwadmin.db.unit_of_work import transact
from hwadmin.domain.device_kinds import Kind
from hwadmin.models import HardwareOrder, Person
from hwadmin.operations.fulfillment.corrections.retirements import retire_many
from tests.browser.conftest import Site
from tests.browser.screen_checks import MAX_HEIGHT


@pytest.fixture
def phone(site: Site, page_of: Callable[[Person], Page]) -> Page:
    page = page_of(site.world.ada)
    page.set_viewport_size({"width": 390, "height": 844})
    return page


def test_that_a_device_is_out_of_service_is_in_sight_behind_any_name(site: Site, phone: Page) -> None:
    account = site.world.an_account(name="The Very Long Name of an Account That Has Telephones Ltd.")
    item = site.world.an_item("deskphone", make="A Maker of a Long Name", model="And a Model of Another")
    gone, _ = (site.world.a_device(account, item=item) for _ in range(2))
    retire_many(site.world.ada.actor, [gone.id], reason="Lost.", run_each=transact)
    phone.goto(f"{site.url}/devices/")
    tag = phone.get_by_text("out of service", exact=True)
    expect(tag).to_have_count(1)
    row = phone.locator("tbody tr").filter(has=tag)
    title, box, of_row = (place.bounding_box() for place in (row.locator("a").first, tag, row))
    assert title is not None
    assert box is not None
    assert of_row is not None
    assert of_row["height"] <= 66
    # In the line of the title, right of it, and within what the row shows.
    assert abs(box["y"] + box["height"] / 2 - title["y"] - title["height"] / 2) < 4
    assert box["x"] + box["width"] <= of_row["x"] + of_row["width"]


def test_a_row_stands_still_and_shows_what_the_keyboard_is_in(site: Site, phone: Page) -> None:
    account = site.world.an_account(name="The Very Long Name of an Account That Has Telephones Ltd.")
    site.world.a_device(account, item=site.world.an_item("deskphone", make="A Maker", model="Of Telephones"))
    phone.goto(f"{site.url}/devices/")
    row, last = phone.locator("tbody tr"), phone.locator("tbody tr a").last
    choice = row.get_by_role("checkbox")
    expect(row).to_have_count(1)
    before = choice.bounding_box()
    height = row.evaluate("row => row.offsetHeight")
    last.evaluate("link => link.scrollIntoView({ inline: 'nearest' })")
    assert choice.bounding_box() == before
    phone.locator("tbody tr a").first.focus()
    while not last.evaluate("link => link === document.activeElement"):
        phone.keyboard.press("Tab")
    assert choice.bounding_box() == before
    assert row.evaluate("row => row.offsetHeight") > height
    box = last.bounding_box()
    assert box is not None
    assert box["x"] + box["width"] <= 390


def test_the_docs_of_a_call_show_type_and_note_of_each_field(site: Site, phone: Page) -> None:
    phone.goto(f"{site.url}/api/docs/orders")
    call = phone.locator("section", has=phone.get_by_role("heading", name="Submit an order", exact=True))
    body = call.get_by_role("table", name="Body of create_order")
    row = body.locator("tr", has_text="lines[].intents[].phone_line_id")
    for text in ("integer or null", "The phone line a mobile upgrades."):
        box = row.get_by_text(text).bounding_box()
        assert box is not None
        assert box["x"] + box["width"] <= 390


def test_a_full_dashboard_is_scrolled_through_on_a_phone(site: Site, phone: Page) -> None:
    world = site.world
    for number in range(10):
        platform = world.a_platform(f"The Platform Number {number}")
        world._items[platform.id, Kind.DESKPHONE] = world.an_item(
            "deskphone", platform, model=f"Desk Phone of Its Own {number}"
        )
        status = ("submitted", "fulfilled")[number == 9]
        world.an_order(status, platform=platform, by=world.ada)
    db.session.execute(
        update(HardwareOrder)
        .where(HardwareOrder.due_at.is_not(None))
        .values(due_at=utcnow() - timedelta(days=1))
    )
    db.session.commit()
    phone.goto(f"{site.url}/dashboard/?weeks=52")
    # All it can have: late orders, six charts, and three tables, folded.
    expect(phone.locator(".late-orders tbody tr")).to_have_count(8)
    expect(phone.locator("svg.chart")).to_have_count(6)
    expect(phone.get_by_text("All others")).to_have_count(2)
    expect(phone.locator(".all-rows:not([open])")).to_have_count(3)
    assert phone.evaluate("document.documentElement.scrollHeight") <= MAX_HEIGHT
