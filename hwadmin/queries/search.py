"""Finding whatever a caller names: orders, accounts, devices and employees, whichever the words denote.

Each table is asked by itself and by an index of its own, for no more rows than are shown.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Generic, TypeVar

from sqlalchemy import ColumnElement, and_, or_, select, union

from hwadmin.extensions import db
from hwadmin.lifecycle import OrderStatus
from hwadmin.models import (
    Account,
    Device,
    Employee,
    HardwareOrder,
    LineOfService,
    Platform,
    order_id_of,
    reference,
)
from hwadmin.permissions import Actor
from hwadmin.queries.devices import DeviceRow, device_rows, identified_so_far
from hwadmin.queries.order_search import PlatformsNamed, account_named, platforms_named
from hwadmin.queries.scope import within
from hwadmin.queries.words import full_text, holds, indexed, plain, plan_for_these_words, words_of

# Of each sort; who has more adds a word.
MOST_SHOWN = 20

_people, _numbers = full_text("employee_search"), full_text("line_search")
# Digits in groups; a caller says the last six at least.
_PHONE = re.compile(r"[+(]{0,2}[0-9][0-9 ()./-]{4,30}", re.ASCII)
_SHORTEST_NUMBER = 6


@dataclass(frozen=True, slots=True)
class OrderHit:
    """An order that was found."""

    id: int
    status: OrderStatus
    created_at: datetime
    distributor: str | None
    distributor_reference: str | None
    account_name: str
    platform_name: str

    @property
    def reference(self) -> str:
        """The number people say."""
        return reference(self.id)


@dataclass(frozen=True, slots=True)
class AccountHit:
    """An account that was found."""

    id: int
    name: str
    platform_name: str


@dataclass(frozen=True, slots=True)
class EmployeeHit:
    """A person on an account who was found."""

    id: int
    name: str
    email: str | None
    employee_number: str | None
    deactivated_at: datetime | None
    account_id: int
    account_name: str
    platform_name: str


@dataclass(frozen=True, slots=True)
class PlatformHit:
    """A platform whose name was said."""

    id: int
    name: str


@dataclass(frozen=True, slots=True)
class LineHit:
    """A line of service whose number was said."""

    id: int
    phone_number: str
    mobile_carrier: str
    ended_at: datetime | None
    employee_id: int | None
    employee_name: str | None
    account_id: int
    account_name: str
    platform_name: str


Hit = OrderHit | AccountHit | DeviceRow | EmployeeHit | LineHit | PlatformHit
OneHit = TypeVar("OneHit", OrderHit, AccountHit, DeviceRow, EmployeeHit, LineHit, PlatformHit)


@dataclass(frozen=True, slots=True)
class Hits(Generic[OneHit]):
    """What was found of one sort, and whether there is more of it."""

    rows: Sequence[OneHit] = ()
    more: bool = False

    @classmethod
    def first(cls, rows: Sequence[OneHit], by: Callable[[OneHit], Any] | None = None) -> Hits[OneHit]:
        """As many as are shown, of one more than that."""
        shown = rows[:MOST_SHOWN]
        return cls(sorted(shown, key=by) if by else shown, len(rows) > MOST_SHOWN)


@dataclass(frozen=True, slots=True)
class Found:
    """Everything a text denotes, by sort."""

    orders: Hits[OrderHit] = field(default_factory=Hits)
    devices: Hits[DeviceRow] = field(default_factory=Hits)
    employees: Hits[EmployeeHit] = field(default_factory=Hits)
    lines: Hits[LineHit] = field(default_factory=Hits)
    accounts: Hits[AccountHit] = field(default_factory=Hits)
    platforms: Hits[PlatformHit] = field(default_factory=Hits)

    @property
    def every(self) -> list[Hit]:
        """All hits, whatever their sort."""
        sorts = (self.orders, self.devices, self.employees, self.lines, self.accounts, self.platforms)
        return [hit for hits in sorts for hit in hits.rows]

    @property
    def only(self) -> Hit | None:
        """The one thing that was found, where it is one."""
        every = self.every
        return every[0] if len(every) == 1 else None


def find(actor: Actor, text: str) -> Found:
    """Whatever the text denotes among what the actor is given; nothing for a blank text, never an error.

    An order is found by its reference and by the distributor's, a device by any writing of its identifier or
    of its beginning. An account is found by words that are each part of its name or its platform's, an
    employee by words that are each part of their name, e-mail address or number; words of their account may
    stand before or behind. A line of service is found by any writing of its phone number. Five words of the
    first hundred characters count.
    """
    text = plain(text)
    words = words_of(text)
    if not words:
        return Found()
    plan_for_these_words()
    platforms = platforms_named(actor, words)
    named = [PlatformHit(key, name) for key, name in platforms.whole.items()]
    return Found(
        orders=Hits.first(_orders(actor, text)),
        devices=Hits.first(_devices(actor, text)),
        employees=Hits.first(_employees(actor, words), lambda hit: (hit.name.casefold(), hit.id)),
        lines=Hits.first(_lines(actor, text)),
        accounts=Hits.first(_accounts(actor, words, platforms), lambda hit: (hit.name.casefold(), hit.id)),
        platforms=Hits.first(named, lambda hit: hit.name.casefold()),
    )


# ---- Orders


def _orders(actor: Actor, text: str) -> Sequence[OrderHit]:
    denoted: list[ColumnElement[bool]] = [HardwareOrder.distributor_reference.in_(_writings(text))]
    if (said := order_id_of(text)) is not None:
        denoted.append(HardwareOrder.id == said)
    rows = db.session.execute(
        select(
            HardwareOrder.id,
            HardwareOrder.status,
            HardwareOrder.created_at,
            HardwareOrder.distributor,
            HardwareOrder.distributor_reference,
            Account.name,
            Platform.name,
        )
        .join(Account, Account.id == HardwareOrder.account_id)
        .join(Platform, Platform.id == HardwareOrder.platform_id)
        .where(within(actor, HardwareOrder), or_(*denoted))
        .order_by(HardwareOrder.id.desc())
        .limit(MOST_SHOWN + 1)
    )
    return [OrderHit(*row) for row in rows]


def _writings(text: str) -> list[str]:
    """A distributor's reference as it is usually written, where people say it as one or several words."""
    words = text.split()
    joined = {joint.join(words) for joint in ("", " ", "-", "/")}
    return sorted({form for one in joined for form in (one, one.upper(), one.lower())})


# ---- Devices


def _devices(actor: Actor, text: str) -> Sequence[DeviceRow]:
    denoted = identified_so_far(text)
    if denoted is None:
        return []
    # A few digits begin very many: chosen by themselves, before anything is joined to them.
    newest = select(Device.id).where(within(actor, Device), denoted).order_by(Device.id.desc())
    return device_rows(actor, Device.id.in_(select(newest.limit(MOST_SHOWN + 1).subquery().c.id)))


# ---- Accounts


def _accounts(actor: Actor, words: Sequence[str], platforms: PlatformsNamed) -> Sequence[AccountHit]:
    named = [account_named(word) for word in words]
    # A word may be the platform's, but not every one: that is the platform itself, and not all its accounts.
    matching = [
        or_(own, Account.platform_id.in_(sorted(ids))) if ids else own
        for own, ids in zip(named, platforms.by_word, strict=True)
    ]
    chosen = (
        select(Account.id)
        .where(within(actor, Account), or_(*named), *matching)
        .limit(MOST_SHOWN + 1)
        .subquery()
    )
    rows = db.session.execute(
        select(Account.id, Account.name, Platform.name)
        .join(Platform, Platform.id == Account.platform_id)
        .join(chosen, chosen.c.id == Account.id)
        .where(within(actor, Account))
    )
    return [AccountHit(*row) for row in rows]


# ---- Lines of service


def _lines(actor: Actor, text: str) -> Sequence[LineHit]:
    numbers = phone_numbers(text)
    if not numbers:
        return []
    held = [holds(number, LineOfService.id, _numbers, LineOfService.phone_number) for number in numbers]
    rows = db.session.execute(
        select(
            LineOfService.id,
            LineOfService.phone_number,
            LineOfService.mobile_carrier,
            LineOfService.ended_at,
            LineOfService.employee_id,
            Employee.name,
            LineOfService.account_id,
            Account.name,
            Platform.name,
        )
        .join(Account, Account.id == LineOfService.account_id)
        .join(Platform, Platform.id == LineOfService.platform_id)
        .outerjoin(Employee, Employee.id == LineOfService.employee_id)
        .where(within(actor, LineOfService), or_(*held))
        .order_by(LineOfService.id)
        .limit(MOST_SHOWN + 1)
    )
    return [LineHit(*row) for row in rows]


def phone_numbers(text: str) -> list[str]:
    """Digits that are part of a stored phone number if the text is one, in any writing; none if it is not.

    What is said with the country may be stored without it, with a zero in front, and the reverse.
    """
    if not _PHONE.fullmatch(text):
        return []
    digits = "".join(character for character in text if character.isdigit())
    international = text.strip().startswith(("+", "00"))
    said = digits.removeprefix("00") if international else digits.removeprefix("0")
    if len(said) < _SHORTEST_NUMBER:
        return []
    # Country codes have one to three digits.
    return [said, *("0" + said[code:] for code in (1, 2, 3) if len(said) > 9)] if international else [said]


# ---- Employees


def _employees(actor: Actor, words: Sequence[str]) -> Sequence[EmployeeHit]:
    # Each way of saying it by an index of its own, and then put together: an OR over two tables uses none.
    ways = [
        select(select(Employee.id).where(within(actor, Employee), way).limit(MOST_SHOWN + 1).subquery().c.id)
        for way in _ways_to_call(words)
    ]
    chosen = union(*ways).subquery()
    rows = db.session.execute(
        select(
            Employee.id,
            Employee.name,
            Employee.email,
            Employee.employee_number,
            Employee.deactivated_at,
            Employee.account_id,
            Account.name,
            Platform.name,
        )
        .join(Account, Account.id == Employee.account_id)
        .join(Platform, Platform.id == Employee.platform_id)
        .join(chosen, chosen.c.id == Employee.id)
        .where(within(actor, Employee))
        .limit(MOST_SHOWN + 1)
    )
    return [EmployeeHit(*row) for row in rows]


def _ways_to_call(words: Sequence[str]) -> list[ColumnElement[bool]]:
    """Every word is the employee's own; or the first are and the rest are their account's, or the reverse."""
    own = [
        holds(word, Employee.id, _people, Employee.name, Employee.email, Employee.employee_number)
        for word in words
    ]
    ways = [and_(*own)]
    # No index knows a word of two characters: by it alone, everybody would be looked at once more each way.
    known = [indexed(word) for word in words]
    for place in range(1, len(words)):
        for mine, of_account in (
            (slice(place), words[place:]),
            (slice(place, None), words[:place]),
        ):
            if not any(known[mine]):
                continue
            accounts = select(Account.id).where(*map(account_named, of_account))
            ways.append(and_(*own[mine], Employee.account_id.in_(accounts)))
    return ways
