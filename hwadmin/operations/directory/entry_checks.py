"""What a directory says of a person, and whether it can be stored."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from hwadmin.domain.people.email_addresses import company_address
from hwadmin.domain.text_validation import Problems, problem, tidied
from hwadmin.errors import InvalidInput

_MAX_VALUES = 20
_MAX_LENGTH = 254


@dataclass(frozen=True, slots=True)
class DirectoryEntry:
    """What a directory says of a person.

    ``record`` is the whole of it, to be given back as it came; what the product uses is beside it.
    """

    user_name: str
    name: str
    # None: the directory does not say, so it stays as it is.
    active: bool | None = True
    external_id: str | None = None
    email: str | None = None
    employee_number: str | None = None
    title: str | None = None
    department: str | None = None
    division: str | None = None
    organization: str | None = None
    phone_numbers: Sequence[Mapping[str, Any]] = ()
    cost_center: str | None = None
    # By id, user name, external id, e-mail address or employee number.
    manager: str | None = None
    record: Mapping[str, Any] = field(default_factory=dict)


_MAX_LENGTHS = {
    "user_name": ("userName", 254),
    "external_id": ("externalId", 254),
    "name": ("displayName", 200),
    "employee_number": ("employeeNumber", 60),
    "title": ("title", 200),
    "department": ("department", 200),
    "division": ("division", 200),
    "organization": ("organization", 200),
    "cost_center": ("costCenter", 60),
    "manager": ("manager", 254),
}


def checked_entry(entry: DirectoryEntry) -> DirectoryEntry:
    """The entry tidied; everything wrong with it is told at once."""
    problems = Problems()
    texts: dict[str, str | None] = {
        name: problems.text(attribute, getattr(entry, name), most=most)
        for name, (attribute, most) in _MAX_LENGTHS.items()
    }
    if not texts["user_name"]:
        problems.add("userName", "Give the person a user name.")
    email = None
    if tidied(entry.email):
        email = company_address(tidied(entry.email))
        if email is None:
            problems.add("emails", f"{tidied(entry.email)[:100]} is not an e-mail address.")
    for kind in ("emails", "phoneNumbers"):
        if len(entry.record.get(kind) or ()) > _MAX_VALUES:
            problems.add(kind, f"{_MAX_VALUES} at most can be stored.")
    if not problems.errors:
        problems_of_texts(problems, entry.record)
    if problems.errors:
        raise InvalidInput(problems.errors)
    return DirectoryEntry(
        user_name=texts["user_name"] or "",
        name=texts["name"] or texts["user_name"] or "",
        active=entry.active,
        external_id=texts["external_id"],
        email=email,
        employee_number=texts["employee_number"],
        title=texts["title"],
        department=texts["department"],
        division=texts["division"],
        organization=texts["organization"],
        phone_numbers=entry.phone_numbers,
        cost_center=texts["cost_center"],
        manager=texts["manager"],
        record=entry.record,
    )


def problems_of_texts(problems: Problems, value: Any, at: str = "") -> None:
    """Every text of a document that cannot be stored, at its attribute."""
    if isinstance(value, Mapping):
        for name, of in value.items():
            problems_of_texts(problems, of, at or name)
    elif isinstance(value, list):
        for of in value:
            problems_of_texts(problems, of, at)
    elif isinstance(value, str):
        why = problem(value.strip(), most=_MAX_LENGTH)
        if why:
            problems.add(at, why)
