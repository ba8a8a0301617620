"""The values a transition writes are columns of an order."""

from __future__ import annotations

from dataclasses import fields

import pytest

from hwadmin.models import HardwareOrder
from hwadmin.operations.orders.decision_values import DecisionValue


@pytest.mark.parametrize("value", DecisionValue.__subclasses__())
def test_each_field_is_a_column_other_than_the_status(value: type[DecisionValue]) -> None:
    names = {field.name for field in fields(value)}
    assert names
    assert names <= set(HardwareOrder.__table__.columns.keys()) - {"status"}
