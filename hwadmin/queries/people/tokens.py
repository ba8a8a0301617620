"""Reading API tokens."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Select, bindparam, select
from sqlalchemy.orm import joinedload

from hwadmin.db.extensions import db
from hwadmin.domain.permissions import Actor, Permission, Role
from hwadmin.models import ApiToken, Person, ServiceAccount
from hwadmin.queries.people.actors import actor_columns


def all_tokens() -> Select[ApiToken]:
    """Every token, newest first, with whom it acts as."""
    return (
        select(ApiToken)
        .options(
            joinedload(ApiToken.person),
            joinedload(ApiToken.service_account).joinedload(ServiceAccount.platform),
        )
        .order_by(ApiToken.id.desc())
    )


def visible_tokens(actor: Actor, *, limit: int | None = None) -> Sequence[ApiToken]:
    """The tokens an actor may see: their own, or, for super-admins, all of them; newest first."""
    statement = all_tokens().limit(limit)
    if not actor.can(Permission.TOKENS_WRITE):
        if actor.id is None:
            return ()
        statement = statement.where(ApiToken.person_id == actor.id)
    return db.session.scalars(statement).all()


def token_by_prefix(prefix: str) -> ApiToken | None:
    """The one token whose secret begins like this; None where there is none, or more than one."""
    beginning = ApiToken.prefix.startswith(prefix.strip().rstrip("…"), autoescape=True)
    found = db.session.scalars(select(ApiToken).where(beginning).limit(2)).all()
    return found[0] if len(found) == 1 else None


class TokenRow(NamedTuple):
    """A token of the API and whose it is: of the service account nothing, or of the person."""

    token_id: int
    prefix: str
    last_used_at: datetime | None
    sends_any_amount: bool
    acts_without_proof: bool
    service_id: int | None
    service_name: str
    service_platform_id: int
    person_id: int
    name: str
    role: Role
    all_platforms: bool
    platform_ids: str | None
    email: str
    managed_by: str | None
    second_factor_since: datetime | None
    second_factor_awaited_from: datetime | None


def valid_tokens() -> Select[Any]:
    """The ``TokenRow`` with a ``hash``, unless it is over at ``now``, was revoked, or its person disabled."""
    return (
        select(
            *(ApiToken.id, ApiToken.prefix, ApiToken.last_used_at),
            *(ApiToken.sends_any_amount, ApiToken.acts_without_proof),
            *(ServiceAccount.id, ServiceAccount.name, ServiceAccount.platform_id),
            *actor_columns(),
            *(Person.email, Person.managed_by, Person.second_factor_since, Person.second_factor_awaited_from),
        )
        .outerjoin(ApiToken.person)
        .outerjoin(ApiToken.service_account)
        .where(
            ApiToken.secret_hash == bindparam("hash"),
            ApiToken.revoked_at.is_(None),
            ApiToken.expires_at > bindparam("now"),
            Person.disabled_at.is_(None),
        )
    )
