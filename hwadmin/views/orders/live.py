"""What others changed of orders meanwhile: a cheap question that an open page asks every few seconds."""

from __future__ import annotations

import hashlib
from typing import Any

from flask import Response, jsonify, request
from flask_admin import expose
from flask_login import current_user

from hwadmin.domain.permissions import Actor, Permission
from hwadmin.queries.audit.order_changes import OrderChange, latest_change_ids, latest_changes
from hwadmin.views.orders.timeline import KIND_LABELS
from hwadmin.web import layout
from hwadmin.web.access import current_actor
from hwadmin.web.admin_views import GuardedView


class OrderChangesView(GuardedView):
    """The latest changes of orders, for scripts."""

    permissions = {"changes": Permission.ORDERS_READ}

    def __init__(self) -> None:
        super().__init__(endpoint="order_changes", url="/orders")

    @expose("/changes")
    def changes(self) -> Response:
        """The latest changes and the badges of the menu; 304 where nothing is new since the last answer."""
        newest_event, known_tags = f"{current_user.newest_event}", request.if_none_match.as_set()
        # Read along with the session: where nothing happened since, no order has to be asked about.
        if any(tag.partition(".")[0] == newest_event for tag in known_tags):
            return Response(status=304)
        actor = current_actor()
        change_ids = latest_change_ids(actor)
        digest = hashlib.blake2s(repr(change_ids).encode(), digest_size=12).hexdigest()
        if any(tag.partition(".")[2] == digest for tag in known_tags):
            answer = Response(status=304)
        else:
            answer = jsonify(
                changes=[_described(change, actor) for change in latest_changes(actor, change_ids)],
                badges=_badges(actor),
            )
        answer.set_etag(f"{newest_event}.{digest}")
        return answer


def _described(change: OrderChange, actor: Actor) -> dict[str, Any]:
    return {
        "id": change.id,
        "order": change.reference,
        "by": change.actor_name,
        "own": change.actor_id is not None and change.actor_id == actor.id,
        "what": KIND_LABELS.get(change.kind, change.kind),
    }


def _badges(actor: Actor) -> dict[str, int]:
    """The numbers at the lines of the menu, by the address each leads to."""
    items = [item for group in layout.navigation(actor) for item in group["items"]]
    numbers = {item["url"]: item["badge"] for item in items} | {
        item["to_be_placed_url"]: item["to_be_placed"] for item in items
    }
    return {address: number for address, number in numbers.items() if number is not None}
