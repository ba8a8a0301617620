"""Where a person may go on ordering: baskets they have begun, and accounts they ordered for lately."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from hwadmin.db.extensions import db
from hwadmin.domain.ordering.basket import read
from hwadmin.domain.permissions import Actor
from hwadmin.models import Account, Basket, HardwareOrder
from hwadmin.queries.scope import visible, within


@dataclass(frozen=True, slots=True)
class BegunBasket:
    """A basket somebody has begun, in a list."""

    account_id: int
    name: str
    count: int
    updated_at: datetime


def begun_baskets(actor: Actor, *, limit: int = 20) -> list[BegunBasket]:
    """The actor's baskets that hold something, the latest first."""
    rows = db.session.execute(
        select(Basket.account_id, Account.name, Basket.content, Basket.updated_at)
        .join(Account, Account.id == Basket.account_id)
        .where(within(actor, Basket), Basket.person_id == actor.id)
        .order_by(Basket.updated_at.desc())
        .limit(200)
    )
    baskets = []
    for account_id, name, document, updated_at in rows:
        count = sum(line.quantity for line in read(document)[0].lines)
        if count:
            baskets.append(BegunBasket(account_id, name, count, updated_at))
    return baskets[:limit]


def recent_accounts(actor: Actor, *, limit: int = 8) -> list[tuple[int, str, str]]:
    """The accounts the actor ordered for lately: key, name, platform's name."""
    latest = db.session.scalars(
        select(HardwareOrder.account_id)
        .where(within(actor, HardwareOrder), HardwareOrder.submitted_by_id == actor.id)
        .order_by(HardwareOrder.id.desc())
        .limit(50)
    )
    account_ids = list(dict.fromkeys(latest))[:limit]
    accounts = db.session.scalars(visible(actor, Account).where(Account.id.in_(account_ids)))
    names = {account.id: (account.id, account.name, account.platform.name) for account in accounts}
    return [names[account_id] for account_id in account_ids if account_id in names]
