"""Whole pages of orders, accounts and catalog items by key, in as many statements for fifty as for one."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from sqlalchemy import ColumnElement
from sqlalchemy.orm import joinedload, raiseload, selectinload

from hwadmin.extensions import db
from hwadmin.models import Account, AuditEvent, CatalogItem, Employee, HardwareOrder, Location
from hwadmin.permissions import Actor
from hwadmin.queries.orders import visible_orders
from hwadmin.queries.scope import visible

_ORDER_LOADING = (
    joinedload(HardwareOrder.platform),
    joinedload(HardwareOrder.account),
    selectinload(HardwareOrder.lines).raiseload("*"),
    raiseload("*"),
)


def whole_order(actor: Actor, order_id: int) -> HardwareOrder | None:
    """One order with its platform, account and lines; None where the actor is not given it."""
    return db.session.scalars(
        visible_orders(actor).where(HardwareOrder.id == order_id).options(*_ORDER_LOADING)
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
    return db.session.scalars(
        visible_orders(actor).where(HardwareOrder.id == order_id).with_only_columns(HardwareOrder.version)
    ).one_or_none()


def order_events(actor: Actor, order_id: int, *, after: int, limit: int) -> Sequence[AuditEvent]:
    """What was done to an order, oldest first; ``after`` is the last key seen."""
    return db.session.scalars(
        visible(actor, AuditEvent)
        .where(AuditEvent.order_id == order_id, AuditEvent.id > after)
        .order_by(AuditEvent.id)
        .limit(limit)
    ).all()


def whole_accounts(
    actor: Actor, *conditions: ColumnElement[bool], after: int = 0, limit: int | None = None
) -> Sequence[Account]:
    """Accounts with their platform, in the order they were made; ``after`` is the last key seen."""
    return db.session.scalars(
        visible(actor, Account)
        .where(*conditions, Account.id > after)
        .order_by(Account.id)
        .limit(limit)
        .options(joinedload(Account.platform), raiseload("*"))
    ).all()


def present_locations(
    actor: Actor, account_ids: Collection[int], *, after: int = 0, limit: int | None = None
) -> Sequence[Location]:
    """The sites of these accounts that are not gone, by key."""
    return db.session.scalars(
        visible(actor, Location)
        .where(Location.account_id.in_(account_ids), Location.archived_at.is_(None), Location.id > after)
        .order_by(Location.id)
        .limit(limit)
    ).all()


def present_employees(
    actor: Actor, account_ids: Collection[int], *, after: int = 0, limit: int | None = None
) -> Sequence[Employee]:
    """The people on these accounts who have not left, by key."""
    return db.session.scalars(
        visible(actor, Employee)
        .where(Employee.account_id.in_(account_ids), Employee.deactivated_at.is_(None), Employee.id > after)
        .order_by(Employee.id)
        .limit(limit)
    ).all()


def catalog_items(
    actor: Actor, *conditions: ColumnElement[bool], after: int, limit: int
) -> Sequence[CatalogItem]:
    """What can be ordered, by key."""
    return db.session.scalars(
        visible(actor, CatalogItem)
        .where(*conditions, CatalogItem.archived_at.is_(None), CatalogItem.id > after)
        .order_by(CatalogItem.id)
        .limit(limit)
    ).all()
