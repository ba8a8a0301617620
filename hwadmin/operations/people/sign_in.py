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

import ipaddress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import delete, func, select

from hwadmin.clock import utcnow
from hwadmin.db.extensions import db
from hwadmin.domain.people.passwords import HASHER, Hasher
from hwadmin.domain.permissions import Actor, Role
from hwadmin.models import FailedSignIn, Person
from hwadmin.operations.audit.people_events import (
    SessionFacts,
    record_break_glass_used,
    record_sign_in_failed,
    record_signed_in,
)
from hwadmin.operations.people.sessions import (
    close_session,
    handle_hash_of,
    open_session,
    session_mark,
    tell_of_break_glass,
    tell_of_new_browser,
)
from hwadmin.queries.people.people import recent_sign_ins

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
    # The identity provider that decides who they are here.
    managed_by: str | None = None
    # Whether the address is that of the account for emergencies.
    is_break_glass: bool = False
    # Where an identity provider vouches for the person: its key, and what it calls the session.
    provider: str | None = None
    provider_session: str | None = None
    # When it saw them prove who they are, if that is not now.
    proved_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class SignInResult:
    """How a try ended: the new session's handle, the sentence to show, or that a one-time code is needed."""

    handle: str | None = None
    message: str | None = None
    limited: bool = False
    person_id: int | None = None
    email: str = ""
    # Where a one-time code is needed: what tells whether the password is still the one that was right.
    password_mark: str | None = None


# ---- One try


def count_attempt(email: str, address: str | None) -> Attempt:
    """Count a try as failed before anything is checked; a good one is taken back by its conclusion."""
    email, address = _as_stored(email), network_of(address)
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
        managed_by=person.managed_by if person else None,
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
) -> SignInResult:
    """Open a session for a good try; write down a bad one. Returns instead of raising: both are kept.

    Args:
        attempt: as weighed.
        right: what ``is_right`` returned.
        password: to hash it again where the stored hash is outdated.
        browser: what the browser calls itself, for the list of sessions.
        replacing: the handle of the session this browser had before, which ends.
        hasher: as in ``is_right``.
    """
    if attempt.limited:
        return SignInResult(message=LIMITED, limited=True)
    person = proven(attempt) if right else None
    if person is None:
        record_failure(attempt)
        return SignInResult(message=WRONG)
    if hasher.is_outdated(person.password_hash):
        person.password_hash = hasher.hash(password)
    if person.second_factor_since is not None:
        # Nothing is open yet: the password alone lets nobody in.
        return SignInResult(password_mark=mark_of_password(person.password_hash))
    return let_in(person, attempt, browser, replacing)


def mark_of_password(password_hash: str | None) -> str:
    """What tells one password from another without giving it away."""
    return handle_hash_of(password_hash or "")[:16]


def let_in(person: Person, attempt: Attempt, browser: str, replacing: str | None) -> SignInResult:
    """Open a session for somebody who has proven who they are."""
    if person.role is Role.SUPER_ADMIN and person.second_factor_awaited_from is None:
        person.second_factor_awaited_from = utcnow()
    if replacing:
        close_session(replacing)
    handle = open_session(person, attempt.provider, attempt.provider_session, attempt.proved_at)
    facts = SessionFacts(attempt.address, browser[:200], session_mark(handle), attempt.provider)
    tell_of_new_browser(person, facts)
    record_signed_in(person, facts)
    if attempt.is_break_glass:
        record_break_glass_used(person, facts)
        tell_of_break_glass(person, facts)
    return SignInResult(handle=handle, person_id=person.id)


def proven(attempt: Attempt) -> Person | None:
    """The person of a try with the right password, locked; their failures from this address are forgotten.

    None where they were disabled, or their password changed, while it was compared.
    """
    person = proven_person(attempt)
    if person is not None and person.second_factor_since is None:
        forget_failures(attempt)
    elif person is not None:
        # Not those of codes: the password could be sent again and again between guesses.
        _uncount(FailedSignIn.id == attempt.id)
    return person


def proven_person(attempt: Attempt) -> Person | None:
    """The person of a try, locked; None where they were disabled or their password changed meanwhile."""
    return db.session.scalars(
        select(Person)
        .where(
            Person.id == attempt.person_id,
            Person.password_hash == attempt.password_hash,
            Person.disabled_at.is_(None),
        )
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one_or_none()


def forget_failures(attempt: Attempt) -> None:
    """Forget the person's failures from this address."""
    _uncount(FailedSignIn.email == attempt.email, FailedSignIn.address == attempt.address)


def record_failure(attempt: Attempt) -> None:
    """Record a wrong password or code."""
    email = shortened_email(attempt.email)
    summary = f"Failed sign-in as {email} from {attempt.address}."
    if attempt.last:
        summary += f" Further tries are held back for {WINDOW.seconds // 60} minutes."
    record_sign_in_failed(NOBODY, summary, email=email, address=attempt.address, person_id=attempt.person_id)


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
    details = recent_sign_ins(person.id, utcnow() - FAMILIAR_FOR)
    return any(detail.get("address") == address for detail in details)


def _as_stored(email: str) -> str:
    """What was email, as an e-mail address is stored; control characters cannot be part of one."""
    return "".join(character for character in email.strip().lower() if character.isprintable())[:254]


def network_of(address: str | None) -> str:
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


def shortened_email(email: str) -> str:
    """Enough to recognise, too little if somebody email their password into the wrong field."""
    name, at, domain = email.rpartition("@")
    if not at or len(domain) > 80 or "." not in domain:
        return email[:2] + "…"
    return f"{name[:2]}…@{domain}"
