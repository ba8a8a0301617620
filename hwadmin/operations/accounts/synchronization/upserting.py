"""What keeping rows in step by the keys of another program has in common."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from hwadmin.domain.permissions import Actor
from hwadmin.domain.text_validation import Problems, refuse
from hwadmin.models import Account, Employee, Location
from hwadmin.queries.scope import find

Row = TypeVar("Row", Account, Employee, Location)
Values = Mapping[str, Any]


def required_key(external_id: str) -> str:
    """The key another program knows a row by.

    Raises:
        InvalidInput: at ``external_id``.
    """
    problems = Problems()
    key = problems.external_key("external_id", external_id, required="Give the key.")
    refuse(problems)
    assert key is not None
    return key


def changed_row(
    actor: Actor, model: type[Row], row_id: int, values: Values, write: Callable[[Actor, Row, Values], None]
) -> Row:
    """The row with the stated values written, and locked.

    Raises:
        NotFound: for this actor.
    """
    row = find(actor, model, row_id, lock=True, lets_others_refer=True)
    write(actor, row, values)
    return row
