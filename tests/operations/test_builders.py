from __future__ import annotations

from hwadmin.domain.lifecycle import OrderStatus
from hwadmin.queries.units.units import units_of
from tests.builders import World

LINES = [("deskphone", 1), ("dect_base", 1), ("dect_handset", 2), ("mobile", 1), ("accessory", 3)]


def test_builders_bring_an_order_to_every_status(world: World) -> None:
    for status in OrderStatus:
        assert world.an_order(status, LINES).status is status


def test_a_fulfilled_order_has_a_device_for_every_unit_that_becomes_one(world: World) -> None:
    order = world.an_order("fulfilled", LINES)
    assert sum(unit.device_id is not None for unit in units_of(order.id)) == order.fulfillable_units == 5
