"""Days as lists write them. Whether the day or the month comes first is read from the whole column."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from hwadmin.domain.text_folding import folded


class DayOrder(StrEnum):
    """What comes first where day and month are numbers."""

    DAY_FIRST = "day_first"
    MONTH_FIRST = "month_first"

    @property
    def label(self) -> str:
        """The order in the words of the page."""
        return {"day_first": "day, month, year", "month_first": "month, day, year"}[self.value]


_TIME = re.compile(r"(?<=[0-9])(?:t|,?\s+)[0-9]{1,2}:[0-9]{2}.*$", re.IGNORECASE | re.ASCII)
_YEAR_FIRST = re.compile(r"([0-9]{4})([-/. ]?)([0-9]{1,2})\2([0-9]{1,2})", re.ASCII)
_NUMBERS = re.compile(r"([0-9]{1,2})([-/. ])\s?([0-9]{1,2})\2\s?([0-9]{4}|[0-9]{2})", re.ASCII)
_DAY_MONTH = re.compile(
    r"([0-9]{1,2})(?:st|nd|rd|th|er|e)?[.\s-]*(?:of |de )?([a-z]{3,12})\.?[\s,-]*(?:de )?([0-9]{4}|[0-9]{2})"
)
_MONTH_DAY = re.compile(r"([a-z]{3,10})\.?[\s-]*([0-9]{1,2})(?:st|nd|rd|th)?[\s,-]+([0-9]{4})")
_WEEKDAY = re.compile(r"^(?:[a-z]{2,10}\.?,|mon|tue|wed|thu|fri|sat|sun|le)\s+(?=[0-9a-z])")
_SERIAL = re.compile(r"[1-9][0-9]{4}(?:[.,][0-9]+)?", re.ASCII)
_MONTHS = {
    month: number
    for number, names in enumerate(
        (
            "jan january januar januari janvier janv enero ene gennaio gen janeiro stycznia",
            "feb february februar februari fevrier fevr fev febrero febbraio fevereiro lutego",
            "mar march marz maerz mrz maart mrt mars marzo marco marca",
            "apr april avril avr abril abr aprile kwietnia",
            "may mai mei mayo maggio mag maio maja maj",
            "jun june juni juin junio giugno giu junho czerwca",
            "jul july juli juillet juil julio luglio lug julho lipca",
            "aug august augustus aout agosto ago sierpnia augusti",
            "sep sept september septembre septiembre settembre set setembro wrzesnia",
            "oct october okt oktober octobre octubre ottobre ott outubro pazdziernika",
            "nov november novembre noviembre novembro listopada",
            "dec december dez dezember decembre diciembre dic dicembre dezembro grudnia",
        ),
        start=1,
    )
    for month in names.split()
}


@dataclass(frozen=True, slots=True)
class DayReading:
    """What the values of a column say of their order.

    `order`: None where nothing decides it. `evidence`: the value that does. `open`: a value that can be read
    both ways while nothing decides, or while others contradict each other.
    """

    order: DayOrder | None = None
    evidence: str = ""
    open: str = ""
    contradicts: bool = False


def column_order(values: Iterable[str]) -> DayReading:
    """What the days of a column, taken together, say of their order."""
    evidence: dict[DayOrder, str] = {}
    unclear = ""
    for value in values:
        numbers = _NUMBERS.fullmatch(_without_time(value))
        if numbers is None:
            continue
        first, second = int(numbers[1]), int(numbers[3])
        if first > 12 >= second or numbers[2] == ".":
            # Nobody writes month.day.year with points.
            evidence.setdefault(DayOrder.DAY_FIRST, value)
        elif second > 12 >= first:
            evidence.setdefault(DayOrder.MONTH_FIRST, value)
        elif first != second and first <= 12:
            unclear = unclear or value
    if len(evidence) == 1:
        ((order, proof),) = evidence.items()
        return DayReading(order, proof, "")
    return DayReading(None, "", unclear, contradicts=len(evidence) > 1)


def read_day(text: str, order: DayOrder | None) -> date:
    """A day.

    Raises ValueError with a sentence: for what is no day, and for what can be read two ways without an order.
    """
    plain = _without_time(text)
    if (year_first := _YEAR_FIRST.fullmatch(plain)) and (year_first[2] or len(plain) == 8):
        return _date(text, int(year_first[1]), int(year_first[3]), int(year_first[4]))
    if numbers := _NUMBERS.fullmatch(plain):
        return _in_order(text, numbers, order)
    words = _WEEKDAY.sub("", folded(plain))
    if (match := _DAY_MONTH.fullmatch(words)) and match[2] in _MONTHS:
        return _date(text, _year(match[3]), _MONTHS[match[2]], int(match[1]))
    if (match := _MONTH_DAY.fullmatch(words)) and match[1] in _MONTHS:
        return _date(text, _year(match[3]), _MONTHS[match[1]], int(match[2]))
    if _SERIAL.fullmatch(plain):
        raise ValueError(f"{text} is a spreadsheet’s number for a day; format the column as a date.")
    raise ValueError(f"“{text[:40]}” is not a date; write it like 2027-03-31.")


def _in_order(text: str, numbers: re.Match[str], order: DayOrder | None) -> date:
    first, second, year = int(numbers[1]), int(numbers[3]), _year(numbers[4])
    if first == second or first > 12 or numbers[2] == ".":
        own: DayOrder | None = DayOrder.DAY_FIRST
    else:
        own = DayOrder.MONTH_FIRST if second > 12 else None
    if own is None and order is None:
        raise ValueError(f"{text} can be read as two days; say which comes first, the day or the month.")
    if (own or order) is DayOrder.DAY_FIRST:
        return _date(text, year, second, first)
    return _date(text, year, first, second)


def _without_time(text: str) -> str:
    return _TIME.sub("", text.strip())


def _year(text: str) -> int:
    year = int(text)
    return year if len(text) == 4 else year + (2000 if year < 70 else 1900)


def _date(text: str, year: int, month: int, day: int) -> date:
    try:
        return date(year, month, day)
    except ValueError:
        raise ValueError(f"“{text[:40]}” is not a date in the calendar.") from None
