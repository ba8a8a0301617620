"""Editing the intents of an order's units, until each has its device."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import bindparam, update

from hwadmin.db.extensions import db
from hwadmin.domain.device_kinds import Kind
from hwadmin.domain.event_kinds import EventType
from hwadmin.domain.lifecycle import OrderAction
from hwadmin.domain.ordering.cost_allocation import document_of
from hwadmin.domain.permissions import Actor
from hwadmin.domain.text_validation import Problems
from hwadmin.errors import InvalidInput
from hwadmin.models import HardwareOrder, Unit
from hwadmin.operations.audit.order_events import record_order_edited
from hwadmin.operations.orders.transition import bump_version, lock_order_for, require_possible
from hwadmin.operations.outgoing.events import publish
from hwadmin.queries.units.descriptions import describe_intent
from hwadmin.queries.units.units import (
    UnitRow,
    listed_employees,
    open_locations,
    units_of,
)


@dataclass(frozen=True, slots=True)
class Intent:
    """For whom, where and with which base unit of the same order a unit is planned."""

    employee_id: int | None = None
    location_id: int | None = None
    base_unit_id: int | None = None


def edit_intents(
    actor: Actor, order_id: int, intents: Mapping[int, Intent], *, expected_version: int | None = None
) -> HardwareOrder:
    """Change for whom, where and with which base units are planned, also after approval.

    Units not stated stay as they are. What a unit was planned for is history once it has its device.

    Raises:
        NotAllowed, NotFound, ChangedMeanwhile, WrongState, InvalidInput: nothing was done.
    """
    order = lock_order_for(actor, order_id, OrderAction.PLAN, expected_version)
    require_possible(order, OrderAction.PLAN)
    units = {unit.id: unit for unit in units_of(order.id)}
    changes = _IntentCheck(order, units, intents).changes()
    if not changes:
        return order
    _write_changes(order, changes)
    after = {unit.id: unit for unit in units_of(order.id)}
    bump_version(actor, order)
    labels = [units[change["unit"]].label for change in changes]
    record_order_edited(
        actor,
        order,
        f"Changed what is planned for {', '.join(labels[:10])}{' and more' if len(labels) > 10 else ''}"
        f" of {order.reference}",
        {
            "plans": [
                {
                    "unit": after[change["unit"]].label,
                    "before": describe_intent(units[change["unit"]]) or "nothing",
                    "after": describe_intent(after[change["unit"]]) or "nothing",
                }
                for change in changes
            ]
        },
    )
    publish(actor, EventType.ORDER_UPDATED, order=order)
    return order


def is_open(unit: UnitRow) -> bool:
    """Whether a unit can still be planned: it has no device yet, and will come."""
    return unit.device_id is None and unit.device_passed_on is None and unit.closed_at is None


class _IntentCheck:
    """Checks new intents against the order and its account."""

    def __init__(
        self, order: HardwareOrder, units: Mapping[int, UnitRow], intents: Mapping[int, Intent]
    ) -> None:
        self.order, self.units, self.intents = order, units, intents
        self.problems = Problems()
        account_id = order.account_id
        self.employees = listed_employees(account_id, (intent.employee_id for intent in intents.values()))
        self.locations = open_locations(account_id, (intent.location_id for intent in intents.values()))

    def changes(self) -> list[dict[str, Any]]:
        """The values to write, by unit, of those intents that are new.

        Raises:
            InvalidInput: every problem, at its field.
        """
        changes = []
        for unit_id, intent in self.intents.items():
            unit = self.units.get(unit_id)
            if unit is None:
                self.problems.add(
                    f"units.{unit_id}", "There is no such unit in this order; it may have been removed."
                )
            elif intent == Intent(unit.employee_id, unit.location_id, unit.base_unit_id):
                continue
            elif not is_open(unit):
                state = unit.describe_state(self.order.facts)
                self.problems.add(
                    f"units.{unit_id}", f"{unit.label} is {state} and cannot be planned any more."
                )
            else:
                changes.append(self._change(unit, intent))
        if self.problems.errors:
            raise InvalidInput(self.problems.errors)
        return changes

    def _change(self, unit: UnitRow, intent: Intent) -> dict[str, Any]:
        where, account = f"units.{unit.id}", self.order.account
        # A present employee or location is kept, even one that has left since.
        if intent.employee_id not in (None, unit.employee_id) and intent.employee_id not in self.employees:
            self.problems.add(f"{where}.employee_id", f"This is not an active employee of {account.name}.")
        if intent.location_id not in (None, unit.location_id) and intent.location_id not in self.locations:
            self.problems.add(f"{where}.location_id", f"This is not a location of {account.name}.")
        self._check_base(f"{where}.base_unit_id", unit, intent)
        user = self._user(unit, intent)
        if user["user_name"] and not user["user_number"] and account.requires_employee_number:
            self.problems.add(
                f"{where}.employee_id",
                f"{account.name} needs the employee number, and {user['user_name']} has none.",
            )
        return {
            "unit": unit.id,
            "employee": intent.employee_id,
            "location": intent.location_id,
            "base": intent.base_unit_id,
            **user,
        }

    def _check_base(self, field: str, unit: UnitRow, intent: Intent) -> None:
        if intent.base_unit_id is None:
            return
        base = self.units.get(intent.base_unit_id)
        if unit.kind is not Kind.DECT_HANDSET:
            self.problems.add(field, "Only a handset is meant for a base.")
        elif base is None or base.kind is not Kind.DECT_BASE:
            self.problems.add(field, "This is not a base of this order.")

    def _user(self, unit: UnitRow, intent: Intent) -> dict[str, Any]:
        """The user and accounting codes of the unit, copied anew where the employee is another one."""
        if intent.employee_id == unit.employee_id:
            return {
                "user_name": unit.user_name,
                "user_number": unit.user_number,
                "codes": unit.accounting_codes,
            }
        employee = self.employees.get(intent.employee_id or 0)
        usual_codes = document_of(employee.shares) if employee else None
        return {
            "user_name": employee.name if employee else None,
            "user_number": employee.number if employee else None,
            # Codes chosen for the order stay, unless the new employee has codes of their own.
            "codes": usual_codes or unit.accounting_codes,
        }


def _write_changes(order: HardwareOrder, changes: Sequence[Mapping[str, Any]]) -> None:
    table = Unit.__table__
    db.session.connection().execute(
        update(table)
        .where(table.c.id == bindparam("unit"), table.c.order_id == order.id)
        .values(
            employee_id=bindparam("employee"),
            location_id=bindparam("location"),
            base_unit_id=bindparam("base"),
            user_name=bindparam("user_name"),
            user_number=bindparam("user_number"),
            accounting_codes=bindparam("codes"),
        ),
        changes,
    )
