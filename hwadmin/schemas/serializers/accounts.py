"""Accounts, locations and employees as the API shows them."""

from __future__ import annotations

from collections.abc import Sequence

from hwadmin.models import Account, Employee, Location
from hwadmin.schemas import response_models
from hwadmin.schemas.serializers.base import named, shares


def location(row: Location) -> response_models.LocationResponse:
    """A site of an account."""
    return response_models.LocationResponse(
        id=row.id,
        name=row.name,
        address=row.address,
        external_id=row.external_id,
        archived_at=row.archived_at,
        updated_at=row.updated_at,
    )


def employee(row: Employee) -> response_models.EmployeeResponse:
    """A person on an account, with everything the directory says of them."""
    return response_models.EmployeeResponse(
        id=row.id,
        version=row.version,
        account_id=row.account_id,
        external_id=row.program_external_id,
        name=row.name,
        email=row.email,
        employee_number=row.employee_number,
        title=row.title,
        department=row.department,
        division=row.division,
        organization=row.organization,
        phone_numbers=[
            response_models.PhoneNumberResponse(
                value=str(number["value"]), type=number.get("type"), primary=bool(number.get("primary"))
            )
            for number in row.phone_numbers or ()
        ],
        manager=named(row.manager_id, row.manager.name if row.manager else None),
        accounting_codes=shares(row.accounting_codes),
        user_name=row.user_name,
        source=row.source,
        deactivated_at=row.deactivated_at,
        updated_at=row.updated_at,
    )


def account(
    row: Account, locations: Sequence[Location], employees: Sequence[Employee]
) -> response_models.AccountResponse:
    """An account with its present locations and employees."""
    return response_models.AccountResponse(
        id=row.id,
        name=row.name,
        external_id=row.external_id,
        platform=response_models.NamedResponse(id=row.platform.id, name=row.platform.name),
        settings=response_models.OrderingSettingsResponse(
            requests_menu=row.requests_menu,
            requires_employee_number=row.requires_employee_number,
            allows_upgrade_override=row.allows_upgrade_override,
            requires_manager_approval=row.requires_manager_approval,
            approver_name=row.approver_name,
            approver_email=row.approver_email,
        ),
        created_at=row.created_at,
        updated_at=row.updated_at,
        locations=[location(row) for row in locations],
        employees=[employee(row) for row in employees],
    )
