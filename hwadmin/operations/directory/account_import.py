"""Importing a platform's accounts with locations and people: what each row would do, then all of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from hwadmin.db.extensions import db
from hwadmin.domain.permissions import Actor, Permission, require
from hwadmin.domain.text_folding import folded
from hwadmin.domain.text_validation import Problems
from hwadmin.domain.wording import describe_change
from hwadmin.errors import ChangedMeanwhile
from hwadmin.list_import.records.accounts import whole_postcode
from hwadmin.list_import.records.plan import ListPlan, PlannedRow, RowOutcome
from hwadmin.list_import.records.record import ListRecord
from hwadmin.models import Account, Location, Platform
from hwadmin.operations.accounts.locations import NewLocation, checked_location
from hwadmin.operations.audit.account_events import record_account_changed, record_account_created
from hwadmin.operations.directory.employee_import import write_people
from hwadmin.operations.directory.employee_plan import EmployeePlanner, PlannedPerson, known_employees
from hwadmin.operations.directory.pushes import open_push
from hwadmin.queries.scope import find, visible

_ADDRESS = ("address", "address_2", "postcode", "city", "state", "country")


@dataclass(slots=True)
class PlannedAccount(PlannedRow):
    """A row of a list of accounts: an account, or one of its locations."""

    name: str = ""
    account: Account | None = None
    location: Location | None = None
    site: NewLocation | None = None
    # The row that adds its account, which may be this one.
    added_by: PlannedAccount | None = None

    @property
    def written(self) -> Account | None:
        """The account; of a new one once it is written."""
        return self.account or (self.added_by.account if self.added_by else None)


@dataclass(frozen=True, slots=True)
class _AccountsPlan:
    """What becomes of accounts and locations, and of the people of each account, by a row of it."""

    accounts: list[PlannedAccount]
    people: list[tuple[PlannedAccount, list[PlannedPerson]]]

    @property
    def whole(self) -> ListPlan[PlannedRow]:
        """All of it, in the order of the list; an account comes before its people."""
        people = [
            replace(person, title=f"{row.name}, {person.title}")
            for row, several in self.people
            for person in several
        ]
        return ListPlan(sorted([*self.accounts, *people], key=lambda row: row.index))


def _plan(
    actor: Actor, platform: Platform, records: Sequence[ListRecord], answers: Mapping[int, str] | None
) -> _AccountsPlan:
    planner = _Planner(actor, platform)
    rows = [planner.row(record) for record in records]
    of_account: dict[str, tuple[PlannedAccount, list[ListRecord]]] = {}
    for row, record in zip(rows, records, strict=True):
        if _names_somebody(record) and row.outcome is not RowOutcome.REFUSED:
            of_account.setdefault(folded(row.name), (row, []))[1].append(record)
    keys = {row.account.id for row, _ in of_account.values() if row.account is not None}
    known = known_employees(actor, keys)
    people = []
    for row, named in of_account.values():
        employees = known[row.account.id] if row.account is not None else []
        planned = EmployeePlanner(employees, answers or {}).plan(named, missing_left=False).rows
        people.append((row, planned))
    # A row that only names somebody of an account that is known does nothing to the account.
    with_people = {person.index for _, planned in people for person in planned}
    kept = [
        row
        for row in rows
        if row.index not in with_people or row.site is not None or row.outcome is not RowOutcome.UNCHANGED
    ]
    return _AccountsPlan(kept, people)


def _names_somebody(record: ListRecord) -> bool:
    return any(record.text(key) for key in ("name", "first_name", "last_name", "email", "employee_number"))


def plan_accounts(
    actor: Actor,
    platform_id: int,
    records: Sequence[ListRecord],
    answers: Mapping[int, str] | None = None,
) -> ListPlan[PlannedRow]:
    """What a list would do to the accounts of a platform. Nothing is written, and nothing is ever removed.

    Args:
        actor: who asks.
        platform_id: whose accounts.
        records: the rows, as `ACCOUNTS` reads them.
        answers: by the record's index, who somebody chose where the row can mean several people.
    """
    require(actor, Permission.ACCOUNTS_WRITE)
    return _plan(actor, find(actor, Platform, platform_id), records, answers).whole


def import_accounts(
    actor: Actor,
    platform_id: int,
    records: Sequence[ListRecord],
    answers: Mapping[int, str] | None = None,
    *,
    expected: str | None = None,
) -> ListPlan[PlannedRow]:
    """Write what the list says, all at once; rows that are refused are left out.

    The same list again changes nothing.

    Raises:
        ChangedMeanwhile: it would do something else by now than in the preview with this digest.
    """
    require(actor, Permission.ACCOUNTS_WRITE)
    # Who creates an account at this moment goes first, and it is known; pushes only refer to the platform.
    platform = find(actor, Platform, platform_id, lock=True, lets_others_refer=True)
    plan = _plan(actor, platform, records, answers)
    if expected and expected != plan.whole.digest:
        raise ChangedMeanwhile("The accounts were changed since this preview. Look at what it would do now.")
    writing = [row for row in plan.accounts if row.outcome.writes]
    for row in writing:
        if row.added_by is row:
            row.account = Account(platform_id=platform.id, name=row.name)
            db.session.add(row.account)
    db.session.flush()
    changes: dict[int, tuple[Account, list[str]]] = {}
    for row in writing:
        account = row.written
        assert account is not None
        _write_location(account, row)
        changes.setdefault(account.id, (account, []))[1].extend(row.changes)
    _record(actor, writing, changes)
    for whose, people in plan.people:
        if whose.written is not None and any(person.outcome.writes for person in people):
            write_people(open_push(actor, whose.written.id), people)
    return plan.whole


def _record(
    actor: Actor, writing: Sequence[PlannedAccount], changes: dict[int, tuple[Account, list[str]]]
) -> None:
    added = {row.account.id for row in writing if row.added_by is row and row.account is not None}
    sites: dict[int, list[str]] = {}
    for row in writing:
        if row.written is not None and row.site is not None:
            sites.setdefault(row.written.id, []).append(row.site.name)
    for key, (account, sentences) in changes.items():
        if key in added:
            named = sites.get(key, [])
            summary = f"Created {account.name} from a list"
            record_account_created(actor, account, summary, locations=named, employees=[])
        else:
            record_account_changed(actor, account, f"Imported a list: {', '.join(sentences)}")


def _write_location(account: Account, row: PlannedAccount) -> None:
    if row.site is None:
        return
    if row.location is None:
        db.session.add(
            Location(
                account_id=account.id,
                platform_id=account.platform_id,
                name=row.site.name,
                address=row.site.address,
            )
        )
    else:
        row.location.address = row.site.address


class _Planner:
    """Compares a list with the accounts of a platform, everything read at once."""

    def __init__(self, actor: Actor, platform: Platform) -> None:
        accounts = visible(actor, Account).where(Account.platform_id == platform.id).order_by(Account.id)
        self.accounts: dict[str, list[Account]] = {}
        for account in db.session.scalars(accounts):
            self.accounts.setdefault(folded(account.name), []).append(account)
        locations = visible(actor, Location).where(Location.platform_id == platform.id).order_by(Location.id)
        self.locations: dict[tuple[int, str], list[Location]] = {}
        for location in db.session.scalars(locations):
            self.locations.setdefault((location.account_id, folded(location.name)), []).append(location)
        self.added: dict[str, PlannedAccount] = {}
        self.stated: dict[tuple[str, str], str] = {}

    def row(self, record: ListRecord) -> PlannedAccount:
        """What a row would do to its account and location."""
        problems = Problems()
        name = problems.text("account", record.text("account"), most=200, required="Give the account a name.")
        site = None
        stated = {key: record.text(key) or "" for key in _ADDRESS}
        postcode, stated["postcode"] = (
            stated["postcode"],
            whole_postcode(stated["postcode"], stated["country"]),
        )
        if location := record.text("location"):
            street = " ".join(filter(None, (stated["address"], record.text("house_number"))))
            address = ", ".join(filter(None, (street, *(stated[key] for key in _ADDRESS[1:]))))
            site = checked_location(problems, NewLocation(location, address))
        title = f"{name}, {site.name}" if site else name or record.source
        row = PlannedAccount(
            record.row, title, index=record.index, sheet=record.sheet, name=name or "", site=site
        )
        if stated["postcode"] != postcode:
            row.notes.append(f"The postcode {postcode} lost its zeros; it is {stated['postcode']}.")
        if not location and any(record.text(key) for key in _ADDRESS):
            row.notes.append("The address belongs to no location, so it is left out.")
        if record.problems or problems.errors:
            row.refuse(" ".join([*record.problems, *(error.message for error in problems.errors)]))
        else:
            self._decide(row, says_more=_names_somebody(record))
        return row

    def _decide(self, row: PlannedAccount, says_more: bool) -> None:
        key = folded(row.name)
        known = self.accounts.get(key, [])
        place = (key, folded(row.site.name) if row.site else "")
        first = self.stated.setdefault(place, row.place)
        if first != row.place and not says_more:
            row.refuse(f"Row {first} states the same already.")
        elif len(known) > 1:
            row.refuse(f"There are {len(known)} accounts called {row.name}; add its locations on its page.")
        elif first != row.place:
            # Another row writes the location; this one only names somebody.
            row.site = None
            row.account, row.added_by = next(iter(known), None), self.added.get(key)
        elif known:
            row.account = known[0]
            self._location(row, known[0])
        else:
            adding = self.added.setdefault(key, row)
            row.added_by, row.outcome = adding, RowOutcome.ADDED
            new = ["a new account"] if adding is row else []
            row.changes = [*new, *([self._words(row.site)] if row.site else [])]
            if adding is not row and row.site is None:
                row.outcome, row.changes = RowOutcome.UNCHANGED, []

    def _location(self, row: PlannedAccount, account: Account) -> None:
        if row.site is None:
            return
        same = self.locations.get((account.id, folded(row.site.name)), [])
        if len(same) > 1:
            row.refuse(f"{account.name} has {len(same)} locations called {row.site.name}.")
        elif not same:
            row.outcome, row.changes = RowOutcome.ADDED, [self._words(row.site)]
        elif row.site.address and same[0].address != row.site.address:
            row.location, row.outcome = same[0], RowOutcome.CHANGED
            address = f"address of “{same[0].name}”"
            row.changes = [describe_change(address, same[0].address or "none", row.site.address)]
        elif same[0].archived_at is not None:
            row.notes.append("This location is archived, and stays so.")

    @staticmethod
    def _words(site: NewLocation) -> str:
        return f"location “{site.name}”" + (f", {site.address}" if site.address else "")
