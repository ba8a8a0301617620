"""Amounts of money as lists write them. Which mark is the decimal one is read from the whole column."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

POINT, COMMA = ".", ","
SIGNS = {
    "€": "EUR",
    "£": "GBP",
    "US$": "USD",
    "CA$": "CAD",
    "C$": "CAD",
    "A$": "AUD",
    "zł": "PLN",
    "Kč": "CZK",
    "Fr.": "CHF",
    "SFr.": "CHF",
    "¥": "JPY",
    "₹": "INR",
}
# What several currencies share says nothing against any of them.
SHARED_SIGNS = {"$": frozenset({"USD", "CAD", "AUD", "NZD", "SGD", "HKD", "MXN"}),
                 "kr": frozenset({"SEK", "NOK", "DKK", "ISK"})}  # fmt: skip
_CODE = re.compile(r"[A-Za-z]{3}")
_BODY = re.compile(r"[0-9][0-9.,'’ ]*", re.ASCII)
_EMPTY_CENTS = re.compile(r"[.,](?:-{1,2}|–|—)$")


@dataclass(frozen=True, slots=True)
class Amount:
    """An amount taken apart: its digits with their marks, its sign, and the currencies it can be in."""

    digits: str
    negative: bool = False
    currencies: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class AmountReading:
    """What the amounts of a column say of their decimal mark and their currency.

    `mark`: None where nothing decides. `open`: an amount that can be read both ways meanwhile. `currencies`:
    those the signs name, where they are named; `signed`: an amount with one.
    """

    mark: str | None = None
    evidence: str = ""
    open: str = ""
    currencies: frozenset[str] = frozenset()
    signed: str = ""
    contradicts: bool = False


def taken_apart(text: str) -> Amount | None:
    """The parts of an amount; None for what is none."""
    rest = text.strip().replace("\u00a0", " ").replace("\u202f", " ").replace("−", "-")
    negative = rest.startswith("(") and rest.endswith(")")
    rest = rest.strip("()").strip() if negative else rest
    rest = _EMPTY_CENTS.sub("", rest)
    rest, currencies = _without_currency(rest)
    if rest[:1] in "+-" or rest[-1:] == "-":
        negative = negative or "-" in (rest[:1], rest[-1:])
        rest = rest.strip("+- ")
    if not currencies:
        rest, currencies = _without_currency(rest)
    return Amount(rest.strip(), negative, currencies) if _BODY.fullmatch(rest) else None


def _without_currency(text: str) -> tuple[str, frozenset[str]]:
    for sign in sorted((*SIGNS, *SHARED_SIGNS), key=len, reverse=True):
        for rest in (text.removeprefix(sign), text.removesuffix(sign)):
            if rest != text:
                return rest.strip(), SHARED_SIGNS.get(sign) or frozenset({SIGNS[sign]})
    for match in (_CODE.match(text), re.search(r"[A-Za-z]{3}$", text)):
        if match:
            rest = text[: match.start()] + text[match.end() :]
            return rest.strip(), frozenset({match.group().upper()})
    return text, frozenset()


def column_mark(values: Iterable[str]) -> AmountReading:
    """What the amounts of a column, taken together, say of their decimal mark and their currency."""
    evidence: dict[str, str] = {}
    unclear = signed = ""
    currencies: frozenset[str] | None = None
    for value in values:
        amount = taken_apart(value)
        if amount is None:
            continue
        if amount.currencies:
            signed = signed or value
            shared = amount.currencies & (currencies or amount.currencies)
            currencies = shared or (currencies or frozenset()) | amount.currencies
        mark = _own_mark(amount.digits)
        if mark == "both":
            unclear = unclear or value
        elif mark:
            evidence.setdefault(mark, value)
    named = currencies or frozenset()
    if len(evidence) == 1:
        ((mark, proof),) = evidence.items()
        return AmountReading(mark, proof, "", named, signed)
    return AmountReading(None, "", unclear, named, signed, contradicts=len(evidence) > 1)


def _own_mark(digits: str) -> str:
    """The decimal mark an amount itself shows; "both" where it can be either, empty where it has none."""
    points, commas = digits.count(POINT), digits.count(COMMA)
    if points and commas:
        return POINT if digits.rindex(POINT) > digits.rindex(COMMA) else COMMA
    if points + commas == 0:
        return ""
    mark = POINT if points else COMMA
    other = COMMA if points else POINT
    if points + commas > 1:
        return other
    before, _, behind = digits.partition(mark)
    grouped = len(behind) == 3 and 1 <= len(before) <= 3 and before.strip(" '’") != "0"
    return "both" if grouped else mark


def read_amount(text: str, mark: str | None) -> Decimal:
    """An amount. `mark`: the decimal one of its column.

    Raises ValueError with a sentence, for what is no amount or can be read two ways without a mark.
    """
    amount = taken_apart(text)
    own = _own_mark(amount.digits) if amount else ""
    if amount is None:
        raise ValueError(f"“{text[:40]}” is not an amount; write it like 129.00.")
    if own == "both":
        if mark is None:
            raise ValueError(f"{text} can be read as two amounts; say which mark is the decimal one.")
        own = mark
    decimal = own or mark or POINT
    thousands = COMMA if decimal == POINT else POINT
    whole, _, cents = amount.digits.partition(decimal)
    groups = [part for part in re.split(rf"[{thousands}'’ ]", whole) if part]
    if not cents.isdecimal() and cents:
        raise ValueError(f"“{text[:40]}” is not an amount; write it like 129.00.")
    if len(groups) > 1 and (len(groups[0]) > 3 or any(len(group) != 3 for group in groups[1:])):
        raise ValueError(f"“{text[:40]}” has commas or points where no amount has them.")
    value = Decimal(f"{''.join(groups) or '0'}.{cents or '0'}")
    return -value if amount.negative else value
