"""Audit events of people, their sessions and tokens: one function per kind, with the facts it needs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from hwadmin.domain.event_kinds import AuditKind
from hwadmin.domain.permissions import Actor
from hwadmin.models import Account, ApiToken, DirectoryToken, NewOrderMail, Person, Platform
from hwadmin.operations.audit.recording import Subject, record


@dataclass(frozen=True, slots=True)
class SessionFacts:
    """Where a session was opened."""

    address: str
    browser: str
    # Tells one session from another without giving it away.
    session: str
    # The identity provider by which it was opened.
    provider: str | None = None


def record_person_created(actor: Actor, person: Person, summary: str) -> None:
    """Record that a person was created."""
    record(
        actor,
        AuditKind.PERSON_CREATED,
        summary,
        details={
            "person_id": person.id,
            "email": person.email,
            "role": person.role.value,
            "platforms": [platform.name for platform in person.platforms],
            # A super-admin is given all of them by the role.
            "all_platforms": person.actor.platform_ids is None,
        },
    )


def record_person_changed(
    actor: Actor,
    person: Person,
    summary: str,
    *,
    changes: Sequence[Mapping[str, str | bool]],
    sessions_ended: int,
) -> None:
    """Record that a person was changed, disabled or enabled: each change as what, before and after."""
    details = {"person_id": person.id, "changes": changes, "sessions_ended": sessions_ended}
    record(actor, AuditKind.PERSON_CHANGED, summary, details=details)


def record_new_order_mail_chosen(actor: Actor, person: Person, *, before: NewOrderMail) -> None:
    """Record how a person wants to be told of new orders."""
    after = person.new_order_mail
    record(
        actor,
        AuditKind.PERSON_CHANGED,
        f"{person.name} gets mail of new orders: {after.label.lower()}",
        details={"person_id": person.id, "before": before.label, "after": after.label},
    )


def record_signed_in(person: Person, session: SessionFacts) -> None:
    """Record that a person signed in."""
    by = f" by {session.provider}" if session.provider else ""
    summary = f"{person.name} signed in from {session.address}{by}."
    details = {"person_id": person.id, **asdict(session)}
    record(person.actor, AuditKind.PERSON_SIGNED_IN, summary, details=details)


def record_sign_in_failed(
    actor: Actor, summary: str, *, email: str, address: str, person_id: int | None
) -> None:
    """Record that somebody did not sign in. The e-mail address is what they typed."""
    details = {"email": email, "address": address, "person_id": person_id}
    record(actor, AuditKind.PERSON_SIGN_IN_FAILED, summary, details=details)


def record_signed_out(actor: Actor) -> None:
    """Record that a person ended a session."""
    summary = f"{actor.name} signed out."
    record(actor, AuditKind.PERSON_SIGNED_OUT, summary, details={"person_id": actor.id})


def record_signed_out_everywhere(person: Person, *, sessions: int) -> None:
    """Record that a person ended all their sessions."""
    count = f"{sessions} {'session' if sessions == 1 else 'sessions'}"
    details = {"person_id": person.id, "sessions": sessions}
    summary = f"{person.name} signed out everywhere ({count})."
    record(person.actor, AuditKind.PERSON_SIGNED_OUT, summary, details=details)


def record_password_reset(actor: Actor, person: Person, *, sessions_ended: int) -> None:
    """Record that a person was given a new password."""
    details = {"person_id": person.id, "sessions_ended": sessions_ended}
    summary = f"{actor.name} gave {person.name} a new password."
    record(actor, AuditKind.PERSON_PASSWORD_CHANGED, summary, details=details)


def record_own_password_changed(person: Person, session: SessionFacts, *, sessions_ended: int) -> None:
    """Record that a person changed their own password, and the session that was opened with it."""
    details = {"person_id": person.id, "sessions_ended": sessions_ended, **asdict(session)}
    summary = f"{person.name} changed their password."
    record(person.actor, AuditKind.PERSON_PASSWORD_CHANGED, summary, details=details)


def record_password_link_requested(actor: Actor, *, email: str, address: str) -> None:
    """Record that somebody asked for a link to choose a new password, whoever has the address."""
    summary = f"A link to choose a new password was requested for {email} from {address}."
    details = {"email": email, "address": address}
    record(actor, AuditKind.PERSON_PASSWORD_LINK_REQUESTED, summary, details=details)


def record_password_chosen_by_link(person: Person, *, sessions_ended: int) -> None:
    """Record that a person chose a new password by the link that was mailed to them."""
    details = {"person_id": person.id, "sessions_ended": sessions_ended}
    summary = f"{person.name} chose a new password by a mailed link."
    record(person.actor, AuditKind.PERSON_PASSWORD_CHANGED, summary, details=details)


def record_second_factor_changed(
    actor: Actor, person: Person, summary: str, *, sessions_ended: int = 0
) -> None:
    """Record that a second factor was set up, used up in part, or taken away."""
    details = {"person_id": person.id, "sessions_ended": sessions_ended}
    record(actor, AuditKind.PERSON_SECOND_FACTOR_CHANGED, summary, details=details)


def record_break_glass_used(person: Person, session: SessionFacts) -> None:
    """Record that the account for emergencies was used."""
    summary = f"The break-glass account of {person.name} was used from {session.address}."
    details = {"person_id": person.id, **asdict(session)}
    record(person.actor, AuditKind.PERSON_BREAK_GLASS_USED, summary, details=details)


def record_signed_out_by_provider(actor: Actor, person_id: int, *, sessions: int) -> None:
    """Record that an identity provider ended a person's sessions."""
    count = f"{sessions} {'session' if sessions == 1 else 'sessions'}"
    summary = f"{actor.name} ended {count} that it had opened."
    details = {"person_id": person_id, "sessions": sessions}
    record(actor, AuditKind.PERSON_SIGNED_OUT, summary, details=details)


def record_access_rule_changed(actor: Actor, rule_id: int, summary: str) -> None:
    """Record a change of what an identity provider's claims or groups give."""
    record(actor, AuditKind.ACCESS_RULE_CHANGED, summary, details={"access_rule_id": rule_id})


def record_token_created(actor: Actor, token: ApiToken, acts_as: str, platform: Platform | None) -> None:
    """Record that an API token was created; for a service account with its platform."""
    summary = f"Created {_described(token)}, which acts as {acts_as}"
    _record_token(actor, AuditKind.TOKEN_CREATED, token, summary, platform)


def record_token_revoked(actor: Actor, token: ApiToken, platform: Platform | None) -> None:
    """Record that an API token was revoked; for a service account with its platform."""
    summary = f"Revoked {_described(token)}, which acted as {token.owner_name}"
    _record_token(actor, AuditKind.TOKEN_REVOKED, token, summary, platform)


def _record_token(
    actor: Actor, kind: AuditKind, token: ApiToken, summary: str, platform: Platform | None
) -> None:
    details: dict[str, Any] = {
        "token": token.prefix,
        "name": token.name,
        "person_id": token.person_id,
        "expires_at": token.expires_at.isoformat(),
        "sends_any_amount": bool(token.sends_any_amount),
        "acts_without_proof": bool(token.acts_without_proof),
    }
    record(actor, kind, summary, Subject(platform=platform), details=details)


def record_directory_token_created(actor: Actor, token: DirectoryToken, account: Account) -> None:
    """Record that a token for an HR directory was created."""
    summary = f"Created {_described(token, 'the directory token')}, which pushes the employees"
    details = {"token": token.prefix, "name": token.name}
    record(actor, AuditKind.TOKEN_CREATED, summary, Subject(account=account), details=details)


def record_directory_token_revoked(actor: Actor, token: DirectoryToken) -> None:
    """Record that a token of an HR directory was revoked."""
    summary = f"Revoked {_described(token, 'the directory token')}, which pushed the employees"
    details = {"token": token.prefix, "name": token.name}
    record(actor, AuditKind.TOKEN_REVOKED, summary, Subject(account=token.account), details=details)


def _described(token: ApiToken | DirectoryToken, noun: str = "the token") -> str:
    return f"{noun} {token.prefix}… ({token.name})"
