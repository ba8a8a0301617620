"""The people of an account as the rule for who a person is sees them."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from hwadmin.db.extensions import db
from hwadmin.domain.people.person_identity import KnownPerson
from hwadmin.domain.permissions import Actor
from hwadmin.models import Employee
from hwadmin.queries.scope import within


def known_person(employee: Any) -> KnownPerson:
    """An employee, or a row with the same columns, as the rule sees them."""
    addresses = (employee.email, employee.user_name)
    emails = tuple(address for address in addresses if address and "@" in address)
    left = employee.deactivated_at is not None
    return KnownPerson(
        employee.id, employee.name, emails, employee.employee_number, employee.external_id, left
    )


def known_people(actor: Actor, account_id: int) -> list[KnownPerson]:
    """All people of an account by key: those who left too, but no record that was merged into another."""
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
            within(actor, Employee),
            Employee.account_id == account_id,
            Employee.merged_into_id.is_(None),
        )
        .order_by(Employee.id)
    )
    return [known_person(row) for row in rows]
