"""Requests about phone lines and accounting codes."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from hwadmin.schemas.request_models.base import Amount, ChangedSince, Day, Flag, OneLine, RequestModel, RowId


class PhoneLineQuery(ChangedSince):
    """Which phone lines."""

    ended: Flag = Field(False, description="Also those that are no longer in service.")


class PhoneLineChanges(RequestModel):
    """What is different about a phone line; what is left out stays, null clears."""

    phone_number: OneLine | None = Field(None, min_length=1, max_length=40)
    mobile_carrier: OneLine | None = Field(None, min_length=1, max_length=60)
    rate_plan: OneLine | None = Field(None, max_length=120)
    employee_id: RowId | None = None
    device_id: RowId | None = Field(None, description="The mobile it is used with.")
    contract_term_months: Annotated[int, Field(ge=1, le=120)] | None = None
    contract_ends_on: Day | None = None
    contract_balance: Amount | None = Field(None, description="What is still to be paid for the device.")
    eligible_from: Day | None = Field(None, description="From when the carrier allows an upgrade.")


class NewPhoneLineRequest(PhoneLineChanges):
    """A mobile number of an account. Any writing of the number is understood."""

    phone_number: OneLine = Field(min_length=1, max_length=40, examples=["+353 86 123 4567"])
    mobile_carrier: OneLine = Field(min_length=1, max_length=60)


class NewAccountingCode(RequestModel):
    """What an account books its devices on."""

    code: OneLine = Field(min_length=1, max_length=60)
    description: OneLine | None = Field(None, max_length=200)


class AccountingCodeChanges(RequestModel):
    """What is different about an accounting code; what is left out stays."""

    description: OneLine | None = Field(None, max_length=200)
    archived: bool | None = Field(None, description="True: it is no longer offered.")
