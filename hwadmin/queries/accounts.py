"""Reading platforms and accounts: what there is to choose from, search by name, and what an account has."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, func, or_, select, true

from hwadmin.extensions import db
from hwadmin.lifecycle import OrderStatus
from hwadmin.models import Account, Device, Employee, HardwareOrder, Location, Platform
from hwadmin.permissions import Actor
from hwadmin.queries.scope import visible, within
from hwadmin.queries.words import pattern, words_of

_OPEN = (OrderStatus.SUBMITTED, OrderStatus.APPROVED)


def patterns(text: str) -> list[str]:
    """A LIKE pattern for each word of a search, with what LIKE reads specially made plain (escape ``\\``)."""
    return [pattern(word) for word in words_of(text)]


def named(pattern: str) -> ColumnElement[bool]:
    """The condition that an account's own or its platform's name holds the pattern.

    Names of platforms are looked up first: an OR over two joined tables would use no index.
    """
    platforms = select(Platform.id).where(Platform.name.ilike(pattern, escape="\\"))
    return or_(Account.name.ilike(pattern, escape="\\"), Account.platform_id.in_(platforms))


def account_search(text: str) -> ColumnElement[bool]:
    """The condition that every word is part of the account's or its platform's name."""
    return and_(true(), *(named(pattern) for pattern in patterns(text)))


def platform_choices(actor: Actor) -> list[tuple[str, str]]:
    """The platforms the actor is given, as choices of a form or a filter."""
    rows = db.session.execute(
        select(Platform.id, Platform.name).where(within(actor, Platform)).order_by(Platform.name, Platform.id)
    )
    return [(str(row.id), row.name) for row in rows]


def accounts_like(actor: Actor, text: str, *, limit: int = 10) -> list[tuple[int, str, str]]:
    """Accounts for a type-ahead: key, name, platform's name."""
    rows = db.session.execute(
        select(Account.id, Account.name, Platform.name)
        .join(Platform, Platform.id == Account.platform_id)
        .where(within(actor, Account), account_search(text))
        .order_by(Account.name, Account.id)
        .limit(limit)
    )
    return [(row[0], row[1], row[2]) for row in rows]


@dataclass(frozen=True, slots=True)
class Possessions:
    """How much an account has."""

    devices: int = 0
    employees: int = 0
    locations: int = 0
    orders: int = 0
    open_orders: int = 0
    awaited: int = 0


def possessions(actor: Actor, account_ids: Collection[int]) -> dict[int, Possessions]:
    """How much each of these accounts has, in as many statements for fifty as for one."""
    if not account_ids:
        return {}

    def counted(
        model: type[Device] | type[Employee] | type[Location], *holds: ColumnElement[bool]
    ) -> dict[int, int]:
        rows = db.session.execute(
            select(model.account_id, func.count(model.id))
            .where(within(actor, model), model.account_id.in_(account_ids), *holds)
            .group_by(model.account_id)
        )
        return {row[0]: row[1] for row in rows}

    is_open = HardwareOrder.status.in_(_OPEN)
    awaited = HardwareOrder.fulfillable_units - HardwareOrder.fulfilled_units
    orders = {
        row[0]: row
        for row in db.session.execute(
            select(
                HardwareOrder.account_id,
                func.count(HardwareOrder.id),
                func.count(HardwareOrder.id).filter(is_open),
                func.sum(awaited).filter(HardwareOrder.status == OrderStatus.APPROVED),
            )
            .where(within(actor, HardwareOrder), HardwareOrder.account_id.in_(account_ids))
            .group_by(HardwareOrder.account_id)
        )
    }
    devices = counted(Device, Device.retired_at.is_(None))
    employees = counted(Employee, Employee.deactivated_at.is_(None))
    locations = counted(Location, Location.archived_at.is_(None))
    return {
        key: Possessions(
            devices=devices.get(key, 0),
            employees=employees.get(key, 0),
            locations=locations.get(key, 0),
            orders=orders[key][1] if key in orders else 0,
            open_orders=orders[key][2] if key in orders else 0,
            # A sum is a Decimal on PostgreSQL.
            awaited=int(orders[key][3] or 0) if key in orders else 0,
        )
        for key in account_ids
    }


def locations_of(actor: Actor, account_id: int, *, archived: bool = False) -> Sequence[Location]:
    """The sites of an account, those archived only if asked for."""
    query = visible(actor, Location).where(Location.account_id == account_id)
    if not archived:
        query = query.where(Location.archived_at.is_(None))
    return db.session.scalars(
        query.order_by(Location.archived_at.is_not(None), Location.name, Location.id)
    ).all()


def employees_of(
    actor: Actor, account_id: int, *, deactivated: bool = False, limit: int | None = None, offset: int = 0
) -> Sequence[Employee]:
    """The people on an account by name, those who left only if asked for, and then last."""
    query = visible(actor, Employee).where(Employee.account_id == account_id)
    if not deactivated:
        query = query.where(Employee.deactivated_at.is_(None))
    query = query.order_by(Employee.deactivated_at.is_not(None), Employee.name, Employee.id)
    return db.session.scalars(query.limit(limit).offset(offset)).all()


def orders_of(actor: Actor, account_id: int, *, limit: int) -> Sequence[HardwareOrder]:
    """The latest hardware orders of an account."""
    return db.session.scalars(
        visible(actor, HardwareOrder)
        .where(HardwareOrder.account_id == account_id)
        .order_by(HardwareOrder.id.desc())
        .limit(limit)
    ).all()


def accounts_named(actor: Actor, name: str, *, limit: int = 2) -> Sequence[int]:
    """The keys of the accounts with exactly this name, or this name and its platform's (``A · P``)."""
    said = " ".join(name.replace("\0", "").split()).lower()
    full = func.lower(Account.name + " · " + Platform.name)
    return db.session.scalars(
        select(Account.id)
        .join(Platform, Platform.id == Account.platform_id)
        .where(within(actor, Account), or_(func.lower(Account.name) == said, full == said))
        .order_by(Account.id)
        .limit(limit)
    ).all()
