"""What others changed of an order since somebody saw it, for a page that keeps what they typed."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select

from hwadmin.db.extensions import db
from hwadmin.domain.permissions import Actor
from hwadmin.models import HardwareOrder
from hwadmin.queries.orders.history.descriptions import OrderVersion, location_names, quote_value
from hwadmin.queries.orders.history.timeline import TimelineEntry, timeline_since
from hwadmin.queries.scope import within


@dataclass(frozen=True, slots=True)
class ConcurrentChanges:
    """What happened to an order since a version of it was seen."""

    # Newest first.
    entries: list[TimelineEntry] = field(default_factory=list)
    # Column → what it was and what it is now, in words.
    columns: dict[str, tuple[str, str]] = field(default_factory=dict)


def changes_since(
    actor: Actor, order: HardwareOrder, version: int, columns: Collection[str] = ()
) -> ConcurrentChanges:
    """What others did to an order since its version was the one that was seen.

    Args:
        actor: who asks.
        order: the order as it is now.
        version: the version that was seen; what is no version of this order counts as the nearest one.
        columns: columns of the order whose former values are compared with the present ones.
    """
    version = max(0, min(version, order.version))
    seen = db.session.execute(
        select(OrderVersion.__table__)
        .select_from(OrderVersion)
        .where(within(actor, OrderVersion), OrderVersion.id == order.id, OrderVersion.version <= version)
        .order_by(OrderVersion.version.desc())
        .limit(1)
    ).one_or_none()
    if seen is None:
        return ConcurrentChanges()
    former = {name: seen._mapping[name] for name in columns}
    changed = {name: value for name, value in former.items() if value != getattr(order, name)}
    names = _names(order, seen) if "ship_to_location_id" in changed else {}
    return ConcurrentChanges(
        timeline_since(actor, order.id, seen.transaction_id),
        {
            name: (quote_value(name, value, names), quote_value(name, getattr(order, name), names))
            for name, value in changed.items()
        },
    )


def _names(order: HardwareOrder, seen: Any) -> dict[int, str]:
    return location_names([order, seen])
