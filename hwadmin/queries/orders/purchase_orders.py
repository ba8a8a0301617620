"""The purchase order of an approved order."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import func, select

from hwadmin.db.extensions import db
from hwadmin.domain.lifecycle import OrderStatus
from hwadmin.errors import WrongState
from hwadmin.models import Distributor, Employee, HardwareOrder, LineItem, PhoneLine, Unit
from hwadmin.queries.catalog.distributors import article_numbers, get_distributor
from hwadmin.rendering.purchase_order import PurchaseLine, PurchaseOrder

_BOUGHT = (OrderStatus.APPROVED, OrderStatus.FULFILLED)


def has_purchase_order(order: HardwareOrder) -> bool:
    """Whether something is bought for the order: it is approved, and not all of it comes from spares."""
    return order.status in _BOUGHT and not all(line.from_spare for line in order.lines)


def purchase_order_of(
    order: HardwareOrder, buyer: str | None = None, distributor: Distributor | None = None
) -> PurchaseOrder:
    """What is bought for an order; what comes from the account's spares is left out.

    Args:
        order: with its platform, account, lines and where it is shipped to.
        buyer: who buys, name and address, where the deployment states it.
        distributor: who it is for, where it is not placed yet.

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
    if distributor is None and order.distributor_id is not None:
        distributor = get_distributor(order.distributor_id)
    items = [line.catalog_item_id for line in order.lines]
    articles = article_numbers(distributor.id, items) if distributor is not None else {}
    return PurchaseOrder(
        reference=order.reference,
        platform=order.platform.name,
        account=order.account.name,
        approved_on=order.decided_at.date() if order.decided_at else None,
        lines=[
            _purchase_line(line, upgrades.get(line.id, ()), articles.get(line.catalog_item_id))
            for line in order.lines
            if not line.from_spare
        ],
        buyer=buyer or None,
        ship_to=order.ship_to.name if order.ship_to else None,
        address=(order.ship_to.address or None) if order.ship_to else None,
        attention=order.attention,
        requester=order.requester,
        notes=order.notes,
        distributor=distributor.name if distributor is not None else order.distributor,
        distributor_reference=order.distributor_reference,
        ordered_on=order.ordered_on,
        customer_number=distributor.customer_number if distributor is not None else None,
    )


def _purchase_line(line: LineItem, upgrades: Iterable[str], article_number: str | None) -> PurchaseLine:
    return PurchaseLine(
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
        upgrades=tuple(upgrades),
        article_number=article_number,
    )


def _upgrades(order_id: int) -> dict[int, list[str]]:
    """The phone numbers that each line upgrades, with their users: the carrier needs both."""
    upgrades: dict[int, list[str]] = {}
    for line_id, number, name in db.session.execute(
        select(Unit.line_id, PhoneLine.phone_number, func.coalesce(Unit.user_name, Employee.name))
        .join(PhoneLine, PhoneLine.id == Unit.line_of_service_id)
        .outerjoin(Employee, Employee.id == Unit.employee_id)
        .where(Unit.order_id == order_id)
        .order_by(Unit.id)
    ):
        upgrades.setdefault(line_id, []).append(f"{number} ({name})" if name else number)
    return upgrades
