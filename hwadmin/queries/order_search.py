"""Searching hardware orders: by reference, by a device's identifier, by words of account and platform.

What the text denotes is looked up per table first, each look-up by an index of its own; the condition on
orders then speaks of keys only. One OR over joined tables would use no index and read every order.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import ColumnElement, and_, column, false, or_, select, table

from hwadmin import identifiers
from hwadmin.extensions import db
from hwadmin.models import Account, Device, HardwareOrder, Platform, Unit, order_id_of
from hwadmin.permissions import Actor
from hwadmin.queries.scope import within

MOST_WORDS = 5
MOST_CHARACTERS = 100
# Up to so many accounts are named one by one, which lets the database choose between the orders of each and
# the newest orders of all; beyond, nearly every recent order is one of theirs and a subselect does.
_MOST_NAMED = 500
# The full-text index knows pieces of three characters.
_SHORTEST_INDEXED = 3

_names = table("account_search", column("rowid"), column("account_search"))


def matching_orders(actor: Actor, text: str) -> ColumnElement[bool] | None:
    """The condition that an order is what the text denotes; None for a blank text, never an error.

    An order is found by its reference and by the identifier of one of its devices in any of their writings,
    and by words that are each part of the name of its account or platform. Five words of the first hundred
    characters count.
    """
    text = "".join(character for character in text[:MOST_CHARACTERS] if character.isprintable()).strip()
    words = text.split()[:MOST_WORDS]
    if not words:
        return None
    found: list[ColumnElement[bool]] = []
    order_ids = _by_identifier(actor, text)
    if (said := order_id_of(text)) is not None:
        order_ids.add(said)
    if order_ids:
        found.append(HardwareOrder.id.in_(sorted(order_ids)))
    platforms = [_platforms_named(actor, word) for word in words]
    if whole := frozenset.intersection(*platforms):
        found.append(HardwareOrder.platform_id.in_(sorted(whole)))
    by_account = _by_account(actor, words, platforms, whole)
    if by_account is not None:
        found.append(by_account)
    return or_(*found) if found else false()


def _by_identifier(actor: Actor, text: str) -> set[int]:
    """The orders with a unit whose device has the identifier."""
    keys = {identifiers.same_device_key(kind, value) for kind, value in identifiers.search_values(text)}
    if not keys:
        return set()
    return set(
        db.session.scalars(
            select(Unit.order_id)
            .join(Device, Device.unit_id == Unit.id)
            .where(within(actor, Unit), within(actor, Device), Device.identifier_key.in_(sorted(keys)))
        )
    )


def _platforms_named(actor: Actor, word: str) -> frozenset[int]:
    named = Platform.name.ilike(_pattern(word), escape="\\")
    return frozenset(db.session.scalars(select(Platform.id).where(within(actor, Platform), named)))


def _by_account(
    actor: Actor, words: Sequence[str], platforms: Sequence[frozenset[int]], whole: frozenset[int]
) -> ColumnElement[bool] | None:
    """Orders of accounts where each word is part of the account's or its platform's name.

    Accounts of the platforms in ``whole`` are left out: their orders are found by their platform.
    """
    matching = [within(actor, Account)]
    for word, ids in zip(words, platforms, strict=True):
        named = _account_named(word)
        matching.append(or_(named, Account.platform_id.in_(sorted(ids))) if ids else named)
    if whole:
        matching.append(Account.platform_id.not_in(sorted(whole)))
    accounts = select(Account.id).where(and_(*matching))
    ids_found = db.session.scalars(accounts.limit(_MOST_NAMED + 1)).all()
    if not ids_found:
        return None
    return HardwareOrder.account_id.in_(sorted(ids_found) if len(ids_found) <= _MOST_NAMED else accounts)


def _account_named(word: str) -> ColumnElement[bool]:
    """The condition that the word is part of the account's name, by the trigram index of the database."""
    if db.session.get_bind().dialect.name == "sqlite" and len(word) >= _SHORTEST_INDEXED:
        # In quotes the word is plain text to the index, whatever it contains.
        phrase = '"' + word.replace('"', '""') + '"'
        return Account.id.in_(select(_names.c.rowid).where(_names.c.account_search.bool_op("MATCH")(phrase)))
    return Account.name.ilike(_pattern(word), escape="\\")


def _pattern(word: str) -> str:
    """The LIKE pattern of a word within a text; what LIKE reads specially is made plain (escape ``\\``)."""
    return "%" + word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
