"""The words of addresses that stand for a row, as the OpenAPI document describes them."""

from __future__ import annotations

from typing import Any

from hwadmin.domain.row_ids import MAX_ID

_ROW_ID = {"type": "integer", "minimum": 1, "maximum": MAX_ID}
# What no key holds: a slash, signs that control, halves of a sign, and what turns the direction of a text.
_NO_KEY = r"/\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff"
# One sign at least that can be seen, and is no full stop: an address cannot hold . and ..
_SEEN = rf"[^\s.\xad\u061c\u115f\u1160\u180e\u200b-\u200f\u2060-\u206f\u2800\u3164\ufeff\uffa0{_NO_KEY}]"
# Of the words that stand for an id, what they name.
_NAMED = {
    "webhook_id": "webhook",
    "account_id": "account",
    "unit_id": "unit",
    "note_id": "note",
    "location_id": "location",
    "employee_id": "employee",
    "line_id": "phone line",
    "code_id": "accounting code",
    "person_id": "person",
    "platform_id": "platform",
    "distributor_id": "distributor",
    "device_id": "device",
    "delivery_id": "delivery",
}
PATH_PARAMETERS: dict[str, dict[str, Any]] = {
    name: {"description": f"The {thing}'s id.", "schema": _ROW_ID} for name, thing in _NAMED.items()
} | {
    "reference": {
        "description": "The order's reference.",
        "schema": {"type": "string", "pattern": "^HW-[0-9]{6,18}$", "examples": ["HW-000123"]},
    },
    "sku": {
        "description": "The item's SKU; a slash in it may be sent as it is or as %2F. For one that cannot "
        "stand here, such as A/fits, send - and the parameter sku.",
        "schema": {"type": "string", "pattern": "^[0-9A-Za-z_.-]*[0-9A-Za-z_-]$", "maxLength": 60},
    },
    "external_id": {
        "description": "The key you know it by, without a slash.",
        "schema": {"type": "string", "pattern": f"^[^{_NO_KEY}]*{_SEEN}[^{_NO_KEY}]*$", "maxLength": 120},
    },
}
