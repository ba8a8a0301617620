"""The table of transitions: what is possible in which state, and what each action needs."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import pytest

from hwadmin.domain.lifecycle import (
    ABOUT_THE_MANAGER,
    STATUS_LABELS,
    TRANSITIONS,
    ManagerApproval,
    OrderAction,
    OrderFacts,
    OrderStatus,
    available_actions,
    fits,
)
from hwadmin.domain.permissions import GRANTS, Permission, Role

SUBMITTED, APPROVED, FULFILLED, REJECTED, CANCELLED = OrderStatus
EVERY = frozenset(Permission)
ALL_FACTS = [
    OrderFacts(*facts) for facts in product(OrderStatus, (False, True), (False, True), ManagerApproval)
]


def test_there_are_five_statuses_with_the_labels_people_know() -> None:
    assert STATUS_LABELS == {
        "submitted": "Pending approval",
        "approved": "Approved",
        "fulfilled": "Fulfilled",
        "rejected": "Rejected",
        "cancelled": "Cancelled",
    }
    assert {status.label for status in OrderStatus} == set(STATUS_LABELS.values())
    assert set(TRANSITIONS) == set(OrderAction)


@pytest.mark.parametrize(
    ("action", "sources", "target", "permission", "reason"),
    [
        ("edit", {SUBMITTED}, None, "orders:edit", "none"),
        ("approve", {SUBMITTED}, APPROVED, "orders:decide", "none"),
        ("mark_ordered", {SUBMITTED, APPROVED}, APPROVED, "orders:decide", "none"),
        ("send", {APPROVED}, None, "orders:decide", "none"),
        ("claim", {APPROVED}, None, "orders:decide", "none"),
        ("correct_placement", {APPROVED, FULFILLED}, None, "orders:decide", "none"),
        ("reject", {SUBMITTED}, REJECTED, "orders:decide", "required"),
        ("cancel", {SUBMITTED}, CANCELLED, "orders:cancel", "optional"),
        ("reopen", {APPROVED}, SUBMITTED, "orders:decide", "required"),
        ("fulfill", {APPROVED}, FULFILLED, "orders:fulfill", "none"),
        ("close_short", {APPROVED}, FULFILLED, "orders:close_short", "required"),
        ("agree", {SUBMITTED}, None, "orders:answer", "none"),
        ("decline", {SUBMITTED}, CANCELLED, "orders:answer", "required"),
        ("ask", {SUBMITTED}, None, "orders:ask", "none"),
        ("override", {SUBMITTED}, None, "orders:decide", "required"),
    ],
)
def test_the_table_is_the_one_that_was_decided(
    action: str, sources: set[OrderStatus], target: OrderStatus | None, permission: str, reason: str
) -> None:
    row = TRANSITIONS[OrderAction(action)]
    assert (row.sources, row.target, row.permission, row.reason) == (sources, target, permission, reason)
    assert OrderAction(action).label == row.label


def test_nothing_can_be_done_to_what_is_final() -> None:
    for facts in ALL_FACTS:
        if facts.status in {REJECTED, CANCELLED, FULFILLED}:
            # What was recorded of a placement can still be put right.
            assert set(available_actions(facts, EVERY)) <= {OrderAction.CORRECT_PLACEMENT}


def test_the_actions_of_each_state_stand_in_the_order_of_their_buttons() -> None:
    assert available_actions(OrderFacts(SUBMITTED), EVERY) == (
        OrderAction.EDIT,
        OrderAction.PLAN,
        OrderAction.APPROVE,
        OrderAction.MARK_ORDERED,
        OrderAction.REJECT,
        OrderAction.CANCEL,
    )
    assert available_actions(OrderFacts(APPROVED), EVERY) == (
        OrderAction.PLAN,
        OrderAction.MARK_ORDERED,
        OrderAction.FULFILL,
        OrderAction.CLOSE_SHORT,
        OrderAction.SEND,
        OrderAction.CLAIM,
        OrderAction.REOPEN,
    )


def test_an_order_is_placed_once_and_reopened_only_without_devices() -> None:
    assert not fits(OrderAction.MARK_ORDERED, OrderFacts(APPROVED, placed=True))
    assert fits(OrderAction.REOPEN, OrderFacts(APPROVED, placed=True))
    assert not fits(OrderAction.REOPEN, OrderFacts(APPROVED, has_devices=True))
    assert fits(OrderAction.FULFILL, OrderFacts(APPROVED, placed=True, has_devices=True))


@pytest.mark.parametrize("answer", [ManagerApproval.AWAITING, ManagerApproval.DECLINED])
def test_what_the_manager_has_not_agreed_to_cannot_be_approved_but_rejected(answer: ManagerApproval) -> None:
    facts = OrderFacts(SUBMITTED, manager_approval=answer)
    still = (OrderAction.EDIT, OrderAction.PLAN, OrderAction.REJECT, OrderAction.CANCEL)
    assert available_actions(facts, EVERY)[:4] == still
    awaited = answer is ManagerApproval.AWAITING
    assert {*available_actions(facts, EVERY)[4:]} == (ABOUT_THE_MANAGER if awaited else set())
    # Approved before the answer was asked for: recording the placement is no approval.
    assert fits(OrderAction.MARK_ORDERED, OrderFacts(APPROVED, manager_approval=answer))


@pytest.mark.parametrize(
    ("role", "pending", "approved"),
    [
        (
            Role.SUPER_ADMIN,
            {"edit", "plan", "approve", "mark_ordered", "reject"},
            {"plan", "mark_ordered", "send", "claim", "fulfill", "close_short", "reopen"},
        ),
        (Role.PLATFORM_ADMIN, {"edit", "plan", "cancel"}, {"plan"}),
        (Role.SUPPORT, set(), set()),
    ],
)
def test_each_role_is_offered_what_is_its_own(role: Role, pending: set[str], approved: set[str]) -> None:
    assert set(available_actions(OrderFacts(SUBMITTED), GRANTS[role])) == pending
    assert set(available_actions(OrderFacts(APPROVED), GRANTS[role])) == approved


def test_what_is_offered_fits_and_what_fits_is_offered_to_whom_it_is_granted() -> None:
    for facts, role in product(ALL_FACTS, Role):
        offered = available_actions(facts, GRANTS[role])
        for action in OrderAction:
            granted = TRANSITIONS[action].permission in GRANTS[role]
            assert (action in offered) == (granted and fits(action, facts))


def test_a_submitted_order_says_whether_a_manager_is_asked_before_it_is_decided() -> None:
    waiting = OrderFacts(SUBMITTED, manager_approval=ManagerApproval.AWAITING)
    assert OrderFacts(SUBMITTED).waits_for == "pending approval"
    assert waiting.waits_for == "pending approval; a manager is asked first"


@pytest.mark.parametrize("facts", ALL_FACTS)
def test_an_order_is_to_be_placed_from_its_approval_until_it_is_placed(facts: OrderFacts) -> None:
    assert facts.to_be_placed == (facts.status is APPROVED and not facts.placed)
    assert not replace(facts, nothing_to_buy=True).to_be_placed
