"""What the columns of a list of records can hold: a description of each kind of list, made of these."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property

from hwadmin.domain.text_folding import folded
from hwadmin.list_import.cells import heading_forms
from hwadmin.list_import.meaning.further_languages import HEADINGS, RECORD_KEYS
from hwadmin.list_import.records.currencies import without_currencies

NOTHING = "nothing"
_LONGEST_HEADING = 60


class ColumnKind(StrEnum):
    """How the values of a column are read."""

    # Part of a person's name: "Na" and "Null" are surnames, so only the errors of formulas are no values.
    NAME = "name"
    TEXT = "text"
    # One address, whatever programs write around it.
    EMAIL = "email"
    # Every digit counts: what a spreadsheet took for a number is refused.
    CODE = "code"
    DAY = "day"
    MONEY = "money"
    MONTHS = "months"
    COUNT = "count"
    # One of a few words, which a person can map.
    WORD = "word"


@dataclass(frozen=True)
class ListColumn:
    """A meaning a column can have.

    `headings`: how it is headed, without accents, spaces and signs. `words`: of a column of words, each plain
    word and the value it means; `meanings`: each value in the words of the page.
    """

    key: str
    label: str
    headings: str = ""
    kind: ColumnKind = ColumnKind.TEXT
    longest: int = 200
    words: Mapping[str, str] = field(default_factory=dict)
    meanings: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class ListFormat:
    """A kind of list: its columns, which of them it needs, and how large it may be.

    `needs`: of each group one column must be there. `missing`: the sentence where it is not.
    """

    noun: str
    nouns: str
    columns: tuple[ListColumn, ...]
    needs: tuple[tuple[str, ...], ...]
    missing: str
    # Which column is a person's whole name, where there are also columns of first and last names.
    whole_name: str = ""
    # Whether one cell alone among fuller rows is a title, as of a department, and not somebody.
    has_titles: bool = False
    max_rows: int = 5_000
    max_bytes: int = 3 * 1024 * 1024

    @cached_property
    def by_key(self) -> dict[str, ListColumn]:
        """The columns by their keys."""
        return {column.key: column for column in self.columns}

    @cached_property
    def _by_heading(self) -> dict[str, ListColumn]:
        known = {
            heading_forms(name)[0]: self.by_key[key]
            for meaning, names in HEADINGS.items()
            for key in RECORD_KEYS.get(meaning, (meaning,))
            if key in self.by_key
            for name in names.split()
        }
        return known | {heading: column for column in self.columns for heading in column.headings.split()}

    def heading(self, text: str) -> ListColumn | None:
        """What a heading says its column holds; None where it is no heading we know."""
        if not 0 < len(text) <= _LONGEST_HEADING:
            return None
        whole, *forms = heading_forms(text) or [""]
        if whole and whole not in self._by_heading:
            forms += heading_forms(without_currencies(text))
        known = {column.key: column for form in forms if (column := self._by_heading.get(form))}
        return self._by_heading.get(whole) or (next(iter(known.values())) if len(known) == 1 else None)

    def suffices(self, keys: Sequence[str]) -> bool:
        """Whether these columns say enough."""
        return all(any(key in keys for key in group) for group in self.needs)


def plain_word(text: str) -> str:
    """A word without accents, case, spaces and signs."""
    return re.sub(r"[\W_]", "", folded(text))


def words_for(value: str, words: str) -> dict[str, str]:
    """Plain words, parted by spaces, that all mean one value."""
    return dict.fromkeys(words.split(), value)
