"""Requests about accounts."""

from __future__ import annotations

from pydantic import Field

from hwadmin.schemas.request_models.base import (
    Changed,
    ExternalKey,
    Lines,
    NewShareRequest,
    OneLine,
    RequestModel,
    RowId,
    Search,
)


class NewLocationRequest(RequestModel):
    """A site."""

    name: OneLine = Field(min_length=1, max_length=120)
    address: Lines | None = Field(None, max_length=300)
    external_id: ExternalKey | None = None


class NewEmployeeRequest(RequestModel):
    """A person on an account."""

    name: OneLine = Field(min_length=1, max_length=200)
    email: OneLine | None = Field(None, max_length=254)
    employee_number: OneLine | None = Field(None, max_length=60)
    title: OneLine | None = Field(None, max_length=200)
    department: OneLine | None = Field(None, max_length=200)
    division: OneLine | None = Field(None, max_length=200)
    organization: OneLine | None = Field(None, max_length=200)
    external_id: ExternalKey | None = None


class NewAccountRequest(RequestModel):
    """An account with its locations and employees."""

    name: OneLine = Field(min_length=1, max_length=200, examples=["Riverside Clinic"])
    platform_id: RowId | None = Field(
        None, description="Needed where the token is given several platforms, or all."
    )
    external_id: ExternalKey | None = Field(None, description="The key you know the account by.")
    locations: list[NewLocationRequest] = Field([], max_length=500)
    employees: list[NewEmployeeRequest] = Field([], max_length=2000)


class ChangedLocation(RequestModel):
    """What is different about a location; what is left out stays."""

    name: OneLine | None = Field(None, min_length=1, max_length=120)
    address: Lines | None = Field(None, max_length=300)
    archived: bool | None = Field(None, description="False: it is offered again.")


class LocationChanges(ChangedLocation):
    """What is different about a location, and the key you know it by."""

    external_id: ExternalKey | None = None


class ChangedEmployee(RequestModel):
    """What is different about an employee; what is left out stays, null clears."""

    name: OneLine | None = Field(None, min_length=1, max_length=200)
    email: OneLine | None = Field(None, max_length=254)
    employee_number: OneLine | None = Field(None, max_length=60)
    title: OneLine | None = Field(None, max_length=200)
    department: OneLine | None = Field(None, max_length=200)
    division: OneLine | None = Field(None, max_length=200)
    organization: OneLine | None = Field(None, max_length=200)
    manager_id: RowId | None = Field(None, description="Who approves what is ordered for them.")
    accounting_codes: list[NewShareRequest] | None = Field(
        None, max_length=20, description="What their devices are booked on; 100 percent in all."
    )
    active: bool | None = Field(None, description="False: they have left.")


class EmployeeChanges(ChangedEmployee):
    """What is different about an employee, and the key you know them by."""

    external_id: ExternalKey | None = None


class OtherRecord(RequestModel):
    """A second record of a person, and how it is known to be theirs."""

    other_employee_id: RowId
    reason: Lines = Field(min_length=1, max_length=1000)


class SettingsChanges(RequestModel):
    """How an account orders; what is left out stays."""

    requests_menu: bool | None = None
    requires_employee_number: bool | None = None
    allows_upgrade_override: bool | None = None
    requires_manager_approval: bool | None = None
    approver_name: OneLine | None = Field(None, max_length=200)
    approver_email: OneLine | None = Field(None, max_length=254)


class AccountChanges(RequestModel):
    """What is different about an account; what is left out stays."""

    name: OneLine | None = Field(None, min_length=1, max_length=200)
    external_id: ExternalKey | None = None
    settings: SettingsChanges | None = None


class ChangedAccount(RequestModel):
    """An account as another program knows it; what is left out stays."""

    name: OneLine | None = Field(None, min_length=1, max_length=200)
    platform_id: RowId | None = Field(
        None, description="Needed where the token is given several platforms, or all."
    )
    settings: SettingsChanges | None = None


class SearchQuery(Changed):
    """Which accounts."""

    q: Search | None = Field(
        None,
        description="Words of the account's and its platform's name, or of one of its people. One letter "
        "alone finds nothing.",
    )
