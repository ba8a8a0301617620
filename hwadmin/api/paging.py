"""Lists by key: a cursor says after which row to go on, so a deep page costs what the first one costs."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Sequence
from typing import TypeVar

from hwadmin.errors import InvalidInput

Row = TypeVar("Row")

_WRITTEN = re.compile(r"([a-z]+):([1-9][0-9]{0,18})")
_LARGEST_KEY = 2**63 - 1


def cursor_after(of: str, key: int) -> str:
    """The cursor of a list that goes on after the row with this key."""
    return base64.urlsafe_b64encode(f"{of}:{key}".encode()).decode().rstrip("=")


def key_of(of: str, cursor: str | None) -> int | None:
    """The key a cursor of this list says; None without a cursor.

    Raises:
        InvalidInput: this is no cursor of this list.
    """
    if cursor is None:
        return None
    try:
        written = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        match = _WRITTEN.fullmatch(written.decode("ascii"))
    except (binascii.Error, ValueError):
        match = None
    if (
        match is None
        or match[1] != of
        or int(match[2]) > _LARGEST_KEY
        or cursor != cursor_after(of, int(match[2]))
    ):
        raise InvalidInput.at(
            "cursor", "This is not a cursor of this list; take next_cursor as it was given."
        )
    return int(match[2])


def one_page(rows: Sequence[Row], limit: int) -> tuple[Sequence[Row], bool]:
    """The rows of a page of which one more than ``limit`` was asked for, and whether there are more."""
    return rows[:limit], len(rows) > limit
