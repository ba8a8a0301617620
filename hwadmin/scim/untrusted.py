"""What no directory means to send, refused before the library or the database sees it.

Half characters and NUL cannot be stored on PostgreSQL, numbers beyond a bound by neither database. A filter
of thousands of terms is read for seconds; so is a change of thousands of operations, each of which looks at
the whole person, and more so the more values the person has by then.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from scim2_models import InvalidFilterException, InvalidValueException

MOST_FILTER_CHARACTERS = 8_000
MOST_FILTER_TERMS = 200
# Objects and lists of a body, before it is parsed: a group may have as many members.
MOST_PARTS = 20_000
# Of one person or group; and of a bulk request with all that is in it.
MOST_OPERATIONS = 500
_MOST_IN_ALL = 1_000
# E-mail addresses and whatever else there are several of, of one person or of one change to them.
MOST_VALUES = 100
# Attributes of one object, known to us or not.
MOST_ATTRIBUTES = 100
# Terms of all filters in the paths of a body.
_MOST_PATH_TERMS = 1_000
# Beyond it there is no row, and both databases still know the number.
_FARTHEST = 10**9
_UNSTORABLE = re.compile("[\0\ud800-\udfff]")
_QUOTED = re.compile(r'"(?:[^"\\]|\\.)*"')
_TERM = re.compile(r"\b(?:and|or|not)\b|[(\[]", re.IGNORECASE)
_INTEGER = re.compile(r"-?[0-9]{10,}")
_PAGING = frozenset({"count", "startindex"})
_MEMBERS = "members"
# Texts which the library takes apart.
_PATHS = frozenset({"path", "sortby", "cursor", "attributes", "excludedattributes"})


def checked_query(query: Mapping[str, str]) -> dict[str, str]:
    """The parameters of an address, with numbers that are beyond any page cut to one that is.

    Raises:
        InvalidValueException: a character that cannot be stored.
        InvalidFilterException: a filter that is too long.
    """
    for name, value in query.items():
        _check_text(name)
        _check_text(value)
        if name.lower() == "filter":
            _check_filter(value)
    return {name: _cut(name, value) for name, value in query.items()}


def checked_body(payload: Any) -> Any:
    """The same of a body, at any depth.

    Raises:
        InvalidValueException: a character that cannot be stored; too many operations, values or attributes.
        InvalidFilterException: a filter that is too long.
    """
    return _Body().checked("", payload)


def can_be_stored(text: str) -> bool:
    """Whether every database can hold the text and compare with it."""
    return _UNSTORABLE.search(text) is None


class _Body:
    """Goes through one body and counts what there is much of."""

    def __init__(self) -> None:
        self.operations = self.values = self.path_terms = 0

    def checked(self, name: str, payload: Any) -> Any:
        if isinstance(payload, str):
            _check_text(payload)
            if name in _PATHS:
                self._count_path(payload)
        elif isinstance(payload, list):
            self._count_list(name, len(payload))
            return [self.checked(name, one) for one in payload]
        elif isinstance(payload, dict):
            _demand(len(payload) <= MOST_ATTRIBUTES, f"An object has {MOST_ATTRIBUTES} attributes at most.")
            return {part: self._attribute(part, value, payload) for part, value in payload.items()}
        return payload

    def _attribute(self, name: str, value: Any, among: Mapping[str, Any]) -> Any:
        _check_text(name)
        self._count_path(name)
        lower = name.lower()
        if lower == "filter" and isinstance(value, str):
            _check_filter(value)
        if lower in ("operations", "data"):
            # Another person's, or the changes of one.
            self.values = 0
        within = _path_of(among) if lower == "value" else lower
        return _cut(name, self.checked(within, value))

    def _count_list(self, name: str, length: int) -> None:
        if name == "operations":
            self.operations += length
            _demand(
                length <= MOST_OPERATIONS and self.operations <= _MOST_IN_ALL,
                f"Send {MOST_OPERATIONS} operations at most in one request.",
            )
        elif name != _MEMBERS:
            self._count_values(length)

    def _count_path(self, path: str) -> None:
        """A path, or the name of an attribute, which may be one."""
        if "[" in path or len(path) > MOST_FILTER_CHARACTERS:
            self.path_terms += _check_filter(path)
            _demand(
                self.path_terms <= _MOST_PATH_TERMS,
                f"Paths have {_MOST_PATH_TERMS:,} terms at most in one request.",
            )
            self._count_values(1)

    def _count_values(self, count: int) -> None:
        self.values += count
        _demand(self.values <= MOST_VALUES, f"Send {MOST_VALUES} values of one person at most.")


def _path_of(operation: Mapping[str, Any]) -> str:
    """The attribute an operation is about, in lower case; of a removal none, which selects by each value."""
    lower = {name.lower(): value for name, value in operation.items() if len(name) < 10}
    path = lower.get("path")
    removes = str(lower.get("op", "")).lower() == "remove"
    return path.strip().lower() if isinstance(path, str) and not removes else ""


def _demand(holds: bool, otherwise: str) -> None:
    if not holds:
        raise InvalidValueException(detail=otherwise)


def _check_text(text: str) -> None:
    _demand(can_be_stored(text), "A text has a NUL or half a character in it, which cannot be stored.")


def _check_filter(text: str) -> int:
    """How many terms a filter has."""
    if len(text) > MOST_FILTER_CHARACTERS:
        raise InvalidFilterException(
            detail=f"The filter has {len(text):,} characters; {MOST_FILTER_CHARACTERS:,} are read at most."
        )
    terms = len(_TERM.findall(_QUOTED.sub('""', text))) + 1
    if terms > MOST_FILTER_TERMS:
        raise InvalidFilterException(
            detail=f"The filter has {terms:,} terms; {MOST_FILTER_TERMS} are read at most."
        )
    return terms


def _cut(name: str, value: Any) -> Any:
    if name.lower() not in _PAGING:
        return value
    if isinstance(value, str) and _INTEGER.fullmatch(value.strip()):
        return "0" if value.strip().startswith("-") else str(_FARTHEST)
    if isinstance(value, int) and not isinstance(value, bool):
        return max(-_FARTHEST, min(value, _FARTHEST))
    return value
