"""Who of an account's directory is meant by somebody an identity provider sends as new."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Select, or_

from hwadmin.db.extensions import db
from hwadmin.domain.people.person_identity import (
    People,
    StatedPerson,
    number_key,
    same_name,
)
from hwadmin.errors import DomainError
from hwadmin.models import Employee
from hwadmin.queries.directory.known_people import known_person, may_be

_MOST = 50


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
    """The person entered by hand or imported, or removed from the directory, who is this one.

    Args:
        query: the employees of the account.
        stated: what the directory says of the person, their user name among the addresses.

    Raises PersonTaken where somebody may be meant, but their entries contradict.
    """
    conditions = (Employee.scim_id.is_(None), Employee.merged_into_id.is_(None), may_be(stated))
    rows = {
        row.id: row
        for row in db.session.scalars(query.where(*conditions).limit(_MOST))
        if not _shares_an_address(row, stated)
    }
    match = People(map(known_person, rows.values())).identify(stated)
    emails = {email.lower() for email in stated.emails}
    if match.conflict and sum(person.email_key in emails for person in rows.values()) > 1:
        # An address of several is nobody's own.
        return None
    if match.conflict:
        raise PersonTaken(f"Somebody who is known here may be meant. {match.conflict}")
    return rows[match.person.id] if match.person is not None else None


def _shares_an_address(employee: Employee, stated: StatedPerson) -> bool:
    """Whether somebody is certainly another one, by number and name, whatever address both have."""
    if stated.external_id and stated.external_id == employee.external_id:
        return False
    numbers = employee.employee_number and stated.number
    return bool(
        numbers
        and number_key(employee.employee_number or "") != number_key(stated.number or "")
        and not same_name(employee.name, stated.name or "")
    )


def _candidates(query: Select[Any], stated: StatedPerson) -> list[Employee]:
    # Entra renames whom it deletes: 32 digits are put before the user name.
    renamed = [
        Employee.user_name_key.like(f"{'_' * 32}{_escaped(email.lower())}", escape="\\")
        for email in stated.emails
        if "@" in email
    ]
    same = or_(may_be(stated, named=False), *renamed)
    rows = db.session.scalars(query.where(Employee.scim_id.is_not(None), same).limit(_MOST))
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
