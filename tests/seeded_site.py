"""The world of the tests that walk every route: three platforms with everything an address can name.

Everything happens on one connection to a database of its own; each request runs within a savepoint that is
rolled back, so that each finds the same world.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from typing import Any

from flask import Flask
from sqlalchemy import Connection, event, update
from werkzeug.exceptions import HTTPException
from werkzeug.routing import Rule
from werkzeug.urls import iri_to_uri

from hwadmin import clock
from hwadmin.clock import utcnow
from hwadmin.config import IdentityProvider, Settings
from hwadmin.db.extensions import db
from hwadmin.db.tenancy import acting_as
from hwadmin.db.unit_of_work import transact
from hwadmin.domain.device_kinds import Kind
from hwadmin.domain.ordering.basket import BasketContent, BasketLine, Information, Plan
from hwadmin.domain.people.passwords import Hasher
from hwadmin.domain.permissions import COMMAND_LINE, Role
from hwadmin.models import Account, AuditEvent, Basket, Employee, Person, SignIn, order_id_of
from hwadmin.operations.accounts.employees import deactivate_employee
from hwadmin.operations.accounts.locations import archive_location
from hwadmin.operations.catalog.distributors import (
    DistributorFacts,
    archive_distributor,
    create_distributor,
)
from hwadmin.operations.catalog.items import archive_item
from hwadmin.operations.devices.devices import change_device
from hwadmin.operations.devices.transfers import move_device
from hwadmin.operations.directory.employees import add_entry
from hwadmin.operations.directory.entry_checks import DirectoryEntry
from hwadmin.operations.directory.pushes import open_push
from hwadmin.operations.directory.tokens import (
    authenticate_directory_token,
    create_directory_token,
    revoke_directory_token,
)
from hwadmin.operations.fulfillment.drafts import TextInput, keep_draft
from hwadmin.operations.fulfillment.fulfillment import fulfill_order
from hwadmin.operations.orders.approvals.answers import decide_as_manager, manager_actor
from hwadmin.operations.orders.approvals.links import link_token
from hwadmin.operations.orders.decisions import approve_order, mark_ordered
from hwadmin.operations.orders.notes import add_note
from hwadmin.operations.orders.submission.new_order import NewIntent
from hwadmin.operations.outgoing.webhooks import create_webhook, disable_webhook, ping_webhook
from hwadmin.operations.people.access_rules import AccessRuleFacts, create_access_rule
from hwadmin.operations.people.people import disable_person
from hwadmin.operations.people.staff.access import close_staff_push, open_staff_push
from hwadmin.operations.people.staff.entries import StaffFacts, add_staff_entry
from hwadmin.operations.people.staff.groups import GroupFacts, add_staff_group
from hwadmin.operations.people.staff.tokens import create_staff_token, revoke_staff_token
from hwadmin.operations.people.tokens import create_service_token, create_token, revoke_token
from hwadmin.operations.search.saved_searches import save_search
from hwadmin.queries.ordering.basket import shown_basket
from hwadmin.queries.orders.approvals import last_request
from hwadmin.queries.units.units import units_of
from tests import databases
from tests.builders import Browser, World, an_identifier, sign_in
from tests.databases import SECRET_KEY
from tests.drawn_once import Refusals
from tests.guards.access_policy import POLICY, WRITERS, Route

QUICK = Hasher(time_cost=1, memory_cost=8, parallelism=1)
# Nothing listens there.
PROVIDER = IdentityProvider("okta", "Okta", "http://127.0.0.1:9", "hwadmin", "a-secret", ("staff.example",))
PASSWORD = "the-password-of-everybody"
TENANTS = ("northwind", "blue_harbor", "cedar")
ABSENT = "987654321"
# What changes no row.
_READING = ("SELECT ", "SAVEPOINT ", "RELEASE ", "ROLLBACK ", "SET LOCAL ")
# Stands in internal notes, and nowhere else.
INTERNAL = "quetzalcoatlus"

# ---- The world: what each platform has, under names that give it away


def build_tenant(world: World, tenant: str, word: str) -> dict[str, str]:
    """Everything of one platform that an address or a body can name. Each name contains the word."""
    platform = getattr(world, tenant) if tenant != "cedar" else world.a_platform("Cedar Mobile")
    admin = world.a_person(f"{word} Admin", Role.PLATFORM_ADMIN, platform)
    account = world.an_account(platform, f"{word} Clinic")
    other = world.an_account(platform, f"{word} Bakery")
    site = world.a_location(account, f"{word} Street 1", address=f"{word} Road")
    gone = world.a_location(account, f"{word} Street 2")
    dana = world.an_employee(account, f"{word} Dana", email=f"dana@{word.lower()}.example")
    kofi = world.an_employee(account, f"{word} Kofi")
    left = world.an_employee(account, f"{word} Lee")
    item = world.an_item("deskphone", platform, sku=f"{word.upper()}-PHONE", make=f"{word}phone")
    unused, archived = (world.an_item("deskphone", platform, sku=f"{word.upper()}-{end}") for end in "UA")
    base_item = world.an_item("dect_base", platform, sku=f"{word.upper()}-BASE")
    world._items |= {
        (platform.id, kind): row for kind, row in (("deskphone", item), ("dect_base", base_item))
    }
    accessory = world.an_item("accessory", platform, sku=f"{word.upper()}-EXTRA")
    code, old_code = world.a_code(account, "4711"), world.a_code(account, "4712", archived_at=utcnow())
    line = world.a_phone_line(account)
    ended_line = world.a_phone_line(account, ended_at=utcnow())
    ada = world.ada.actor
    transact(lambda: archive_location(ada, gone.id))
    transact(lambda: deactivate_employee(ada, left.id))
    transact(lambda: archive_item(ada, archived.id))

    def ordered(status: str, **values: Any) -> Any:
        intents = {0: [NewIntent(employee_id=dana.id)]}
        lines = [("deskphone", 2), ("dect_base", 1)]
        return world.an_order(
            "submitted" if status == "fulfilled" else status,
            lines,
            account=account,
            by=admin,
            intents=intents,
            notes=f"{word} notes",
            **values,
        )

    submitted, approved, fulfilled = (ordered(status) for status in ("submitted", "approved", "fulfilled"))
    placed = ordered("approved")
    transact(lambda: mark_ordered(world.ada.actor, placed.id, distributor_reference="VX-1"))
    ordered("rejected")
    transact(lambda: approve_order(ada, fulfilled.id))
    transact(lambda: fulfill_order(ada, fulfilled.id, world.identifiers_for(fulfilled)))
    phone, _, base = units_of(fulfilled.id)
    # The plan of its unit is not what the device is now, so there is something to apply.
    transact(
        lambda: change_device(ada, phone.device_id, employee_id=None, location_id=None, base_device_id=None)  # type: ignore[arg-type]
    )
    mac = phone.identifier
    assert mac is not None
    hook, disabled = (
        transact(lambda end=end: create_webhook(ada, platform.id, url=f"https://{word}.example.com/{end}"))[0]
        for end in "ab"
    )
    transact(lambda: disable_webhook(ada, disabled, "Gone."))
    message = transact(lambda: ping_webhook(ada, hook.id))
    message.next_at, message.delivered_at = None, utcnow()
    db.session.commit()
    okta, secret = transact(lambda: create_directory_token(ada, account.id, name=f"{word} Okta"))
    holder = authenticate_directory_token(secret)
    assert holder is not None

    def pushed() -> Employee:
        push = open_push(holder.actor, account.id)
        record = {"userName": f"{word}.noor", "displayName": f"{word} Noor"}
        return add_entry(push, DirectoryEntry(record["userName"], record["displayName"], record=record))

    noor = transact(pushed)
    okta.last_used_at = utcnow() + timedelta(hours=2)
    event = db.session.query(AuditEvent).filter_by(order_id=submitted.id).first()
    awaiting, answered = _asked(world, account, admin, word)
    return {
        "platform": str(platform.id),
        "platform_name": platform.name,
        "person_name": admin.name,
        "account": str(account.id),
        "account_name": account.name,
        "other_account": str(other.id),
        "location": str(site.id),
        "gone_location": str(gone.id),
        "employee": str(dana.id),
        "employee_name": dana.name,
        "another_employee": str(kofi.id),
        "left_employee": str(left.id),
        "item": str(item.id),
        "accessory": str(accessory.id),
        "code": str(code.id),
        "old_code": str(old_code.id),
        "phone_line": str(line.id),
        "ended_phone_line": str(ended_line.id),
        "unused_item": str(unused.id),
        "archived_item": str(archived.id),
        "sku": item.sku,
        "unused_sku": unused.sku,
        "archived_sku": archived.sku,
        "accessory_sku": accessory.sku,
        "make": item.make,
        "submitted": submitted.reference,
        "submitted_id": str(submitted.id),
        "unit": str(units_of(submitted.id)[0].id),
        "approved": approved.reference,
        "placed": placed.reference,
        "placed_unit": str(units_of(placed.id)[0].id),
        "approved_id": str(approved.id),
        "approved_unit": str(units_of(approved.id)[0].id),
        "fulfilled": fulfilled.reference,
        "fulfilled_unit": str(phone.id),
        "device": str(phone.device_id),
        "base": str(base.device_id),
        "mac": mac,
        "request": str(event.request_id) if event else "none",
        "new_mac": an_identifier("deskphone"),
        "webhook": str(hook.id),
        "disabled_webhook": str(disabled.id),
        "message": str(message.id),
        "directory_token": str(okta.id),
        "directory_secret": secret,
        "scim_user": str(noor.scim_id),
        "directory_employee": str(noor.id),
        "awaiting": awaiting[0],
        "link": awaiting[1],
        "answered": answered[0],
        "used_link": answered[1],
    }


def _asked(world: World, account: Any, admin: Person, word: str) -> list[tuple[str, str]]:
    """Two orders whose manager was asked, an hour ago; the second is answered."""
    account.requires_manager_approval = True
    account.approver_name, account.approver_email = f"{word} Manager", f"boss@{word.lower()}.example"
    with clock.at(utcnow() - timedelta(hours=1)):
        orders = [world.an_order(account=account, by=admin) for _ in range(2)]
    links = []
    for order in orders:
        asked = last_request(world.ada.actor, order.id)
        assert asked is not None
        links.append((order.reference, link_token(SECRET_KEY, asked)))
    transact(lambda: decide_as_manager(manager_actor(asked), asked, agrees=True))  # type: ignore[arg-type]
    account.requires_manager_approval = False
    db.session.commit()
    return links


FOREIGN_ORIGIN = "https://elsewhere.example"
WORDS = {"northwind": "Aspen", "blue_harbor": "Birch", "cedar": "Cypress"}
NOTHING = {
    "platform_name": "Nowhere Telecom",
    "person_name": "Nobody Atall",
    "account_name": "Nowhere Clinic",
    "employee_name": "Nowhere Dana",
    "sku": "NOWHERE-PHONE",
    "make": "Nowherephone",
    "submitted": f"HW-{ABSENT}",
    "approved": f"HW-{ABSENT}",
    "placed": f"HW-{ABSENT}",
    "placed_unit": ABSENT,
    "fulfilled": f"HW-{ABSENT}",
    "awaiting": f"HW-{ABSENT}",
    "answered": f"HW-{ABSENT}",
    "link": f"{ABSENT}-{'a' * 52}",
    "used_link": f"{ABSENT}-{'a' * 52}",
    "mac": "805ec0ffffff",
    "request": "00000000-0000-4000-8000-000000000000",
    "api_chapter": "nowhere",
    "stylesheet": "nowhere.css",
    "library": "nowhere.css",
    "scim_schemas": "Schemas",
    "scim_bulk": "Bulk",
}


@dataclass(frozen=True)
class Answer:
    """What somebody was answered, and whether any table is different since."""

    status: int
    body: str
    headers: Mapping[str, str]
    changed: bool


_SIGN_OUT = POLICY["auth.logout", "POST"]
ANY_PAGE, ANY_CALL = POLICY["orders.index_view", "GET"], POLICY["api.list_orders", "GET"]


class Stage:
    """The application, its people and their things, asked one request at a time."""

    def __init__(self, app: Flask, connection: Connection, world: World) -> None:
        self.app, self.connection = app, connection
        self._writes = 0
        self.refusals = Refusals()
        event.listen(connection, "before_cursor_execute", self._count_writes)
        self.things = {tenant: build_tenant(world, tenant, WORDS[tenant]) for tenant in TENANTS}
        shared = self._shared(world)
        for things in self.things.values():
            things |= shared
        note = self._note_something(world)
        search = transact(lambda: save_search(world.piet.actor, "orders", "status=all", "Mine")).id
        for things in self.things.values():
            things |= {"note": str(note), "search": str(search)}
        self._move_a_device(world)
        cedar = db.session.get(world.northwind.__class__, int(self.things["cedar"]["platform"]))
        people = {
            "ada": world.ada,
            "piet": world.piet,
            "bea": world.bea,
            "sam": world.sam,
            "tess": world.a_person("Tess Cole", Role.PLATFORM_ADMIN, world.northwind, cedar),  # type: ignore[arg-type]
            "uma": world.a_person("Uma Voss", Role.SUPPORT, all_platforms=True),
            "dora": world.a_person("Dora Quist", Role.SUPER_ADMIN),
            "nico": world.a_person("Nico Abel", Role.SUPER_ADMIN),
        }
        for person in people.values():
            person.password_hash = QUICK.hash(PASSWORD)
        db.session.commit()
        self._fill_baskets(people)
        self._begin_to_fulfill(people["nico"])
        self.cookies: dict[str, str] = {name: self._signed_in(person) for name, person in people.items()}
        # Their use is noted once in a while; here it has been.
        db.session.execute(update(SignIn).values(last_used_at=utcnow() + timedelta(hours=2)))
        self.token_prefixes: dict[str, str] = {}
        self.tokens = self._make_tokens(people)
        transact(lambda: disable_person(world.ada.actor, people["dora"].id))
        db.session.remove()
        self.markers = self._markers()
        self._keep_signed_out("nico")
        self.unchanged = self.checksum()

    def _shared(self, world: World) -> dict[str, str]:
        voxport = DistributorFacts("Voxport", "orders@voxport.example")
        gone = transact(lambda: create_distributor(world.ada.actor, DistributorFacts("Brandt & Voss")))
        transact(lambda: archive_distributor(world.ada.actor, gone.id, archived=True))
        rule_facts = AccessRuleFacts(PROVIDER.key, "groups", "deciders", Role.SUPER_ADMIN)
        rule = transact(lambda: create_access_rule(world.ada.actor, rule_facts, [PROVIDER.key]))
        person, other = (world.a_person(name, Role.SUPPORT) for name in ("Kim Sol", "Lou Sol"))
        transact(lambda: disable_person(world.ada.actor, other.id))
        return self._pushed_staff(world) | {
            "person": str(person.id),
            "distributor": str(transact(lambda: create_distributor(world.ada.actor, voxport)).id),
            "archived_distributor": str(gone.id),
            "disabled_person": str(other.id),
            "session_mark": "0" * 16,
            "provider": PROVIDER.key,
            "no_passkey": "1",
            "access_rule": str(rule.id),
            "no_link": f"1-{'a' * 52}",
            "api_chapter": "orders",
            "stylesheet": "hw.css",
            "library": "bootstrap/bootstrap4/css/bootstrap.min.css",
            "scim_schemas": "Schemas",
            "scim_bulk": "Bulk",
        }

    def _pushed_staff(self, world: World) -> dict[str, str]:
        """Somebody and a group that the company's identity provider pushed."""
        ada = world.ada.actor
        token, secret = transact(
            lambda: create_staff_token(ada, PROVIDER.key, name="Okta", providers=[PROVIDER])
        )
        token.last_used_at = utcnow() + timedelta(hours=2)
        cut_off, revoked = transact(
            lambda: create_staff_token(ada, PROVIDER.key, name="Cut off", providers=[PROVIDER])
        )
        transact(lambda: revoke_staff_token(ada, cut_off.id))
        self.staff_secrets = {"staff_okta": secret, "staff_cut_off": revoked}
        user, facts = "noor@staff.example", {"userName": "noor@staff.example"}

        def pushed() -> tuple[str, str]:
            push = open_staff_push(ada, PROVIDER, "")
            entry = add_staff_entry(push, StaffFacts(user, "Noor Staff", user, True, None, facts))
            group = add_staff_group(push, GroupFacts("helpers", None, [entry.scim_id]))
            close_staff_push(push)
            return entry.scim_id, group.scim_id

        entry, group = transact(pushed)
        return {"staff_user": entry, "staff_group": group, "staff_token": str(token.id)}

    def _note_something(self, world: World) -> int:
        """Internal notes on the orders of each platform, with a word no platform may read.

        The answer is the key of Sam's on the one of Northwind that waits.
        """

        def note(things: Mapping[str, str], name: str) -> int:
            ours = things is self.things["northwind"]
            actor, order_id = (world.sam if ours else world.ada).actor, order_id_of(things[name])
            assert order_id is not None
            return transact(lambda: add_note(actor, order_id, f"Ask the {INTERNAL} first.").id)

        notes = {
            (tenant, name): note(things, name)
            for tenant, things in self.things.items()
            for name in ("submitted", "approved", "fulfilled")
        }
        return notes["northwind", "submitted"]

    def _move_a_device(self, world: World) -> None:
        """A device that was Northwind's and is Blue Harbor's: each keeps what is its own to know."""
        # Make, model and SKU are the device's own and go with it, so they name nobody here.
        world._items[world.northwind.id, Kind.DESKPHONE] = world.an_item("deskphone", world.northwind)
        order = world.an_order("fulfilled", [("deskphone", 1)], platform=world.northwind)
        device_id = units_of(order.id)[0].device_id
        target = int(self.things["blue_harbor"]["account"])
        assert device_id is not None
        transact(lambda: move_device(world.ada.actor, device_id, target, reason="Sold."))
        self.moved = str(device_id)
        self.moved_from = order.reference

    def _begin_to_fulfill(self, person: Person) -> None:
        """A colleague's draft for the placed order of each tenant."""
        for things in self.things.values():
            order_id = order_id_of(things["placed"])
            assert order_id is not None
            step = TextInput(int(things["placed_unit"]), an_identifier("deskphone"))
            transact(partial(keep_draft, person.actor, order_id, [step]))

    def _fill_baskets(self, people: Mapping[str, Person]) -> None:
        """Whoever fills baskets has two phones in a basket for each account they are given."""
        for things in self.things.values():
            account = db.session.get(Account, int(things["account"]))
            assert account is not None
            things |= {"basket_key": f"the-basket-of-{account.id}", "plan_seen": Plan().mark}
            for name in sorted(WRITERS):
                if not people[name].actor.sees(account.platform_id):
                    continue
                line = BasketLine(key=1, sku=things["sku"], title="Phone", quantity=2)
                # Told already, since what is likely differs from person to person.
                information = Information(requester="Reception")
                content = BasketContent(
                    lines=(line,),
                    information=information,
                    informed=True,
                    submission_key=things["basket_key"],
                    # A super-admin confirms copies.
                    copied_from=(int(things["approved_id"]),),
                )
                basket = Basket(
                    platform_id=account.platform_id,
                    account_id=account.id,
                    person_id=people[name].id,
                    content=content.model_dump(mode="json"),
                )
                db.session.add(basket)
                db.session.commit()
                things["information_seen"] = information.mark
                things["basket_seen"] = shown_basket(people[name].actor, account, basket).seen

    def _signed_in(self, person: Person) -> str:
        client = Browser(self.app, self.app.response_class)
        sign_in(client, person)
        cookie = client.get_cookie("hwadmin_session")
        assert cookie is not None
        return cookie.value

    def _make_tokens(self, people: Mapping[str, Person]) -> dict[str, str]:
        ada = people["ada"].actor
        made = {
            name: transact(lambda key=person.id: create_token(ada, key, name="x", acts_without_proof=True))
            for name, person in people.items()
        }
        made["expired"] = transact(lambda: create_token(ada, people["ada"].id, name="old"))
        made["expired"][0].expires_at = utcnow() - timedelta(seconds=1)
        platform = int(self.things["northwind"]["platform"])
        made["program"] = transact(
            lambda: create_service_token(ada, platform, "Portal", name="x", acts_without_proof=True)
        )
        for token, _ in made.values():
            # The hour of use is noted once an hour; here it has been.
            token.last_used_at = utcnow() + timedelta(hours=2)
        db.session.commit()
        transact(lambda: revoke_token(ada, made["nico"][0].id))
        for things in self.things.values():
            things["token"] = str(made["piet"][0].id)
        self.token_prefixes = {name: token.prefix for name, (token, _) in made.items()}
        northwind = self.things["northwind"]
        cut_off, secret = transact(
            lambda: create_directory_token(ada, int(northwind["account"]), name="Cut off")
        )
        transact(lambda: revoke_directory_token(ada, cut_off.id))
        return {name: secret for name, (_, secret) in made.items()} | {
            "okta": northwind["directory_secret"],
            "entra": self.things["blue_harbor"]["directory_secret"],
            "cut_off": secret,
            **self.staff_secrets,
        }

    def _keep_signed_out(self, persona: str) -> None:
        assert self._send(_SIGN_OUT, persona, "POST", "/sign-out").status_code == 303

    def _markers(self) -> dict[str, list[str]]:
        """What gives a platform away, by platform."""
        return {
            tenant: [
                WORDS[tenant],
                things["platform_name"],
                *(things[name] for name in ("submitted", "approved", "fulfilled")),
                *(things["mac"].upper(), things["mac"].lower(), things["mac"].replace(":", "")),
                *{"northwind": ["Piet Jansen"], "blue_harbor": ["Bea Lund"]}.get(tenant, ()),
            ]
            for tenant, things in self.things.items()
        }

    # ---- Asking

    def send(
        self, route: Route, persona: str, path: str, data: Any = None, *, headers: Mapping[str, str]
    ) -> Any:
        """What the persona is answered; what was done stays."""
        return self._send(route, persona, route.method, path, data, headers)

    def _send(
        self,
        route: Route,
        persona: str,
        method: str,
        path: str,
        data: Any = None,
        more: Mapping[str, str] | None = None,
    ) -> Any:
        client = Browser(self.app, self.app.response_class, use_cookies=False)
        # The answer must be nothing to the page of another site, whoever reads it there.
        headers = {"Origin": FOREIGN_ORIGIN} if method == "GET" else {}
        headers |= more or {}
        if route.by_token and persona in self.tokens:
            headers["Authorization"] = f"Bearer {self.tokens[persona]}"
        elif not route.by_token or persona == "cookie":
            cookie = self.cookies.get("ada" if persona == "cookie" else persona)
            headers |= {"Cookie": f"hwadmin_session={cookie}"} if cookie else {}
        sent = {"json": data} if route.by_token or route.by_script else {"data": data}
        if isinstance(data, str):
            sent = {"data": data, "content_type": "text/plain"}
        return client.open(path, method=method, headers=headers, **(sent if data is not None else {}))

    def ask(
        self, route: Route, persona: str, path: str, data: Any = None, *, method: str | None = None
    ) -> Answer:
        """What the persona is answered; afterwards everything is as it was."""
        with self.undone(), self.refusals.in_use():
            writes = self.row_writes()
            response = self._send(route, persona, method or route.method, path, data)
            body = response.get_data().decode(errors="replace")
            response.close()
            # Where no row was written, none is different: comparing them all takes longer than most requests.
            changed = self.row_writes() != writes and self.checksum() != self.unchanged
        headers = {name: value for name, value in response.headers if name not in ("Set-Cookie", "Date")}
        return Answer(response.status_code, body, headers, changed)

    @contextmanager
    def undone(self) -> Iterator[None]:
        """What is done in the block is undone at its end."""
        databases.send(self.connection, "SAVEPOINT undone")
        try:
            yield
        finally:
            # A savepoint one has gone back to is still there; thousands of them are more than a server has.
            databases.send(self.connection, "ROLLBACK TO SAVEPOINT undone")
            databases.send(self.connection, "RELEASE SAVEPOINT undone")

    def row_writes(self) -> int:
        """How often rows may have been inserted, changed or deleted so far, undone or not."""
        driver: object = self.connection.connection.dbapi_connection
        return driver.total_changes if isinstance(driver, sqlite3.Connection) else self._writes

    def _count_writes(self, _connection: Connection, cursor: Any, statement: str, *_: object) -> None:
        # Of a statement that could have written and has not, such as a repeated INSERT, the count is 0.
        self._writes += not statement.startswith(_READING) and cursor.rowcount != 0

    def checksum(self) -> Any:
        """Of every row of every table."""
        return databases.rows_of(self.connection)

    # ---- What there is to ask

    def rules(self, endpoint: str) -> list[Rule]:
        return list(self.app.url_map.iter_rules(endpoint))

    def address(self, route: Route, things: Mapping[str, str], **replaced: str) -> str:
        """The route's address, naming these things; words of the address may be replaced by others."""
        rule = next(rule for rule in self.rules(route.endpoint) if route.method in (rule.methods or ()))
        values = {
            part: things.get(thing, ABSENT) for part, thing in (*route.at.items(), *route.query.items())
        }
        values |= replaced
        path = re.sub(r"<(?:[^:<>]+:)?(\w+)>", lambda match: values.get(match[1], "csv"), rule.rule)
        query = "&".join(f"{name}={values[name]}" for name in route.query)
        return f"{path}?{query}" if query else path

    def reaches(self, path: str, route: Route) -> bool:
        """Whether an address is the route's at all; a number that is none may lead nowhere."""
        adapter = self.app.url_map.bind("localhost")
        try:
            found, _ = adapter.match(iri_to_uri(path).partition("?")[0], method=route.method)
        except HTTPException:
            return False
        return found == route.endpoint


def fill(template: Any, things: Mapping[str, str]) -> Any:
    """The template with things for its words in braces; ``{#word}`` becomes a number."""
    if isinstance(template, Mapping):
        return {fill(name, things): fill(value, things) for name, value in template.items()}
    if isinstance(template, list):
        return [fill(one, things) for one in template]
    if not isinstance(template, str):
        return template
    if number := re.fullmatch(r"{#([\w:]+)}", template):
        return int(things.get(number[1], ABSENT))
    return re.sub(r"{([\w:]+)}", lambda match: things.get(match[1], ABSENT), template)


@contextmanager
def on_one_connection(settings: Settings) -> Iterator[tuple[Flask, Connection]]:
    """An application whose every transaction is a savepoint on one connection."""
    # One site serves a whole run of the tests: nobody is signed out meanwhile.
    app = databases.new_app(replace(settings, idle_minutes=24 * 60, session_hours=48, providers=(PROVIDER,)))
    app.config["PASSWORD_HASHER"] = QUICK
    with app.app_context():
        engine = db.engine
    with databases.rolled_back(engine) as connection:
        db._app_engines[app][None] = connection  # type: ignore[assignment]
        try:
            yield app, connection
        finally:
            db._app_engines[app][None] = engine
    engine.dispose()


@contextmanager
def a_stage(template: databases.Template) -> Iterator[Stage]:
    """A stage on a database of its own."""
    with template.copy() as settings, on_one_connection(settings) as (app, connection):
        with app.app_context(), acting_as(db.session, COMMAND_LINE):
            stage = Stage(app, connection, World())
            db.session.remove()
        yield stage
