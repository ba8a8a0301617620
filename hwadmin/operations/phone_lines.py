"""Lines of service of an account: kept by hand or from a list of the carrier's."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import select

from hwadmin.amounts import money
from hwadmin.clock import utcnow
from hwadmin.errors import FieldError, InvalidInput, WrongState
from hwadmin.extensions import db
from hwadmin.kinds import Kind
from hwadmin.models import Account, Device, Employee, LineOfService
from hwadmin.operations import audit
from hwadmin.operations.catalog import amount
from hwadmin.operations.platforms import assign, find, insert_or_ignore, on, refuse
from hwadmin.permissions import Actor, Permission, require
from hwadmin.queries.spares import reservations
from hwadmin.texts import Problems

LONGEST_TERM = 120
MOST_AT_ONCE = 5000
_BETWEEN = re.compile(r"[\s()./\-\u2010-\u2015]+")
_NUMBER = re.compile(r"\+?[0-9]{3,15}")


@dataclass(frozen=True, slots=True)
class NewServiceLine:
    """A line of service, as somebody typed it or a carrier's list has it. The currency is the platform's."""

    phone_number: str
    mobile_carrier: str
    employee_id: int | None = None
    device_id: int | None = None
    contract_term_months: int | None = None
    contract_ends_on: date | None = None
    contract_balance: Decimal | str | None = None
    eligible_from: date | None = None


_LABELS = {
    "phone_number": "number",
    "mobile_carrier": "carrier",
    "contract_term_months": "term",
    "contract_ends_on": "contract end",
    "contract_balance": "balance",
    "eligible_from": "eligible from",
}


def plain_number(typed: str) -> str | None:
    """A phone number as it is kept: digits, with a plus in front of the country; None where it is none."""
    # 0031 is +31, and +31 (0) 6 is +31 6.
    said = _BETWEEN.sub("", typed.strip().replace("(0)", ""))
    said = f"+{said[2:]}" if said.startswith("00") else said
    return said if said.isascii() and _NUMBER.fullmatch(said) else None


def add_service_line(actor: Actor, account_id: int, new: NewServiceLine) -> LineOfService:
    """Add a mobile number to an account.

    Raises:
        InvalidInput: every problem at once, each at its field; a number is there once.
    """
    require(actor, Permission.ACCOUNTS_WRITE)
    account = find(actor, Account, account_id)
    problems = Problems()
    columns = _checked(problems, account, new, None)
    refuse(problems)
    line = insert_or_ignore(
        LineOfService,
        account_id=account.id,
        platform_id=account.platform_id,
        currency=account.platform.currency,
        **columns,
    )
    if line is None:
        raise InvalidInput.at("phone_number", _taken(account, columns["phone_number"]))
    _note(actor, line, f"Added the line {line.phone_number} with {line.mobile_carrier}")
    return line


def change_service_line(actor: Actor, line_id: int, new: NewServiceLine) -> LineOfService:
    """Correct what is known of a line of service, or write down its new contract.

    Raises:
        InvalidInput: every problem at once, each at its field.
    """
    require(actor, Permission.ACCOUNTS_WRITE)
    line = find(actor, LineOfService, line_id, lock=True)
    problems = Problems()
    columns = _checked(problems, line.account, new, line)
    number = columns["phone_number"]
    if not problems.errors and number != line.phone_number and _holder(line.account, number) is not None:
        problems.add("phone_number", _taken(line.account, number))
    refuse(problems)
    before = line.phone_number
    said = _differences(line, columns)
    if said:
        _note(actor, line, f"Changed the line {before}: {', '.join(said)}")
    return line


def end_service_line(actor: Actor, line_id: int) -> LineOfService:
    """Note that a number is in service no more. Its history stays.

    Raises:
        WrongState: where that is noted already.
    """
    require(actor, Permission.ACCOUNTS_WRITE)
    line = find(actor, LineOfService, line_id, lock=True)
    if line.ended_at is not None:
        raise WrongState(f"{line.phone_number} has been out of service since {on(line.ended_at)}.")
    line.ended_at = utcnow()
    _note(actor, line, f"Ended the line {line.phone_number}")
    return line


def restore_service_line(actor: Actor, line_id: int) -> LineOfService:
    """Note that a number is in service again.

    Raises:
        WrongState: where it is in service.
    """
    require(actor, Permission.ACCOUNTS_WRITE)
    line = find(actor, LineOfService, line_id, lock=True)
    if line.ended_at is None:
        raise WrongState(f"{line.phone_number} is in service.")
    line.ended_at = None
    _note(actor, line, f"Restored the line {line.phone_number}")
    return line


def _checked(
    problems: Problems, account: Account, new: NewServiceLine, line: LineOfService | None
) -> dict[str, Any]:
    typed = problems.text("phone_number", new.phone_number, most=40, required="Give the phone number.")
    number = plain_number(typed) if typed else None
    if typed and number is None:
        problems.add("phone_number", "Write a phone number of 3 to 15 digits, such as +353 86 123 4567.")
    carrier = problems.text("mobile_carrier", new.mobile_carrier, most=60, required="Say with which carrier.")
    term = new.contract_term_months
    if term is not None and not 1 <= term <= LONGEST_TERM:
        problems.add("contract_term_months", f"Give the term in months, 1 to {LONGEST_TERM}.")
    balance = None
    if new.contract_balance is not None and str(new.contract_balance).strip():
        balance = amount(problems, "contract_balance", new.contract_balance, "The balance")
    return {
        "phone_number": number or "",
        "mobile_carrier": carrier or "",
        "employee_id": _employee(problems, account, new.employee_id, line),
        "device_id": _device(problems, account, new.device_id, line),
        "contract_term_months": term,
        "contract_ends_on": new.contract_ends_on,
        "contract_balance": balance,
        "eligible_from": new.eligible_from,
    }


def _employee(
    problems: Problems, account: Account, key: int | None, line: LineOfService | None
) -> int | None:
    if key is None:
        return None
    query = select(Employee).where(Employee.id == key, Employee.account_id == account.id)
    employee = db.session.scalars(query).one_or_none() if 0 < key < 2**63 else None
    if employee is None:
        problems.add("employee_id", "There is no such employee on this account.")
    elif employee.deactivated_at is not None and (line is None or line.employee_id != employee.id):
        problems.add("employee_id", f"{employee.name} has left this account.")
    return key


def _device(problems: Problems, account: Account, key: int | None, line: LineOfService | None) -> int | None:
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
    device = db.session.scalars(query).one_or_none() if 0 < key < 2**63 else None
    kept = reservations([device.id]).get(device.id) if device is not None else None
    if device is None:
        problems.add("device_id", "There is no such mobile on this account.")
    elif kept is not None:
        problems.add("device_id", f"This mobile is kept for {kept}.")
    return key


def _differences(line: LineOfService, columns: dict[str, Any]) -> list[str]:
    """Give the line its new values; say what was different, people and devices by name."""
    said = []
    for name, model, words in (
        ("employee_id", Employee, lambda row: row.name),
        ("device_id", Device, lambda row: row.title),
    ):
        before, after = getattr(line, name), columns[name]
        if before != after:
            old, new = (_said(model, key, words) for key in (before, after))
            said.append(f"{name.removesuffix('_id')} {old} → {new}")
            setattr(line, name, after)
    for name in ("contract_ends_on", "eligible_from", "contract_balance"):
        before, after = getattr(line, name), columns[name]
        if before != after:
            old, new = (_spoken(line, value) for value in (before, after))
            said.append(f"{_LABELS[name]} {old} → {new}")
            setattr(line, name, after)
    plain = ("phone_number", "mobile_carrier", "contract_term_months")
    said += assign(line, _LABELS, **{name: columns[name] for name in plain})
    db.session.expire(line, ["employee", "device"])
    return said


def _said(model: type[Any], key: int | None, words: Callable[[Any], str]) -> str:
    row = db.session.get(model, key) if key is not None else None
    return words(row) if row is not None else "none"


def _spoken(line: LineOfService, value: date | Decimal | None) -> str:
    if value is None:
        return "none"
    return money(value, line.currency) if isinstance(value, Decimal) else f"{value.day} {value:%b %Y}"


def _holder(account: Account, number: str) -> LineOfService | None:
    return db.session.scalars(
        select(LineOfService).where(
            LineOfService.account_id == account.id, LineOfService.phone_number == number
        )
    ).one_or_none()


def _taken(account: Account, number: str) -> str:
    holder = _holder(account, number)
    ended = "; it is out of service and can be restored" if holder is not None and holder.ended_at else ""
    return f"{account.name} has the line {number} already{ended}."


def _note(actor: Actor, line: LineOfService, summary: str) -> None:
    audit.record(
        actor, "account.changed", summary, account=line.account, details={"phone_number": line.phone_number}
    )


# ---- From a list


@dataclass(frozen=True, slots=True)
class Imported:
    """What a list changed."""

    added: int
    changed: int
    unchanged: int


def import_service_lines(
    actor: Actor, account_id: int, rows: Sequence[tuple[int, NewServiceLine]]
) -> Imported:
    """Add the lines of a list, and bring those up to date that are there already; none is ended by it.

    The device and the user a line has stay where the list names none. The same list again changes nothing.

    Args:
        actor: who imports.
        account_id: the account.
        rows: the lines, each with its row in the list.

    Raises:
        InvalidInput: every problem of every row, at ``rows.12.phone_number`` and so on.
    """
    require(actor, Permission.ACCOUNTS_WRITE)
    account = find(actor, Account, account_id)
    if len(rows) > MOST_AT_ONCE:
        raise InvalidInput.at("rows", f"Import {MOST_AT_ONCE:,} lines at most at once.")
    there = {
        line.phone_number: line
        for line in db.session.scalars(
            select(LineOfService).where(LineOfService.account_id == account.id).with_for_update()
        )
    }
    errors: list[FieldError] = []
    seen: dict[str, int] = {}
    wanted: list[tuple[LineOfService | None, dict[str, Any]]] = []
    for number, new in rows:
        problems = Problems()
        line = there.get(plain_number(new.phone_number or "") or "")
        if line is not None:
            new = replace(
                new,
                employee_id=line.employee_id if new.employee_id is None else new.employee_id,
                device_id=line.device_id,
            )
        columns = _checked(problems, account, new, line)
        first = seen.setdefault(columns["phone_number"], number)
        if first != number and columns["phone_number"]:
            problems.add("phone_number", f"This number stands in row {first} already.")
        errors += [FieldError(f"rows.{number}.{error.field}", error.message) for error in problems.errors]
        wanted.append((line, columns))
    if errors:
        raise InvalidInput(errors)
    added = changed = 0
    for line, columns in wanted:
        if line is None:
            db.session.add(
                LineOfService(
                    account_id=account.id,
                    platform_id=account.platform_id,
                    currency=account.platform.currency,
                    **columns,
                )
            )
            added += 1
        elif _differences(line, columns):
            changed += 1
    if added or changed:
        audit.record(
            actor,
            "account.changed",
            f"Imported lines of service: {added} added, {changed} changed",
            account=account,
        )
    return Imported(added, changed, len(rows) - added - changed)
