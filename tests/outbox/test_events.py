"""Every action announces itself once, in its own transaction, and a refusal announces nothing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

import pytest
from sqlalchemy import event, select

from hwadmin.db.extensions import db
from hwadmin.db.unit_of_work import transact
from hwadmin.domain.event_kinds import EventType
from hwadmin.errors import DomainError, WrongState
from hwadmin.models import HardwareOrder, OutboxEvent
from hwadmin.operations.fulfillment.fulfillment import fulfill_order
from hwadmin.operations.orders.decisions import (
    approve_order,
    cancel_order,
    mark_ordered,
    reject_order,
    reopen_order,
)
from hwadmin.operations.orders.edits.intents import Intent, edit_intents
from hwadmin.operations.orders.edits.lines import edit_lines
from hwadmin.operations.orders.submission.new_order import NewLine, NewOrder
from hwadmin.operations.orders.submission.submission import submit_order
from hwadmin.operations.outgoing.events import publish
from hwadmin.queries.units.units import units_of
from tests.builders import World, an_identifier


def announced() -> list[OutboxEvent]:
    return list(db.session.scalars(select(OutboxEvent).order_by(OutboxEvent.id)))


def types_of(action: Callable[[], Any]) -> list[list[str]]:
    """What an action announces: the types, a list per row."""
    before = len(announced())
    transact(action)
    return [one.types for one in announced()[before:]]


@pytest.fixture
def order(world: World) -> HardwareOrder:
    return world.an_order("submitted", [("deskphone", 2)])


def test_submitting_is_announced_with_whose_and_what(world: World, order: HardwareOrder) -> None:
    [one] = announced()
    assert one.types == ["order.submitted"]
    assert (one.order_id, one.platform_id) == (order.id, world.northwind.id)
    assert one.details == {"actor": "Piet Jansen"}
    assert one.next_at == one.at


@pytest.mark.parametrize(
    ("status", "action", "types"),
    [
        ("submitted", lambda w, o: approve_order(w.ada.actor, o.id), ["order.approved"]),
        (
            "submitted",
            lambda w, o: mark_ordered(w.ada.actor, o.id),
            ["order.approved", "order.ordered", "order.placed"],
        ),
        ("approved", lambda w, o: mark_ordered(w.ada.actor, o.id), ["order.ordered", "order.placed"]),
        ("submitted", lambda w, o: reject_order(w.ada.actor, o.id, reason="No"), ["order.rejected"]),
        ("submitted", lambda w, o: cancel_order(w.piet.actor, o.id), ["order.cancelled"]),
        ("approved", lambda w, o: reopen_order(w.ada.actor, o.id, reason="Wrong"), ["order.reopened"]),
        (
            "submitted",
            lambda w, o: edit_lines(w.piet.actor, o.id, {w.item("deskphone").sku: 3}),
            ["order.updated"],
        ),
        (
            "submitted",
            lambda w, o: edit_intents(
                w.piet.actor, o.id, {units_of(o.id)[0].id: Intent(w.an_employee(o.account).id)}
            ),
            ["order.updated"],
        ),
        (
            "approved",
            lambda w, o: fulfill_order(w.ada.actor, o.id, w.identifiers_for(o, 1)),
            ["order.partially_fulfilled", "device.created"],
        ),
        (
            "approved",
            lambda w, o: fulfill_order(w.ada.actor, o.id, w.identifiers_for(o)),
            ["order.fulfilled", "device.created"],
        ),
    ],
)
def test_each_action_is_announced_once(world: World, status: str, action: Any, types: list[str]) -> None:
    order = world.an_order(status, [("deskphone", 2)])
    assert types_of(lambda: action(world, order)) == [types]


def test_a_linked_device_is_not_announced_as_made(world: World) -> None:
    order = world.an_order("approved", [("deskphone", 1)])
    there = world.a_device(order.account)
    [unit] = units_of(order.id)
    assert types_of(lambda: fulfill_order(world.ada.actor, order.id, {unit.id: there.identifier})) == [
        ["order.fulfilled"]
    ]


def test_a_device_registered_by_other_means_is_announced(world: World) -> None:
    device = world.a_device()
    one = announced()[-1]
    assert (one.types, one.device_ids, one.order_id) == (["device.created"], [device.id], None)
    assert one.platform_id == device.platform_id


def test_a_thousand_devices_are_announced_in_one_row(world: World) -> None:
    order = world.an_order("approved", [("deskphone", 1000)])
    statements: list[str] = []

    def note(_c: Any, _cu: Any, statement: str, *_: Any) -> None:
        if "outbox_event" in statement or "outgoing_message" in statement:
            statements.append(statement)

    identifiers = world.identifiers_for(order)
    engine = db.session.connection().engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        transact(lambda: fulfill_order(world.ada.actor, order.id, identifiers))
    finally:
        event.remove(engine, "before_cursor_execute", note)
    assert len(statements) == 1, statements
    assert len(announced()[-1].device_ids or ()) == 1000


@pytest.mark.parametrize(
    "action",
    [
        lambda w, o: approve_order(w.ada.actor, o.id),
        lambda w, o: reject_order(w.ada.actor, o.id, reason=" "),
        lambda w, o: cancel_order(w.piet.actor, o.id),
        lambda w, o: cancel_order(w.bea.actor, o.id),
        lambda w, o: edit_lines(w.piet.actor, o.id, {}),
        lambda w, o: reopen_order(w.ada.actor, o.id, reason=""),
    ],
)
def test_a_refusal_announces_nothing(world: World, action: Any) -> None:
    order = world.an_order("approved")
    before = len(announced())
    with pytest.raises(DomainError):
        transact(lambda: action(world, order))
    assert len(announced()) == before


def test_what_changes_nothing_announces_nothing(world: World, order: HardwareOrder) -> None:
    assert types_of(lambda: edit_lines(world.piet.actor, order.id, {world.item("deskphone").sku: 2})) == []
    done = world.an_order("fulfilled", [("deskphone", 1)])
    [unit] = units_of(done.id)
    same = {unit.id: unit.identifier or ""}
    assert types_of(lambda: fulfill_order(world.ada.actor, done.id, same)) == []
    other = world.an_order("approved", [("deskphone", 1)])
    dry = {units_of(other.id)[0].id: an_identifier("deskphone")}
    assert types_of(lambda: fulfill_order(world.ada.actor, other.id, dry, dry_run=True)) == []
    wrong = {units_of(other.id)[0].id: "not a MAC"}
    assert types_of(lambda: fulfill_order(world.ada.actor, other.id, wrong)) == []


def test_the_same_submission_again_announces_nothing(world: World) -> None:
    account = world.an_account()
    new = NewOrder(account.id, [NewLine(world.item("deskphone").sku, 1)], submission_key="once")
    assert types_of(lambda: submit_order(world.piet.actor, new)) == [["order.submitted"]]
    assert types_of(lambda: submit_order(world.piet.actor, new)) == []


def test_an_action_taken_back_leaves_no_announcement(world: World, order: HardwareOrder) -> None:
    def action() -> None:
        approve_order(world.ada.actor, order.id)
        db.session.flush()
        assert len(announced()) == 2
        raise WrongState("after all")

    with pytest.raises(WrongState):
        transact(action)
    assert [one.types for one in announced()] == [["order.submitted"]]


def test_an_unknown_type_is_a_mistake_of_ours(world: World, order: HardwareOrder) -> None:
    for types, message in (((), "needs a type"), (("order.lost",), "not a valid EventType")):
        with pytest.raises(ValueError, match=message):
            publish(world.ada.actor, *cast(tuple[EventType, ...], types), order=order)
    assert len(EventType) == 17
