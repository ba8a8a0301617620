"""Reading API tokens."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Select, select
from sqlalchemy.orm import joinedload

from hwadmin.db.extensions import db
from hwadmin.domain.permissions import Actor, Permission
from hwadmin.models import ApiToken, ServiceAccount


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
