"""Column types that mean the same on both databases."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from sqlalchemy import BigInteger, DateTime, Dialect, String
from sqlalchemy.types import TypeDecorator

from hwadmin.db import dialects

Key = dialects.KEY
Document = dialects.DOCUMENT


class UTCDateTime(TypeDecorator[datetime]):
    """A moment: timezone-aware in Python, always UTC. SQLite keeps it without its zone."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("Give the time with its time zone.")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialects.drops_time_zones(dialect) else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return _in_utc(value)

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any], Any]:
        """What is done to each value that is read; a page reads thousands, so without a step in between."""
        driver_value = self.impl_instance.dialect_impl(dialect).result_processor(dialect, coltype)
        return _in_utc if driver_value is None else lambda value: _in_utc(driver_value(value))


class Money(TypeDecorator[Decimal]):
    """An amount, exact to the cent: a Decimal in Python, whole cents in the database."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> int | None:
        if value is None:
            return None
        cents = value * 100
        if cents != cents.to_integral_value():
            raise ValueError(f"{value} is not a whole number of cents.")
        return int(cents)

    def process_result_value(self, value: Any, dialect: Dialect) -> Decimal | None:
        return None if value is None else Decimal(int(value)).scaleb(-2)


class _WordByText(dict[Any, Any]):
    """The word of each text; None of None, and of an unknown text the enumeration's own error."""

    def __init__(self, words: type[StrEnum]) -> None:
        super().__init__({word.value: word for word in words})
        self[None] = None
        self._words = words

    def __missing__(self, text: Any) -> StrEnum:
        return self._words(text)


class Word(TypeDecorator[StrEnum]):
    """One of the words of a StrEnum, stored as its text."""

    impl = String(30)
    cache_ok = True

    def __init__(self, words: type[StrEnum]) -> None:
        super().__init__()
        self.words = words
        self._word_of = _WordByText(words)

    def process_bind_param(self, value: StrEnum | str | None, dialect: Dialect) -> str | None:
        return None if value is None else self.words(value).value

    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:
        return self._word_of[value]

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any], Any]:
        """What is done to each value that is read; a page reads thousands, so a look-up and nothing else."""
        return self._word_of.__getitem__


def _in_utc(moment: datetime | None) -> datetime | None:
    if moment is None:
        return None
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def one_of(column: str, words: Iterable[StrEnum]) -> str:
    """The SQL of a CHECK that the column holds one of the words."""
    return f"{column} IN ({', '.join(repr(word.value) for word in words)})"
