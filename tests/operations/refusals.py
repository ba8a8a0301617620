"""What a refused deed must leave behind: nothing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import pytest
from sqlalchemy import select

from hwadmin.extensions import db
from hwadmin.models import AuditEvent, Person
from hwadmin.permissions import Actor
from hwadmin.tenancy import EVERYWHERE, acting_as
from hwadmin.uow import transact

T = TypeVar("T")
E = TypeVar("E", bound=Exception)


def all_rows() -> dict[str, list[str]]:
    """Every row of every table, the version tables and the audit trail among them."""
    connection = db.session.connection()
    return {
        table.name: sorted(repr(tuple(row)) for row in connection.execute(select(table)))
        for table in db.metadata.sorted_tables
    }


def by(person: Person, deed: Callable[[Actor], T]) -> T:
    """Do a deed as the person, seeing what the person is given, in a unit of work of its own."""
    actor = person.actor
    with acting_as(db.session, actor):
        return transact(lambda: deed(actor))


def refused(error: type[E], person: Person, deed: Callable[[Actor], object]) -> E:
    """The refusal of a deed, which changed no row of any table, even before anything was rolled back."""
    actor = person.actor
    db.session.commit()
    before = all_rows()
    with acting_as(db.session, actor), pytest.raises(error) as refusal:
        deed(actor)
    assert not db.session.new
    assert not db.session.dirty
    assert not db.session.deleted
    db.session.flush()
    assert all_rows() == before
    db.session.rollback()
    return refusal.value


def changes_nothing(deed: Callable[[], T]) -> T:
    """The result of a deed that leaves every row of every table as it was."""
    before = all_rows()
    result = deed()
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
