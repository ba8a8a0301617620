"""What units of an order may name: people and locations of its account, and items that are still sold."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import Select, bindparam, or_, select

from hwadmin.db.extensions import db
from hwadmin.db.quick_sql import read_rows
from hwadmin.domain.ordering.cost_allocation import Share, shares_of
from hwadmin.domain.row_ids import valid_ids
from hwadmin.models import CatalogItem, Employee, Location


def active_employees(account_id: int, ids: Iterable[int | None]) -> frozenset[int]:
    """Those of the keys that are employees of the account who have not left."""
    return _of_account(Employee, "deactivated_at", account_id, ids)


class ListedEmployee(NamedTuple):
    """An active employee of an account: what an order copies of them."""

    id: int
    name: str
    number: str | None
    shares: tuple[Share, ...]


def listed_employees(
    account_id: int,
    ids: Iterable[int | None],
    *,
    names: Collection[str] = (),
    numbers: Collection[str] = (),
    lock: bool = False,
) -> dict[int, ListedEmployee]:
    """The active employees of an account with one of the keys, or else the names or numbers, by key.

    Locked, nobody merges or anonymizes them before a unit is theirs.
    """
    keys = valid_ids(ids)
    values = {"id": tuple(keys), "name": tuple(names), "employee_number": tuple(numbers)}
    given = {name: alike for name, alike in values.items() if alike}
    if not given:
        return {}
    rows = read_rows(_employees_by(*given, lock=lock), account=account_id, **given)
    return {key: ListedEmployee(key, name, number, shares_of(codes)) for key, name, number, codes in rows}


@cache
def _employees_by(*columns: str, lock: bool) -> Select[int, str, str | None, Any]:
    """The statement behind it, made once: the active employees found by any of the columns."""
    query = select(Employee.id, Employee.name, Employee.employee_number, Employee.accounting_codes).where(
        Employee.account_id == bindparam("account"),
        Employee.deactivated_at.is_(None),
        or_(*(getattr(Employee, name).in_(bindparam(name, expanding=True)) for name in columns)),
    )
    return query.order_by(Employee.id).with_for_update(read=True, key_share=True) if lock else query


def open_locations(account_id: int, ids: Iterable[int | None]) -> frozenset[int]:
    """Those of the keys that are locations of the account and not archived."""
    return _of_account(Location, "archived_at", account_id, ids)


def _of_account(
    model: type[Employee] | type[Location],
    gone_at: str,
    account_id: int,
    ids: Iterable[int | None],
) -> frozenset[int]:
    keys = valid_ids(ids)
    if not keys:
        return frozenset()
    rows = read_rows(_ids_of_account(model, gone_at), account=account_id, ids=tuple(keys))
    return frozenset(key for (key,) in rows)


@cache
def _ids_of_account(model: type[Employee] | type[Location], gone_at: str) -> Select[int]:
    """The statement behind it, made once."""
    return select(model.id).where(
        model.account_id == bindparam("account"),
        getattr(model, gone_at).is_(None),
        model.id.in_(bindparam("ids", expanding=True)),
    )


def current_items(ids: Iterable[int]) -> dict[int, CatalogItem]:
    """Those of the catalog items that can still be ordered, by key."""
    items = db.session.scalars(
        select(CatalogItem).where(CatalogItem.id.in_(set(ids)), CatalogItem.archived_at.is_(None))
    )
    return {item.id: item for item in items}
