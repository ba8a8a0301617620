"""Reading one cell as what its column holds."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from hwadmin.domain.text_validation import problem
from hwadmin.identifiers.shapes import is_scientific_number
from hwadmin.list_import.cells import damaged_text, made_a_day, no_value
from hwadmin.list_import.records.amounts import read_amount
from hwadmin.list_import.records.columns import ColumnKind, ListColumn, plain_word
from hwadmin.list_import.records.days import DayOrder, read_day

_WORDS = (ColumnKind.NAME, ColumnKind.TEXT, ColumnKind.WORD, ColumnKind.EMAIL)
_ADDRESS = re.compile(
    r"(?:(?<=mailto:)|(?<![^\s<>(),;\"'\[\]:]))[^\s<>(),;:\"'\[\]]+@[^\s<>(),;:\"'\[\]]+", re.IGNORECASE
)
_MARKS = {"\u066b": ".", "\u066c": "'"}
_MONTHS = re.compile(r"([0-9]{1,3}) ?(?:months?|mths?|mos?|m|monate?|maand(?:en)?|mois|mnd)?\.?", re.ASCII)
_YEARS = re.compile(r"([0-9]{1,2}) ?(?:years?|yrs?|y|jahre?|jaar|ans?)\.?", re.ASCII)


@dataclass(frozen=True, slots=True)
class ColumnReading:
    """What was found out about a column as a whole: its order of days, its decimal mark, its words."""

    order: DayOrder | None = None
    mark: str | None = None
    words: Mapping[str, str] = field(default_factory=dict)
    left_out: bool = False


def read_value(text: str, column: ListColumn, reading: ColumnReading) -> str | date | Decimal | int | None:
    """What a cell says; None where it says that there is nothing.

    Raises ValueError with a sentence.
    """
    nothing = no_value(text)
    if nothing and text.startswith("#"):
        raise ValueError(f"{text}. {nothing}")
    kind = column.kind
    if kind not in _WORDS:
        text = plain_digits(text)
    if nothing and kind is not ColumnKind.NAME:
        return None
    if kind is ColumnKind.EMAIL:
        return _address(text)
    if kind is ColumnKind.DAY:
        return read_day(text, reading.order)
    if kind is ColumnKind.MONEY:
        return _amount(text, reading)
    if kind is ColumnKind.MONTHS:
        return _months(text)
    if kind is ColumnKind.COUNT:
        return _count(text)
    if kind is ColumnKind.WORD:
        return _word(text, column, reading)
    return _text(text, column)


def plain_digits(text: str) -> str:
    """A number in the digits 0-9, whatever script its own are of; with its decimal and thousands marks."""
    if text.isascii():
        return text
    return "".join(_digit(character) for character in text)


def _digit(character: str) -> str:
    value = unicodedata.decimal(character, None)
    return _MARKS.get(character, character) if value is None else str(value)


def _address(text: str) -> str:
    """The one e-mail address in a cell, such as ``Dana Reed <dana@example.com>``."""
    found = list(dict.fromkeys(_ADDRESS.findall(text)))
    if len(found) > 1:
        raise ValueError(f"“{text[:80]}” names several addresses; keep the one that counts.")
    return found[0] if found and not re.search(r"\s@|@\s", text) else text


def name_with_email(text: str) -> dict[str, str]:
    """The name that stands with an e-mail address in one cell: ``Dana Reed <dana@example.com>``."""
    name, angle, _address = text.partition("<")
    name = name.strip(" \"'")
    return {"name": name} if angle and name and "@" not in name and not damaged_text(name) else {}


def _text(text: str, column: ListColumn) -> str:
    if column.kind is ColumnKind.CODE and is_scientific_number(text):
        raise ValueError(
            f"{text} is a number that a spreadsheet has shortened; its digits are lost. "
            "Format the column as text."
        )
    if column.kind is ColumnKind.CODE and made_a_day(text):
        raise ValueError(f"A spreadsheet has turned this into a day: {text}. Format the column as text.")
    why = damaged_text(text) or problem(text, most=column.longest)
    if why:
        raise ValueError(why)
    return text


def _amount(text: str, reading: ColumnReading) -> Decimal:
    if is_scientific_number(text):
        raise ValueError(f"{text} is a number that a spreadsheet has shortened.")
    return read_amount(text, reading.mark)


def _months(text: str) -> int:
    plain = text.lower()
    if match := _MONTHS.fullmatch(plain):
        return int(match[1])
    if match := _YEARS.fullmatch(plain):
        return 12 * int(match[1])
    raise ValueError(f"“{text[:40]}” is not a term in months.")


def _count(text: str) -> int:
    if re.fullmatch("[0-9]{1,9}", text, re.ASCII):
        return int(text)
    raise ValueError(f"“{text[:40]}” is not a whole number.")


def _word(text: str, column: ListColumn, reading: ColumnReading) -> str | None:
    word = plain_word(text)
    value = reading.words.get(word) or column.words.get(word)
    if value is None:
        choices = ", ".join(column.meanings.values())
        raise ValueError(f"“{text[:60]}” is none of these: {choices}.")
    return None if value == "leave_out" else value
