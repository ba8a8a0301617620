"""Responses about ordering again."""

from __future__ import annotations

from pydantic import Field

from hwadmin.schemas.response_models.accounts import ShareResponse
from hwadmin.schemas.response_models.base import ResponseModel


class CopiedIntentResponse(ResponseModel):
    """For whom and where a unit was planned, as an order states it."""

    employee_id: int | None
    location_id: int | None
    base: int | None
    user_name: str | None
    user_number: str | None
    accounting_codes: list[ShareResponse] | None
    phone_line_id: int | None
    upgrade_reason: str | None
    override_reason: str | None


class CopiedLineResponse(ResponseModel):
    """A line, as an order states it."""

    sku: str
    quantity: int
    size: str | None
    color: str | None
    term_months: int | None
    mobile_carrier: str | None
    from_spare_device_id: int | None
    accessory_of: int | None
    intents: list[CopiedIntentResponse]


class CopiedOrderResponse(ResponseModel):
    """An order as ``POST /orders`` takes it."""

    account_id: int
    lines: list[CopiedLineResponse]
    requester: str | None
    notify: list[str]
    ship_to_location_id: int | None
    attention: str | None
    notes: str | None
    reason: str | None
    accounting_codes: list[str]


class OrderCopyResponse(ResponseModel):
    """What would order the same again. Nothing is submitted by it."""

    order: CopiedOrderResponse = Field(description="To be looked over, and sent to `POST /orders`.")
    left_out: list[str] = Field(description="What is left out, and why, in words.")
