"""Nine confirm at the same moment that one order is sent: it is sent once."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import func, select

from hwadmin.db.extensions import db
from hwadmin.db.unit_of_work import transact
from hwadmin.domain.event_kinds import MailType
from hwadmin.domain.permissions import Actor
from hwadmin.models import OutgoingMessage
from hwadmin.operations.catalog.distributors import DistributorFacts, create_distributor
from hwadmin.operations.orders.sending import send_order
from tests.builders import World
from tests.races.callers import Action, Callers
from tests.races.rows import a_world, counts_are_right, event_kinds

pytestmark = pytest.mark.both_databases


def confirm(actor: Actor, order_id: int) -> str:
    transact(lambda: send_order(actor, order_id, distributor="Voxport"))
    return "sent"


def test_of_nine_who_confirm_one_sends(own_app: Flask, nine: Callers) -> None:
    world = World()
    with a_world(own_app, world):
        facts = DistributorFacts("Voxport", "orders@voxport.example")
        transact(lambda: create_distributor(world.ada.actor, facts))
        order_id, ada = world.an_order("approved").id, world.ada.actor
    results = nine.all_at_once([Action(ada, confirm, (order_id,))] * 9)
    assert sorted(result.outcome for result in results) == ["WrongState"] * 8 + ["done"]
    assert event_kinds(own_app, order_id)["order.sent"] == 1
    counts_are_right(own_app)
    messages = OutgoingMessage.__table__
    with own_app.app_context():
        sent = db.session.connection().execute(
            select(func.count()).where(messages.c.type == MailType.PURCHASE_ORDER.value)
        )
        assert sent.scalar_one() == 1
