"""Importing the phone lines of an account from a carrier's list: what each row would do, then all of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy.exc import IntegrityError

from hwadmin.clock import utcnow
from hwadmin.db.extensions import db
from hwadmin.db.unit_of_work import TryAgain
from hwadmin.domain.device_kinds import Kind
from hwadmin.domain.people.person_identity import StatedPerson
from hwadmin.domain.permissions import Actor, Permission, require
from hwadmin.domain.text_validation import Problems
from hwadmin.errors import ChangedMeanwhile, InvalidInput
from hwadmin.list_import.records.phone_lines import ENDED, IN_SERVICE, PHONE_LINES
from hwadmin.list_import.records.plan import (
    ListPlan,
    PlannedRow,
    RowOption,
    RowOutcome,
    RowQuestion,
    repeated,
)
from hwadmin.list_import.records.record import ListRecord
from hwadmin.models import Account, Device, PhoneLine
from hwadmin.operations.accounts.phone_line_matching import KnownLines, LineDevices, LinePeople, stated_person
from hwadmin.operations.accounts.phone_lines import (
    LONGEST_TERM,
    LineWords,
    plain_number,
    set_columns,
)
from hwadmin.operations.audit.account_events import record_account_changed
from hwadmin.operations.catalog.items import amount
from hwadmin.queries.devices.conditions import in_service
from hwadmin.queries.devices.spares import reservations
from hwadmin.queries.directory.known_people import known_people
from hwadmin.queries.scope import find, visible

NO_PERSON = "nobody"
# Taken as they are read, where the row says anything.
_PLAIN = ("mobile_carrier", "rate_plan", "contract_term_months", "contract_ends_on", "eligible_from")


@dataclass(slots=True)
class PlannedPhoneLine(PlannedRow):
    """A row of a carrier's list, and the phone line it adds or changes."""

    line: PhoneLine | None = None
    columns: dict[str, Any] = field(default_factory=dict)
    ends: bool = False


def plan_phone_lines(
    actor: Actor, account_id: int, records: Sequence[ListRecord], answers: Mapping[int, str] | None = None
) -> ListPlan[PlannedPhoneLine]:
    """What a carrier's list would do to the phone lines of an account. Nothing is written.

    A line keeps whatever its row does not say. None is ended unless the row says so.

    Args:
        actor: who asks.
        account_id: whose lines.
        records: the rows, as `PHONE_LINES` reads them.
        answers: by the record's index, whom somebody chose where the row can mean several people.
    """
    require(actor, Permission.ACCOUNTS_WRITE)
    account = find(actor, Account, account_id)
    return _Planner(actor, account, answers or {}).plan(records)


def import_phone_lines(
    actor: Actor,
    account_id: int,
    records: Sequence[ListRecord],
    answers: Mapping[int, str] | None = None,
    *,
    expected: str | None = None,
) -> ListPlan[PlannedPhoneLine]:
    """Write what a carrier's list says, all at once; rows that are refused or open are left out.

    The same list again changes nothing.

    Raises:
        ChangedMeanwhile: it would do something else by now than the preview of the digest `expected`.
        TryAgain: somebody added one of the numbers at the same moment.
    """
    require(actor, Permission.ACCOUNTS_WRITE)
    # Whoever writes of its people waits: a line is given to nobody who is merged meanwhile.
    account = find(actor, Account, account_id, lock=True, lets_others_refer=True)
    plan = _Planner(actor, account, answers or {}, lock=True).plan(records)
    if expected and expected != plan.digest:
        raise ChangedMeanwhile(
            "The phone lines were changed since this preview. Look at what it would do now."
        )
    for planned in plan.rows:
        if planned.outcome.writes:
            _write(account, planned)
    try:
        db.session.flush()
    except IntegrityError as error:
        raise TryAgain from error
    if plan.does_something:
        record_account_changed(actor, account, f"Imported phone lines: {_summary(plan)}")
    return plan


def _summary(plan: ListPlan[PlannedPhoneLine]) -> str:
    words = {
        RowOutcome.ADDED: "added",
        RowOutcome.CHANGED: "changed",
        RowOutcome.DEACTIVATED: "ended",
        RowOutcome.RESTORED: "restored",
    }
    counted = [(plan.count(outcome), word) for outcome, word in words.items()]
    # As it always was told: what was added and changed, even where that is nothing.
    return ", ".join(f"{count:,} {word}" for count, word in counted if count or word in ("added", "changed"))


def _write(account: Account, planned: PlannedPhoneLine) -> None:
    line = planned.line
    if line is None:
        db.session.add(
            PhoneLine(
                account_id=account.id,
                platform_id=account.platform_id,
                currency=account.platform.currency,
                **planned.columns,
            )
        )
        return
    set_columns(line, planned.columns)
    if planned.outcome is RowOutcome.DEACTIVATED:
        line.ended_at = utcnow()
    elif planned.outcome is RowOutcome.RESTORED:
        line.ended_at = None


class _Planner:
    """Compares a list with the phone lines of an account, everything read at once."""

    def __init__(
        self, actor: Actor, account: Account, answers: Mapping[int, str], *, lock: bool = False
    ) -> None:
        self.answers = answers
        devices = visible(actor, Device).where(
            Device.account_id == account.id, Device.kind == Kind.MOBILE, in_service()
        )
        lines = visible(actor, PhoneLine).where(PhoneLine.account_id == account.id)
        if lock:
            # Devices first: whoever replaces one has it, and goes on to its line.
            devices = devices.with_for_update(read=True, key_share=True)
            lines = lines.with_for_update().execution_options(populate_existing=True)
        mobiles = db.session.scalars(devices.order_by(Device.id)).all()
        self.lines = KnownLines(db.session.scalars(lines.order_by(PhoneLine.id)).all())
        self.people = LinePeople(known_people(actor, account.id))
        reserved = reservations([device.id for device in mobiles])
        self.devices = LineDevices(mobiles, {key: str(order) for key, order in reserved.items()})
        self.words = LineWords(
            account.platform.currency,
            lambda key: self.people.names.get(key or 0, "none"),
            lambda key: self.devices.titles.get(key, f"device {key}") if key else "none",
        )

    def plan(self, records: Sequence[ListRecord]) -> ListPlan[PlannedPhoneLine]:
        """What every row would do."""
        if len(records) > PHONE_LINES.max_rows:
            raise InvalidInput.at("rows", f"Import {PHONE_LINES.max_rows:,} lines at most at once.")
        numbers = [plain_number(record.text("phone_number") or "") or "" for record in records]
        before = repeated(numbers)
        self.lines.expect(numbers)
        rows: list[PlannedPhoneLine] = []
        for place, (record, number) in enumerate(zip(records, numbers, strict=True)):
            planned = PlannedPhoneLine(
                record.row,
                record.text("phone_number") or record.source,
                index=record.index,
                sheet=record.sheet,
            )
            rows.append(planned)
            if record.problems:
                planned.refuse(" ".join(record.problems))
            elif not number:
                planned.refuse("Write a phone number of 3 to 15 digits, such as +353 86 123 4567.")
            elif place in before:
                planned.refuse(f"This number stands in row {rows[before[place]].place} already.")
            else:
                planned.title = number
                planned.line, note, refusal = self.lines.find(number, planned.place)
                planned.notes += [note] if note else []
                if refusal:
                    planned.refuse(refusal)
                else:
                    self._understand(planned, record, number)
        return ListPlan(rows)

    def _understand(self, planned: PlannedPhoneLine, record: ListRecord, number: str) -> None:
        line, values = planned.line, record.values
        planned.columns = {"phone_number": number} if line is None else {}
        planned.columns |= {name: values[name] for name in _PLAIN if name in values}
        if not self._check(planned, record):
            return
        person = self._person(planned, record)
        if planned.outcome is RowOutcome.OPEN:
            return
        if person is not None:
            planned.columns["employee_id"] = person
        holder = person if person is not None else line.employee_id if line else None
        match = self.devices.match(record, holder, line.device_id if line else None)
        planned.notes += match.notes
        if match.device is not None:
            planned.columns["device_id"] = match.device.id
        self._decide(planned, record.text("status"))

    def _check(self, planned: PlannedPhoneLine, record: ListRecord) -> bool:
        """Whether the row can be stored; else it is refused."""
        problems = Problems()
        if planned.line is None and not record.text("mobile_carrier"):
            problems.add("mobile_carrier", "A new line needs its carrier; no column of the list says it.")
        term = record.values.get("contract_term_months")
        if isinstance(term, int) and not 1 <= term <= LONGEST_TERM:
            problems.add("contract_term_months", f"Give the term in months, 1 to {LONGEST_TERM}.")
        if (balance := record.values.get("contract_balance")) is not None:
            planned.columns["contract_balance"] = amount(
                problems, "contract_balance", str(balance), "The balance"
            )
        if problems.errors:
            planned.refuse(" ".join(error.message for error in problems.errors))
        return not problems.errors

    def _person(self, planned: PlannedPhoneLine, record: ListRecord) -> int | None:
        """The employee the row means; None where it names nobody, or nobody who can be found."""
        stated = stated_person(record)
        if stated is None:
            return None
        called = stated.name or next(iter(stated.emails), None) or stated.number
        match = self.people.identify(stated)
        if match.conflict:
            return self._chosen(planned, record, stated, match.conflict)
        if match.person is None:
            planned.notes.append(f"Nobody of this account is called “{called}”; no person is set.")
            return None
        if match.note:
            planned.notes.append(match.note)
        present = planned.line.employee_id if planned.line else None
        if match.person.left and match.person.id != present:
            planned.notes.append(f"{match.person.name} has left this account; no person is set.")
            return None
        return match.person.id

    def _chosen(
        self, planned: PlannedPhoneLine, record: ListRecord, stated: StatedPerson, conflict: str
    ) -> int | None:
        candidates = self.people.identify(stated).candidates
        options = [
            RowOption(
                str(person.id),
                f"It is {person.name}",
                (
                    ("E-mail", ", ".join(person.emails)),
                    ("Number", person.number or ""),
                    ("", "has left" if person.left else ""),
                ),
            )
            for person in candidates
        ]
        options.append(RowOption(NO_PERSON, "Import the line without a person"))
        answer = self.answers.get(record.index, "")
        answer = answer if answer in {option.value for option in options} else ""
        facts = (
            ("Name", stated.name or ""),
            ("E-mail", ", ".join(stated.emails)),
            ("Number", stated.number or ""),
        )
        planned.question = RowQuestion(conflict, facts, tuple(options), answer)
        if not answer:
            planned.outcome, planned.changes = RowOutcome.OPEN, [conflict]
        return int(answer) if answer not in ("", NO_PERSON) else None

    def _decide(self, planned: PlannedPhoneLine, status: str | None) -> None:
        line = planned.line
        if line is None:
            if status == ENDED:
                planned.refuse("It is out of service, and was never here.")
            else:
                planned.outcome, planned.changes = RowOutcome.ADDED, self.words.values(planned.columns)
            return
        planned.changes = self.words.changes(line, planned.columns)
        if planned.changes:
            planned.outcome = RowOutcome.CHANGED
        if status == ENDED and line.ended_at is None:
            planned.outcome = RowOutcome.DEACTIVATED
        elif line.ended_at is not None and status == IN_SERVICE:
            planned.outcome = RowOutcome.RESTORED
        elif line.ended_at is not None and status is None:
            planned.notes.append("It is out of service here; restore it if it is used again.")
