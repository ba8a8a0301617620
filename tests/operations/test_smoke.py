from hwadmin.lifecycle import OrderStatus
from hwadmin.queries.units import units_of


def test_builders_bring_an_order_to_every_status(world):
    lines = [("deskphone", 1), ("dect_base", 1), ("dect_handset", 2), ("mobile", 1), ("accessory", 3)]
    for status in OrderStatus:
        order = world.an_order(status, lines)
        assert order.status is status
    devices = [unit for unit in units_of(order.id) if unit.device_id]
    assert len(devices) == 0
    assert order.fulfillable_units == 5
