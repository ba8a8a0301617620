"""Lines of service: the numbers of an account, their contracts, and whether they may be upgraded."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, and_, false, func, or_, select
from sqlalchemy.orm import aliased

from hwadmin import identifiers
from hwadmin.clock import utcnow
from hwadmin.eligibility import Eligibility, eligibility
from hwadmin.extensions import db
from hwadmin.identifiers.kinds import IdentifierKind
from hwadmin.lifecycle import OrderStatus
from hwadmin.models import Account, Device, Employee, HardwareOrder, LineOfService, Unit, reference
from hwadmin.models.catalog import title
from hwadmin.permissions import Actor
from hwadmin.queries.accounts import patterns
from hwadmin.queries.scope import within

_OPEN = (OrderStatus.SUBMITTED, OrderStatus.APPROVED)
_Upgrade = aliased(Unit)


@dataclass(frozen=True, slots=True)
class ServiceLine:
    """A line of service with its user, its device, its contract, and whether it may be upgraded."""

    id: int
    phone_number: str
    mobile_carrier: str
    employee_id: int | None
    employee_name: str | None
    device_id: int | None
    device_title: str | None
    device_identifier: str | None
    contract_term_months: int | None
    contract_ends_on: date | None
    contract_balance: Decimal | None
    currency: str
    eligible_from: date | None
    ended_at: datetime | None
    eligibility: Eligibility
    # The order that upgrades it at present.
    open_order: str | None


def service_lines(
    actor: Actor, account: Account, *, text: str = "", ended: bool = False, limit: int | None = None
) -> list[ServiceLine]:
    """The lines of service of an account by number, those that have ended only if asked for, and then last.

    Args:
        actor: who asks.
        account: whose lines.
        text: digits of the number, or words of the user's name or the carrier.
        ended: those in service no more as well.
        limit: so many at most.
    """
    conditions: list[ColumnElement[bool]] = [_told(pattern) for pattern in patterns(text.replace("\0", ""))]
    if not ended:
        conditions.append(LineOfService.ended_at.is_(None))
    return _service_lines(actor, account, *conditions, limit=limit)


def service_lines_of(actor: Actor, account: Account, employee_id: int) -> list[ServiceLine]:
    """The lines of service of one person."""
    return _service_lines(actor, account, LineOfService.employee_id == employee_id)


def service_line(actor: Actor, account: Account, line_id: int) -> ServiceLine | None:
    """One line of service of an account, or None."""
    if not 0 < line_id < 2**63:
        return None
    return next(iter(_service_lines(actor, account, LineOfService.id == line_id)), None)


def _told(pattern: str) -> ColumnElement[bool]:
    # A word of digits is looked for as the number is kept, without what people write between.
    digits = "".join(character for character in pattern if character.isdigit() or character == "+")
    number = LineOfService.phone_number.contains(digits, autoescape=True) if digits else false()
    return or_(
        number,
        Employee.name.ilike(pattern, escape="\\"),
        LineOfService.mobile_carrier.ilike(pattern, escape="\\"),
    )


def _service_lines(
    actor: Actor, account: Account, *conditions: ColumnElement[bool], limit: int | None = None
) -> list[ServiceLine]:
    rows = db.session.execute(
        select(
            LineOfService,
            Employee.name,
            Device.make,
            Device.model,
            Device.identifier_kind,
            Device.identifier,
            open_upgrade(),
        )
        .outerjoin(Employee, Employee.id == LineOfService.employee_id)
        # What was moved to another account is not this line's any more.
        .outerjoin(
            Device,
            and_(Device.id == LineOfService.device_id, Device.account_id == LineOfService.account_id),
        )
        .where(within(actor, LineOfService), LineOfService.account_id == account.id, *conditions)
        .order_by(LineOfService.ended_at.is_not(None), LineOfService.phone_number)
        .limit(limit)
    )
    return [_as_service_line(*row) for row in rows]


def open_upgrade() -> Any:
    """The key of the open order that upgrades a line of service, as a scalar subquery."""
    return (
        select(func.min(_Upgrade.order_id))
        .join(HardwareOrder, HardwareOrder.id == _Upgrade.order_id)
        .where(
            _Upgrade.line_of_service_id == LineOfService.id,
            HardwareOrder.status.in_(_OPEN),
            _Upgrade.closed_at.is_(None),
            ~select(Device.id).where(Device.unit_id == _Upgrade.id).correlate(_Upgrade).exists(),
        )
        .correlate(LineOfService)
        .scalar_subquery()
    )


def may_upgrade(line: LineOfService) -> Eligibility:
    """Whether a line of service may be upgraded today."""
    return eligibility(
        ended=line.ended_at is not None,
        eligible_from=line.eligible_from,
        contract_ends_on=line.contract_ends_on,
        contract_balance=line.contract_balance,
        currency=line.currency,
        today=utcnow().date(),
    )


def _as_service_line(
    line: LineOfService,
    employee: str | None,
    make: str | None,
    model: str | None,
    kind: IdentifierKind | None,
    identifier: str | None,
    order_id: int | None,
) -> ServiceLine:
    return ServiceLine(
        id=line.id,
        phone_number=line.phone_number,
        mobile_carrier=line.mobile_carrier,
        employee_id=line.employee_id,
        employee_name=employee,
        device_id=line.device_id if make else None,
        device_title=title(make, model) if make and model else None,
        device_identifier=identifiers.display(kind, identifier) if kind and identifier else None,
        contract_term_months=line.contract_term_months,
        contract_ends_on=line.contract_ends_on,
        contract_balance=line.contract_balance,
        currency=line.currency,
        eligible_from=line.eligible_from,
        ended_at=line.ended_at,
        eligibility=may_upgrade(line),
        open_order=None if order_id is None else reference(order_id),
    )
