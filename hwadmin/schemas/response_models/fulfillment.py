"""Responses about entering identifiers."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from hwadmin.schemas.response_models.base import ResponseModel
from hwadmin.schemas.response_models.orders import OrderResponse

Outcome = Literal["created", "linked", "skipped", "refused", "empty"]


class FulfilledUnit(ResponseModel):
    """What became of a unit, or would become of it."""

    unit_id: int
    identifier: str | None
    outcome: Outcome
    message: str
    device_id: int | None
    warnings: list[str]
    paired_to: Annotated[int | None, Field(description="The device id of the base.")]
    slot: int | None
    not_applied: list[str]


class FulfillmentResponse(ResponseModel):
    """One submission of identifiers: whether it was written, and the outcome of every unit."""

    order: OrderResponse
    written: bool
    units: list[FulfilledUnit]
    warnings: list[str]
