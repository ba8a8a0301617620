"""Checking what is entered about people."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import select

from hwadmin.db.extensions import db
from hwadmin.domain.people.passwords import problem_with
from hwadmin.domain.permissions import SIGNING_IN, Role
from hwadmin.domain.text_validation import Problems
from hwadmin.errors import InvalidInput
from hwadmin.models import Person, Platform

# Looser than the standard where it does not matter (an intranet's addresses end as they like, after a dot),
# tighter where it does: nothing that could be read as two addresses.
_EMAIL = re.compile(r"[^\s@\"(),:;<>\[\]\\]+@[a-z0-9]([a-z0-9.-]*[a-z0-9])?\.[a-z0-9]([a-z0-9-]*[a-z0-9])?")


@dataclass(frozen=True, slots=True)
class PersonFacts:
    """What is entered about somebody who signs in."""

    name: str
    email: str
    role: Role | str
    platform_ids: Collection[int] = ()
    all_platforms: bool = False


@dataclass(frozen=True, slots=True)
class CheckedPerson:
    """The same, once nothing is wrong with it."""

    name: str
    email: str
    role: Role
    platforms: list[Platform]
    all_platforms: bool


def check_password(name: str, email: str, password: str, field: str = "password") -> None:
    """Refuse a password that is short, common, or easily guessed of this person.

    Raises:
        InvalidInput: at the field.
    """
    problem = problem_with(password, about=(name, email))
    if problem:
        raise InvalidInput.at(field, problem)


def check_person(facts: PersonFacts, person: Person | None) -> CheckedPerson:
    """What is entered about a new person, or about one there is, as it can be stored.

    Raises:
        InvalidInput: every problem at its field.
    """
    problems = Problems()
    name = problems.text("name", facts.name, most=200, required="Enter a name.") or ""
    email = (problems.text("email", facts.email, most=254, required="Enter an e-mail address.") or "").lower()
    if email and not any(error.field == "email" for error in problems.errors):
        if not _EMAIL.fullmatch(email) and (person is None or email != person.email):
            problems.add("email", "This is not an e-mail address.")
        elif _taken(email, person):
            problems.add("email", "Somebody with this e-mail address is there already.")
    role, platforms = check_access(facts.role, facts.platform_ids, facts.all_platforms, problems)
    if problems.errors or role is None:
        raise InvalidInput(problems.errors)
    return CheckedPerson(name, email, role, platforms, facts.all_platforms)


def check_access(
    role: Role | str, platform_ids: Collection[int], all_platforms: bool, problems: Problems
) -> tuple[Role | None, list[Platform]]:
    """Which role and platforms are meant; what does not go together is added to the problems."""
    checked = _role(role, problems)
    platforms = _existing(platform_ids, problems)
    if checked is Role.PLATFORM_ADMIN and not platforms:
        problems.add("platform_ids", "A platform admin needs at least one platform.")
    if checked is Role.SUPPORT and not platforms and not all_platforms:
        problems.add("platform_ids", "Support needs at least one platform, or all of them.")
    if checked is Role.SUPPORT and platforms and all_platforms:
        problems.add("platform_ids", "Choose either single platforms or all of them.")
    if checked is Role.SUPER_ADMIN and platforms:
        problems.add("platform_ids", "A super-admin has every platform; choose none.")
    if checked in (Role.SUPER_ADMIN, Role.PLATFORM_ADMIN) and all_platforms:
        problems.add("all_platforms", "Only support can be given all platforms this way.")
    return checked, platforms


def describe_platforms(role: Role, platforms: Collection[Platform], all_platforms: bool) -> str:
    """The platforms somebody is given, for a sentence."""
    if role is Role.SUPER_ADMIN or all_platforms:
        return "all"
    return ", ".join(sorted(platform.name for platform in platforms)) or "none"


def _role(role: Role | str, problems: Problems) -> Role | None:
    match = next((known for known in SIGNING_IN if known.value == role), None)
    if match is None:
        problems.add("role", "Choose a role.")
    return match


def _taken(email: str, person: Person | None) -> bool:
    holder_id = db.session.scalars(select(Person.id).where(Person.email == email)).one_or_none()
    return holder_id is not None and (person is None or holder_id != person.id)


def _existing(platform_ids: Collection[int], problems: Problems) -> list[Platform]:
    ids = sorted(set(platform_ids))
    if not ids:
        return []
    platforms = db.session.scalars(select(Platform).where(Platform.id.in_(ids)).order_by(Platform.name)).all()
    if len(platforms) != len(ids):
        problems.add("platform_ids", "One of these platforms does not exist.")
    return list(platforms)
