"""From what stands in an address to the row it means, for whoever asks."""

from __future__ import annotations

import re

from hwadmin.errors import NotFound
from hwadmin.models import Account, order_id_of, reference
from hwadmin.operations.platforms import find
from hwadmin.permissions import Actor

_KEY = re.compile(r"[1-9][0-9]{0,18}")


def account_of(actor: Actor, text: str) -> Account:
    """The account with this key.

    Raises:
        NotFound: the same for a foreign, an absent and a malformed key.
    """
    return find(actor, Account, row_key(text))


def row_key(text: str) -> int:
    """A key as it is written in an address; 0, which no row has, for anything else."""
    return int(text) if _KEY.fullmatch(text) else 0


def order_key(written: str) -> int:
    """The key of an order from its reference; people's other writings of it are for the search.

    Raises:
        NotFound: this is no reference.
    """
    key = order_id_of(written)
    if key is None or written != reference(key):
        raise NotFound("There is no such order.")
    return key
