"""Changing some of what is known of a location, and keeping locations in step by another program's keys."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hwadmin.clock import utcnow
from hwadmin.db.lookup import checked_key, flush_or_try_again, insert_or_try_again
from hwadmin.domain.permissions import Actor, Permission, require
from hwadmin.domain.text_validation import Problems, refuse
from hwadmin.models import Account, Location
from hwadmin.operations.accounts.locations import NewLocation, checked_location
from hwadmin.operations.accounts.synchronization.upserting import changed_row, required_key
from hwadmin.operations.audit.account_events import record_account_changed
from hwadmin.operations.audit.changes import assign
from hwadmin.queries.accounts.by_external_key import location_by_key
from hwadmin.queries.scope import find


def change_location_fields(actor: Actor, location_id: int, values: Mapping[str, Any]) -> Location:
    """Change the stated fields of a location; the others stay.

    Args:
        actor: who changes them.
        location_id: the location's key.
        values: of ``name, address, external_id`` and ``archived``.

    Raises:
        NotAllowed, NotFound, InvalidInput: nothing was done.
    """
    require(actor, Permission.ACCOUNTS_WRITE)
    return changed_row(actor, Location, location_id, values, _write)


def upsert_location(
    actor: Actor, account_id: int, external_id: str, values: Mapping[str, Any]
) -> tuple[Location, bool]:
    """Create the location another program knows by a key, or change the stated fields of the one there is.

    The same again changes nothing, and costs one statement. An archived one is offered again, unless
    ``archived`` is stated.

    Returns the location, and whether it was created.

    Raises:
        NotAllowed, NotFound, InvalidInput: nothing was done.
    """
    require(actor, Permission.ACCOUNTS_WRITE)
    key = required_key(external_id)
    values = {"archived": False} | dict(values)
    location = location_by_key(actor, account_id, key)
    if location is not None:
        if _is_different(location, values):
            location = changed_row(actor, Location, location.id, values, _write)
        return location, False
    account = find(actor, Account, account_id)
    problems = Problems()
    checked = checked_location(problems, NewLocation(values.get("name") or "", values.get("address") or ""))
    refuse(problems)
    location = insert_or_try_again(
        Location,
        account_id=account.id,
        platform_id=account.platform_id,
        external_id=key,
        name=checked.name,
        address=checked.address,
        archived_at=utcnow() if values["archived"] else None,
    )
    record_account_changed(actor, account, f"Added the location “{location.name}”")
    return location, True


def _columns(problems: Problems, location: Location, values: Mapping[str, Any]) -> dict[str, Any]:
    stated = NewLocation(
        values.get("name", location.name) or "", values.get("address", location.address) or ""
    )
    checked = checked_location(problems, stated)
    return {"name": checked.name, "address": checked.address}


def _is_different(location: Location, values: Mapping[str, Any]) -> bool:
    problems = Problems()
    columns = _columns(problems, location, values)
    if problems.errors or any(getattr(location, name) != value for name, value in columns.items()):
        return True
    return "archived" in values and values["archived"] is not (location.archived_at is not None)


def _write(actor: Actor, location: Location, values: Mapping[str, Any]) -> None:
    """Write the stated values of a locked location, with one audit event where anything is different."""
    problems = Problems()
    columns = _columns(problems, location, values)
    if "external_id" in values:
        stated = values["external_id"]
        columns["external_id"] = checked_key(
            problems, location, stated, Location.external_id, Location.account_id
        )
    refuse(problems)
    before = location.name
    changes = assign(location, {"external_id": "external id"}, **columns)
    archived = location.archived_at is not None
    if values.get("archived", archived) is not archived:
        location.archived_at = utcnow() if values["archived"] else None
        changes.append("archived" if values["archived"] else "restored")
    if changes:
        flush_or_try_again()
        record_account_changed(
            actor, location.account, f"Changed the location “{before}”: {', '.join(changes)}"
        )
