"""Accounts, locations and employees by the keys that other programs know them by: one statement each."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy.orm import joinedload

from hwadmin.db.extensions import db
from hwadmin.domain.permissions import Actor
from hwadmin.domain.row_ids import is_valid_id
from hwadmin.models import Account, Employee, Location
from hwadmin.queries.scope import visible


def accounts_by_key(actor: Actor, key: str, platform_id: int | None) -> Sequence[Account]:
    """The accounts with this key, of one platform or of each that the actor is given."""
    query = visible(actor, Account).where(Account.external_id == key)
    if platform_id is not None:
        query = query.where(Account.platform_id == platform_id)
    return db.session.scalars(query.options(joinedload(Account.platform)).limit(2)).all()


def location_by_key(actor: Actor, account_id: int, key: str) -> Location | None:
    """The location of an account with this key."""
    if not is_valid_id(account_id):
        return None
    return db.session.scalars(
        visible(actor, Location).where(Location.account_id == account_id, Location.external_id == key)
    ).one_or_none()


def employee_by_key(actor: Actor, account_id: int, key: str) -> Employee | None:
    """The employee of an account with this key, and their manager."""
    if not is_valid_id(account_id):
        return None
    return db.session.scalars(
        visible(actor, Employee)
        .where(Employee.account_id == account_id, Employee.program_external_id == key)
        .options(joinedload(Employee.manager))
    ).one_or_none()
