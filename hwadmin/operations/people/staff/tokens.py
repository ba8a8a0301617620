"""The tokens with which an identity provider pushes the people of the company itself."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import select

from hwadmin.clock import utcnow
from hwadmin.config import IdentityProvider
from hwadmin.db.extensions import db
from hwadmin.domain.permissions import Actor, Permission, Role, require
from hwadmin.domain.row_ids import is_valid_id
from hwadmin.domain.text_validation import Problems, refuse
from hwadmin.errors import NotFound, WrongState
from hwadmin.models import StaffToken
from hwadmin.operations.audit.staff_events import record_staff_token_created, record_staff_token_revoked
from hwadmin.operations.people.tokens import AuthenticatedToken, hash_of, is_recorded, new_secret

MARK = "hwp_"


@dataclass(frozen=True, slots=True)
class AuthenticatedStaffToken(AuthenticatedToken):
    """A valid staff token and its actor."""

    kind = StaffToken
    # The key of the identity provider it belongs to.
    provider: str


def authenticate_staff_token(secret: str) -> AuthenticatedStaffToken | None:
    """The valid staff token with this secret and its actor, read in one statement; otherwise None."""
    token = db.session.scalars(
        select(StaffToken)
        .where(StaffToken.secret_hash == hash_of(secret), StaffToken.revoked_at.is_(None))
        .execution_options(populate_existing=True)
    ).one_or_none()
    if token is None:
        return None
    actor = Actor(
        None,
        f"{token.name} (staff directory)",
        Role.SUPER_ADMIN,
        None,
        frozenset({Permission.PEOPLE_WRITE}),
    )
    return AuthenticatedStaffToken(
        token.id, token.prefix, actor, is_recorded(token.last_used_at), token.provider
    )


def create_staff_token(
    actor: Actor, provider_key: str, *, name: str, providers: Collection[IdentityProvider]
) -> tuple[StaffToken, str]:
    """Let an identity provider push the people who may sign in.

    Args:
        actor: who does it.
        provider_key: which provider the token is for: its rules say what its groups give.
        name: what the history calls it.
        providers: those in the settings.

    Returns:
        The token, and its secret, which is stored nowhere and can be read this once.

    Raises:
        NotAllowed: unless the actor may change people.
        InvalidInput: at ``name``; at ``provider``, where no domain is bound to it: no address would count.
    """
    require(actor, Permission.PEOPLE_WRITE)
    problems = Problems()
    name = problems.text("name", name, most=120, required="Say what the token is for.") or ""
    provider = next((row for row in providers if row.key == provider_key), None)
    if provider is None:
        problems.add("provider", "Choose an identity provider.")
    elif not provider.domains:
        problems.add("provider", f"Bind the domains of your addresses to {provider.name} first.")
    refuse(problems)
    secret, prefix = new_secret(MARK)
    token = StaffToken(
        provider=provider_key,
        name=name,
        prefix=prefix,
        secret_hash=hash_of(secret),
        created_by_name=actor.name,
    )
    db.session.add(token)
    db.session.flush()
    record_staff_token_created(actor, token)
    return token, secret


def revoke_staff_token(actor: Actor, token_id: int) -> StaffToken:
    """End a token from its next request on. The people it pushed stay as they are.

    Raises:
        NotAllowed: unless the actor may change people.
        NotFound: there is no such token.
        WrongState: it was revoked before.
    """
    require(actor, Permission.PEOPLE_WRITE)
    token = db.session.get(StaffToken, token_id, with_for_update=True) if is_valid_id(token_id) else None
    if token is None:
        raise NotFound("There is no such token.")
    if token.revoked_at is not None:
        raise WrongState(f"{token.prefix}… was revoked before, by {token.revoked_by_name}.")
    token.revoked_at, token.revoked_by_name = utcnow(), actor.name
    record_staff_token_revoked(actor, token)
    return token
