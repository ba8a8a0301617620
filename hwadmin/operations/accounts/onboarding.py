"""A new customer in one go: the account with its locations and employees, and its first hardware order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from sqlalchemy import select

from hwadmin.db.extensions import db
from hwadmin.domain.ordering.basket import Split, shares
from hwadmin.domain.ordering.cost_allocation import Share
from hwadmin.domain.permissions import Actor, Permission, require
from hwadmin.domain.row_ids import is_valid_id
from hwadmin.errors import FieldError, InvalidInput
from hwadmin.models import Account, Employee, HardwareOrder, Location, Platform
from hwadmin.operations.accounts.accounts import create_account
from hwadmin.operations.accounts.employees import NewEmployee
from hwadmin.operations.accounts.locations import NewLocation
from hwadmin.operations.accounts.settings import add_code
from hwadmin.operations.orders.submission.new_order import NewIntent, NewLine, NewOrder
from hwadmin.operations.orders.submission.submission import submit_order
from hwadmin.queries.scope import visible

MOST_LOCATIONS = 500
MOST_EMPLOYEES = 2000
MOST_LINES = 100


@dataclass(frozen=True, slots=True)
class NewAccount:
    """A platform's new customer, as somebody typed it."""

    platform_id: int
    name: str
    locations: Sequence[NewLocation] = ()
    employees: Sequence[NewEmployee] = ()


@dataclass(frozen=True, slots=True)
class StartingPlan:
    """For whom and where a unit is planned, by place in the lists of the new account, from 0.

    ``base`` counts the order's base units from 1, as in ``NewIntent``. ``codes`` is what it is booked on, as
    typed; a new account gets the codes that are stated so.
    """

    employee: int | None = None
    location: int | None = None
    base: int | None = None
    codes: tuple[Split, ...] = ()


@dataclass(frozen=True, slots=True)
class PlannedLine:
    """A line to be ordered, without intents, and the plans of its first units."""

    line: NewLine
    plans: Sequence[StartingPlan] = ()


@dataclass(frozen=True, slots=True)
class NewHardware:
    """The hardware a new account starts with; ``ship_to`` is a place in its list of locations."""

    lines: Sequence[PlannedLine] = ()
    requester: str | None = None
    # E-mail addresses of those who are told what becomes of the order.
    notify: Sequence[str] = ()
    ship_to: int | None = None
    attention: str | None = None
    notes: str | None = None


def create_account_with_order(
    actor: Actor,
    new: NewAccount,
    hardware: NewHardware | None = None,
    *,
    submission_key: str | None = None,
) -> tuple[Account, HardwareOrder | None]:
    """Create a customer's account with its locations and employees, and order its hardware, in one go.

    The order is pending approval. Without line items there is an account and no order. The same submission
    sent again gives what it made the first time, whatever it says now.

    The lines are checked by ordering them, for an account that must exist by then: a refusal leaves rows
    behind it that only the end of the unit of work takes back. Let it out of the unit of work.

    Raises:
        NotAllowed: the actor creates no accounts, or does not order.
        InvalidInput: every problem of both parts at its field: ``platform_id``, ``name``,
            ``employees.2.email``, ``lines.0.quantity``, ``lines.0.intents.4.employee_id`` …
        TryAgain: it arrived twice at the same moment; the unit of work repeats it.
    """
    require(actor, Permission.ACCOUNTS_WRITE)
    hardware = hardware if hardware is not None and hardware.lines else None
    if hardware is not None:
        require(actor, Permission.ORDERS_SUBMIT)
    if submission_key is not None:
        made = db.session.scalars(
            visible(actor, Account).where(Account.submission_key == submission_key)
        ).one_or_none()
        if made is not None:
            return made, _ordered_by(actor, submission_key)

    problems = _too_many(new, hardware)
    if problems:
        raise InvalidInput(problems)
    account = _account(actor, new, submission_key, problems)
    order = None
    if hardware is not None and account is not None:
        order = _order(actor, account, hardware, submission_key, problems)
    if problems or account is None:
        raise InvalidInput(problems)
    return account, order


def _ordered_by(actor: Actor, submission_key: str | None) -> HardwareOrder | None:
    """The order this very submission has made already."""
    if submission_key is None:
        return None
    return db.session.scalars(
        visible(actor, HardwareOrder).where(HardwareOrder.submission_key == submission_key)
    ).one_or_none()


def _too_many(new: NewAccount, hardware: NewHardware | None) -> list[FieldError]:
    counted = (
        ("locations", len(new.locations), MOST_LOCATIONS),
        ("employees", len(new.employees), MOST_EMPLOYEES),
        ("lines", len(hardware.lines) if hardware else 0, MOST_LINES),
    )
    return [
        FieldError(field, f"These are {count:,}; {most:,} at most can be sent at once.")
        for field, count, most in counted
        if count > most
    ]


def _account(
    actor: Actor, new: NewAccount, submission_key: str | None, problems: list[FieldError]
) -> Account | None:
    """The new account; where it has problems a stand-in, so that its lines are checked all the same.

    None where there is nothing to check the lines against.
    """
    platforms = visible(actor, Platform)
    known = (
        is_valid_id(new.platform_id)
        and db.session.scalars(platforms.where(Platform.id == new.platform_id)).one_or_none()
    )
    if not known:
        problems.append(FieldError("platform_id", "There is no such platform."))
        any_platform = db.session.scalars(platforms.order_by(Platform.id).limit(1)).one_or_none()
        if any_platform is None:
            return None
        new = replace(new, platform_id=any_platform.id)
    try:
        account = create_account(
            actor,
            platform_id=new.platform_id,
            name=new.name,
            locations=new.locations,
            employees=new.employees,
            # A stand-in must not take the key.
            submission_key=submission_key if known else None,
        )
    except InvalidInput as refusal:
        problems += refusal.errors
        account = create_account(
            actor,
            platform_id=new.platform_id,
            name="the account" if any(error.field == "name" for error in refusal.errors) else new.name,
            locations=[NewLocation("-") for _ in new.locations],
            employees=[NewEmployee("-") for _ in new.employees],
        )
    return account if known else None


def _order(
    actor: Actor,
    account: Account,
    hardware: NewHardware,
    submission_key: str | None,
    problems: list[FieldError],
) -> HardwareOrder | None:
    employees, locations = _keys(Employee, account), _keys(Location, account)
    booked = _book(actor, account, hardware.lines, problems)

    def intent(plan: StartingPlan) -> NewIntent:
        return NewIntent(
            _key(employees, plan.employee),
            _key(locations, plan.location),
            plan.base,
            accounting_codes=booked.get(plan.codes),
        )

    try:
        return submit_order(
            actor,
            NewOrder(
                account_id=account.id,
                lines=[
                    replace(planned.line, intents=[intent(plan) for plan in planned.plans])
                    for planned in hardware.lines
                ],
                requester=hardware.requester,
                notify=hardware.notify,
                ship_to_location_id=_key(locations, hardware.ship_to),
                attention=hardware.attention,
                notes=hardware.notes,
                submission_key=submission_key,
            ),
        )
    except InvalidInput as refusal:
        problems += refusal.errors
        return None


def _book(
    actor: Actor, account: Account, lines: Sequence[PlannedLine], problems: list[FieldError]
) -> dict[tuple[Split, ...], tuple[Share, ...]]:
    """What units are booked on, by what was typed; each code is added to the account."""
    booked: dict[tuple[Split, ...], tuple[Share, ...]] = {}
    added: set[str] = set()
    for index, line in enumerate(lines):
        for number, plan in enumerate(line.plans):
            stated, why = shares(plan.codes)
            try:
                for code in () if why else [share.code for share in stated if share.code not in added]:
                    add_code(actor, account.id, code=code, description="")
                    added.add(code)
            except InvalidInput as refusal:
                why = refusal.errors[0].message
            if why:
                problems.append(FieldError(f"lines.{index}.intents.{number}.accounting_codes", why))
            elif stated:
                booked[plan.codes] = stated
    return booked


def _keys(model: type[Employee] | type[Location], account: Account) -> Sequence[int]:
    """The keys of what was just created for the account, in the order it was stated."""
    return db.session.scalars(select(model.id).where(model.account_id == account.id).order_by(model.id)).all()


def _key(keys: Sequence[int], place: int | None) -> int | None:
    """The key at a place of the list; 0, which no row has, for a place that is not there."""
    if place is None:
        return None
    return keys[place] if 0 <= place < len(keys) else 0
