"""Orders with everything that pages, the API and mails show of them, by key and page by page."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

from sqlalchemy import ColumnElement, Select, bindparam, select
from sqlalchemy.orm import joinedload, raiseload, selectinload

from hwadmin.db.extensions import db
from hwadmin.db.quick_sql import read_rows
from hwadmin.domain.permissions import Actor
from hwadmin.models import AuditEvent, HardwareOrder, LineItem
from hwadmin.queries.orders.orders import visible_orders
from hwadmin.queries.scope import given, visible, within_given

_ORDER_LOADING = (
    joinedload(HardwareOrder.platform),
    joinedload(HardwareOrder.account),
    joinedload(HardwareOrder.ship_to),
    selectinload(HardwareOrder.lines).raiseload("*"),
    raiseload("*"),
)


def whole_order(actor: Actor, order_id: int) -> HardwareOrder | None:
    """One order with its platform, account and lines; None where the actor has no access to it."""
    return db.session.scalars(
        visible_orders(actor).where(HardwareOrder.id == order_id).options(*_ORDER_LOADING)
    ).one_or_none()


def detailed_order(actor: Actor, order_id: int) -> HardwareOrder | None:
    """One order as its pages show it: with where it goes and the items of its lines, too."""
    return db.session.scalars(
        visible_orders(actor)
        .where(HardwareOrder.id == order_id)
        .options(
            joinedload(HardwareOrder.account),
            joinedload(HardwareOrder.platform),
            joinedload(HardwareOrder.ship_to),
            selectinload(HardwareOrder.lines).joinedload(LineItem.catalog_item),
            raiseload("*"),
        )
        # A refused operation may have left the order in the session as it was before.
        .execution_options(populate_existing=True)
    ).one_or_none()


def whole_orders(
    actor: Actor, *conditions: ColumnElement[bool], before: int | None, limit: int
) -> Sequence[HardwareOrder]:
    """Orders with their platform, account and lines, newest first; ``before`` is the last key seen."""
    query = visible_orders(actor).where(*conditions)
    if before is not None:
        query = query.where(HardwareOrder.id < before)
    return db.session.scalars(
        query.order_by(HardwareOrder.id.desc()).limit(limit).options(*_ORDER_LOADING)
    ).all()


def order_version(actor: Actor, order_id: int) -> int | None:
    """The present version of an order."""
    rows = read_rows(_version_statement(actor.platform_ids is None), order=order_id, **given(actor))
    return rows[0][0] if rows else None


@cache
def _version_statement(everything: bool) -> Select[int]:
    return select(HardwareOrder.version).where(
        within_given(everything, HardwareOrder), HardwareOrder.id == bindparam("order")
    )


def order_events(actor: Actor, order_id: int, *, after: int, limit: int) -> Sequence[AuditEvent]:
    """The audit events of an order, oldest first; ``after`` is the last key seen."""
    return db.session.scalars(
        visible(actor, AuditEvent)
        .where(AuditEvent.order_id == order_id, AuditEvent.id > after)
        .order_by(AuditEvent.id)
        .limit(limit)
    ).all()
