"""The units of approved orders that are not here yet."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, select, true
from sqlalchemy.orm import aliased

from hwadmin.db.extensions import db
from hwadmin.domain.device_kinds import Kind
from hwadmin.domain.lifecycle import OrderFacts, OrderStatus
from hwadmin.domain.permissions import Actor
from hwadmin.domain.units import UnitFacts, describe_unit_state, unit_state
from hwadmin.models import (
    Account,
    Device,
    Employee,
    HardwareOrder,
    LineItem,
    Location,
    Platform,
    Unit,
    reference,
)
from hwadmin.models.catalog import title
from hwadmin.queries.scope import within

_BaseUnit = aliased(Unit)
_BaseLine = aliased(LineItem)


@dataclass(frozen=True, slots=True)
class AwaitedRow:
    """A unit of an approved order that will become a device, with its intent."""

    unit_id: int
    number: int
    kind: Kind
    make: str
    model: str
    sku: str
    order_id: int
    approved_at: datetime
    platform_name: str
    account_id: int
    account_name: str
    employee_name: str | None
    location_name: str | None
    base_model: str | None
    base_number: int | None
    from_spare: bool
    placed_at: datetime | None

    @property
    def state(self) -> str:
        """How far it has come, in words."""
        order = OrderFacts(OrderStatus.APPROVED, placed=self.placed_at is not None)
        state = unit_state(order, UnitFacts(from_spare=self.from_spare))
        return describe_unit_state(state, from_spare=self.from_spare)

    @property
    def title(self) -> str:
        """Make and model, as people say it."""
        return title(self.make, self.model)

    @property
    def order_reference(self) -> str:
        """The order it belongs to."""
        return reference(self.order_id)


_COLUMNS = (
    Unit.id.label("unit_id"),
    Unit.number,
    LineItem.kind,
    LineItem.make,
    LineItem.model,
    LineItem.sku,
    Unit.order_id,
    HardwareOrder.decided_at.label("approved_at"),
    Platform.name.label("platform_name"),
    HardwareOrder.account_id,
    Account.name.label("account_name"),
    Employee.name.label("employee_name"),
    Location.name.label("location_name"),
    _BaseLine.model.label("base_model"),
    _BaseUnit.number.label("base_number"),
    LineItem.from_spare,
    HardwareOrder.placed_at,
)


def _awaits(account_id: int | None) -> ColumnElement[bool]:
    waiting = HardwareOrder.status == OrderStatus.APPROVED
    return and_(waiting, HardwareOrder.account_id == account_id if account_id is not None else true())


def awaited_units(
    actor: Actor, *, account_id: int | None = None, limit: int | None = None, offset: int = 0
) -> list[AwaitedRow]:
    """The units of approved orders that are still to come, oldest order first."""
    query: Select[*tuple[Any, ...]] = (
        select(*_COLUMNS)
        .join(HardwareOrder, HardwareOrder.id == Unit.order_id)
        .join(LineItem, LineItem.id == Unit.line_id)
        .join(Account, Account.id == HardwareOrder.account_id)
        .join(Platform, Platform.id == HardwareOrder.platform_id)
        .outerjoin(Employee, Employee.id == Unit.employee_id)
        .outerjoin(Location, Location.id == Unit.location_id)
        .outerjoin(_BaseUnit, _BaseUnit.id == Unit.base_unit_id)
        .outerjoin(_BaseLine, _BaseLine.id == _BaseUnit.line_id)
        .where(
            within(actor, Unit),
            _awaits(account_id),
            LineItem.kind != Kind.ACCESSORY,
            Unit.closed_at.is_(None),
            ~select(Device.id).where(Device.unit_id == Unit.id).exists(),
        )
        .order_by(Unit.order_id, LineItem.position, Unit.number)
        .limit(limit)
        .offset(offset)
    )
    return [AwaitedRow(**row._mapping) for row in db.session.execute(query)]


def awaited_count(actor: Actor, *, account_id: int | None = None) -> int:
    """How many units are awaited; from the counters of the orders, not by counting units."""
    total = db.session.execute(
        select(func.sum(HardwareOrder.fulfillable_units - HardwareOrder.fulfilled_units)).where(
            within(actor, HardwareOrder), _awaits(account_id)
        )
    ).scalar_one()
    return int(total or 0)
