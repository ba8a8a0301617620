"""Checking a fulfillment before anything is written: what each unit's identifier would become, and why not.

The page's check, the API's dry run and the real thing all go through here; there is no second copy of a rule.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, cast

from sqlalchemy import ARRAY, ColumnElement, String, any_, bindparam, select

from hwadmin.extensions import db
from hwadmin.identifiers import Identifier, IdentifierError, display, parse, same_device_key, warnings
from hwadmin.kinds import Kind
from hwadmin.models import Account, Device, HardwareOrder, LineItem, Unit, reference
from hwadmin.operations._transition import spoken
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
from hwadmin.queries.units import UnitRow
from hwadmin.tenancy import EVERYWHERE


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

    @property
    def wanted(self) -> bool:
        """Whether writing it makes or links a device."""
        return self.outcome in (Outcome.CREATED, Outcome.LINKED)


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
        outcomes.append(row)
        if not row.typed:
            if unit.device_id is not None:
                row.outcome, row.device_id = Outcome.SKIPPED, unit.device_id
            continue
        try:
            row.identifier = parse(kind, row.typed)
        except IdentifierError as error:
            _refuse(row, str(error))
            continue
        key = same_device_key(kind, row.identifier.value)
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


def key_of(identifier: Identifier) -> str:
    return same_device_key(identifier.kind, identifier.value)


def known_devices(report: FulfillmentReport) -> dict[str, KnownDevice]:
    """The devices that already have one of the identifiers, anywhere; those that can be linked are locked.

    Locked like everything that is paired: bases before handsets, each in the order of their keys. What is
    refused is only read: two orders that name each other's devices must not wait in a circle.
    """
    keys = sorted(
        key_of(row.identifier) for row in report.units if row.identifier and row.outcome is Outcome.CREATED
    )
    known = _read_known(keys)
    account_id = report.order.account_id
    if any(device.account_id == account_id and device.unit_id is None for device in known.values()):
        db.session.execute(
            select(Device.id)
            .where(_has_one_of(keys), Device.account_id == account_id, Device.unit_id.is_(None))
            .order_by(*in_lock_order())
            .with_for_update()
        )
        # What was read before may have been another's to change.
        known = _read_known(keys)
    return known


def _has_one_of(keys: Sequence[str]) -> ColumnElement[bool]:
    if db.session.connection().dialect.name == "postgresql":
        # One parameter for all of them, where IN has one for each.
        return Device.identifier_key == any_(bindparam("keys", keys, ARRAY(String)))
    return Device.identifier_key.in_(keys)


def _read_known(keys: Sequence[str]) -> dict[str, KnownDevice]:
    if not keys:
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
        )
        .join(Account, Account.id == Device.account_id)
        .outerjoin(Unit, Unit.id == Device.unit_id)
        .outerjoin(LineItem, LineItem.id == Unit.line_id)
        .where(_has_one_of(keys))
        # Whose it is must be known whatever platforms the actor is given.
        .execution_options(**{EVERYWHERE: True})
    )
    known: dict[str, KnownDevice] = {}
    for row in rows:
        *device, model, number, order_id = cast(tuple[Any, ...], row)
        values = [*device, f"{model} #{number}" if model else None, order_id]
        known[row.identifier_key] = KnownDevice(*values)
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
    for row in report.units:
        if row.outcome is not Outcome.CREATED or row.identifier is None:
            continue
        unit = by_id[row.unit_id]
        device = known.get(key_of(row.identifier))
        if device is not None:
            why = _why_not_linked(actor, order, unit, device)
            if why:
                _refuse(row, why)
                continue
            row.outcome, row.device_id = Outcome.LINKED, device.id
            if (device.make, device.model) != (unit.make, unit.model):
                row.warnings.append(
                    f"The existing device is a {device.make} {device.model}; the order says {unit.title}."
                )
        row.not_applied = intents_of(unit, device)[1]


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
            device = known.get(key_of(row.identifier))
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
            device = known.get(key_of(row.identifier))
            if device is None or device.base_device_id is None:
                make = device.make if device else unit.make
                arriving[unit.id] = Handset(unit.id, unit.label, make, None, unit.base_unit_id)
    in_order = [arriving[unit.id] for unit in units if unit.id in arriving]
    report_pairing(report, plan_pairing(all_bases, in_order, occupied_slots(all_bases)))


def report_pairing(report: FulfillmentReport, plan: PairingPlan) -> None:
    rows = {row.unit_id: row for row in report.units}
    for pairing in plan.pairings:
        row = rows[pairing.handset.unit_id]
        row.paired_to, row.paired_label, row.slot = pairing.base.device_id, pairing.base.label, pairing.slot
    for unit_id, sentence in plan.left.items():
        if unit_id in rows:
            rows[unit_id].left = sentence
    report.warnings = plan.warnings
