"""What was changed of a row, in the words of an audit event."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from hwadmin.domain.dates import format_date
from hwadmin.domain.device_kinds import Kind


def describe_value(value: Any) -> str:
    """A value as an audit event says it."""
    if value is None or value == "":
        return "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Kind):
        return f"“{value.label}”"
    if isinstance(value, date):
        return format_date(value)
    if isinstance(value, Decimal):
        return f"{value:.2f}"
    return str(value) if isinstance(value, int) else f"“{value}”"


def assign(row: Any, labels: Mapping[str, str], **values: Any) -> list[str]:
    """Give the row its new values; say what was different: ``name “A” → “B”``."""
    changes = []
    for name, value in values.items():
        before = getattr(row, name)
        if before != value:
            label = labels.get(name, name.replace("_", " "))
            changes.append(f"{label} {describe_value(before)} → {describe_value(value)}")
            setattr(row, name, value)
    return changes
