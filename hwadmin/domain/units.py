"""A unit of an order: how far it has come, and what an identifier entered for it leads to. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from hwadmin.domain.device_kinds import Kind
from hwadmin.domain.lifecycle import OrderFacts, OrderStatus


class UnitOutcome(StrEnum):
    """What became, or would become, of a unit."""

    CREATED = "created"
    LINKED = "linked"
    SKIPPED = "skipped"
    REFUSED = "refused"
    EMPTY = "empty"


class UnitState(StrEnum):
    """How far a unit of an order has come; the words for it are the labels."""

    REQUESTED = "requested"
    TO_BE_PLACED = "to_be_placed"
    ORDERED = "ordered"
    FULFILLED = "fulfilled"
    NOT_ORDERED = "not_ordered"
    CLOSED = "closed"

    @property
    def label(self) -> str:
        """The state in the words of the pages."""
        return _UNIT_LABELS[self]


_UNIT_LABELS = {
    UnitState.REQUESTED: "requested",
    UnitState.TO_BE_PLACED: "approved, to be placed",
    UnitState.ORDERED: "ordered",
    UnitState.FULFILLED: "fulfilled",
    UnitState.NOT_ORDERED: "not ordered",
    UnitState.CLOSED: "will not come",
}


@dataclass(frozen=True, slots=True)
class UnitFacts:
    """The facts about a unit that its state follows from, besides those of its order."""

    # It has a device, or had one that has gone on to another unit.
    delivered: bool = False
    # Closed short.
    closed: bool = False
    from_spare: bool = False

    @classmethod
    def of(
        cls, device_id: int | None, device_passed_on: str | None, closed_at: datetime | None, from_spare: bool
    ) -> UnitFacts:
        """The facts as the columns of a unit tell them."""
        return cls(device_id is not None or device_passed_on is not None, closed_at is not None, from_spare)


def unit_state(order: OrderFacts, unit: UnitFacts) -> UnitState:
    """The state of a unit, for every page, the API and exports.

    Only what somebody has bought is "ordered": never a unit of an order without a placement, and never one
    that comes from the account's spares. An accessory has no device; it is fulfilled with its order.
    """
    if order.status in (OrderStatus.REJECTED, OrderStatus.CANCELLED):
        return UnitState.NOT_ORDERED
    if unit.delivered:
        return UnitState.FULFILLED
    if unit.closed:
        return UnitState.CLOSED
    if order.status is OrderStatus.SUBMITTED:
        return UnitState.REQUESTED
    if order.status is OrderStatus.FULFILLED:
        return UnitState.FULFILLED
    return UnitState.ORDERED if order.placed and not unit.from_spare else UnitState.TO_BE_PLACED


def describe_unit_state(state: UnitState, *, from_spare: bool) -> str:
    """The state in words; of a unit from the spares nothing is to be placed."""
    return "approved, from spares" if from_spare and state is UnitState.TO_BE_PLACED else state.label


def is_awaited(
    kind: Kind, device_id: int | None, closed_at: datetime | None, device_passed_on: str | None
) -> bool:
    """Whether a unit becomes a device, and has none yet.

    Args:
        kind: what it is.
        device_id: the device it has.
        closed_at: when it was closed short.
        device_passed_on: the device it had, which has gone on to another unit.
    """
    return device_id is None and closed_at is None and device_passed_on is None and kind.becomes_device
