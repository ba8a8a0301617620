"""The rows of the orders list: the template writes their texts as they are, so all of them are escaped."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from hwadmin.clock import utcnow
from hwadmin.domain.device_kinds import Kind
from hwadmin.domain.lifecycle import ManagerApproval, OrderStatus
from hwadmin.domain.orders.waiting import WaitsFor
from hwadmin.domain.permissions import GRANTS, Role
from hwadmin.queries.orders.order_rows import OrderLine, OrderRow
from hwadmin.views.orders.listing.shown_rows import RowButton, ShownRow, shown_rows

TYPED = "<img src=x>\"'&"
ROW = OrderRow(
    id=7,
    version=3,
    status=OrderStatus.APPROVED,
    manager_approval=ManagerApproval.NOT_REQUIRED,
    placed_at=None,
    nothing_to_buy=False,
    distributor=TYPED,
    distributor_reference=TYPED,
    ordered_on=None,
    expected_on=None,
    created_at=datetime(2026, 11, 20, 9, 5, tzinfo=UTC),
    waits_for=WaitsFor.PLACEMENT,
    due_at=datetime(2026, 11, 21, tzinfo=UTC),
    fulfilled_units=0,
    fulfillable_units=2,
    platform_name=TYPED,
    deadlines=None,
    account_name=TYPED,
    other_open=0,
    claimed_by=None,
    lines=(OrderLine(2, Kind.DECT_HANDSET, TYPED, None, 12900, 500, TYPED),),
)


def shown(row: OrderRow, *, claimed_by: str = "", offers_claims: bool = False) -> ShownRow:
    row = replace(row, claimed_by=claimed_by or None)
    granted = GRANTS[Role.SUPER_ADMIN]
    return shown_rows([row], granted, {row.id: TYPED}, offers_claims=offers_claims)[0]


def texts(value: Any) -> list[str]:
    if isinstance(value, str):
        return [value]
    return [text for part in value for text in texts(part)] if isinstance(value, list | tuple) else []


@pytest.mark.parametrize("placed_at", [None, utcnow()])
@pytest.mark.parametrize("status", OrderStatus)
def test_nothing_that_was_typed_is_markup(status: OrderStatus, placed_at: datetime | None) -> None:
    row = shown(replace(ROW, status=status, placed_at=placed_at), claimed_by=TYPED)
    written = texts(row)
    assert [text for text in written if set(text) & set("<>\"'")] == []
    assert sum("&lt;img" in text for text in written) >= 6


def test_an_order_to_be_placed_is_placed_before_it_is_fulfilled() -> None:
    row = shown(ROW)
    assert row.actions.step == RowButton("mark-ordered", "Mark as ordered", "btn btn-small")
    assert [button.path for button in row.actions.more] == ["fulfill", "send"]
    placed = shown(replace(ROW, placed_at=utcnow()))
    assert placed.actions.step == RowButton("fulfill", "Fulfill order", "btn btn-small")
    assert placed.actions.more == ()


def test_nobody_claims_what_somebody_is_placing() -> None:
    def offered(**how: Any) -> bool:
        return "claim" in [button.path for button in shown(ROW, **how).actions.more]

    assert offered(offers_claims=True)
    assert not offered(offers_claims=True, claimed_by="Ada")
    assert not offered(offers_claims=False)


def test_the_button_that_approves_sends_the_list() -> None:
    step = shown(replace(ROW, status=OrderStatus.SUBMITTED)).actions.step
    assert step is not None
    assert (step.path, step.sends) == ("approve", True)


def test_a_placed_order_says_since_when_and_whether_that_is_too_long() -> None:
    today = utcnow()
    row = shown(replace(ROW, placed_at=today, expected_on=today.date()))
    assert (row.placed_ago, row.overdue) == ("today", False)
    before = today - timedelta(days=1)
    row = shown(replace(ROW, placed_at=before, expected_on=date(2026, 1, 1)))
    assert (row.placed_ago, row.overdue) == ("1 day ago", True)
    row = shown(replace(ROW, placed_at=today - timedelta(days=12)))
    assert row.placed_ago == "12 days ago"
