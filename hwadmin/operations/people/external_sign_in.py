"""Signing in by an identity provider: on the way there and back, who somebody is here, what they are given.

Three steps, with the provider asked between them, outside of any transaction:

    begin_visit(…)             commit; the browser goes to the provider
    visit = end_visit(…)       commit; it is back, once
    conclude_visit(…)          commit, also where the person is refused
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from datetime import datetime
from typing import Any

from sqlalchemy import delete, or_, select

from hwadmin.clock import utcnow
from hwadmin.config import IdentityProvider
from hwadmin.db.extensions import db
from hwadmin.domain.people.granted_access import Access, claim_values, given_access
from hwadmin.domain.permissions import Actor, Role
from hwadmin.errors import InvalidInput
from hwadmin.models import ExternalIdentity, Person, SignIn, SignInRequest
from hwadmin.operations.audit.people_events import record_sign_in_failed, record_signed_out_by_provider
from hwadmin.operations.people import people
from hwadmin.operations.people.access_rules import rules_of
from hwadmin.operations.people.person_checks import PersonFacts
from hwadmin.operations.people.sessions import handle_hash_of
from hwadmin.operations.people.sign_in import (
    NOBODY,
    Attempt,
    SignInResult,
    let_in,
    mark_of_password,
    network_of,
    shortened_email,
)
from hwadmin.operations.people.staff.access import directory_access, entry_for_sign_in, wait_for_pushes


@dataclass(frozen=True, slots=True)
class Visitor:
    """Whom the provider vouches for."""

    subject: str
    name: str
    # None where the provider has not verified it.
    email: str | None
    claims: Mapping[str, Any]
    # What the provider calls its session.
    session: str | None = None
    # When they proved there who they are, if the provider says so.
    proved_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Rights:
    """What the settings say of a visitor's address."""

    # The key of the provider that the address's domain is bound to.
    bound_to: str | None
    is_break_glass: bool


@dataclass(frozen=True, slots=True)
class Visit:
    """A visit to the provider's page, as the models say; see SignInRequest."""

    nonce: str
    verifier: str
    person_id: int | None = None
    page: str | None = None
    unsaved_input: str | None = None


# ---- On the way


def begin_visit(provider: str, state: str, visit: Visit) -> None:
    """Remember a visit to the provider's page until the browser is back; those that took too long go."""
    db.session.execute(
        delete(SignInRequest).where(SignInRequest.created_at < utcnow() - SignInRequest.LIFETIME)
    )
    row = SignInRequest(provider=provider, state_hash=handle_hash_of(state), **asdict(visit))
    db.session.add(row)
    db.session.flush()


def end_visit(provider: str, state: str) -> Visit | None:
    """The visit that a browser is back from. It is used up: the same answer does not count twice.

    None where there is none of this provider, or it took too long.
    """
    row = db.session.execute(
        delete(SignInRequest)
        .where(SignInRequest.state_hash == handle_hash_of(state))
        .returning(
            SignInRequest.provider,
            SignInRequest.created_at,
            *(getattr(SignInRequest, name.name) for name in fields(Visit)),
        )
    ).one_or_none()
    if row is None or row[0] != provider or row[1] <= utcnow() - SignInRequest.LIFETIME:
        return None
    return Visit(*row[2:])


def record_refused_visit(
    provider: IdentityProvider, why: str, address: str | None, visitor: Visitor | None = None
) -> None:
    """Record that somebody who came from a provider was not let in."""
    email = shortened_email(visitor.email) if visitor is not None and visitor.email else "nobody known"
    readable = "".join(character for character in why if character.isprintable())[:300]
    address = network_of(address)
    summary = f"Failed sign-in by {provider.name} as {email} from {address}: {readable}"
    record_sign_in_failed(NOBODY, summary, email=email, address=address, person_id=None)


# ---- Who somebody is here


def lacks_second_factor(provider: IdentityProvider, visitor: Visitor) -> str | None:
    """Why a visitor is not let in: the settings name claims of a second factor, and none is there."""
    if isinstance(provider.second_factor, bool):
        return None
    for claim in provider.second_factor:
        name, _, value = claim.partition("=")
        if value in claim_values(visitor.claims, name):
            return None
    return f"{provider.name} did not ask you for a second factor. Set one up there and sign in again."


def identified(provider: IdentityProvider, visitor: Visitor) -> Person | None:
    """The person known by the provider's subject; addresses do not count."""
    theirs = select(ExternalIdentity.person_id).where(
        ExternalIdentity.issuer == provider.issuer, ExternalIdentity.subject == visitor.subject
    )
    return people.lock_person(Person.id.in_(theirs))


def conclude_visit(
    provider: IdentityProvider, visitor: Visitor, rights: Rights, attempt: Attempt, browser: str
) -> SignInResult:
    """Create or update the person by what the rules give them, and open a session or say why not.

    Whoever is no longer given anything is signed out, wherever they are signed in. Where the provider also
    pushes its people, what it pushed last counts, and not what it says at the sign-in.

    Args:
        provider: who vouches.
        visitor: for whom.
        rights: what the settings say of their address.
        attempt: where they come from.
        browser: what the browser calls itself.

    Raises:
        InvalidInput, WrongState: the person cannot be as the rules say.
    """
    wait_for_pushes(provider)
    person = identified(provider, visitor) or _linkable(visitor)
    entry = entry_for_sign_in(provider, person, visitor.email)
    access = (
        directory_access(entry, rules_of(provider.key))
        if entry is not None
        else given_access(rules_of(provider.key), visitor.claims)
    )
    why = _refusal(provider, visitor, rights, person)
    if why is None and access is None:
        why = f"{provider.name} gives you no access here. Ask a super-admin."
        if person is not None and person.managed_by == provider.key and person.disabled_at is None:
            people.disable_person(acting(provider), person.id)
            person.access_withdrawn = True
    if why is not None or access is None:
        record_refused_visit(provider, why or "", attempt.address, visitor)
        return SignInResult(message=why)
    person = _as_given(provider, visitor, access, person)
    if entry is not None:
        entry.person_id = person.id
    if person.second_factor_since is not None and not provider.second_factor:
        mark = mark_of_password(person.password_hash)
        return SignInResult(password_mark=mark, person_id=person.id, email=person.email)
    return let_in(person, replace(attempt, proved_at=visitor.proved_at), browser, None)


def _linkable(visitor: Visitor) -> Person | None:
    """The person with the visitor's address, which the provider has verified."""
    return people.lock_person(Person.email == visitor.email) if visitor.email is not None else None


def _refusal(
    provider: IdentityProvider, visitor: Visitor, rights: Rights, person: Person | None
) -> str | None:
    """Why this visitor is nobody here, whatever the rules give."""
    if person is None and visitor.email is None:
        return f"{provider.name} has not verified your e-mail address, so you cannot be recognized by it."
    if rights.is_break_glass:
        return "The break-glass account signs in with its password only."
    if rights.bound_to not in (None, provider.key):
        return "Your e-mail address belongs to another identity provider. Sign in there."
    if person is None:
        return None
    if person.managed_by not in (None, provider.key):
        return "You sign in by another identity provider here."
    if person.disabled_at is not None and not person.access_withdrawn:
        return "You may not sign in here any more. Ask a super-admin."
    return None


def _as_given(provider: IdentityProvider, visitor: Visitor, access: Access, person: Person | None) -> Person:
    """The person as the provider and the rules say, created where there was none."""
    actor = acting(provider)
    email = visitor.email
    if person is not None and (email is None or _is_taken(email, person)):
        email = person.email
    assert email is not None
    facts = PersonFacts(visitor.name, email, access.role, access.platform_ids, access.all_platforms)
    if person is None:
        person = people.create_person_without_password(actor, facts)
    else:
        if person.disabled_at is not None:
            people.enable_person(actor, person.id)
        people.change_person(actor, person.id, facts)
    person.managed_by = provider.key
    key = {"issuer": provider.issuer, "subject": visitor.subject}
    if db.session.get(ExternalIdentity, key) is None:
        db.session.add(ExternalIdentity(**key, person_id=person.id))
    db.session.flush()
    return person


def _is_taken(email: str, person: Person) -> bool:
    other = select(Person.id).where(Person.email == email, Person.id != person.id)
    return db.session.scalars(other).first() is not None


def acting(provider: IdentityProvider) -> Actor:
    """The provider as one who does something."""
    return Actor(None, provider.name, Role.SUPER_ADMIN, None)


# ---- The provider ends sessions


def end_provider_sessions(
    provider: IdentityProvider, subject: str | None, session: str | None, until: datetime
) -> int:
    """End the sessions a provider asks to end: one, or all it opened of a person.

    Args:
        provider: who asks.
        subject: the person's, if named.
        session: what the provider calls the session, if named.
        until: those begun later stay, so that the same request does not count again.

    Returns:
        How many there were.
    """
    conditions = [SignIn.provider == provider.key, SignIn.created_at <= until]
    if subject is not None:
        theirs = select(ExternalIdentity.person_id).where(
            ExternalIdentity.issuer == provider.issuer, ExternalIdentity.subject == subject
        )
        conditions.append(SignIn.person_id.in_(theirs))
    if session is not None:
        unnamed = (
            SignIn.provider_session.is_(None) if subject is not None else SignIn.provider_session == session
        )
        conditions.append(or_(SignIn.provider_session == session, unnamed))
    if subject is None and session is None:
        raise InvalidInput.at("logout_token", "It names neither a person nor a session.")
    ended = db.session.scalars(delete(SignIn).where(*conditions).returning(SignIn.person_id)).all()
    for person_id in sorted(set(ended)):
        record_signed_out_by_provider(acting(provider), person_id, sessions=ended.count(person_id))
    return len(ended)
