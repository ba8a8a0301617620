"""Small parts of many responses."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from hwadmin.domain.ordering.cost_allocation import shares_of
from hwadmin.schemas import response_models


def amount(value: Decimal) -> str:
    """An amount as the API writes it."""
    return f"{value:.2f}"


def named(key: int | None, name: str | None) -> response_models.NamedResponse | None:
    """Something by key and name, if it is there."""
    return None if key is None or name is None else response_models.NamedResponse(id=key, name=name)


def numbered(key: int | None, number: str | None) -> response_models.NumberedResponse | None:
    """A phone line by key and number, if it is there."""
    return None if key is None or number is None else response_models.NumberedResponse(id=key, number=number)


def somebody(name: str | None) -> response_models.SomebodyResponse | None:
    """Who did something, if anybody did."""
    return response_models.SomebodyResponse(name=name) if name else None


def shares(document: Iterable[Any] | None) -> list[response_models.ShareResponse]:
    """Accounting codes with their percentages, from how they are stored."""
    return [
        response_models.ShareResponse(code=share.code, percent=float(share.percent))
        for share in shares_of(document)
    ]
