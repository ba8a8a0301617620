"""Writing the devices of a fulfillment: new ones inserted in one statement, existing ones linked."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import String, func, update

from hwadmin.db import dialects
from hwadmin.db.extensions import db
from hwadmin.db.quick_sql import write_rows
from hwadmin.db.unit_of_work import TryAgain
from hwadmin.domain.permissions import Actor
from hwadmin.domain.units import UnitOutcome
from hwadmin.models import Device, HardwareOrder
from hwadmin.models.types import Key
from hwadmin.operations.fulfillment.intents import split_intents
from hwadmin.operations.fulfillment.pairing_plan import NOTHING_TO_PAIR, PairingPlan, PlannedPairing
from hwadmin.operations.fulfillment.report import UnitResult
from hwadmin.queries.units.units import UnitRow

# The columns of a new device that all devices of a fulfillment share, and those that differ.
_SHARED_COLUMNS = (
    "platform_id",
    "account_id",
    "unit_outcome",
    "unit_at",
    "created_at",
    "updated_at",
    "created_by_name",
)
_OWN_COLUMNS = (
    "catalog_item_id",
    "kind",
    "make",
    "model",
    "sku",
    "max_handsets",
    "identifier_kind",
    "identifier",
    "identifier_key",
    "mac_id_code",
    "serial",
    "second_imei",
    "second_imei_key",
    "employee_id",
    "location_id",
    "base_device_id",
    "slot",
    "unit_id",
    "not_applied",
)


def insert_devices(
    actor: Actor,
    order: HardwareOrder,
    units: Mapping[int, UnitRow],
    results: Sequence[UnitResult],
    now: datetime,
    plan: PairingPlan = NOTHING_TO_PAIR,
) -> None:
    """Insert the missing devices, in the order of their keys, so that nobody waits in a circle.

    Args:
        actor: who fulfills.
        order: the order.
        units: its units.
        results: what was entered for those without a device.
        now: the moment of it.
        plan: which base and slot each handset gets, where those are known before.

    Raises:
        TryAgain: somebody registered one of the identifiers meanwhile.
    """
    by_key = {result.identifier.key: result for result in results if result.identifier}
    pairings = {pairing.handset.unit_id: pairing for pairing in plan.pairings}
    rows = [
        _own_values(units[result.unit_id], result, pairings.get(result.unit_id))
        for _, result in sorted(by_key.items())
    ]
    if not rows:
        return
    statement = dialects.insert_from_json(Device.__table__, _SHARED_COLUMNS, _OWN_COLUMNS, "identifier_key")
    inserted = write_rows(
        db.session.connection(),
        statement,
        platform_id=order.platform_id,
        account_id=order.account_id,
        unit_outcome=UnitOutcome.CREATED.value,
        unit_at=now,
        created_at=now,
        updated_at=now,
        created_by_name=actor.name,
        rows=dialects.rows_to_insert(_OWN_COLUMNS, rows),
    )
    if len(inserted) < len(rows):
        # Registered by somebody else since we looked: now it is there to be linked, or refused by name.
        raise TryAgain
    for key, device_id in inserted:
        by_key[key].device_id = device_id


def _own_values(unit: UnitRow, result: UnitResult, pairing: PlannedPairing | None) -> dict[str, Any]:
    """The columns of the new device of one unit that are its own; those that are empty are left out."""
    identifier = result.identifier
    assert identifier is not None
    values = {
        "catalog_item_id": unit.catalog_item_id,
        "kind": unit.kind,
        "make": unit.make,
        "model": unit.model,
        "sku": unit.sku,
        "max_handsets": unit.max_handsets,
        "identifier_kind": identifier.kind,
        "identifier": identifier.value,
        "identifier_key": identifier.key,
        "mac_id_code": identifier.code,
        "serial": identifier.serial,
        "second_imei": identifier.second_imei,
        "second_imei_key": identifier.second_key,
        "unit_id": unit.id,
        "not_applied": result.not_applied or None,
        **result.intents,
    }
    if pairing is not None:
        values |= {"base_device_id": pairing.base.device_id, "slot": pairing.slot}
        # A handset takes its base's location, where there is one to take.
        if pairing.base.location_id is not None:
            values["location_id"] = pairing.base.location_id
    return {name: value for name, value in values.items() if value is not None}


def with_device(order: HardwareOrder, unit: UnitRow, result: UnitResult) -> UnitRow:
    """The unit as far as it is known with the device that was made for it."""
    assert result.identifier is not None
    return unit._replace(
        device_id=result.device_id,
        identifier=result.identifier.value,
        device_account_id=order.account_id,
        device_location_id=result.intents.get("location_id"),
        device_make=unit.make,
        device_max_handsets=unit.max_handsets,
    )


def link_devices(
    order: HardwareOrder, units: Mapping[int, UnitRow], results: Sequence[UnitResult], now: datetime
) -> None:
    """Name the units on the devices that were there already, and set what of the intents is still free.

    Raises:
        TryAgain: one of the devices was moved, or linked to another unit, meanwhile.
    """
    if not results:
        return
    rows = [_link_values(units[result.unit_id], result) for result in results]
    linked = db.session.connection().execute(_link_statement(order, now), {"rows": json.dumps(rows)})
    if linked.rowcount != len(results):
        # Moved, or linked elsewhere, since we looked: now it is to be refused by name.
        raise TryAgain


def _link_statement(order: HardwareOrder, now: datetime) -> Any:
    table = Device.__table__
    given = dialects.given_rows(
        {
            **dict.fromkeys(("device", "unit", "employee", "location"), Key),
            **dict.fromkeys(("printed", "second", "second_key"), String),
            "remaining_intents": table.c.not_applied.type,
        }
    )
    return (
        update(table)
        .where(
            table.c.id == given.c.device,
            table.c.account_id == order.account_id,
            table.c.unit_id.is_(None),
        )
        .values(
            unit_id=given.c.unit,
            unit_outcome=UnitOutcome.LINKED.value,
            unit_at=now,
            not_applied=given.c.remaining_intents,
            # Never taken away: only what is free is set.
            employee_id=func.coalesce(table.c.employee_id, given.c.employee),
            location_id=func.coalesce(table.c.location_id, given.c.location),
            serial=func.coalesce(table.c.serial, given.c.printed),
            second_imei=func.coalesce(table.c.second_imei, given.c.second),
            second_imei_key=func.coalesce(table.c.second_imei_key, given.c.second_key),
        )
    )


def _link_values(unit: UnitRow, result: UnitResult) -> dict[str, Any]:
    identifier, known = result.identifier, result.known_device
    assert identifier is not None
    applied, _ = split_intents(unit, None)
    # A device that was entered by its second IMEI gets no other one.
    by_first = known is not None and known.identifier_key == identifier.key
    return {
        "device": result.device_id,
        "unit": result.unit_id,
        "remaining_intents": result.not_applied or None,
        "employee": applied.get("employee_id"),
        "location": applied.get("location_id"),
        "printed": identifier.serial,
        "second": identifier.second_imei if by_first else None,
        "second_key": identifier.second_key if by_first else None,
    }
