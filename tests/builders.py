"""The words tests speak: personas, accounts, catalog items, orders.

Ada is a super-admin; Piet is the platform admin of Northwind, Bea of Blue Harbor; Sam is Northwind's support.
"""

from __future__ import annotations

import itertools
from decimal import Decimal
from functools import cached_property
from typing import Any

from flask import Flask
from flask.testing import FlaskClient

from hwadmin.extensions import db
from hwadmin.kinds import Kind
from hwadmin.models import Account, CatalogItem, Employee, Location, Person, Platform
from hwadmin.permissions import Actor, Role

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

    def an_account(self, platform: Platform | None = None, name: str | None = None) -> Account:
        platform = platform or self.northwind
        return self._add(Account(platform_id=platform.id, name=name or f"Account {next(_numbers)}"))

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


class Clients:
    """Signed-in browsers, one per persona."""

    def __init__(self, app: Flask, world: World) -> None:
        self.app, self.world = app, world

    def of(self, person: Person | None) -> FlaskClient:
        """A browser signed in as the person; not signed in for None."""
        client = self.app.test_client()
        if person is not None:
            sign_in(client, person)
        return client

    def __getattr__(self, name: str) -> FlaskClient:
        client = self.of(None if name == "anonymous" else getattr(self.world, name))
        setattr(self, name, client)
        return client


def sign_in(client: FlaskClient, person: Person) -> None:
    """Give the browser a session, without the cost of a password hash."""
    from hwadmin.operations.signing_in import open_session
    from hwadmin.views.auth import session_values

    handle = open_session(person)
    db.session.commit()
    with client.session_transaction() as session:
        session.update(session_values(handle))
