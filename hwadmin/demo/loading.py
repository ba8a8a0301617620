"""Plays the tables through the operations, each event at its own moment of the past, oldest first."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property, partial
from random import Random

from sqlalchemy import func, select, update
from sqlalchemy_continuum import versioning_manager

from hwadmin import clock
from hwadmin.db.extensions import db
from hwadmin.db.tenancy import acting_as
from hwadmin.db.unit_of_work import transact
from hwadmin.demo import directory, event_actions, order_steps
from hwadmin.demo.accounts import CUSTOMERS, ORDERS_FOR, PASSWORD, PEOPLE, Customer, Somebody
from hwadmin.demo.calendar import Calendar
from hwadmin.demo.catalog import DISTRIBUTORS, SELLERS, Seller
from hwadmin.demo.context import DemoState
from hwadmin.demo.demo_events import Archive, DemoEvent, Fits, Move, Price, Prices, Saves
from hwadmin.demo.order_histories import Cancel, Copy, Step, Submit
from hwadmin.demo.ordering import ORDERING
from hwadmin.demo.orders import EVENTS, ORDERS
from hwadmin.domain.people.passwords import Hasher
from hwadmin.domain.permissions import COMMAND_LINE, Actor
from hwadmin.errors import WrongState
from hwadmin.models import Account, ApprovalRequest, Device, HardwareOrder, OutboxEvent, Person, Platform
from hwadmin.operations.accounts.accounts import create_account
from hwadmin.operations.audit import recording
from hwadmin.operations.catalog.distributors import DistributorFacts, create_distributor
from hwadmin.operations.catalog.items import NewItem, create_item
from hwadmin.operations.people.people import create_person
from hwadmin.operations.people.person_checks import PersonFacts
from hwadmin.operations.people.platforms import create_platform

Action = Callable[[Actor], None]


class NotEmpty(WrongState):
    """Demo data goes into an empty database only."""


@dataclass(frozen=True, slots=True)
class Loaded:
    """How much there is now."""

    platforms: int
    accounts: int
    orders: int
    devices: int


def is_empty() -> bool:
    """Whether there is neither a platform nor a person."""
    with acting_as(db.session, COMMAND_LINE):
        return transact(_is_empty)


def load() -> Loaded:
    """Fill an empty database: all of it or, where anything fails, nothing.

    Raises:
        NotEmpty: there is a platform or a person already.
    """
    with acting_as(db.session, COMMAND_LINE):
        return transact(lambda: _Play(clock.utcnow()).play())


def _is_empty() -> bool:
    return not any(db.session.scalar(select(row.id).limit(1)) for row in (Platform, Person))


class _DemoHasher(Hasher):
    """Gives everybody the demo's password, too easy to be chosen. It is hashed once: hashing is slow."""

    @cached_property
    def _known(self) -> str:
        return super().hash(PASSWORD)

    def hash(self, password: str) -> str:
        return self._known


class _Play:
    """One showing of the whole play. The same every time but for the day it ends on."""

    def __init__(self, present: datetime) -> None:
        # What is made up need not be a secret, but the same every time.
        self._random = Random(20_260)  # noqa: S311  # nosec B311
        self._calendar = Calendar(present, self._random)
        self._state = DemoState(self._random)
        self._hasher = _DemoHasher()

    def play(self) -> Loaded:
        if not _is_empty():
            raise NotEmpty(
                "There are platforms or people already; demo data goes into an empty database only."
            )
        scenes = [*self._beginnings(), *self._orders(), *self._else()]
        for moment, who, action in sorted(scenes, key=lambda scene: scene[0]):
            self._do(moment, self._state.actors[who], action)
        # It is all past: nobody is told of it now.
        db.session.execute(update(OutboxEvent).values(next_at=None))
        db.session.execute(update(ApprovalRequest).values(next_at=None))
        return Loaded(*(_count(row) for row in (Platform, Account, HardwareOrder, Device)))

    def _do(self, moment: datetime, actor: Actor, action: Action) -> None:
        """One action, as if it were a request of its own at its moment."""
        request = recording.request_id.set(str(uuid.UUID(int=self._random.getrandbits(128), version=4)))
        try:
            with clock.at(moment), acting_as(db.session, actor):
                action(actor)
                db.session.flush()
        finally:
            recording.request_id.reset(request)
        # An action's versions belong to a transaction of its own, though all are committed together.
        versioning_manager.unit_of_work(db.session).reset()

    # ---- The scenes: when, who, and what they do

    def _beginnings(self) -> Iterator[tuple[datetime, str, Action]]:
        moment = self._calendar.moment("62d 09:00")
        for seller in SELLERS:
            yield moment, "command line", partial(self._platform, seller)
        for distributor in DISTRIBUTORS:
            yield moment, "command line", partial(self._distributor, distributor)
        for person in PEOPLE:
            moment += timedelta(minutes=3)
            # Ada comes first, by the command line, and lets the others in.
            who = "command line" if person is PEOPLE[0] else PEOPLE[0].key
            yield moment, who, partial(self._person, person)
        for seller in SELLERS:
            for item in seller.items:
                moment += timedelta(seconds=self._random.randrange(40, 110))
                yield moment, "ada", partial(self._item, seller, item)
        for customer in CUSTOMERS:
            yield (
                self._calendar.moment(customer.since),
                ORDERS_FOR[customer.platform],
                partial(self._account, customer),
            )

    def _orders(self) -> Iterator[tuple[datetime, str, Action]]:
        for order in ORDERS:
            orders = order.by or self._state.orders_for(order.account)
            keys: list[int] = []
            moment = self._calendar.moment(order.when)
            yield moment, orders, partial(self._submit, order, keys)
            for step in order.then:
                moment = self._calendar.later(moment, step.after)
                who = orders if isinstance(step, Cancel | Copy) else step.by
                yield moment, who, partial(self._step, step, keys)

    def _else(self) -> Iterator[tuple[datetime, str, Action]]:
        for event in (*EVENTS, *ORDERING):
            if isinstance(event, Move | Archive | Price | Prices | Fits):
                who = "ada"
            elif isinstance(event, Saves):
                who = event.who
            else:
                who = self._state.orders_for(event.account)
            yield self._calendar.moment(event.when), who, partial(self._event, event)
        for when, push in ((directory.CONNECTED, directory.connect), (directory.LATER, directory.change)):
            yield self._calendar.moment(when), "okta", partial(push, self._state)

    # ---- What is done in them

    def _platform(self, seller: Seller, actor: Actor) -> None:
        platform = create_platform(actor, name=seller.name, currency=seller.currency)
        self._state.platforms[platform.name] = platform.id

    def _distributor(self, facts: DistributorFacts, actor: Actor) -> None:
        create_distributor(actor, facts)

    def _person(self, somebody: Somebody, actor: Actor) -> None:
        every = somebody.platforms == ("all",)
        facts = PersonFacts(
            somebody.name,
            somebody.email,
            somebody.role,
            () if every else [self._state.platforms[name] for name in somebody.platforms],
            all_platforms=every,
        )
        person, _ = create_person(actor, facts, hasher=self._hasher)
        self._state.actors[somebody.key] = person.actor

    def _item(self, seller: Seller, new: NewItem, actor: Actor) -> None:
        item = create_item(actor, self._state.platforms[seller.name], new)
        self._state.items[seller.name, item.sku] = item

    def _account(self, customer: Customer, actor: Actor) -> None:
        if customer.name == directory.ACCOUNT:
            self._state.actors["okta"] = directory.pusher(self._state)
        account = create_account(
            actor,
            platform_id=self._state.platforms[customer.platform],
            name=customer.name,
            locations=customer.locations,
            employees=customer.employees,
        )
        db.session.flush()
        db.session.refresh(account, ["locations", "employees"])
        self._state.remember(
            account,
            {location.name: location.id for location in account.locations},
            {employee.name: employee.id for employee in account.employees},
        )

    def _submit(self, order: Submit, keys: list[int], actor: Actor) -> None:
        keys.append(order_steps.submit(self._state, actor, order))

    def _step(self, step: Step, keys: list[int], actor: Actor) -> None:
        made = order_steps.take(step, self._state, actor, keys[-1])
        if made is not None:
            keys.append(made)

    def _event(self, event: DemoEvent, actor: Actor) -> None:
        event_actions.perform(event, self._state, actor)


def _count(row: type[Platform | Account | HardwareOrder | Device]) -> int:
    return db.session.scalar(select(func.count(row.id))) or 0
