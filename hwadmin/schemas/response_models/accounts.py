"""Responses about accounts, their locations and employees."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from hwadmin.models import Source
from hwadmin.schemas.response_models.base import ExternalKey, Moment, NamedResponse, Page, ResponseModel


class ShareResponse(ResponseModel):
    """An accounting code, and the percentage that is booked on it."""

    code: str
    percent: float


class LocationResponse(ResponseModel):
    """A site of an account."""

    id: int
    name: str
    address: str
    external_id: ExternalKey
    archived_at: Annotated[Moment | None, Field(description="Since when it is no longer offered.")]
    updated_at: Moment | None


class PhoneNumberResponse(ResponseModel):
    """A number under which somebody is reached, as the HR directory has it."""

    value: str
    type: str | None = None
    primary: bool = False


class EmployeeResponse(ResponseModel):
    """A person on an account."""

    id: int
    version: Annotated[int, Field(description="Moved by every change; the ETag of the record.")]
    account_id: int
    external_id: ExternalKey
    name: str
    email: str | None
    employee_number: str | None
    title: str | None
    department: str | None
    division: str | None
    organization: str | None
    phone_numbers: list[PhoneNumberResponse]
    manager: Annotated[NamedResponse | None, Field(description="Who approves what is ordered for them.")]
    accounting_codes: Annotated[
        list[ShareResponse],
        Field(description="What their devices are booked on unless an order says otherwise."),
    ]
    user_name: Annotated[str | None, Field(description="Their name in the HR directory.")]
    source: Annotated[Source, Field(description="Where what is known of them comes from.")]
    deactivated_at: Annotated[Moment | None, Field(description="Since when they have left.")]
    updated_at: Moment | None


class OrderingSettingsResponse(ResponseModel):
    """How an account orders."""

    requests_menu: bool
    requires_employee_number: bool
    allows_upgrade_override: bool
    requires_manager_approval: bool
    approver_name: str | None
    approver_email: str | None


class AccountResponse(ResponseModel):
    """A platform's customer, with its present locations and employees."""

    id: int
    name: str
    external_id: ExternalKey
    platform: NamedResponse
    settings: OrderingSettingsResponse
    created_at: Moment
    updated_at: Moment | None
    locations: list[LocationResponse]
    employees: list[EmployeeResponse]


class AccountPage(Page):
    """One page of accounts."""

    items: list[AccountResponse]


class LocationPage(Page):
    """One page of an account's locations."""

    items: list[LocationResponse]


class EmployeePage(Page):
    """One page of an account's employees."""

    items: list[EmployeeResponse]
