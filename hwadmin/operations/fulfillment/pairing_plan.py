"""Which handset goes to which base: the rule, without a database.

The preview of a fulfillment shows what it would do; it is written with the new devices, or by
``pairing.pair_handsets``.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import count

from hwadmin.identifiers import same_make


@dataclass(frozen=True, slots=True)
class BaseUnit:
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
class PlannedPairing:
    """A handset and the slot of the base it is paired to."""

    handset: Handset
    base: BaseUnit
    slot: int


@dataclass(frozen=True, slots=True)
class PairingPlan:
    """What is paired, and for every handset that is not, why."""

    pairings: tuple[PlannedPairing, ...]
    # By the handset's unit key, a sentence.
    not_paired: Mapping[int, str]

    @property
    def warnings(self) -> tuple[str, ...]:
        """The reasons once each, with the units they concern by name."""
        return tuple(dict.fromkeys(self.not_paired.values()))


NOTHING_TO_PAIR = PairingPlan((), {})


def plan_pairing(
    bases: Sequence[BaseUnit], handsets: Sequence[Handset], occupied: Mapping[int, Collection[int]]
) -> PairingPlan:
    """Which handset goes to which base and slot.

    Exactly one base in the order takes them all, in unit order, in the free slots from 1; with several,
    only a handset for which a base was chosen is paired; with none, all are left for on-site registration.
    A base that will not come no longer counts; what was meant for it is left for on-site registration.
    Different makes are not paired; a full base leaves the rest.

    Args:
        bases: every base unit of the order, in unit order.
        handsets: the handsets to pair, in unit order.
        occupied: the taken slots of each base, by the base's unit key.
    """
    by_unit = {base.unit_id: base for base in bases}
    coming = [base for base in bases if not base.closed]
    only = coming[0] if len(coming) == 1 else None
    closed = bases[0] if bases and not coming else None
    # Slots are only taken meanwhile, from the lowest on: none is looked at twice.
    free = {base.unit_id: _free_slots(occupied.get(base.unit_id, ())) for base in bases}
    pairings: list[PlannedPairing] = []
    not_paired: dict[int, str] = {}
    surplus: dict[int, list[Handset]] = {}
    for handset in handsets:
        base = by_unit.get(handset.base_unit_id or 0) or only or closed
        if base is None:
            reason = "several bases and none was chosen" if bases else "no base"
            not_paired[handset.unit_id] = f"Left for on-site registration: the order has {reason}."
            continue
        if problem := _pairing_problem(handset, base):
            not_paired[handset.unit_id] = problem
            continue
        slot = next(free[base.unit_id])
        if base.max_handsets is not None and slot > base.max_handsets:
            surplus.setdefault(base.unit_id, []).append(handset)
            continue
        pairings.append(PlannedPairing(handset, base, slot))
    for unit_id, without_slot in surplus.items():
        base = by_unit[unit_id]
        reason = (
            f"Left for on-site registration: {base.label} takes {base.max_handsets} handsets, "
            f"there is no slot for {named([handset.label for handset in without_slot])}."
        )
        not_paired |= {handset.unit_id: reason for handset in without_slot}
    return PairingPlan(tuple(pairings), not_paired)


def _pairing_problem(handset: Handset, base: BaseUnit) -> str | None:
    """Why a handset cannot be paired to a base, whether or not it has a free slot."""
    if base.closed:
        return f"Left for on-site registration: {base.label} will not come."
    if base.moved:
        return f"Not paired: {base.label} belongs to another account by now."
    if not base.present:
        return f"To be paired once {base.label} has its MAC address."
    if not same_make(base.make, handset.make):
        return f"Not paired: a {handset.make} handset and a {base.make} base ({base.label}) differ in make."
    return None


def _free_slots(taken: Collection[int]) -> Iterator[int]:
    """The slots of a base, from 1, that no handset has."""
    occupied = frozenset(taken)
    return (slot for slot in count(1) if slot not in occupied)


def named(labels: Sequence[str]) -> str:
    """Units by name, the many shortened: ``W73H #11, W73H #12 and 30 more``."""
    shown = ", ".join(labels[:8])
    return f"{shown} and {len(labels) - 8} more" if len(labels) > 8 else shown
