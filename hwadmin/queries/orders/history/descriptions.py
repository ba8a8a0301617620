"""The values of an order's version rows in words and names: no keys, no names of columns."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import Any

from sqlalchemy import select
from sqlalchemy_continuum import version_class

from hwadmin.db.extensions import db
from hwadmin.domain.dates import format_date, format_datetime
from hwadmin.domain.lifecycle import ManagerApproval, OrderStatus
from hwadmin.models import HardwareOrder, LineItem, Location, reference

OrderVersion = version_class(HardwareOrder)
LineVersion = version_class(LineItem)

# In the order of the page; a column in neither list is labelled by its own name.
_LABELS = {
    "status": "Status",
    "manager_approval": "Manager approval",
    "submitted_by_name": "Ordered by",
    "requester": "Requester",
    "reason": "Reason",
    "copied_from_id": "Copied from",
    "ship_to_location_id": "Ship to",
    "attention": "Attention",
    "notes": "Notes",
    "notify": "Notified",
    "accounting_codes": "Accounting codes",
    "decided_by_name": "Decided by",
    "rejection_reason": "Rejection reason",
    "cancellation_reason": "Cancellation reason",
    "placed_by_name": "Marked as ordered by",
    "distributor": "Distributor",
    "distributor_reference": "Distributor's order number",
    "ordered_on": "Ordered on",
    "sent_to": "Sent to",
    "fulfilled_units": "Units fulfilled",
    "fulfillable_units": "Units that become devices",
}
# Bookkeeping: the page shows who and when by itself.
_UNLABELLED = {
    "id",
    "platform_id",
    "account_id",
    "version",
    "updated_at",
    "updated_by_name",
    "status_at",
    "status_by_name",
    "created_at",
    "transaction_id",
    "operation_type",
}


def _labels() -> dict[str, str]:
    columns = [column.key for column in OrderVersion.__table__.columns if column.key not in _UNLABELLED]
    own = [
        name
        for name in columns
        if name not in _LABELS and not name.endswith(("_id", "_at", "_key", "_hash", "_token"))
    ]
    return {name: label for name, label in _LABELS.items() if name in columns} | {
        name: name.replace("_", " ").capitalize() for name in own
    }


# Column → label.
LABELS: Mapping[str, str] = _labels()
# The columns of a timeline: its entries name the person and the reason, and tell what changed of the lines.
_TOLD = ("fulfillable_units", "copied_from_id", "rejection_reason", "cancellation_reason")
TIMELINE_LABELS: Mapping[str, str] = {
    name: label for name, label in LABELS.items() if not name.endswith("_by_name") and name not in _TOLD
}


def location_names(versions: list[Any]) -> dict[int, str]:
    """The names of the locations that version rows refer to; no statement where they refer to none."""
    keys = {row.ship_to_location_id for row in versions} - {None}
    if not keys:
        return {}
    rows = db.session.execute(select(Location.id, Location.name).where(Location.id.in_(keys)))
    return {key: name for key, name in rows}  # noqa: C416


def describe_value(column: str, value: Any, names: Mapping[int, str]) -> str | None:
    """The value of a column in words; None for an empty one."""
    if value is None or value == "" or value == []:
        return None
    if column == "ship_to_location_id":
        return names.get(value, "a location that is gone")
    if column == "copied_from_id":
        return reference(value)
    return _plain(value)


def quote_value(column: str, value: Any, names: Mapping[int, str]) -> str:
    """The value of a column within a sentence about a change; typed texts are put in quotation marks."""
    text = describe_value(column, value, names)
    if text is None:
        return "nothing"
    is_text = isinstance(value, str) and not isinstance(value, Enum)
    return f"“{text}”" if is_text else text


def _plain(value: Any) -> str:
    if isinstance(value, OrderStatus):
        return value.label
    if isinstance(value, ManagerApproval):
        return value.value.replace("_", " ")
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime):
        return format_datetime(value)
    if isinstance(value, date):
        return format_date(value)
    if isinstance(value, list | tuple):
        return ", ".join(_plain(part) for part in value)
    if isinstance(value, Mapping):
        return ", ".join(f"{name} {_plain(part)}" for name, part in value.items() if part not in (None, ""))
    return str(value) if isinstance(value, Decimal | int | str) else repr(value)
