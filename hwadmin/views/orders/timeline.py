"""An order's history: who, when and why, what it looked like at any moment, and what changed between two."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime

from flask import request
from flask.typing import ResponseReturnValue
from flask_admin import expose

from hwadmin.clock import utcnow
from hwadmin.domain.dates import zone
from hwadmin.domain.event_kinds import AuditKind
from hwadmin.domain.permissions import Permission
from hwadmin.models import reference as reference_of
from hwadmin.queries.orders.history.as_of import moments_of, snapshots_at
from hwadmin.queries.orders.history.comparison import comparison_of
from hwadmin.queries.orders.history.timeline import UNRECORDED, timeline
from hwadmin.views.orders.lookups import visible_order_id_or_404
from hwadmin.web.access import current_actor
from hwadmin.web.admin_views import GuardedView

KIND_LABELS = {**AuditKind.labels(), UNRECORDED: "Order changed"}
_UNREADABLE = "Write a moment as a day and a time, such as 2026-11-21 14:05."


class OrderTimelineView(GuardedView):
    """The history of an order, the order at any moment, and two moments compared."""

    permissions = {
        "history": Permission.ORDERS_READ,
        "then": Permission.ORDERS_READ,
        "compare": Permission.ORDERS_READ,
    }

    def __init__(self) -> None:
        super().__init__(endpoint="order_timeline", url="/orders")

    @expose("/<reference>/history")
    def history(self, reference: str) -> ResponseReturnValue:
        """The whole history of an order: who, when, why, old → new; all of it or of one kind."""
        actor = current_actor()
        order_id = visible_order_id_or_404(actor, reference)
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
            kinds=KIND_LABELS,
            now=utcnow(),
        )

    @expose("/<reference>/history/then")
    def then(self, reference: str) -> ResponseReturnValue:
        """The order as it was at a moment."""
        actor = current_actor()
        order_id = visible_order_id_or_404(actor, reference)
        text = request.args.get("at", "").strip()[:40]
        at = _read_moment(text) if text else utcnow()
        order = snapshots_at(actor, order_id, [at])[0] if at else None
        first = None if order else moments_of(actor, order_id)[:1]
        return self.render(
            "admin/hw/orders/as_of.html",
            heading="As it was",
            reference=reference_of(order_id),
            order=order,
            at=at,
            text=text,
            first=first[0] if first else None,
            now=utcnow(),
            problem=None if at else _UNREADABLE,
        ), (200 if at else 422)

    @expose("/<reference>/history/compare")
    def compare(self, reference: str) -> ResponseReturnValue:
        """What changed between two moments."""
        actor = current_actor()
        order_id = visible_order_id_or_404(actor, reference)
        texts = [request.args.get(name, "").strip()[:40] for name in ("from", "to")]
        moments = [_read_moment(text) if text else utcnow() for text in texts]
        problem = None if all(moments) else _UNREADABLE
        known = sorted(moment for moment in moments if moment)
        before, after = [None, None] if problem else snapshots_at(actor, order_id, known)
        return self.render(
            "admin/hw/orders/compare.html",
            heading="What changed in between",
            reference=reference_of(order_id),
            before=before,
            after=after,
            moments=known,
            comparison=comparison_of(before, after) if before and after else None,
            entries=timeline(actor, order_id),
            kinds=KIND_LABELS,
            now=utcnow(),
            problem=problem,
        ), (422 if problem else 200)


def _read_moment(text: str) -> datetime | None:
    """A moment as an address or a form states it, in the reader's time where it names no zone; or None."""
    try:
        moment = datetime.fromisoformat(text)
        moment = moment if moment.tzinfo else moment.replace(tzinfo=zone())
        return moment.astimezone(UTC)
    except (ValueError, OverflowError):
        return None
