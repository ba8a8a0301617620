"""What a refused action must leave behind: nothing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import pytest
from sqlalchemy import select

from hwadmin.db.extensions import db
from hwadmin.db.tenancy import EVERYWHERE, acting_as
from hwadmin.db.unit_of_work import transact
from hwadmin.domain.permissions import Actor
from hwadmin.models import AuditEvent, Person
from tests import databases

T = TypeVar("T")
E = TypeVar("E", bound=Exception)


def all_rows() -> dict[str, Any]:
    """What each table holds, the version tables and the audit trail among them."""
    return databases.rows_of(db.session.connection())


def by(person: Person, action: Callable[[Actor], T]) -> T:
    """Do an action as the person, seeing what the person is given, in a unit of work of its own."""
    actor = person.actor
    with acting_as(db.session, actor):
        return transact(lambda: action(actor))


def refused(error: type[E], person: Person, action: Callable[[Actor], object]) -> E:
    """The refusal of an action, which changed no row of any table, even before anything was rolled back."""
    actor = person.actor
    db.session.commit()
    before = all_rows()
    with acting_as(db.session, actor), pytest.raises(error) as refusal:
        action(actor)
    assert not db.session.new
    assert not db.session.dirty
    assert not db.session.deleted
    db.session.flush()
    assert all_rows() == before
    db.session.rollback()
    return refusal.value


def changes_nothing(action: Callable[[], T]) -> T:
    """The result of an action that leaves every row of every table as it was."""
    before = all_rows()
    result = action()
    assert all_rows() == before
    return result


def events(order_id: int | None = None, kind: str | None = None) -> list[AuditEvent]:
    """The audit events, of an order and of a kind where asked, oldest first."""
    query = select(AuditEvent).order_by(AuditEvent.id).execution_options(**{EVERYWHERE: True})
    if order_id is not None:
        query = query.where(AuditEvent.order_id == order_id)
    if kind is not None:
        query = query.where(AuditEvent.kind == kind)
    return list(db.session.scalars(query))


def fields(error: Any) -> list[str]:
    """Where a bad input was bad."""
    return [one.field for one in error.errors]
