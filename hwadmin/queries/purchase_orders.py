"""An approved order as what is bought for it."""

from __future__ import annotations

from sqlalchemy import func, select

from hwadmin.errors import WrongState
from hwadmin.extensions import db
from hwadmin.lifecycle import OrderStatus
from hwadmin.models import Employee, HardwareOrder, LineOfService, Unit
from hwadmin.paper import PurchaseLine, PurchaseOrder

_BOUGHT = (OrderStatus.APPROVED, OrderStatus.FULFILLED)


def has_purchase_order(order: HardwareOrder) -> bool:
    """Whether something is bought for the order: it is approved, and not all of it comes from spares."""
    return order.status in _BOUGHT and not all(line.from_spare for line in order.lines)


def purchase_order_of(order: HardwareOrder) -> PurchaseOrder:
    """What is bought for an order; what comes from the account's spares is left out.

    Args:
        order: with its platform, account, lines and where it is shipped to.

    Raises:
        WrongState: nothing is bought for it, or not yet.
    """
    if order.status not in _BOUGHT:
        raise WrongState(
            f"{order.reference} has no purchase order: it is {order.status.label}. "
            "There is one once it is approved."
        )
    if not has_purchase_order(order):
        raise WrongState(
            f"{order.reference} has no purchase order: all of it comes from the account’s spares."
        )
    upgrades = _upgrades(order.id)
    return PurchaseOrder(
        reference=order.reference,
        platform=order.platform.name,
        account=order.account.name,
        approved_on=order.decided_at.date() if order.decided_at else None,
        lines=[
            PurchaseLine(
                sku=line.sku,
                make=line.make,
                model=line.model,
                title=line.title,
                quantity=line.quantity,
                unit_price=line.unit_price,
                monthly_price=line.monthly_price,
                currency=line.currency,
                color=line.color,
                size=line.size,
                mobile_carrier=line.mobile_carrier,
                term_months=line.term_months,
                upgrades=tuple(upgrades.get(line.id, ())),
            )
            for line in order.lines
            if not line.from_spare
        ],
        ship_to=order.ship_to.name if order.ship_to else None,
        address=(order.ship_to.address or None) if order.ship_to else None,
        attention=order.attention,
        requester=order.requester,
        notes=order.notes,
        distributor=order.distributor,
        distributor_reference=order.distributor_reference,
        ordered_on=order.ordered_on,
    )


def _upgrades(order_id: int) -> dict[int, list[str]]:
    """Which numbers each line upgrades, and whose they are: the carrier must know."""
    found: dict[int, list[str]] = {}
    for line_id, number, name in db.session.execute(
        select(Unit.line_id, LineOfService.phone_number, func.coalesce(Unit.user_name, Employee.name))
        .join(LineOfService, LineOfService.id == Unit.line_of_service_id)
        .outerjoin(Employee, Employee.id == Unit.employee_id)
        .where(Unit.order_id == order_id)
        .order_by(Unit.id)
    ):
        found.setdefault(line_id, []).append(f"{number} ({name})" if name else number)
    return found
