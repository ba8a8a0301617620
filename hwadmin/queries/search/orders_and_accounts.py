"""Searching accounts by name, and orders by their references, their distributor and their account."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from sqlalchemy import ColumnElement, case, or_, select, union

from hwadmin.db.extensions import db
from hwadmin.domain.permissions import Actor
from hwadmin.models import Account, HardwareOrder, Platform, order_id_of
from hwadmin.queries.orders.search import PlatformsNamed
from hwadmin.queries.scope import within
from hwadmin.queries.search.hits import MAX_HITS, AccountHit, OrderHit
from hwadmin.queries.text_match import ACCOUNTS, ORDERS, SearchWord, number_in


def matching_orders(
    actor: Actor, text: str, terms: Sequence[SearchWord], account_ids: Collection[int]
) -> tuple[Sequence[OrderHit], bool]:
    """The orders with this reference; or else the newest of these accounts and of a distributor of this name.

    Args:
        actor: among whose orders.
        text: what may be a reference, ours or the distributor's.
        terms: its words, each part of the distributor's name or reference.
        account_ids: the accounts of this name.

    Returns:
        The orders, and whether they have this reference.
    """
    order_id, writings = order_id_of(number_in(text)), _writings(number_in(text))
    references: list[ColumnElement[bool]] = [HardwareOrder.distributor_reference.in_(writings)]
    if order_id is not None:
        references.append(HardwareOrder.id == order_id)
    alternatives = list(references)
    if account_ids:
        alternatives.append(HardwareOrder.account_id.in_(sorted(account_ids)))
    # Two digits are part of very many references, and in no index.
    if all(term.indexed for term in terms):
        alternatives.append(ORDERS.holds_all(terms))
    hits = _first(actor, alternatives, or_(*references))
    referenced = [hit for hit in hits if hit.id == order_id or hit.distributor_reference in writings]
    return referenced or hits, bool(referenced)


def _first(
    actor: Actor, alternatives: Sequence[ColumnElement[bool]], best: ColumnElement[bool]
) -> Sequence[OrderHit]:
    """The newest orders that meet one of the conditions, each found by an index; the best of them first."""
    chosen = union(
        *(
            select(
                select(HardwareOrder.id)
                .where(within(actor, HardwareOrder), condition)
                .order_by(HardwareOrder.id.desc())
                .limit(MAX_HITS + 1)
                .subquery()
                .c.id
            )
            for condition in alternatives
        )
    ).subquery()
    rows = db.session.execute(
        select(
            HardwareOrder.id,
            HardwareOrder.status,
            HardwareOrder.created_at,
            HardwareOrder.distributor,
            HardwareOrder.distributor_reference,
            Account.name.label("account_name"),
            Platform.name.label("platform_name"),
        )
        .join(Account, Account.id == HardwareOrder.account_id)
        .join(Platform, Platform.id == HardwareOrder.platform_id)
        .join(chosen, chosen.c.id == HardwareOrder.id)
        .where(within(actor, HardwareOrder))
        .order_by(case((best, 0), else_=1), HardwareOrder.id.desc())
        .limit(MAX_HITS + 1)
    )
    return [OrderHit(**row._mapping) for row in rows]


def _writings(text: str) -> list[str]:
    """The usual ways to write a distributor's reference: in one piece, or with separators; in any case."""
    parts = text.split()
    joined = {separator.join(parts) for separator in ("", " ", "-", "/")}
    return sorted({form for joint in joined for form in (joint, joint.upper(), joint.lower())})


def matching_accounts(
    actor: Actor, terms: Sequence[SearchWord], platforms: PlatformsNamed
) -> Sequence[AccountHit]:
    """The accounts that hold every word in their own name, or some of them in their platform's."""
    named = [ACCOUNTS.holds(term) for term in terms]
    found_by = [own for own, term in zip(named, terms, strict=True) if term.findable] or named
    # Some words may match the platform's name, but not all: then the platform is the hit, not its accounts.
    matching = [
        or_(own, Account.platform_id.in_(sorted(ids))) if ids else own
        for own, ids in zip(named, platforms.by_word, strict=True)
    ]
    chosen = (
        select(Account.id)
        .where(within(actor, Account), or_(*found_by), *matching)
        .limit(MAX_HITS + 1)
        .subquery()
    )
    rows = db.session.execute(
        select(Account.id, Account.name, Platform.name.label("platform_name"))
        .join(Platform, Platform.id == Account.platform_id)
        .join(chosen, chosen.c.id == Account.id)
        .where(within(actor, Account))
    )
    return [AccountHit(**row._mapping) for row in rows]
