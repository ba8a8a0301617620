"""Choosing a new password by a link that is mailed: for who has forgotten theirs."""

from __future__ import annotations

import secrets

from sqlalchemy import func, select, update

from hwadmin.clock import utcnow
from hwadmin.db.extensions import db
from hwadmin.domain.people.passwords import HASHER, Hasher
from hwadmin.domain.people.signed_links import is_token_of, row_id_of
from hwadmin.errors import NotFound
from hwadmin.models import PasswordLink, Person
from hwadmin.operations.audit.people_events import (
    record_password_chosen_by_link,
    record_password_link_requested,
)
from hwadmin.operations.people.person_checks import check_password
from hwadmin.operations.people.sessions import close_all_sessions
from hwadmin.operations.people.sign_in import NOBODY, Attempt, shortened_email

PURPOSE = "new password"
# Nobody's mailbox is filled by others.
_MAX_PER_HOUR = 3

NO_SUCH_LINK = (
    "This link does not work any more: it is good for one hour and one time. "
    "Ask for a new one on the sign-in page."
)


def request_password_link(attempt: Attempt) -> None:
    """Let a link be mailed to the person of a try at signing in, if there is one.

    The same is written for an address nobody has, so that neither the answer nor its time tells. The worker
    writes the mail (outbox/password_mails.py).

    Args:
        attempt: as weighed, and not held back.
    """
    since = utcnow() - PasswordLink.LIFETIME
    requested = db.session.scalars(
        select(func.count(PasswordLink.id)).where(
            PasswordLink.person_id == (attempt.person_id or 0), PasswordLink.created_at > since
        )
    ).one()
    person_id = attempt.person_id if requested < _MAX_PER_HOUR else None
    db.session.add(PasswordLink(person_id=person_id, seed=secrets.token_hex(32)))
    record_password_link_requested(NOBODY, email=shortened_email(attempt.email), address=attempt.address)


def person_of_link(secret_key: str, token: str) -> Person:
    """The person who may choose a new password by this link.

    Raises:
        NotFound: it is no link of ours, was used, is older than an hour, or its person is disabled.
    """
    link = _link(secret_key, token)
    assert link.person is not None
    return link.person


def choose_password(secret_key: str, token: str, password: str, hasher: Hasher = HASHER) -> Person:
    """Give the person of a link the password they chose; their sessions and their other links end.

    Raises:
        NotFound: as for ``person_of_link``.
        InvalidInput: at ``new_password``.
    """
    link = _link(secret_key, token, lock=True)
    person = link.person
    assert person is not None
    check_password(person.name, person.email, password, "new_password")
    person.password_hash = hasher.hash(password)
    db.session.execute(
        update(PasswordLink)
        .where(PasswordLink.person_id == person.id, PasswordLink.used_at.is_(None))
        .values(used_at=utcnow())
    )
    record_password_chosen_by_link(person, sessions_ended=close_all_sessions(person))
    return person


def _link(secret_key: str, token: str, *, lock: bool = False) -> PasswordLink:
    statement = select(PasswordLink).where(
        PasswordLink.id == (row_id_of(token) or 0),
        PasswordLink.used_at.is_(None),
        PasswordLink.created_at > utcnow() - PasswordLink.LIFETIME,
    )
    if lock:
        statement = statement.with_for_update().execution_options(populate_existing=True)
    link = db.session.scalars(statement).one_or_none()
    if (
        link is None
        or link.person is None
        or link.person.disabled_at is not None
        or not is_token_of(secret_key, PURPOSE, link.id, link.seed, token)
    ):
        raise NotFound(NO_SUCH_LINK)
    return link
