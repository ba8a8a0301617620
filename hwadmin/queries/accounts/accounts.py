"""Reading platforms and accounts: what there is to choose from, search by name, and what an account has."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import ColumnElement, Row, and_, func, or_, select, true, union

from hwadmin.db import dialects
from hwadmin.db.extensions import db
from hwadmin.domain.lifecycle import OrderStatus
from hwadmin.domain.permissions import Actor
from hwadmin.domain.text_folding import spellings
from hwadmin.models import Account, Device, Employee, HardwareOrder, Location, Platform
from hwadmin.queries.people.platforms import platform_names
from hwadmin.queries.scope import visible, within
from hwadmin.queries.text_match import ACCOUNTS, EMPLOYEES, SearchWord, narrowed_search, part_of, words_of

# Of accounts that hold all words of a name, so many are compared with the whole of it.
_MOST_NAMESAKES = 200
_OPEN = (OrderStatus.SUBMITTED, OrderStatus.APPROVED)


def named(word: SearchWord) -> ColumnElement[bool]:
    """The condition that the word is part of an account's own or its platform's name."""
    platforms = select(Platform.id).where(part_of(word, Platform.name)).correlate(None)
    return or_(ACCOUNTS.holds(word), dialects.in_rows(Account.platform_id, platforms))


def account_search(text: str) -> ColumnElement[bool]:
    """The condition that every word is part of the account's or its platform's name."""
    return and_(true(), *map(named, words_of(text)))


def account_or_person_search(text: str) -> ColumnElement[bool]:
    """The condition that every word is part of the account's or platform's name, or of one of its people."""
    of_people = select(Employee.account_id).where(EMPLOYEES.holds_all(words_of(text)))
    # Each by an index of its own; an OR over two tables would use none.
    return Account.id.in_(union(select(Account.id).where(account_search(text)), of_people))


def platform_choices(actor: Actor) -> list[tuple[str, str]]:
    """The platforms the actor is given, as choices of a form or a filter."""
    return [(str(key), name) for key, name in platform_names(actor)]


def accounts_like(actor: Actor, text: str, *, limit: int = 10) -> list[tuple[int, str, str]]:
    """Accounts for a type-ahead: key, name, platform's name."""
    rows = db.session.execute(
        select(Account.id, Account.name, Platform.name)
        .join(Platform, Platform.id == Account.platform_id)
        .where(*_searched(actor, text))
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
    devices = _count_rows(actor, account_ids, Device, Device.retired_at.is_(None))
    employees = _count_rows(actor, account_ids, Employee, Employee.deactivated_at.is_(None))
    locations = _count_rows(actor, account_ids, Location, Location.archived_at.is_(None))
    orders = _count_orders(actor, account_ids)
    return {
        key: replace(
            orders.get(key, Possessions()),
            devices=devices.get(key, 0),
            employees=employees.get(key, 0),
            locations=locations.get(key, 0),
        )
        for key in account_ids
    }


def _count_rows(
    actor: Actor,
    account_ids: Collection[int],
    model: type[Device] | type[Employee] | type[Location],
    condition: ColumnElement[bool],
) -> dict[int, int]:
    """How many rows that meet the condition each account has."""
    rows = db.session.execute(
        select(model.account_id, func.count(model.id))
        .where(within(actor, model), model.account_id.in_(account_ids), condition)
        .group_by(model.account_id)
    )
    return {row[0]: row[1] for row in rows}


def _count_orders(actor: Actor, account_ids: Collection[int]) -> dict[int, Possessions]:
    """How many orders each account has, how many of them are open, and how many units they await."""
    is_open = HardwareOrder.status.in_(_OPEN)
    awaited = HardwareOrder.fulfillable_units - HardwareOrder.fulfilled_units
    rows = db.session.execute(
        select(
            HardwareOrder.account_id,
            func.count(HardwareOrder.id).label("orders"),
            func.count(HardwareOrder.id).filter(is_open).label("open_orders"),
            func.sum(awaited).filter(HardwareOrder.status == OrderStatus.APPROVED).label("awaited"),
        )
        .where(within(actor, HardwareOrder), HardwareOrder.account_id.in_(account_ids))
        .group_by(HardwareOrder.account_id)
    )
    return {
        row.account_id: Possessions(
            orders=row.orders,
            open_orders=row.open_orders,
            # A sum is a Decimal on PostgreSQL.
            awaited=int(row.awaited or 0),
        )
        for row in rows
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
    """The keys of the accounts with this whole name, or this name and its platform's (``A · P``).

    Where no name is just the same, accents, case and typographic signs do not count.
    """
    text = " ".join(name.replace("\0", "").split())
    full = func.lower(Account.name + " · " + Platform.name)
    same = or_(func.lower(Account.name) == text.lower(), full == text.lower())
    # No index knows whole names, but who has the name has its words.
    having_words = _searched(actor, text)
    among = having_words if any(word.findable for word in words_of(text)) else [within(actor, Account)]
    keys = [row.id for row in _with_platform(*among, same, limit=limit)]
    if keys or not text:
        return keys
    known = set(spellings(text))
    return [
        row.id
        for row in _with_platform(*having_words, limit=_MOST_NAMESAKES)
        if known & {*spellings(row.name), *spellings(f"{row.name} · {row.platform_name}")}
    ][:limit]


def _searched(actor: Actor, text: str) -> list[ColumnElement[bool]]:
    """The conditions that the actor is given an account, and that it or its platform has every word."""
    conditions = [within(actor, Account), account_search(text)]
    return narrowed_search(Account.id, conditions)[1] if text.strip() else conditions


def _with_platform(*conditions: ColumnElement[bool], limit: int) -> Sequence[Row[int, str, str]]:
    return db.session.execute(
        select(Account.id, Account.name, Platform.name.label("platform_name"))
        .join(Platform, Platform.id == Account.platform_id)
        .where(*conditions)
        .order_by(Account.id)
        .limit(limit)
    ).all()
