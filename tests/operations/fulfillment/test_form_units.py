"""The units of the fulfill page and of the API are read by shorter statements, and say the same."""

from __future__ import annotations

from hwadmin.operations.fulfillment.corrections.short_closures import close_short
from hwadmin.operations.fulfillment.fulfillment import fulfill_order
from hwadmin.operations.orders.submission.new_order import NewLine, NewOrder
from hwadmin.operations.orders.submission.submission import submit_order
from hwadmin.queries.fulfillment.form_units import FormUnit
from hwadmin.queries.units.api_units import ApiUnit
from hwadmin.queries.units.units import fields_of_units, units_of, units_of_each
from tests.builders import World, an_identifier
from tests.operations.refusals import by


def test_the_fulfill_page_and_the_api_read_the_same_of_a_unit_as_everybody_else(world: World) -> None:
    account = world.an_account()
    world.a_device(account)
    spare = NewLine(world.item("deskphone").sku, 1, from_spare=True)
    kept_for = by(world.piet, lambda piet: submit_order(piet, NewOrder(account.id, [spare])))
    ended = world.an_order("approved", [("deskphone", 2), ("accessory", 1)], account=account)
    phone = next(unit for unit in units_of(ended.id) if unit.awaited)
    by(world.ada, lambda ada: fulfill_order(ada, ended.id, {phone.id: an_identifier("deskphone")}))
    rest = [unit.id for unit in units_of(ended.id) if unit.awaited]
    by(world.ada, lambda ada: close_short(ada, ended.id, rest, reason="Sold out."))
    both = units_of_each([kept_for.id, ended.id], ApiUnit)
    seen = set()
    for order in (kept_for, ended):
        for whole, short in zip(units_of(order.id), fields_of_units(order.id, FormUnit), strict=True):
            assert short == tuple(getattr(whole, name) for name in short._fields)
            assert (short.identifier_shown, short.reserved_shown, short.awaited_as(whole.kind)) == (
                whole.identifier_shown,
                whole.reserved_shown,
                whole.awaited,
            )
            seen.add((bool(whole.identifier_shown), bool(whole.reserved_shown), whole.awaited))
        shown = fields_of_units(order.id, ApiUnit)
        assert both[order.id] == shown
        for whole, one in zip(units_of(order.id), shown, strict=True):
            assert one == tuple(getattr(whole, name) for name in one._fields)
            assert (one.label, one.state(order.facts)) == (whole.label, whole.state(order.facts))
    # A kept spare, a device, one that will not come, and an accessory.
    assert seen == {(False, True, True), (True, False, False), (False, False, False)}
