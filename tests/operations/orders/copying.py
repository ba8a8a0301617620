"""Ordering again as people do it: an order fills a basket, which is confirmed as it is."""

from __future__ import annotations

from hwadmin.domain.permissions import Actor
from hwadmin.models import Account, HardwareOrder
from hwadmin.operations.ordering.confirmation import confirm_basket
from hwadmin.operations.ordering.copies import copy_to_basket
from hwadmin.queries.ordering.basket import basket_of, shown_basket
from hwadmin.queries.scope import find


def copy_order(actor: Actor, order_id: int) -> HardwareOrder:
    """The order that comes of it."""
    account = find(actor, Account, copy_to_basket(actor, order_id).account_id)
    basket = shown_basket(actor, account, basket_of(actor, account.id))
    key = basket.content.submission_key
    return confirm_basket(actor, account.id, submission_key=key, seen=basket.seen)
