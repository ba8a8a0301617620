"""Sending an order to a distributor: by a super-admin's own act, and never otherwise."""

from __future__ import annotations

import html
import json
from datetime import datetime
from decimal import Decimal

from hwadmin.clock import utcnow
from hwadmin.db.extensions import db
from hwadmin.domain.dates import format_datetime
from hwadmin.domain.event_kinds import EventType, MailType
from hwadmin.domain.lifecycle import OrderAction
from hwadmin.domain.money import money
from hwadmin.domain.permissions import Actor
from hwadmin.domain.text_validation import problem, tidied
from hwadmin.errors import InvalidInput, ProofNeeded
from hwadmin.models import Distributor, HardwareOrder, MessageKind, OutgoingMessage, Person
from hwadmin.operations.audit.placement_events import record_order_sent
from hwadmin.operations.catalog.distributors import fold
from hwadmin.operations.orders.placements import check_placement
from hwadmin.operations.orders.transition import lock_order_for, require_possible, transition
from hwadmin.operations.outgoing.events import publish
from hwadmin.queries.catalog.distributors import distributor_named
from hwadmin.queries.orders.purchase_orders import purchase_order_of
from hwadmin.rendering.purchase_order import (
    DistributorMail,
    PurchaseOrder,
    distributor_mail,
    document_of,
)


def send_order(
    actor: Actor,
    order_id: int,
    *,
    distributor: str | None,
    buyer: str | None = None,
    most: Decimal | None = None,
    expected_version: int | None = None,
) -> HardwareOrder:
    """Send an approved order to a distributor by mail, with its purchase order as PDF and CSV.

    The placement is recorded as sent; their number is still to come. Once an order is placed it is not sent
    again, however often this is asked for.

    Args:
        actor: who sends it.
        order_id: the order's key.
        distributor: the name of a distributor we know.
        buyer: who buys, name and address, where the deployment states it.
        most: what the order may cost at once, where the actor has not proven lately who they are.
        expected_version: the version the actor saw.

    Raises:
        ProofNeeded: it costs more.
        NotAllowed, NotFound, ChangedMeanwhile, WrongState, InvalidInput: nothing was sent.
    """
    order = lock_order_for(actor, order_id, OrderAction.SEND, expected_version)
    require_possible(order, OrderAction.SEND)
    _check_amount(order, most)
    receiver = distributor_for_mail(distributor)
    now = utcnow()
    mail, bought = compose(actor, order, receiver, buyer)
    values = check_placement(actor, {"distributor": receiver.name}, now, sent_to=receiver.email)
    transition(actor, order, OrderAction.SEND, values)
    db.session.add(_message(actor, order, mail, bought, now))
    record_order_sent(actor, order)
    publish(actor, EventType.ORDER_ORDERED, EventType.ORDER_PLACED, order=order)
    return order


def _message(
    actor: Actor, order: HardwareOrder, mail: DistributorMail, bought: PurchaseOrder, now: datetime
) -> OutgoingMessage:
    payload = {
        "text": mail.text,
        "html": f"<pre>{html.escape(mail.text)}</pre>",
        "reply_to": mail.reply_to,
        "purchase_order": document_of(bought),
        "made": f"made {format_datetime(now)} by {actor.name}",
    }
    return OutgoingMessage(
        # With the version: an order that was reopened may be sent anew.
        uid=f"purchase-order-{order.id}-{order.version}",
        kind=MessageKind.MAIL,
        type=MailType.PURCHASE_ORDER.value,
        platform_id=order.platform_id,
        order_id=order.id,
        recipient=mail.recipient,
        subject=mail.subject,
        payload=json.dumps(payload),
        created_at=now,
        next_at=now,
    )


def _check_amount(order: HardwareOrder, most: Decimal | None) -> None:
    if most is not None and order.total_now > most:
        raise ProofNeeded(
            f"{order.reference} costs {money(order.total_now, order.platform.currency)}. Above "
            f"{money(most, order.platform.currency)} only somebody who has just confirmed who they are "
            "can send it, or a token that may send any amount."
        )


def distributor_for_mail(name: str | None) -> Distributor:
    """The distributor of this name, who takes orders by mail.

    Raises:
        InvalidInput: there is none, or it takes none.
    """
    name = tidied(name)
    receiver = distributor_named(fold(name)) if name and problem(name, most=120) is None else None
    if receiver is None or receiver.archived_at is not None:
        raise InvalidInput.at("distributor", "Choose one of the distributors offered.")
    if receiver.email is None:
        raise InvalidInput.at(
            "distributor",
            f"{receiver.name} has no e-mail address for orders. Enter one, or order there yourself.",
        )
    return receiver


def compose(
    actor: Actor, order: HardwareOrder, receiver: Distributor, buyer: str | None
) -> tuple[DistributorMail, PurchaseOrder]:
    """The mail to a distributor as it would be sent now, and the purchase order attached to it.

    Raises:
        WrongState: nothing is bought for the order.
    """
    bought = purchase_order_of(order, buyer, receiver)
    person = db.session.get(Person, actor.id) if actor.id is not None else None
    assert receiver.email is not None
    mail = distributor_mail(
        bought,
        recipient=receiver.email,
        sender=actor.name,
        reply_to=person.email if person is not None else None,
    )
    return mail, bought
