"""Responses about imported lists."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from hwadmin.schemas.response_models.base import ResponseModel
from hwadmin.schemas.response_models.fulfillment import FulfilledUnit
from hwadmin.schemas.response_models.orders import OrderResponse


class RowOptionResponse(ResponseModel):
    """One answer to a question."""

    value: str
    label: str


class ListQuestionResponse(ResponseModel):
    """What the list does not decide; until the list says it, the row is left out."""

    name: str
    sentence: str
    options: list[RowOptionResponse]
    answer: str


class ListRowResponse(ResponseModel):
    """What becomes of a row of a list, or would become of it."""

    row: Annotated[int | None, Field(description="Null: it is missing from the list.")]
    sheet: str
    title: str
    outcome: Literal["refused", "open", "added", "changed", "deactivated", "restored", "unchanged"]
    changes: Annotated[list[str], Field(description="What is different, or why it is refused.")]
    notes: list[str]
    question: ListQuestionResponse | None


class ListReportResponse(ResponseModel):
    """What a list did, or would do, row by row. Rows that are refused or open are left out."""

    written: bool
    digest: Annotated[
        str,
        Field(
            description="Of what it does. Pass it as `expected`; a list that would do otherwise is refused."
        ),
    ]
    counts: Annotated[dict[str, int], Field(description="How many rows have each outcome.")]
    notes: list[str]
    questions: Annotated[list[ListQuestionResponse], Field(description="About the list's columns.")]
    rows: list[ListRowResponse]


class ListMatchResponse(ResponseModel):
    """A unit of the order, and the identifier the list has for it."""

    row: int
    unit_id: int
    label: str
    identifier: str


class ListFulfillmentResponse(ResponseModel):
    """What a list of identifiers is for the units of an order, and what came of it."""

    order: OrderResponse
    written: bool
    matches: list[ListMatchResponse]
    questions: Annotated[list[str], Field(description="Rows that may mean several units, in words.")]
    choices: Annotated[list[ListQuestionResponse], Field(description="The same, to be decided by answers.")]
    not_matched: Annotated[list[str], Field(description="Rows that are no unit's, in words.")]
    units: list[FulfilledUnit]
    warnings: list[str]
