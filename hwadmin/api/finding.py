"""From what stands in an address to the row it means, for whoever asks."""

from __future__ import annotations

from hwadmin.errors import NotFound
from hwadmin.models import Account, order_id_of
from hwadmin.operations.platforms import find
from hwadmin.permissions import Actor


def account_of(actor: Actor, text: str) -> Account:
    """The account with this key.

    Raises:
        NotFound: the same for a foreign, an absent and a malformed key.
    """
    fits = text.isascii() and text.isdigit() and len(text) <= 19
    return find(actor, Account, int(text) if fits else 0)


def order_key(reference: str) -> int:
    """The key of an order from its reference.

    Raises:
        NotFound: this is no reference.
    """
    key = order_id_of(reference)
    if key is None:
        raise NotFound("There is no such order.")
    return key
