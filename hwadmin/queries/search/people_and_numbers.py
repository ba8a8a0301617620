"""Searching people on accounts: employees, and the numbers of their phone lines."""

from __future__ import annotations

import re
from collections.abc import Sequence

from sqlalchemy import ColumnElement, and_, or_, select, union

from hwadmin.db.extensions import db
from hwadmin.domain.permissions import Actor
from hwadmin.models import Account, Employee, PhoneLine, Platform
from hwadmin.queries.scope import within
from hwadmin.queries.search.hits import MAX_HITS, EmployeeHit, PhoneLineHit
from hwadmin.queries.text_match import ACCOUNTS, EMPLOYEES, NUMBERS, SearchWord, number_in, word_of

# Digits in groups, of which a search needs at least the last six.
_PHONE = re.compile(r"[+(]{0,2}[0-9][0-9 ()./-]{4,30}", re.ASCII)
_SHORTEST_NUMBER = 6


# ---- Phone lines


def matching_lines(actor: Actor, text: str) -> Sequence[PhoneLineHit]:
    """The phone lines with this number in any of its writings."""
    numbers = phone_numbers(text)
    if not numbers:
        return []
    held = [NUMBERS.holds(word_of(number)) for number in numbers]
    rows = db.session.execute(
        select(
            PhoneLine.id,
            PhoneLine.phone_number,
            PhoneLine.mobile_carrier,
            PhoneLine.ended_at,
            PhoneLine.employee_id,
            Employee.name.label("employee_name"),
            PhoneLine.account_id,
            Account.name.label("account_name"),
            Platform.name.label("platform_name"),
        )
        .join(Account, Account.id == PhoneLine.account_id)
        .join(Platform, Platform.id == PhoneLine.platform_id)
        .outerjoin(Employee, Employee.id == PhoneLine.employee_id)
        .where(within(actor, PhoneLine), or_(*held))
        .order_by(PhoneLine.id)
        .limit(MAX_HITS + 1)
    )
    return [PhoneLineHit(**row._mapping) for row in rows]


def phone_numbers(text: str) -> list[str]:
    """Digits that are part of a stored phone number if the text is one, in any writing; none if it is not.

    A number searched with its country code may be stored without it, with a zero in front, and the reverse.
    """
    text = number_in(text)
    if not _PHONE.fullmatch(text):
        return []
    digits = "".join(character for character in text if character.isdigit())
    international = text.startswith(("+", "00"))
    if international and "(0)" in text:
        # "+49 (0)151": the zero is dialled at home only.
        digits = "".join(character for character in text.replace("(0)", "", 1) if character.isdigit())
    number = digits.removeprefix("00") if international else digits.removeprefix("0")
    if len(number) < _SHORTEST_NUMBER:
        return []
    # Country codes have one to three digits.
    if international and len(number) > 9:
        return [number, *("0" + number[code:] for code in (1, 2, 3))]
    return [number]


# ---- Employees


def matching_employees(actor: Actor, terms: Sequence[SearchWord]) -> Sequence[EmployeeHit]:
    """The employees who hold every word; words of their account may stand before or behind."""
    # Each combination uses an index of its own; an OR over two tables would use none.
    selections = [
        select(
            select(Employee.id)
            .where(within(actor, Employee), combination)
            .limit(MAX_HITS + 1)
            .subquery()
            .c.id
        )
        for combination in _combinations(terms)
    ]
    chosen = union(*selections).subquery()
    rows = db.session.execute(
        select(
            Employee.id,
            Employee.name,
            Employee.email,
            Employee.employee_number,
            Employee.deactivated_at,
            Employee.account_id,
            Account.name.label("account_name"),
            Platform.name.label("platform_name"),
        )
        .join(Account, Account.id == Employee.account_id)
        .join(Platform, Platform.id == Employee.platform_id)
        .join(chosen, chosen.c.id == Employee.id)
        .where(within(actor, Employee))
        .limit(MAX_HITS + 1)
    )
    return [EmployeeHit(**row._mapping) for row in rows]


def _combinations(terms: Sequence[SearchWord]) -> list[ColumnElement[bool]]:
    """The words all match the employee; or the first ones do and the rest the account, or the reverse."""
    own = [EMPLOYEES.holds(term) for term in terms]
    combinations = [and_(*own)]
    # One character is in no index: by it alone, the whole table would be read each time.
    known = [term.indexed or bool(term.behind) for term in terms]
    for split in range(1, len(terms)):
        for own_part, of_account in (
            (slice(split), terms[split:]),
            (slice(split, None), terms[:split]),
        ):
            if not any(known[own_part]):
                continue
            account = select(Account.id).where(*map(ACCOUNTS.holds, of_account))
            if any(term.findable for term in of_account):
                in_account: ColumnElement[bool] = Employee.account_id.in_(account)
            else:
                in_account = account.where(Account.id == Employee.account_id).correlate(Employee).exists()
            combinations.append(and_(*own[own_part], in_account))
    return combinations
