"""The words of addresses that stand for a row, as the OpenAPI document describes them."""

from __future__ import annotations

from typing import Any

from hwadmin.domain.row_ids import MAX_ID

_ROW_ID = {"type": "integer", "minimum": 1, "maximum": MAX_ID}
PATH_PARAMETERS: dict[str, dict[str, Any]] = {
    "reference": {
        "description": "The order's reference.",
        "schema": {"type": "string", "pattern": "^HW-[0-9]{6,18}$", "examples": ["HW-000123"]},
    },
    "webhook_id": {"description": "The webhook's id.", "schema": _ROW_ID},
    "account_id": {"description": "The account's id.", "schema": _ROW_ID},
    "unit_id": {"description": "The unit's id.", "schema": _ROW_ID},
    "note_id": {"description": "The note's id.", "schema": _ROW_ID},
    "location_id": {"description": "The location's id.", "schema": _ROW_ID},
    "employee_id": {"description": "The employee's id.", "schema": _ROW_ID},
    "sku": {
        "description": "The item's SKU.",
        "schema": {"type": "string", "pattern": "^[0-9A-Za-z_.-]*[0-9A-Za-z_-]$", "maxLength": 60},
    },
    "line_id": {"description": "The phone line's id.", "schema": _ROW_ID},
    "code_id": {"description": "The accounting code's id.", "schema": _ROW_ID},
    "person_id": {"description": "The person's id.", "schema": _ROW_ID},
    "platform_id": {"description": "The platform's id.", "schema": _ROW_ID},
    "distributor_id": {"description": "The distributor's id.", "schema": _ROW_ID},
    "device_id": {"description": "The device's id.", "schema": _ROW_ID},
    "delivery_id": {"description": "The delivery's id.", "schema": _ROW_ID},
    "external_id": {
        "description": "The key you know it by, without a slash.",
        "schema": {"type": "string", "pattern": "^[0-9A-Za-z_~:@.-]*[0-9A-Za-z_~:@-]$", "maxLength": 120},
    },
}
