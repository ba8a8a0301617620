"""After everything was broken: what the database holds is what was acknowledged, once, and it all left."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

from flask import Flask
from sqlalchemy import select

from hwadmin import clock
from hwadmin.db.extensions import db
from hwadmin.db.tenancy import acting_as
from hwadmin.domain import row_ids
from hwadmin.domain.permissions import COMMAND_LINE
from hwadmin.identifiers import IdentifierKind, parse
from hwadmin.models import AuditEvent, Device, HardwareOrder, OutboxEvent, OutgoingMessage
from hwadmin.outbox.queue import LEASE
from hwadmin.outbox.webhook_client import WebhookClient
from hwadmin.outbox.worker import Worker
from hwadmin.queries.audit.chain_verification import verify
from tests.faults.load import History
from tests.outbox.receivers import Receiver
from tests.races.rows import counts_are_right

_STEPS = ("order.submitted", "order.approved", "order.fulfilled")


def problems(app: Flask, history: History, receiver: Receiver, before: int = 0) -> list[str]:
    """What does not fit, a sentence each.

    Args:
        app: an application on the same database.
        history: what was acknowledged.
        receiver: what the webhook got.
        before: the highest id of an order there was before the history began.
    """
    found = [*history.faults, *_lost_or_doubled(app, history, before), *_not_sent(app, receiver, before)]
    counts_are_right(app)
    with app.app_context(), acting_as(db.session, COMMAND_LINE):
        fault = verify().fault
        db.session.remove()
    return [*found, *([f"The chain is broken: {fault}"] if fault else [])]


def last_order(app: Flask) -> int:
    """The highest id of an order."""
    with app.app_context(), acting_as(db.session, COMMAND_LINE):
        last = db.session.scalars(select(HardwareOrder.id).order_by(HardwareOrder.id.desc()).limit(1)).first()
        db.session.remove()
        return last or 0


def _lost_or_doubled(app: Flask, history: History, before: int) -> list[str]:
    with app.app_context(), acting_as(db.session, COMMAND_LINE):
        made = db.session.scalars(select(HardwareOrder.id).where(HardwareOrder.id > before))
        orders = {order_id: row_ids.reference(order_id) for order_id in made}
        events: dict[str, Counter[str]] = {reference: Counter() for reference in orders.values()}
        rows = select(AuditEvent.order_id, AuditEvent.kind).where(AuditEvent.order_id > before)
        for order_id, kind in db.session.execute(rows):
            events[orders[order_id]][kind] += 1
        devices = Counter(db.session.scalars(select(Device.identifier_key)))
        db.session.remove()
    found = []
    if set(orders.values()) != set(history.orders):
        # Every step was sent until it was acknowledged, so there are neither more nor fewer.
        found.append(f"Lost or made twice: {sorted(set(orders.values()) ^ set(history.orders))}")
    for reference, steps in history.orders.items():
        counted = {step: events.get(reference, Counter())[step] for step in _STEPS}
        if counted != {step: int(step in steps) for step in _STEPS}:
            found.append(f"{reference} was told {sorted(steps)}, and has the events {counted}.")
    for reference, identifier in history.identifiers.items():
        if devices[parse(IdentifierKind.MAC, identifier).key] != 1:
            found.append(f"{reference} has not one device {identifier}.")
    return found


def _not_sent(app: Flask, receiver: Receiver, before: int) -> list[str]:
    """Let everything leave that was left behind, and compare it with what arrived."""
    later = clock.utcnow() + 2 * LEASE
    with app.app_context():
        for turn in range(3):
            with clock.at(later + turn * timedelta(minutes=10)):
                Worker(f"the last {turn}", WebhookClient(allow_loopback=True)).drain()
        with acting_as(db.session, COMMAND_LINE):
            waiting = db.session.scalars(select(OutboxEvent.id).where(OutboxEvent.next_at.is_not(None))).all()
            events = db.session.scalars(select(OutboxEvent).where(OutboxEvent.order_id > before)).all()
            expected = Counter((event.order_id, kind) for event in events for kind in event.types)
            ours = OutgoingMessage.endpoint_id.is_not(None) & (OutgoingMessage.order_id > before)
            messages = [
                (message.uid, message.state, message.order_id, message.type)
                for message in db.session.scalars(select(OutgoingMessage).where(ours))
            ]
            db.session.remove()
    arrived = {request.headers["webhook-id"] for request in receiver.got}
    found = [f"{len(waiting)} events wait for ever."] if waiting else []
    found += [f"{uid} is {state}." for uid, state, *_ in messages if state != "delivered"]
    found += [f"{uid} never arrived." for uid, *_ in messages if uid not in arrived]
    made = Counter((order_id, kind) for _, _, order_id, kind in messages)
    for step in _STEPS:
        of_step = {key: count for key, count in expected.items() if key[1] == step}
        if of_step != {key: count for key, count in made.items() if key[1] == step} or set(
            of_step.values()
        ) - {1}:
            found.append(f"The messages of {step} are not one for each event.")
    return found
