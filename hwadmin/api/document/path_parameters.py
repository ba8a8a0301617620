"""The words of addresses that stand for a row, as the OpenAPI document describes them."""

from __future__ import annotations

from functools import cache
from itertools import groupby
from typing import Any

from hwadmin.domain.row_ids import MAX_ID
from hwadmin.domain.text_validation import MAX_EXTERNAL_KEY, NOT_IN_A_KEY, can_be_seen, is_refused

_ROW_ID = {"type": "integer", "minimum": 1, "maximum": MAX_ID}


def _pattern_of_a_key() -> str:
    """What a key another program knows a row by looks like, by what a text may hold."""
    signs = [chr(code) for code in range(0x10000)]
    refused = [sign for sign in signs if sign == NOT_IN_A_KEY or is_refused(sign)]
    # One sign at least that can be seen, and is no full stop: an address cannot hold . and ..
    unseen = [sign for sign in signs if sign == "." or not can_be_seen(sign)]
    key, seen = f"[^{_ranges(refused)}]", f"[^{_ranges(sorted({*refused, *unseen}))}]"
    return f"^{key}*{seen}{key}*$"


def _ranges(signs: list[str]) -> str:
    """Signs in order as they stand between the brackets of a regular expression."""
    words = []
    for _, numbered in groupby(enumerate(map(ord, signs)), lambda pair: pair[1] - pair[0]):
        codes = [code for _, code in numbered]
        words.append("-".join(f"\\u{code:04x}" for code in dict.fromkeys((codes[0], codes[-1]))))
    return "".join(words)


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


@cache
def path_parameters() -> dict[str, dict[str, Any]]:
    """Of each word, what the document has of it besides its name."""
    return {
        name: {"description": f"The {thing}'s id.", "schema": _ROW_ID} for name, thing in _NAMED.items()
    } | {
        "reference": {
            "description": "The order's reference.",
            "schema": {"type": "string", "pattern": "^HW-[0-9]{6,18}$", "examples": ["HW-000123"]},
        },
        "sku": {
            "description": "The item's SKU; a slash in it may be sent as it is or as %2F. For one that "
            "cannot stand here, such as A/fits, send - and the parameter sku.",
            "schema": {"type": "string", "pattern": "^[0-9A-Za-z_.-]*[0-9A-Za-z_-]$", "maxLength": 60},
        },
        "external_id": {
            "description": "The key you know it by, without a slash.",
            "schema": {"type": "string", "pattern": _pattern_of_a_key(), "maxLength": MAX_EXTERNAL_KEY},
        },
    }
