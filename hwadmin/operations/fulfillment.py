"""Fulfilling an order: one identifier per unit becomes a real device record, exactly once.

The order of steps keeps two people, or two orders, from harming each other: lock the order, check its state,
look the devices up and lock them in the order of their keys, insert what is missing in the same order and
ignore what somebody else inserted meanwhile, pair, then status and audit event, in one unit of work.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Any, cast

from sqlalchemy import String, Table, Text, bindparam, column, delete, exists, func, select, true, update
from sqlalchemy import cast as sql_cast
from sqlalchemy.dialects import postgresql, sqlite

from hwadmin.clock import utcnow
from hwadmin.errors import WrongState
from hwadmin.extensions import db
from hwadmin.kinds import Kind
from hwadmin.lifecycle import OrderAction, OrderStatus
from hwadmin.models import Device, FulfillmentDraft, HardwareOrder
from hwadmin.models.types import Key
from hwadmin.operations import audit
from hwadmin.operations._transition import locked_order, require_fitting, touch, transition
from hwadmin.operations.announcements import announce
from hwadmin.operations.fulfillment_check import (
    FulfillmentReport,
    Outcome,
    UnitOutcome,
    foresee,
    intents_of,
    judge,
    report_pairing,
)
from hwadmin.operations.pairing import (
    Handset,
    bases_and_handsets,
    lock_for_pairing,
    occupied_slots,
    pair_handsets,
    plan_pairing,
)
from hwadmin.operations.spares import hand_over_spares, put_into_service
from hwadmin.permissions import Actor
from hwadmin.queries.units import UnitRow, units_of
from hwadmin.uow import TryAgain


def fulfill_order(
    actor: Actor,
    order_id: int,
    identifiers: Mapping[int, str],
    *,
    only_valid: bool = False,
    dry_run: bool = False,
    expected_version: int | None = None,
) -> FulfillmentReport:
    """Enter the identifiers of an approved order's units; each becomes a device, or is linked to one.

    Everything is checked first. With any refused unit nothing is written, unless ``only_valid`` says to write
    the others. A unit that has a device is skipped, so submitting the same again does nothing. The order is
    fulfilled once every unit that becomes a device has one; until then it stays approved.

    Args:
        actor: who fulfills.
        order_id: the order's key.
        identifiers: what was typed, by unit key; blank is allowed (a part shipment).
        only_valid: write the units that are right even where others are refused.
        dry_run: check only.
        expected_version: the version the actor saw; none is needed, since every unit is checked by itself.

    Raises:
        NotAllowed, NotFound, ChangedMeanwhile, WrongState: nothing was done.
        TryAgain: somebody registered one of the identifiers meanwhile; the unit of work repeats the deed.
    """
    order = locked_order(actor, order_id, OrderAction.FULFILL, expected_version)
    done = order.status is OrderStatus.FULFILLED
    if not done:
        require_fitting(order, OrderAction.FULFILL)
    units = units_of(order.id)
    # Somebody else's write under our hands would show only after the insert; then the deed starts anew.
    report, known = judge(actor, order, units, identifiers, writes=not (done or dry_run))
    if done or dry_run or (report.refused and not only_valid):
        foresee(order, units, report, known)
        return report
    _write(actor, order, units, report)
    return report


def _write(actor: Actor, order: HardwareOrder, units: Sequence[UnitRow], report: FulfillmentReport) -> None:
    now = utcnow()
    by_id = {unit.id: unit for unit in units}
    made = _insert(actor, order, by_id, [row for row in report.units if row.outcome is Outcome.CREATED], now)
    linked = [row for row in report.units if row.outcome is Outcome.LINKED]
    hand_over_spares(order, {row.device_id: by_id[row.unit_id] for row in linked if row.device_id})
    _link(order, by_id, linked, now)
    put_into_service({row.unit_id: row.device_id for row in report.units if row.wanted}, by_id, now.date())
    written = sum(row.wanted for row in report.units)
    fresh: Sequence[UnitRow] = ()
    # Devices made just now are nobody else's yet: they need neither a lock nor to be read.
    all_new = len(made) == written and all(unit.device_id is None for unit in units)
    if any(unit.kind is Kind.DECT_HANDSET for unit in units):
        if all_new:
            fresh = [made.get(unit.id, unit) for unit in units]
        else:
            lock_for_pairing(order.id)
            fresh = units_of(order.id)
    plan = pair_handsets(fresh, order.account_id, all_new=all_new)
    report_pairing(report, plan)
    # Not before what is read above: each such reading would flush the order, and version it once more.
    order.fulfilled_units += written
    complete = order.fulfilled_units == order.fulfillable_units
    if not (written or plan.pairings or complete):
        return
    if complete:
        transition(actor, order, OrderAction.FULFILL, fulfilled_at=now)
    else:
        touch(actor, order, now)
        _forget_drafts(order)
    report.written = True
    _record(actor, order, report)


def _forget_drafts(order: HardwareOrder) -> None:
    """Whatever anybody had typed for a unit that has its device now."""
    drafts, devices = cast(Table, FulfillmentDraft.__table__), cast(Table, Device.__table__)
    db.session.connection().execute(
        delete(drafts).where(
            drafts.c.order_id == order.id,
            exists().where(devices.c.unit_id == drafts.c.unit_id),
        )
    )


def _insert(
    actor: Actor,
    order: HardwareOrder,
    units: Mapping[int, UnitRow],
    rows: Sequence[UnitOutcome],
    now: datetime,
) -> dict[int, UnitRow]:
    """Insert the missing devices, in the order of their keys, so that nobody waits in a circle.

    Returns the units with their devices, by key.
    """
    if not rows:
        return {}
    by_key = {row.identifier.key: row for row in rows if row.identifier}
    values: list[dict[str, Any]] = []
    for key in sorted(by_key):
        row = by_key[key]
        unit, identifier = units[row.unit_id], row.identifier
        assert identifier is not None
        applied = intents_of(unit, None)[0]
        values.append(
            {
                "catalog_item_id": unit.catalog_item_id,
                "kind": unit.kind,
                "make": unit.make,
                "model": unit.model,
                "sku": unit.sku,
                "max_handsets": unit.max_handsets,
                "identifier_kind": identifier.kind,
                "identifier": identifier.value,
                "identifier_key": key,
                "mac_id_code": identifier.code,
                "serial": identifier.serial,
                "second_imei": identifier.second_imei,
                "second_imei_key": identifier.second_key,
                "employee_id": applied.get("employee_id"),
                "location_id": applied.get("location_id"),
                "unit_id": unit.id,
                "not_applied": row.not_applied or None,
            }
        )
    made = _insert_in_one(
        {
            "platform_id": order.platform_id,
            "account_id": order.account_id,
            "unit_outcome": Outcome.CREATED.value,
            "unit_at": now,
            "created_at": now,
            "created_by_name": actor.name,
        },
        values,
    )
    if len(made) < len(values):
        # Registered by somebody else since we looked: now it is there to be linked, or refused by name.
        raise TryAgain
    fulfilled: dict[int, UnitRow] = {}
    for value in values:
        unit, row = units[value["unit_id"]], by_key[value["identifier_key"]]
        row.device_id = made[value["identifier_key"]]
        fulfilled[unit.id] = unit._replace(
            device_id=row.device_id,
            identifier_kind=value["identifier_kind"],
            identifier=value["identifier"],
            identifier_key=value["identifier_key"],
            outcome=row.outcome.value,
            fulfilled_at=now,
            not_applied=value["not_applied"],
            device_account_id=order.account_id,
            device_employee_id=value["employee_id"],
            device_location_id=value["location_id"],
            device_make=unit.make,
            device_max_handsets=unit.max_handsets,
        )
    return fulfilled


# The columns of a new device that all devices of a fulfillment share, and those that differ.
_SHARED = ("platform_id", "account_id", "unit_outcome", "unit_at", "created_at", "created_by_name")
_OWN = (
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
    "unit_id",
    "not_applied",
)


def _insert_in_one(shared: Mapping[str, Any], rows: Sequence[Mapping[str, Any]]) -> dict[str, int]:
    """Insert devices, in the order of the rows; the keys of those that were not there, by identifier key."""
    connection = db.session.connection()
    made = connection.execute(_insertion(connection.dialect.name), {**shared, "rows": json.dumps(rows)})
    return {row.identifier_key: row.id for row in made}


@cache
def _insertion(dialect: str) -> Any:
    """The statement that inserts any number of devices, from one JSON parameter.

    With a parameter for each value a thousand units are twenty thousand parameters, and a row without an
    employee would be a statement of its own.
    """
    table = cast(Table, Device.__table__)
    given: Any = bindparam("rows", type_=Text)
    insert: Any
    if dialect == "postgresql":
        insert = postgresql.insert(table)
        record = func.json_to_recordset(sql_cast(given, postgresql.JSON)).table_valued(
            *(column(name, table.c[name].type) for name in _OWN)
        )
        source: Any = record.render_derived(name="given", with_types=True)
        own = [source.c[name] for name in _OWN]
    else:
        insert = sqlite.insert(table)
        source = func.json_each(given).table_valued("key", "value", name="given")
        own = [func.json_extract(source.c.value, f"$.{name}") for name in _OWN]
    chosen = select(*(bindparam(name, type_=table.c[name].type) for name in _SHARED), *own).select_from(
        source
    )
    if dialect == "sqlite":
        # Its parser takes ON CONFLICT behind a SELECT for the condition of a join, unless there is a WHERE.
        chosen = chosen.where(true()).order_by(source.c.key)
    return (
        insert.from_select([*_SHARED, *_OWN], chosen, include_defaults=False)
        .on_conflict_do_nothing(index_elements=["identifier_key"])
        .returning(table.c.identifier_key, table.c.id)
    )


def _link(
    order: HardwareOrder, units: Mapping[int, UnitRow], rows: Sequence[UnitOutcome], now: datetime
) -> None:
    """Name the units on the devices that were there already, and set what of the intents is still free."""
    if not rows:
        return
    table = cast(Table, Device.__table__)
    result = db.session.connection().execute(
        update(table)
        .where(
            table.c.id == bindparam("device"),
            table.c.account_id == order.account_id,
            table.c.unit_id.is_(None),
        )
        .values(
            unit_id=bindparam("unit"),
            unit_outcome=Outcome.LINKED.value,
            unit_at=now,
            not_applied=bindparam("left"),
            # Never taken away: only what is free is set.
            employee_id=func.coalesce(table.c.employee_id, bindparam("employee", type_=Key)),
            location_id=func.coalesce(table.c.location_id, bindparam("location", type_=Key)),
            serial=func.coalesce(table.c.serial, bindparam("printed", type_=String)),
            second_imei=func.coalesce(table.c.second_imei, bindparam("second", type_=String)),
            second_imei_key=func.coalesce(table.c.second_imei_key, bindparam("second_key", type_=String)),
        ),
        [
            {
                "device": row.device_id,
                "unit": row.unit_id,
                "left": row.not_applied or None,
                "employee": applied.get("employee_id"),
                "location": applied.get("location_id"),
                "printed": row.identifier.serial if row.identifier else None,
                **_second_imei(row),
            }
            for row in rows
            for applied in (intents_of(units[row.unit_id], None)[0],)
        ],
    )
    if result.rowcount != len(rows):
        # Moved, or linked elsewhere, since we looked: now it is to be refused by name.
        raise TryAgain


def _second_imei(row: UnitOutcome) -> dict[str, str | None]:
    """What a linked device gets as its second IMEI, if it has none: nothing where it is known by that one."""
    read = row.identifier
    if read is None or row.known is None or row.known.key != read.key:
        return {"second": None, "second_key": None}
    return {"second": read.second_imei, "second_key": read.second_key}


def _record(actor: Actor, order: HardwareOrder, report: FulfillmentReport) -> None:
    """One audit event for the submission, with what became of every unit."""
    parts = [
        f"{number} {word}"
        for number, word in (
            (report.count(Outcome.CREATED), "created"),
            (report.count(Outcome.LINKED), "linked"),
            (report.paired, "paired"),
            (sum(bool(row.not_applied) for row in report.units), "with a plan not applied"),
        )
        if number
    ]
    whole = order.status is OrderStatus.FULFILLED
    audit.record(
        actor,
        "order.fulfilled",
        f"Fulfilled {order.reference}"
        + ("" if whole else f" in part ({order.fulfilled_units} of {order.fulfillable_units} units)")
        + (f": {', '.join(parts)}" if parts else ""),
        order=order,
        details={
            "complete": whole,
            "fulfilled_units": order.fulfilled_units,
            "fulfillable_units": order.fulfillable_units,
            "units": [
                {
                    "unit_id": row.unit_id,
                    "unit": row.label,
                    "identifier": row.identifier.display if row.identifier else None,
                    "outcome": row.outcome.value,
                    "device_id": row.device_id,
                    "paired_to": row.paired_label,
                    "slot": row.slot,
                    "not_applied": row.not_applied,
                }
                for row in report.units
                if row.wanted or row.slot is not None or (row.outcome is Outcome.SKIPPED and row.typed)
            ],
        },
    )
    _announce(actor, order, report)


def _announce(actor: Actor, order: HardwareOrder, report: FulfillmentReport) -> None:
    """Tell the outside of the units that have a device now; what was only paired is no shipment."""
    units = [row.unit_id for row in report.units if row.wanted]
    made = [row.device_id for row in report.units if row.outcome is Outcome.CREATED and row.device_id]
    if order.status is OrderStatus.FULFILLED:
        what = "order.fulfilled"
    else:
        what = "order.partially_fulfilled" if units else "order.updated"
    announce(
        actor,
        what,
        *(("device.created",) if made else ()),
        order=order,
        device_ids=made,
        unit_ids=units,
    )


def apply_intents(actor: Actor, order_id: int, unit_id: int) -> Device:
    """Give a device the employee, location and base its unit was planned for, taking away what it had.

    The handsets of a base go with it to its new location.

    Raises:
        NotAllowed, NotFound: nothing was done.
        WrongState: there is no device, or nothing of the plan is left to apply.
    """
    order = locked_order(actor, order_id, OrderAction.FULFILL)
    lock_for_pairing(order.id)
    units = {unit.id: unit for unit in units_of(order.id)}
    unit = units.get(unit_id)
    if unit is None or unit.device_id is None:
        raise WrongState("This unit has no device yet.")
    device = db.session.get_one(Device, unit.device_id, populate_existing=True, with_for_update=True)
    if device.account_id != order.account_id:
        raise WrongState("The device belongs to another account by now.")
    applied, left = intents_of(unit, None)
    wanted: dict[str, int | None] = {**applied}
    words = []
    if "employee_id" in wanted and device.employee_id != wanted["employee_id"]:
        words.append(f"assigned to {unit.employee_name}")
    if "location_id" in wanted and device.location_id != wanted["location_id"]:
        words.append(f"located at {unit.location_name}")
    if unit.base_unit_id is not None:
        base, slot, why = _planned_base(unit, units[unit.base_unit_id], device)
        if why:
            left.append(why)
        elif base is not None:
            wanted |= {"base_device_id": base.device_id, "slot": slot}
            if base.device_location_id is not None:
                wanted["location_id"] = base.device_location_id
            words.append(f"paired to {base.label}, slot {slot}")
    before = {column: getattr(device, column) for column in wanted}
    if before == wanted:
        raise WrongState("The plan is applied already, as far as it still holds.")
    for name, value in wanted.items():
        setattr(device, name, value)
    if unit.kind is Kind.DECT_BASE and "location_id" in wanted:
        db.session.execute(
            update(Device).where(Device.base_device_id == device.id).values(location_id=device.location_id)
        )
    device.not_applied = left or None
    touch(actor, order)
    audit.record(
        actor,
        "device.changed",
        f"Applied the plan of {unit.label} of {order.reference}: {', '.join(words)}",
        order=order,
        device=device,
        details={"before": before, "after": wanted},
    )
    return device


def _planned_base(
    unit: UnitRow, base: UnitRow, device: Device
) -> tuple[UnitRow | None, int | None, str | None]:
    """The base a handset is to be paired to and a free slot of it; or the sentence why it cannot be."""
    if base.device_id is not None and base.device_id == device.base_device_id:
        return None, None, None
    bases, _ = bases_and_handsets([base], device.account_id)
    plan = plan_pairing(
        bases,
        [Handset(unit.id, unit.label, device.make, device.id, base.id)],
        occupied_slots(bases),
    )
    if plan.left:
        return None, None, plan.left[unit.id]
    return base, plan.pairings[0].slot, None
