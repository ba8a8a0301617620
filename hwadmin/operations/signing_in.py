"""Signing in and out.

An attempt is counted before the password is looked at, in a commit of its own, so that no number of workers
lets more attempts through than one would. No transaction is open while the password is compared, which is
slow on purpose. Hence four steps, each in its own unit of work but ``is_right``:

    attempt = count_attempt(email, address)      commit
    attempt = weigh_attempt(attempt)             commit
    right = is_right(attempt, password)          outside of any transaction
    outcome = conclude_attempt(attempt, right)   commit, also where the attempt is refused
"""

from __future__ import annotations

import hashlib
import ipaddress
import secrets
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cache

from sqlalchemy import Select, bindparam, delete, func, select
from sqlalchemy.orm import joinedload

from hwadmin.clock import utcnow
from hwadmin.extensions import db
from hwadmin.models import AuditEvent, FailedSignIn, Person, SignIn
from hwadmin.operations import audit
from hwadmin.passwords import HASHER, Hasher
from hwadmin.permissions import Actor, Role
from hwadmin.tenancy import EVERYWHERE

# Failures within this sliding window count.
WINDOW = timedelta(minutes=15)
# Per e-mail and address: somebody who guesses is stopped here; the owner, elsewhere, is not.
PAIR_LIMIT = 10
# Per address, whatever the e-mail: one password tried on everybody. An office shares one address.
ADDRESS_LIMIT = 50
# Per e-mail over all addresses: many machines guessing at one person. It holds back only addresses this
# person has not signed in from, so that others cannot lock the owner out of where they usually work.
EMAIL_LIMIT = 100
FAMILIAR_FOR = timedelta(days=90)
# Ended by age long before; kept no longer than this.
_FORGET_SESSIONS_AFTER = timedelta(days=30)

WRONG = "The e-mail address or the password is not right."
LIMITED = f"Too many failed attempts. Wait {WINDOW.seconds // 60} minutes and try again."

# The actor of what happens before anybody is known.
NOBODY = Actor(None, "Nobody signed in", Role.SUPPORT, frozenset())


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try at signing in."""

    id: int
    email: str
    address: str
    limited: bool = False
    # Whether this failure, if it is one, is the last before attempts are held back.
    last: bool = False
    person_id: int | None = None
    password_hash: str | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a try ended: the new session's handle, or the sentence to show."""

    handle: str | None = None
    message: str | None = None
    limited: bool = False


def _hash(handle: str) -> str:
    return hashlib.sha256(handle.encode("utf-8", "replace")).hexdigest()


def open_session(person: Person) -> str:
    """Open a session of the person and return its handle, which is stored nowhere."""
    handle = secrets.token_urlsafe(32)
    db.session.execute(
        delete(SignIn).where(
            SignIn.person_id == person.id, SignIn.created_at < utcnow() - _FORGET_SESSIONS_AFTER
        )
    )
    db.session.add(SignIn(handle_hash=_hash(handle), person_id=person.id, created_at=utcnow()))
    db.session.flush()
    return handle


def session_person(handle: str, longest: timedelta) -> Person | None:
    """The person whose session this is, with their platforms, in one statement.

    None where the session was ended, is older than ``longest``, or its person is disabled.
    """
    asked = {"handle": _hash(handle), "since": utcnow() - longest}
    return db.session.scalars(_person_of_session(), asked).unique().one_or_none()


@cache
def _person_of_session() -> Select[Person]:
    """The statement behind it, which is asked by every request."""
    return (
        select(Person)
        .join(SignIn, SignIn.person_id == Person.id)
        .where(
            SignIn.handle_hash == bindparam("handle"),
            SignIn.created_at > bindparam("since"),
            Person.disabled_at.is_(None),
        )
        .options(joinedload(Person.platforms))
        # On whose behalf is read from here on is what it finds out.
        .execution_options(**{EVERYWHERE: True})
    )


def close_session(handle: str) -> bool:
    """End one session; false where it had ended already."""
    closed = db.session.execute(
        delete(SignIn).where(SignIn.handle_hash == _hash(handle)).returning(SignIn.person_id)
    )
    return closed.first() is not None


def close_all_sessions(person: Person) -> int:
    """End every session of the person, wherever its cookie was copied to."""
    closed = db.session.execute(
        delete(SignIn).where(SignIn.person_id == person.id).returning(SignIn.handle_hash)
    )
    return len(closed.all())


def sign_out(actor: Actor, handle: str) -> None:
    """End this session. Signing out twice is no mistake and no second event."""
    if close_session(handle):
        audit.record(actor, "person.signed_out", f"{actor.name} signed out.", details={"person_id": actor.id})


def sign_out_everywhere(person: Person) -> int:
    """End every session of the person, at their own wish."""
    count = close_all_sessions(person)
    audit.record(
        person.actor,
        "person.signed_out",
        f"{person.name} signed out everywhere ({count} {'session' if count == 1 else 'sessions'}).",
        details={"person_id": person.id, "sessions": count},
    )
    return count


# ---- One try


def count_attempt(email: str, address: str | None) -> Attempt:
    """Count a try as failed before anything is checked; a good one is taken back by its conclusion."""
    email, address = _as_stored(email), _network(address)
    too_old = utcnow() - WINDOW
    for column, value in ((FailedSignIn.email, email), (FailedSignIn.address, address)):
        db.session.execute(
            delete(FailedSignIn)
            .where(column == value, FailedSignIn.at < too_old)
            .execution_options(synchronize_session=False)
        )
    failed = FailedSignIn(email=email, address=address, at=utcnow())
    db.session.add(failed)
    db.session.flush()
    return Attempt(id=failed.id, email=email, address=address)


def weigh_attempt(attempt: Attempt) -> Attempt:
    """Whether the try may go on, and what its password is compared with.

    Tries held back are not counted themselves: the wait ends, however often somebody presses the button.
    """
    since = utcnow() - WINDOW
    by_email, by_address = FailedSignIn.email == attempt.email, FailedSignIn.address == attempt.address
    pair = _count(since, by_email, by_address)
    address = _count(since, by_address)
    person = db.session.scalars(
        select(Person).where(Person.email == attempt.email, Person.disabled_at.is_(None))
    ).one_or_none()
    limited = pair > PAIR_LIMIT or address > ADDRESS_LIMIT
    if not limited and _count(since, by_email) > EMAIL_LIMIT:
        limited = not _is_familiar(person, attempt.address)
    if limited:
        _uncount(FailedSignIn.id == attempt.id)
    return replace(
        attempt,
        limited=limited,
        last=pair == PAIR_LIMIT or address == ADDRESS_LIMIT,
        person_id=person.id if person else None,
        password_hash=person.password_hash if person else None,
    )


def is_right(attempt: Attempt, password: str, hasher: Hasher = HASHER) -> bool:
    """Compare the password, at the same price for known, unknown and disabled people."""
    return not attempt.limited and hasher.verify(attempt.password_hash, password)


def conclude_attempt(
    attempt: Attempt,
    right: bool,
    password: str,
    *,
    browser: str = "",
    replacing: str | None = None,
    hasher: Hasher = HASHER,
) -> Outcome:
    """Open a session for a good try; write down a bad one. Returns instead of raising: both are kept.

    Args:
        attempt: as weighed.
        right: what ``is_right`` said.
        password: to hash it again where the stored hash is outdated.
        browser: what the browser calls itself, for the list of sessions.
        replacing: the handle of the session this browser had before, which ends.
        hasher: as in ``is_right``.
    """
    if attempt.limited:
        return Outcome(message=LIMITED, limited=True)
    person = proven(attempt) if right else None
    if person is None:
        _record_failure(attempt)
        return Outcome(message=WRONG)
    if replacing:
        close_session(replacing)
    if hasher.is_outdated(person.password_hash):
        person.password_hash = hasher.hash(password)
    handle = open_session(person)
    audit.record(
        person.actor,
        "person.signed_in",
        f"{person.name} signed in from {attempt.address}.",
        details={
            "person_id": person.id,
            "address": attempt.address,
            "browser": browser[:200],
            "session": session_mark(handle),
        },
    )
    return Outcome(handle=handle)


def proven(attempt: Attempt) -> Person | None:
    """The person of a try with the right password, locked; their failures from this address are forgotten.

    None where they were disabled, or their password changed, while it was compared.
    """
    person = db.session.scalars(
        select(Person)
        .where(
            Person.id == attempt.person_id,
            Person.password_hash == attempt.password_hash,
            Person.disabled_at.is_(None),
        )
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one_or_none()
    if person is not None:
        _uncount(FailedSignIn.email == attempt.email, FailedSignIn.address == attempt.address)
    return person


def session_mark(handle: str) -> str:
    """What tells a session from another without giving it away: the start of the hash of its handle."""
    return _hash(handle)[:16]


def _record_failure(attempt: Attempt) -> None:
    typed = _shortened(attempt.email)
    summary = f"Failed sign-in as {typed} from {attempt.address}."
    if attempt.last:
        summary += f" Further tries are held back for {WINDOW.seconds // 60} minutes."
    audit.record(
        NOBODY,
        "person.sign_in_failed",
        summary,
        details={"email": typed, "address": attempt.address, "person_id": attempt.person_id},
    )


def _count(since: datetime, *conditions: object) -> int:
    statement = select(func.count(FailedSignIn.id)).where(FailedSignIn.at > since, *conditions)  # type: ignore[arg-type]
    return db.session.scalars(statement).one()


def _uncount(*conditions: object) -> None:
    db.session.execute(
        delete(FailedSignIn).where(*conditions).execution_options(synchronize_session=False)  # type: ignore[arg-type]
    )


def _is_familiar(person: Person | None, address: str) -> bool:
    """Whether this person has signed in from the address before."""
    if person is None:
        return False
    details = db.session.scalars(
        select(AuditEvent.details)
        .where(
            AuditEvent.actor_id == person.id,
            AuditEvent.kind == "person.signed_in",
            AuditEvent.at > utcnow() - FAMILIAR_FOR,
        )
        .order_by(AuditEvent.id.desc())
        .limit(500)
        # A person's own sign-ins belong to no platform.
        .execution_options(**{EVERYWHERE: True})
    )
    return any(detail.get("address") == address for detail in details)


def _as_stored(email: str) -> str:
    """What was typed, as an e-mail address is stored; control characters cannot be part of one."""
    return "".join(character for character in email.strip().lower() if character.isprintable())[:254]


def _network(address: str | None) -> str:
    """What counts as one address: for IPv6 its /64, since one machine has all of it."""
    try:
        parsed = ipaddress.ip_address(address or "")
    except ValueError:
        return "unknown"
    if isinstance(parsed, ipaddress.IPv4Address):
        return str(parsed)
    if parsed.ipv4_mapped:
        return str(parsed.ipv4_mapped)
    return str(ipaddress.ip_network((parsed.packed[:8] + bytes(8), 64)))


def _shortened(email: str) -> str:
    """Enough to recognise, too little if somebody typed their password into the wrong field."""
    name, at, domain = email.rpartition("@")
    if not at or len(domain) > 80 or "." not in domain:
        return email[:2] + "…"
    return f"{name[:2]}…@{domain}"
