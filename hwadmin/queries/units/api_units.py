"""The units of orders as the API and webhooks show them: two thirds of what is known of each."""

from __future__ import annotations

from datetime import datetime
from typing import Any, NamedTuple

from hwadmin.domain.device_kinds import Kind
from hwadmin.domain.lifecycle import OrderFacts
from hwadmin.domain.ordering.variants import with_variant
from hwadmin.domain.row_ids import unit_label
from hwadmin.domain.units import UnitFacts, UnitState, unit_state


class ApiUnit(NamedTuple):
    """A unit with its line, its intent and its device."""

    id: int
    order_id: int
    number: int
    line_id: int
    kind: Kind
    model: str
    sku: str
    employee_id: int | None
    employee_name: str | None
    location_id: int | None
    location_name: str | None
    base_unit_id: int | None
    device_id: int | None
    identifier: str | None
    outcome: str | None
    fulfilled_at: datetime | None
    serial: str | None
    second_imei: str | None
    closed_at: datetime | None
    closed_reason: str | None
    user_name: str | None
    user_number: str | None
    accounting_codes: list[dict[str, Any]] | None
    line_of_service_id: int | None
    phone_number: str | None
    upgrade_reason: str | None
    override_reason: str | None
    reserved_device_id: int | None
    device_passed_on: str | None
    from_spare: bool
    size: str | None
    color: str | None
    term_months: int | None
    mobile_carrier: str | None

    def state(self, order: OrderFacts) -> UnitState:
        """How far it has come."""
        facts = UnitFacts.of(self.device_id, self.device_passed_on, self.closed_at, self.from_spare)
        return unit_state(order, facts)

    @property
    def label(self) -> str:
        """What people call it."""
        chosen = self.size, self.color, self.term_months, self.mobile_carrier
        return unit_label(with_variant(self.model, *chosen), self.number)
