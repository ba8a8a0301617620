"""What a check found."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class Level(StrEnum):
    """How bad it is."""

    FINE = "ok"
    # Works, but somebody should know.
    NOTE = "note"
    WRONG = "WRONG"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at."""

    check: str
    level: Level
    sentence: str
    # What to do; empty where nothing is to be done.
    action: str = ""


def fine(check: str, sentence: str) -> Finding:
    """All is well."""
    return Finding(check, Level.FINE, sentence)


def note(check: str, sentence: str, action: str) -> Finding:
    """Something that may be intended."""
    return Finding(check, Level.NOTE, sentence, action)


def wrong(check: str, sentence: str, action: str) -> Finding:
    """Something that has to be mended."""
    return Finding(check, Level.WRONG, sentence, action)


def some(names: Iterable[str]) -> str:
    """The first names of a list, for a sentence."""
    found = list(names)
    more = f" and {len(found) - 3} more" if len(found) > 3 else ""
    return ", ".join(found[:3]) + more
