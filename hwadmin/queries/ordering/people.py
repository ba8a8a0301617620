"""For whom and on what an order is booked: the employees and the accounting codes of an account."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, func, or_, select

from hwadmin.db.extensions import db
from hwadmin.domain.ordering.cost_allocation import Share, shares_of
from hwadmin.domain.permissions import Actor
from hwadmin.domain.row_ids import is_valid_id
from hwadmin.domain.text_folding import spellings
from hwadmin.errors import InvalidInput
from hwadmin.models import Account, AccountingCode, Employee
from hwadmin.queries.directory.employees import employee_search
from hwadmin.queries.scope import visible, within
from hwadmin.queries.text_match import plan_for_these_words

# Of employees who hold all words of a name, so many are compared with the whole of it.
_MOST_NAMESAKES = 200


def codes_of(actor: Actor, account: Account, *, archived: bool = False) -> Sequence[AccountingCode]:
    """The accounting codes of an account, with the archived ones last, if they are wanted."""
    query = visible(actor, AccountingCode).where(AccountingCode.account_id == account.id)
    if not archived:
        query = query.where(AccountingCode.archived_at.is_(None))
    return db.session.scalars(
        query.order_by(AccountingCode.archived_at.is_not(None), AccountingCode.code)
    ).all()


@dataclass(frozen=True, slots=True)
class EmployeeChoice:
    """An employee of an account, with what an order copies of them."""

    id: int
    name: str
    number: str | None
    email: str | None
    shares: tuple[Share, ...]


def employee_choices(
    actor: Actor, account: Account, text: str = "", *, limit: int = 10
) -> list[EmployeeChoice]:
    """The active employees of an account for a type-ahead, by words of name, number, e-mail or user name."""
    plan_for_these_words()
    return _employees(actor, account, employee_search(text), limit=limit)


def employee_choice(actor: Actor, account: Account, employee_id: int) -> EmployeeChoice | None:
    """One active employee of an account, or None."""
    if not is_valid_id(employee_id):
        return None
    return next(iter(_employees(actor, account, Employee.id == employee_id)), None)


def employees_by_id(
    actor: Actor, account: Account, employee_ids: Collection[int]
) -> dict[int, EmployeeChoice]:
    """The active employees of an account among these, by key."""
    if not employee_ids:
        return {}
    return {choice.id: choice for choice in _employees(actor, account, Employee.id.in_(employee_ids))}


def employee_named(actor: Actor, account: Account, text: str, field: str) -> int | None:
    """The key of the one active employee with this name, number or e-mail address; None for no text.

    Raises:
        InvalidInput: at the field, where nobody fits, or more than one employee does.
    """
    name = " ".join(text.replace("\0", "").split())
    if not name:
        return None
    same = or_(
        Employee.name == name,
        func.lower(Employee.name) == name.lower(),
        Employee.employee_number == name,
        func.lower(Employee.email) == name.lower(),
    )
    # Where nobody is called just the same, accents, case and typographic signs do not count.
    matches = _employees(actor, account, same, limit=2) or [
        choice
        for choice in _employees(actor, account, employee_search(name), limit=_MOST_NAMESAKES)
        if {*spellings(name)} & {*spellings(choice.name)}
    ]
    if len(matches) == 1:
        return matches[0].id
    why = (
        "has several of that name; give the number or the e-mail address"
        if matches
        else "has nobody with that name, number or e-mail address"
    )
    raise InvalidInput.at(field, f"{account.name} {why}.")


def _employees(
    actor: Actor, account: Account, *conditions: ColumnElement[bool], limit: int | None = None
) -> list[EmployeeChoice]:
    rows = db.session.execute(
        select(
            Employee.id,
            Employee.name,
            Employee.employee_number,
            Employee.email,
            Employee.accounting_codes,
        )
        .where(
            within(actor, Employee),
            Employee.account_id == account.id,
            Employee.deactivated_at.is_(None),
            *conditions,
        )
        .order_by(Employee.name, Employee.id)
        .limit(limit)
    )
    return [
        EmployeeChoice(row.id, row.name, row.employee_number, row.email, shares_of(row.accounting_codes))
        for row in rows
    ]
