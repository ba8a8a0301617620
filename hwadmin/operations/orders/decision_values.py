"""What a transition writes on an order beside its status: one class per decision, named by its columns."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import date, datetime

from hwadmin.domain.lifecycle import ManagerApproval
from hwadmin.domain.permissions import Actor
from hwadmin.models import HardwareOrder


@dataclass(frozen=True, slots=True)
class DecisionValue:
    """Columns of an order that change together; each field is named as its column."""

    def write(self, order: HardwareOrder) -> None:
        """Assign the columns."""
        for field in fields(self):
            setattr(order, field.name, getattr(self, field.name))


@dataclass(frozen=True, slots=True)
class Review(DecisionValue):
    """Who decided on an order, and when; without values the order is not decided on any more."""

    decided_by_id: int | None = None
    decided_by_name: str | None = None
    decided_at: datetime | None = None

    @classmethod
    def by(cls, actor: Actor, now: datetime) -> Review:
        """A decision that the actor makes now."""
        return cls(actor.id, actor.name, now)


@dataclass(frozen=True, slots=True)
class DistributorPlacement(DecisionValue):
    """The order at the distributor; without values it is not placed any more."""

    placed_at: datetime | None = None
    placed_by_name: str | None = None
    distributor: str | None = None
    distributor_reference: str | None = None
    ordered_on: date | None = None
    distributor_id: int | None = None
    sent_to: str | None = None
    expected_on: date | None = None


@dataclass(frozen=True, slots=True)
class ManagerAnswer(DecisionValue):
    """What the manager of the account answered, or that their answer is not needed."""

    manager_approval: ManagerApproval


@dataclass(frozen=True, slots=True)
class Rejection(DecisionValue):
    """Why an order was rejected."""

    rejection_reason: str | None


@dataclass(frozen=True, slots=True)
class Cancellation(DecisionValue):
    """Why an order was cancelled, where a reason was given."""

    cancellation_reason: str | None


@dataclass(frozen=True, slots=True)
class Completion(DecisionValue):
    """When the last unit came or was closed short."""

    fulfilled_at: datetime
