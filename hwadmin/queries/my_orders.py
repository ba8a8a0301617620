"""What a platform's people ordered, and what came of it: as many statements for fifty orders as for one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select

from hwadmin.extensions import db
from hwadmin.identifiers import IdentifierKind, display
from hwadmin.lifecycle import ManagerApproval, OrderAction, OrderStatus, fits
from hwadmin.models import (
    Account,
    ApprovalRequest,
    Device,
    HardwareOrder,
    LineItem,
    Platform,
    Unit,
)
from hwadmin.models.catalog import title
from hwadmin.permissions import Actor
from hwadmin.queries.orders import Told
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
class MyOrder(Told):
    """An order as whoever ordered looks at it."""

    id: int
    version: int
    status: OrderStatus
    manager_approval: ManagerApproval
    placed_at: datetime | None
    created_at: datetime
    status_at: datetime
    status_by_name: str
    submitted_by_name: str
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
            return "ordered with the distributor" if self.placed_at else "about to be ordered"
        if self.status in (OrderStatus.APPROVED, OrderStatus.FULFILLED):
            return "" if self.fulfillable_units else "delivered"
        return f"by {self.status_by_name}"

    @property
    def reason(self) -> str | None:
        """Why it ended, where somebody said so."""
        return self.rejection_reason or self.cancellation_reason

    @property
    def more_devices(self) -> int:
        """How many devices are not named here."""
        return max(self.fulfilled_units - len(self.devices), 0)


def my_orders(
    actor: Actor, *, of_everybody: bool, status: OrderStatus | None = None, before: int | None = None
) -> tuple[list[MyOrder], bool]:
    """The newest orders the actor submitted, or everybody on their platforms; whether there are older ones.

    Args:
        actor: who looks.
        of_everybody: not their own alone.
        status: of this status only.
        before: older than the order of this key.
    """
    query = (
        select(
            HardwareOrder.id,
            HardwareOrder.version,
            HardwareOrder.status,
            HardwareOrder.manager_approval,
            HardwareOrder.placed_at,
            HardwareOrder.created_at,
            HardwareOrder.status_at,
            HardwareOrder.status_by_name,
            HardwareOrder.submitted_by_name,
            HardwareOrder.requester,
            HardwareOrder.rejection_reason,
            HardwareOrder.cancellation_reason,
            HardwareOrder.fulfilled_units,
            HardwareOrder.fulfillable_units,
            Platform.name,
            Account.id,
            Account.name,
            select(ApprovalRequest.approver_name)
            .where(
                ApprovalRequest.order_id == HardwareOrder.id,
                ApprovalRequest.used_at.is_(None),
                ApprovalRequest.closed_at.is_(None),
            )
            .scalar_subquery(),
        )
        .join(Platform, Platform.id == HardwareOrder.platform_id)
        .join(Account, Account.id == HardwareOrder.account_id)
        .where(within(actor, HardwareOrder))
        .order_by(HardwareOrder.id.desc())
        .limit(PAGE_SIZE + 1)
    )
    if not of_everybody:
        # A program has submitted nothing as a person.
        query = query.where(HardwareOrder.submitted_by_id == (actor.id or 0))
    if status is not None:
        query = query.where(HardwareOrder.status == status)
    if before is not None:
        query = query.where(HardwareOrder.id < before)
    rows = db.session.execute(query).all()
    more, rows = len(rows) > PAGE_SIZE, rows[:PAGE_SIZE]
    ids = [row[0] for row in rows]
    items, devices = _items_of(ids), _devices_of(ids)
    return [_my_order(row, items, devices) for row in rows], more


def _my_order(
    row: Any, items: Mapping[int, list[str]], devices: Mapping[int, list[OrderedDevice]]
) -> MyOrder:
    columns: list[Any] = [*row, ", ".join(items.get(row[0], ())), tuple(devices.get(row[0], ()))]
    return MyOrder(*columns)


def _items_of(ids: Sequence[int]) -> dict[int, list[str]]:
    items: dict[int, list[str]] = {}
    for order_id, quantity, make, model in db.session.execute(
        select(LineItem.order_id, LineItem.quantity, LineItem.make, LineItem.model)
        .where(LineItem.order_id.in_(ids))
        .order_by(LineItem.order_id, LineItem.position)
    ):
        items.setdefault(order_id, []).append(f"{quantity} × {title(make, model)}")
    return items


def _devices_of(ids: Sequence[int]) -> dict[int, list[OrderedDevice]]:
    """The first few devices of each order."""
    place = func.row_number().over(partition_by=Unit.order_id, order_by=Unit.id).label("place")
    numbered = (
        select(Unit.order_id, Device.id, Device.identifier_kind, Device.identifier, place)
        .join(Device, Device.unit_id == Unit.id)
        .where(Unit.order_id.in_(ids))
        .subquery()
    )
    devices: dict[int, list[OrderedDevice]] = {}
    for order_id, *device, _ in db.session.execute(
        select(numbered).where(numbered.c.place <= DEVICES_SHOWN).order_by(numbered.c.order_id, "place")
    ):
        devices.setdefault(order_id, []).append(OrderedDevice(*device))
    return devices
