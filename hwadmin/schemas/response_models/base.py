"""Responses of the API: explicit lists of fields, checked whenever a response is made."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import AwareDatetime, BaseModel, Field, StringConstraints

from hwadmin.schemas.strict import STRICT

Price = Annotated[
    str, StringConstraints(pattern=r"^[0-9]+\.[0-9]{2}$"), Field(description="An amount with two decimals.")
]
Moment = Annotated[AwareDatetime, Field(description="UTC, ISO 8601.")]
ExternalKey = Annotated[str | None, Field(description="The key another program knows it by.")]
Reference = Annotated[str, StringConstraints(pattern=r"^HW-[0-9]{6,18}$"), Field(examples=["HW-000123"])]


class ResponseModel(BaseModel):
    """A JSON body. One that does not fit its schema is a fault of ours, and undoes what the request did."""

    model_config = STRICT


class Page(ResponseModel):
    """One page of a list; ``next_cursor`` leads to the next one and is null on the last."""

    # Narrowed by each list; here only for its place, before the cursor.
    items: list[Any]
    next_cursor: str | None


class NamedResponse(ResponseModel):
    """A row of another list, by its key and its name."""

    id: int
    name: str


class NumberedResponse(ResponseModel):
    """A phone line, by its key and its number."""

    id: int
    number: str


class SomebodyResponse(ResponseModel):
    """Who did something: a person, a service account or the command line, by the name they had then."""

    name: str
