"""What people may do about messages on their way out: send one again, and choose what mail they get."""

from __future__ import annotations

from hwadmin.clock import utcnow
from hwadmin.db.extensions import db
from hwadmin.domain.permissions import Actor, Permission, require
from hwadmin.errors import InvalidInput, NotFound, WrongState
from hwadmin.models import MessageKind, NewOrderMail, OutgoingMessage, Person
from hwadmin.operations.audit.outgoing_events import record_message_replayed
from hwadmin.operations.audit.people_events import record_new_order_mail_chosen
from hwadmin.queries.scope import find


def replay_message(actor: Actor, message_id: int) -> OutgoingMessage:
    """Send a message once more, the very same one; its receiver knows it by its id.

    A super-admin may send any again, a platform admin the webhook messages of their platforms.

    Raises:
        NotAllowed, NotFound: nothing was done.
        WrongState: it is still waiting, or its webhook is closed.
    """
    anything = actor.can(Permission.OUTGOING_REPLAY)
    if not anything:
        require(actor, Permission.WEBHOOKS_WRITE)
    message = find(actor, OutgoingMessage, message_id, lock=True)
    if not anything and message.kind is not MessageKind.WEBHOOK:
        raise NotFound("There is no such message.")
    if message.next_at is not None:
        raise WrongState("This message is still on its way; it is tried again by itself.")
    endpoint = message.endpoint
    if endpoint is not None and not endpoint.is_open:
        raise WrongState(
            f"The webhook to {endpoint.url} is {'deleted' if endpoint.deleted_at else 'disabled'}."
        )
    # The schedule starts anew.
    message.attempts = 0
    message.delivered_at = message.failed_at = message.last_error = None
    message.next_at = utcnow()
    record_message_replayed(actor, message)
    return message


def choose_new_order_mail(actor: Actor, choice: str) -> NewOrderMail:
    """Choose how to be told of new orders: at once, once a day, or not at all.

    Raises:
        NotAllowed: only super-admins are told of new orders.
        InvalidInput: there is no such choice.
    """
    require(actor, Permission.NEW_ORDER_MAIL)
    person = db.session.get(Person, actor.id) if actor.id is not None else None
    if person is None:
        raise NotFound("There is no such person.")
    try:
        mail_choice = NewOrderMail(choice)
    except ValueError:
        raise InvalidInput.at("new_order_mail", "Choose one of the three.") from None
    if person.new_order_mail is not mail_choice:
        before, person.new_order_mail = person.new_order_mail, mail_choice
        record_new_order_mail_chosen(actor, person, before=before)
    return mail_choice
