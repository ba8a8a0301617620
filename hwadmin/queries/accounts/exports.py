"""The export of accounts, in the shape that the list of accounts is imported in."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import Select, select

from hwadmin.db.extensions import db
from hwadmin.models import Account, Employee, Location

_AT_ONCE = 500
HEADER = (
    *("Platform", "Account", "Location", "Address"),
    *("Employee", "E-mail", "Employee number", "Created (UTC)"),
)


def exported_accounts(accounts: Sequence[Account]) -> Iterator[tuple[Any, ...]]:
    """A row for each location and each person of every account; one where it has neither."""
    for start in range(0, len(accounts), _AT_ONCE):
        batch = accounts[start : start + _AT_ONCE]
        ids = [account.id for account in batch]
        sites = _by_account(
            select(Location.account_id, Location.name, Location.address)
            .where(Location.account_id.in_(ids), Location.archived_at.is_(None))
            .order_by(Location.name, Location.id)
        )
        people = _by_account(
            select(Employee.account_id, Employee.name, Employee.email, Employee.employee_number)
            .where(Employee.account_id.in_(ids), Employee.deactivated_at.is_(None))
            .order_by(Employee.name, Employee.id)
        )
        for account in batch:
            places = [(*site, None, None, None) for site in sites.get(account.id, ())]
            persons = [(None, None, *person) for person in people.get(account.id, ())]
            for row in [*places, *persons] or [(None,) * 5]:
                yield (account.platform.name, account.name, *row, account.created_at)


def _by_account(statement: Select[*tuple[Any, ...]]) -> dict[int, list[tuple[Any, ...]]]:
    rows: dict[int, list[tuple[Any, ...]]] = {}
    for account_id, *row in db.session.execute(statement):
        rows.setdefault(account_id, []).append(tuple(row))
    return rows
