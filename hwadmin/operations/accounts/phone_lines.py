"""The phone lines of an account: adding, changing, ending and restoring one."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import select

from hwadmin.clock import utcnow
from hwadmin.db.extensions import db
from hwadmin.db.lookup import insert_or_ignore
from hwadmin.domain.dates import format_datetime
from hwadmin.domain.device_kinds import Kind
from hwadmin.domain.money import money
from hwadmin.domain.permissions import Actor, Permission, require
from hwadmin.domain.row_ids import is_valid_id
from hwadmin.domain.text_validation import Problems, refuse
from hwadmin.domain.wording import describe_change
from hwadmin.errors import InvalidInput, WrongState
from hwadmin.models import Account, Device, Employee, PhoneLine
from hwadmin.operations.audit.account_events import record_account_changed
from hwadmin.operations.audit.changes import describe_value
from hwadmin.operations.catalog.items import amount
from hwadmin.operations.devices.placement import checked_employee_of, lock_device
from hwadmin.queries.devices.spares import reservations
from hwadmin.queries.scope import find

LONGEST_TERM = 120
_BETWEEN = re.compile(r"[\s()./\-\u2010-\u2015]+")
_NUMBER = re.compile(r"\+?[0-9]{3,15}")


@dataclass(frozen=True, slots=True)
class NewPhoneLine:
    """A phone line as typed, or as a carrier's list has it. Its currency is that of the platform."""

    phone_number: str
    mobile_carrier: str
    employee_id: int | None = None
    device_id: int | None = None
    contract_term_months: int | None = None
    contract_ends_on: date | None = None
    contract_balance: Decimal | str | None = None
    eligible_from: date | None = None
    rate_plan: str | None = None


_LABELS = {
    "employee_id": "employee",
    "device_id": "device",
    "phone_number": "number",
    "mobile_carrier": "carrier",
    "rate_plan": "rate plan",
    "contract_term_months": "term",
    "contract_ends_on": "contract end",
    "contract_balance": "balance",
    "eligible_from": "eligible from",
}


def plain_number(text: str) -> str | None:
    """A phone number as it is stored: digits, with a plus before the country code; None where it is none."""
    # 0031 is +31, and +31 (0) 6 is +31 6.
    number = _BETWEEN.sub("", text.strip().replace("(0)", ""))
    number = f"+{number[2:]}" if number.startswith("00") else number
    return number if number.isascii() and _NUMBER.fullmatch(number) else None


def add_phone_line(actor: Actor, account_id: int, new: NewPhoneLine) -> PhoneLine:
    """Add a mobile number to an account.

    Raises:
        InvalidInput: every problem at once, each at its field; a number is there once.
    """
    require(actor, Permission.ACCOUNTS_WRITE)
    account = find(actor, Account, account_id)
    problems = Problems()
    columns = checked_columns(problems, account, new, None)
    refuse(problems)
    line = insert_or_ignore(
        PhoneLine,
        account_id=account.id,
        platform_id=account.platform_id,
        currency=account.platform.currency,
        **columns,
    )
    if line is None:
        raise InvalidInput.at("phone_number", _taken(account, columns["phone_number"]))
    _note(actor, line, f"Added the line {line.phone_number} with {line.mobile_carrier}")
    return line


def change_phone_line(actor: Actor, line_id: int, new: NewPhoneLine) -> PhoneLine:
    """Correct what is known of a phone line, or write down its new contract.

    Raises:
        InvalidInput: every problem at once, each at its field.
    """
    require(actor, Permission.ACCOUNTS_WRITE)
    if new.device_id is not None:
        # Before the line: whoever replaces a device has it, and goes on to its line.
        lock_device(new.device_id)
    line = find(actor, PhoneLine, line_id, lock=True)
    problems = Problems()
    columns = checked_columns(problems, line.account, new, line)
    number = columns["phone_number"]
    if not problems.errors and number != line.phone_number and _holder(line.account, number) is not None:
        problems.add("phone_number", _taken(line.account, number))
    refuse(problems)
    before = line.phone_number
    changes = update_line(line, columns)
    if changes:
        _note(actor, line, f"Changed the line {before}: {', '.join(changes)}")
    return line


def end_phone_line(actor: Actor, line_id: int) -> PhoneLine:
    """Note that a number is no longer in service. Its history stays.

    Raises:
        WrongState: where that is noted already.
    """
    require(actor, Permission.ACCOUNTS_WRITE)
    line = find(actor, PhoneLine, line_id, lock=True)
    if line.ended_at is not None:
        raise WrongState(
            f"{line.phone_number} has been out of service since {format_datetime(line.ended_at)}."
        )
    line.ended_at = utcnow()
    _note(actor, line, f"Ended the line {line.phone_number}")
    return line


def restore_phone_line(actor: Actor, line_id: int) -> PhoneLine:
    """Note that a number is in service again.

    Raises:
        WrongState: where it is in service.
    """
    require(actor, Permission.ACCOUNTS_WRITE)
    line = find(actor, PhoneLine, line_id, lock=True)
    if line.ended_at is None:
        raise WrongState(f"{line.phone_number} is in service.")
    line.ended_at = None
    _note(actor, line, f"Restored the line {line.phone_number}")
    return line


def checked_columns(
    problems: Problems, account: Account, new: NewPhoneLine, line: PhoneLine | None
) -> dict[str, Any]:
    """The column values of a line; its problems are added, each at its field. ``line``: the present one."""
    text = problems.text("phone_number", new.phone_number, most=40, required="Give the phone number.")
    number = plain_number(text) if text else None
    if text and number is None:
        problems.add("phone_number", "Write a phone number of 3 to 15 digits, such as +353 86 123 4567.")
    carrier = problems.text("mobile_carrier", new.mobile_carrier, most=60, required="Name the carrier.")
    term = new.contract_term_months
    if term is not None and not 1 <= term <= LONGEST_TERM:
        problems.add("contract_term_months", f"Give the term in months, 1 to {LONGEST_TERM}.")
    # The device before the employee, in the order in which everybody locks them.
    device_id = _device(problems, account, new.device_id, line)
    if new.employee_id is not None:
        present_id = line.employee_id if line else None
        checked_employee_of(account, new.employee_id, problems, present_id=present_id)
    balance = None
    if new.contract_balance is not None and str(new.contract_balance).strip():
        balance = amount(problems, "contract_balance", new.contract_balance, "The balance")
    return {
        "phone_number": number or "",
        "mobile_carrier": carrier or "",
        "rate_plan": problems.text("rate_plan", new.rate_plan, most=120),
        "employee_id": new.employee_id,
        "device_id": device_id,
        "contract_term_months": term,
        "contract_ends_on": new.contract_ends_on,
        "contract_balance": balance,
        "eligible_from": new.eligible_from,
    }


def _device(problems: Problems, account: Account, key: int | None, line: PhoneLine | None) -> int | None:
    if key is None or (line is not None and line.device_id == key):
        return key
    query = (
        select(Device)
        .where(
            Device.id == key,
            Device.account_id == account.id,
            Device.kind == Kind.MOBILE,
            Device.retired_at.is_(None),
        )
        .with_for_update()
    )
    device = db.session.scalars(query).one_or_none() if is_valid_id(key) else None
    reserved_for = reservations([device.id]).get(device.id) if device is not None else None
    if device is None:
        problems.add("device_id", "There is no such mobile on this account.")
    elif reserved_for is not None:
        problems.add("device_id", f"This mobile is kept for {reserved_for}.")
    return key


def update_line(line: PhoneLine, columns: dict[str, Any]) -> list[str]:
    """Set the new values of a line; returns what changed, with employees and devices by name."""
    words = LineWords(
        line.currency,
        lambda key: _name_of(Employee, key, lambda row: row.name),
        lambda key: _name_of(Device, key, lambda row: row.title),
    )
    changes = words.changes(line, columns)
    set_columns(line, columns)
    return changes


def set_columns(line: PhoneLine, columns: dict[str, Any]) -> None:
    """Set the new values of a line."""
    for name, value in columns.items():
        setattr(line, name, value)
    db.session.expire(line, ["employee", "device"])


@dataclass(frozen=True, slots=True)
class LineWords:
    """Says what the values of phone lines are, with employees and devices by name."""

    currency: str
    employee_name: Callable[[int | None], str]
    device_title: Callable[[int | None], str]

    def changes(self, line: PhoneLine, columns: dict[str, Any]) -> list[str]:
        """What the new values would change of a line: ``carrier “KPN” → “Telia”``."""
        return [
            describe_change(_LABELS[name], self._value(name, getattr(line, name)), self._value(name, value))
            for name, value in columns.items()
            if getattr(line, name) != value
        ]

    def values(self, columns: dict[str, Any]) -> list[str]:
        """What a new line would hold beside its number: ``contract end 4 Mar 2027``."""
        return [
            f"{_LABELS[name]} {self._value(name, value)}"
            for name, value in columns.items()
            if name != "phone_number" and value is not None
        ]

    def _value(self, name: str, value: Any) -> str:
        if name == "employee_id":
            return self.employee_name(value)
        if name == "device_id":
            return self.device_title(value)
        if isinstance(value, Decimal):
            return money(value, self.currency)
        return describe_value(value)


def _name_of(model: type[Any], key: int | None, describe: Callable[[Any], str]) -> str:
    row = db.session.get(model, key) if key is not None else None
    return describe(row) if row is not None else "none"


def _holder(account: Account, number: str) -> PhoneLine | None:
    return db.session.scalars(
        select(PhoneLine).where(PhoneLine.account_id == account.id, PhoneLine.phone_number == number)
    ).one_or_none()


def _taken(account: Account, number: str) -> str:
    holder = _holder(account, number)
    ended = "; it is out of service and can be restored" if holder is not None and holder.ended_at else ""
    return f"{account.name} has the line {number} already{ended}."


def _note(actor: Actor, line: PhoneLine, summary: str) -> None:
    record_account_changed(actor, line.account, summary, phone_number=line.phone_number)
