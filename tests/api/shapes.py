"""The fields of answers as they are where nothing was said about them."""

from __future__ import annotations

from typing import Any

LINE: dict[str, Any] = {
    "monthly_price": "0.00",
    "size": None,
    "color": None,
    "term_months": None,
    "mobile_carrier": None,
    "from_spare": False,
    "accessory_of_line_id": None,
}
UNIT: dict[str, Any] = {
    "user_name": None,
    "user_number": None,
    "accounting_codes": [],
    "phone_line": None,
    "upgrade_reason": None,
    "override_reason": None,
    "from_spare_device_id": None,
    "serial": None,
    "second_imei": None,
    "closed_reason": None,
}
ORDER: dict[str, Any] = {
    "external_id": None,
    "requester": None,
    "notify": [],
    "ship_to": None,
    "attention": None,
    "notes": None,
    "reason": None,
    "accounting_codes": [],
    "cancellation_reason": None,
    "manager": None,
}
DEVICE: dict[str, Any] = {
    "external_id": None,
    "serial": None,
    "second_imei": None,
    "state": "in_service",
    "retired": None,
    "replaced_by_device_id": None,
    "phone_line": None,
}
EMPLOYEE: dict[str, Any] = {
    "version": 1,
    "external_id": None,
    "email": None,
    "employee_number": None,
    "title": None,
    "department": None,
    "division": None,
    "organization": None,
    "phone_numbers": [],
    "manager": None,
    "accounting_codes": [],
    "user_name": None,
    "source": "hand",
    "deactivated_at": None,
}
LOCATION: dict[str, Any] = {"address": "", "external_id": None, "archived_at": None}
ACCOUNT: dict[str, Any] = {
    "external_id": None,
    "settings": {
        "requests_menu": False,
        "requires_employee_number": False,
        "allows_upgrade_override": False,
        "requires_manager_approval": False,
        "approver_name": None,
        "approver_email": None,
    },
}
ITEM: dict[str, Any] = {
    "external_id": None,
    "max_handsets": None,
    "mobile_carrier": None,
    "size": None,
    "colors": [],
    "terms": [],
}


def timeless(body: Any) -> Any:
    """An answer without the moments of changes."""
    if isinstance(body, dict):
        return {name: timeless(value) for name, value in body.items() if name != "updated_at"}
    return [timeless(item) for item in body] if isinstance(body, list) else body
