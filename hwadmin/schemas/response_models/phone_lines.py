"""Responses about phone lines and accounting codes."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from pydantic import Field

from hwadmin.schemas.response_models.base import (
    Moment,
    NamedResponse,
    Page,
    Price,
    Reference,
    ResponseModel,
)


class PhoneLineResponse(ResponseModel):
    """A mobile number of an account with its user, its device and its contract."""

    id: int
    phone_number: str
    mobile_carrier: str
    rate_plan: str | None
    employee: NamedResponse | None
    device_id: int | None
    contract_term_months: int | None
    contract_ends_on: date | None
    contract_balance: Price | None
    currency: str
    eligible_from: date | None
    eligible: Annotated[bool, Field(description="Whether it may be upgraded today.")]
    eligibility: Annotated[str, Field(description="Why, or why not, in words.")]
    upgraded_by: Annotated[Reference | None, Field(description="The open order that upgrades it.")]
    ended_at: Moment | None


class PhoneLinePage(Page):
    """One page of an account's phone lines."""

    items: list[PhoneLineResponse]


class AccountingCodeResponse(ResponseModel):
    """What an account books its devices on."""

    id: int
    code: str
    description: str
    archived_at: Moment | None


class AccountingCodePage(Page):
    """One page of an account's accounting codes."""

    items: list[AccountingCodeResponse]
