"""Names that are known, to tell by them in which encoding a list is that does not say so."""

from __future__ import annotations

from sqlalchemy import Select, select

from hwadmin.db.extensions import db
from hwadmin.domain.permissions import Actor
from hwadmin.models import Account, Employee, Location
from hwadmin.queries.scope import within


def names_of_account(actor: Actor, account_id: int) -> list[str]:
    """The names of an account, its people and its locations."""
    return _names(
        select(Account.name).where(within(actor, Account), Account.id == account_id),
        select(Employee.name).where(within(actor, Employee), Employee.account_id == account_id),
        select(Location.name).where(within(actor, Location), Location.account_id == account_id),
    )


def names_of_platform(actor: Actor, platform_id: int) -> list[str]:
    """The names of a platform's accounts and their locations."""
    return _names(
        select(Account.name).where(within(actor, Account), Account.platform_id == platform_id),
        select(Location.name).where(within(actor, Location), Location.platform_id == platform_id),
    )


def _names(*queries: Select[str]) -> list[str]:
    names = (name for query in queries for name in db.session.scalars(query))
    return [name for name in names if not name.isascii()]
