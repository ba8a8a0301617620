"""Reading people and their sessions."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select

from hwadmin.clock import utcnow
from hwadmin.extensions import db
from hwadmin.models import AuditEvent, Person, Platform, SignIn
from hwadmin.tenancy import EVERYWHERE


def person_by_email(email: str) -> Person | None:
    """The person with this e-mail address, disabled or not."""
    email = email.strip().lower()
    if not email.isprintable():
        return None
    return db.session.scalars(select(Person).where(Person.email == email)).one_or_none()


def platform_choices() -> list[tuple[int, str]]:
    """Every platform there is to give somebody: key and name."""
    return [
        (key, name)
        for key, name in db.session.execute(select(Platform.id, Platform.name).order_by(Platform.name))
    ]


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
    address: str | None
    browser: str | None
    mark: str


def open_sessions(person_id: int, longest: timedelta) -> list[OpenSession]:
    """The person's sessions that still count, newest first, with what was noted when they signed in."""
    found = db.session.execute(
        select(SignIn.handle_hash, SignIn.created_at)
        .where(SignIn.person_id == person_id, SignIn.created_at > utcnow() - longest)
        .order_by(SignIn.created_at.desc())
    ).all()
    noted = {
        details.get("session"): details
        for details in db.session.scalars(
            select(AuditEvent.details)
            .where(
                AuditEvent.actor_id == person_id,
                AuditEvent.kind.in_(("person.signed_in", "person.password_changed")),
                AuditEvent.at > utcnow() - longest,
            )
            .order_by(AuditEvent.id.desc())
            .limit(100)
            # A person's own sign-ins belong to no platform.
            .execution_options(**{EVERYWHERE: True})
        )
    }
    sessions = []
    for handle_hash, since in found:
        mark = handle_hash[:16]
        details = noted.get(mark, {})
        sessions.append(OpenSession(since, details.get("address"), details.get("browser"), mark))
    return sessions
