"""Editing the intents of an order's units, until each has its device."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import bindparam, update

from hwadmin.db.extensions import db
from hwadmin.domain.device_kinds import Kind
from hwadmin.domain.event_kinds import EventType
from hwadmin.domain.lifecycle import OrderAction, OrderStatus
from hwadmin.domain.ordering.cost_allocation import Share, document_of, in_words
from hwadmin.domain.permissions import Actor
from hwadmin.domain.text_validation import Problems, tidied
from hwadmin.errors import InvalidInput
from hwadmin.models import HardwareOrder, Unit
from hwadmin.operations.audit.order_events import record_order_edited
from hwadmin.operations.orders.submission.unit_people import OrderPeople
from hwadmin.operations.orders.submission.upgrades import REASON_FOR_THE_MANAGER
from hwadmin.operations.orders.transition import bump_version, lock_order_for, require_possible
from hwadmin.operations.outgoing.events import publish
from hwadmin.queries.units.choices import listed_employees, open_locations
from hwadmin.queries.units.descriptions import describe_intent
from hwadmin.queries.units.units import UnitRow, units_of


@dataclass(frozen=True, slots=True)
class Intent:
    """For whom, where and with which base unit of the same order a unit is planned.

    What it is booked on and why it upgrades a phone line stay as they are where they are None. They can be
    corrected while the order is pending.
    """

    employee_id: int | None = None
    location_id: int | None = None
    base_unit_id: int | None = None
    accounting_codes: tuple[Share, ...] | None = None
    upgrade_reason: str | None = None


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
                    "before": _described(units[change["unit"]], after[change["unit"]]),
                    "after": _described(after[change["unit"]], units[change["unit"]]),
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


def _described(unit: UnitRow, other: UnitRow) -> str:
    """What a unit is planned for; with what it is booked on and why, where the other has something else."""
    parts = [describe_intent(unit)]
    if unit.shares != other.shares:
        parts.append(f"booked on {in_words(unit.shares) or 'nothing'}")
    if unit.upgrade_reason != other.upgrade_reason:
        parts.append(f"because “{unit.upgrade_reason}”" if unit.upgrade_reason else "without a reason")
    return ", ".join(part for part in parts if part) or "nothing"


def _keeps_details(unit: UnitRow, intent: Intent) -> bool:
    """Whether what the unit is booked on and why it upgrades stay as they are."""
    return intent.accounting_codes in (None, unit.shares) and (
        intent.upgrade_reason is None or tidied(intent.upgrade_reason) == (unit.upgrade_reason or "")
    )


class _IntentCheck:
    """Checks new intents against the order and its account."""

    def __init__(
        self, order: HardwareOrder, units: Mapping[int, UnitRow], intents: Mapping[int, Intent]
    ) -> None:
        self.order, self.units, self.intents = order, units, intents
        self.problems = Problems()
        account_id = order.account_id
        self.employees = listed_employees(
            account_id, (intent.employee_id for intent in intents.values()), lock=True
        )
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
            elif self._is_as_planned(unit, intent):
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

    def _is_as_planned(self, unit: UnitRow, intent: Intent) -> bool:
        planned = (intent.employee_id, intent.location_id, intent.base_unit_id)
        present = (unit.employee_id, unit.location_id, unit.base_unit_id)
        return planned == present and _keeps_details(unit, intent)

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
            **self._details(where, unit, intent),
        }

    def _details(self, where: str, unit: UnitRow, intent: Intent) -> dict[str, Any]:
        """What the unit is booked on and why it upgrades, where that is corrected."""
        details: dict[str, Any] = {"reason": unit.upgrade_reason}
        if _keeps_details(unit, intent):
            return details
        if self.order.status is not OrderStatus.SUBMITTED:
            self.problems.add(
                where, "What it is booked on, and why, can be corrected only while it is pending."
            )
            return details
        codes, reason = intent.accounting_codes, intent.upgrade_reason
        if codes not in (None, unit.shares):
            checked = OrderPeople(self.order.account).booked(where, codes, (), self.problems)
            details["codes"] = document_of(checked)
        if reason is not None and tidied(reason) != (unit.upgrade_reason or ""):
            details["reason"] = self._checked_reason(f"{where}.upgrade_reason", unit, reason)
        return details

    def _checked_reason(self, field: str, unit: UnitRow, reason: str) -> str | None:
        if unit.line_of_service_id is None:
            self.problems.add(field, "It upgrades no phone line.")
        required = REASON_FOR_THE_MANAGER if self.order.account.requires_manager_approval else None
        return self.problems.text(field, reason, most=2000, required=required, lines=True)

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
            upgrade_reason=bindparam("reason"),
        ),
        changes,
    )
