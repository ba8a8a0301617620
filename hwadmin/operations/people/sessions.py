"""Signed-in browsers: opening, finding and ending their sessions."""

from __future__ import annotations

import hashlib
import re
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import Select, bindparam, delete, func, select, update

from hwadmin.clock import utcnow
from hwadmin.db.extensions import db
from hwadmin.db.quick_sql import read_rows
from hwadmin.db.tenancy import EVERYWHERE
from hwadmin.domain.people.browser_names import browser_name
from hwadmin.domain.permissions import Actor, Role
from hwadmin.errors import NotFound
from hwadmin.models import AccountNotice, AuditTail, NoticeKind, Person, SignIn
from hwadmin.operations.audit.people_events import (
    SessionFacts,
    record_signed_out,
    record_signed_out_everywhere,
)
from hwadmin.queries.orders.orders import waiting_counts_of_person
from hwadmin.queries.people.actors import actor_columns, actor_of
from hwadmin.queries.people.people import recent_sign_ins

# Ended by age long before; kept no longer than this.
_FORGET_SESSIONS_AFTER = timedelta(days=30)
# For how long a browser is known that was not used since.
_KNOWN_FOR = timedelta(days=90)
# How old what is noted of its last use may be; so reading writes once in this time, and not each time.
USE_NOTED_EVERY = timedelta(minutes=15)
# How much of a handle's hash tells a session from another.
_MARK = 16
_IS_MARK = re.compile(rf"[0-9a-f]{{{_MARK}}}")


def handle_hash_of(handle: str) -> str:
    return hashlib.sha256(handle.encode("utf-8", "replace")).hexdigest()


def open_session(
    person: Person,
    provider: str | None = None,
    provider_session: str | None = None,
    proved_at: datetime | None = None,
) -> str:
    """Open a session of the person and return its handle, which is stored nowhere.

    Args:
        person: whose it is.
        provider: the key of the identity provider that vouched for them, if one did.
        provider_session: what it calls the session.
        proved_at: when the person proved who they are, if that is not now.
    """
    handle = secrets.token_urlsafe(32)
    db.session.execute(
        delete(SignIn).where(
            SignIn.person_id == person.id, SignIn.created_at < utcnow() - _FORGET_SESSIONS_AFTER
        )
    )
    db.session.add(
        SignIn(
            handle_hash=handle_hash_of(handle),
            person_id=person.id,
            created_at=utcnow(),
            provider=provider,
            provider_session=provider_session,
            proved_at=proved_at,
        )
    )
    db.session.flush()
    return handle


@dataclass(frozen=True, slots=True)
class AuthenticatedSession:
    """A session that counts, and whose it is."""

    actor: Actor
    email: str
    second_factor_since: datetime | None
    second_factor_awaited_from: datetime | None
    # The key of the identity provider that vouched for them, if one did.
    provider: str | None
    use_recorded: bool
    # The number of the newest event in the audit trail's chain: where it is the same, nothing happened since.
    newest_event: int
    # How many orders wait for a decision and how many are to be placed, where that was asked for.
    waiting_counts: tuple[int, int] | None

    @property
    def role(self) -> Role:
        """What the person is here for."""
        return self.actor.role


def authenticate_session(
    handle: str, longest: timedelta, *, with_counts: bool = False
) -> AuthenticatedSession | None:
    """The session with this handle and whose it is, with their platforms, in one statement.

    None where the session was ended, is older than ``longest``, or its person is disabled.

    Args:
        handle: what the browser's cookie holds.
        longest: how old a session gets.
        with_counts: whether the counts that every page shows in its menu are read along.
    """
    rows = read_rows(_session_of(with_counts), handle=handle_hash_of(handle), since=utcnow() - longest)
    if not rows:
        return None
    row = _Row(*rows[0])
    return AuthenticatedSession(
        actor_of(row.person_id, row.name, row.role, row.all_platforms, row.platform_ids),
        row.email,
        row.second_factor_since,
        row.second_factor_awaited_from,
        row.provider,
        row.used_at > utcnow() - USE_NOTED_EVERY,
        row.newest_event,
        (row.waiting, int(row.to_be_placed)) if with_counts else None,
    )


class _Row(NamedTuple):
    """What the statement selects."""

    person_id: int
    name: str
    role: Role
    all_platforms: bool
    platform_ids: str | None
    email: str
    second_factor_since: datetime | None
    second_factor_awaited_from: datetime | None
    provider: str | None
    used_at: datetime
    newest_event: int
    # With counts only. PostgreSQL's sum is a Decimal.
    waiting: int = 0
    to_be_placed: Any = 0


@cache
def _session_of(with_counts: bool) -> Select[Any]:
    """The statement behind it, which is asked by every request."""
    return (
        select(
            *actor_columns(),
            *(Person.email, Person.second_factor_since, Person.second_factor_awaited_from, SignIn.provider),
            func.coalesce(SignIn.last_used_at, SignIn.created_at),
            select(AuditTail.seq).scalar_subquery(),
            *(waiting_counts_of_person() if with_counts else ()),
        )
        .join(SignIn, SignIn.person_id == Person.id)
        .where(
            SignIn.handle_hash == bindparam("handle"),
            SignIn.created_at > bindparam("since"),
            Person.disabled_at.is_(None),
        )
        # On whose behalf is read from here on is what it finds out.
        .execution_options(**{EVERYWHERE: True})
    )


def record_use(handle: str) -> None:
    """Write down that a session is used now."""
    now = utcnow()
    last_used_at = func.coalesce(SignIn.last_used_at, SignIn.created_at)
    db.session.execute(
        update(SignIn)
        .where(SignIn.handle_hash == handle_hash_of(handle), last_used_at <= now - USE_NOTED_EVERY)
        .values(last_used_at=now)
        .execution_options(synchronize_session=False)
    )


def prove_session(handle: str) -> str:
    """The person of this session has just proven again who they are.

    Returns:
        Its new handle; the former one, which may have been copied, opens nothing any more.
    """
    renewed = secrets.token_urlsafe(32)
    db.session.execute(
        update(SignIn)
        .where(SignIn.handle_hash == handle_hash_of(handle))
        .values(
            handle_hash=handle_hash_of(renewed),
            first_mark=func.coalesce(SignIn.first_mark, session_mark(handle)),
            proved_at=utcnow(),
        )
        .execution_options(synchronize_session=False)
    )
    return renewed


def proved_at(handle: str) -> datetime | None:
    """When the person of this session last proved who they are; None where it has ended."""
    return db.session.scalars(
        select(func.coalesce(SignIn.proved_at, SignIn.created_at)).where(
            SignIn.handle_hash == handle_hash_of(handle)
        )
    ).one_or_none()


def close_marked_session(person: Person, mark: str) -> None:
    """End one of the person's sessions, by its mark.

    Raises:
        NotFound: it is none of theirs, or has ended.
    """
    if not _IS_MARK.fullmatch(mark):
        raise NotFound("There is no such session.")
    closed = db.session.execute(
        delete(SignIn)
        .where(SignIn.person_id == person.id, func.substr(SignIn.handle_hash, 1, _MARK) == mark)
        .returning(SignIn.person_id)
    ).all()
    if not closed:
        raise NotFound("That session has ended already.")
    record_signed_out(person.actor)


def close_session(handle: str) -> bool:
    """End one session; false where it had ended already."""
    closed = db.session.execute(
        delete(SignIn).where(SignIn.handle_hash == handle_hash_of(handle)).returning(SignIn.person_id)
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
        record_signed_out(actor)


def sign_out_everywhere(person: Person) -> int:
    """End every session of the person, at their own wish."""
    count = close_all_sessions(person)
    record_signed_out_everywhere(person, sessions=count)
    return count


def session_mark(handle: str) -> str:
    """What tells a session from another without giving it away: the start of the hash of its handle."""
    return handle_hash_of(handle)[:_MARK]


# ---- Mails about them, which the worker writes; see outbox/account_notices.py


def tell_of_break_glass(person: Person, facts: SessionFacts) -> None:
    """Let all super-admins be told that the account for emergencies was used."""
    _tell(NoticeKind.BREAK_GLASS, person, facts)


def tell_of_new_browser(person: Person, facts: SessionFacts) -> None:
    """Let the person be told of a sign-in by a browser they have not used for long, or never.

    To be called before the sign-in is recorded. Somebody's very first sign-in is no news to them. A newer
    version of the same browser on the same system is the same.
    """
    before = recent_sign_ins(person.id, utcnow() - _KNOWN_FOR)
    name = browser_name(facts.browser, version=False)
    if before and all(browser_name(row.get("browser"), version=False) != name for row in before):
        _tell(NoticeKind.NEW_BROWSER, person, facts)


def _tell(kind: NoticeKind, person: Person, facts: SessionFacts) -> None:
    notice = AccountNotice(kind=kind, person_id=person.id, address=facts.address, browser=facts.browser)
    db.session.add(notice)
