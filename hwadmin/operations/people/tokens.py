"""Tokens: what lets a program act as a person or as a platform's service account."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any, ClassVar, NamedTuple

from sqlalchemy import Select, case, or_, select, update

from hwadmin.clock import utcnow
from hwadmin.db.extensions import db
from hwadmin.db.lookup import insert_or_ignore
from hwadmin.db.quick_sql import read_rows
from hwadmin.db.tenancy import EVERYWHERE
from hwadmin.domain.permissions import Actor, Permission, Role, require
from hwadmin.domain.row_ids import is_valid_id
from hwadmin.domain.text_validation import Problems
from hwadmin.errors import InvalidInput, NotFound, WrongState
from hwadmin.models import ApiToken, DirectoryToken, Person, Platform, ServiceAccount, StaffToken
from hwadmin.operations.audit.people_events import record_token_created, record_token_revoked
from hwadmin.queries.people.actors import actor_of
from hwadmin.queries.people.tokens import TokenRow, valid_tokens
from hwadmin.queries.scope import find

MARK = "hwa_"
DEFAULT_DAYS = 365
MOST_DAYS = 3650
# As much of a secret as is shown after its mark, to tell tokens apart; more than 200 random bits stay unseen.
_SHOWN = 8


@dataclass(frozen=True, slots=True)
class AuthenticatedToken:
    """A valid token of any kind, and its actor."""

    kind: ClassVar[type[ApiToken | DirectoryToken | StaffToken]]
    token_id: int
    prefix: str
    actor: Actor
    # Whether this hour's use is written down already.
    use_recorded: bool


class TokenHolder(NamedTuple):
    """What decides whether a person's token works."""

    name: str
    email: str
    role: Role
    # The identity provider that decides their role, by its key in the settings.
    managed_by: str | None
    second_factor_since: datetime | None
    second_factor_awaited_from: datetime | None


@dataclass(frozen=True, slots=True)
class AuthenticatedApiToken(AuthenticatedToken):
    """A valid token of the API."""

    kind = ApiToken
    # By whom repeated requests are recognised.
    owner: str
    # Whether it may send orders above the amount at which people prove again who they are.
    sends_any_amount: bool
    # Whether it may do what people prove again who they are for.
    acts_without_proof: bool
    # As whom it acts; nobody where it is a service account's.
    person: TokenHolder | None


# ---- Using


def authenticate_token(secret: str) -> AuthenticatedApiToken | None:
    """The valid token with this secret and its actor, read anew, in one statement.

    None where there is no such token, it expired or was revoked, or its person is disabled.
    """
    rows = read_rows(_token_of(), hash=hash_of(secret), now=utcnow())
    if not rows:
        return None
    row = TokenRow(*rows[0])
    person = None
    if row.service_id is not None:
        actor = Actor(None, row.service_name, Role.PLATFORM_ADMIN, frozenset({row.service_platform_id}))
        owner = f"service:{row.service_id}"
    else:
        actor = actor_of(row.person_id, row.name, row.role, row.all_platforms, row.platform_ids)
        owner = f"person:{row.person_id}"
        person = TokenHolder(
            row.name,
            row.email,
            row.role,
            row.managed_by,
            row.second_factor_since,
            row.second_factor_awaited_from,
        )
    return AuthenticatedApiToken(
        row.token_id,
        row.prefix,
        actor,
        is_recorded(row.last_used_at),
        owner=owner,
        sends_any_amount=row.sends_any_amount,
        acts_without_proof=row.acts_without_proof,
        person=person,
    )


@cache
def _token_of() -> Select[Any]:
    """The statement behind it, made once. On whose behalf is read from here on is what it finds out."""
    return valid_tokens().execution_options(**{EVERYWHERE: True})


def record_use(token: AuthenticatedToken) -> None:
    """Write down the hour in which a token of any kind was used: no more is kept of when.

    In its first hour that is when it was created: none is used before.
    """
    hour = _hour_of(utcnow())
    created_at = token.kind.created_at
    db.session.execute(
        update(token.kind)
        .where(
            token.kind.id == token.token_id,
            or_(token.kind.last_used_at.is_(None), token.kind.last_used_at < hour),
        )
        .values(last_used_at=case((created_at > hour, created_at), else_=hour))
        # The token itself tells its platform.
        .execution_options(synchronize_session=False, **{EVERYWHERE: True})
    )


def is_recorded(last_used_at: datetime | None) -> bool:
    """Whether the use of a token in this hour is written down already."""
    return last_used_at is not None and last_used_at >= _hour_of(utcnow())


def _hour_of(moment: datetime) -> datetime:
    return moment.replace(minute=0, second=0, microsecond=0)


def new_secret(mark: str) -> tuple[str, str]:
    """A secret that begins with its kind's mark, and as much of it as may be shown afterwards."""
    secret = mark + secrets.token_urlsafe(32)
    return secret, secret[: len(mark) + _SHOWN]


def hash_of(secret: str) -> str:
    """What is stored of a secret, to know it again."""
    return hashlib.sha256(secret.encode("utf-8", "replace")).hexdigest()


# ---- Making


def create_token(
    actor: Actor,
    person_id: int,
    *,
    name: str,
    days: int = DEFAULT_DAYS,
    sends_any_amount: bool = False,
    acts_without_proof: bool = False,
) -> tuple[ApiToken, str]:
    """Make a token that acts as a person: one's own, or, for super-admins, anybody's.

    Args:
        actor: who makes it.
        person_id: as whom it acts.
        name: what it is for.
        days: for how long it is valid.
        sends_any_amount: whether it may send orders above the amount at which people prove again who they
            are.
        acts_without_proof: whether it may do what people prove again who they are for.

    Returns:
        The token, and its secret, which is stored nowhere and can be read this once.

    Raises:
        NotAllowed: the actor may not make tokens of others.
        NotFound: there is no such person.
        InvalidInput: at ``name`` or ``days``.
        WrongState: the person is disabled.
    """
    require(actor, Permission.TOKENS_OWN if person_id == actor.id else Permission.TOKENS_WRITE)
    person = db.session.get(Person, person_id) if is_valid_id(person_id) else None
    if person is None:
        raise NotFound("There is no such person.")
    if person.disabled_at is not None:
        raise WrongState(f"{person.name} is disabled, and so would be the token.")
    name, expires_at = _checked(name, days)
    rights = {"sends_any_amount": sends_any_amount, "acts_without_proof": acts_without_proof}
    token, secret = _make(actor, name, expires_at, person_id=person.id, **rights)
    record_token_created(actor, token, person.name, None)
    return token, secret


def create_service_token(
    actor: Actor,
    platform_id: int,
    service: str,
    *,
    name: str,
    days: int = DEFAULT_DAYS,
    acts_without_proof: bool = False,
) -> tuple[ApiToken, str]:
    """Make a token for a service account of a platform; the account is made with its first token.

    Args:
        actor: who makes it.
        platform_id: whose service account it is.
        service: the name of the service account.
        name: what it is for.
        days: for how long it is valid.
        acts_without_proof: whether it may do what people prove again who they are for.

    Returns:
        The token, and its secret, which is stored nowhere and can be read this once.

    Raises:
        NotAllowed: the actor may not make such tokens.
        NotFound: there is no such platform.
        InvalidInput: at ``service``, ``name`` or ``days``.
    """
    require(actor, Permission.TOKENS_WRITE)
    platform = find(actor, Platform, platform_id)
    problems = Problems()
    service = problems.text("service", service, most=120, required="Give the service account a name.") or ""
    name, expires_at = _checked(name, days, problems)
    named = (ServiceAccount.platform_id == platform.id, ServiceAccount.name == service)
    account = insert_or_ignore(ServiceAccount, platform_id=platform.id, name=service, created_at=utcnow())
    if account is None:
        account = db.session.scalars(select(ServiceAccount).where(*named)).one()
    token, secret = _make(
        actor, name, expires_at, service_account_id=account.id, acts_without_proof=acts_without_proof
    )
    record_token_created(actor, token, f"{service} of {platform.name}", platform)
    return token, secret


def _checked(name: str, days: int, problems: Problems | None = None) -> tuple[str, datetime]:
    problems = problems or Problems()
    name = problems.text("name", name, most=120, required="Say what the token is for.") or ""
    if not 1 <= days <= MOST_DAYS:
        problems.add("days", f"A token can be valid for 1 to {MOST_DAYS:,} days.")
    if problems.errors:
        raise InvalidInput(problems.errors)
    return name, utcnow() + timedelta(days=days)


def _make(actor: Actor, name: str, expires_at: datetime, **owner: int) -> tuple[ApiToken, str]:
    secret, prefix = new_secret(MARK)
    token = ApiToken(
        prefix=prefix,
        secret_hash=hash_of(secret),
        name=name,
        created_at=utcnow(),
        created_by_name=actor.name,
        expires_at=expires_at,
        **owner,
    )
    db.session.add(token)
    db.session.flush()
    return token, secret


# ---- Ending


def revoke_token(actor: Actor, token_id: int) -> ApiToken:
    """End a token from its next request on: one's own, or, for super-admins, anybody's.

    Raises:
        NotFound: there is no such token, or it is somebody else's.
        WrongState: it was revoked before.
    """
    require(actor, Permission.TOKENS_OWN)
    token = None
    if is_valid_id(token_id):
        statement = select(ApiToken).where(ApiToken.id == token_id)
        if not actor.can(Permission.TOKENS_WRITE):
            statement = statement.where(ApiToken.person_id.is_not(None), ApiToken.person_id == actor.id)
        token = db.session.scalars(
            statement.with_for_update().execution_options(populate_existing=True)
        ).one_or_none()
    if token is None:
        raise NotFound("There is no such token.")
    if token.revoked_at is not None:
        raise WrongState(f"{token.prefix}… was revoked before, by {token.revoked_by_name}.")
    token.revoked_at, token.revoked_by_name = utcnow(), actor.name
    service = token.service_account
    record_token_revoked(actor, token, find(actor, Platform, service.platform_id) if service else None)
    return token
