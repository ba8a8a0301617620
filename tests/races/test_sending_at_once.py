"""Several send, mark or copy one order at the same moment: it is placed once, and in the basket once."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import func, select

from hwadmin.db.extensions import db
from hwadmin.db.unit_of_work import transact
from hwadmin.domain.event_kinds import MailType
from hwadmin.domain.ordering.basket import read
from hwadmin.domain.permissions import Actor
from hwadmin.models import Basket, OutgoingMessage
from hwadmin.operations.catalog.distributors import DistributorFacts, create_distributor
from hwadmin.operations.ordering.copies import copy_to_basket
from hwadmin.operations.orders.decisions import mark_ordered
from hwadmin.operations.orders.sending import send_order
from tests.builders import World
from tests.races.callers import Action, Callers
from tests.races.rows import a_world, counts_are_right, event_kinds, inside

pytestmark = pytest.mark.both_databases


def confirm(actor: Actor, order_id: int) -> str:
    transact(lambda: send_order(actor, order_id, distributor="Voxport"))
    return "sent"


def mark(actor: Actor, order_id: int) -> str:
    transact(lambda: mark_ordered(actor, order_id, distributor="Cooper"))
    return "marked"


def copy(actor: Actor, order_id: int) -> bool:
    return transact(lambda: copy_to_basket(actor, order_id)).again


def approved_order(app: Flask, world: World) -> tuple[int, Actor]:
    """An order that can be sent to a distributor, and who may."""
    with a_world(app, world):
        facts = DistributorFacts("Voxport", "orders@voxport.example")
        transact(lambda: create_distributor(world.ada.actor, facts))
        return world.an_order("approved").id, world.ada.actor


def mails_to_distributors(app: Flask) -> int:
    messages = OutgoingMessage.__table__
    with app.app_context():
        sent = db.session.connection().execute(
            select(func.count()).where(messages.c.type == MailType.PURCHASE_ORDER.value)
        )
        return int(sent.scalar_one())


def test_of_nine_who_confirm_one_sends(own_app: Flask, nine: Callers) -> None:
    order_id, ada = approved_order(own_app, World())
    results = nine.all_at_once([Action(ada, confirm, (order_id,))] * 9)
    assert sorted(result.outcome for result in results) == ["WrongState"] * 8 + ["done"]
    assert event_kinds(own_app, order_id)["order.sent"] == 1
    counts_are_right(own_app)
    assert mails_to_distributors(own_app) == 1


def test_what_is_sent_and_marked_at_once_is_placed_once_and_copied_once(
    own_app: Flask, nine: Callers
) -> None:
    order_id, ada = approved_order(own_app, World())
    results = nine.all_at_once([Action(ada, (confirm, mark)[at % 2], (order_id,)) for at in range(9)])
    assert sorted(result.outcome for result in results) == ["WrongState"] * 8 + ["done"]
    (how,) = [result.value for result in results if result.outcome == "done"]
    assert mails_to_distributors(own_app) == (1 if how == "sent" else 0)
    copied = nine.all_at_once([Action(ada, copy, (order_id,))] * 9)
    assert sorted(str(result.value) for result in copied) == ["False", *["True"] * 8], copied
    with inside(own_app):
        content, _ = read(db.session.scalars(select(Basket)).one().content)
        assert len(content.lines) == 1
