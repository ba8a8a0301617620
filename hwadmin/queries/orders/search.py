"""Searching hardware orders: by reference, by a device's identifier, by words of account and platform.

What the text denotes is looked up per table first, each look-up by an index of its own; the condition on
orders then speaks of keys only. One OR over joined tables would use no index and read every order.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, and_, false, or_, select

from hwadmin import identifiers
from hwadmin.db import dialects
from hwadmin.db.extensions import db
from hwadmin.domain.permissions import Actor
from hwadmin.domain.text_folding import search_text
from hwadmin.models import Account, Device, HardwareOrder, Unit, order_id_of
from hwadmin.queries.devices.conditions import identified
from hwadmin.queries.people.platforms import platform_names
from hwadmin.queries.scope import within
from hwadmin.queries.text_match import ACCOUNTS, SearchWord, number_in, plain, words_of

# Up to so many accounts are named one by one, which lets the database choose between the orders of each and
# the newest orders of all; beyond, nearly every recent order is one of theirs and a subselect does.
_MAX_NAMED = 500


class OrdersNamed(NamedTuple):
    """What a text denotes: orders, and all orders of some platforms and accounts; a field for each column."""

    id: Sequence[int]
    platform_id: Sequence[int]
    account_id: Sequence[int]
    # Instead of the accounts, where they are too many to be named one by one.
    many_accounts: Select[Any] | None

    @property
    def kinds(self) -> tuple[str, ...]:
        """The columns by which orders are named."""
        return tuple(name for name in ("id", "platform_id", "account_id") if getattr(self, name))

    @property
    def values(self) -> dict[str, tuple[int, ...]]:
        """The parameters of ``named_by``: as many as the next power of two, so that there are few texts."""
        keys = {f"named_{name}": tuple(getattr(self, name)) for name in self.kinds}
        return {
            name: some + some[-1:] * ((1 << (len(some) - 1).bit_length()) - len(some))
            for name, some in keys.items()
        }


def matching_orders(actor: Actor, text: str) -> ColumnElement[bool] | None:
    """The condition that an order is what the text denotes; None for a blank text, never an error."""
    named = orders_named(actor, text, platform_names(actor) if plain(text) else ())
    return None if named is None else condition_of(named)


def condition_of(named: OrdersNamed) -> ColumnElement[bool]:
    """The condition that an order is one of those."""
    alternatives = [
        dialects.in_keys(getattr(HardwareOrder, name), getattr(named, name)) for name in named.kinds
    ]
    if named.many_accounts is not None:
        alternatives.append(HardwareOrder.account_id.in_(named.many_accounts))
    return or_(*alternatives) if alternatives else false()


def named_by(kinds: Sequence[str]) -> ColumnElement[bool]:
    """The same condition for a statement that is made once: by these columns, whose keys are parameters."""
    alternatives = (
        dialects.in_keys(getattr(HardwareOrder, name), parameter=f"named_{name}") for name in kinds
    )
    return or_(false(), *alternatives)


def orders_named(actor: Actor, text: str, platform_names: Sequence[tuple[int, str]]) -> OrdersNamed | None:
    """What the text denotes; None for a blank text, never an error.

    An order is found by its reference and by the identifier of one of its devices in any of their writings,
    and by words that are each part of the name of its account or platform. Five words of the first hundred
    characters count.

    Args:
        actor: who searches.
        text: what for.
        platform_names: the key and name of each platform the actor is given.
    """
    text = plain(text)
    words = words_of(text)
    if not words:
        return None
    order_ids = _by_identifier(actor, text)
    if (order_id := order_id_of(number_in(text))) is not None:
        order_ids.add(order_id)
    platforms = platforms_named(platform_names, words)
    accounts = _matching_accounts(actor, words, platforms)
    account_ids: Sequence[int] = db.session.scalars(accounts.limit(_MAX_NAMED + 1)).all()
    many = accounts if len(account_ids) > _MAX_NAMED else None
    return OrdersNamed(
        sorted(order_ids), sorted(platforms.whole), [] if many is not None else sorted(account_ids), many
    )


def _by_identifier(actor: Actor, text: str) -> set[int]:
    """The orders with a unit whose device has the identifier."""
    if not identifiers.search_values(text):
        return set()
    return set(
        db.session.scalars(
            select(Unit.order_id)
            .join(Device, Device.unit_id == Unit.id)
            .where(within(actor, Unit), within(actor, Device), identified(text))
        )
    )


@dataclass(frozen=True, slots=True)
class PlatformsNamed:
    """The platforms that words are part of."""

    # For each word.
    by_word: Sequence[frozenset[int]]
    # Those that hold every word, with their names.
    whole: Mapping[int, str]


def platforms_named(platform_names: Sequence[tuple[int, str]], words: Sequence[SearchWord]) -> PlatformsNamed:
    """Of these platforms, keys and names, those that each of the words is part of."""
    names = [(platform_id, name, _compared(name)) for platform_id, name in platform_names]
    by_word = [
        frozenset(
            platform_id for platform_id, _, text in names if any(map(text.__contains__, word.spellings))
        )
        for word in words
    ]
    whole = frozenset.intersection(*by_word)
    return PlatformsNamed(
        by_word, {platform_id: name for platform_id, name, _ in names if platform_id in whole}
    )


@lru_cache(maxsize=2048)
def _compared(name: str) -> str:
    """What a name is compared as; there are few platforms, and each search looks at all."""
    return search_text(name)


def _matching_accounts(actor: Actor, words: Sequence[SearchWord], platforms: PlatformsNamed) -> Select[Any]:
    """The keys of accounts where each word is part of the account's or its platform's name.

    Accounts of platforms that hold every word are left out: they are found by their platform.
    """
    matching = [within(actor, Account)]
    for word, ids in zip(words, platforms.by_word, strict=True):
        named = ACCOUNTS.holds(word)
        matching.append(or_(named, Account.platform_id.in_(sorted(ids))) if ids else named)
    if platforms.whole:
        matching.append(Account.platform_id.not_in(sorted(platforms.whole)))
    return select(Account.id).where(and_(*matching))
