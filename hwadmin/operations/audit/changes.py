"""Changes that rows of many kinds share, and what an audit event says of them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Protocol

from hwadmin.clock import utcnow
from hwadmin.db.lookup import checked_key, flush_or_try_again
from hwadmin.domain.dates import format_date, format_datetime
from hwadmin.domain.device_kinds import Kind
from hwadmin.domain.text_validation import Problems, refuse
from hwadmin.domain.wording import describe_change
from hwadmin.errors import WrongState


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


def assign_external_key(row: Any, key: str | None, column: Any, owner: Any) -> list[str]:
    """Give a locked row the key another program is to know it by; say what was different.

    Args:
        row: the row.
        key: the key; None takes away the one there is.
        column: the column of the keys.
        owner: the column of the account or platform, among whose rows a key names one.

    Raises:
        InvalidInput: at ``external_id``.
        TryAgain: somebody took the same key at the same moment.
    """
    problems = Problems()
    key = checked_key(problems, row, key, column, owner)
    refuse(problems)
    changes = assign(row, {column.key: "external id"}, **{column.key: key})
    if changes:
        flush_or_try_again()
    return changes


def assign(row: Any, labels: Mapping[str, str], **values: Any) -> list[str]:
    """Give the row its new values; say what was different: ``name “A” → “B”``."""
    changes = []
    for name, value in values.items():
        before = getattr(row, name)
        if before != value:
            label = labels.get(name, name.replace("_", " "))
            changes.append(describe_change(label, describe_value(before), describe_value(value)))
            setattr(row, name, value)
    return changes


# ---- Taken off the lists to choose from, and offered again: what names a row keeps it


class Archivable(Protocol):
    """A row that knows since when it is archived; None: it is not."""

    archived_at: datetime | None


def archive(row: Archivable, name: str) -> None:
    """Take a row off the lists to choose from.

    Args:
        row: locked.
        name: what a sentence calls it.

    Raises:
        WrongState: it is archived already; the sentence says since when.
    """
    if row.archived_at is not None:
        raise WrongState(f"{name} has been archived since {format_datetime(row.archived_at)}.")
    row.archived_at = utcnow()


def restore(row: Archivable, name: str) -> None:
    """Offer an archived row again.

    Raises:
        WrongState: it is not archived.
    """
    if row.archived_at is None:
        raise WrongState(f"{name} is not archived.")
    row.archived_at = None
