"""What waits longer than it should, and who has to see to it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, func, select

from hwadmin.db.extensions import db
from hwadmin.domain.orders.waiting import WaitsFor, deadlines_of
from hwadmin.domain.permissions import Actor
from hwadmin.models import HardwareOrder, Person
from hwadmin.queries.orders.order_rows import OrderRow, order_rows
from hwadmin.queries.orders.orders import MAX_COUNTED, late, overdue
from hwadmin.queries.scope import within

# The deadlines of a platform as they are stored.
Deadlines = Mapping[str, Any] | None


def late_orders(actor: Actor, platform_id: int | None = None, *, limit: int) -> list[OrderRow]:
    """The orders that are late, the latest first."""
    some = select(HardwareOrder.id).where(*_conditions(actor, platform_id), late())
    some = some.order_by(HardwareOrder.due_at, HardwareOrder.id).limit(limit)
    return order_rows(some, [HardwareOrder.due_at.asc(), HardwareOrder.id.asc()])


def late_and_overdue(actor: Actor, platform_id: int | None = None) -> tuple[int | None, int]:
    """How many orders are late, None for more than anybody counts; and how many are overdue."""
    conditions = _conditions(actor, platform_id)
    some = select(HardwareOrder.id).where(*conditions, late()).limit(MAX_COUNTED + 1).subquery()
    lates = select(func.count()).select_from(some).scalar_subquery()
    overdues = select(func.count(HardwareOrder.id)).where(*conditions, overdue()).scalar_subquery()
    late_number, overdue_number = db.session.execute(select(lates, overdues)).one()
    return (late_number if late_number <= MAX_COUNTED else None), overdue_number


def _conditions(actor: Actor, platform_id: int | None) -> list[ColumnElement[bool]]:
    conditions = [within(actor, HardwareOrder)]
    return conditions if platform_id is None else [*conditions, HardwareOrder.platform_id == platform_id]


def owners_of(waits: Iterable[tuple[WaitsFor | None, Deadlines]]) -> list[str]:
    """Who has to see to each of these; empty for what waits for nothing.

    Whoever a platform named and who is not let in any more is nobody to wait for.
    """
    waits = list(waits)
    keys = [deadlines_of(rules)[what].owner_id if what else None for what, rules in waits]
    names = _active_people([key for key in keys if key is not None])
    return [
        names.get(key or 0, what.default_owner) if what else ""
        for (what, _), key in zip(waits, keys, strict=True)
    ]


def _active_people(keys: Sequence[int]) -> dict[int, str]:
    if not keys:
        return {}
    rows = db.session.execute(
        select(Person.id, Person.name).where(Person.id.in_(set(keys)), Person.disabled_at.is_(None))
    )
    return {key: name for key, name in rows}  # noqa: C416  A row is no pair to the type checker.
