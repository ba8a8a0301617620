"""The words tests speak: personas, accounts, catalog items, orders.

Ada is a super-admin; Piet is the platform admin of Northwind, Bea of Blue Harbor; Sam is Northwind's support.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Mapping, Sequence
from datetime import timedelta
from decimal import Decimal
from functools import cached_property
from typing import TYPE_CHECKING, Any

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import update
from stdnum import luhn
from werkzeug.test import TestResponse

from hwadmin.clock import utcnow
from hwadmin.db.extensions import db
from hwadmin.db.unit_of_work import transact
from hwadmin.domain.device_kinds import Kind
from hwadmin.domain.lifecycle import OrderStatus
from hwadmin.domain.permissions import Actor, Role
from hwadmin.identifiers import IdentifierKind
from hwadmin.models import (
    Account,
    AccountingCode,
    CatalogItem,
    CatalogPrice,
    Device,
    Employee,
    HardwareOrder,
    Location,
    Person,
    PhoneLine,
    Platform,
    SignIn,
)
from hwadmin.operations.devices.devices import register_device
from hwadmin.operations.fulfillment.fulfillment import fulfill_order
from hwadmin.operations.orders.decisions import approve_order, cancel_order, reject_order
from hwadmin.operations.orders.submission.new_order import NewIntent, NewLine, NewOrder
from hwadmin.operations.orders.submission.submission import submit_order
from hwadmin.queries.units.units import units_of

_numbers = itertools.count(1)

MAKES = {
    Kind.DESKPHONE: ("Yealink", "T54W"),
    Kind.DECT_BASE: ("Yealink", "W70B"),
    Kind.DECT_HANDSET: ("Yealink", "W73H"),
    Kind.MOBILE: ("Apple", "iPhone 17"),
    Kind.ACCESSORY: ("Jabra", "Engage 50"),
}


class World:
    """Builds what a test needs; everything is made once and kept."""

    def __init__(self) -> None:
        self._items: dict[tuple[int, Kind], CatalogItem] = {}

    def _add(self, row: Any) -> Any:
        db.session.add(row)
        db.session.commit()
        return row

    def a_platform(self, name: str | None = None) -> Platform:
        return self._add(Platform(name=name or f"Platform {next(_numbers)}"))

    def a_person(
        self,
        name: str,
        role: Role,
        *platforms: Platform,
        email: str | None = None,
        all_platforms: bool = False,
        password_hash: str = "!",
    ) -> Person:
        return self._add(
            Person(
                name=name,
                role=role,
                email=(email or f"{name.split()[0]}{next(_numbers)}@example.com").lower(),
                platforms=list(platforms),
                all_platforms=all_platforms,
                password_hash=password_hash,
            )
        )

    @cached_property
    def northwind(self) -> Platform:
        return self.a_platform("Northwind Voice")

    @cached_property
    def blue_harbor(self) -> Platform:
        return self.a_platform("Blue Harbor Telecom")

    @cached_property
    def ada(self) -> Person:
        return self.a_person("Ada Okafor", Role.SUPER_ADMIN)

    @cached_property
    def piet(self) -> Person:
        return self.a_person("Piet Jansen", Role.PLATFORM_ADMIN, self.northwind)

    @cached_property
    def bea(self) -> Person:
        return self.a_person("Bea Lund", Role.PLATFORM_ADMIN, self.blue_harbor)

    @cached_property
    def sam(self) -> Person:
        return self.a_person("Sam Reyes", Role.SUPPORT, self.northwind)

    def actor(self, person: Person) -> Actor:
        return person.actor

    def an_account(self, platform: Platform | None = None, name: str | None = None, **values: Any) -> Account:
        platform = platform or self.northwind
        return self._add(Account(platform_id=platform.id, name=name or f"Account {next(_numbers)}", **values))

    def an_account_that_asks(self, name: str | None = None, platform: Platform | None = None) -> Account:
        """An account whose manager approves every order: Maria Lopez, unless somebody has their own."""
        account = self.an_account(platform, name)
        account.requires_manager_approval = True
        account.approver_name, account.approver_email = "Maria Lopez", "maria@example.com"
        db.session.commit()
        return account

    def a_location(self, account: Account, name: str | None = None, **values: Any) -> Location:
        return self._add(
            Location(
                account_id=account.id,
                platform_id=account.platform_id,
                name=name or f"Site {next(_numbers)}",
                **values,
            )
        )

    def an_employee(self, account: Account, name: str | None = None, **values: Any) -> Employee:
        return self._add(
            Employee(
                account_id=account.id,
                platform_id=account.platform_id,
                name=name or f"Employee {next(_numbers)}",
                **values,
            )
        )

    def an_item(self, kind: Kind | str, platform: Platform | None = None, **values: Any) -> CatalogItem:
        kind, platform = Kind(kind), platform or self.northwind
        make, model = MAKES[kind]
        values = {
            "sku": f"SKU-{next(_numbers)}",
            "make": make,
            "model": model,
            "unit_price": Decimal("100.00"),
            "currency": "EUR",
            "max_handsets": 10 if kind is Kind.DECT_BASE else None,
        } | values
        return self._add(CatalogItem(platform_id=platform.id, kind=kind, **values))

    def item(self, kind: Kind | str, platform: Platform | None = None) -> CatalogItem:
        """The platform's usual item of a kind."""
        key = ((platform or self.northwind).id, Kind(kind))
        if key not in self._items:
            self._items[key] = self.an_item(kind, platform)
        return self._items[key]

    def a_price(self, item: CatalogItem, size: str, term: int, now: str, monthly: str = "0") -> CatalogPrice:
        return self._add(
            CatalogPrice(
                platform_id=item.platform_id,
                catalog_item_id=item.id,
                size=size,
                term_months=term,
                unit_price=Decimal(now),
                monthly_price=Decimal(monthly),
            )
        )

    def a_code(self, account: Account, code: str, **values: Any) -> AccountingCode:
        owner = {"account_id": account.id, "platform_id": account.platform_id}
        return self._add(AccountingCode(**owner, code=code, **values))

    def a_phone_line(self, account: Account, number: str | None = None, **values: Any) -> PhoneLine:
        """A phone line; without a contract, and so eligible for an upgrade, unless values say so."""
        values = {"mobile_carrier": "KPN", "currency": "EUR"} | values
        owner = {"account_id": account.id, "platform_id": account.platform_id}
        number = number or f"+3161{next(_numbers):07d}"
        return self._add(PhoneLine(**owner, phone_number=number, **values))

    def an_order(
        self,
        status: OrderStatus | str = OrderStatus.SUBMITTED,
        lines: Sequence[tuple[Kind | str, int]] = ((Kind.DESKPHONE, 2),),
        *,
        account: Account | None = None,
        platform: Platform | None = None,
        intents: Mapping[int, Sequence[NewIntent]] | None = None,
        by: Person | None = None,
        **values: Any,
    ) -> HardwareOrder:
        """An order that came to its status the way orders do: by the operations.

        ``lines`` are kinds and quantities, of the platform's usual item of the kind; ``intents`` are those of
        the line at that place, from 0. Ada decides and fulfills.
        """
        account = account or self.an_account(platform)
        platform = account.platform
        if by is None:
            by = self.piet if platform.id == self.northwind.id else self.bea
        new = NewOrder(
            account.id,
            [
                NewLine(self.item(kind, platform).sku, quantity, (intents or {}).get(place, ()))
                for place, (kind, quantity) in enumerate(lines)
            ],
            **values,
        )
        actor = Actor(by.id, by.name, Role.PLATFORM_ADMIN, frozenset({platform.id}))
        order = transact(lambda: submit_order(actor, new))
        ada = self.ada.actor
        status = OrderStatus(status)
        if status in (OrderStatus.APPROVED, OrderStatus.FULFILLED):
            transact(lambda: approve_order(ada, order.id))
        if status is OrderStatus.FULFILLED:
            transact(lambda: fulfill_order(ada, order.id, self.identifiers_for(order)))
        if status is OrderStatus.REJECTED:
            transact(lambda: reject_order(ada, order.id, reason="Ordered twice."))
        if status is OrderStatus.CANCELLED:
            transact(lambda: cancel_order(actor, order.id, reason="Not needed."))
        return order

    def a_device(
        self,
        account: Account | None = None,
        kind: Kind | str = Kind.DESKPHONE,
        identifier: str | None = None,
        *,
        item: CatalogItem | None = None,
        **placed: int | None,
    ) -> Device:
        """A device registered by other means than an order; ``placed`` as register_device takes it."""
        account = account or self.an_account()
        item = item or self.item(kind, account.platform)
        ada, written = self.ada.actor, identifier or an_identifier(item.kind)
        return transact(lambda: register_device(ada, account.id, sku=item.sku, identifier=written, **placed))  # type: ignore[arg-type]

    def identifiers_for(self, order: HardwareOrder, most: int | None = None) -> dict[int, str]:
        """A fresh identifier for each unit of the order that has no device yet, in unit order."""
        open_units = [
            unit for unit in units_of(order.id) if unit.device_id is None and unit.kind.becomes_device
        ]
        return {unit.id: an_identifier(unit.kind) for unit in open_units[:most]}


class Answer(TestResponse):
    """What a browser or a program is answered; its JSON is of any type."""

    if TYPE_CHECKING:
        json: Any


class Browser(FlaskClient):
    """A browser whose every request has an application context, and so a database session, of its own.

    Inside the test's own context Flask would lend it to the request: who is signed in would stick.
    """

    if TYPE_CHECKING:

        def get(self, *args: Any, **kwargs: Any) -> Answer: ...
        def post(self, *args: Any, **kwargs: Any) -> Answer: ...
        def put(self, *args: Any, **kwargs: Any) -> Answer: ...

    def open(self, *args: Any, **kwargs: Any) -> Any:
        with self.application.app_context():
            return super().open(*args, **kwargs)


def an_identifier(kind: Kind | str) -> str:
    """A valid identifier of its own for a unit of the kind."""
    number = next(_numbers)
    match Kind(kind).identifier_kind:
        case IdentifierKind.MAC:
            return f"805ec0{number:06x}"
        case IdentifierKind.IPEI:
            return f"02C3C{number:05X}"
        case IdentifierKind.IMEI:
            digits = f"35209900{number:06d}"
            return digits + str(luhn.calc_check_digit(digits))
    raise ValueError(f"{kind} has no identifier")


class Clients:
    """Signed-in browsers, one per persona."""

    def __init__(self, app: Flask, world: World) -> None:
        self.app, self.world = app, world

    def of(self, person: Person | None) -> Browser:
        """A browser signed in as the person; not signed in for None."""
        client = Browser(self.app, self.app.response_class)
        if person is not None:
            sign_in(client, person)
        return client

    def __getattr__(self, name: str) -> Browser:
        client = self.of(None if name == "anonymous" else getattr(self.world, name))
        setattr(self, name, client)
        return client


def sign_in(client: FlaskClient, person: Person) -> None:
    """Give the browser a session, without the cost of a password hash."""
    from hwadmin.operations.people.sessions import open_session
    from hwadmin.views.people.browser_session import session_values

    handle = open_session(person)
    # However long the tests that share it take, nobody is asked to prove again who they are.
    tomorrow = utcnow() + timedelta(days=1)
    db.session.execute(update(SignIn).where(SignIn.person_id == person.id).values(proved_at=tomorrow))
    db.session.commit()
    with client.session_transaction() as session:
        session.update(session_values(handle))


def without_token(answer: TestResponse) -> str:
    """A page without the token of its forms, which is signed with the time, and without its random nonce."""
    return re.sub(r'(name="csrf_token" value|nonce)="[^"]+"', "", answer.text)
