"""What no directory means to send, refused before the library or the database sees it.

Half characters and NUL cannot be stored on PostgreSQL, numbers beyond a bound by neither database, and a
filter of thousands of terms is read for seconds; so are a body of a hundred thousand objects and a change of
thousands of operations, each of which looks at the whole person.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from scim2_models import InvalidFilterException, InvalidValueException

MOST_FILTER_CHARACTERS = 8_000
MOST_FILTER_TERMS = 200
# Of a body, before it is parsed: a group may have as many members.
MOST_OBJECTS = 20_000
MOST_OPERATIONS = 500
# Beyond it there is no row, and both databases still know the number.
_FARTHEST = 10**9
_UNSTORABLE = re.compile("[\0\ud800-\udfff]")
_QUOTED = re.compile(r'"(?:[^"\\]|\\.)*"')
_TERM = re.compile(r"\b(?:and|or|not)\b|[(\[]", re.IGNORECASE)
_INTEGER = re.compile(r"-?[0-9]{10,}")
_PAGING = frozenset({"count", "startindex"})


def checked_query(query: Mapping[str, str]) -> dict[str, str]:
    """The parameters of an address, with numbers that are beyond any page cut to one that is.

    Raises:
        InvalidValueException: a character that cannot be stored.
        InvalidFilterException: a filter that is too long.
    """
    for name, value in query.items():
        _check_text(name)
        _check_text(value)
        _check_filter(name, value)
    return {name: _cut(name, value) for name, value in query.items()}


def check_size(body: bytes) -> None:
    """Refuse a body that takes seconds to read, before a transaction is begun for it.

    Raises:
        InvalidValueException: it has too many objects.
    """
    if body.count(b"{") > MOST_OBJECTS:
        raise InvalidValueException(detail=f"A body has {MOST_OBJECTS:,} objects at most.")


def checked_body(payload: Any) -> Any:
    """The same of a body, at any depth.

    Raises:
        InvalidValueException: a character that cannot be stored, or too many operations.
        InvalidFilterException: a filter that is too long.
    """
    if isinstance(payload, str):
        _check_text(payload)
    elif isinstance(payload, list):
        return [checked_body(one) for one in payload]
    elif isinstance(payload, dict):
        for name, value in payload.items():
            _check_text(name)
            _check_filter(name, value)
            _check_operations(name, value)
        return {name: _cut(name, checked_body(value)) for name, value in payload.items()}
    return payload


def can_be_stored(text: str) -> bool:
    """Whether every database can hold the text and compare with it."""
    return _UNSTORABLE.search(text) is None


def _check_text(text: str) -> None:
    if not can_be_stored(text):
        raise InvalidValueException(
            detail="A text has a NUL or half a character in it, which cannot be stored."
        )


def _check_filter(name: str, value: Any) -> None:
    if name.lower() != "filter" or not isinstance(value, str):
        return
    if len(value) > MOST_FILTER_CHARACTERS:
        raise InvalidFilterException(
            detail=f"The filter has {len(value):,} characters; {MOST_FILTER_CHARACTERS:,} are read at most."
        )
    terms = len(_TERM.findall(_QUOTED.sub('""', value))) + 1
    if terms > MOST_FILTER_TERMS:
        raise InvalidFilterException(
            detail=f"The filter has {terms:,} terms; {MOST_FILTER_TERMS} are read at most."
        )


def _check_operations(name: str, value: Any) -> None:
    if name.lower() == "operations" and isinstance(value, list) and len(value) > MOST_OPERATIONS:
        raise InvalidValueException(detail=f"Send {MOST_OPERATIONS} operations at most in one request.")


def _cut(name: str, value: Any) -> Any:
    if name.lower() not in _PAGING:
        return value
    if isinstance(value, str) and _INTEGER.fullmatch(value.strip()):
        return "0" if value.strip().startswith("-") else str(_FARTHEST)
    if isinstance(value, int) and not isinstance(value, bool):
        return max(-_FARTHEST, min(value, _FARTHEST))
    return value
