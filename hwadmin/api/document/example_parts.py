"""What several examples have in common."""

from __future__ import annotations

from typing import Any

AT = "2026-03-02T09:30:00Z"
PLATFORM = {"id": 1, "name": "Northwind Voice"}
ACCOUNT = {"id": 7, "name": "Riverside Clinic"}
DANA = {"id": 3, "name": "Dana Reed"}
NEW_EMPLOYEE = {"name": "Dana Reed", "email": "dana@example.com", "employee_number": "A-17"}
NEW_LOCATION = {"name": "Ward 3", "address": "1 Quay, Riverside"}
# What a line was submitted with.
LINE: dict[str, Any] = {
    "sku": "YL-T54W",
    "make": "Yealink",
    "model": "T54W",
    "kind": "deskphone",
    "quantity": 1,
    "requested_quantity": 1,
    "unit_price": "129.00",
    "monthly_price": "0.00",
    "currency": "EUR",
    "size": None,
    "color": "black",
    "term_months": None,
    "mobile_carrier": None,
}
