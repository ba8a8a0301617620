"""Responses about what an order was, and the notes on it."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from hwadmin.domain.device_kinds import Kind
from hwadmin.domain.lifecycle import OrderStatus
from hwadmin.schemas.response_models.base import (
    Moment,
    Page,
    Price,
    Reference,
    ResponseModel,
    SomebodyResponse,
)


class LineSnapshotResponse(ResponseModel):
    """A line as it was."""

    sku: str
    make: str
    model: str
    kind: Kind
    quantity: int
    requested_quantity: int
    unit_price: Price
    monthly_price: Price
    currency: str
    size: str | None
    color: str | None
    term_months: int | None
    mobile_carrier: str | None


class UnitSnapshotResponse(ResponseModel):
    """A unit that had a device by then."""

    id: int
    label: str
    identifier: str
    outcome: str
    paired_to: str | None
    slot: int | None


class OrderSnapshotResponse(ResponseModel):
    """An order as it was."""

    reference: Reference
    status: OrderStatus
    status_label: str
    version: int
    fulfilled_units: int
    fulfillable_units: int
    since: Annotated[Moment, Field(description="Since when it looked like this.")]
    by: Annotated[SomebodyResponse, Field(description="Who changed it to this.")]
    until: Annotated[Moment | None, Field(description="Its next change; null: it looks like this now.")]
    facts: Annotated[dict[str, str], Field(description="What else was known of it, in words.")]
    plans: Annotated[
        dict[str, str], Field(description="For whom and where units were planned, in words, by unit.")
    ]
    lines: list[LineSnapshotResponse]
    units: list[UnitSnapshotResponse]


class NoteResponse(ResponseModel):
    """An internal note on an order. Removed, its text is gone."""

    id: int
    text: str | None
    author: SomebodyResponse
    created_at: Moment
    removed_at: Moment | None
    removed_by: SomebodyResponse | None


class NotePage(Page):
    """One page of internal notes, oldest first."""

    items: list[NoteResponse]
