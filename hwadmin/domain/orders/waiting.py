"""What an order waits for, who has to act, and until when: one rule for every page, mail and program.

Pure: no Flask, no database.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import Any

from hwadmin.domain.lifecycle import ManagerApproval, OrderFacts, OrderStatus


class WaitsFor(StrEnum):
    """What an open order waits for next."""

    MANAGER = "manager"
    DECISION = "decision"
    PLACEMENT = "placement"
    DELIVERY = "delivery"
    FULFILLMENT = "fulfillment"

    @property
    def label(self) -> str:
        """It in the words of the pages, behind “waits for”."""
        return _LABELS[self]

    @property
    def default_owner(self) -> str:
        """Who has to act where a platform names nobody."""
        return "the account’s manager" if self is WaitsFor.MANAGER else "super-admins"


_LABELS = {
    WaitsFor.MANAGER: "its manager",
    WaitsFor.DECISION: "a decision",
    WaitsFor.PLACEMENT: "placement",
    WaitsFor.DELIVERY: "the distributor",
    WaitsFor.FULFILLMENT: "the rest of its units",
}
# In days, where a platform states nothing else. A delivery is due when the distributor usually delivers.
DEFAULT_DAYS = {
    WaitsFor.MANAGER: 3,
    WaitsFor.DECISION: 2,
    WaitsFor.PLACEMENT: 1,
    WaitsFor.DELIVERY: 14,
    WaitsFor.FULFILLMENT: 14,
}
MAX_DAYS = 365


@dataclass(frozen=True, slots=True)
class Deadline:
    """A platform's rule: in how many days something is due, and who has to see to it; None: any of them."""

    days: int
    owner_id: int | None = None


@dataclass(frozen=True, slots=True)
class Wait:
    """That an order waits: for what, since when, and until when it should not wait longer."""

    what: WaitsFor
    since: datetime
    due_at: datetime


def deadlines_of(stored: Mapping[str, Any] | None) -> dict[WaitsFor, Deadline]:
    """The rules of a platform; what it does not state is as usual."""
    stored = stored or {}
    return {
        what: Deadline(stored[what]["days"], stored[what].get("owner_id"))
        if what in stored
        else Deadline(days)
        for what, days in DEFAULT_DAYS.items()
    }


def next_wait(
    facts: OrderFacts,
    before: tuple[WaitsFor | None, datetime | None],
    now: datetime,
    deadlines: Mapping[WaitsFor, Deadline],
    *,
    expected_on: date | None = None,
) -> Wait | None:
    """What the order waits for now; None where it is at its end.

    Args:
        facts: how it stands.
        before: what it waited for until now, and since when; waiting for the same goes on.
        now: the moment of the change.
        deadlines: the rules of its platform.
        expected_on: the day by which the distributor usually delivers.
    """
    what = awaited_by(facts)
    if what is None:
        return None
    since = before[1] if what is before[0] and before[1] is not None else now
    if what is WaitsFor.DELIVERY and expected_on is not None:
        # Until the end of that day.
        return Wait(what, since, datetime.combine(expected_on + timedelta(days=1), time(), UTC))
    return Wait(what, since, since + timedelta(days=deadlines[what].days))


def awaited_by(facts: OrderFacts) -> WaitsFor | None:
    """What an order waits for, as it stands; None where it is at its end."""
    if facts.status is OrderStatus.SUBMITTED:
        awaits = facts.manager_approval is ManagerApproval.AWAITING
        return WaitsFor.MANAGER if awaits else WaitsFor.DECISION
    if facts.status is not OrderStatus.APPROVED:
        return None
    if facts.to_be_placed:
        return WaitsFor.PLACEMENT
    return WaitsFor.DELIVERY if facts.placed and not facts.has_devices else WaitsFor.FULFILLMENT
