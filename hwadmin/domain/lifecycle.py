"""The lifecycle of a hardware order: statuses, actions and the one table of transitions.

Pure: no Flask, no database. ``operations/orders/transition.py`` is the only writer of a status
and looks every move up here; pages and the API draw their buttons from ``available_actions``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from hwadmin.domain.permissions import Permission


class OrderStatus(StrEnum):
    """Where an order stands. Five, no more; a basket is not an order."""

    SUBMITTED = "submitted"
    APPROVED = "approved"
    FULFILLED = "fulfilled"
    REJECTED = "rejected"
    CANCELLED = "cancelled"

    @property
    def label(self) -> str:
        """The status in the words of the pages."""
        return STATUS_LABELS[self]


STATUS_LABELS = {
    OrderStatus.SUBMITTED: "Pending approval",
    OrderStatus.APPROVED: "Approved",
    OrderStatus.FULFILLED: "Fulfilled",
    OrderStatus.REJECTED: "Rejected",
    OrderStatus.CANCELLED: "Cancelled",
}

# Units have come, or will; of all others there is nothing to count and no sheet to print.
HAS_UNITS_TO_COME = frozenset({OrderStatus.SUBMITTED, OrderStatus.APPROVED, OrderStatus.FULFILLED})


class ManagerApproval(StrEnum):
    """What the account's own approver has answered, where the account asks for one."""

    NOT_REQUIRED = "not_required"
    AWAITING = "awaiting"
    AGREED = "agreed"
    DECLINED = "declined"
    OVERRIDDEN = "overridden"


class OrderAction(StrEnum):
    """What can be done to an order."""

    EDIT = "edit"
    # For whom, where and with which base the units are.
    PLAN = "plan"
    APPROVE = "approve"
    MARK_ORDERED = "mark_ordered"
    SEND = "send"
    # Telling the others that one is placing it.
    CLAIM = "claim"
    CORRECT_PLACEMENT = "correct_placement"
    REJECT = "reject"
    CANCEL = "cancel"
    REOPEN = "reopen"
    FULFILL = "fulfill"
    CLOSE_SHORT = "close_short"
    # What the account's manager answers, by a link of their own; asking anew, and deciding without them.
    AGREE = "agree"
    DECLINE = "decline"
    ASK = "ask"
    OVERRIDE = "override"

    @property
    def label(self) -> str:
        """The action in the words of its button."""
        return TRANSITIONS[self].label


@dataclass(frozen=True, slots=True)
class OrderFacts:
    """The facts about an order that the table needs besides its status."""

    status: OrderStatus
    placed: bool = False
    has_devices: bool = False
    manager_approval: ManagerApproval = ManagerApproval.NOT_REQUIRED
    # All of it comes from the account's spares.
    nothing_to_buy: bool = False

    @property
    def to_be_placed(self) -> bool:
        """Whether it is approved and somebody has still to buy it."""
        return self.status is OrderStatus.APPROVED and not self.placed and not self.nothing_to_buy

    @property
    def waits_for(self) -> str:
        """What a submitted order waits for, behind "It is"."""
        return "pending approval" + ("; a manager is asked first" if _manager_awaited(self) else "")


def _always(_: OrderFacts) -> bool:
    return True


@dataclass(frozen=True, slots=True)
class Transition:
    """One action: from which statuses, to which, who may, and what else must be true."""

    label: str
    past: str
    sources: frozenset[OrderStatus]
    # None: the status stays as it is, or the operation chooses between two (fulfill, close short).
    target: OrderStatus | None
    permission: Permission
    reason: str = "none"  # none | optional | required
    when: Callable[[OrderFacts], bool] = _always


def _manager_settled(facts: OrderFacts) -> bool:
    return facts.manager_approval not in (ManagerApproval.AWAITING, ManagerApproval.DECLINED)


def _manager_awaited(facts: OrderFacts) -> bool:
    return facts.manager_approval is ManagerApproval.AWAITING


TRANSITIONS: dict[OrderAction, Transition] = {
    OrderAction.EDIT: Transition(
        "Edit items", "edited", frozenset({OrderStatus.SUBMITTED}), None, Permission.ORDERS_EDIT
    ),
    OrderAction.PLAN: Transition(
        "Plan the units",
        "planned",
        frozenset({OrderStatus.SUBMITTED, OrderStatus.APPROVED}),
        None,
        Permission.ORDERS_EDIT,
    ),
    OrderAction.APPROVE: Transition(
        "Approve",
        "approved",
        frozenset({OrderStatus.SUBMITTED}),
        OrderStatus.APPROVED,
        Permission.ORDERS_DECIDE,
        when=_manager_settled,
    ),
    OrderAction.MARK_ORDERED: Transition(
        "Mark as ordered manually",
        "marked as ordered",
        frozenset({OrderStatus.SUBMITTED, OrderStatus.APPROVED}),
        OrderStatus.APPROVED,
        Permission.ORDERS_DECIDE,
        when=lambda facts: (
            not facts.placed and (facts.status is OrderStatus.APPROVED or _manager_settled(facts))
        ),
    ),
    OrderAction.FULFILL: Transition(
        "Fulfill order",
        "fulfilled",
        frozenset({OrderStatus.APPROVED}),
        OrderStatus.FULFILLED,
        Permission.ORDERS_FULFILL,
    ),
    OrderAction.CLOSE_SHORT: Transition(
        "Close short",
        "closed short",
        frozenset({OrderStatus.APPROVED}),
        OrderStatus.FULFILLED,
        Permission.ORDERS_CLOSE_SHORT,
        reason="required",
    ),
    OrderAction.SEND: Transition(
        "Send to the distributor",
        "sent to a distributor",
        frozenset({OrderStatus.APPROVED}),
        None,
        Permission.ORDERS_DECIDE,
        when=lambda facts: facts.to_be_placed,
    ),
    OrderAction.CLAIM: Transition(
        "I am placing this",
        "claimed for placing",
        frozenset({OrderStatus.APPROVED}),
        None,
        Permission.ORDERS_DECIDE,
        when=lambda facts: facts.to_be_placed,
    ),
    OrderAction.CORRECT_PLACEMENT: Transition(
        "Correct the placement",
        "corrected in its placement",
        frozenset({OrderStatus.APPROVED, OrderStatus.FULFILLED}),
        None,
        Permission.ORDERS_DECIDE,
        when=lambda facts: facts.placed,
    ),
    OrderAction.REJECT: Transition(
        "Reject",
        "rejected",
        frozenset({OrderStatus.SUBMITTED}),
        OrderStatus.REJECTED,
        Permission.ORDERS_DECIDE,
        reason="required",
    ),
    OrderAction.REOPEN: Transition(
        "Reopen",
        "reopened",
        frozenset({OrderStatus.APPROVED}),
        OrderStatus.SUBMITTED,
        Permission.ORDERS_DECIDE,
        reason="required",
        when=lambda facts: not facts.has_devices,
    ),
    OrderAction.CANCEL: Transition(
        "Cancel order",
        "cancelled",
        frozenset({OrderStatus.SUBMITTED}),
        OrderStatus.CANCELLED,
        Permission.ORDERS_CANCEL,
        reason="optional",
    ),
    OrderAction.AGREE: Transition(
        "Approve as manager",
        "agreed to",
        frozenset({OrderStatus.SUBMITTED}),
        None,
        Permission.ORDERS_ANSWER,
        when=_manager_awaited,
    ),
    OrderAction.DECLINE: Transition(
        "Decline as manager",
        "declined",
        frozenset({OrderStatus.SUBMITTED}),
        OrderStatus.CANCELLED,
        Permission.ORDERS_ANSWER,
        reason="required",
        when=_manager_awaited,
    ),
    OrderAction.ASK: Transition(
        "Send a new link",
        "put to its manager",
        frozenset({OrderStatus.SUBMITTED}),
        None,
        Permission.ORDERS_ASK,
        when=_manager_awaited,
    ),
    OrderAction.OVERRIDE: Transition(
        "Override the manager",
        "taken from its manager",
        frozenset({OrderStatus.SUBMITTED}),
        None,
        Permission.ORDERS_DECIDE,
        reason="required",
        when=_manager_awaited,
    ),
}
# What speaks of the manager's answer; shown beside it and not among the buttons of the order.
ABOUT_THE_MANAGER = frozenset({OrderAction.AGREE, OrderAction.DECLINE, OrderAction.ASK, OrderAction.OVERRIDE})


def fits(action: OrderAction, facts: OrderFacts) -> bool:
    """Whether the action is possible in this state, whoever asks."""
    transition = TRANSITIONS[action]
    return facts.status in transition.sources and transition.when(facts)


def available_actions(facts: OrderFacts, granted: frozenset[Permission]) -> tuple[OrderAction, ...]:
    """The actions possible now for somebody with these permissions, in the order of the buttons."""
    return tuple(
        action
        for action, transition in TRANSITIONS.items()
        if transition.permission in granted and fits(action, facts)
    )
