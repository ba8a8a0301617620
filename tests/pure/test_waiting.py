"""What an order waits for, since when and until when: one rule."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from hwadmin.domain.lifecycle import ManagerApproval, OrderFacts, OrderStatus
from hwadmin.domain.orders.waiting import DEFAULT_DAYS, Deadline, WaitsFor, deadlines_of, next_wait

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
EARLIER = NOW - timedelta(days=4)
USUAL = deadlines_of(None)
APPROVED = OrderStatus.APPROVED


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        (OrderFacts(OrderStatus.SUBMITTED), WaitsFor.DECISION),
        (OrderFacts(OrderStatus.SUBMITTED, manager_approval=ManagerApproval.AGREED), WaitsFor.DECISION),
        (OrderFacts(OrderStatus.SUBMITTED, manager_approval=ManagerApproval.AWAITING), WaitsFor.MANAGER),
        (OrderFacts(APPROVED), WaitsFor.PLACEMENT),
        (OrderFacts(APPROVED, has_devices=True), WaitsFor.PLACEMENT),
        (OrderFacts(APPROVED, placed=True), WaitsFor.DELIVERY),
        (OrderFacts(APPROVED, placed=True, has_devices=True), WaitsFor.FULFILLMENT),
        (OrderFacts(APPROVED, nothing_to_buy=True), WaitsFor.FULFILLMENT),
        (OrderFacts(OrderStatus.FULFILLED, placed=True, has_devices=True), None),
        (OrderFacts(OrderStatus.REJECTED), None),
        (OrderFacts(OrderStatus.CANCELLED, manager_approval=ManagerApproval.AWAITING), None),
    ],
)
def test_every_open_order_waits_for_one_thing(facts: OrderFacts, expected: WaitsFor | None) -> None:
    wait = next_wait(facts, (None, None), NOW, USUAL)
    assert (wait.what if wait else None) is expected
    if wait:
        assert wait.since == NOW
        assert wait.due_at == NOW + timedelta(days=DEFAULT_DAYS[wait.what])


def test_waiting_for_the_same_goes_on_and_for_another_thing_begins() -> None:
    facts = OrderFacts(APPROVED)
    same = next_wait(facts, (WaitsFor.PLACEMENT, EARLIER), NOW, USUAL)
    other = next_wait(facts, (WaitsFor.DECISION, EARLIER), NOW, USUAL)
    assert same
    assert same.since == EARLIER
    assert other
    assert other.since == NOW


def test_a_delivery_is_due_at_the_end_of_the_day_it_is_expected() -> None:
    facts = OrderFacts(APPROVED, placed=True)
    expected = next_wait(facts, (None, None), NOW, USUAL, expected_on=date(2026, 11, 27))
    assert expected
    assert expected.due_at == datetime(2026, 11, 28, tzinfo=UTC)
    # The day says nothing of what came after the delivery.
    rest = next_wait(
        OrderFacts(APPROVED, placed=True, has_devices=True),
        (None, None),
        NOW,
        USUAL,
        expected_on=date(2026, 11, 27),
    )
    assert rest
    assert rest.due_at == NOW + timedelta(days=14)


def test_a_platform_states_only_what_is_not_as_usual() -> None:
    deadlines = deadlines_of({"placement": {"days": 5, "owner_id": 7}})
    assert deadlines[WaitsFor.PLACEMENT] == Deadline(5, 7)
    assert deadlines[WaitsFor.DECISION] == Deadline(2, None)
