"""Correcting the lines and the intents of a pending order."""

from __future__ import annotations

import pytest
from sqlalchemy import select
from sqlalchemy_continuum import version_class

from hwadmin.clock import utcnow
from hwadmin.db.extensions import db
from hwadmin.db.tenancy import acting_as
from hwadmin.domain.lifecycle import OrderStatus
from hwadmin.errors import ChangedMeanwhile, InvalidInput, NotAllowed, NotFound, WrongState
from hwadmin.models import HardwareOrder, LineItem, Unit
from hwadmin.operations.fulfillment.fulfillment import fulfill_order
from hwadmin.operations.orders.edits.intents import Intent, edit_intents
from hwadmin.operations.orders.edits.lines import edit_lines
from hwadmin.operations.orders.edits.plans import PlannedUnitsWouldGo
from hwadmin.operations.orders.submission.new_order import MAX_PER_LINE, NewIntent
from hwadmin.queries.units.units import units_of
from tests.builders import World
from tests.operations.refusals import by, changes_nothing, events, fields, refused

HUGE = 10**22


@pytest.fixture
def skus(world: World) -> dict[str, str]:
    kinds = ("deskphone", "dect_base", "dect_handset", "mobile", "accessory")
    return {kind: world.item(kind).sku for kind in kinds}


def numbers(order: HardwareOrder) -> list[int]:
    return [unit.number for unit in units_of(order.id)]


# ---- Lines


def test_both_a_super_admin_and_the_platforms_own_admin_correct_a_pending_order(
    world: World, skus: dict[str, str]
) -> None:
    order = world.an_order()
    for version, person in ((2, world.ada), (3, world.piet)):
        by(person, lambda actor, wanted=version: edit_lines(actor, order.id, {skus["deskphone"]: wanted + 1}))
        assert (order.version, order.updated_by_name) == (version, person.name)
    assert order.status is OrderStatus.SUBMITTED


def test_quantities_are_adjusted_lines_added_and_removed_in_one_edit(
    world: World, skus: dict[str, str]
) -> None:
    order = world.an_order(lines=[("deskphone", 2), ("dect_base", 1), ("mobile", 1)])
    wanted = {skus["deskphone"]: 3, skus["dect_base"]: 1, skus["dect_handset"]: 4, skus["accessory"]: 2}
    by(world.ada, lambda ada: edit_lines(ada, order.id, wanted))
    assert {line.sku: line.quantity for line in order.lines} == wanted
    assert [line.requested_quantity for line in order.lines] == [2, 1, 0, 0]
    assert order.fulfillable_units == 8
    assert len(units_of(order.id)) == 10
    (_, event) = events(order.id)
    assert event.kind == "order.edited"
    assert event.summary == (
        f"Changed the items of {order.reference}: Yealink T54W 2 → 3, removed 1 × Apple iPhone 17, "
        "added 4 × Yealink W73H, added 2 × Jabra Engage 50"
    )
    assert [line["quantity"] for line in event.details["before"]] == [2, 1, 1]
    assert [line["quantity"] for line in event.details["after"]] == [3, 1, 4, 2]


def test_an_edit_of_lines_only_moves_the_orders_version_and_keeps_what_both_looked_like(
    world: World, skus: dict[str, str]
) -> None:
    order = world.an_order(lines=[("deskphone", 2), ("mobile", 1)])
    mobile = order.lines[1].id
    by(world.ada, lambda ada: edit_lines(ada, order.id, {skus["deskphone"]: 5}))
    orders, lines = version_class(HardwareOrder), version_class(LineItem)
    assert db.session.scalars(select(orders.version).order_by(orders.transaction_id)).all() == [1, 2]
    event = events(order.id)[-1]
    with acting_as(db.session, world.piet.actor):  # A removed line's last version is its platform's to see.
        made = db.session.scalars(select(lines).where(lines.transaction_id == event.transaction_id)).all()
    assert {(row.id == mobile, row.operation_type, row.quantity, row.sku) for row in made} == {
        (False, 1, 5, skus["deskphone"]),
        (True, 2, 1, skus["mobile"]),
    }


def test_stating_what_already_is_changes_nothing_and_leaves_no_trace(
    world: World, skus: dict[str, str]
) -> None:
    order = world.an_order()
    changes_nothing(lambda: by(world.ada, lambda ada: edit_lines(ada, order.id, {skus["deskphone"]: 2})))


def test_quantities_of_one_sku_stated_twice_add_up(world: World, skus: dict[str, str]) -> None:
    order = world.an_order()
    sku = skus["deskphone"]
    by(world.ada, lambda ada: edit_lines(ada, order.id, [(sku, 2), (sku, 3)]))
    assert [line.quantity for line in order.lines] == [5]


def test_an_edit_against_an_older_version_is_refused_and_says_who_was_faster(
    world: World, skus: dict[str, str]
) -> None:
    order = world.an_order()
    sku = skus["deskphone"]
    by(world.piet, lambda piet: edit_lines(piet, order.id, {sku: 3}, expected_version=1))
    error = refused(
        ChangedMeanwhile, world.ada, lambda ada: edit_lines(ada, order.id, {sku: 4}, expected_version=1)
    )
    assert f"{order.reference} was changed meanwhile, by Piet Jansen at" in error.message


@pytest.mark.parametrize("status", [status for status in OrderStatus if status is not OrderStatus.SUBMITTED])
def test_a_decided_order_is_not_edited(world: World, skus: dict[str, str], status: OrderStatus) -> None:
    order = world.an_order(status)
    error = refused(WrongState, world.ada, lambda ada: edit_lines(ada, order.id, {skus["deskphone"]: 3}))
    assert error.message.startswith(f"{order.reference} cannot be edited: it is {status.label}, set by ")
    unit = units_of(order.id)[0].id
    # Plans go on until a unit has its device.
    if status is not OrderStatus.APPROVED:
        refused(WrongState, world.ada, lambda ada: edit_intents(ada, order.id, {unit: Intent()}))


def test_a_unit_is_planned_until_it_has_its_device(world: World) -> None:
    account = world.an_account()
    dana = world.an_employee(account, "Dana Reed").id
    order = world.an_order(OrderStatus.APPROVED, [("deskphone", 2)], account=account)
    first, second = (unit.id for unit in units_of(order.id))
    by(world.ada, lambda ada: fulfill_order(ada, order.id, world.identifiers_for(order, most=1)))
    late = refused(InvalidInput, world.piet, lambda piet: edit_intents(piet, order.id, {first: Intent(dana)}))
    assert [problem.field for problem in late.errors] == [f"units.{first}"]
    assert "cannot be planned any more" in late.errors[0].message
    by(world.piet, lambda piet: edit_intents(piet, order.id, {first: Intent(), second: Intent(dana)}))
    assert [unit.employee_id for unit in units_of(order.id)] == [None, dana]


def test_support_edits_nothing_and_nobody_edits_another_platforms_order(
    world: World, skus: dict[str, str]
) -> None:
    order = world.an_order()
    refused(NotAllowed, world.sam, lambda sam: edit_lines(sam, order.id, {skus["deskphone"]: 3}))
    refused(NotAllowed, world.sam, lambda sam: edit_intents(sam, order.id, {}))
    for key in (order.id, 999_999, 0, HUGE, -HUGE):
        refused(NotFound, world.bea, lambda bea, key=key: edit_lines(bea, key, {skus["deskphone"]: 3}))
        refused(NotFound, world.bea, lambda bea, key=key: edit_intents(bea, key, {}))


@pytest.mark.parametrize("quantity", [0, -1, MAX_PER_LINE + 1, HUGE])
def test_a_stated_quantity_out_of_bounds_is_refused(
    world: World, skus: dict[str, str], quantity: int
) -> None:
    order = world.an_order()
    error = refused(
        InvalidInput, world.ada, lambda ada: edit_lines(ada, order.id, {skus["deskphone"]: quantity})
    )
    assert fields(error) == ["lines.0.quantity"]


def test_quantities_of_one_sku_may_not_exceed_the_bound_together(world: World, skus: dict[str, str]) -> None:
    order = world.an_order()
    stated = [(skus["deskphone"], 2000), (skus["deskphone"], 1)]
    error = refused(InvalidInput, world.ada, lambda ada: edit_lines(ada, order.id, stated))
    assert fields(error) == ["lines.0.quantity"]


def test_an_order_without_lines_is_refused(world: World) -> None:
    order = world.an_order()
    error = refused(InvalidInput, world.ada, lambda ada: edit_lines(ada, order.id, {}))
    assert "reject or cancel it" in error.message


@pytest.mark.parametrize("sku", ["NO-SUCH", "", "A\x00B", "\udfff", "x" * 100_000])
def test_only_items_of_the_orders_own_platform_are_added_whatever_is_asked_for(
    world: World, skus: dict[str, str], sku: str
) -> None:
    order = world.an_order()
    theirs = world.an_item("deskphone", world.blue_harbor)
    wanted = {skus["deskphone"]: 2, sku: 1, theirs.sku: 1}
    error = refused(InvalidInput, world.ada, lambda ada: edit_lines(ada, order.id, wanted))
    assert fields(error) == ["lines.1.sku", "lines.2.sku"]


def test_a_line_of_an_archived_item_is_kept_or_lowered_but_not_raised_or_added(
    world: World, skus: dict[str, str]
) -> None:
    order = world.an_order(lines=[("deskphone", 3), ("mobile", 1)])
    old = world.an_item("accessory", archived_at=utcnow())
    world.item("deskphone").archived_at = utcnow()
    db.session.commit()
    phone, mobile = skus["deskphone"], skus["mobile"]
    raised = refused(InvalidInput, world.ada, lambda ada: edit_lines(ada, order.id, {phone: 4, mobile: 1}))
    assert fields(raised) == ["lines.0.quantity"]
    added = refused(InvalidInput, world.ada, lambda ada: edit_lines(ada, order.id, {phone: 3, old.sku: 1}))
    assert fields(added) == ["lines.1.sku"]
    by(world.ada, lambda ada: edit_lines(ada, order.id, {phone: 3, mobile: 2}))
    by(world.ada, lambda ada: edit_lines(ada, order.id, {phone: 1, mobile: 2}))
    assert [line.quantity for line in order.lines] == [1, 2]


def test_a_line_is_raised_though_its_item_has_another_sku_by_now(world: World, skus: dict[str, str]) -> None:
    order = world.an_order()
    world.item("deskphone").sku = "RENAMED"
    db.session.commit()
    by(world.ada, lambda ada: edit_lines(ada, order.id, {skus["deskphone"]: 3}))
    assert [(line.sku, line.quantity) for line in order.lines] == [(skus["deskphone"], 3)]


def test_units_without_an_intent_are_dropped_first_and_from_the_end(
    world: World, skus: dict[str, str]
) -> None:
    account = world.an_account()
    dana = world.an_employee(account)
    order = world.an_order(
        lines=[("deskphone", 5)],
        account=account,
        intents={0: [NewIntent(), NewIntent(), NewIntent(), NewIntent(), NewIntent(dana.id)]},
    )
    by(world.ada, lambda ada: edit_lines(ada, order.id, {skus["deskphone"]: 3}))
    assert numbers(order) == [1, 2, 5]
    by(world.ada, lambda ada: edit_lines(ada, order.id, {skus["deskphone"]: 4}))
    assert numbers(order) == [1, 2, 5, 6]


def test_a_planned_unit_that_must_go_is_named_first_and_dropped_when_confirmed(
    world: World, skus: dict[str, str]
) -> None:
    account = world.an_account()
    dana, site = world.an_employee(account, "Dana"), world.a_location(account, "Harbour")
    order = world.an_order(
        lines=[("deskphone", 2)], account=account, intents={0: [NewIntent(dana.id), NewIntent(None, site.id)]}
    )
    wanted = {skus["deskphone"]: 1}
    error = refused(PlannedUnitsWouldGo, world.ada, lambda ada: edit_lines(ada, order.id, wanted))
    assert error.message == (
        "These units are planned and would be dropped: T54W #2 (Harbour). Confirm, or keep them."
    )
    assert [unit.number for unit in error.units] == [2]
    by(world.ada, lambda ada: edit_lines(ada, order.id, wanted, drop_planned=True))
    assert [unit.employee_name for unit in units_of(order.id)] == ["Dana"]
    assert events(order.id)[-1].details["dropped_plans"] == ["T54W #2: Harbour"]


def test_removing_a_line_with_planned_units_asks_too(world: World, skus: dict[str, str]) -> None:
    account = world.an_account()
    dana = world.an_employee(account)
    order = world.an_order(
        lines=[("deskphone", 1), ("mobile", 1)], account=account, intents={0: [NewIntent(dana.id)]}
    )
    refused(PlannedUnitsWouldGo, world.ada, lambda ada: edit_lines(ada, order.id, {skus["mobile"]: 1}))


def test_of_several_bases_those_without_handsets_go_first(world: World, skus: dict[str, str]) -> None:
    order = world.an_order(lines=[("dect_base", 2), ("dect_handset", 1)], intents={1: [NewIntent(base=2)]})
    by(world.ada, lambda ada: edit_lines(ada, order.id, {skus["dect_base"]: 1, skus["dect_handset"]: 1}))
    base, handset = units_of(order.id)
    assert (base.number, handset.base_unit_id) == (2, base.id)


def test_a_base_that_handsets_are_meant_for_is_not_dropped_unasked(
    world: World, skus: dict[str, str]
) -> None:
    order = world.an_order(
        lines=[("dect_base", 1), ("dect_handset", 2)], intents={1: [NewIntent(base=1)] * 2}
    )
    wanted = {skus["dect_handset"]: 2}
    error = refused(PlannedUnitsWouldGo, world.ada, lambda ada: edit_lines(ada, order.id, wanted))
    assert "W70B #1 (the base of 2 handsets)" in error.message
    by(world.ada, lambda ada: edit_lines(ada, order.id, wanted, drop_planned=True))
    assert {unit.base_unit_id for unit in units_of(order.id)} == {None}


def test_an_edit_works_on_the_lines_as_they_are_and_not_as_they_were_read(
    world: World, skus: dict[str, str]
) -> None:
    order = world.an_order(lines=[("deskphone", 2)])
    assert order.lines[0].quantity == 2  # Read, and kept by this session.
    lines, units = LineItem.__table__, Unit.__table__
    connection = db.session.connection()
    connection.execute(lines.update().values(quantity=3))
    row = connection.execute(select(units).where(units.c.number == 2)).mappings().one()
    connection.execute(units.insert().values({**row, "id": None, "number": 3} | {"id": row["id"] + 1}))
    by(world.ada, lambda ada: edit_lines(ada, order.id, {skus["deskphone"]: 2}))
    assert numbers(order) == [1, 2]
    assert events(order.id)[-1].summary.endswith("Yealink T54W 3 → 2")


# ---- Intents


def test_intents_are_changed_and_the_event_says_from_what_to_what(world: World) -> None:
    account = world.an_account()
    dana, eli = world.an_employee(account, "Dana"), world.an_employee(account, "Eli")
    site = world.a_location(account, "Harbour")
    order = world.an_order(account=account, intents={0: [NewIntent(dana.id)]})
    first, second = (unit.id for unit in units_of(order.id))
    by(world.piet, lambda piet: edit_intents(piet, order.id, {first: Intent(eli.id, site.id)}))
    units = units_of(order.id)
    assert [(unit.employee_name, unit.location_name) for unit in units] == [("Eli", "Harbour"), (None, None)]
    assert order.version == 2
    event = events(order.id)[-1]
    assert event.details["plans"] == [{"unit": "T54W #1", "before": "Dana", "after": "Eli, Harbour"}]
    assert event.transaction_id is not None
    by(
        world.piet,
        lambda piet: edit_intents(piet, order.id, {first: Intent(), second: Intent(dana.id)}),
    )
    assert [unit.employee_name for unit in units_of(order.id)] == [None, "Dana"]
    assert order.version == 3


def test_planning_what_is_planned_already_leaves_no_trace(world: World) -> None:
    account = world.an_account()
    dana = world.an_employee(account)
    order = world.an_order(account=account, intents={0: [NewIntent(dana.id)]})
    first, second = (unit.id for unit in units_of(order.id))
    same = {first: Intent(dana.id), second: Intent()}
    changes_nothing(lambda: by(world.piet, lambda piet: edit_intents(piet, order.id, same)))


def test_intents_against_an_older_version_are_refused(world: World, skus: dict[str, str]) -> None:
    order = world.an_order()
    unit = units_of(order.id)[0].id
    by(world.ada, lambda ada: edit_lines(ada, order.id, {skus["deskphone"]: 3}))
    refused(
        ChangedMeanwhile,
        world.piet,
        lambda piet: edit_intents(piet, order.id, {unit: Intent()}, expected_version=1),
    )


def test_a_handset_is_meant_for_a_base_of_its_own_order_only(world: World) -> None:
    lines = [("deskphone", 1), ("dect_base", 1), ("dect_handset", 1)]
    order, other = world.an_order(lines=lines), world.an_order(lines=lines)
    phone, base, handset = (unit.id for unit in units_of(order.id))
    elsewhere = units_of(other.id)[1].id
    wrong = {
        handset: Intent(base_unit_id=elsewhere),
        phone: Intent(base_unit_id=base),
        base: Intent(base_unit_id=base),
        units_of(other.id)[0].id: Intent(),
        HUGE: Intent(),
    }
    error = refused(InvalidInput, world.piet, lambda piet: edit_intents(piet, order.id, wrong))
    assert fields(error) == [
        f"units.{handset}.base_unit_id",
        f"units.{phone}.base_unit_id",
        f"units.{base}.base_unit_id",
        f"units.{units_of(other.id)[0].id}",
        f"units.{HUGE}",
    ]
    for odd in (phone, HUGE, -1):
        refused(
            InvalidInput,
            world.piet,
            lambda piet, odd=odd: edit_intents(piet, order.id, {handset: Intent(base_unit_id=odd)}),
        )
    by(world.piet, lambda piet: edit_intents(piet, order.id, {handset: Intent(base_unit_id=base)}))
    assert units_of(order.id)[2].base_unit_id == base


def test_people_and_places_of_other_accounts_and_those_that_are_gone_cannot_be_planned(world: World) -> None:
    account, elsewhere = world.an_account(), world.an_account()
    order = world.an_order(account=account)
    unit = units_of(order.id)[0].id
    bad = [
        Intent(world.an_employee(elsewhere).id),
        Intent(world.an_employee(account, deactivated_at=utcnow()).id),
        Intent(HUGE),
        Intent(None, world.a_location(elsewhere).id),
        Intent(None, world.a_location(account, archived_at=utcnow()).id),
        Intent(None, -1),
    ]
    for intent in bad:
        error = refused(
            InvalidInput,
            world.piet,
            lambda piet, intent=intent: edit_intents(piet, order.id, {unit: intent}),
        )
        assert fields(error) == [f"units.{unit}.{'employee_id' if intent.employee_id else 'location_id'}"]


def test_who_was_planned_stays_planned_even_after_leaving(world: World) -> None:
    account = world.an_account()
    dana, site = world.an_employee(account), world.a_location(account)
    order = world.an_order(account=account, intents={0: [NewIntent(dana.id)]})
    unit = units_of(order.id)[0].id
    dana.deactivated_at = utcnow()
    db.session.commit()
    by(world.piet, lambda piet: edit_intents(piet, order.id, {unit: Intent(dana.id, site.id)}))
    assert units_of(order.id)[0].location_id == site.id
