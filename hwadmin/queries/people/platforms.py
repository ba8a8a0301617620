"""Reading platforms."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

from sqlalchemy import ColumnElement, Select, func, select

from hwadmin.db.extensions import db
from hwadmin.db.quick_sql import read_rows
from hwadmin.domain.permissions import Actor
from hwadmin.models import Account, CatalogItem, Platform
from hwadmin.queries.scope import given, visible, within, within_given


def platform_names(actor: Actor) -> Sequence[tuple[int, str]]:
    """The key and name of each platform the actor has access to, by name."""
    rows: Sequence[tuple[int, str]] = read_rows(_names_statement(actor.platform_ids is None), **given(actor))
    return rows


@cache
def _names_statement(everything: bool) -> Select[int, str]:
    return (
        select(Platform.id, Platform.name).where(within_given(everything, Platform)).order_by(Platform.name)
    )


def platforms_after(
    actor: Actor, after: int, limit: int, *conditions: ColumnElement[bool]
) -> Sequence[Platform]:
    """The platforms an actor is given, under these conditions, by key; ``after`` is the last key seen."""
    query = visible(actor, Platform).where(Platform.id > after, *conditions)
    return db.session.scalars(query.order_by(Platform.id).limit(limit)).all()


def rows_per_platform(
    actor: Actor, model: type[Account] | type[CatalogItem], platform_ids: Sequence[int]
) -> dict[int, int]:
    """How many accounts, or catalog items, each of these platforms has; those that have none are left out."""
    rows = db.session.execute(
        select(model.platform_id, func.count(model.id).label("number"))
        .where(within(actor, model), model.platform_id.in_(platform_ids))
        .group_by(model.platform_id)
    )
    return {row.platform_id: row.number for row in rows}
