"""Amounts of money: exact, summed, and as people read them. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

_SYMBOLS = {"EUR": "€", "USD": "$", "GBP": "£"}


@dataclass(frozen=True, slots=True)
class Totals:
    """What things cost together: paid now, and per month of their terms."""

    now: Decimal = Decimal("0.00")
    monthly: Decimal = Decimal("0.00")


def totals(parts: Iterable[tuple[Decimal, Decimal, int]]) -> Totals:
    """The totals of so many things: the price of one now, its price per month, and how many there are."""
    now = monthly = Decimal("0.00")
    for unit_price, monthly_price, quantity in parts:
        now += unit_price * quantity
        monthly += monthly_price * quantity
    return Totals(now, monthly)


def money(amount: Decimal, currency: str) -> str:
    """An amount to the cent with its currency: ``€ 1,068.00``."""
    return f"{currency_symbol(currency)} {amount:,.2f}"


def money_of_cents(cents: int, currency: str) -> str:
    """The same of an amount in whole cents."""
    return f"{currency_symbol(currency)} {cents // 100:,}.{cents % 100:02}"


def currency_symbol(currency: str) -> str:
    """What is written before an amount of a currency: ``€``; its code where it has no symbol here."""
    return _SYMBOLS.get(currency, currency)
