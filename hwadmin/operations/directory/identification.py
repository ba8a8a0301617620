"""Who of an account's directory is meant by somebody an identity provider sends as new."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, or_

from hwadmin.db.extensions import db
from hwadmin.domain.people.person_identity import (
    People,
    StatedPerson,
    number_conflict,
    number_key,
    same_name,
)
from hwadmin.errors import DomainError
from hwadmin.models import Employee
from hwadmin.queries.directory.known_people import known_person

_MOST, _FEW = 50, 20


class PersonTaken(DomainError):
    """Somebody of the account is this person already, or may be."""


def returning_person(query: Select[Any], stated: StatedPerson) -> Employee | None:
    """The one who left the directory and comes back; nobody where it is somebody new.

    Args:
        query: the employees of the account.
        stated: what the directory says of the person, their user name among the addresses.

    Raises:
        PersonTaken: somebody who is here has the external id, or the same name and address, or the number;
            or one who left may be meant, but their entries contradict.
    """
    candidates = _candidates(query, stated)
    for employee in candidates:
        if employee.deactivated_at is None and _is_same(employee, stated):
            raise PersonTaken(f"{employee.name} is in this directory already.")
    left = {employee.id: employee for employee in candidates if employee.deactivated_at is not None}
    match = People(map(known_person, left.values())).identify(stated)
    if match.conflict:
        raise PersonTaken(f"Somebody who left may be meant. {match.conflict}")
    return left[match.person.id] if match.person is not None else None


def known_before(query: Select[Any], stated: StatedPerson) -> Employee | None:
    """The one person entered by hand or imported who must be this one; nobody where that is not certain.

    Args:
        query: the employees of the account.
        stated: what the directory says of the person, their user name among the addresses.

    Raises PersonTaken where somebody else has their number.
    """
    same: list[ColumnElement[bool]] = [
        Employee.email_key.in_(sorted({email.lower() for email in stated.emails}))
    ]
    if stated.number:
        same.append(Employee.employee_number == stated.number)
    rows: Sequence[Employee] = db.session.scalars(
        query.where(Employee.scim_id.is_(None), or_(*same)).limit(_FEW)
    ).all()
    fitting = [
        row
        for row in rows
        if not (row.employee_number and stated.number) or row.employee_number == stated.number
    ]
    certain = [row for row in fitting if row.employee_number and stated.number] or fitting
    if len(certain) != 1:
        return None
    if conflict := number_conflict(known_person(certain[0]), stated):
        raise PersonTaken(conflict)
    return certain[0]


def _candidates(query: Select[Any], stated: StatedPerson) -> list[Employee]:
    emails = sorted({email.lower() for email in stated.emails})
    same: list[ColumnElement[bool]] = [Employee.email_key.in_(emails), Employee.user_name_key.in_(emails)]
    if stated.external_id:
        same.append(Employee.external_id == stated.external_id)
    if stated.number:
        same.append(Employee.employee_number == stated.number)
    # Entra renames whom it deletes: 32 digits are put before the user name.
    same += [
        Employee.user_name_key.like(f"{'_' * 32}{_escaped(email)}", escape="\\")
        for email in emails
        if "@" in email
    ]
    rows = db.session.scalars(query.where(Employee.scim_id.is_not(None), or_(*same)).limit(_MOST))
    return list(rows)


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def _is_same(employee: Employee, stated: StatedPerson) -> bool:
    """Whether somebody who is here is this person: by external id, by number, or by address and name."""
    if stated.external_id and employee.external_id == stated.external_id:
        return True
    if stated.number and employee.employee_number:
        return number_key(stated.number) == number_key(employee.employee_number)
    emails = {email.lower() for email in stated.emails}
    same_address = employee.email_key in emails or employee.user_name_key in emails
    return same_address and bool(stated.name) and same_name(employee.name, stated.name or "")
