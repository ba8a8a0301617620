"""The currencies that headings and columns of currencies name, for amounts that show none themselves."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from hwadmin.list_import.cells import heading_forms
from hwadmin.list_import.records.amounts import SHARED_SIGNS, SIGNS

_CODES = frozenset(
    (
        *("EUR", "USD", "GBP", "CHF", "SEK", "NOK", "DKK", "ISK", "PLN", "CZK", "HUF", "RON", "BGN", "TRY"),
        *("CAD", "AUD", "NZD", "SGD", "HKD", "JPY", "CNY", "INR", "ZAR", "MXN", "BRL", "ILS", "AED"),
    )
)
_COLUMNS = frozenset(
    (
        *("currency", "currencycode", "ccy", "wahrung", "wahrungscode", "valuta", "munt", "devise", "moneda"),
        *("divisa", "moeda", "waluta", "mena", "penznem"),
    )
)
_PLAIN_SIGNS = "€£$¥₹"
_NAMED = re.compile(r"(?:\bin )?(?<![^\W_])([A-Za-z]{3})(?![^\W_])", re.ASCII)


def currencies_named(text: str) -> frozenset[str]:
    """The currencies a text names beside its words: a heading, or a cell of a column of currencies."""
    codes = {code.upper() for code in _NAMED.findall(text)} & _CODES
    signs = [sign for sign in sorted((*SIGNS, *SHARED_SIGNS), key=len, reverse=True) if sign in text]
    if codes or not signs or not (signs[0] in _PLAIN_SIGNS or text.strip() == signs[0]):
        return frozenset(codes)
    return SHARED_SIGNS.get(signs[0]) or frozenset({SIGNS[signs[0]]})


def without_currencies(text: str) -> str:
    """A heading without the currencies it names."""
    return _NAMED.sub(lambda code: "" if code[1].upper() in _CODES else code[0], text).strip(
        f"{_PLAIN_SIGNS} ()[]-"
    )


def stated_currencies(
    titles: Sequence[str], values: Callable[[int], list[str]], heading: str
) -> dict[str, frozenset[str]]:
    """The currencies that a heading of amounts, or a column of currencies, names: each by what names it."""
    texts = [heading]
    for column, title in enumerate(titles):
        if not _COLUMNS.isdisjoint(heading_forms(title)):
            texts += dict.fromkeys(values(column))
    return {text: currencies for text in texts if (currencies := currencies_named(text))}
