"""The clock jumps, as it does when a machine wakes up or its time is set: nothing is lost, nothing opens."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from hwadmin import clock
from hwadmin.clock import utcnow
from hwadmin.db.extensions import db
from hwadmin.db.unit_of_work import transact
from hwadmin.models import MessageKind, OutgoingMessage
from hwadmin.operations.fulfillment.fulfillment import fulfill_order
from hwadmin.operations.orders.decisions import approve_order
from hwadmin.operations.outgoing.webhooks import create_webhook
from hwadmin.outbox.queue import LEASE, DeliveryResult
from hwadmin.outbox.worker import Worker
from hwadmin.queries.audit.chain_verification import verify
from tests import databases
from tests.builders import Clients, World

JUMPS = [timedelta(days=-2), timedelta(hours=-1), timedelta(seconds=-3), timedelta(days=400)]


@pytest.mark.parametrize("jump", JUMPS, ids=str)
def test_an_order_goes_on_after_the_clock_has_jumped(world: World, clients: Clients, jump: timedelta) -> None:
    order = world.an_order(lines=[("deskphone", 2)])
    with clock.at(utcnow() + jump):
        transact(lambda: approve_order(world.ada.actor, order.id))
        identifiers = world.identifiers_for(order)
        transact(lambda: fulfill_order(world.ada.actor, order.id, identifiers))
        # Signed in by this clock; what the other one wrote is shown with it.
        browser = Clients(clients.app, world).ada
        for page in ("/orders/?status=all", f"/orders/{order.reference}", "/dashboard/", "/audit/"):
            assert browser.get(page).status_code == 200, page
    assert clients.ada.get(f"/orders/{order.reference}").status_code == 200
    databases.act_as_at_commits()
    assert verify().fault is None


@pytest.mark.parametrize("jump", JUMPS, ids=str)
def test_what_was_to_be_sent_is_sent_whatever_the_clock_did(world: World, jump: timedelta) -> None:
    transact(
        lambda: create_webhook(
            world.ada.actor,
            world.northwind.id,
            url="https://hooks.example.com/",
            event_types=["order.submitted"],
        )
    )
    world.an_order()
    before, sent = utcnow(), []

    def run(name: str, moment: datetime, deliver: Callable[..., DeliveryResult]) -> None:
        with clock.at(moment):
            Worker(name, deliver=deliver).drain()

    class Killed(BaseException): ...

    def dies(*_: object) -> DeliveryResult:
        raise Killed

    def goes_well(task: object, _: object) -> DeliveryResult:
        sent.append(task)
        return DeliveryResult(True, "200")

    # A worker whose clock is ahead takes the message and dies over it; one whose clock is behind waits.
    with suppress(Killed):
        run("of another time", before + jump, dies)
    # By the right clock it is due as soon as both clocks have come past the lease.
    run("of now", max(before, before + jump) + 2 * LEASE, goes_well)
    rows = db.session.scalars(
        select(OutgoingMessage).where(OutgoingMessage.kind == MessageKind.WEBHOOK)
    ).all()
    assert {row.state for row in rows} == {"delivered"}
    assert len(rows) == 1
