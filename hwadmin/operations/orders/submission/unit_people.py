"""The users and accounting codes of the units of a new order, checked and copied from the directory."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from sqlalchemy import select

from hwadmin.db.extensions import db
from hwadmin.domain.device_kinds import Kind
from hwadmin.domain.ordering.cost_allocation import Share, why_not
from hwadmin.domain.people.person_identity import People, StatedPerson, same_name
from hwadmin.domain.permissions import Actor
from hwadmin.domain.text_validation import Problems, tidied
from hwadmin.domain.wording import inflect
from hwadmin.models import Account, AccountingCode, Employee
from hwadmin.operations.audit.account_events import record_account_changed
from hwadmin.operations.orders.submission.new_order import NewIntent
from hwadmin.operations.outgoing.events import publish_employees
from hwadmin.queries.directory.known_people import people_of_account
from hwadmin.queries.units.choices import ListedEmployee, listed_employees


@dataclass(slots=True)
class OrderPeople:
    """The users of a new order: those in the directory, and those who are new."""

    account: Account
    # Whether those in the directory stay as they are until the end of the unit of work.
    lock: bool = False
    listed: dict[int, ListedEmployee] = field(default_factory=dict)
    # By name and number as typed; the id is known once they are added.
    new: dict[tuple[str, str | None], int | None] = field(default_factory=dict)
    _codes: dict[str, bool] | None = None
    # Read where somebody is typed whom nobody is called just like.
    _people: People | None = None

    def read(self, intents: Iterable[NewIntent]) -> None:
        """Read all employees that the intents may name, in one statement."""
        intents = [intent for intent in intents if intent]
        without_id = [intent for intent in intents if intent.employee_id is None]
        # What holds a NUL is nobody's name, and PostgreSQL would not look for it.
        self.listed = listed_employees(
            self.account.id,
            (intent.employee_id for intent in intents),
            names={
                tidied(intent.user_name)
                for intent in without_id
                if intent.user_name and "\0" not in intent.user_name
            },
            numbers={
                tidied(intent.user_number)
                for intent in without_id
                if intent.user_number and "\0" not in intent.user_number
            },
            lock=self.lock,
        )

    def check(self, where: str, kind: Kind, intent: NewIntent, problems: Problems) -> NewIntent:
        """The intent with its user and codes as they go into the order; every problem is collected."""
        if intent.employee_id is None and not (
            intent.user_name or intent.user_number or intent.accounting_codes
        ):
            return intent
        name = problems.text(f"{where}.user_name", intent.user_name, most=200)
        number = problems.text(f"{where}.user_number", intent.user_number, most=60)
        usual: tuple[Share, ...] = ()
        if intent.employee_id is not None:
            employee = self.listed.get(intent.employee_id)
            if employee is None:
                problems.add(
                    f"{where}.employee_id", f"This is not an active employee of {self.account.name}."
                )
                return intent
            # None: not stated, so that of the directory; empty: left out on purpose.
            name = name or employee.name
            number = employee.number if intent.user_number is None else number
            usual = employee.shares
            intent = intent._replace(employee_id=employee.id)
        elif name is not None:
            if not kind.has_employee:
                problems.add(f"{where}.user_name", "A base serves a site and is never assigned to anybody.")
                return intent
            intent, usual = self._named(where, intent, name, number, problems)
        elif number is not None:
            problems.add(f"{where}.user_name", "Say whose number this is.")
        if name is not None and number is None and self.account.requires_employee_number:
            problems.add(f"{where}.user_number", f"{self.account.name} needs the employee number.")
        return intent._replace(
            user_name=name,
            user_number=number,
            accounting_codes=self.booked(where, intent.accounting_codes, usual, problems),
        )

    def _named(
        self, where: str, intent: NewIntent, name: str, number: str | None, problems: Problems
    ) -> tuple[NewIntent, tuple[Share, ...]]:
        """A typed person: the employee with that number or name, or else somebody new."""
        if number is not None:
            holder = next((listed for listed in self.listed.values() if listed.number == number), None)
            if holder is not None and not same_name(holder.name, name):
                problems.add(f"{where}.user_number", f"{number} is the number of {holder.name}.")
                return intent, ()
            if holder is not None:
                return intent._replace(employee_id=holder.id), holder.shares
        alike = [
            listed
            for listed in self.listed.values()
            if listed.name == name and (number is None or listed.number is None)
        ]
        if len(alike) > 1:
            problems.add(
                f"{where}.user_name",
                f"{self.account.name} has several people named {name}; choose one, or give the number.",
            )
            return intent, ()
        if alike:
            return intent._replace(employee_id=alike[0].id), alike[0].shares
        return self._meant(where, intent, StatedPerson(name, (), number), problems)

    def _meant(
        self, where: str, intent: NewIntent, stated: StatedPerson, problems: Problems
    ) -> tuple[NewIntent, tuple[Share, ...]]:
        """Who is meant by a name in other letters, or a number without its zeros; or else somebody new."""
        if self._people is None:
            self._people = People(people_of_account(self.account.id))
        match = self._people.identify(stated)
        if match.conflict:
            problems.add(f"{where}.user_name", f"{match.conflict} Choose who it is.")
        elif match.person is not None and match.person.left:
            left = f"{match.person.name} has left {self.account.name}: restore them, or choose somebody else."
            problems.add(f"{where}.user_name", left)
        elif match.person is not None:
            found = listed_employees(self.account.id, [match.person.id], lock=self.lock)
            for listed in found.values():
                return intent._replace(employee_id=listed.id), listed.shares
        else:
            self.new.setdefault((stated.name or "", stated.number), None)
        return intent, ()

    # ---- Accounting codes

    def booked(
        self, where: str, stated: Sequence[Share] | None, usual: tuple[Share, ...], problems: Problems
    ) -> tuple[Share, ...]:
        """The stated codes, or the usual ones of the employee where all of them are valid."""
        if stated is None:
            holds = usual and why_not(usual) is None and all(self._codes_open(share.code) for share in usual)
            return usual if holds else ()
        why = why_not(stated)
        if why is not None:
            problems.add(f"{where}.accounting_codes", why)
            return ()
        for share in stated:
            if not self._codes_open(share.code):
                archived = share.code in self.codes
                problems.add(
                    f"{where}.accounting_codes",
                    f"{share.code} is archived; choose another code."
                    if archived
                    else f"{self.account.name} has no accounting code {share.code[:60]}.",
                )
        return tuple(stated)

    def _codes_open(self, code: str) -> bool:
        return self.codes.get(code, False)

    @property
    def codes(self) -> dict[str, bool]:
        """The account's accounting codes, and whether each can be chosen; read when first asked for."""
        if self._codes is None:
            rows = db.session.execute(
                select(AccountingCode.code, AccountingCode.archived_at).where(
                    AccountingCode.account_id == self.account.id
                )
            )
            self._codes = {code: archived_at is None for code, archived_at in rows}
        return self._codes

    # ---- Who is new

    def enter(self, actor: Actor) -> list[str]:
        """Add those who are new to the account's directory; their names."""
        added = {
            key: Employee(
                account_id=self.account.id,
                platform_id=self.account.platform_id,
                name=key[0],
                employee_number=key[1],
            )
            for key in self.new
        }
        if not added:
            return []
        db.session.add_all(added.values())
        db.session.flush()
        self.new = {key: employee.id for key, employee in added.items()}
        names = [name for name, _ in added]
        record_account_changed(
            actor,
            self.account,
            f"Added the {inflect(len(names), 'employee')} {', '.join(names)}, named in an order",
            employees=names,
        )
        publish_employees(actor, self.account.platform_id, [employee.id for employee in added.values()])
        return names

    def known(self, intent: NewIntent) -> NewIntent:
        """The intent with the key of its user, who may have been new."""
        if intent.employee_id is None and intent.user_name is not None:
            return intent._replace(employee_id=self.new.get((intent.user_name, intent.user_number)))
        return intent
