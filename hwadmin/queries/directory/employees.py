"""Reading an account's employees: the directory as SCIM asks for it, the picker, and a person's own page."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, and_, func, select
from sqlalchemy.orm import aliased

from hwadmin.db.extensions import db
from hwadmin.domain.ordering.variants import VARIANT_COLUMNS, with_variant
from hwadmin.domain.permissions import Actor
from hwadmin.models import (
    Device,
    DirectoryToken,
    Employee,
    HardwareOrder,
    LineItem,
    Source,
    Unit,
    reference,
)
from hwadmin.models.catalog import title
from hwadmin.queries.scope import visible, within
from hwadmin.queries.text_match import EMPLOYEES, plan_for_these_words, words_of

_Manager = aliased(Employee)


class DirectoryRow(NamedTuple):
    """A person in the directory, with everything their resource is made of."""

    scim_id: str
    record: dict[str, Any]
    external_id: str | None
    deactivated_at: datetime | None
    created_at: datetime
    updated_at: datetime
    version: int
    manager_scim_id: str | None
    manager_name: str | None


def _in_directory(actor: Actor, account_id: int) -> ColumnElement[bool]:
    return and_(within(actor, Employee), Employee.account_id == account_id, Employee.scim_id.is_not(None))


def directory_rows(
    actor: Actor,
    account_id: int,
    conditions: Sequence[ColumnElement[bool]] = (),
    *,
    order: Sequence[ColumnElement[Any]] = (),
    limit: int | None = None,
    offset: int = 0,
) -> list[DirectoryRow]:
    """The people an account's directory has, as it sees them."""
    rows = db.session.execute(
        select(
            Employee.scim_id,
            Employee.directory_record,
            Employee.external_id,
            Employee.deactivated_at,
            Employee.created_at,
            Employee.updated_at,
            Employee.version,
            _Manager.scim_id,
            _Manager.name,
        )
        .outerjoin(_Manager, _Manager.id == Employee.manager_id)
        .where(_in_directory(actor, account_id), *conditions)
        .order_by(*order, Employee.id)
        .limit(limit)
        .offset(offset)
    )
    return [DirectoryRow._make(row) for row in rows]


def directory_count(actor: Actor, account_id: int, conditions: Sequence[ColumnElement[bool]] = ()) -> int:
    """How many people an account's directory has, of those that fit."""
    query = select(func.count(Employee.id)).where(_in_directory(actor, account_id), *conditions)
    return int(db.session.execute(query).scalar_one())


# ---- Looking for people


def employee_search(text: str) -> ColumnElement[bool]:
    """The condition that every word is part of a person's name, e-mail address, number or user name."""
    return EMPLOYEES.holds_all(words_of(text))


def matching_employees(
    actor: Actor, account_id: int, text: str, *, limit: int, offset: int
) -> Sequence[Employee]:
    """The people on an account who fit a search, by name; those who left come last."""
    plan_for_these_words()
    return db.session.scalars(
        visible(actor, Employee)
        .where(Employee.account_id == account_id, employee_search(text))
        .order_by(Employee.deactivated_at.is_not(None), Employee.name, Employee.id)
        .limit(limit)
        .offset(offset)
    ).all()


# ---- The directory's own page


class DirectoryFacts(NamedTuple):
    """How an account's employees are kept."""

    by_source: dict[Source, int]
    left: int
    last_push: datetime | None


def directory_facts(actor: Actor, account_id: int) -> DirectoryFacts:
    """Where an account's people come from, how many have left, and when the directory spoke last."""
    rows = db.session.execute(
        select(
            Employee.source,
            func.count(Employee.id).filter(Employee.deactivated_at.is_(None)),
            func.count(Employee.id).filter(Employee.deactivated_at.is_not(None)),
            func.max(Employee.updated_at).filter(Employee.source == Source.SCIM),
        )
        .where(within(actor, Employee), Employee.account_id == account_id)
        .group_by(Employee.source)
    ).all()
    return DirectoryFacts(
        {row[0]: row[1] for row in rows},
        sum(row[2] for row in rows),
        max((row[3] for row in rows if row[3] is not None), default=None),
    )


def directory_tokens(actor: Actor, account_id: int) -> Sequence[DirectoryToken]:
    """The tokens of an account's directory, the newest first, those that still work before the others."""
    return db.session.scalars(
        visible(actor, DirectoryToken)
        .where(DirectoryToken.account_id == account_id)
        .order_by(DirectoryToken.revoked_at.is_not(None), DirectoryToken.id.desc())
    ).all()


# ---- A person's own page


class OrderedFor(NamedTuple):
    """Units of an order that are, or were, planned for a person."""

    order_id: int
    status: Any
    created_at: datetime
    units: int
    fulfilled: int
    # The model with what was chosen of it.
    title: str

    @property
    def reference(self) -> str:
        """The order as people name it."""
        return reference(self.order_id)


def ordered_for(actor: Actor, employee_id: int, *, limit: int) -> list[OrderedFor]:
    """What was ordered for a person: each order's lines with units planned for them, the newest first."""
    name = [getattr(LineItem, column) for column in ("make", "model", *VARIANT_COLUMNS)]
    rows = db.session.execute(
        select(
            HardwareOrder.id,
            HardwareOrder.status,
            HardwareOrder.created_at,
            func.count(Unit.id),
            func.count(Device.id),
            *name,
        )
        .join(LineItem, LineItem.id == Unit.line_id)
        .join(HardwareOrder, HardwareOrder.id == Unit.order_id)
        .outerjoin(Device, Device.unit_id == Unit.id)
        .where(within(actor, HardwareOrder), Unit.employee_id == employee_id)
        .group_by(
            HardwareOrder.id,
            HardwareOrder.status,
            HardwareOrder.created_at,
            LineItem.id,
            LineItem.position,
            *name,
        )
        .order_by(HardwareOrder.id.desc(), LineItem.position)
        .limit(limit)
    )
    return [
        OrderedFor._make((*facts, with_variant(title(make, model), size, color, term, carrier, spare)))
        for *facts, make, model, size, color, term, carrier, spare in rows
    ]


def reports_of(actor: Actor, employee_id: int, *, limit: int) -> Sequence[Employee]:
    """The people whose manager this is, by name."""
    return db.session.scalars(
        visible(actor, Employee)
        .where(Employee.manager_id == employee_id, Employee.deactivated_at.is_(None))
        .order_by(Employee.name, Employee.id)
        .limit(limit)
    ).all()


def manager_of(actor: Actor, employee: Employee) -> Employee | None:
    """A person's manager."""
    if employee.manager_id is None:
        return None
    return db.session.scalars(
        visible(actor, Employee).where(Employee.id == employee.manager_id)
    ).one_or_none()
