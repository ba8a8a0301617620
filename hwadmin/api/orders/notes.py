"""Internal notes on an order; a platform never learns of them."""

from __future__ import annotations

from hwadmin.api.calls import ApiRequest, call
from hwadmin.api.lookups import get_order_or_404, row_id
from hwadmin.api.orders.orders import order_id_as_seen
from hwadmin.api.paging import each, last_id_of, page_of
from hwadmin.db.extensions import db
from hwadmin.domain.permissions import Permission
from hwadmin.operations.orders import notes
from hwadmin.queries.orders.notes import notes_of
from hwadmin.schemas import request_models, response_models, serializers


@call(
    "GET",
    "/orders/<reference>/notes",
    Permission.NOTES_READ,
    response_models.NotePage,
    "Orders",
    query=request_models.Paged,
)
def list_notes(request: ApiRequest, reference: str) -> response_models.NotePage:
    """List the internal notes on an order, oldest first; the text of a removed one is null."""
    order, limit = get_order_or_404(request.actor, reference), request.query.limit
    after = last_id_of("notes", request.query.cursor) or 0
    rows = [note for note in notes_of(request.actor, order.id) or () if note.id > after]
    return page_of(response_models.NotePage, "notes", rows, limit, each(serializers.note))


@call(
    "POST",
    "/orders/<reference>/notes",
    Permission.NOTES_WRITE,
    response_models.NoteResponse,
    "Orders",
    body=request_models.NewNoteRequest,
    body_required=True,
    status=201,
    conditional=True,
    stateless=True,
)
def add_note(request: ApiRequest, reference: str) -> response_models.NoteResponse:
    """Note something about an order, for super-admins and support alone."""
    new: request_models.NewNoteRequest = request.body
    note = notes.add_note(request.actor, order_id_as_seen(request, reference), new.text)
    db.session.flush()
    return serializers.note(note)


@call(
    "DELETE",
    "/notes/<note_id>",
    Permission.NOTES_WRITE,
    response_models.NoteResponse,
    "Orders",
    conflicts=True,
)
def remove_note(request: ApiRequest, note_id: str) -> response_models.NoteResponse:
    """Remove a note: its text is gone for good, that there was one is not.

    Whoever wrote it may, and a super-admin.
    """
    return serializers.note(notes.remove_note(request.actor, row_id(note_id)))
