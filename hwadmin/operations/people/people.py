"""Who may sign in, as what, and for which platforms."""

from __future__ import annotations

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.exc import IntegrityError

from hwadmin.clock import utcnow
from hwadmin.db.extensions import db
from hwadmin.domain.dates import format_datetime
from hwadmin.domain.people.passwords import HASHER, NO_PASSWORD, Hasher, generate
from hwadmin.domain.permissions import Actor, Permission, Role, require
from hwadmin.domain.wording import from_to
from hwadmin.errors import InvalidInput, NotFound, WrongState
from hwadmin.models import Person
from hwadmin.operations.audit.people_events import (
    SessionFacts,
    record_own_password_changed,
    record_password_reset,
    record_person_changed,
    record_person_created,
)
from hwadmin.operations.people.person_checks import (
    CheckedPerson,
    PersonFacts,
    check_password,
    check_person,
    describe_platforms,
)
from hwadmin.operations.people.sessions import close_all_sessions, open_session, session_mark
from hwadmin.operations.people.sign_in import Attempt, proven


def create_person(
    actor: Actor, facts: PersonFacts, password: str | None = None, hasher: Hasher = HASHER
) -> tuple[Person, str]:
    """Let somebody sign in. Their password is made up unless given, and can be read this once.

    Raises:
        NotAllowed: unless the actor may change people.
        InvalidInput: at ``name``, ``email``, ``role``, ``platform_ids``, ``all_platforms``, ``password``.
    """
    require(actor, Permission.PEOPLE_WRITE)
    checked = check_person(facts, None)
    if password is None:
        password = generate()
    else:
        check_password(checked.name, checked.email, password)
    return _insert(actor, checked, hasher.hash(password)), password


def create_person_without_password(actor: Actor, facts: PersonFacts) -> Person:
    """Let somebody sign in by an identity provider. No password fits.

    Raises:
        NotAllowed: unless the actor may change people.
        InvalidInput: as for ``create_person``.
    """
    require(actor, Permission.PEOPLE_WRITE)
    return _insert(actor, check_person(facts, None), NO_PASSWORD)


def _insert(actor: Actor, checked: CheckedPerson, password_hash: str) -> Person:
    person = Person(
        name=checked.name,
        email=checked.email,
        role=checked.role,
        platforms=checked.platforms,
        all_platforms=checked.all_platforms,
        password_hash=password_hash,
    )
    db.session.add(person)
    _flush()
    record_person_created(
        actor, person, f"{actor.name} created {person.name}, {person.email}: {_given(person)}."
    )
    return person


def change_person(actor: Actor, person_id: int, facts: PersonFacts) -> Person:
    """Change who somebody is or what they are given. A new role or other platforms end their sessions.

    Raises:
        NotAllowed: unless the actor may change people.
        NotFound: there is no such person.
        InvalidInput: as for ``create_person``.
        WrongState: the last active super-admin would no longer be one.
    """
    require(actor, Permission.PEOPLE_WRITE)
    person, super_admins = _locked(person_id)
    checked = check_person(facts, person)
    if checked.role is not Role.SUPER_ADMIN:
        _keep_one(person, super_admins, "be given another role")
    before = _described(person)
    changes = []
    after = {
        "name": checked.name,
        "e-mail": checked.email,
        "role": checked.role.label,
        "platforms": describe_platforms(checked.role, checked.platforms, checked.all_platforms),
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
    differences = "; ".join(f"{c['what']}: {from_to(c['before'], c['after'])}" for c in changes)
    record_person_changed(
        actor,
        person,
        f"{actor.name} changed {was}: {differences}.",
        changes=changes,
        sessions_ended=ended,
    )
    return person


def disable_person(actor: Actor, person_id: int) -> Person:
    """Disable somebody from their next request on. What they did stays theirs.

    Raises:
        NotAllowed: unless the actor may change people.
        NotFound: there is no such person.
        WrongState: they are disabled already, are the actor, or are the last active super-admin.
    """
    require(actor, Permission.PEOPLE_WRITE)
    person, super_admins = _locked(person_id)
    if person.disabled_at is not None and not person.access_withdrawn:
        raise WrongState(
            f"{person.name} has been disabled since {format_datetime(person.disabled_at)} already."
        )
    if person.id == actor.id:
        raise WrongState("You cannot disable yourself. Ask another super-admin.")
    _keep_one(person, super_admins, "be disabled")
    # From here on no identity provider lets them in again.
    person.disabled_at, person.access_withdrawn = utcnow(), False
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
    person.disabled_at, person.access_withdrawn = None, False
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
    record_password_reset(actor, person, sessions_ended=ended)
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
    record_own_password_changed(
        person,
        SessionFacts(attempt.address, browser[:200], session_mark(handle)),
        sessions_ended=ended,
    )
    return handle


# ---- Writing


def lock_person(condition: ColumnElement[bool]) -> Person | None:
    """The one person that meets a condition, locked as for a change of them; None where there is none.

    Two super-admins who sign in at the same moment must queue as well: each is changed by it.
    """
    query = select(Person.id).where(condition)
    key = db.session.scalars(query).one_or_none()
    if key is None:
        return None
    person, _ = _locked(key)
    return person if db.session.scalars(query).one_or_none() == key else None


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


def _keep_one(person: Person, super_admins: list[Person], action: str) -> None:
    if super_admins == [person]:
        raise WrongState(f"{person.name} is the last active super-admin and cannot {action}.")


def _flush() -> None:
    try:
        db.session.flush()
    except IntegrityError as error:
        # Two people created with one address at the same moment: the database lets one through.
        if "email" in str(error.orig):
            raise InvalidInput.at("email", "Somebody with this e-mail address is there already.") from error
        raise


# ---- Descriptions


def _given(person: Person) -> str:
    platforms = describe_platforms(person.role, person.platforms, person.all_platforms)
    return f"{person.role.label}, platforms: {platforms}"


def _described(person: Person) -> dict[str, str]:
    return {
        "name": person.name,
        "e-mail": person.email,
        "role": person.role.label,
        "platforms": describe_platforms(person.role, person.platforms, person.all_platforms),
    }


def _changed(actor: Actor, person: Person, action: str, ended: int) -> None:
    record_person_changed(
        actor,
        person,
        f"{actor.name} {action} {person.name}.",
        changes=[{"what": "may sign in", "before": action != "disabled", "after": action == "enabled"}],
        sessions_ended=ended,
    )
