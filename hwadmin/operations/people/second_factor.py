"""The second factor of signing in: an app's one-time codes, and recovery codes for when it is lost."""

from __future__ import annotations

from sqlalchemy import delete, func, select

from hwadmin.clock import utcnow
from hwadmin.db.extensions import db
from hwadmin.domain.people.one_time_codes import (
    matching_step,
    new_recovery_codes,
    recovery_code_hash,
)
from hwadmin.domain.permissions import Actor, Permission, require
from hwadmin.errors import InvalidInput, NotFound, WrongState
from hwadmin.models import Passkey, Person, RecoveryCode, SecondFactor
from hwadmin.operations.audit.people_events import record_second_factor_changed
from hwadmin.operations.people.sessions import close_all_sessions

WRONG_CODE = "This is not the code your app shows now. Wait for the next one and try again."


def set_up(actor: Actor, secret: str, code: str) -> list[str]:
    """Ask for a code of the actor's app at each sign-in from now on.

    Returns:
        The recovery codes, which can be read this once.

    Raises:
        InvalidInput: at ``code``, where it is not of this secret and of now.
        WrongState: there is a second factor already.
    """
    person = locked_person(actor.id)
    if has_app(person.id):
        raise WrongState("One-time codes are set up already. Turn them off first to use another app.")
    step = matching_step(secret, code, utcnow().timestamp())
    if step is None:
        raise InvalidInput.at("code", WRONG_CODE)
    person.second_factor_since = person.second_factor_since or utcnow()
    db.session.add(SecondFactor(person_id=person.id, secret=secret, last_step=step))
    codes = replace_recovery_codes(person)
    record_second_factor_changed(actor, person, f"{person.name} set up one-time codes.")
    return codes


def take_code(person: Person, code: str) -> bool:
    """Whether a code of the app, or a recovery code, is right. It is used up by it.

    The person must be locked: two browsers with one code queue, and one of them is refused.
    """
    factor = db.session.get(SecondFactor, person.id, populate_existing=True)
    if factor is not None:
        step = matching_step(factor.secret, code, utcnow().timestamp(), factor.last_step)
        if step is not None:
            factor.last_step = step
            return True
    used = db.session.execute(
        delete(RecoveryCode)
        .where(RecoveryCode.code_hash == recovery_code_hash(person.id, code))
        .returning(RecoveryCode.code_hash)
    ).first()
    if used is None:
        return False
    summary = f"{person.name} used a recovery code; {recovery_codes_left(person.id)} left."
    record_second_factor_changed(person.actor, person, summary)
    return True


def renew_recovery_codes(actor: Actor) -> list[str]:
    """Make new recovery codes for the actor; those there were stop working.

    Raises:
        WrongState: there is no second factor.
    """
    person = locked_person(actor.id)
    _demand_factor(person)
    codes = replace_recovery_codes(person)
    record_second_factor_changed(actor, person, f"{person.name} made new recovery codes.")
    return codes


def turn_off(actor: Actor, *, required: bool) -> None:
    """Ask the actor for no code any more.

    Args:
        actor: whose codes they are.
        required: whether people of their role must have one here.

    Raises:
        WrongState: there is none, or one is required.
    """
    person = locked_person(actor.id)
    if not has_app(person.id):
        raise WrongState(f"{person.name} has no one-time codes.")
    if required and not has_passkey(person.id):
        raise WrongState("Your role needs a second factor here, so one-time codes cannot be turned off.")
    db.session.execute(delete(SecondFactor).where(SecondFactor.person_id == person.id))
    forget_without_factor(person)
    record_second_factor_changed(actor, person, f"{person.name} turned one-time codes off.")


def has_app(person_id: int) -> bool:
    """Whether the person has an app for one-time codes."""
    return db.session.get(SecondFactor, person_id) is not None


def has_passkey(person_id: int) -> bool:
    """Whether the person has a passkey."""
    return db.session.scalars(select(Passkey.id).where(Passkey.person_id == person_id)).first() is not None


def forget_without_factor(person: Person) -> None:
    """Forget the recovery codes of somebody whose last second factor was taken away; they need none then."""
    db.session.flush()
    if not has_app(person.id) and not has_passkey(person.id):
        _remove(person)


def reset_second_factor(actor: Actor, person_id: int) -> Person:
    """Take a lost second factor off somebody else; their sessions end.

    Raises:
        NotAllowed: unless the actor may change people.
        NotFound: there is no such person.
        WrongState: they have none, or are the actor.
    """
    require(actor, Permission.PEOPLE_WRITE)
    person = locked_person(person_id)
    if person.id == actor.id:
        raise WrongState("You cannot reset your own second factor. Ask another super-admin.")
    _demand_factor(person)
    _remove(person)
    ended = close_all_sessions(person)
    summary = f"{actor.name} reset the second factor of {person.name}."
    record_second_factor_changed(actor, person, summary, sessions_ended=ended)
    return person


def locked_person(person_id: int | None) -> Person:
    """The person, locked.

    Raises:
        NotFound: there is no such person.
    """
    person = db.session.scalars(
        select(Person)
        .where(Person.id == person_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one_or_none()
    if person is None:
        raise NotFound("There is no such person.")
    return person


def _demand_factor(person: Person) -> None:
    if person.second_factor_since is None:
        raise WrongState(f"{person.name} has no second factor.")


def _remove(person: Person) -> None:
    person.second_factor_since = None
    for table in (SecondFactor, RecoveryCode, Passkey):
        db.session.execute(delete(table).where(table.person_id == person.id))


def recovery_codes_left(person_id: int) -> int:
    """How many recovery codes the person has not used."""
    return db.session.scalars(
        select(func.count()).select_from(RecoveryCode).where(RecoveryCode.person_id == person_id)
    ).one()


def replace_recovery_codes(person: Person) -> list[str]:
    """Make new recovery codes, which can be read this once."""
    db.session.execute(delete(RecoveryCode).where(RecoveryCode.person_id == person.id))
    codes = new_recovery_codes()
    db.session.add_all(
        RecoveryCode(code_hash=recovery_code_hash(person.id, code), person_id=person.id) for code in codes
    )
    db.session.flush()
    return codes
