"""Reading what identity providers' claims give."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import selectinload

from hwadmin.db.extensions import db
from hwadmin.errors import NotFound
from hwadmin.models import AccessRule


def access_rules() -> Sequence[AccessRule]:
    """Every rule with its platforms, by provider, claim and value."""
    return db.session.scalars(
        select(AccessRule)
        .order_by(AccessRule.provider, AccessRule.claim, AccessRule.value)
        .options(selectinload(AccessRule.platforms))
    ).all()


def get_access_rule(key: int) -> AccessRule:
    """One rule.

    Raises:
        NotFound: there is none.
    """
    rule = db.session.get(AccessRule, key)
    if rule is None:
        raise NotFound("There is no such rule.")
    return rule


def values_with_a_rule(claim: str) -> set[tuple[str, str]]:
    """The provider and value of each rule that looks at a claim."""
    rows = db.session.execute(select(AccessRule.provider, AccessRule.value).where(AccessRule.claim == claim))
    return {(provider, value) for provider, value in rows}


def claims_of_rules(provider: str) -> set[str]:
    """The claims that the rules of a provider look at."""
    return set(db.session.scalars(select(AccessRule.claim).where(AccessRule.provider == provider)))
