"""How far a unit has come: one rule, for every page, the API and exports."""

from __future__ import annotations

from itertools import product

import pytest

from hwadmin.domain.lifecycle import OrderFacts, OrderStatus
from hwadmin.domain.units import UnitFacts, UnitState, describe_unit_state, unit_state

SUBMITTED, APPROVED, FULFILLED, REJECTED, CANCELLED = OrderStatus


@pytest.mark.parametrize(
    ("order", "unit", "state", "label"),
    [
        (OrderFacts(SUBMITTED), UnitFacts(), "requested", "requested"),
        (OrderFacts(APPROVED), UnitFacts(), "to_be_placed", "approved, to be placed"),
        (OrderFacts(APPROVED, placed=True), UnitFacts(), "ordered", "ordered"),
        (OrderFacts(APPROVED), UnitFacts(from_spare=True), "to_be_placed", "approved, from spares"),
        (OrderFacts(APPROVED, True), UnitFacts(from_spare=True), "to_be_placed", "approved, from spares"),
        (OrderFacts(APPROVED), UnitFacts(delivered=True), "fulfilled", "fulfilled"),
        (OrderFacts(APPROVED), UnitFacts(closed=True), "closed", "will not come"),
        (OrderFacts(FULFILLED), UnitFacts(closed=True), "closed", "will not come"),
        # An accessory has no device.
        (OrderFacts(FULFILLED), UnitFacts(), "fulfilled", "fulfilled"),
        (OrderFacts(REJECTED), UnitFacts(), "not_ordered", "not ordered"),
        (OrderFacts(CANCELLED), UnitFacts(from_spare=True), "not_ordered", "not ordered"),
    ],
)
def test_a_unit_is_called_by_how_far_it_has_come(
    order: OrderFacts, unit: UnitFacts, state: str, label: str
) -> None:
    assert unit_state(order, unit) == state
    assert describe_unit_state(UnitState(state), from_spare=unit.from_spare) == label


def test_only_what_somebody_has_bought_is_ordered() -> None:
    for facts in (OrderFacts(*facts) for facts in product(OrderStatus, (False, True))):
        for unit in (UnitFacts(*flags) for flags in product((False, True), repeat=3)):
            if unit_state(facts, unit) is UnitState.ORDERED:
                assert facts.placed
                assert facts.status is APPROVED
                assert not unit.from_spare
