"""Internal notes on an order. The platform never learns of them, not even that there are any.

Their audit events therefore belong to the whole product, which super-admins alone may read, and do not
repeat what a note says.
"""

from __future__ import annotations

from hwadmin.clock import utcnow
from hwadmin.errors import InvalidInput, NotFound, WrongState
from hwadmin.extensions import db
from hwadmin.models import HardwareOrder, OrderNote
from hwadmin.operations import audit
from hwadmin.operations._transition import spoken
from hwadmin.operations.platforms import find
from hwadmin.permissions import Actor, Permission, require
from hwadmin.queries.scope import visible
from hwadmin.texts import Problems

MOST_CHARACTERS = 4000


def add_note(actor: Actor, order_id: int, text: str | None) -> OrderNote:
    """Note something about an order, for super-admins and support alone.

    Raises:
        NotAllowed, NotFound, InvalidInput: nothing was noted.
    """
    require(actor, Permission.NOTES_WRITE)
    order = find(actor, HardwareOrder, order_id)
    problems = Problems()
    said = problems.text(
        "text", text, most=MOST_CHARACTERS, lines=True, required="Write what others should know."
    )
    if problems.errors:
        raise InvalidInput(problems.errors)
    note = OrderNote(
        order_id=order.id,
        platform_id=order.platform_id,
        text=said,
        author_id=actor.id,
        author_name=actor.name,
        created_at=utcnow(),
    )
    db.session.add(note)
    audit.record(actor, "order.note_added", f"Added an internal note to {order.reference}", order=order)
    return note


def remove_note(actor: Actor, note_id: int) -> OrderNote:
    """Remove a note: its text is gone for good, that there was one is not.

    Whoever wrote it may, and a super-admin.

    Raises:
        NotAllowed, NotFound, WrongState: nothing was removed.
    """
    require(actor, Permission.NOTES_WRITE)
    note = (
        db.session.scalars(
            visible(actor, OrderNote)
            .where(OrderNote.id == note_id)
            .with_for_update()
            .execution_options(populate_existing=True)
        ).one_or_none()
        if 0 < note_id < 2**63
        else None
    )
    if note is None or not may_remove(actor, note):
        raise NotFound("There is no such note of yours to remove.")
    if note.removed_at is not None:
        raise WrongState(f"This note was removed by {note.removed_by_name} at {spoken(note.removed_at)}.")
    note.text, note.removed_at, note.removed_by_name = None, utcnow(), actor.name
    order = find(actor, HardwareOrder, note.order_id)
    audit.record(
        actor,
        "order.note_removed",
        f"Removed an internal note of {note.author_name} from {order.reference}",
        order=order,
    )
    return note


def may_remove(actor: Actor, note: OrderNote) -> bool:
    """Whether the actor may remove the note: their own, or any for those who may remove others'."""
    own = actor.id is not None and actor.id == note.author_id
    return own or actor.can(Permission.NOTES_REMOVE)
