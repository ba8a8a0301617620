"""Reading people and their sessions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import joinedload, selectinload

from hwadmin.clock import utcnow
from hwadmin.db.extensions import db
from hwadmin.db.tenancy import EVERYWHERE
from hwadmin.domain.event_kinds import AuditKind
from hwadmin.domain.permissions import Role
from hwadmin.models import AuditEvent, Passkey, Person, Platform, SignIn, person_platform


def person_by_email(email: str) -> Person | None:
    """The person with this e-mail address, disabled or not."""
    email = email.strip().lower()
    if not email.isprintable():
        return None
    return db.session.scalars(select(Person).where(Person.email == email)).one_or_none()


def person_with_platforms(person_id: int | None) -> Person:
    """A person who is there, with their platforms, on whosever behalf it is read."""
    return db.session.get_one(
        Person,
        person_id,
        options=(joinedload(Person.platforms),),
        execution_options={EVERYWHERE: True},
    )


def people_after(after: int, limit: int, *conditions: ColumnElement[bool]) -> Sequence[Person]:
    """Everybody who signs in under these conditions, with their platforms, by key."""
    return db.session.scalars(
        select(Person)
        .where(Person.id > after, *conditions)
        .order_by(Person.id)
        .limit(limit)
        .options(selectinload(Person.platforms))
    ).all()


def may_see_platform(platform_id: int) -> ColumnElement[bool]:
    """The condition that a person may see a platform: they were given it, or all of them."""
    given = select(person_platform.c.person_id).where(person_platform.c.platform_id == platform_id)
    return or_(Person.id.in_(given), Person.role == Role.SUPER_ADMIN, Person.all_platforms)


def platform_choices() -> list[tuple[int, str]]:
    """Every platform there is to give somebody: key and name."""
    return [
        (key, name)
        for key, name in db.session.execute(select(Platform.id, Platform.name).order_by(Platform.name))
    ]


def super_admin_choices() -> list[tuple[int, str]]:
    """The super-admins who may sign in: key and name."""
    rows = db.session.execute(
        select(Person.id, Person.name)
        .where(Person.role == Role.SUPER_ADMIN, Person.disabled_at.is_(None))
        .order_by(Person.name, Person.id)
    )
    return [(key, name) for key, name in rows]


def recent_sign_ins(person_id: int, since: datetime) -> Sequence[dict[str, Any]]:
    """What was noted at the person's sign-ins since then, the newest first: address, browser, session."""
    return db.session.scalars(
        select(AuditEvent.details)
        .where(
            AuditEvent.actor_id == person_id,
            AuditEvent.kind == AuditKind.PERSON_SIGNED_IN,
            AuditEvent.at > since,
        )
        .order_by(AuditEvent.id.desc())
        .limit(500)
        # A person's own sign-ins belong to no platform.
        .execution_options(**{EVERYWHERE: True})
    ).all()


def passkeys_of(person_id: int) -> Sequence[Passkey]:
    """The person's passkeys, the oldest first."""
    return db.session.scalars(
        select(Passkey).where(Passkey.person_id == person_id).order_by(Passkey.id)
    ).all()


def people_choices() -> list[tuple[int, str]]:
    """Everybody who may sign in, to choose from: key, name and e-mail address."""
    rows = db.session.execute(
        select(Person.id, Person.name, Person.email)
        .where(Person.disabled_at.is_(None))
        .order_by(Person.name, Person.id)
    )
    return [(key, f"{name} ({email})") for key, name, email in rows]


@dataclass(frozen=True, slots=True)
class OpenSession:
    """One signed-in browser, as far as it can be told."""

    since: datetime
    # To a quarter of an hour.
    last_used_at: datetime
    address: str | None
    browser: str | None
    mark: str


def open_sessions(person_id: int, longest: timedelta, unused: timedelta) -> list[OpenSession]:
    """The person's sessions that may still count, newest first, with what was noted when they signed in.

    Args:
        person_id: whose.
        longest: how long a session lives.
        unused: how long ago a session that still counts may have been noted as used.
    """
    last_used_at = func.coalesce(SignIn.last_used_at, SignIn.created_at)
    found = db.session.execute(
        select(SignIn.handle_hash, SignIn.first_mark, SignIn.created_at, last_used_at)
        .where(
            SignIn.person_id == person_id,
            SignIn.created_at > utcnow() - longest,
            last_used_at > utcnow() - unused,
        )
        .order_by(SignIn.created_at.desc())
    ).all()
    noted = {
        details.get("session"): details
        for details in db.session.scalars(
            select(AuditEvent.details)
            .where(
                AuditEvent.actor_id == person_id,
                AuditEvent.kind.in_((AuditKind.PERSON_SIGNED_IN, AuditKind.PERSON_PASSWORD_CHANGED)),
                AuditEvent.at > utcnow() - longest,
            )
            .order_by(AuditEvent.id.desc())
            .limit(100)
            # A person's own sign-ins belong to no platform.
            .execution_options(**{EVERYWHERE: True})
        )
    }
    sessions = []
    for handle_hash, first_mark, since, used in found:
        mark = handle_hash[:16]
        details = noted.get(first_mark or mark, {})
        sessions.append(OpenSession(since, used, details.get("address"), details.get("browser"), mark))
    return sessions
