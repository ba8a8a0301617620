"""Checking a fulfillment before anything is written: what each unit's identifier would become, and why not.

The page's check, the API's dry run and the real thing all go through here; there is no second copy of a rule.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, cast

from sqlalchemy import or_, select
from sqlalchemy.orm import aliased

from hwadmin.extensions import db
from hwadmin.identifiers import (
    Identifier,
    IdentifierError,
    IdentifierKind,
    display,
    near_duplicates,
    odd_one_out,
    parse,
    vendor,
    warnings,
)
from hwadmin.kinds import Kind
from hwadmin.lifecycle import OrderStatus
from hwadmin.models import Account, Device, HardwareOrder, LineItem, Unit, reference
from hwadmin.operations._transition import spoken
from hwadmin.operations.holders import lock_imeis
from hwadmin.operations.pairing import (
    Base,
    Handset,
    PairingPlan,
    bases_and_handsets,
    in_lock_order,
    occupied_slots,
    plan_pairing,
)
from hwadmin.permissions import Actor, Permission
from hwadmin.queries.devices import has_one_of
from hwadmin.queries.units import UnitRow
from hwadmin.tenancy import EVERYWHERE

_IMEI = IdentifierKind.IMEI
_Keeper = aliased(Unit)
_KeptLine = aliased(LineItem)


class Outcome(StrEnum):
    """What became, or would become, of a unit."""

    CREATED = "created"
    LINKED = "linked"
    SKIPPED = "skipped"
    REFUSED = "refused"
    EMPTY = "empty"


# A linked handset that came with a base, though another one was planned for it.
ANOTHER_BASE = "Paired to a base already; it was left there."


@dataclass(slots=True)
class UnitOutcome:
    """A unit of the report: what was typed, and what became of it."""

    unit_id: int
    label: str
    typed: str = ""
    identifier: Identifier | None = None
    outcome: Outcome = Outcome.EMPTY
    message: str = ""
    warnings: list[str] = field(default_factory=list)
    device_id: int | None = None
    paired_to: int | None = None
    paired_label: str | None = None
    slot: int | None = None
    not_applied: list[str] = field(default_factory=list)
    # What pairing has to say where it did not pair.
    left: str | None = None
    # Of the intent, what is set on the device, in words.
    applied: list[str] = field(default_factory=list)
    # The device that has the identifier already: linked, or the reason why it is refused.
    known: KnownDevice | None = None
    # Whether another account holds it: a clash, which somebody has to decide.
    elsewhere: bool = False
    # Whether the unit is awaited: it becomes a device, and has none yet.
    open: bool = False

    @property
    def wanted(self) -> bool:
        """Whether writing it makes or links a device."""
        return self.outcome in (Outcome.CREATED, Outcome.LINKED)

    @property
    def maker(self) -> str:
        """Who made the device, as far as its identifier tells; for MAC addresses only."""
        read = self.identifier
        return (vendor(read.value) or "") if read and read.kind is IdentifierKind.MAC else ""


@dataclass(slots=True)
class FulfillmentReport:
    """One submission: every unit's outcome, and whether it was written."""

    order: HardwareOrder
    units: list[UnitOutcome]
    written: bool = False
    warnings: tuple[str, ...] = ()

    def count(self, outcome: Outcome) -> int:
        """How many units have the outcome."""
        return sum(unit.outcome is outcome for unit in self.units)

    @property
    def refused(self) -> list[UnitOutcome]:
        """The units whose identifier cannot be taken."""
        return [unit for unit in self.units if unit.outcome is Outcome.REFUSED]

    @property
    def paired(self) -> int:
        """How many handsets were paired."""
        return sum(unit.slot is not None for unit in self.units)


@dataclass(frozen=True, slots=True)
class KnownDevice:
    """A device that exists already, and who holds it."""

    id: int
    key: str
    account_id: int
    account_name: str
    platform_id: int
    kind: Kind
    make: str
    model: str
    created_at: datetime
    employee_id: int | None
    location_id: int | None
    base_device_id: int | None
    max_handsets: int | None
    unit_id: int | None
    unit_label: str | None
    unit_order_id: int | None
    # Whether the order it came by is fulfilled: then it may serve another unit.
    unit_order_done: bool
    # The unit it is kept for as a spare.
    kept_unit_id: int | None
    kept_label: str | None
    kept_order_id: int | None
    serial: str | None
    second_imei: str | None


def check_identifiers(
    actor: Actor, order: HardwareOrder, units: Sequence[UnitRow], identifiers: Mapping[int, str]
) -> FulfillmentReport:
    """What would become of each identifier if it were written now, and what is worth a second look."""
    report, known = judge(actor, order, units, identifiers)
    foresee(order, units, report, known)
    return report


def judge(
    actor: Actor,
    order: HardwareOrder,
    units: Sequence[UnitRow],
    identifiers: Mapping[int, str],
    *,
    writes: bool = False,
) -> tuple[FulfillmentReport, Mapping[str, KnownDevice]]:
    """What each identifier becomes, or why not; and the devices there are already.

    Args:
        actor: who fulfills.
        order: the order.
        units: all its units.
        identifiers: what was typed, by unit.
        writes: whether it is going to be written, and not only looked at.
    """
    report = read_identifiers(actor, order, units, identifiers)
    mobiles = [row.identifier for row in report.units if row.identifier and row.identifier.kind is _IMEI]
    if writes and mobiles:
        lock_imeis(second=any(read.second_imei for read in mobiles))
    known = known_devices(report) if any(unit.identifier for unit in report.units) else {}
    decide(actor, order, units, report, known)
    return report, known


def foresee(
    order: HardwareOrder,
    units: Sequence[UnitRow],
    report: FulfillmentReport,
    known: Mapping[str, KnownDevice],
) -> None:
    """What a person wants to know before writing: which handset goes where, and what looks odd."""
    foresee_pairing(order, units, report, known)
    look_twice(units, report)


def read_identifiers(
    actor: Actor, order: HardwareOrder, units: Sequence[UnitRow], identifiers: Mapping[int, str]
) -> FulfillmentReport:
    """Read what was typed: each identifier parsed, each problem a sentence at its unit."""
    outcomes: list[UnitOutcome] = []
    seen: dict[str, UnitOutcome] = {}
    mine = {unit.id for unit in units}
    for unit in units:
        kind = unit.kind.identifier_kind
        if kind is None:
            continue
        row = UnitOutcome(unit.id, unit.label, (identifiers.get(unit.id) or "").strip())
        row.open = unit.awaited
        outcomes.append(row)
        if not row.typed:
            if unit.device_id is not None:
                row.outcome, row.device_id = Outcome.SKIPPED, unit.device_id
            continue
        if unit.closed_at is not None:
            _refuse(row, f"{unit.label} was closed by {unit.closed_by_name}: {unit.closed_reason}")
            continue
        try:
            row.identifier = parse(kind, row.typed)
        except IdentifierError as error:
            _refuse(row, str(error))
            continue
        key = row.identifier.key
        if unit.identifier_key is not None:
            row.device_id = unit.device_id
            if key == unit.identifier_key:
                row.outcome = Outcome.SKIPPED
                seen.setdefault(key, row)
            else:
                _refuse(
                    row, f"{unit.label} already has {_shown(unit)}; another one would need a replacement."
                )
            continue
        first = seen.setdefault(key, row)
        if first is not row:
            _refuse(row, f"The same as {first.label}; each unit has its own.")
            continue
        second = row.identifier.second_key
        first = seen.setdefault(second, row) if second else row
        if first is not row:
            _refuse(row, f"Its second IMEI is the same as that of {first.label}; each unit has its own.")
            continue
        row.outcome = Outcome.CREATED
        row.warnings += [*row.identifier.notes, *warnings(row.identifier, unit.make)]
    for unit_id, typed in identifiers.items():
        if typed.strip() and unit_id not in mine:
            outcomes.append(
                UnitOutcome(
                    unit_id,
                    f"Unit {unit_id}",
                    typed.strip(),
                    outcome=Outcome.REFUSED,
                    message="There is no such unit in this order.",
                )
            )
    for unit in units:
        if unit.kind.identifier_kind is None and (identifiers.get(unit.id) or "").strip():
            outcomes.append(
                UnitOutcome(
                    unit.id,
                    unit.label,
                    identifiers[unit.id].strip(),
                    outcome=Outcome.REFUSED,
                    message="An accessory has no identifier.",
                )
            )
    return FulfillmentReport(order, outcomes)


def _refuse(row: UnitOutcome, message: str) -> None:
    row.outcome, row.message = Outcome.REFUSED, message


def _shown(unit: UnitRow) -> str:
    assert unit.identifier_kind is not None
    assert unit.identifier is not None
    return display(unit.identifier_kind, unit.identifier)


def known_devices(report: FulfillmentReport) -> dict[str, KnownDevice]:
    """The devices that already have one of the identifiers, anywhere; those that can be linked are locked.

    Locked like everything that is paired: bases before handsets, each in the order of their keys. What is
    refused is only read: two orders that name each other's devices must not wait in a circle.
    """
    entered = [row.identifier for row in report.units if row.identifier and row.outcome is Outcome.CREATED]
    keys = {key for read in entered for key in (read.key, read.second_key) if key}
    known = _read_known(keys)
    account_id = report.order.account_id
    mine = [device for device in known.values() if device.account_id == account_id]
    kept = [device.id for device in mine if device.kept_unit_id is not None]
    if kept or any(device.unit_id is None for device in mine):
        free = or_(Device.unit_id.is_(None), Device.id.in_(kept)) if kept else Device.unit_id.is_(None)
        db.session.execute(
            select(Device.id)
            .where(has_one_of(keys), Device.account_id == account_id, free)
            .order_by(*in_lock_order())
            .with_for_update()
        )
        # What was read before may have been another's to change.
        known = _read_known(keys)
    return known


def _read_known(keys: Collection[str]) -> dict[str, KnownDevice]:
    if not keys:
        return {}
    # Whose they are must be known whatever platforms the actor is given. Nearly always there is none: then
    # all that is around a device is not even planned for, and SQLite does not begin with the accounts.
    anywhere = {EVERYWHERE: True}
    found = db.session.scalars(select(Device.id).where(has_one_of(keys)).execution_options(**anywhere)).all()
    if not found:
        return {}
    rows = db.session.execute(
        select(
            Device.id,
            Device.identifier_key,
            Device.account_id,
            Account.name,
            Device.platform_id,
            Device.kind,
            Device.make,
            Device.model,
            Device.created_at,
            Device.employee_id,
            Device.location_id,
            Device.base_device_id,
            Device.max_handsets,
            Device.unit_id,
            LineItem.model,
            Unit.number,
            Unit.order_id,
            HardwareOrder.status,
            _Keeper.id,
            _KeptLine.model,
            _Keeper.number,
            _Keeper.order_id,
            Device.serial,
            Device.second_imei,
            Device.second_imei_key,
        )
        .join(Account, Account.id == Device.account_id)
        .outerjoin(Unit, Unit.id == Device.unit_id)
        .outerjoin(LineItem, LineItem.id == Unit.line_id)
        .outerjoin(HardwareOrder, HardwareOrder.id == Unit.order_id)
        .outerjoin(_Keeper, _Keeper.reserved_device_id == Device.id)
        .outerjoin(_KeptLine, _KeptLine.id == _Keeper.line_id)
        .where(Device.id.in_(found))
        .execution_options(**anywhere)
    )
    known: dict[str, KnownDevice] = {}
    for row in rows:
        *device, model, number, order_id, status, kept_id, kept_model, kept_number, kept_order = cast(
            tuple[Any, ...], row[:-3]
        )
        values = [
            *device,
            f"{model} #{number}" if model else None,
            order_id,
            status is OrderStatus.FULFILLED,
            kept_id,
            f"{kept_model} #{kept_number}" if kept_model else None,
            kept_order,
            row.serial,
            row.second_imei,
        ]
        known[row.identifier_key] = KnownDevice(*values)
        if row.second_imei_key is not None:
            known[row.second_imei_key] = known[row.identifier_key]
    return known


def decide(
    actor: Actor,
    order: HardwareOrder,
    units: Sequence[UnitRow],
    report: FulfillmentReport,
    known: Mapping[str, KnownDevice],
) -> None:
    """For each unit with an identifier: make a device, link the one there is, or refuse; and its intents."""
    by_id = {unit.id: unit for unit in units}
    linked: dict[int, UnitOutcome] = {}
    for row in report.units:
        if row.outcome is not Outcome.CREATED or row.identifier is None:
            continue
        unit = by_id[row.unit_id]
        device = row.known = known.get(row.identifier.key)
        if unit.reserved_device_id is not None and (device is None or device.id != unit.reserved_device_id):
            _refuse(row, f"{unit.label} is the account's spare {unit.reserved_shown} and no other device.")
            continue
        if device is not None:
            why = _why_not_linked(actor, order, unit, device)
            if why:
                row.elsewhere = device.account_id != order.account_id
                _refuse(row, why)
                continue
            first = linked.setdefault(device.id, row)
            if first is not row:
                _refuse(row, f"The same device as {first.label}, by its other IMEI.")
                continue
            row.outcome, row.device_id = Outcome.LINKED, device.id
            row.warnings += _other_label(row.identifier, device)
            if (device.make, device.model) != (unit.make, unit.model):
                row.warnings.append(
                    f"The existing device is a {device.make} {device.model}; the order says {unit.title}."
                )
        other = known.get(row.identifier.second_key or "")
        if other is not None and (device is None or other.id != device.id):
            why = _why_not_linked(actor, order, unit, other) or "It is a device of this account already."
            _refuse(row, f"Its second IMEI: {why}")
            continue
        applied, row.not_applied = intents_of(unit, device)
        row.applied = [_APPLIED[column] for column in applied]


def _other_label(entered: Identifier, device: KnownDevice) -> list[str]:
    """What was written behind an identifier and differs from what its device has: that stays as it is."""
    said = []
    if entered.serial and device.serial and entered.serial != device.serial:
        said.append(f"The existing device has the serial number {device.serial}; it was left so.")
    if entered.kind is IdentifierKind.IMEI and device.key != entered.key:
        said.append(f"This is the second IMEI of the existing device, known by {device.key}….")
    elif entered.second_imei and device.second_imei and entered.second_imei != device.second_imei:
        said.append("The existing device has another second IMEI; it was left so.")
    return said


_APPLIED = {"employee_id": "assigned as planned", "location_id": "located as planned"}


def _why_not_linked(actor: Actor, order: HardwareOrder, unit: UnitRow, device: KnownDevice) -> str | None:
    if device.account_id != order.account_id:
        if not actor.can(Permission.HOLDERS_READ):
            return "This identifier is already in use."
        since = f", since {spoken(device.created_at)}"
        by = f", from {reference(device.unit_order_id)}" if device.unit_order_id else ""
        return f"Already in use by {device.account_name}{since}{by}."
    if device.kind is not unit.kind:
        return (
            f"This is a {device.kind.label} of this account ({device.make} {device.model}), "
            f"not a {unit.kind.label}."
        )
    if device.kept_unit_id is not None:
        if device.kept_unit_id != unit.id:
            return f"This spare is kept for {device.kept_label} of {reference(device.kept_order_id or 0)}."
        if device.unit_order_done:
            return None
    if device.unit_id is not None:
        return f"Already {device.unit_label} of {reference(device.unit_order_id or 0)}."
    return None


def intents_of(unit: UnitRow, device: KnownDevice | None) -> tuple[dict[str, int], list[str]]:
    """What of a unit's intent is set on its device, and sentences about what is not.

    What an existing device already has is never taken away silently.
    """
    applied: dict[str, int] = {}
    not_applied: list[str] = []
    if unit.employee_id is not None:
        if not unit.kind.has_employee:
            not_applied.append(f"A base serves a site; it is not assigned to {unit.employee_name}.")
        elif unit.employee_left_at is not None:
            not_applied.append(f"{unit.employee_name} has left; nobody was assigned.")
        elif device is not None and device.employee_id not in (None, unit.employee_id):
            not_applied.append(f"Assigned to somebody else already; {unit.employee_name} was planned.")
        else:
            applied["employee_id"] = unit.employee_id
    if unit.location_id is not None:
        if not unit.kind.has_location:
            not_applied.append(
                f"{unit.location_name} was not set: a handset takes its base's location."
                if unit.kind is Kind.DECT_HANDSET
                else f"{unit.location_name} was not set: a mobile has no location."
            )
        elif unit.location_gone_at is not None:
            not_applied.append(f"{unit.location_name} is gone; no location was set.")
        elif device is not None and device.location_id not in (None, unit.location_id):
            not_applied.append(f"Located elsewhere already; {unit.location_name} was planned.")
        else:
            applied["location_id"] = unit.location_id
    if unit.base_unit_id is not None and device is not None and device.base_device_id is not None:
        not_applied.append(ANOTHER_BASE)
    return applied, not_applied


def foresee_pairing(
    order: HardwareOrder,
    units: Sequence[UnitRow],
    report: FulfillmentReport,
    known: Mapping[str, KnownDevice],
) -> None:
    """What pairing would do after the report's devices are written."""
    bases, handsets = bases_and_handsets(units, order.account_id)
    coming = {row.unit_id: row for row in report.units if row.wanted and row.identifier}
    all_bases: list[Base] = []
    for base in bases:
        row = coming.get(base.unit_id)
        if row is not None and row.identifier is not None:
            device = known.get(row.identifier.key)
            base = Base(
                base.unit_id,
                base.label,
                device.make if device else base.make,
                device.max_handsets if device else base.max_handsets,
                device.id if device else None,
                row.identifier.value,
            )
        all_bases.append(base)
    arriving = {handset.unit_id: handset for handset in handsets}
    for unit in units:
        row = coming.get(unit.id)
        if unit.kind is Kind.DECT_HANDSET and row is not None and row.identifier is not None:
            device = known.get(row.identifier.key)
            if device is None or device.base_device_id is None:
                make = device.make if device else unit.make
                arriving[unit.id] = Handset(unit.id, unit.label, make, None, unit.base_unit_id)
    in_order = [arriving[unit.id] for unit in units if unit.id in arriving]
    report_pairing(report, plan_pairing(all_bases, in_order, occupied_slots(all_bases)))


def look_twice(units: Sequence[UnitRow], report: FulfillmentReport) -> None:
    """Warn of what looks odd among the identifiers of the order: those in the form, and those it has."""
    rows = {row.unit_id: row for row in report.units if row.wanted and row.identifier}
    if not rows:
        return
    held = [rows[unit.id].identifier if unit.id in rows else _identifier_of(unit) for unit in units]
    for place, twin in near_duplicates(held).items():
        if row := rows.get(units[place].id):
            row.warnings.append(f"This is almost the same as {twin.display}; compare both with their labels.")
    lines: dict[int, list[int]] = {}
    for place, unit in enumerate(units):
        lines.setdefault(unit.line_id, []).append(place)
    for places in lines.values():
        odd = odd_one_out([held[place] for place in places])
        row = rows.get(units[places[odd[0]]].id) if odd else None
        # Where it is not of the make that was ordered, that has been said.
        if odd and row and not row.warnings:
            row.warnings.append(f"All the others here are {odd[1]} addresses; this one is not.")


def _identifier_of(unit: UnitRow) -> Identifier | None:
    if unit.identifier_kind is None or unit.identifier is None:
        return None
    return Identifier(unit.identifier_kind, unit.identifier)


def report_pairing(report: FulfillmentReport, plan: PairingPlan) -> None:
    rows = {row.unit_id: row for row in report.units}
    for pairing in plan.pairings:
        row = rows[pairing.handset.unit_id]
        row.paired_to, row.paired_label, row.slot = pairing.base.device_id, pairing.base.label, pairing.slot
    for unit_id, sentence in plan.left.items():
        if unit_id in rows:
            rows[unit_id].left = sentence
    report.warnings = plan.warnings
