"""The units of an order on its page: by line, alike ones in one row, without empty columns."""

from __future__ import annotations

import re

from hwadmin.db.unit_of_work import transact
from hwadmin.domain.lifecycle import OrderStatus
from hwadmin.operations.fulfillment.fulfillment import fulfill_order
from hwadmin.operations.orders.submission.new_order import NewIntent
from tests.builders import Clients, World


def units_part(text: str) -> str:
    return text[text.index('id="units-title"') : text.index("<aside")]


def test_alike_units_share_a_row_until_all_are_asked_for(world: World, clients: Clients) -> None:
    account = world.an_account()
    dana = world.an_employee(account, "Dana Reed")
    lines = [("deskphone", 14), ("accessory", 2)]
    intents = {0: [NewIntent(), NewIntent(employee_id=dana.id)]}
    order = world.an_order(OrderStatus.APPROVED, lines, account=account, intents=intents)
    part = units_part(clients.ada.get(f"/orders/{order.reference}").text)
    labels = re.findall(r'<td class="nowrap"><details.*?</details>([^<]*)', part)
    assert [label.strip() for label in labels[:3]] == ["T54W #1", "T54W #2", "T54W #3–14"]
    assert "12 alike" in part
    assert "Yealink T54W · 14 units" in part
    assert ">For</th>" in part
    assert ">Base</th>" not in part
    assert ">Where</th>" not in part
    every = units_part(clients.ada.get(f"/orders/{order.reference}?units=all").text)
    assert len(re.findall(r'<td class="nowrap">', every)) == 16


def test_what_is_still_to_come_is_shown_alone(world: World, clients: Clients) -> None:
    order = world.an_order(OrderStatus.APPROVED, [("deskphone", 3)])
    address = f"/orders/{order.reference}"
    assert "Still to come" not in clients.ada.get(address).text
    identifiers = world.identifiers_for(order, most=1)
    transact(lambda: fulfill_order(world.ada.actor, order.id, identifiers))
    assert "Still to come 2" in clients.ada.get(address).text
    part = units_part(clients.ada.get(f"{address}?units=awaited").text)
    assert "T54W #1" not in part
    assert "T54W #2" in part
