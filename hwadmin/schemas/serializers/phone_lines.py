"""Phone lines and accounting codes as the API shows them."""

from __future__ import annotations

from hwadmin.models import AccountingCode
from hwadmin.queries.accounts.phone_lines import PhoneLineDetails
from hwadmin.schemas import response_models
from hwadmin.schemas.serializers.base import amount, named


def phone_line(row: PhoneLineDetails) -> response_models.PhoneLineResponse:
    """A phone line with its contract, and whether it may be upgraded."""
    return response_models.PhoneLineResponse(
        id=row.id,
        phone_number=row.phone_number,
        mobile_carrier=row.mobile_carrier,
        rate_plan=row.rate_plan,
        employee=named(row.employee_id, row.employee_name),
        device_id=row.device_id,
        contract_term_months=row.contract_term_months,
        contract_ends_on=row.contract_ends_on,
        contract_balance=amount(row.contract_balance) if row.contract_balance is not None else None,
        currency=row.currency,
        eligible_from=row.eligible_from,
        eligible=row.eligibility.eligible,
        eligibility=row.eligibility.why,
        upgraded_by=row.open_order,
        ended_at=row.ended_at,
    )


def accounting_code(row: AccountingCode) -> response_models.AccountingCodeResponse:
    """An accounting code."""
    return response_models.AccountingCodeResponse(
        id=row.id, code=row.code, description=row.description, archived_at=row.archived_at
    )
