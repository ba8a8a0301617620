"""Who may sign in, as what, and for which platforms."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, or_, select
from sqlalchemy.exc import IntegrityError

from hwadmin.clock import utcnow
from hwadmin.errors import InvalidInput, NotFound, WrongState
from hwadmin.extensions import db
from hwadmin.models import Person, Platform
from hwadmin.operations import audit, signing_in
from hwadmin.operations.signing_in import Attempt, close_all_sessions, open_session, proven
from hwadmin.passwords import HASHER, Hasher, generate, problem_with
from hwadmin.permissions import SIGNING_IN, Actor, Permission, Role, require
from hwadmin.texts import Problems

# Looser than the standard where it does not matter (an intranet's addresses end as they like), tighter where
# it does: nothing that could be read as two addresses.
_EMAIL = re.compile(r"[^\s@\"(),:;<>\[\]\\]+@[a-z0-9]([a-z0-9.-]*[a-z0-9])?")


@dataclass(frozen=True, slots=True)
class PersonFacts:
    """What is said about somebody who signs in."""

    name: str
    email: str
    role: Role | str
    platform_ids: Collection[int] = ()
    all_platforms: bool = False


@dataclass(frozen=True, slots=True)
class _Checked:
    name: str
    email: str
    role: Role
    platforms: list[Platform]
    all_platforms: bool


def create_person(
    actor: Actor, facts: PersonFacts, password: str | None = None, hasher: Hasher = HASHER
) -> tuple[Person, str]:
    """Let somebody sign in. Their password is made up unless given, and can be read this once.

    Raises:
        NotAllowed: unless the actor may change people.
        InvalidInput: at ``name``, ``email``, ``role``, ``platform_ids``, ``all_platforms``, ``password``.
    """
    require(actor, Permission.PEOPLE_WRITE)
    checked = _check(facts, None)
    if password is None:
        password = generate()
    else:
        check_password(checked.name, checked.email, password)
    person = Person(
        name=checked.name,
        email=checked.email,
        role=checked.role,
        platforms=checked.platforms,
        all_platforms=checked.all_platforms,
        password_hash=hasher.hash(password),
    )
    db.session.add(person)
    _flush()
    audit.record(
        actor,
        "person.created",
        f"{actor.name} created {person.name}, {person.email}: {_given(person)}.",
        details={
            "person_id": person.id,
            "email": person.email,
            "role": person.role.value,
            "platforms": [platform.name for platform in person.platforms],
            "all_platforms": person.all_platforms,
        },
    )
    return person, password


def change_person(actor: Actor, person_id: int, facts: PersonFacts) -> Person:
    """Change who somebody is or what they are given. A new role or other platforms end their sessions.

    Raises:
        NotAllowed: unless the actor may change people.
        NotFound: there is no such person.
        InvalidInput: as for ``create_person``.
        WrongState: the last active super-admin would be one no more.
    """
    require(actor, Permission.PEOPLE_WRITE)
    person, super_admins = _locked(person_id)
    checked = _check(facts, person)
    if checked.role is not Role.SUPER_ADMIN:
        _keep_one(person, super_admins, "be given another role")
    before = _words(person)
    changes = []
    after = {
        "name": checked.name,
        "e-mail": checked.email,
        "role": checked.role.label,
        "platforms": platforms_in_words(checked.role, checked.platforms, checked.all_platforms),
    }
    for what, then in before.items():
        if then != after[what]:
            changes.append({"what": what, "before": then, "after": after[what]})
    same_platforms = {row.id for row in person.platforms} == {row.id for row in checked.platforms}
    if not changes and same_platforms:
        return person
    was = person.name
    person.name, person.email, person.role = checked.name, checked.email, checked.role
    person.platforms, person.all_platforms = checked.platforms, checked.all_platforms
    _flush()
    ended = 0
    if any(change["what"] in {"role", "platforms"} for change in changes):
        ended = close_all_sessions(person)
    differences = "; ".join(f"{c['what']}: {c['before']} → {c['after']}" for c in changes)
    audit.record(
        actor,
        "person.changed",
        f"{actor.name} changed {was}: {differences}.",
        details={"person_id": person.id, "changes": changes, "sessions_ended": ended},
    )
    return person


def disable_person(actor: Actor, person_id: int) -> Person:
    """Let somebody in no more, from their next click on. What they did stays theirs.

    Raises:
        NotAllowed: unless the actor may change people.
        NotFound: there is no such person.
        WrongState: they are disabled already, are the actor, or are the last active super-admin.
    """
    require(actor, Permission.PEOPLE_WRITE)
    person, super_admins = _locked(person_id)
    if person.disabled_at is not None:
        raise WrongState(f"{person.name} has been disabled since {_moment(person.disabled_at)} already.")
    if person.id == actor.id:
        raise WrongState("You cannot disable yourself. Ask another super-admin.")
    _keep_one(person, super_admins, "be disabled")
    person.disabled_at = utcnow()
    ended = close_all_sessions(person)
    _changed(actor, person, "disabled", ended)
    return person


def enable_person(actor: Actor, person_id: int) -> Person:
    """Let a disabled person in again, with the password they had.

    Raises:
        NotAllowed: unless the actor may change people.
        NotFound: there is no such person.
        WrongState: they are not disabled.
    """
    require(actor, Permission.PEOPLE_WRITE)
    person, _ = _locked(person_id)
    if person.disabled_at is None:
        raise WrongState(f"{person.name} is not disabled.")
    person.disabled_at = None
    _changed(actor, person, "enabled", close_all_sessions(person))
    return person


def reset_password(
    actor: Actor, person_id: int, password: str | None = None, hasher: Hasher = HASHER
) -> tuple[Person, str]:
    """Give somebody a new password, made up unless given, to be read this once. Their sessions end.

    Raises:
        NotAllowed: unless the actor may change people.
        NotFound: there is no such person.
        WrongState: they are the actor, who changes it on their own page, knowing the present one.
        InvalidInput: at ``password``.
    """
    require(actor, Permission.PEOPLE_WRITE)
    person, _ = _locked(person_id)
    if person.id == actor.id:
        raise WrongState("Change your own password on your account page.")
    if password is None:
        password = generate()
    else:
        check_password(person.name, person.email, password)
    person.password_hash = hasher.hash(password)
    ended = close_all_sessions(person)
    audit.record(
        actor,
        "person.password_changed",
        f"{actor.name} gave {person.name} a new password.",
        details={"person_id": person.id, "sessions_ended": ended},
    )
    return person, password


def change_own_password(
    attempt: Attempt, password: str, *, browser: str = "", hasher: Hasher = HASHER
) -> str:
    """Change one's own password, the present one having been proven. Every session ends; one is opened anew.

    Raises:
        InvalidInput: at ``current_password`` where it changed meanwhile; at ``new_password``.
    """
    person = proven(attempt)
    if person is None:
        raise InvalidInput.at("current_password", "Your password was changed meanwhile. Sign in again.")
    check_password(person.name, person.email, password, "new_password")
    person.password_hash = hasher.hash(password)
    ended = close_all_sessions(person)
    handle = open_session(person)
    audit.record(
        person.actor,
        "person.password_changed",
        f"{person.name} changed their password.",
        details={
            "person_id": person.id,
            "sessions_ended": ended,
            "address": attempt.address,
            "browser": browser[:200],
            "session": signing_in.session_mark(handle),
        },
    )
    return handle


def check_password(name: str, email: str, password: str, field: str = "password") -> None:
    """Refuse a password that is short, common, or easily guessed of this person.

    Raises:
        InvalidInput: at the field.
    """
    problem = problem_with(password, about=(name, email))
    if problem:
        raise InvalidInput.at(field, problem)


# ---- Checking


def _check(facts: PersonFacts, person: Person | None) -> _Checked:
    problems = Problems()
    name = problems.text("name", facts.name, most=200, required="Enter a name.") or ""
    email = (problems.text("email", facts.email, most=254, required="Enter an e-mail address.") or "").lower()
    if email and not any(error.field == "email" for error in problems.errors):
        if not _EMAIL.fullmatch(email):
            problems.add("email", "This is not an e-mail address.")
        elif _taken(email, person):
            problems.add("email", "Somebody with this e-mail address is there already.")
    role = _role(facts.role, problems)
    platforms = _existing(facts.platform_ids, problems)
    if role is Role.PLATFORM_ADMIN and not platforms:
        problems.add("platform_ids", "A platform admin needs at least one platform.")
    if role is Role.SUPPORT and not platforms and not facts.all_platforms:
        problems.add("platform_ids", "Support needs at least one platform, or all of them.")
    if role is Role.SUPPORT and platforms and facts.all_platforms:
        problems.add("platform_ids", "Choose either single platforms or all of them.")
    if role is Role.SUPER_ADMIN and platforms:
        problems.add("platform_ids", "A super-admin has every platform; choose none.")
    if role in (Role.SUPER_ADMIN, Role.PLATFORM_ADMIN) and facts.all_platforms:
        problems.add("all_platforms", "Only support can be given all platforms this way.")
    if problems.errors or role is None:
        raise InvalidInput(problems.errors)
    return _Checked(name, email, role, platforms, facts.all_platforms)


def _role(role: Role | str, problems: Problems) -> Role | None:
    found = next((one for one in SIGNING_IN if one.value == role), None)
    if found is None:
        problems.add("role", "Choose a role.")
    return found


def _taken(email: str, person: Person | None) -> bool:
    found = db.session.scalars(select(Person.id).where(Person.email == email)).one_or_none()
    return found is not None and (person is None or found != person.id)


def _existing(platform_ids: Collection[int], problems: Problems) -> list[Platform]:
    wanted = sorted(set(platform_ids))
    if not wanted:
        return []
    found = db.session.scalars(select(Platform).where(Platform.id.in_(wanted)).order_by(Platform.name)).all()
    if len(found) != len(wanted):
        problems.add("platform_ids", "One of these platforms does not exist.")
    return list(found)


def _locked(person_id: int) -> tuple[Person, list[Person]]:
    """The person and every active super-admin, locked in one order: two who remove each other must queue."""
    active = and_(Person.role == Role.SUPER_ADMIN, Person.disabled_at.is_(None))
    rows = db.session.scalars(
        select(Person)
        .where(or_(active, Person.id == person_id))
        .order_by(Person.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).all()
    person = next((row for row in rows if row.id == person_id), None)
    if person is None:
        raise NotFound("There is no such person.")
    return person, [row for row in rows if row.role is Role.SUPER_ADMIN and row.disabled_at is None]


def _keep_one(person: Person, super_admins: list[Person], deed: str) -> None:
    if super_admins == [person]:
        raise WrongState(f"{person.name} is the last active super-admin and cannot {deed}.")


def _flush() -> None:
    try:
        db.session.flush()
    except IntegrityError as error:
        # Two people created with one address at the same moment: the database lets one through.
        if "email" in str(error.orig):
            raise InvalidInput.at("email", "Somebody with this e-mail address is there already.") from error
        raise


# ---- Words


def platforms_in_words(role: Role, platforms: Collection[Platform], all_platforms: bool) -> str:
    """The platforms somebody is given, for a sentence."""
    if role is Role.SUPER_ADMIN or all_platforms:
        return "all"
    return ", ".join(sorted(platform.name for platform in platforms)) or "none"


def _given(person: Person) -> str:
    words = platforms_in_words(person.role, person.platforms, person.all_platforms)
    return f"{person.role.label}, platforms: {words}"


def _words(person: Person) -> dict[str, str]:
    return {
        "name": person.name,
        "e-mail": person.email,
        "role": person.role.label,
        "platforms": platforms_in_words(person.role, person.platforms, person.all_platforms),
    }


def _moment(moment: datetime) -> str:
    return f"{moment.day} {moment:%b %Y, %H:%M} UTC"


def _changed(actor: Actor, person: Person, deed: str, ended: int) -> None:
    audit.record(
        actor,
        "person.changed",
        f"{actor.name} {deed} {person.name}.",
        details={
            "person_id": person.id,
            "changes": [{"what": "may sign in", "before": deed != "disabled", "after": deed == "enabled"}],
            "sessions_ended": ended,
        },
    )
