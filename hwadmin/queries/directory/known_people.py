"""The people of an account as the rule for who a person is sees them."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, or_, select

from hwadmin.db.extensions import db
from hwadmin.domain.people.person_identity import KnownPerson, StatedPerson, name_keys, number_writings
from hwadmin.domain.permissions import Actor
from hwadmin.models import Employee
from hwadmin.queries.directory.employees import employee_search
from hwadmin.queries.scope import within


def known_person(employee: Any) -> KnownPerson:
    """An employee, or a row with the same columns, as the rule sees them."""
    addresses = (employee.email, employee.user_name)
    emails = tuple(address for address in addresses if address and "@" in address)
    left = employee.deactivated_at is not None
    return KnownPerson(
        employee.id, employee.name, emails, employee.employee_number, employee.external_id, left
    )


def may_be(stated: StatedPerson, *, named: bool = True) -> ColumnElement[bool]:
    """The condition that a person may be the one stated: by address, external id or number, or by name."""
    emails = sorted({email.lower() for email in stated.emails})
    same: list[ColumnElement[bool]] = [Employee.email_key.in_(emails), Employee.user_name_key.in_(emails)]
    if stated.external_id:
        same.append(Employee.external_id == stated.external_id)
    if stated.number:
        same.append(Employee.employee_number.in_(number_writings(stated.number)))
    if stated.name and named:
        same.append(employee_search(name_keys(stated.name)[0]))
    return or_(*same)


def known_people(actor: Actor, account_id: int) -> list[KnownPerson]:
    """All people of an account by key: those who left too, but no record that was merged into another."""
    return people_of_account(account_id, within(actor, Employee))


def people_of_account(account_id: int, *conditions: ColumnElement[bool]) -> list[KnownPerson]:
    """The same of an account that is known to be the caller's."""
    rows = db.session.execute(
        select(
            Employee.id,
            Employee.name,
            Employee.email,
            Employee.user_name,
            Employee.employee_number,
            Employee.external_id,
            Employee.deactivated_at,
        )
        .where(
            *conditions,
            Employee.account_id == account_id,
            Employee.merged_into_id.is_(None),
        )
        .order_by(Employee.id)
    )
    return [known_person(row) for row in rows]
