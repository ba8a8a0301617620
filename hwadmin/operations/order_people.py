"""Whose the units of a new order will be and what they are booked on: checked, copied from the directory."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from sqlalchemy import select

from hwadmin.extensions import db
from hwadmin.kinds import Kind
from hwadmin.models import Account, AccountingCode, Employee
from hwadmin.operations import audit
from hwadmin.operations.order_input import NewIntent
from hwadmin.permissions import Actor
from hwadmin.queries.units import ListedEmployee, listed_employees
from hwadmin.splits import Share, why_not
from hwadmin.texts import Problems, tidied


@dataclass(slots=True)
class People:
    """The users of a new order: who is in the directory, and who is new to it."""

    account: Account
    listed: dict[int, ListedEmployee] = field(default_factory=dict)
    # By name and number as typed; the key is known once the order is written.
    new: dict[tuple[str, str | None], int | None] = field(default_factory=dict)
    _codes: dict[str, bool] | None = None

    def read(self, intents: Iterable[NewIntent]) -> None:
        """Read everybody the intents may mean, in one statement."""
        intents = [intent for intent in intents if intent]
        typed = [intent for intent in intents if intent.employee_id is None]
        # What holds a NUL is nobody's name, and PostgreSQL would not look for it.
        self.listed = listed_employees(
            self.account.id,
            (intent.employee_id for intent in intents),
            names={tidied(one.user_name) for one in typed if one.user_name and "\0" not in one.user_name},
            numbers={
                tidied(one.user_number) for one in typed if one.user_number and "\0" not in one.user_number
            },
        )

    def checked(self, where: str, kind: Kind, intent: NewIntent, problems: Problems) -> NewIntent:
        """The intent with its user and codes as they go into the order; every problem of them is told."""
        if intent.employee_id is None and not (
            intent.user_name or intent.user_number or intent.accounting_codes
        ):
            return intent
        name = problems.text(f"{where}.user_name", intent.user_name, most=200)
        number = problems.text(f"{where}.user_number", intent.user_number, most=60)
        usual: tuple[Share, ...] = ()
        if intent.employee_id is not None:
            somebody = self.listed.get(intent.employee_id)
            if somebody is None:
                problems.add(
                    f"{where}.employee_id", f"This is not an active employee of {self.account.name}."
                )
                return intent
            # None: not said, so the directory's; empty: left out on purpose.
            name = name or somebody.name
            number = somebody.number if intent.user_number is None else number
            usual = somebody.shares
            intent = replace(intent, employee_id=somebody.id)
        elif name is not None:
            if not kind.has_employee:
                problems.add(f"{where}.user_name", "A base serves a site and is never assigned to anybody.")
                return intent
            intent, usual = self._named(where, intent, name, number, problems)
        elif number is not None:
            problems.add(f"{where}.user_name", "Say whose number this is.")
        if name is not None and number is None and self.account.requires_employee_number:
            problems.add(f"{where}.user_number", f"{self.account.name} needs the employee number.")
        return replace(
            intent,
            user_name=name,
            user_number=number,
            accounting_codes=self._booked(where, intent.accounting_codes, usual, problems),
        )

    def _named(
        self, where: str, intent: NewIntent, name: str, number: str | None, problems: Problems
    ) -> tuple[NewIntent, tuple[Share, ...]]:
        """Somebody typed: whoever the directory knows by that number or name, or else somebody new to it."""
        if number is not None:
            holder = next((one for one in self.listed.values() if one.number == number), None)
            if holder is not None and holder.name.casefold() != name.casefold():
                problems.add(f"{where}.user_number", f"{number} is the number of {holder.name}.")
                return intent, ()
            if holder is not None:
                return replace(intent, employee_id=holder.id), holder.shares
        alike = [
            one for one in self.listed.values() if one.name == name and (number is None or one.number is None)
        ]
        if len(alike) > 1:
            problems.add(
                f"{where}.user_name",
                f"{self.account.name} has several people named {name}; choose one, or give the number.",
            )
            return intent, ()
        if alike:
            return replace(intent, employee_id=alike[0].id), alike[0].shares
        self.new.setdefault((name, number), None)
        return intent, ()

    # ---- Accounting codes

    def _booked(
        self, where: str, said: Sequence[Share] | None, usual: tuple[Share, ...], problems: Problems
    ) -> tuple[Share, ...]:
        """The codes said, or the employee's usual ones as far as they hold."""
        if said is None:
            holds = usual and why_not(usual) is None and all(self._codes_open(one.code) for one in usual)
            return usual if holds else ()
        why = why_not(said)
        if why is not None:
            problems.add(f"{where}.accounting_codes", why)
            return ()
        for share in said:
            if not self._codes_open(share.code):
                archived = share.code in self.codes
                problems.add(
                    f"{where}.accounting_codes",
                    f"{share.code} is archived; choose another code."
                    if archived
                    else f"{self.account.name} has no accounting code {share.code[:60]}.",
                )
        return tuple(said)

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
        audit.record(
            actor,
            "account.changed",
            f"Added the employee{'s' if len(names) > 1 else ''} {', '.join(names)}, named in an order",
            account=self.account,
            details={"employees": names},
        )
        return names

    def known(self, intent: NewIntent) -> NewIntent:
        """The intent with the key of its user, who may have been new."""
        if intent.employee_id is None and intent.user_name is not None:
            return replace(intent, employee_id=self.new.get((intent.user_name, intent.user_number)))
        return intent
