"""What lists of devices are compared with: whom the units are planned for, and what orders are called."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from sqlalchemy import select

from hwadmin.db.extensions import db
from hwadmin.domain.lifecycle import OrderStatus
from hwadmin.domain.people.person_identity import KnownPerson
from hwadmin.domain.permissions import Actor
from hwadmin.domain.row_ids import reference
from hwadmin.models import Employee, HardwareOrder, Unit
from hwadmin.queries.scope import within
from hwadmin.queries.units.units import UnitRow

if TYPE_CHECKING:
    from hwadmin.list_import.row_targets import OrderNumbers

_MOST_ORDERS = 20_000


def people_of_units(units: Sequence[UnitRow]) -> dict[int, KnownPerson]:
    """By unit, the person it is planned for, with their address and number."""
    orders = {unit.order_id for unit in units if unit.employee_id is not None}
    details = (
        {
            row.id: row
            for row in db.session.execute(
                select(Employee.id, Employee.email, Employee.employee_number, Employee.user_name).where(
                    Employee.id.in_(select(Unit.employee_id).where(Unit.order_id.in_(orders)))
                )
            )
        }
        if orders
        else {}
    )
    people: dict[int, KnownPerson] = {}
    new: dict[tuple[str, str | None], int] = {}
    for unit in units:
        name = unit.employee_name or unit.user_name
        if not name:
            continue
        # Somebody who is no employee yet is told by what the order says of them.
        key = unit.employee_id or new.setdefault((name, unit.user_number), -1 - len(new))
        row = details.get(key)
        emails = tuple(text for text in (row.email, row.user_name) if text and "@" in text) if row else ()
        number = (row.employee_number if row else None) or unit.user_number
        people[unit.id] = KnownPerson(key, name, emails, number)
    return people


def order_numbers(actor: Actor, order: HardwareOrder) -> OrderNumbers:
    """What this order and the other open ones are called at their distributors."""
    from hwadmin.list_import.row_targets import OrderNumbers

    rows = db.session.execute(
        select(HardwareOrder.id, HardwareOrder.distributor_reference)
        .where(
            within(actor, HardwareOrder),
            HardwareOrder.status == OrderStatus.APPROVED,
            HardwareOrder.distributor_reference.is_not(None),
        )
        .limit(_MOST_ORDERS)
    )
    own = _keys(order.distributor_reference or "")
    others: dict[str, str] = {}
    for order_id, written in rows:
        if order_id != order.id:
            others |= dict.fromkeys(_keys(written or "") - own, reference(order_id))
    return OrderNumbers(own, others)


def _keys(written: str) -> frozenset[str]:
    """The numbers in a reference, of which there may be several: ``SO-55012, SO-55014``."""
    from hwadmin.list_import.row_targets import OrderNumbers

    parts = [written, *re.split(r"[,;/&+\s]+|\band\b", written)]
    keys = (OrderNumbers.key(part) for part in parts if any(map(str.isdigit, part)))
    return frozenset(key for key in keys if len(key) >= 4)
