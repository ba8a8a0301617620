"""Pairing handsets to bases in our records. The radio is still registered on site.

``plan_pairing`` is the rule, pure; the fulfillment check shows what it would do, ``pair_handsets`` writes it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import cast

from sqlalchemy import ColumnElement, Table, bindparam, case, func, select, update

from hwadmin.extensions import db
from hwadmin.identifiers import same_make
from hwadmin.kinds import Kind
from hwadmin.models import Device, Unit
from hwadmin.queries.units import UnitRow


@dataclass(frozen=True, slots=True)
class Base:
    """A base unit of the order and its device: where its slots are."""

    unit_id: int
    label: str
    make: str
    max_handsets: int | None
    device_id: int | None
    identifier: str | None
    location_id: int | None = None
    # Whether a device stands behind the unit: a check before writing knows one without its key.
    present: bool = True
    # Whether its device was moved to another account.
    moved: bool = False
    # Whether it was closed short: it will not come.
    closed: bool = False


@dataclass(frozen=True, slots=True)
class Handset:
    """A handset of the order that has a device and no base yet."""

    unit_id: int
    label: str
    make: str
    device_id: int | None
    # The base unit it is meant for, where one was chosen.
    base_unit_id: int | None


@dataclass(frozen=True, slots=True)
class Pairing:
    """A handset and the slot of the base it is paired to."""

    handset: Handset
    base: Base
    slot: int


@dataclass(frozen=True, slots=True)
class PairingPlan:
    """What is paired, and for every handset that is not, why."""

    pairings: tuple[Pairing, ...]
    # Unit key of the handset → sentence.
    left: Mapping[int, str]

    @property
    def warnings(self) -> tuple[str, ...]:
        """The reasons once each, with the units they concern by name."""
        return tuple(dict.fromkeys(self.left.values()))


def plan_pairing(
    bases: Sequence[Base], handsets: Sequence[Handset], occupied: Mapping[int, Collection[int]]
) -> PairingPlan:
    """Which handset goes to which base and slot.

    Exactly one base in the order takes them all, in unit order, in the free slots from 1; with several,
    only a handset for which a base was chosen is paired; with none, all are left for on-site registration.
    A base that will not come counts no more; what was meant for it is left for on-site registration.
    Different makes are not paired; a full base leaves the rest.

    Args:
        bases: every base unit of the order, in unit order.
        handsets: the handsets to pair, in unit order.
        occupied: the taken slots of each base, by the base's unit key.
    """
    by_unit = {base.unit_id: base for base in bases}
    coming = [base for base in bases if not base.closed]
    only = coming[0] if len(coming) == 1 else None
    gone = bases[0] if bases and not coming else None
    taken = {base.unit_id: set(occupied.get(base.unit_id, ())) for base in bases}
    pairings: list[Pairing] = []
    left: dict[int, str] = {}
    full: dict[int, list[Handset]] = {}
    for handset in handsets:
        base = by_unit.get(handset.base_unit_id or 0) or only or gone
        if base is not None and base.closed:
            left[handset.unit_id] = f"Left for on-site registration: {base.label} will not come."
        elif base is None:
            left[handset.unit_id] = (
                "Left for on-site registration: the order has no base."
                if not bases
                else "Left for on-site registration: the order has several bases and none was chosen."
            )
        elif base.moved:
            left[handset.unit_id] = f"Not paired: {base.label} belongs to another account by now."
        elif not base.present:
            left[handset.unit_id] = f"To be paired once {base.label} has its MAC address."
        elif not same_make(base.make, handset.make):
            left[handset.unit_id] = (
                f"Not paired: a {handset.make} handset and a {base.make} base ({base.label}) differ in make."
            )
        else:
            slot = _free_slot(taken[base.unit_id])
            if base.max_handsets is not None and slot > base.max_handsets:
                full.setdefault(base.unit_id, []).append(handset)
                continue
            taken[base.unit_id].add(slot)
            pairings.append(Pairing(handset, base, slot))
    for unit_id, surplus in full.items():
        base = by_unit[unit_id]
        names = named([handset.label for handset in surplus])
        for handset in surplus:
            left[handset.unit_id] = (
                f"Left for on-site registration: {base.label} takes {base.max_handsets} handsets, "
                f"there is no slot for {names}."
            )
    return PairingPlan(tuple(pairings), left)


def named(labels: Sequence[str]) -> str:
    """Units by name, the many shortened: ``W73H #11, W73H #12 and 30 more``."""
    shown = ", ".join(labels[:8])
    return f"{shown} and {len(labels) - 8} more" if len(labels) > 8 else shown


def bases_and_handsets(units: Iterable[UnitRow], account_id: int) -> tuple[list[Base], list[Handset]]:
    """The bases of an order, and its handsets that have a device of the account and no base."""
    bases: list[Base] = []
    handsets: list[Handset] = []
    for unit in units:
        here = unit.device_id is not None and unit.device_account_id == account_id
        if unit.kind is Kind.DECT_BASE:
            bases.append(
                Base(
                    unit_id=unit.id,
                    label=unit.label,
                    make=unit.device_make or unit.make,
                    max_handsets=unit.device_max_handsets if here else unit.max_handsets,
                    device_id=unit.device_id if here else None,
                    identifier=unit.identifier,
                    location_id=unit.device_location_id,
                    present=here,
                    moved=unit.device_id is not None and not here,
                    closed=unit.closed_at is not None,
                )
            )
        elif unit.kind is Kind.DECT_HANDSET and here and unit.base_device_id is None:
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


def in_lock_order() -> tuple[ColumnElement[int], ...]:
    """Bases before handsets, each in the order of their keys: whoever locks devices does it like this."""
    return case((Device.kind == Kind.DECT_BASE, 0), else_=1), Device.__table__.c.id


def lock_for_pairing(order_id: int) -> None:
    """Lock the bases and handsets of an order, so that nobody moves, pairs or places them meanwhile."""
    db.session.execute(
        select(Device.id)
        .join(Unit, Unit.id == Device.unit_id)
        .where(Unit.order_id == order_id, Device.kind.in_([Kind.DECT_BASE, Kind.DECT_HANDSET]))
        .order_by(*in_lock_order())
        .with_for_update(of=Device)
    )


def occupied_slots(bases: Iterable[Base]) -> dict[int, set[int]]:
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


def pair_handsets(units: Sequence[UnitRow], account_id: int, *, all_new: bool = False) -> PairingPlan:
    """Pair what can be paired among an order's units, and write it.

    The units must have been read behind ``lock_for_pairing``. Repeatable: a handset that has a base is left
    alone, whoever paired it. A base entered last pairs the handsets entered before it.

    Args:
        units: all units of the order.
        account_id: the account the order is for.
        all_new: every device among them was made in this transaction, so that no slot can be taken.
    """
    bases, handsets = bases_and_handsets(units, account_id)
    if not handsets:
        return PairingPlan((), {})
    plan = plan_pairing(bases, handsets, {} if all_new else occupied_slots(bases))
    if plan.pairings:
        table = cast(Table, Device.__table__)
        db.session.connection().execute(
            update(table)
            .where(table.c.id == bindparam("handset"))
            .values(
                base_device_id=bindparam("base"),
                slot=bindparam("base_slot"),
                # A handset takes its base's location, where there is one to take.
                location_id=func.coalesce(
                    bindparam("place", type_=table.c.location_id.type), table.c.location_id
                ),
            ),
            [
                {
                    "handset": pairing.handset.device_id,
                    "base": pairing.base.device_id,
                    "base_slot": pairing.slot,
                    "place": pairing.base.location_id,
                }
                for pairing in plan.pairings
            ],
        )
    return plan


def _free_slot(taken: Collection[int]) -> int:
    slot = 1
    while slot in taken:
        slot += 1
    return slot
