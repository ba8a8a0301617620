"""Column types that mean the same on both databases."""

from __future__ import annotations

from collections.abc import Iterable
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
            raise ValueError("A moment needs its time zone.")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialects.drops_time_zones(dialect) else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


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


class Word(TypeDecorator[StrEnum]):
    """One of the words of a StrEnum, stored as its text."""

    impl = String(30)
    cache_ok = True

    def __init__(self, words: type[StrEnum]) -> None:
        super().__init__()
        self.words = words
        self._word_of = {word.value: word for word in words}

    def process_bind_param(self, value: StrEnum | str | None, dialect: Dialect) -> str | None:
        return None if value is None else self.words(value).value

    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:
        # A page reads hundreds of them, and calling the enumeration costs ten times as much.
        return None if value is None else self._word_of.get(value) or self.words(value)


def one_of(column: str, words: Iterable[StrEnum]) -> str:
    """The SQL of a CHECK that the column holds one of the words."""
    return f"{column} IN ({', '.join(repr(word.value) for word in words)})"
