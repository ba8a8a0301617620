"""Examples for the docs; a test checks each against its model."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel

from hwadmin.api import answers, asked

_LOCATION = {"id": 4, "name": "Ward 3", "address": "1 Quay, Riverside"}
_EMPLOYEE = {"id": 3, "name": "Dana Reed", "email": "dana@example.com", "employee_number": "A-17"}
_ORDER: dict[str, Any] = {
    "reference": "HW-000123",
    "status": "submitted",
    "status_label": "Pending approval",
    "version": 1,
    "platform": {"id": 1, "name": "Northwind Voice"},
    "account": {"id": 7, "name": "Riverside Clinic"},
    "lines": [
        {
            "sku": "YL-T54W",
            "make": "Yealink",
            "model": "T54W",
            "kind": "deskphone",
            "quantity": 1,
            "unit_price": "129.00",
            "currency": "EUR",
        }
    ],
    "units": [
        {
            "id": 51,
            "sku": "YL-T54W",
            "kind": "deskphone",
            "identifier_kind": "mac",
            "employee": {"id": 3, "name": "Dana Reed"},
            "location": None,
            "base_unit_id": None,
            "identifier": None,
            "device_id": None,
            "outcome": None,
            "fulfilled_at": None,
        }
    ],
    "fulfilled_units": 0,
    "fulfillable_units": 1,
    "rejection_reason": None,
    "decided_by": None,
    "decided_at": None,
    "placement": None,
    "manager_approval": "not_required",
    "created_at": "2026-03-02T09:30:00Z",
    "updated_at": "2026-03-02T09:30:00Z",
}

EXAMPLES: dict[type[BaseModel], dict[str, Any]] = {
    asked.NewAccount: {
        "name": "Riverside Clinic",
        "locations": [{"name": "Ward 3", "address": "1 Quay, Riverside"}],
        "employees": [{"name": "Dana Reed", "email": "dana@example.com", "employee_number": "A-17"}],
    },
    asked.NewLocation: {"name": "Ward 3", "address": "1 Quay, Riverside"},
    asked.NewEmployee: {"name": "Dana Reed", "email": "dana@example.com", "employee_number": "A-17"},
    asked.NewDevice: {"sku": "YL-T54W", "identifier": "80:5E:C0:09:AB:DC"},
    asked.NewOrder: {
        "account_id": 7,
        "lines": [
            {"sku": "YL-W70B", "quantity": 1, "intents": [{"location_id": 4}]},
            {"sku": "YL-W73H", "quantity": 2, "intents": [{"employee_id": 3, "base": 1}]},
        ],
        "requester": "Dana Reed",
        "notify": ["dana@example.com"],
        "ship_to_location_id": 4,
    },
    asked.OrderLines: {"lines": [{"sku": "YL-W70B", "quantity": 1}, {"sku": "YL-W73H", "quantity": 3}]},
    asked.NewPlacement: {
        "distributor": "Acme Distribution",
        "distributor_reference": "A-20417",
        "ordered_on": "2026-03-02",
    },
    asked.Reason: {"reason": "Ordered twice; see HW-000119."},
    asked.OptionalReason: {"reason": "Not needed any more."},
    asked.Identifiers: {"units": [{"unit_id": 51, "identifier": "80:5E:C0:09:AB:DC"}]},
    answers.Location: _LOCATION,
    answers.Employee: _EMPLOYEE,
    answers.Account: {
        "id": 7,
        "name": "Riverside Clinic",
        "platform": {"id": 1, "name": "Northwind Voice"},
        "locations": [_LOCATION],
        "employees": [_EMPLOYEE],
    },
    answers.Device: {
        "id": 9,
        "kind": "dect_handset",
        "make": "Yealink",
        "model": "W73H",
        "sku": "YL-W73H",
        "identifier": "02C3CC8E37",
        "identifier_kind": "ipei",
        "identifier_display": "11324 0822839 *",
        "account": {"id": 7, "name": "Riverside Clinic"},
        "employee": {"id": 3, "name": "Dana Reed"},
        "location": None,
        "base_device_id": 8,
        "slot": 1,
        "order_reference": "HW-000123",
        "unit_id": 51,
    },
    answers.Order: _ORDER,
    answers.Problem: {
        "type": "/api/docs#problem-invalid-input",
        "title": "Something needs correcting",
        "status": 422,
        "detail": "Give a quantity from 1 to 2,000.",
        "errors": [{"field": "lines.0.quantity", "message": "Give a quantity from 1 to 2,000."}],
    },
}
