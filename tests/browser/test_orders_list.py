"""The list of orders in a real browser: how it fits its screen, and what placing orders from it takes."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select

from hwadmin.clock import utcnow
from hwadmin.db.extensions import db
from hwadmin.db.unit_of_work import transact
from hwadmin.models import HardwareOrder, Person
from hwadmin.operations.catalog.distributors import DistributorFacts, create_distributor
from hwadmin.operations.orders.decisions import mark_ordered
from tests.browser.conftest import Site


@pytest.fixture
def ada(site: Site, page_of: Callable[[Person], Page]) -> Page:
    return page_of(site.world.ada)


def test_rows_are_as_high_as_their_text_and_stay_so(site: Site, ada: Page) -> None:
    ada.set_viewport_size({"width": 1400, "height": 900})
    pending, to_be_placed = site.world.an_order(), site.world.an_order("approved")
    for status, order, actions in (("submitted", pending, 2), ("approved", to_be_placed, 3)):
        ada.goto(f"{site.url}/orders/?status={status}")
        row = ada.locator("tbody tr", has_text=order.reference)
        before = row.bounding_box()
        row.hover()
        shown = row.locator(".row-actions :is(a, button)")
        expect(shown).to_have_count(actions)
        boxes = [box for box in (action.bounding_box() for action in shown.all()) if box]
        # In one line, each in the middle of its row, none over another.
        assert len({round(box["y"] + box["height"] / 2) for box in boxes}) == 1
        assert all(left["x"] + left["width"] <= right["x"] for left, right in pairwise(boxes))
        assert before == row.bounding_box()
        assert before is not None
        assert before["height"] <= 50


def test_on_a_phone_overdue_is_in_sight_behind_any_name(site: Site, ada: Page) -> None:
    ada.set_viewport_size({"width": 390, "height": 844})
    order, long_ago = site.world.an_order("approved"), utcnow().date() - timedelta(days=100)
    name = "The Very Long Name of a Distributor of Telephones and Everything Else Ltd."
    transact(lambda: create_distributor(site.world.ada.actor, DistributorFacts(name, expected_days=5)))
    transact(lambda: mark_ordered(site.world.ada.actor, order.id, distributor=name, ordered_on=long_ago))
    for status in ("approved", "all"):
        ada.goto(f"{site.url}/orders/?status={status}")
        row = ada.locator("tbody tr", has_text=order.reference)
        tag, box = row.locator(".tag", has_text="overdue").bounding_box(), row.bounding_box()
        assert tag is not None
        assert box is not None
        # Two lines, and the tag within what the row shows of them, left of the box to choose it.
        assert box["height"] <= 66
        assert tag["x"] + tag["width"] <= box["x"] + box["width"] - 56


@pytest.mark.parametrize("sent", [False, True], ids=["already ordered", "sent by mail"])
def test_ten_orders_are_placed_with_one_distributor_in_eight_interactions(
    site: Site, ada: Page, sent: bool
) -> None:
    facts = DistributorFacts("Voxport", email="orders@voxport.example")
    distributor = transact(lambda: create_distributor(site.world.ada.actor, facts))
    orders = [site.world.an_order("approved").id for _ in range(10)]
    ada.goto(f"{site.url}/devices/")
    # A press, or what is typed into one field.
    steps: list[None] = []

    def do(action: Callable[[], Any]) -> None:
        steps.append(None)
        action()

    do(ada.get_by_role("link", name="approved orders to be placed").click)
    do(ada.get_by_label("Choose all").check)
    if sent:
        do(ada.get_by_role("button", name="Send").click)
        do(lambda: ada.get_by_label("Distributor").select_option(distributor.name))
        do(ada.get_by_role("button", name="Send to the distributor").click)
    else:
        do(ada.get_by_role("button", name="Mark as ordered").click)
        do(lambda: ada.get_by_label("Distributor").press_sequentially("Voxport"))
        do(lambda: ada.get_by_label("Their order number").press_sequentially("VX-10"))
        do(ada.get_by_role("button", name="Mark as ordered manually").click)
    expect(ada.locator(".notice-success").first).to_contain_text(
        "Sent: HW-" if sent else "Marked as ordered: HW-"
    )
    assert len(steps) <= 8
    db.session.rollback()
    placed = db.session.scalars(select(HardwareOrder).where(HardwareOrder.id.in_(orders))).all()
    assert {order.distributor for order in placed} == {"Voxport"}
    assert {order.distributor_reference for order in placed} == {None if sent else "VX-10"}


def test_a_distributor_number_is_corrected_in_four_interactions(site: Site, ada: Page) -> None:
    order = site.world.an_order("approved")
    transact(
        lambda: mark_ordered(
            site.world.ada.actor, order.id, distributor="Voxport", distributor_reference="VX-1"
        )
    )
    ada.goto(f"{site.url}/orders/?status=approved")
    steps: list[None] = []

    def do(action: Callable[[], Any]) -> None:
        steps.append(None)
        action()

    do(ada.locator("tbody tr", has_text=order.reference).get_by_text("VX-1").click)
    do(ada.get_by_role("link", name="Correct").click)
    number = ada.get_by_label("Their order number")
    # One types at once: the number has the focus, and is selected.
    expect(number).to_be_focused()
    expect(number).to_have_js_property("selectionEnd", 4)
    expect(number).to_have_js_property("selectionStart", 0)
    do(lambda: ada.keyboard.type("VX-7"))
    do(lambda: ada.keyboard.press("Enter"))
    expect(ada.locator(".notice-success")).to_contain_text("is corrected")
    assert len(steps) <= 4
    db.session.refresh(order)
    assert order.distributor_reference == "VX-7"
