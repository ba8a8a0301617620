"""Accounts with their locations and employees, page by page."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from sqlalchemy import ColumnElement
from sqlalchemy.orm import joinedload, raiseload

from hwadmin.db.extensions import db
from hwadmin.domain.permissions import Actor
from hwadmin.models import Account, AccountingCode, Employee, Location
from hwadmin.queries.scope import visible


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
    """The locations of these accounts that are not archived, by key."""
    return locations_where(
        actor, Location.account_id.in_(account_ids), Location.archived_at.is_(None), after=after, limit=limit
    )


def locations_where(
    actor: Actor, *conditions: ColumnElement[bool], after: int = 0, limit: int | None = None
) -> Sequence[Location]:
    """The locations under these conditions, by key; ``after`` is the last key seen."""
    return db.session.scalars(
        visible(actor, Location).where(*conditions, Location.id > after).order_by(Location.id).limit(limit)
    ).all()


def present_employees(
    actor: Actor, account_ids: Collection[int], *, after: int = 0, limit: int | None = None
) -> Sequence[Employee]:
    """The active employees of these accounts, by key."""
    return employees_where(
        actor,
        Employee.account_id.in_(account_ids),
        Employee.deactivated_at.is_(None),
        after=after,
        limit=limit,
    )


def employees_where(
    actor: Actor, *conditions: ColumnElement[bool], after: int = 0, limit: int | None = None
) -> Sequence[Employee]:
    """The employees under these conditions with their managers, by key; ``after`` is the last key seen."""
    return db.session.scalars(
        visible(actor, Employee)
        .where(*conditions, Employee.id > after)
        .order_by(Employee.id)
        .limit(limit)
        .options(joinedload(Employee.manager))
    ).all()


def codes_where(
    actor: Actor, *conditions: ColumnElement[bool], limit: int | None = None
) -> Sequence[AccountingCode]:
    """The accounting codes under these conditions, by key."""
    return db.session.scalars(
        visible(actor, AccountingCode).where(*conditions).order_by(AccountingCode.id).limit(limit)
    ).all()
