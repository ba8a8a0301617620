"""What the people of a platform ordered, and the devices that came of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from hwadmin.db.extensions import db
from hwadmin.domain.lifecycle import ManagerApproval, OrderAction, OrderStatus, fits
from hwadmin.domain.ordering.variants import VARIANT_COLUMNS, with_variant
from hwadmin.domain.permissions import Actor
from hwadmin.identifiers import IdentifierKind, display
from hwadmin.models import (
    WAITS_FOR_ANSWER,
    Account,
    ApprovalRequest,
    Device,
    HardwareOrder,
    LineItem,
    Platform,
    Unit,
)
from hwadmin.models.catalog import title
from hwadmin.queries.orders.orders import OrderState
from hwadmin.queries.scope import within

PAGE_SIZE = 50
DEVICES_SHOWN = 3


@dataclass(frozen=True, slots=True)
class OrderedDevice:
    """A device that came of an order."""

    id: int
    identifier_kind: IdentifierKind
    identifier: str

    @property
    def shown(self) -> str:
        """The identifier as people read it."""
        return display(self.identifier_kind, self.identifier)


@dataclass(frozen=True, slots=True)
class MyOrder(OrderState):
    """An order as the person who made it sees it."""

    id: int
    version: int
    status: OrderStatus
    manager_approval: ManagerApproval
    placed_at: datetime | None
    nothing_to_buy: bool
    created_at: datetime
    status_at: datetime
    status_by_name: str
    requester: str | None
    rejection_reason: str | None
    cancellation_reason: str | None
    fulfilled_units: int
    fulfillable_units: int
    platform_name: str
    account_id: int
    account_name: str
    approver_name: str | None
    items: str = ""
    devices: tuple[OrderedDevice, ...] = ()

    @property
    def progress(self) -> str:
        """How far it has come, in a sentence without its subject."""
        if fits(OrderAction.ASK, self.facts):
            return f"awaits {self.approver_name or 'its manager'}"
        if self.status is OrderStatus.SUBMITTED:
            return "waits for approval"
        if self.status is OrderStatus.APPROVED and not self.fulfilled_units:
            if self.placed_at:
                return "ordered with the distributor"
            return "from spares" if self.nothing_to_buy else "to be placed"
        if self.status in (OrderStatus.APPROVED, OrderStatus.FULFILLED):
            return "" if self.fulfillable_units else "delivered"
        return f"by {self.status_by_name}"

    @property
    def reason(self) -> str | None:
        """Why it ended, where a reason was given."""
        return self.rejection_reason or self.cancellation_reason

    @property
    def more_devices(self) -> int:
        """How many devices are not named here."""
        return max(self.fulfilled_units - len(self.devices), 0)


_COLUMNS = (
    HardwareOrder.id,
    HardwareOrder.version,
    HardwareOrder.status,
    HardwareOrder.manager_approval,
    HardwareOrder.placed_at,
    HardwareOrder.nothing_to_buy,
    HardwareOrder.created_at,
    HardwareOrder.status_at,
    HardwareOrder.status_by_name,
    HardwareOrder.requester,
    HardwareOrder.rejection_reason,
    HardwareOrder.cancellation_reason,
    HardwareOrder.fulfilled_units,
    HardwareOrder.fulfillable_units,
    Platform.name.label("platform_name"),
    Account.id.label("account_id"),
    Account.name.label("account_name"),
    select(ApprovalRequest.approver_name)
    .where(
        ApprovalRequest.order_id == HardwareOrder.id,
        WAITS_FOR_ANSWER,
    )
    .scalar_subquery()
    .label("approver_name"),
)


def my_orders(
    actor: Actor, *, status: OrderStatus | None = None, before: int | None = None
) -> tuple[list[MyOrder], bool]:
    """The newest orders the actor submitted, and whether there are older ones.

    Args:
        actor: who looks.
        status: of this status only.
        before: older than the order of this key.
    """
    query = (
        select(*_COLUMNS)
        .join(Platform, Platform.id == HardwareOrder.platform_id)
        .join(Account, Account.id == HardwareOrder.account_id)
        # A program has submitted nothing as a person.
        .where(within(actor, HardwareOrder), HardwareOrder.submitted_by_id == (actor.id or 0))
        .order_by(HardwareOrder.id.desc())
        .limit(PAGE_SIZE + 1)
    )
    if status is not None:
        query = query.where(HardwareOrder.status == status)
    if before is not None:
        query = query.where(HardwareOrder.id < before)
    rows = db.session.execute(query).all()
    more, rows = len(rows) > PAGE_SIZE, rows[:PAGE_SIZE]
    ids = [row.id for row in rows]
    items, devices = _items_of(ids), _devices_of(ids)
    orders = [
        MyOrder(
            **row._mapping, items=", ".join(items.get(row.id, ())), devices=tuple(devices.get(row.id, ()))
        )
        for row in rows
    ]
    return orders, more


def _items_of(ids: Sequence[int]) -> dict[int, list[str]]:
    items: dict[int, list[str]] = {}
    for order_id, quantity, make, model, *chosen in db.session.execute(
        select(LineItem.order_id, LineItem.quantity, LineItem.make, LineItem.model)
        .add_columns(*(getattr(LineItem, name) for name in VARIANT_COLUMNS))
        .where(LineItem.order_id.in_(ids))
        .order_by(LineItem.order_id, LineItem.position)
    ):
        items.setdefault(order_id, []).append(f"{quantity} × {with_variant(title(make, model), *chosen)}")
    return items


def _devices_of(ids: Sequence[int]) -> dict[int, list[OrderedDevice]]:
    """The first few devices of each order."""
    rank = func.row_number().over(partition_by=Unit.order_id, order_by=Unit.id).label("rank_in_order")
    numbered = (
        select(Unit.order_id, Device.id, Device.identifier_kind, Device.identifier, rank)
        .join(Device, Device.unit_id == Unit.id)
        .where(Unit.order_id.in_(ids))
        .subquery()
    )
    devices: dict[int, list[OrderedDevice]] = {}
    for row in db.session.execute(
        select(numbered)
        .where(numbered.c.rank_in_order <= DEVICES_SHOWN)
        .order_by(numbered.c.order_id, numbered.c.rank_in_order)
    ):
        device = OrderedDevice(row.id, row.identifier_kind, row.identifier)
        devices.setdefault(row.order_id, []).append(device)
    return devices
