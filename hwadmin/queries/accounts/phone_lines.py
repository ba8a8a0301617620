"""Phone lines: the numbers of an account, their contracts, and whether they may be upgraded."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, and_, false, func, or_, select
from sqlalchemy.orm import aliased

from hwadmin import identifiers
from hwadmin.clock import utcnow
from hwadmin.db.extensions import db
from hwadmin.domain.lifecycle import OrderStatus
from hwadmin.domain.ordering.upgrade_eligibility import Eligibility, eligibility
from hwadmin.domain.permissions import Actor
from hwadmin.domain.row_ids import is_valid_id
from hwadmin.models import Account, Device, Employee, HardwareOrder, PhoneLine, Unit, reference
from hwadmin.models.catalog import title
from hwadmin.queries.scope import within
from hwadmin.queries.text_match import EMPLOYEES, part_of, plain_words, word_of

_OPEN = (OrderStatus.SUBMITTED, OrderStatus.APPROVED)
_Upgrade = aliased(Unit)


@dataclass(frozen=True, slots=True)
class PhoneLineDetails:
    """A phone line with its user, its device, its contract, and whether it may be upgraded."""

    id: int
    phone_number: str
    mobile_carrier: str
    rate_plan: str | None
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


def lines_of_devices(device_ids: Collection[int]) -> dict[int, tuple[int, str]]:
    """The key and the number of the phone line each device is used with; the older of two."""
    if not device_ids:
        return {}
    rows = db.session.execute(
        select(PhoneLine.device_id, PhoneLine.id, PhoneLine.phone_number)
        .where(PhoneLine.device_id.in_(device_ids), PhoneLine.ended_at.is_(None))
        .order_by(PhoneLine.id.desc())
    )
    return {device_id: (key, number) for device_id, key, number in rows if device_id is not None}


def account_phone_lines(
    actor: Actor, account: Account, *, text: str = "", ended: bool = False, limit: int | None = None
) -> list[PhoneLineDetails]:
    """The phone lines of an account by number, with the ended ones last, if they are wanted.

    Args:
        actor: who asks.
        account: whose lines.
        text: digits of the number, or words of the user's name or the carrier.
        ended: also the lines that are no longer in service.
        limit: the most lines to return.
    """
    conditions: list[ColumnElement[bool]] = [_matches(part) for part in plain_words(text)]
    if not ended:
        conditions.append(PhoneLine.ended_at.is_(None))
    return _select_details(actor, account, *conditions, limit=limit)


def phone_lines_after(
    actor: Actor, account: Account, *conditions: ColumnElement[bool], after: int, limit: int
) -> list[PhoneLineDetails]:
    """The phone lines of an account under these conditions, by key; ``after`` is the last key seen."""
    return _select_details(
        actor, account, *conditions, PhoneLine.id > after, limit=limit, order=(PhoneLine.id,)
    )


def employee_phone_lines(actor: Actor, account: Account, employee_id: int) -> list[PhoneLineDetails]:
    """The phone lines of one person."""
    return _select_details(actor, account, PhoneLine.employee_id == employee_id)


def phone_line_details(actor: Actor, account: Account, line_id: int) -> PhoneLineDetails | None:
    """One phone line of an account, or None."""
    if not is_valid_id(line_id):
        return None
    return next(iter(_select_details(actor, account, PhoneLine.id == line_id)), None)


def _matches(part: str) -> ColumnElement[bool]:
    # Numbers are stored without spaces and dashes.
    digits = "".join(character for character in part if character.isdigit() or character == "+")
    word = word_of(part)
    number = PhoneLine.phone_number.contains(digits, autoescape=True) if digits else false()
    return or_(
        number,
        EMPLOYEES.holds(word),
        part_of(word, PhoneLine.mobile_carrier),
    )


def _select_details(
    actor: Actor,
    account: Account,
    *conditions: ColumnElement[bool],
    limit: int | None = None,
    order: Sequence[Any] = (PhoneLine.ended_at.is_not(None), PhoneLine.phone_number),
) -> list[PhoneLineDetails]:
    rows = db.session.execute(
        select(PhoneLine, Employee.name, Device, open_upgrade())
        .outerjoin(Employee, Employee.id == PhoneLine.employee_id)
        # A device that was moved to another account is no longer shown at the line.
        .outerjoin(
            Device,
            and_(Device.id == PhoneLine.device_id, Device.account_id == PhoneLine.account_id),
        )
        .where(within(actor, PhoneLine), PhoneLine.account_id == account.id, *conditions)
        .order_by(*order)
        .limit(limit)
    )
    return [
        _details_of(line, employee_name, device, open_order_id)
        for line, employee_name, device, open_order_id in rows
    ]


def open_upgrade() -> Any:
    """The key of the open order that upgrades a phone line, as a scalar subquery."""
    return (
        select(func.min(_Upgrade.order_id))
        .join(HardwareOrder, HardwareOrder.id == _Upgrade.order_id)
        .where(
            _Upgrade.line_of_service_id == PhoneLine.id,
            HardwareOrder.status.in_(_OPEN),
            _Upgrade.closed_at.is_(None),
            ~select(Device.id).where(Device.unit_id == _Upgrade.id).correlate(_Upgrade).exists(),
        )
        .correlate(PhoneLine)
        .scalar_subquery()
    )


def may_upgrade(line: PhoneLine) -> Eligibility:
    """Whether a phone line may be upgraded today."""
    return eligibility(
        ended=line.ended_at is not None,
        eligible_from=line.eligible_from,
        contract_ends_on=line.contract_ends_on,
        contract_balance=line.contract_balance,
        currency=line.currency,
        today=utcnow().date(),
    )


def _details_of(
    line: PhoneLine, employee_name: str | None, device: Device | None, open_order_id: int | None
) -> PhoneLineDetails:
    return PhoneLineDetails(
        id=line.id,
        phone_number=line.phone_number,
        mobile_carrier=line.mobile_carrier,
        rate_plan=line.rate_plan,
        employee_id=line.employee_id,
        employee_name=employee_name,
        device_id=device.id if device else None,
        device_title=title(device.make, device.model) if device else None,
        device_identifier=identifiers.display(device.identifier_kind, device.identifier) if device else None,
        contract_term_months=line.contract_term_months,
        contract_ends_on=line.contract_ends_on,
        contract_balance=line.contract_balance,
        currency=line.currency,
        eligible_from=line.eligible_from,
        ended_at=line.ended_at,
        eligibility=may_upgrade(line),
        open_order=None if open_order_id is None else reference(open_order_id),
    )
