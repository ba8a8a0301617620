"""Lists by key: a cursor names the last row seen, so a deep page costs what the first one costs."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable, Sequence
from typing import Protocol, TypeVar

from hwadmin.domain.row_ids import MAX_ID
from hwadmin.errors import InvalidInput
from hwadmin.schemas.response_models import Page, ResponseModel


class _HasId(Protocol):
    @property
    def id(self) -> int: ...


Row = TypeVar("Row", bound=_HasId)
ListPage = TypeVar("ListPage", bound=Page)

_CURSOR = re.compile(r"([a-z]+):([1-9][0-9]{0,18})")


def cursor_after(list_name: str, last_id: int) -> str:
    """The cursor to the rows of a list after the row with this id."""
    return base64.urlsafe_b64encode(f"{list_name}:{last_id}".encode()).decode().rstrip("=")


def last_id_of(list_name: str, cursor: str | None) -> int | None:
    """The id of the last row seen, from the cursor; None without a cursor.

    Raises:
        InvalidInput: this is no cursor of this list.
    """
    if cursor is None:
        return None
    try:
        text = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        match = _CURSOR.fullmatch(text.decode("ascii"))
    except (binascii.Error, ValueError):
        match = None
    if (
        match is None
        or match[1] != list_name
        or int(match[2]) > MAX_ID
        or cursor != cursor_after(list_name, int(match[2]))
    ):
        raise InvalidInput.at(
            "cursor", "This is not a cursor of this list; take next_cursor as it was given."
        )
    return int(match[2])


def each(serialize: Callable[[Row], ResponseModel]) -> Callable[[Sequence[Row]], Sequence[ResponseModel]]:
    """Makes the items of a page one by one, for ``page_of``."""
    return lambda rows: [serialize(row) for row in rows]


def page_of(
    page: type[ListPage],
    list_name: str,
    rows: Sequence[Row],
    limit: int,
    serialize: Callable[[Sequence[Row]], Sequence[ResponseModel]],
) -> ListPage:
    """The response with one page of a list.

    Args:
        page: the response model.
        list_name: the name of the list in its cursors.
        rows: the rows from the first of the page on; more than ``limit`` where there is a next page.
        limit: how many rows the page may have.
        serialize: makes the items of the rows.
    """
    shown = rows[:limit]
    return page(
        items=list(serialize(shown)),
        next_cursor=cursor_after(list_name, shown[-1].id) if len(rows) > limit else None,
    )
