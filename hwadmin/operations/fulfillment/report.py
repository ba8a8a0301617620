"""The report of a fulfillment: for every unit, what was entered and what became, or would become, of it."""

from __future__ import annotations

from dataclasses import dataclass, field

from hwadmin.domain.units import UnitOutcome
from hwadmin.identifiers import Identifier, IdentifierKind, vendor
from hwadmin.models import HardwareOrder
from hwadmin.operations.fulfillment.known_devices import KnownDevice
from hwadmin.operations.fulfillment.pairing_plan import PairingPlan


@dataclass(slots=True)
class UnitResult:
    """A unit of the report: what was entered, and what became of it."""

    unit_id: int
    label: str
    entered: str = ""
    identifier: Identifier | None = None
    outcome: UnitOutcome = UnitOutcome.EMPTY
    message: str = ""
    warnings: list[str] = field(default_factory=list)
    device_id: int | None = None
    paired_to: int | None = None
    paired_label: str | None = None
    slot: int | None = None
    not_applied: list[str] = field(default_factory=list)
    # Why a handset is not paired, as a sentence.
    not_paired: str | None = None
    # Of the intent, what is set on the device, by column, and in words.
    intents: dict[str, int] = field(default_factory=dict)
    applied: list[str] = field(default_factory=list)
    # The device that has the identifier already: linked, or the reason why it is refused.
    known_device: KnownDevice | None = None
    # Whether another account holds it: a conflict, which somebody has to decide.
    held_elsewhere: bool = False
    # Whether the unit becomes a device, and has none yet.
    awaited: bool = False

    @property
    def accepted(self) -> bool:
        """Whether writing it makes or links a device."""
        return self.outcome in (UnitOutcome.CREATED, UnitOutcome.LINKED)

    @property
    def maker(self) -> str:
        """Who made the device, as far as its identifier tells; for MAC addresses only."""
        identifier = self.identifier
        if identifier is None or identifier.kind is not IdentifierKind.MAC:
            return ""
        return vendor(identifier.value) or ""

    def refuse(self, message: str) -> None:
        """Refuse what was entered, with the sentence why."""
        self.outcome, self.message = UnitOutcome.REFUSED, message


@dataclass(slots=True)
class FulfillmentReport:
    """One submission: the result of every unit, and whether it was written."""

    order: HardwareOrder
    units: list[UnitResult]
    written: bool = False
    warnings: tuple[str, ...] = ()

    def count(self, outcome: UnitOutcome) -> int:
        """How many units have the outcome."""
        return sum(result.outcome is outcome for result in self.units)

    @property
    def refused(self) -> list[UnitResult]:
        """The units whose identifier cannot be taken."""
        return [result for result in self.units if result.outcome is UnitOutcome.REFUSED]

    @property
    def accepted(self) -> dict[int, UnitResult]:
        """By unit, what makes or links a device when it is written."""
        return {result.unit_id: result for result in self.units if result.accepted}

    @property
    def paired(self) -> int:
        """How many handsets were paired."""
        return sum(result.slot is not None for result in self.units)

    def add_pairing(self, plan: PairingPlan) -> None:
        """Note at each handset where it is paired, or why it is not."""
        by_unit = {result.unit_id: result for result in self.units}
        for pairing in plan.pairings:
            result = by_unit[pairing.handset.unit_id]
            result.paired_to, result.slot = pairing.base.device_id, pairing.slot
            result.paired_label = pairing.base.label
        for unit_id, reason in plan.not_paired.items():
            if unit_id in by_unit:
                by_unit[unit_id].not_paired = reason
        self.warnings = plan.warnings
