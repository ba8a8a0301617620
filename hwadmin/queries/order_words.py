"""What an order's version rows say, in words and names: never keys, never names of columns."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import Any

from sqlalchemy import select
from sqlalchemy_continuum import version_class

from hwadmin.extensions import db
from hwadmin.lifecycle import ManagerApproval, OrderStatus
from hwadmin.models import HardwareOrder, LineItem, Location, reference

OrderVersion = version_class(HardwareOrder)
LineVersion = version_class(LineItem)

# In the order they are read; a column that is neither here nor below is called by its own words.
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
    "fulfilled_units": "Units fulfilled",
    "fulfillable_units": "Units that become devices",
}
# Bookkeeping: the page says who and when by itself.
_UNSAID = {
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


def _said_columns() -> dict[str, str]:
    columns = [column.key for column in OrderVersion.__table__.columns if column.key not in _UNSAID]
    own = [
        name
        for name in columns
        if name not in _LABELS and not name.endswith(("_id", "_at", "_key", "_hash", "_token"))
    ]
    return {name: label for name, label in _LABELS.items() if name in columns} | {
        name: name.replace("_", " ").capitalize() for name in own
    }


# Column → what people call it.
COLUMNS: Mapping[str, str] = _said_columns()
# What a timeline says: who did it stands in the entry itself, and what follows from the lines is told there.
CHANGES: Mapping[str, str] = {
    name: label
    for name, label in COLUMNS.items()
    if not name.endswith("_by_name") and name not in ("fulfillable_units", "copied_from_id")
}


def names_of(versions: list[Any]) -> dict[int, str]:
    """The names of the locations that version rows lead to; no statement where they lead to none."""
    keys = {row.ship_to_location_id for row in versions} - {None}
    if not keys:
        return {}
    rows = db.session.execute(select(Location.id, Location.name).where(Location.id.in_(keys)))
    return {key: name for key, name in rows}  # noqa: C416


def said(column: str, value: Any, names: Mapping[int, str]) -> str | None:
    """The value of a column for people; None where there is nothing to say."""
    if value is None or value == "" or value == []:
        return None
    if column == "ship_to_location_id":
        return names.get(value, "a location that is gone")
    if column == "copied_from_id":
        return reference(value)
    return _plain(value)


def quoted(column: str, value: Any, names: Mapping[int, str]) -> str:
    """The same within a sentence about a change: what somebody typed is set off."""
    words = said(column, value, names)
    if words is None:
        return "nothing"
    typed = isinstance(value, str) and not isinstance(value, Enum)
    return f"“{words}”" if typed else words


def _plain(value: Any) -> str:
    if isinstance(value, OrderStatus):
        return value.label
    if isinstance(value, ManagerApproval):
        return value.value.replace("_", " ")
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime):
        return f"{value.day} {value:%b %Y, %H:%M} UTC"
    if isinstance(value, list | tuple):
        return ", ".join(_plain(one) for one in value)
    if isinstance(value, Mapping):
        return ", ".join(f"{name} {_plain(one)}" for name, one in value.items() if one not in (None, ""))
    return str(value) if isinstance(value, date | Decimal | int | str) else repr(value)
