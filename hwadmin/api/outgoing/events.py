"""The feed of everything that happened, for whoever missed a webhook."""

from __future__ import annotations

from collections.abc import Sequence

from hwadmin.api.calls import ApiRequest, call
from hwadmin.domain.permissions import Permission
from hwadmin.errors import InvalidInput
from hwadmin.queries.outgoing.feed import FeedEntry, FeedPlace, feed_after, read_feed_place
from hwadmin.schemas import request_models, response_models
from hwadmin.schemas.event_objects import EventObject, event_objects

# A page ends early rather than hold more units than this: an order may have thousands.
MAX_UNITS_PER_PAGE = 10_000


@call(
    "GET",
    "/events",
    Permission.ORDERS_READ,
    response_models.FeedPage,
    "Webhooks",
    query=request_models.FeedQuery,
)
def list_feed(request: ApiRequest) -> response_models.FeedPage:
    """List everything that happened, in order: the same objects as webhooks carry.

    Pass last on as after to go on from there, at once or tomorrow. Objects are shown as they are now; what
    is not there any more is left out. Without after, it begins with the oldest that is kept.
    """
    query: request_models.FeedQuery = request.query
    place = _place(query)
    entries, last, more = feed_after(
        request.actor, place, query.type.value if query.type else None, query.limit
    )
    items: list[response_models.FeedItemResponse] = []
    units, before = 0, place
    for entry, shown in _shown(request, entries):
        if isinstance(shown, response_models.OrderResponse):
            units += len(shown.units)
            if items and units > MAX_UNITS_PER_PAGE:
                last, more = before, True
                break
        before = entry.place
        if shown is not None:
            items.append(
                response_models.FeedItemResponse(
                    id=str(entry.place), type=entry.type, timestamp=entry.at, data=shown
                )
            )
    return response_models.FeedPage(items=items, next_cursor=str(last) if more else None, last=str(last))


def _place(query: request_models.FeedQuery) -> FeedPlace:
    text = query.cursor if query.cursor is not None else query.after
    if text is None:
        return FeedPlace()
    place = read_feed_place(text)
    if place is None:
        field = "cursor" if query.cursor is not None else "after"
        raise InvalidInput.at(field, "This is no position in the feed; send last or an item's id unchanged.")
    return place


def _shown(request: ApiRequest, entries: Sequence[FeedEntry]) -> list[tuple[FeedEntry, EventObject | None]]:
    """The entries, each with what it is about; None where that is not the reader's any more."""
    ids: dict[str, set[int]] = {}
    for entry in entries:
        ids.setdefault(_subject(entry), set()).add(entry.subject_id)
    objects = {subject: event_objects(request.actor, subject, keys) for subject, keys in ids.items()}
    return [(entry, objects[_subject(entry)].get(entry.subject_id)) for entry in entries]


def _subject(entry: FeedEntry) -> str:
    return entry.type.partition(".")[0]
