"""Sorting by columns, some of which may be empty."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any


def sorted_by(columns: Iterable[Any], *, descending: bool, outer: bool = False) -> list[Any]:
    """What to order by: empty ones last, in either direction.

    NULLS LAST is written only where something may be NULL. Of a column that never is, it changes nothing but
    keeps PostgreSQL from reading an index in its order, so that it sorts the whole table for one page.

    Args:
        columns: the columns, the first one first.
        descending: the direction of all of them.
        outer: whether some are of a row that may not be there.
    """
    return [_directed(column, descending, outer or _may_be_null(column)) for column in columns]


def _may_be_null(column: Any) -> bool:
    # What is computed, such as lower(name), does not say.
    return bool(getattr(getattr(column, "expression", column), "nullable", True))


def _directed(column: Any, descending: bool, nulls: bool) -> Any:
    directed = column.desc() if descending else column.asc()
    return directed.nulls_last() if nulls else directed
