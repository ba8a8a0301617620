"""Fulfilling an order: what each identifier becomes, what is refused, and that it is safe to repeat."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import event, func, select
from sqlalchemy_continuum import version_class

from hwadmin.clock import utcnow
from hwadmin.db.extensions import db
from hwadmin.domain.device_kinds import Kind
from hwadmin.domain.lifecycle import OrderStatus
from hwadmin.domain.units import UnitOutcome
from hwadmin.errors import ChangedMeanwhile, NotAllowed, NotFound, WrongState
from hwadmin.identifiers import IdentifierKind
from hwadmin.models import Account, Device, HardwareOrder
from hwadmin.operations.devices.devices import register_device
from hwadmin.operations.devices.transfers import move_device
from hwadmin.operations.fulfillment.checks import classify
from hwadmin.operations.fulfillment.fulfillment import fulfill_order
from hwadmin.operations.fulfillment.intents import apply_intents
from hwadmin.operations.fulfillment.known_devices import find_known_devices
from hwadmin.operations.fulfillment.parsing import parse_identifiers
from hwadmin.operations.fulfillment.report import FulfillmentReport
from hwadmin.operations.orders.submission.new_order import NewIntent
from hwadmin.queries.units.units import UnitRow, units_of
from tests.builders import World, an_identifier
from tests.operations.refusals import by, changes_nothing, events, refused
from tests.running import examples

HUGE = 10**22


def fulfill(world: World, order: HardwareOrder, typed: dict[int, str], **how: Any) -> FulfillmentReport:
    return by(world.ada, lambda ada: fulfill_order(ada, order.id, typed, **how))


def outcomes(report: FulfillmentReport) -> list[UnitOutcome]:
    return [row.outcome for row in report.units]


def device_of(order: HardwareOrder, place: int = 0) -> Device:
    """The device of the unit at that place of the order, from 0, as the database has it."""
    unit = units_of(order.id)[place]
    assert unit.device_id is not None
    return db.session.get_one(Device, unit.device_id, populate_existing=True)


def devices() -> int:
    return db.session.execute(select(func.count(Device.id))).scalar_one()


def registered(
    world: World, account: Account, kind: str, identifier: str | None = None, **values: Any
) -> Device:
    """A device that came to the account by other means."""
    identifier = identifier or an_identifier(kind)
    item = world.item(kind, account.platform)
    return by(
        world.ada,
        lambda ada: register_device(ada, account.id, sku=item.sku, identifier=identifier, **values),
    )


# ---- Making devices


def test_every_unit_becomes_a_device_of_the_account_and_the_order_is_fulfilled(world: World) -> None:
    order = world.an_order(
        "approved", [("deskphone", 1), ("dect_base", 1), ("dect_handset", 1), ("mobile", 1)]
    )
    phone, base, handset, mobile = (unit.id for unit in units_of(order.id))
    version = order.version
    report = fulfill(
        world,
        order,
        {
            phone: "MAC: 80-5E-C0-00-00-01",
            base: "805e.c000.0002",
            handset: "11324 0822839 *",
            mobile: "35 209900 176148",
        },
    )
    assert (report.written, outcomes(report)) == (True, [UnitOutcome.CREATED] * 4)
    made = [device_of(order, place) for place in range(4)]
    assert [(one.identifier_kind, one.identifier) for one in made] == [
        (IdentifierKind.MAC, "80:5e:c0:00:00:01"),
        (IdentifierKind.MAC, "80:5e:c0:00:00:02"),
        (IdentifierKind.IPEI, "02C3CC8E37"),
        (IdentifierKind.IMEI, "352099001761481"),
    ]
    assert made[3].identifier_key == "35209900176148"
    assert {(one.account_id, one.platform_id) for one in made} == {(order.account_id, order.platform_id)}
    assert [one.kind for one in made] == [unit.kind for unit in units_of(order.id)]
    assert [(one.make, one.model, one.sku) for one in made] == [
        (line.make, line.model, line.sku) for line in order.lines
    ]
    assert made[1].max_handsets == 10
    assert {(one.unit_outcome, one.created_by_name) for one in made} == {("created", "Ada Okafor")}
    assert all(one.updated_at == one.created_at == one.unit_at for one in made)
    assert (order.status, order.version) == (OrderStatus.FULFILLED, version + 1)
    assert (order.fulfilled_units, order.fulfillable_units) == (4, 4)
    assert order.fulfilled_at is not None
    assert order.decided_by_name == "Ada Okafor"


def test_fulfilling_leaves_one_event_with_the_outcome_of_every_unit(world: World) -> None:
    order = world.an_order("approved", [("dect_base", 1), ("dect_handset", 2), ("accessory", 1)])
    before = len(events())
    fulfill(world, order, world.identifiers_for(order))
    (one,) = events()[before:]
    assert (one.kind, one.actor_name, one.account_name) == (
        "order.fulfilled",
        "Ada Okafor",
        order.account.name,
    )
    assert one.summary == f"Fulfilled {order.reference}: 3 devices created, 2 paired"
    assert one.details["complete"] is True
    assert [(row["unit"], row["outcome"], row["slot"]) for row in one.details["units"]] == [
        ("W70B #1", "created", None),
        ("W73H #1", "created", 1),
        ("W73H #2", "created", 2),
    ]
    assert {row["device_id"] for row in one.details["units"]} == {u.device_id for u in units_of(order.id)} - {
        None
    }
    versions = version_class(HardwareOrder)
    row = db.session.scalars(select(versions).where(versions.transaction_id == one.transaction_id)).one()
    assert (row.status, row.fulfilled_units) == (OrderStatus.FULFILLED, 3)


def test_intents_are_applied(world: World) -> None:
    account = world.an_account()
    dana, site = world.an_employee(account), world.a_location(account)
    plan = [NewIntent(dana.id, site.id)]
    order = world.an_order(
        "approved",
        [("deskphone", 1), ("dect_base", 1), ("dect_handset", 1), ("mobile", 1)],
        account=account,
        intents=dict.fromkeys(range(4), plan),
    )
    report = fulfill(world, order, world.identifiers_for(order))
    placed = [(device_of(order, n).employee_id, device_of(order, n).location_id) for n in range(4)]
    # A base is never assigned; a handset takes its base's location; a mobile has none.
    assert placed == [(dana.id, site.id), (None, site.id), (dana.id, site.id), (dana.id, None)]
    assert [len(row.not_applied) for row in report.units] == [0, 1, 1, 1]
    assert device_of(order, 1).not_applied == report.units[1].not_applied
    assert "with a plan not applied" in events(order.id)[-1].summary


def test_an_intent_that_no_longer_holds_is_reported_and_the_device_is_still_made(world: World) -> None:
    account = world.an_account()
    dana, site = world.an_employee(account, "Dana"), world.a_location(account, "Harbour")
    order = world.an_order("approved", account=account, intents={0: [NewIntent(dana.id, site.id)]})
    dana.deactivated_at = site.archived_at = utcnow()
    db.session.commit()
    report = fulfill(world, order, world.identifiers_for(order))
    assert report.units[0].not_applied == [
        "Dana has left; nobody was assigned.",
        "Harbour is archived; no location was set.",
    ]
    device = device_of(order)
    assert (device.employee_id, device.location_id, device.not_applied) == (
        None,
        None,
        report.units[0].not_applied,
    )
    assert order.status is OrderStatus.FULFILLED


def test_a_gigaset_mac_id_keeps_its_code(world: World) -> None:
    order = world.an_order("approved", [("dect_base", 1)])
    fulfill(world, order, {units_of(order.id)[0].id: "7C2F80E0D605-1A2B"})
    assert (device_of(order).identifier, device_of(order).mac_id_code) == ("7c:2f:80:e0:d6:05", "1A2B")


# ---- Part shipments


def test_a_part_shipment_leaves_the_order_approved_until_every_unit_has_a_device(world: World) -> None:
    order = world.an_order("approved", [("deskphone", 3), ("accessory", 2)])
    first, second, third = (unit.id for unit in units_of(order.id)[:3])
    report = fulfill(world, order, {first: an_identifier("deskphone"), second: "", third: "  "})
    assert outcomes(report) == [UnitOutcome.CREATED, UnitOutcome.EMPTY, UnitOutcome.EMPTY]
    assert (order.status, order.fulfilled_units, order.version) == (OrderStatus.APPROVED, 1, 3)
    assert events(order.id)[-1].summary == (
        f"Fulfilled {order.reference} in part (1 of 3 units): 1 device created"
    )
    rest = {second: an_identifier("deskphone"), third: an_identifier("deskphone")}
    report = fulfill(world, order, rest)
    assert outcomes(report) == [UnitOutcome.SKIPPED, UnitOutcome.CREATED, UnitOutcome.CREATED]
    assert (order.status, order.fulfilled_units) == (OrderStatus.FULFILLED, 3)
    assert len(events(order.id, "order.fulfilled")) == 2


def test_blanks_alone_change_nothing(world: World) -> None:
    order = world.an_order("approved")
    report = changes_nothing(lambda: fulfill(world, order, {units_of(order.id)[0].id: " "}))
    assert not report.written


# ---- Accessories


def test_an_accessory_only_order_is_fulfilled_by_confirming(world: World) -> None:
    order = world.an_order("approved", [("accessory", 3)])
    report = fulfill(world, order, {})
    assert (report.written, report.units) == (True, [])
    assert (order.status, order.fulfilled_units, order.fulfillable_units) == (OrderStatus.FULFILLED, 0, 0)
    assert events(order.id)[-1].summary == f"Fulfilled {order.reference}"
    assert devices() == 0


def test_an_accessory_has_no_identifier(world: World) -> None:
    order = world.an_order("approved", [("accessory", 1)])
    typed = {units_of(order.id)[0].id: an_identifier("deskphone")}
    report = changes_nothing(lambda: fulfill(world, order, typed))
    assert [row.message for row in report.refused] == ["An accessory has no identifier."]


# ---- Repetition


def test_the_same_submission_twice_makes_nothing_twice(world: World) -> None:
    order = world.an_order("approved", [("dect_base", 1), ("dect_handset", 2)])
    typed = world.identifiers_for(order)
    fulfill(world, order, typed)
    report = changes_nothing(lambda: fulfill(world, order, typed))
    assert (report.written, outcomes(report)) == (False, [UnitOutcome.SKIPPED] * 3)


def test_a_part_shipment_twice_makes_nothing_twice(world: World) -> None:
    order = world.an_order("approved", [("deskphone", 3)])
    typed = world.identifiers_for(order, 2)
    fulfill(world, order, typed)
    report = changes_nothing(lambda: fulfill(world, order, typed))
    assert outcomes(report) == [UnitOutcome.SKIPPED, UnitOutcome.SKIPPED, UnitOutcome.EMPTY]


def test_a_fulfilled_order_takes_no_other_identifiers_and_no_blanks_amiss(world: World) -> None:
    order = world.an_order("fulfilled")
    first, second = (unit.id for unit in units_of(order.id))
    shown = device_of(order).identifier
    for how in ({}, {"only_valid": True}, {"dry_run": True}):
        typed = {first: an_identifier("deskphone"), second: ""}
        report = changes_nothing(lambda typed=typed, how=how: fulfill(world, order, typed, **how))
        assert outcomes(report) == [UnitOutcome.REFUSED, UnitOutcome.SKIPPED]
        assert report.units[0].message == (
            f"T54W #1 already has {shown}; another one would need a replacement."
        )


def test_an_open_unit_is_not_given_the_identifier_of_a_unit_that_has_its_device(world: World) -> None:
    order = world.an_order("approved", [("deskphone", 3)])
    first, second, third = (unit.id for unit in units_of(order.id))
    fulfill(world, order, {second: "805ec0000001"})
    for taker, again in ((first, True), (third, True), (first, False)):
        typed = {taker: "80:5E:C0:00:00:01"} | ({second: "805e.c000.0001"} if again else {})
        report = changes_nothing(lambda typed=typed: fulfill(world, order, typed, only_valid=True))
        assert [row.unit_id for row in report.refused] == [taker]


# ---- What is refused


def test_with_any_error_nothing_is_written_and_every_problem_is_reported_at_once(world: World) -> None:
    order = world.an_order("approved", [("deskphone", 2), ("dect_handset", 1), ("mobile", 1)])
    good, bad, handset, mobile = (unit.id for unit in units_of(order.id))
    typed = {
        good: an_identifier("deskphone"),
        bad: "not a mac",
        handset: "11324 0822839 1",
        mobile: "352099001761480",
        HUGE: an_identifier("deskphone"),
        -1: "x",
    }
    report = changes_nothing(lambda: fulfill(world, order, typed))
    assert not report.written
    assert outcomes(report) == [UnitOutcome.CREATED, *[UnitOutcome.REFUSED] * 5]
    assert all(row.message for row in report.refused)
    assert [row.entered for row in report.refused] == [*typed.values()][1:]
    assert report.units[-1].message == "There is no such unit in this order."


def test_only_the_valid_units_are_written_where_that_is_asked_for(world: World) -> None:
    order = world.an_order("approved", [("deskphone", 2)])
    good, bad = (unit.id for unit in units_of(order.id))
    report = fulfill(world, order, {good: an_identifier("deskphone"), bad: "nonsense"}, only_valid=True)
    assert (report.written, outcomes(report)) == (True, [UnitOutcome.CREATED, UnitOutcome.REFUSED])
    assert (order.status, order.fulfilled_units) == (OrderStatus.APPROVED, 1)
    assert [row["outcome"] for row in events(order.id)[-1].details["units"]] == ["created"]


def test_only_valid_with_nothing_valid_writes_nothing(world: World) -> None:
    order = world.an_order("approved")
    typed = {units_of(order.id)[0].id: "nonsense"}
    assert not changes_nothing(lambda: fulfill(world, order, typed, only_valid=True)).written


@pytest.mark.parametrize(
    ("kind", "typed", "sentence"),
    [
        ("deskphone", "11324 0822839 *", "This is an IPEI"),
        ("deskphone", "352099001761481", "This is an IMEI"),
        ("dect_handset", "80:5e:c0:00:00:01", "This is a MAC address"),
        ("mobile", "80:5e:c0:00:00:01", "This is a MAC address"),
        ("dect_base", "02C3CC8E37", "This looks like an IPEI"),
        ("deskphone", "80:5e:c0:00:\x00:01", "control character"),
        ("deskphone", "80:5e:c0:00:00:0\ud800", "cannot be part of"),
        ("deskphone", "x" * 1_000_000, "far more than one MAC address"),
    ],
)
def test_an_identifier_of_the_wrong_kind_or_of_none_is_refused_with_its_own_sentence(
    world: World, kind: str, typed: str, sentence: str
) -> None:
    order = world.an_order("approved", [(kind, 1)])
    report = changes_nothing(lambda: fulfill(world, order, {units_of(order.id)[0].id: typed}))
    assert sentence in report.units[0].message


@pytest.mark.parametrize(
    ("kind", "once", "again"),
    [
        ("deskphone", "80:5e:c0:09:ab:dc", "MAC 805E.C009.ABDC"),
        ("dect_handset", "11324 0822839 *", "0x02c3cc8e37"),
        ("mobile", "352099001761481", "35209900176148"),
        ("mobile", "352099001761481", "3520990017614899"),
    ],
)
def test_one_identifier_for_two_units_is_refused_in_whatever_notation(
    world: World, kind: str, once: str, again: str
) -> None:
    order = world.an_order("approved", [(kind, 2)])
    first, second = (unit.id for unit in units_of(order.id))
    report = changes_nothing(lambda: fulfill(world, order, {first: once, second: again}))
    assert outcomes(report) == [UnitOutcome.CREATED, UnitOutcome.REFUSED]
    assert "each unit has its own" in report.units[1].message
    report = fulfill(world, order, {first: once, second: again}, only_valid=True)
    assert (order.fulfilled_units, devices()) == (1, 1)


def test_a_warning_is_not_a_refusal(world: World) -> None:
    order = world.an_order("approved", [("deskphone", 1), ("mobile", 1)])
    phone, mobile = (unit.id for unit in units_of(order.id))
    report = fulfill(world, order, {phone: "000413000001", mobile: "35209900176148"})
    assert "Snom" in report.units[0].warnings[0]
    assert report.units[1].warnings == ["No check digit was given."]
    assert order.status is OrderStatus.FULFILLED


@pytest.mark.parametrize("status", ["submitted", "rejected", "cancelled"])
def test_only_an_approved_order_is_fulfilled(world: World, status: str) -> None:
    order = world.an_order(status)
    refused(WrongState, world.ada, lambda ada: fulfill_order(ada, order.id, world.identifiers_for(order)))


def test_only_a_super_admin_fulfills(world: World) -> None:
    order = world.an_order("approved")
    typed = world.identifiers_for(order)
    for person in (world.piet, world.sam, world.bea):
        refused(NotAllowed, person, lambda actor: fulfill_order(actor, order.id, typed))
        refused(NotAllowed, person, lambda actor: apply_intents(actor, order.id, 1))
    for key in (999_999, 0, HUGE):
        refused(NotFound, world.ada, lambda ada, key=key: fulfill_order(ada, key, {}))
        refused(NotFound, world.ada, lambda ada, key=key: apply_intents(ada, key, 1))


def test_a_stated_version_that_is_too_old_is_refused(world: World) -> None:
    order = world.an_order("approved")
    typed = world.identifiers_for(order)
    refused(ChangedMeanwhile, world.ada, lambda ada: fulfill_order(ada, order.id, typed, expected_version=1))
    fulfill(world, order, typed, expected_version=2)


# ---- Linking


def test_an_identifier_registered_by_other_means_is_linked_and_not_duplicated(world: World) -> None:
    account = world.an_account()
    device = registered(world, account, "deskphone", "80:5e:c0:00:00:01")
    order = world.an_order("approved", [("deskphone", 1)], account=account)
    report = fulfill(world, order, {units_of(order.id)[0].id: "805EC0000001"})
    assert outcomes(report) == [UnitOutcome.LINKED]
    assert report.units[0].device_id == device.id
    assert devices() == 1
    linked = device_of(order)
    assert (linked.id, linked.unit_outcome, linked.unit_at is not None) == (device.id, "linked", True)
    assert order.status is OrderStatus.FULFILLED
    assert events(order.id)[-1].summary.endswith(": 1 linked")


def test_an_imei_is_the_same_whatever_its_last_digit(world: World) -> None:
    account = world.an_account()
    device = registered(world, account, "mobile", "352099001761481")
    order = world.an_order("approved", [("mobile", 1)], account=account)
    fulfill(world, order, {units_of(order.id)[0].id: "3520990017614855"})  # An IMEISV.
    assert device_of(order).id == device.id


def test_linking_sets_what_is_free_of_the_intent(world: World) -> None:
    account = world.an_account()
    dana, site = world.an_employee(account), world.a_location(account)
    device = registered(world, account, "deskphone")
    order = world.an_order(
        "approved", [("deskphone", 1)], account=account, intents={0: [NewIntent(dana.id, site.id)]}
    )
    report = fulfill(world, order, {units_of(order.id)[0].id: device.identifier})
    linked = device_of(order)
    assert (linked.employee_id, linked.location_id, linked.not_applied) == (dana.id, site.id, None)
    assert report.units[0].not_applied == []


def test_linking_never_takes_away_what_a_device_has(world: World) -> None:
    account = world.an_account()
    dana, eli = world.an_employee(account, "Dana"), world.an_employee(account, "Eli")
    site, other = world.a_location(account, "Harbour"), world.a_location(account, "Workshop")
    device = registered(world, account, "deskphone", employee_id=eli.id, location_id=other.id)
    order = world.an_order(
        "approved", [("deskphone", 1)], account=account, intents={0: [NewIntent(dana.id, site.id)]}
    )
    report = fulfill(world, order, {units_of(order.id)[0].id: device.identifier})
    linked = device_of(order)
    assert (linked.employee_id, linked.location_id) == (eli.id, other.id)
    assert report.units[0].not_applied == linked.not_applied
    assert report.units[0].not_applied == [
        "Assigned to somebody else already; Dana was planned.",
        "Located elsewhere already; Harbour was planned.",
    ]


def test_a_device_that_is_where_it_was_planned_to_be_has_its_plan_applied(world: World) -> None:
    account = world.an_account()
    dana = world.an_employee(account)
    device = registered(world, account, "mobile", employee_id=dana.id)
    order = world.an_order("approved", [("mobile", 1)], account=account, intents={0: [NewIntent(dana.id)]})
    report = fulfill(world, order, {units_of(order.id)[0].id: device.identifier})
    assert report.units[0].not_applied == []


def test_a_device_of_another_kind_is_not_linked(world: World) -> None:
    account = world.an_account()
    base = registered(world, account, "dect_base")
    order = world.an_order("approved", [("deskphone", 1)], account=account)
    report = changes_nothing(lambda: fulfill(world, order, {units_of(order.id)[0].id: base.identifier}))
    assert report.units[0].message == "This is a DECT base of this account (Yealink W70B), not a Desk phone."


def test_a_device_another_unit_holds_is_not_linked_and_the_unit_is_named(world: World) -> None:
    first = world.an_order("fulfilled", [("deskphone", 1)])
    second = world.an_order("approved", [("deskphone", 1)], account=first.account)
    typed = {units_of(second.id)[0].id: device_of(first).identifier}
    report = changes_nothing(lambda: fulfill(world, second, typed))
    assert report.units[0].message == f"Already T54W #1 of {first.reference}."


def test_a_linked_device_that_is_another_model_is_warned_of(world: World) -> None:
    account = world.an_account()
    item = world.an_item("deskphone", make="Snom", model="D785")
    device = by(
        world.ada,
        lambda ada: register_device(ada, account.id, sku=item.sku, identifier="000413000001"),
    )
    order = world.an_order("approved", [("deskphone", 1)], account=account)
    report = fulfill(world, order, {units_of(order.id)[0].id: device.identifier})
    assert report.units[0].warnings[-1] == (
        "The existing device is a Snom D785; the order says Yealink T54W."
    )


# ---- Elsewhere


def test_a_device_of_another_account_is_refused_and_names_the_holder_to_a_super_admin(world: World) -> None:
    theirs = world.an_order("fulfilled", [("deskphone", 1)], platform=world.blue_harbor)
    order = world.an_order("approved", [("deskphone", 1)])
    typed = {units_of(order.id)[0].id: device_of(theirs).identifier}
    report = changes_nothing(lambda: fulfill(world, order, typed))
    assert report.units[0].message.startswith(f"Already in use by {theirs.account.name}, since ")
    assert report.units[0].message.endswith(f", from {theirs.reference}.")
    assert report.units[0].device_id is None
    by_hand = registered(world, world.an_account(name="Harbor Hotel"), "deskphone")
    report = changes_nothing(lambda: fulfill(world, order, {typed.popitem()[0]: by_hand.identifier}))
    assert "Already in use by Harbor Hotel, since " in report.units[0].message


def test_those_who_may_not_know_the_holder_learn_only_that_there_is_one(world: World) -> None:
    theirs = world.an_order("fulfilled", [("deskphone", 1)], platform=world.blue_harbor)
    order = world.an_order("approved", [("deskphone", 1)])
    units = units_of(order.id)
    identifier = device_of(theirs).identifier

    def checked(piet: Any) -> FulfillmentReport:
        report = parse_identifiers(order, units, {units[0].id: identifier})
        entered = [row.identifier for row in report.units if row.identifier]
        classify(piet, order, units, report, find_known_devices(entered, order.account_id))
        return report

    report = by(world.piet, checked)
    assert [row.message for row in report.refused] == ["This identifier is already in use."]


def test_a_device_that_was_moved_away_still_fulfills_its_unit(world: World) -> None:
    order = world.an_order("approved", [("deskphone", 2)])
    first, second = (unit.id for unit in units_of(order.id))
    fulfill(world, order, {first: "805ec0000001"})
    other = world.an_account(world.blue_harbor)
    device_id = units_of(order.id)[0].device_id
    assert device_id is not None
    by(world.ada, lambda ada: move_device(ada, device_id, other.id, reason="Sold."))
    report = fulfill(world, order, {first: "805ec0000001", second: "805ec0000002"})
    assert outcomes(report) == [UnitOutcome.SKIPPED, UnitOutcome.CREATED]
    assert order.status is OrderStatus.FULFILLED
    error = refused(WrongState, world.ada, lambda ada: apply_intents(ada, order.id, first))
    assert error.message == "The device belongs to another account by now."


# ---- Applying a plan that was not applied


def test_a_plan_that_was_not_applied_is_applied_on_demand_and_once(world: World) -> None:
    account = world.an_account()
    dana, eli = world.an_employee(account, "Dana"), world.an_employee(account, "Eli")
    site, other = world.a_location(account, "Harbour"), world.a_location(account)
    device = registered(world, account, "deskphone", employee_id=eli.id, location_id=other.id)
    order = world.an_order(
        "approved", [("deskphone", 1)], account=account, intents={0: [NewIntent(dana.id, site.id)]}
    )
    unit = units_of(order.id)[0].id
    fulfill(world, order, {unit: device.identifier})
    version = order.version
    by(world.ada, lambda ada: apply_intents(ada, order.id, unit))
    linked = device_of(order)
    assert (linked.employee_id, linked.location_id, linked.not_applied) == (dana.id, site.id, None)
    assert order.version == version + 1
    last = events(order.id)[-1]
    assert (last.kind, last.device_id) == ("device.changed", device.id)
    assert last.summary == (
        f"Applied the plan of T54W #1 of {order.reference}: assigned to Dana, located at Harbour"
    )
    assert last.details["before"] == {"employee_id": eli.id, "location_id": other.id}
    error = refused(WrongState, world.ada, lambda ada: apply_intents(ada, order.id, unit))
    assert error.message == "The plan is applied already, as far as it still holds."


def test_only_what_still_holds_of_a_plan_is_applied(world: World) -> None:
    account = world.an_account()
    dana, eli = world.an_employee(account, "Dana"), world.an_employee(account)
    site, other = world.a_location(account), world.a_location(account)
    device = registered(world, account, "deskphone", employee_id=eli.id, location_id=other.id)
    order = world.an_order(
        "approved", [("deskphone", 1)], account=account, intents={0: [NewIntent(dana.id, site.id)]}
    )
    unit = units_of(order.id)[0].id
    fulfill(world, order, {unit: device.identifier})
    dana.deactivated_at = utcnow()
    db.session.commit()
    by(world.ada, lambda ada: apply_intents(ada, order.id, unit))
    linked = device_of(order)
    assert (linked.employee_id, linked.location_id) == (eli.id, site.id)
    assert linked.not_applied == ["Dana has left; nobody was assigned."]


def test_a_unit_without_a_device_or_without_a_plan_has_nothing_to_apply(world: World) -> None:
    order, other = world.an_order("approved"), world.an_order("fulfilled")
    unit = units_of(order.id)[0].id
    for key in (unit, units_of(other.id)[0].id, HUGE, -1):
        error = refused(WrongState, world.ada, lambda ada, key=key: apply_intents(ada, order.id, key))
        assert error.message == "This unit has no device yet."
    fulfill(world, order, world.identifiers_for(order))
    refused(WrongState, world.ada, lambda ada: apply_intents(ada, order.id, unit))


def test_the_handsets_of_a_base_go_with_it_when_its_planned_location_is_applied(world: World) -> None:
    account = world.an_account()
    site, other = world.a_location(account), world.a_location(account)
    base = registered(world, account, "dect_base", location_id=other.id)
    order = world.an_order(
        "approved",
        [("dect_base", 1), ("dect_handset", 1)],
        account=account,
        intents={0: [NewIntent(None, site.id)]},
    )
    unit, handset = (one.id for one in units_of(order.id))
    fulfill(world, order, {unit: base.identifier, handset: an_identifier("dect_handset")})
    assert device_of(order, 1).location_id == other.id
    by(world.ada, lambda ada: apply_intents(ada, order.id, unit))
    assert (device_of(order, 0).location_id, device_of(order, 1).location_id) == (site.id, site.id)


def test_the_planned_base_of_a_linked_handset_is_applied_on_demand(world: World) -> None:
    account = world.an_account()
    site = world.a_location(account)
    old_base = registered(world, account, "dect_base")
    handset = registered(world, account, "dect_handset", base_device_id=old_base.id)
    order = world.an_order(
        "approved",
        [("dect_base", 1), ("dect_handset", 2)],
        account=account,
        intents={0: [NewIntent(None, site.id)], 1: [NewIntent(base=1)] * 2},
    )
    base, first, second = (unit.id for unit in units_of(order.id))
    typed = {first: handset.identifier, second: an_identifier("dect_handset")}
    report = fulfill(world, order, typed)
    assert report.units[1].not_applied == ["Paired to a base already; it was left there."]
    # The planned base is not there yet.
    refused(WrongState, world.ada, lambda ada: apply_intents(ada, order.id, first))
    fulfill(world, order, {base: an_identifier("dect_base")})
    assert device_of(order, 1).base_device_id == old_base.id
    by(world.ada, lambda ada: apply_intents(ada, order.id, first))
    paired = device_of(order, 1)
    assert (paired.base_device_id, paired.slot) == (device_of(order, 0).id, 2)
    assert (paired.location_id, paired.not_applied) == (site.id, None)
    assert events(order.id)[-1].summary.endswith(": paired to W70B #1, slot 2")
    refused(WrongState, world.ada, lambda ada: apply_intents(ada, order.id, first))


# ---- Checking without writing


KINDS = [kind.value for kind in Kind]


@st.composite
def situations(draw: st.DrawFn) -> tuple[list[tuple[str, int]], list[tuple[int, int, int]], int]:
    """Lines, then what is typed for which unit, once and again, by dice."""
    lines = draw(st.lists(st.tuples(st.sampled_from(KINDS), st.integers(1, 3)), min_size=1, max_size=4))
    lines = list(dict(lines).items())
    dice = st.tuples(st.integers(0, 9), st.integers(0, 6), st.integers(0, 99))
    return lines, draw(st.lists(dice, max_size=10)), draw(st.integers(0, 3))


@settings(
    max_examples=examples(30),
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(situation=situations(), only_valid=st.booleans())
def test_a_check_writes_nothing_and_foresees_exactly_what_the_real_run_then_does(
    world: World,
    situation: tuple[list[tuple[str, int]], list[tuple[int, int, int]], int],
    only_valid: bool,
) -> None:
    lines, dice, chosen = situation
    handsets = next((place for place, (kind, _) in enumerate(lines) if kind == "dect_handset"), None)
    bases = dict(lines).get("dect_base", 0)
    intents = (
        {handsets: [NewIntent(base=chosen)] * lines[handsets][1]}
        if handsets is not None and 0 < chosen <= bases
        else None
    )
    order = world.an_order("approved", lines, intents=intents)
    units = units_of(order.id)
    elsewhere = world.an_account(world.blue_harbor)
    for start in range(0, max(len(dice), 1), 4):  # Several shipments, one after the other.
        typed = {}
        for place, way, _ in dice[start : start + 4]:
            unit = units[place % len(units)]
            typed[unit.id] = _typed(world, order, elsewhere, unit, way)
        foreseen = changes_nothing(
            lambda typed=typed: fulfill(world, order, typed, only_valid=only_valid, dry_run=True)
        )
        done = fulfill(world, order, typed, only_valid=only_valid)
        assert [_facts(row) for row in foreseen.units] == [_facts(row) for row in done.units]
        assert foreseen.warnings == done.warnings
        assert not foreseen.written
        slots = {unit.id: unit.slot for unit in units_of(order.id)}
        if done.written:
            for row in done.units:
                assert slots[row.unit_id] == row.slot or row.outcome is not UnitOutcome.CREATED


def _typed(world: World, order: HardwareOrder, elsewhere: Account, unit: UnitRow, way: int) -> str:
    kind = unit.kind.value
    if kind == "accessory":
        return ""
    match way:
        case 0:
            return ""
        case 1:
            return "nonsense"
        case 2:
            return registered(world, order.account, kind).identifier
        case 3:
            return registered(world, elsewhere, kind).identifier
        case 4:
            return next((one.identifier or "" for one in units_of(order.id) if one.device_id), "")
        case 5 if kind == "dect_handset":
            base = registered(world, order.account, "dect_base")
            return registered(world, order.account, kind, base_device_id=base.id).identifier
        case _:
            return an_identifier(kind)


def _facts(row: Any) -> tuple[Any, ...]:
    return (
        row.unit_id,
        row.entered,
        row.outcome,
        row.message,
        row.slot,
        row.paired_label,
        row.not_paired,
        tuple(row.not_applied),
        tuple(row.warnings),
    )


# ---- A thousand units


@contextmanager
def statements() -> Iterator[list[str]]:
    """The statements sent to the database."""
    seen: list[str] = []

    def see(_c: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        seen.append(statement)

    engine = db.session.connection().engine
    event.listen(engine, "before_cursor_execute", see)
    try:
        yield seen
    finally:
        event.remove(engine, "before_cursor_execute", see)


def test_a_thousand_units_are_fulfilled_in_few_statements_and_one_transaction(world: World) -> None:
    order = world.an_order("approved", [("deskphone", 400), ("dect_base", 1), ("dect_handset", 599)])
    typed = world.identifiers_for(order)
    commits: list[int] = []
    with statements() as seen:
        event.listen(db.session.registry(), "after_commit", lambda _session: commits.append(1))
        report = fulfill(world, order, typed)
    assert order.status is OrderStatus.FULFILLED
    assert report.count(UnitOutcome.CREATED) == devices() == 1000
    assert (report.paired, len(commits)) == (10, 1)
    assert len(events(order.id, "order.fulfilled")) == 1
    sent = [one for one in seen if not one.startswith(("SAVEPOINT", "RELEASE"))]
    assert len(sent) <= 30, "\n".join(one[:100] for one in sent)


def test_a_thousand_devices_are_linked_in_few_statements(world: World) -> None:
    account = world.an_account()
    order = world.an_order("approved", [("deskphone", 1000)], account=account)
    typed = world.identifiers_for(order)
    item = world.item("deskphone")
    db.session.connection().execute(
        Device.__table__.insert(),
        [
            {
                "platform_id": account.platform_id,
                "account_id": account.id,
                "kind": Kind.DESKPHONE,
                "make": item.make,
                "model": item.model,
                "sku": item.sku,
                "identifier_kind": IdentifierKind.MAC,
                "identifier": ":".join(text[at : at + 2] for at in range(0, 12, 2)),
                "identifier_key": ":".join(text[at : at + 2] for at in range(0, 12, 2)),
                "created_by_name": "Import",
            }
            for text in typed.values()
        ],
    )
    with statements() as seen:
        report = fulfill(world, order, typed)
    assert report.count(UnitOutcome.LINKED) == devices() == 1000
    assert order.status is OrderStatus.FULFILLED
    sent = [one for one in seen if not one.startswith(("SAVEPOINT", "RELEASE"))]
    assert len(sent) <= 30, "\n".join(one[:100] for one in sent)
