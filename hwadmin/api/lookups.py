"""The rows that addresses name; a row the actor may not see is not found."""

from __future__ import annotations

import re

from hwadmin.domain.permissions import Actor
from hwadmin.domain.row_ids import MAX_ID
from hwadmin.errors import NotFound
from hwadmin.models import Account, HardwareOrder, order_id_of, reference
from hwadmin.queries.orders.by_key import whole_order
from hwadmin.queries.scope import find

_ROW_ID = re.compile(r"[1-9][0-9]{0,18}")


def row_id(text: str) -> int:
    """The row's id; 0, which no row has, for anything that is not one, and for what no database can hold."""
    return int(text) if _ROW_ID.fullmatch(text) and int(text) <= MAX_ID else 0


def get_account_or_404(actor: Actor, account_id: str) -> Account:
    """The account.

    Raises:
        NotFound: the same for a foreign, an absent and a malformed id.
    """
    return find(actor, Account, row_id(account_id))


def order_id_or_404(text: str) -> int:
    """The id of the order with this reference, whether or not the order exists.

    Raises:
        NotFound: this is no reference. Other ways to write it are for the search only.
    """
    order_id = order_id_of(text)
    if order_id is None or text != reference(order_id):
        raise NotFound("There is no such order.")
    return order_id


def get_order_or_404(actor: Actor, text: str) -> HardwareOrder:
    """The order with this reference, with its platform, account and lines.

    Raises:
        NotFound: the same for a foreign, an absent and a malformed reference.
    """
    order = whole_order(actor, order_id_or_404(text))
    if order is None:
        raise NotFound("There is no such order.")
    return order
