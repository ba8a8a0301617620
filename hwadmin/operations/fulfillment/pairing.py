"""Pairing handsets to bases in our records. The radio is still registered on site."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from functools import cache
from typing import Any, cast

from sqlalchemy import Integer, func, select, update

from hwadmin.db import dialects
from hwadmin.db.extensions import db
from hwadmin.domain.device_kinds import Kind
from hwadmin.models import Device, Unit
from hwadmin.models.types import Key
from hwadmin.operations.fulfillment.pairing_plan import (
    NOTHING_TO_PAIR,
    BaseUnit,
    Handset,
    PairingPlan,
    plan_pairing,
)
from hwadmin.operations.units.device_locks import in_lock_order
from hwadmin.queries.units.units import UnitRow


def bases_and_handsets(units: Iterable[UnitRow], account_id: int) -> tuple[list[BaseUnit], list[Handset]]:
    """The bases of an order, and its handsets that have a device of the account and no base."""
    bases: list[BaseUnit] = []
    handsets: list[Handset] = []
    for unit in units:
        on_account = unit.device_id is not None and unit.device_account_id == account_id
        if unit.kind is Kind.DECT_BASE:
            bases.append(
                BaseUnit(
                    unit_id=unit.id,
                    label=unit.label,
                    make=unit.device_make or unit.make,
                    max_handsets=unit.device_max_handsets if on_account else unit.max_handsets,
                    device_id=unit.device_id if on_account else None,
                    identifier=unit.identifier,
                    location_id=unit.device_location_id,
                    present=on_account,
                    moved=unit.device_id is not None and not on_account,
                    closed=unit.closed_at is not None,
                )
            )
        elif unit.kind is Kind.DECT_HANDSET and on_account and unit.base_device_id is None:
            handsets.append(
                Handset(unit.id, unit.label, unit.device_make or unit.make, unit.device_id, unit.base_unit_id)
            )
    return bases, handsets


def planned_pairing(units: Sequence[UnitRow], account_id: int) -> PairingPlan:
    """Which base and slot each handset gets that has none yet, once everything of the order has come."""
    bases, _ = bases_and_handsets(units, account_id)
    handsets = [
        Handset(unit.id, unit.label, unit.device_make or unit.make, unit.device_id, unit.base_unit_id)
        for unit in units
        if unit.kind is Kind.DECT_HANDSET and unit.base_device_id is None and unit.closed_at is None
    ]
    return plan_pairing(
        [replace(base, present=base.present or not base.moved) for base in bases],
        handsets,
        occupied_slots(bases),
    )


def plan_for_new(units: Sequence[UnitRow], account_id: int, arriving: Collection[int]) -> PairingPlan:
    """Which base and slot each handset gets whose device is about to be made.

    Args:
        units: all units of an order none of whose devices is older than this transaction; its bases have
            theirs by now.
        account_id: the account the order is for.
        arriving: the keys of the units that get theirs next.
    """
    bases, _ = bases_and_handsets(units, account_id)
    handsets = [
        Handset(unit.id, unit.label, unit.make, None, unit.base_unit_id)
        for unit in units
        if unit.kind is Kind.DECT_HANDSET and unit.id in arriving
    ]
    return plan_pairing(bases, handsets, {})


def lock_for_pairing(order_id: int) -> None:
    """Lock the bases and handsets of an order, so that nobody moves, pairs or places them meanwhile."""
    db.session.execute(
        select(Device.id)
        .join(Unit, Unit.id == Device.unit_id)
        .where(Unit.order_id == order_id, Device.kind.in_([Kind.DECT_BASE, Kind.DECT_HANDSET]))
        .order_by(*in_lock_order())
        .with_for_update(of=Device)
    )


def occupied_slots(bases: Iterable[BaseUnit]) -> dict[int, set[int]]:
    """The taken slots of each base, by its unit key: a linked base counts with the handsets it has."""
    units = {base.device_id: base.unit_id for base in bases if base.device_id is not None}
    if not units:
        return {}
    slots: dict[int, set[int]] = {}
    rows = db.session.execute(
        select(Device.base_device_id, Device.slot).where(Device.base_device_id.in_(sorted(units)))
    )
    for base_device_id, slot in cast(Iterable[tuple[int, int]], rows):
        slots.setdefault(units[base_device_id], set()).add(slot)
    return slots


def pair_handsets(units: Sequence[UnitRow], account_id: int) -> PairingPlan:
    """Pair what can be paired among an order's units, and write it.

    Read the units after ``lock_for_pairing``. Repeatable: a handset that has a base is left
    alone, whoever paired it. A base entered last pairs the handsets entered before it.

    Args:
        units: all units of the order.
        account_id: the account the order is for.
    """
    bases, handsets = bases_and_handsets(units, account_id)
    if not handsets:
        return NOTHING_TO_PAIR
    plan = plan_pairing(bases, handsets, occupied_slots(bases))
    if plan.pairings:
        rows = [
            {
                "handset": pairing.handset.device_id,
                "base": pairing.base.device_id,
                "base_slot": pairing.slot,
                "location": pairing.base.location_id,
            }
            for pairing in plan.pairings
        ]
        statement = _pairing_statement(db.session.get_bind().dialect.name)
        db.session.connection().execute(statement, {"rows": json.dumps(rows)})
    return plan


@cache
def _pairing_statement(_dialect: str) -> Any:
    """The statement that writes the pairings of a plan, made once for a database."""
    table = Device.__table__
    given = dialects.given_rows({"handset": Key, "base": Key, "base_slot": Integer, "location": Key})
    return (
        update(table)
        .where(table.c.id == given.c.handset)
        .values(
            base_device_id=given.c.base,
            slot=given.c.base_slot,
            # A handset takes its base's location, where there is one to take.
            location_id=func.coalesce(given.c.location, table.c.location_id),
        )
    )
