"""Row ids: the numbers both databases take for one."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TypeGuard

MAX_ID = 2**63 - 1


def is_valid_id(value: int | None) -> TypeGuard[int]:
    """Whether a number can be the id of a row; the databases fail on a larger one."""
    return value is not None and 0 < value <= MAX_ID


def valid_ids(values: Iterable[int | None]) -> set[int]:
    """Those of the numbers that can be ids of rows."""
    return {value for value in values if is_valid_id(value)}


# Plain digits, no more than fit a BIGINT; a sign in front of bare digits is none of ours.
_REFERENCE = re.compile(r"(?:HW[ -]*)?([0-9]{1,18})", re.IGNORECASE)


def reference(order_id: int) -> str:
    """The order number people say, from its key."""
    return f"HW-{order_id:06d}"


def unit_label(model: str, number: int) -> str:
    """A unit of an order as people name it: ``W73H #3``."""
    return f"{model} #{number}"


def order_id_of(text: str) -> int | None:
    """The key of a reference as people write it (``HW-000123``, ``hw 123``, ``123``), or None."""
    match = _REFERENCE.fullmatch(text.strip())
    return int(match[1]) or None if match else None
