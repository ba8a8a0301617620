"""Examples for the docs; a test checks each against its model."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, get_args

from pydantic import BaseModel

from hwadmin.api.calls import Call
from hwadmin.api.document.example_parts import (
    ACCOUNT,
    AT,
    DANA,
    LINE,
    NEW_EMPLOYEE,
    NEW_LOCATION,
    PLATFORM,
)
from hwadmin.api.document.request_examples import REQUEST_EXAMPLES
from hwadmin.api.document.response_examples import response_examples
from hwadmin.schemas import problem_models, request_models, response_models

_SHIP_TO = NEW_LOCATION | {"id": 4}
_LOCATION: dict[str, Any] = _SHIP_TO | {
    "external_id": "site-3",
    "archived_at": None,
    "updated_at": AT,
}
_EMPLOYEE: dict[str, Any] = NEW_EMPLOYEE | {
    "id": 3,
    "version": 2,
    "account_id": 7,
    "external_id": "e-17",
    "title": "Head nurse",
    "department": "Ward 3",
    "division": None,
    "organization": None,
    "phone_numbers": [{"value": "+353 1 555 0100", "type": "work", "primary": True}],
    "manager": {"id": 2, "name": "Kofi Mensah"},
    "accounting_codes": [{"code": "4711", "percent": 100.0}],
    "user_name": "dana.reed",
    "source": "scim",
    "deactivated_at": None,
    "updated_at": AT,
}
_ORDER: dict[str, Any] = {
    "reference": "HW-000123",
    "status": "submitted",
    "status_label": "Pending approval",
    "version": 1,
    "external_id": None,
    "platform": PLATFORM,
    "account": ACCOUNT,
    "submitted_by": {"name": "Piet de Vries"},
    "requester": "Dana Reed",
    "notify": ["dana@example.com"],
    "ship_to": _SHIP_TO,
    "attention": "Reception",
    "notes": "Ring twice.",
    "reason": "New ward",
    "accounting_codes": ["4711"],
    "lines": [
        LINE | {"id": 31, "from_spare": False, "accessory_of_line_id": None},
    ],
    "units": [
        {
            "id": 51,
            "line_id": 31,
            "label": "T54W #1",
            "sku": "YL-T54W",
            "kind": "deskphone",
            "identifier_kind": "mac",
            "employee": DANA,
            "location": None,
            "base_unit_id": None,
            "user_name": "Dana Reed",
            "user_number": "A-17",
            "accounting_codes": [{"code": "4711", "percent": 100.0}],
            "phone_line": None,
            "upgrade_reason": None,
            "override_reason": None,
            "from_spare_device_id": None,
            "identifier": None,
            "serial": None,
            "second_imei": None,
            "device_id": None,
            "outcome": None,
            "fulfilled_at": None,
            "state": "requested",
            "closed_reason": None,
        }
    ],
    "totals": {"now": "129.00", "monthly": "0.00", "currency": "EUR"},
    "fulfilled_units": 0,
    "fulfillable_units": 1,
    "rejection_reason": None,
    "cancellation_reason": None,
    "decided_by": None,
    "decided_at": None,
    "placement": None,
    "waiting": {
        "what": "decision",
        "owner": "super-admins",
        "since": AT,
        "due_at": "2026-03-04T09:30:00Z",
        "late": False,
    },
    "manager_approval": "not_required",
    "manager": None,
    "created_at": AT,
    "updated_at": AT,
}

EXAMPLES: dict[type[BaseModel], dict[str, Any]] = REQUEST_EXAMPLES | {
    request_models.NewAccountRequest: {
        "name": "Riverside Clinic",
        "locations": [NEW_LOCATION],
        "employees": [NEW_EMPLOYEE],
    },
    request_models.NewLocationRequest: NEW_LOCATION,
    request_models.NewEmployeeRequest: NEW_EMPLOYEE,
    request_models.ChangedAccount: {
        "name": "Riverside Clinic",
        "settings": {"requires_manager_approval": False},
    },
    request_models.ChangedLocation: NEW_LOCATION,
    request_models.ChangedEmployee: NEW_EMPLOYEE
    | {
        "department": "Ward 3",
        "accounting_codes": [{"code": "4711", "percent": 100}],
    },
    request_models.EmployeeChanges: {"department": "Ward 4", "manager_id": 2},
    request_models.NewDeviceRequest: {"sku": "YL-T54W", "identifier": "80:5E:C0:09:AB:DC"},
    request_models.NewOrderRequest: {
        "account_id": 7,
        "lines": [
            {"sku": "YL-W70B", "quantity": 1, "intents": [{"location_id": 4}]},
            {"sku": "YL-W73H", "quantity": 2, "intents": [{"employee_id": 3, "base": 1}]},
            {
                "sku": "AP-IP17",
                "quantity": 1,
                "size": "256 GB",
                "color": "black",
                "term_months": 24,
                "intents": [{"phone_line_id": 12, "upgrade_reason": "The battery is worn out."}],
            },
        ],
        "requester": "Dana Reed",
        "notify": ["dana@example.com"],
        "ship_to_location_id": 4,
    },
    request_models.OrderLines: {
        "lines": [{"sku": "YL-W70B", "quantity": 1}, {"sku": "YL-W73H", "quantity": 3}]
    },
    request_models.NewPlacementRequest: {
        "distributor": "Acme Distribution",
        "distributor_reference": "A-20417",
        "ordered_on": "2026-03-02",
    },
    request_models.Reason: {"reason": "Ordered twice; see HW-000119."},
    request_models.OptionalReason: {"reason": "Not needed any more."},
    request_models.Identifiers: {"units": [{"unit_id": 51, "identifier": "80:5E:C0:09:AB:DC"}]},
    response_models.LocationResponse: _LOCATION,
    response_models.EmployeeResponse: _EMPLOYEE,
    response_models.AccountResponse: {
        "id": 7,
        "name": "Riverside Clinic",
        "external_id": "customer-12",
        "platform": PLATFORM,
        "settings": {
            "requests_menu": False,
            "requires_employee_number": False,
            "allows_upgrade_override": True,
            "requires_manager_approval": False,
            "approver_name": None,
            "approver_email": None,
        },
        "created_at": AT,
        "updated_at": AT,
        "locations": [_LOCATION],
        "employees": [_EMPLOYEE],
    },
    response_models.DeviceResponse: {
        "id": 9,
        "external_id": None,
        "kind": "dect_handset",
        "make": "Yealink",
        "model": "W73H",
        "sku": "YL-W73H",
        "identifier": "02C3CC8E37",
        "identifier_kind": "ipei",
        "identifier_display": "11324 0822839 *",
        "serial": None,
        "second_imei": None,
        "state": "in_service",
        "retired": None,
        "replaced_by_device_id": None,
        "account": ACCOUNT,
        "employee": DANA,
        "location": None,
        "phone_line": None,
        "base_device_id": 8,
        "slot": 1,
        "order_reference": "HW-000123",
        "unit_id": 51,
        "created_at": "2026-03-05T11:00:00Z",
        "updated_at": "2026-03-05T11:00:00Z",
    },
    response_models.OrderResponse: _ORDER,
    response_models.OrderCopyResponse: {
        "order": {
            "account_id": 7,
            "lines": [
                {
                    "sku": "YL-T54W",
                    "quantity": 1,
                    "size": None,
                    "color": "black",
                    "term_months": None,
                    "mobile_carrier": None,
                    "from_spare_device_id": None,
                    "accessory_of": None,
                    "intents": [],
                }
            ],
            "requester": "Dana Reed",
            "notify": ["dana@example.com"],
            "ship_to_location_id": 4,
            "attention": None,
            "notes": None,
            "reason": None,
            "accounting_codes": [],
        },
        "left_out": ["Yealink T57W is no longer sold."],
    },
    problem_models.Problem: {
        "type": "/api/docs#problem-invalid-input",
        "title": "Something needs correcting",
        "status": 422,
        "detail": "Give a quantity from 1 to 2,000.",
        "errors": [{"field": "lines.0.quantity", "message": "Give a quantity from 1 to 2,000."}],
    },
}

EXAMPLES |= response_examples(_ORDER, EXAMPLES[response_models.DeviceResponse])


def examples_of(calls: Iterable[Call]) -> dict[type[BaseModel], dict[str, Any]]:
    """All examples; a page of a list holds the example of its item."""
    examples = dict(EXAMPLES)
    for call in calls:
        if call.is_list and call.response is not None and call.response not in examples:
            [item] = get_args(call.response.model_fields["items"].annotation)
            examples[call.response] = {"items": [examples[item]], "next_cursor": None}
    return examples
