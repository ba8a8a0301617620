"""Internal notes on an order. The platform never learns of them, not even that there are any.

Their audit events therefore belong to the whole product, which super-admins alone may read, and do not
repeat what a note says.
"""

from __future__ import annotations

from hwadmin.clock import utcnow
from hwadmin.db.extensions import db
from hwadmin.domain.dates import format_datetime
from hwadmin.domain.permissions import Actor, Permission, require
from hwadmin.domain.row_ids import is_valid_id
from hwadmin.domain.text_validation import Problems
from hwadmin.errors import InvalidInput, NotFound, WrongState
from hwadmin.models import HardwareOrder, OrderNote
from hwadmin.operations.audit.order_events import record_note_added, record_note_removed
from hwadmin.queries.scope import find, visible

MAX_CHARACTERS = 4000


def add_note(actor: Actor, order_id: int, text: str | None) -> OrderNote:
    """Note something about an order, for super-admins and support alone.

    Raises:
        NotAllowed, NotFound, InvalidInput: nothing was noted.
    """
    require(actor, Permission.NOTES_WRITE)
    order = find(actor, HardwareOrder, order_id)
    problems = Problems()
    content = problems.text(
        "text", text, most=MAX_CHARACTERS, lines=True, required="Write what others should know."
    )
    if problems.errors:
        raise InvalidInput(problems.errors)
    note = OrderNote(
        order_id=order.id,
        platform_id=order.platform_id,
        text=content,
        author_id=actor.id,
        author_name=actor.name,
        created_at=utcnow(),
    )
    db.session.add(note)
    record_note_added(actor, order)
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
        if is_valid_id(note_id)
        else None
    )
    if note is None or not may_remove(actor, note):
        raise NotFound("There is no such note of yours to remove.")
    if note.removed_at is not None:
        raise WrongState(
            f"This note was removed by {note.removed_by_name} at {format_datetime(note.removed_at)}."
        )
    note.text, note.removed_at, note.removed_by_name = None, utcnow(), actor.name
    order = find(actor, HardwareOrder, note.order_id)
    record_note_removed(actor, order, author_name=note.author_name)
    return note


def may_remove(actor: Actor, note: OrderNote) -> bool:
    """Whether the actor may remove the note: their own, or any for those who may remove others'."""
    own = actor.id is not None and actor.id == note.author_id
    return own or actor.can(Permission.NOTES_REMOVE)
