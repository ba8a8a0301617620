"""The tokens with which an identity provider pushes the employees of one account."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select

from hwadmin.clock import utcnow
from hwadmin.db.extensions import db
from hwadmin.db.tenancy import EVERYWHERE
from hwadmin.domain.permissions import Actor, Permission, Role, require
from hwadmin.domain.text_validation import Problems, refuse
from hwadmin.errors import WrongState
from hwadmin.models import Account, DirectoryToken
from hwadmin.operations.audit.people_events import (
    record_directory_token_created,
    record_directory_token_revoked,
)
from hwadmin.operations.people.tokens import AuthenticatedToken, hash_of, is_recorded, new_secret
from hwadmin.queries.scope import find

MARK = "hws_"


@dataclass(frozen=True, slots=True)
class AuthenticatedDirectoryToken(AuthenticatedToken):
    """A valid directory token and its actor."""

    kind = DirectoryToken
    account_id: int


def authenticate_directory_token(secret: str) -> AuthenticatedDirectoryToken | None:
    """The valid token with this secret and its actor, read in one statement; otherwise None."""
    row = db.session.execute(
        select(
            DirectoryToken.id,
            DirectoryToken.prefix,
            DirectoryToken.account_id,
            DirectoryToken.platform_id,
            DirectoryToken.name,
            DirectoryToken.last_used_at,
        )
        .where(DirectoryToken.secret_hash == hash_of(secret), DirectoryToken.revoked_at.is_(None))
        # The token itself tells its platform.
        .execution_options(**{EVERYWHERE: True})
    ).one_or_none()
    if row is None:
        return None
    actor = Actor(
        None,
        f"{row.name} (directory)",
        Role.PLATFORM_ADMIN,
        frozenset({row.platform_id}),
        frozenset({Permission.DIRECTORY_WRITE}),
    )
    return AuthenticatedDirectoryToken(
        row.id, row.prefix, actor, is_recorded(row.last_used_at), row.account_id
    )


def create_directory_token(actor: Actor, account_id: int, *, name: str) -> tuple[DirectoryToken, str]:
    """Let an identity provider push the employees of an account.

    Returns:
        The token, and its secret, which is stored nowhere and can be read this once.

    Raises:
        NotAllowed: the actor does not connect directories.
        NotFound: there is no such account.
        InvalidInput: at ``name``.
    """
    require(actor, Permission.DIRECTORY_CONNECT)
    account = find(actor, Account, account_id)
    problems = Problems()
    name = problems.text("name", name, most=120, required="Say which identity provider it is for.") or ""
    refuse(problems)
    secret, prefix = new_secret(MARK)
    token = DirectoryToken(
        account_id=account.id,
        platform_id=account.platform_id,
        name=name,
        prefix=prefix,
        secret_hash=hash_of(secret),
        created_by_name=actor.name,
    )
    db.session.add(token)
    record_directory_token_created(actor, token, account)
    return token, secret


def revoke_directory_token(actor: Actor, token_id: int) -> DirectoryToken:
    """End a token from its next request on. The employees it pushed stay as they are.

    Raises:
        NotAllowed: the actor does not connect directories.
        NotFound: there is no such token.
        WrongState: it was revoked before.
    """
    require(actor, Permission.DIRECTORY_CONNECT)
    token = find(actor, DirectoryToken, token_id, lock=True)
    if token.revoked_at is not None:
        raise WrongState(f"{token.prefix}… was revoked before, by {token.revoked_by_name}.")
    token.revoked_at, token.revoked_by_name = utcnow(), actor.name
    record_directory_token_revoked(actor, token)
    return token
