"""An order's history: who, when and why, what it looked like at any moment, and what changed between two."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import ClassVar

from flask import abort, request
from flask.typing import ResponseReturnValue
from flask_admin import expose

from hwadmin.clock import utcnow
from hwadmin.extensions import db
from hwadmin.models import HardwareOrder, order_id_of
from hwadmin.models import reference as reference_of
from hwadmin.operations.audit import KINDS
from hwadmin.permissions import Actor, Permission
from hwadmin.queries.history import UNSPOKEN, timeline
from hwadmin.queries.order_past import at_each, compared, moments_of
from hwadmin.queries.orders import visible_orders
from hwadmin.views.gate import current_actor

NAMES = {**KINDS, UNSPOKEN: "Order changed"}
_UNREADABLE = "Write a moment as a day and a time in UTC, such as 2026-11-21 14:05."


class OrderHistory:
    """The pages of what an order went through."""

    # Flask-Admin's.
    render: Callable[..., str]

    handlers: ClassVar[Mapping[str, Permission]] = {
        "history": Permission.ORDERS_READ,
        "then": Permission.ORDERS_READ,
        "compare": Permission.ORDERS_READ,
    }

    @expose("/<reference>/history")
    def history(self, reference: str) -> ResponseReturnValue:
        """The whole history of an order: who, when, why, old → new; all of it or of one kind."""
        actor = current_actor()
        order_id = _visible(actor, reference)
        entries = timeline(actor, order_id)
        kinds = Counter(entry.kind for entry in reversed(entries))
        kind = request.args.get("kind")
        return self.render(
            "admin/hw/orders/history.html",
            heading="History",
            reference=reference_of(order_id),
            entries=[entry for entry in entries if entry.kind == kind] if kind in kinds else entries,
            moments=entries,
            counts=kinds,
            kind=kind if kind in kinds else None,
            total=len(entries),
            kinds=NAMES,
            now=utcnow(),
        )

    @expose("/<reference>/history/then")
    def then(self, reference: str) -> ResponseReturnValue:
        """The order as it was at a moment."""
        actor = current_actor()
        order_id = _visible(actor, reference)
        said = request.args.get("at", "").strip()[:40]
        at = _moment(said) if said else utcnow()
        order = at_each(actor, order_id, [at])[0] if at else None
        first = None if order else moments_of(actor, order_id)[:1]
        return self.render(
            "admin/hw/orders/then.html",
            heading="As it was",
            reference=reference_of(order_id),
            order=order,
            at=at,
            said=said,
            first=first[0] if first else None,
            problem=None if at else _UNREADABLE,
        ), (200 if at else 422)

    @expose("/<reference>/history/compare")
    def compare(self, reference: str) -> ResponseReturnValue:
        """What was not the same at two moments."""
        actor = current_actor()
        order_id = _visible(actor, reference)
        typed = [request.args.get(name, "").strip()[:40] for name in ("from", "to")]
        moments = [_moment(one) if one else utcnow() for one in typed]
        problem = None if all(moments) else _UNREADABLE
        known = sorted(moment for moment in moments if moment)
        orders = [None, None] if problem else at_each(actor, order_id, known)
        before, after = orders
        return self.render(
            "admin/hw/orders/compare.html",
            heading="What changed in between",
            reference=reference_of(order_id),
            before=before,
            after=after,
            moments=known,
            comparison=compared(before, after) if before and after else None,
            entries=timeline(actor, order_id),
            kinds=NAMES,
            now=utcnow(),
            problem=problem,
        ), (422 if problem else 200)


def _visible(actor: Actor, said: str) -> int:
    """The key of the order an address names; 404 where the actor is not given it."""
    order_id = order_id_of(said)
    found = (
        None
        if order_id is None
        else db.session.scalars(
            visible_orders(actor).with_only_columns(HardwareOrder.id).where(HardwareOrder.id == order_id)
        ).one_or_none()
    )
    if found is None:
        abort(404)
    return found


def _moment(said: str) -> datetime | None:
    """A moment as an address or a form writes it, in UTC where it names no zone; None where it is none."""
    try:
        moment = datetime.fromisoformat(said)
        moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        return moment.astimezone(UTC)
    except (ValueError, OverflowError):
        return None
