"""Requests to the API: strict types, no unknown fields. Operations check what the values mean."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Annotated, Any

from pydantic import AfterValidator, AwareDatetime, BaseModel, BeforeValidator, Field, StringConstraints

from hwadmin.domain.device_kinds import Kind
from hwadmin.domain.lifecycle import OrderStatus
from hwadmin.domain.row_ids import MAX_ID
from hwadmin.schemas.strict import STRICT

MAX_PAGE_SIZE = 200
# What cannot be stored or reads as something else: control characters and direction overrides.
_HIDDEN = r"\x7f-\x9f\u202a-\u202e\u2066-\u2069"
ONE_LINE = rf"^[^\x00-\x1f{_HIDDEN}]*$"
_LINES = rf"^[^\x00-\x08\x0b\x0c\x0e-\x1f{_HIDDEN}]*$"


OneLine = Annotated[str, StringConstraints(pattern=ONE_LINE)]
Lines = Annotated[str, StringConstraints(pattern=_LINES)]
RowId = Annotated[int, Field(ge=1, le=MAX_ID)]
Sku = Annotated[OneLine, Field(min_length=1, max_length=60)]


ExternalKey = Annotated[
    str, StringConstraints(pattern=rf"^[^/\x00-\x1f{_HIDDEN}]*$"), Field(min_length=1, max_length=120)
]
Amount = Annotated[str, StringConstraints(pattern=r"^[0-9]{1,7}(\.[0-9]{1,2})?$"), Field(examples=["129.00"])]
Percent = Annotated[
    Decimal,
    Field(gt=0, le=100, max_digits=5, decimal_places=2, strict=False, json_schema_extra={"type": "number"}),
]


def _in_utc(moment: datetime) -> datetime:
    """The moment in UTC. Next to the first and the last one, an offset can lead out of the calendar."""
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        raise ValueError("This moment is not in the calendar.") from None


def _written(pattern: str, example: str) -> BeforeValidator:
    """Only as RFC 3339 writes it: a plain number might be seconds, a day or a year."""

    def check(value: Any) -> Any:
        if isinstance(value, int | float) or (isinstance(value, str) and not re.match(pattern, value)):
            raise ValueError(f"Write it as {example}.")
        return value

    return BeforeValidator(check)


Moment = Annotated[
    AwareDatetime,
    Field(strict=False),
    _written(r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ]", "2026-03-02T09:30:00Z"),
    AfterValidator(_in_utc),
]
Day = Annotated[date, Field(strict=False), _written(r"[0-9]{4}-[0-9]{2}-[0-9]{2}\Z", "2026-03-02")]


class RequestModel(BaseModel):
    """A JSON body."""

    model_config = STRICT


class Nothing(RequestModel):
    """No body, or an empty object."""


class NewShareRequest(RequestModel):
    """An accounting code of the account, and the percentage that is booked on it."""

    code: OneLine = Field(min_length=1, max_length=60)
    percent: Percent


def _flag(value: Any) -> Any:
    """Only these two words: ``1`` or ``yes`` might be meant otherwise."""
    return {"true": True, "false": False}.get(value, value) if isinstance(value, str) else value


def _digits(value: Any) -> Any:
    """Plain digits, and not all that Python reads as a number."""
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) <= 19:
        return int(value)
    return value


Flag = Annotated[bool, BeforeValidator(_flag)]
Digits = Annotated[int, Field(ge=1, le=MAX_ID), BeforeValidator(_digits)]
Search = Annotated[OneLine, Field(max_length=100)]
# Words of an enumeration arrive as text.
Status = Annotated[OrderStatus, Field(strict=False)]
ItemKind = Annotated[Kind, Field(strict=False)]


class Query(BaseModel):
    """The parameters of an address."""

    model_config = STRICT


class Paged(Query):
    """Which page of a list."""

    limit: Annotated[int, Field(ge=1, le=MAX_PAGE_SIZE), BeforeValidator(_digits)] = Field(
        50, description="How many at most."
    )
    cursor: OneLine | None = Field(
        None, min_length=1, max_length=200, description="The next_cursor of the page before."
    )


class ChangedSince(Paged):
    """Which page of a list, and only what has changed."""

    updated_since: Moment | None = Field(
        None,
        description="Only what was changed at this moment or later, with what is gone since: archived, "
        "deactivated or out of service.",
    )


class Changed(ChangedSince):
    """Which page of a list, only what has changed, or only what you know by a key."""

    external_id: ExternalKey | None = Field(None, description="Only the one with this key of yours.")
