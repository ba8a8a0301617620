"""Submitting an order, and copying one into a new order."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy_continuum import version_class, versioning_manager

from hwadmin.clock import utcnow
from hwadmin.db.extensions import db
from hwadmin.domain.device_kinds import Kind
from hwadmin.domain.lifecycle import ManagerApproval, OrderStatus
from hwadmin.errors import InvalidInput, NotAllowed, NotFound, WrongState
from hwadmin.models import HardwareOrder, LineItem, Unit
from hwadmin.operations.orders.submission.new_order import MAX_PER_LINE, NewIntent, NewLine, NewOrder
from hwadmin.operations.orders.submission.submission import submit_order
from hwadmin.queries.units.units import units_of
from tests.builders import World
from tests.operations.orders.copying import copy_order
from tests.operations.refusals import by, changes_nothing, events, fields, refused

HUGE = 10**22


def submitted(world: World, lines: list[NewLine], **values: Any) -> HardwareOrder:
    account = values.pop("account", None) or world.an_account()
    return by(world.piet, lambda piet: submit_order(piet, NewOrder(account.id, lines, **values)))


def test_a_submitted_order_is_pending_and_nobody_has_decided(world: World) -> None:
    order = submitted(world, [NewLine(world.item("deskphone").sku, 2)])
    assert (order.status, order.version) == (OrderStatus.SUBMITTED, 1)
    assert (order.decided_by_name, order.decided_at, order.placed_at) == (None, None, None)
    assert order.manager_approval is ManagerApproval.NOT_REQUIRED
    assert (order.submitted_by_id, order.submitted_by_name) == (world.piet.id, "Piet Jansen")
    assert (order.status_by_name, order.updated_by_name) == ("Piet Jansen", "Piet Jansen")
    assert (order.fulfilled_units, order.fulfillable_units) == (0, 2)


def test_a_line_copies_what_the_catalog_says(world: World) -> None:
    item = world.an_item(
        "mobile", unit_price=Decimal("899.95"), mobile_carrier="Vodafone", color="Black", size="256 GB"
    )
    base = world.an_item("dect_base", max_handsets=7)
    order = submitted(world, [NewLine(item.sku, 3), NewLine(base.sku, 1)])
    mobile, w70b = order.lines
    copied = ("sku", "make", "model", "kind", "unit_price", "currency", "mobile_carrier", "color", "size")
    assert [getattr(mobile, name) for name in copied] == [getattr(item, name) for name in copied]
    assert (mobile.quantity, mobile.requested_quantity, mobile.position) == (3, 3, 1)
    assert mobile.total == Decimal("2699.85")
    assert (w70b.max_handsets, w70b.position) == (7, 2)


def test_a_later_change_of_the_catalog_never_alters_the_order(world: World) -> None:
    item = world.an_item("deskphone", model="T54W")
    order = submitted(world, [NewLine(item.sku, 1)])
    item.model, item.unit_price, item.sku, item.archived_at = "T58W", Decimal(1), "NEW", utcnow()
    db.session.commit()
    db.session.expire_all()
    (line,) = order.lines
    assert (line.model, line.unit_price) == ("T54W", Decimal("100.00"))
    assert line.sku != "NEW"


def test_there_is_one_unit_per_piece_accessories_included(world: World) -> None:
    order = world.an_order(lines=[("deskphone", 2), ("accessory", 3)])
    assert [(unit.kind, unit.number) for unit in units_of(order.id)] == [
        (Kind.DESKPHONE, 1),
        (Kind.DESKPHONE, 2),
        (Kind.ACCESSORY, 1),
        (Kind.ACCESSORY, 2),
        (Kind.ACCESSORY, 3),
    ]
    assert order.fulfillable_units == 2


def test_submitting_leaves_one_event_with_copied_names_that_points_to_the_versions(world: World) -> None:
    account = world.an_account(name="Brightwater Marina")
    order = submitted(world, [NewLine(world.item("deskphone").sku, 2)], account=account)
    (event,) = events()
    assert event.kind == "order.submitted"
    assert event.summary == f"Submitted {order.reference} for Brightwater Marina: 2 × Yealink T54W"
    assert (event.actor_id, event.actor_name) == (world.piet.id, "Piet Jansen")
    assert (event.platform_name, event.account_name) == ("Northwind Voice", "Brightwater Marina")
    assert (event.order_id, event.account_id) == (order.id, account.id)
    assert event.details["lines"][0]["quantity"] == 2
    versions = db.session.scalars(select(version_class(HardwareOrder))).all()
    assert [(row.id, row.transaction_id, row.status) for row in versions] == [
        (order.id, event.transaction_id, OrderStatus.SUBMITTED)
    ]
    lines = db.session.scalars(select(version_class(LineItem))).all()
    assert [(row.transaction_id, row.quantity) for row in lines] == [(event.transaction_id, 2)]
    transactions = versioning_manager.transaction_cls
    assert db.session.scalars(select(transactions.id)).all() == [event.transaction_id]


def test_lines_of_one_sku_become_one_with_the_intents_in_order(world: World) -> None:
    account = world.an_account()
    dana, eli = world.an_employee(account, "Dana"), world.an_employee(account, "Eli")
    phone, other = world.item("deskphone"), world.an_item("mobile")
    order = submitted(
        world,
        [
            NewLine(phone.sku, 2, [NewIntent(dana.id)]),
            NewLine(other.sku, 1),
            NewLine(phone.sku, 1, [NewIntent(eli.id)]),
        ],
        account=account,
    )
    assert [(line.sku, line.quantity) for line in order.lines] == [(phone.sku, 3), (other.sku, 1)]
    assert [unit.employee_name for unit in units_of(order.id)] == ["Dana", None, "Eli", None]


def test_a_handset_is_meant_for_a_base_counted_over_all_base_lines(world: World) -> None:
    small, large = world.an_item("dect_base"), world.an_item("dect_base")
    handset = world.item("dect_handset")
    order = submitted(
        world,
        [
            NewLine(handset.sku, 2, [NewIntent(base=3), NewIntent(base=1)]),
            NewLine(small.sku, 2),
            NewLine(large.sku, 1),
        ],
    )
    units = {(unit.sku, unit.number): unit for unit in units_of(order.id)}
    assert units[handset.sku, 1].base_unit_id == units[large.sku, 1].id
    assert units[handset.sku, 2].base_unit_id == units[small.sku, 1].id


def test_everything_said_with_the_order_is_kept_tidied(world: World) -> None:
    account = world.an_account()
    site = world.a_location(account)
    order = submitted(
        world,
        [NewLine(world.item("deskphone").sku, 1)],
        account=account,
        requester="  Tom Hale ",
        notify=["tom@EXAMPLE.com", " tom@example.com ", "ann@example.com"],
        ship_to_location_id=site.id,
        attention="Reception",
        notes="Two\r\nlines",
        reason="New office",
        accounting_codes=["4711", {"cost center": "12", "project": None}],
    )
    assert (order.requester, order.attention, order.reason) == ("Tom Hale", "Reception", "New office")
    assert (order.notes, order.ship_to_location_id) == ("Two\nlines", site.id)
    assert order.notify == ["tom@example.com", "ann@example.com"]
    assert order.accounting_codes == ["4711", {"cost center": "12"}]


def test_only_a_platform_admin_orders(world: World) -> None:
    account, sku = world.an_account(), world.item("deskphone").sku
    for person in (world.ada, world.sam):
        new = NewOrder(account.id, [NewLine(sku, 1)])
        refused(NotAllowed, person, lambda actor, new=new: submit_order(actor, new))


def test_another_platforms_account_is_as_absent_as_one_that_never_was(world: World) -> None:
    theirs = world.an_account(world.blue_harbor)
    sentences = {
        refused(
            NotFound,
            world.piet,
            lambda piet, key=key: submit_order(piet, NewOrder(key, [NewLine("X", 1)])),
        ).message
        for key in (theirs.id, 999_999, 0, -1, HUGE, -HUGE)
    }
    assert sentences == {"There is no such account."}


def test_an_order_needs_a_line(world: World) -> None:
    account = world.an_account()
    error = refused(InvalidInput, world.piet, lambda piet: submit_order(piet, NewOrder(account.id, [])))
    assert fields(error) == ["lines"]


@pytest.mark.parametrize("sku", ["", "NO-SUCH", "A\x00B", "\ud800", "x" * 100_000])
def test_what_is_not_in_the_catalog_is_refused_whatever_it_is(world: World, sku: str) -> None:
    account = world.an_account()
    new = NewOrder(account.id, [NewLine(sku, 1)])
    error = refused(InvalidInput, world.piet, lambda piet: submit_order(piet, new))
    assert fields(error) == ["lines.0.sku"]


def test_another_platforms_item_is_not_in_the_catalog(world: World) -> None:
    theirs = world.an_item("deskphone", world.blue_harbor)
    new = NewOrder(world.an_account().id, [NewLine(theirs.sku, 1)])
    error = refused(InvalidInput, world.piet, lambda piet: submit_order(piet, new))
    assert error.message == "This is not in the platform's catalog."


def test_an_archived_item_can_no_longer_be_ordered(world: World) -> None:
    old = world.an_item("deskphone", archived_at=utcnow())
    new = NewOrder(world.an_account().id, [NewLine(old.sku, 1)])
    error = refused(InvalidInput, world.piet, lambda piet: submit_order(piet, new))
    assert error.message == "Yealink T54W is archived and can no longer be ordered."


@pytest.mark.parametrize("quantity", [0, -1, MAX_PER_LINE + 1, HUGE])
def test_a_quantity_out_of_bounds_is_refused(world: World, quantity: int) -> None:
    new = NewOrder(world.an_account().id, [NewLine(world.item("deskphone").sku, quantity)])
    error = refused(InvalidInput, world.piet, lambda piet: submit_order(piet, new))
    assert fields(error) == ["lines.0.quantity"]


def test_lines_of_one_sku_may_not_exceed_the_bound_together(world: World) -> None:
    sku = world.item("deskphone").sku
    new = NewOrder(world.an_account().id, [NewLine(sku, 1500), NewLine(sku, 501)])
    error = refused(InvalidInput, world.piet, lambda piet: submit_order(piet, new))
    assert fields(error) == ["lines.1.quantity"]


def test_an_order_of_too_many_units_is_refused(world: World) -> None:
    items = [world.an_item("deskphone") for _ in range(3)]
    new = NewOrder(world.an_account().id, [NewLine(item.sku, 2000) for item in items])
    error = refused(InvalidInput, world.piet, lambda piet: submit_order(piet, new))
    assert fields(error) == ["lines"]


def test_every_problem_is_told_at_once_and_at_its_field(world: World) -> None:
    account, elsewhere = world.an_account(), world.an_account()
    stranger, gone = world.an_employee(elsewhere), world.a_location(account, archived_at=utcnow())
    left = world.an_employee(account, deactivated_at=utcnow())
    phone, base, handset = (world.item(kind) for kind in ("deskphone", "dect_base", "dect_handset"))
    new = NewOrder(
        account.id,
        [
            NewLine(phone.sku, 3, [NewIntent(stranger.id), NewIntent(left.id, gone.id), NewIntent(base=1)]),
            NewLine(base.sku, 1),
            NewLine(handset.sku, 2, [NewIntent(base=2), NewIntent(HUGE, -1, base=0)]),
            NewLine("NO-SUCH", 1),
            NewLine(handset.sku, 1, [NewIntent()] * 2),
        ],
        requester="x" * 201,
        notify=["nobody"],
        attention="a\x00b",
        notes="\ud800",
        ship_to_location_id=HUGE,
    )
    error = refused(InvalidInput, world.piet, lambda piet: submit_order(piet, new))
    assert sorted(fields(error)) == [
        "attention",
        "lines.0.intents.0.employee_id",
        "lines.0.intents.1.employee_id",
        "lines.0.intents.1.location_id",
        "lines.0.intents.2.base",
        "lines.2.intents.0.base",
        "lines.2.intents.1.base",
        "lines.2.intents.1.employee_id",
        "lines.2.intents.1.location_id",
        "lines.3.sku",
        "lines.4.intents",
        "notes",
        "notify.0",
        "requester",
        "ship_to_location_id",
    ]


@pytest.mark.parametrize(
    ("codes", "field"),
    [
        (["a\x00b"], "accounting_codes.0"),
        (["fine", {"cost\ud800": "1"}], "accounting_codes.1"),
        ([float("nan")], "accounting_codes.0"),
        ([["nested"]], "accounting_codes.0"),
        (["1"] * 51, "accounting_codes"),
        (["x" * 201], "accounting_codes.0"),
    ],
)
def test_accounting_codes_no_database_could_keep_are_refused(
    world: World, codes: list[Any], field: str
) -> None:
    new = NewOrder(world.an_account().id, [NewLine(world.item("deskphone").sku, 1)], accounting_codes=codes)
    error = refused(InvalidInput, world.piet, lambda piet: submit_order(piet, new))
    assert fields(error) == [field]


# ---- The same submission again


def test_the_same_submission_gives_the_same_order_and_leaves_no_second_trace(world: World) -> None:
    new = NewOrder(world.an_account().id, [NewLine(world.item("deskphone").sku, 1)], submission_key="k-1")
    first = by(world.piet, lambda piet: submit_order(piet, new))
    again = changes_nothing(lambda: by(world.piet, lambda piet: submit_order(piet, new)))
    assert again.id == first.id
    assert len(events()) == 1


def test_a_submission_for_another_account_is_not_the_same(world: World) -> None:
    lines = [NewLine(world.item("deskphone").sku, 1)]
    first, other = world.an_account(), world.an_account()
    by(world.piet, lambda piet: submit_order(piet, NewOrder(first.id, lines, submission_key="k-1")))
    new = NewOrder(other.id, lines, submission_key="k-1")
    refused(WrongState, world.piet, lambda piet: submit_order(piet, new))


@pytest.mark.parametrize("key", ["x" * 65, "a\x00b"])
def test_a_submission_key_that_cannot_be_kept_is_refused(world: World, key: str) -> None:
    new = NewOrder(world.an_account().id, [NewLine(world.item("deskphone").sku, 1)], submission_key=key)
    error = refused(InvalidInput, world.piet, lambda piet: submit_order(piet, new))
    assert fields(error) == ["submission_key"]


# ---- Copying


def test_a_rejected_order_is_copied_to_a_new_pending_one_and_stays_rejected(world: World) -> None:
    account = world.an_account()
    dana, site = world.an_employee(account, "Dana"), world.a_location(account, "Harbour")
    order = world.an_order(
        "rejected",
        [("deskphone", 2), ("dect_base", 2), ("dect_handset", 1)],
        account=account,
        intents={0: [NewIntent(dana.id, site.id)], 2: [NewIntent(base=2)]},
        notes="Second floor",
        ship_to_location_id=site.id,
    )
    copy = by(world.piet, lambda piet: copy_order(piet, order.id))
    assert (copy.status, copy.copied_from_id, copy.version) == (OrderStatus.SUBMITTED, order.id, 1)
    assert (copy.notes, copy.ship_to_location_id) == ("Second floor", site.id)
    assert [(line.sku, line.quantity) for line in copy.lines] == [
        (line.sku, line.quantity) for line in order.lines
    ]
    units = units_of(copy.id)
    assert (units[0].employee_name, units[0].location_name) == ("Dana", "Harbour")
    assert units[4].base_unit_id == units[3].id
    assert (order.status, order.version) == (OrderStatus.REJECTED, 2)
    (event,) = events(copy.id)
    assert f"a copy of {order.reference}" in event.summary


def test_a_super_admin_copies_too_and_is_then_the_one_who_submitted(world: World) -> None:
    order = world.an_order("cancelled")
    copy = by(world.ada, lambda ada: copy_order(ada, order.id))
    assert copy.submitted_by_id == world.ada.id


def test_what_no_longer_holds_is_not_copied(world: World) -> None:
    account = world.an_account()
    dana, site = world.an_employee(account), world.a_location(account)
    order = world.an_order(
        lines=[("deskphone", 1), ("dect_base", 1), ("dect_handset", 1)],
        account=account,
        intents={0: [NewIntent(dana.id, site.id)], 2: [NewIntent(base=1)]},
        ship_to_location_id=site.id,
    )
    dana.deactivated_at = site.archived_at = world.item("dect_base").archived_at = utcnow()
    db.session.commit()
    copy = by(world.piet, lambda piet: copy_order(piet, order.id))
    assert [line.kind for line in copy.lines] == [Kind.DESKPHONE, Kind.DECT_HANDSET]
    assert copy.ship_to_location_id is None
    assert {(u.employee_id, u.location_id, u.base_unit_id) for u in units_of(copy.id)} == {(None,) * 3}


def test_an_order_of_archived_items_cannot_be_copied(world: World) -> None:
    order = world.an_order("rejected")
    world.item("deskphone").archived_at = utcnow()
    error = refused(WrongState, world.piet, lambda piet: copy_order(piet, order.id))
    assert error.message.endswith("can be ordered any more: Yealink T54W is no longer sold.")


def test_support_copies_nothing_and_nobody_copies_another_platforms_order(world: World) -> None:
    order = world.an_order()
    refused(NotAllowed, world.sam, lambda sam: copy_order(sam, order.id))
    for key in (order.id, 999_999, HUGE):
        refused(NotFound, world.bea, lambda bea, key=key: copy_order(bea, key))


def test_a_copy_takes_the_lines_as_they_are_and_not_as_they_were_read(world: World) -> None:
    order = world.an_order(lines=[("deskphone", 2)])
    assert order.lines[0].quantity == 2  # Read, and kept by this session.
    lines, units = LineItem.__table__, Unit.__table__
    connection = db.session.connection()
    connection.execute(lines.update().values(quantity=1))
    connection.execute(units.delete().where(units.c.number == 2))
    copy = by(world.piet, lambda piet: copy_order(piet, order.id))
    assert [line.quantity for line in copy.lines] == [1]


@pytest.mark.parametrize("status", list(OrderStatus))
def test_an_order_of_any_status_is_copied_and_is_not_touched_by_it(world: World, status: OrderStatus) -> None:
    order = world.an_order(status)
    version = order.version
    copy = by(world.piet, lambda piet: copy_order(piet, order.id))
    assert copy.status is OrderStatus.SUBMITTED
    assert (order.status, order.version) == (status, version)
    assert {unit.device_id for unit in units_of(copy.id)} == {None}
