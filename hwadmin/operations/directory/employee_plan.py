"""Comparing a list of people with the employees of an account, all of them read at once."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from hwadmin.clock import utcnow
from hwadmin.db.extensions import db
from hwadmin.domain.ordering.cost_allocation import WHOLE, Share, shares_of
from hwadmin.domain.people.email_addresses import company_address
from hwadmin.domain.people.person_identity import StatedPerson, email_key, number_key, renames
from hwadmin.domain.people.similar_names import mixed_word
from hwadmin.domain.permissions import Actor
from hwadmin.domain.wording import describe_change
from hwadmin.list_import.cells import is_name_damaged
from hwadmin.list_import.records.employees import HAS_LEFT, WORKS_HERE, name_and_state, whole_name
from hwadmin.list_import.records.plan import ListPlan, PlannedRow, RowOutcome
from hwadmin.list_import.records.record import ListRecord
from hwadmin.models import Employee, Source
from hwadmin.operations.directory.employee_matching import ListedPeople, RowRefused
from hwadmin.queries.scope import visible

# Of the list and of ours: taken as they stand. Their names in words.
_PLAIN = ("title", "department", "division", "organization")


@dataclass(slots=True)
class PlannedPerson(PlannedRow):
    """Somebody of the list, or missing from it (row None), and what becomes of them."""

    employee: Employee | None = None
    values: dict[str, Any] = field(default_factory=dict)
    code: str | None = None
    # The manager as the row names them; who that is: somebody who is here, or somebody of the list.
    manager: str | None = None
    manager_id: int | None = None
    manager_in_list: PlannedPerson | None = None
    # Beside what is changed: whether they leave or come back.
    active: bool | None = None

    def differ(self, column: str, word: str, old: str | None, new: str) -> None:
        """Note that a column is different."""
        self.changes.append(describe_change(word, old or "none", new))
        self.values[column] = new


def known_employees(actor: Actor, account_ids: Collection[int]) -> dict[int, list[Employee]]:
    """The employees a list can mean, by account, those who left included; all of them are read anew."""
    query = visible(actor, Employee).where(
        Employee.account_id.in_(account_ids),
        Employee.anonymized_at.is_(None),
        Employee.merged_into_id.is_(None),
    )
    known: dict[int, list[Employee]] = {account_id: [] for account_id in account_ids}
    for employee in db.session.scalars(query.order_by(Employee.id).execution_options(populate_existing=True)):
        known[employee.account_id].append(employee)
    return known


class EmployeePlanner:
    """Compares a list with the employees of an account."""

    def __init__(self, employees: Sequence[Employee], answers: Mapping[int, str]) -> None:
        self.employees = employees
        self.people = ListedPeople(self.employees, answers)
        # Who is here, by what a manager may be called.
        self.managers: tuple[dict[str, list[Employee]], ...] = ({}, {}, {})
        for employee in self.employees:
            names = (employee.employee_number, employee.email_key, employee.name.casefold())
            for known, name in zip(self.managers, names, strict=True):
                if name and employee.deactivated_at is None:
                    known.setdefault(name, []).append(employee)

    def plan(self, records: Sequence[ListRecord], *, missing_left: bool) -> ListPlan[PlannedPerson]:
        """What every row would do, and what becomes of those who are missing."""
        self.people.expect(_readable(records))
        rows = [self._row(record, missing_left) for record in records]
        _find_managers_in_list(rows, records)
        if missing_left:
            rows += [
                PlannedPerson(
                    None,
                    employee.name,
                    outcome=RowOutcome.DEACTIVATED,
                    changes=["not in the list"],
                    employee=employee,
                    active=False,
                )
                for employee in self.employees
                if employee.source is Source.IMPORT
                and employee.deactivated_at is None
                and employee.id not in self.people.rows
                and not self._may_be_meant(employee, rows)
            ]
        return ListPlan(rows)

    @staticmethod
    def _may_be_meant(employee: Employee, rows: Iterable[PlannedPerson]) -> bool:
        """Whether an open question may be about somebody: then they are not missing."""
        return any(
            row.outcome is RowOutcome.OPEN
            and row.question is not None
            and str(employee.id) in {option.value for option in row.question.options}
            for row in rows
        )

    def _row(self, record: ListRecord, missing_left: bool) -> PlannedPerson:
        title = (
            whole_name(record.values)
            or record.text("email")
            or record.text("employee_number")
            or record.source
        )
        planned = PlannedPerson(record.row, title[:200], index=record.index, sheet=record.sheet)
        try:
            self._understand(planned, record, missing_left)
        except RowRefused as refusal:
            planned.refuse(str(refusal))
        return planned

    def _understand(self, planned: PlannedPerson, record: ListRecord, missing_left: bool) -> None:
        """Find whom the row means and what would be different."""
        if record.problems:
            raise RowRefused(" ".join(record.problems))
        stated = _stated(record)
        match = self.people.match(record.index, planned.place, stated)
        planned.question = match.question
        if match.is_open:
            assert match.question is not None
            planned.outcome, planned.changes = RowOutcome.OPEN, [match.question.sentence]
            return
        before = planned.employee = match.employee
        active = _state(planned, record)
        if before is None:
            if stated.name is None:
                raise RowRefused("Nobody here is meant by it, and to add somebody their name is needed.")
            if active == HAS_LEFT:
                raise RowRefused("They have left, and were never here.")
        stated = _with_zeros(planned, stated, before.employee_number if before else None)
        self.people.claim(record.index, planned.place, stated, before)
        self._compare(planned, record, stated)
        self._decide(planned, active, missing_left)
        if before is not None and before.in_directory and planned.outcome is not RowOutcome.UNCHANGED:
            raise RowRefused(f"{before.name} comes from the HR directory of this account; change it there.")

    def _compare(self, planned: PlannedPerson, record: ListRecord, stated: StatedPerson) -> None:
        before = planned.employee
        if stated.name is not None:
            planned.title = stated.name
            if before is not None and not renames(before.name, stated.name):
                planned.title = before.name
            elif before is not None:
                planned.differ("name", "name", before.name, stated.name)
        elif before is not None:
            planned.title = before.name
        email = next(iter(stated.emails), None)
        if email and (before is None or not before.email or email_key(before.email) != email_key(email)):
            planned.differ("email", "e-mail", before.email if before else None, email)
        if stated.number and (before is None or before.employee_number != stated.number):
            old = before.employee_number if before else None
            planned.differ("employee_number", "number", old, stated.number)
        for column in _PLAIN:
            text = record.text(column)
            if text and (before is None or getattr(before, column) != text):
                planned.differ(column, column, getattr(before, column) if before else None, text)
        self._compare_more(planned, record)

    def _compare_more(self, planned: PlannedPerson, record: ListRecord) -> None:
        """Phone, accounting code and manager, which are no plain texts of ours."""
        before = planned.employee
        phone, code, manager = (record.text(key) for key in ("phone", "cost_center", "manager"))
        if phone and (before is None or before.phone_number != phone):
            planned.differ("phone_numbers", "phone", before.phone_number if before else None, phone)
            planned.values["phone_numbers"] = [{"value": phone, "type": "work"}]
        if code and (before is None or shares_of(before.accounting_codes) != (Share(code, WHOLE),)):
            planned.changes.append(f"accounting code {code}")
            planned.code = code
        if manager:
            found = self._manager(manager)
            if found is not None and before is not None and found.id == before.id:
                raise RowRefused("Nobody is their own manager.")
            if found is None or before is None or before.manager_id != found.id:
                planned.changes.append(f"manager {found.name if found else manager}")
                planned.manager, planned.manager_id = manager, found.id if found else None

    def _manager(self, text: str) -> Employee | None:
        """Whom a manager's name, number or address means."""
        for known, key in zip(self.managers, (text, text.lower(), text.casefold()), strict=True):
            several = known.get(key, [])
            if len(several) > 1:
                raise RowRefused(
                    f"There are {len(several)} employees called “{text}”; name the manager’s number."
                )
            if several:
                return several[0]
        return None

    @staticmethod
    def _decide(planned: PlannedPerson, active: str | None, missing_left: bool) -> None:
        """Whether they leave or come back by it; adding weighs more, changing less."""
        before = planned.employee
        if before is None:
            planned.outcome = RowOutcome.ADDED
            return
        if planned.changes:
            planned.outcome = RowOutcome.CHANGED
        if active == HAS_LEFT and before.deactivated_at is None:
            planned.outcome, planned.active = RowOutcome.DEACTIVATED, False
        if before.deactivated_at is None:
            return
        if active == WORKS_HERE or (active is None and missing_left):
            planned.outcome, planned.active = RowOutcome.RESTORED, True
        elif active is None:
            planned.notes.append("They have left; the list does not say that they are back.")


def _state(planned: PlannedPerson, record: ListRecord) -> str | None:
    """Whether the row says they work here: by its own column, behind the name, or by the day they left."""
    left_on, (_name, state) = record.values.get("left_on"), name_and_state(record.text("name") or "")
    active = record.text("active") or state or None
    if isinstance(left_on, date) and left_on < utcnow().date():
        if active == WORKS_HERE:
            raise RowRefused(f"It says that they work here, and that they left on {left_on}.")
        return HAS_LEFT
    if isinstance(left_on, date) and active != HAS_LEFT:
        planned.notes.append(f"They leave on {left_on}; until then they work here.")
    return active


def _stated(record: ListRecord) -> StatedPerson:
    name, email = whole_name(record.values), record.text("email")
    if name and "@" in name and company_address(name) and not email:
        # An address in the column of names names nobody.
        name, email = None, name
    address = company_address(email) if email else None
    if email and address is None:
        raise RowRefused(f"“{email}” is not an e-mail address.")
    if name and is_name_damaged(name):
        raise RowRefused(f"“{name}” has question marks for letters; save the list anew, as UTF-8.")
    for text in (name, email):
        if text and (word := mixed_word(text)):
            raise RowRefused(f"“{word}” has letters of two alphabets that look the same; write it anew.")
    return StatedPerson(name, (address,) if address else (), record.text("employee_number"))


def _readable(records: Iterable[ListRecord]) -> Iterator[StatedPerson]:
    """What the rows say of their people, without those that are refused."""
    for record in records:
        if not record.problems:
            with suppress(RowRefused):
                yield _stated(record)


def _with_zeros(planned: PlannedPerson, stated: StatedPerson, known: str | None) -> StatedPerson:
    """A number that only lost its zeros to a spreadsheet is the number it was."""
    number = stated.number
    if not (number and known) or number == known or number_key(number) != number_key(known):
        return stated
    if number.casefold() != known.casefold():
        planned.notes.append(f"The number {number} lost its zeros; it stays {known}.")
    return StatedPerson(stated.name, stated.emails, known)


def _find_managers_in_list(rows: Sequence[PlannedPerson], records: Sequence[ListRecord]) -> None:
    """Who is nobody's manager yet may be added by this very list; who is refused cannot be one."""
    while True:
        added: dict[str, list[PlannedPerson]] = {}
        for planned, record in zip(rows, records, strict=True):
            if planned.outcome is RowOutcome.ADDED:
                for name in {name.casefold() for name in _names(record)}:
                    added.setdefault(name, []).append(planned)
        refused = False
        for planned in rows:
            if planned.manager is None or planned.manager_id or not planned.outcome.writes:
                continue
            several = [other for other in added.get(planned.manager.casefold(), []) if other is not planned]
            planned.manager_in_list = several[0] if len(several) == 1 else None
            if len(several) != 1:
                many = f"There are {len(several)} people" if several else "There is nobody"
                planned.refuse(f"{many} called “{planned.manager}” to be the manager.")
                refused = True
        if not refused:
            return


def _names(record: ListRecord) -> Iterable[str]:
    """What somebody who is only now added may be called as a manager."""
    names = (whole_name(record.values), record.text("email"), record.text("employee_number"))
    return (name for name in names if name)
