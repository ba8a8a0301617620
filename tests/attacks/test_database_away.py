"""A database that is away, full or busy: an answer of ours, and the truth about what was saved."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import psycopg
import pytest
from flask import Flask
from sqlalchemy import event, func, select
from werkzeug.test import TestResponse

from hwadmin.config import Settings
from hwadmin.db.engines import BUSY_TIMEOUT_SECONDS
from hwadmin.db.extensions import db
from hwadmin.db.tenancy import acting_as
from hwadmin.db.unit_of_work import transact
from hwadmin.domain.permissions import COMMAND_LINE
from hwadmin.models import HardwareOrder
from hwadmin.web.unsaved_input import csrf_secret
from tests import databases
from tests.api.callers import Caller, Callers
from tests.builders import Browser, Clients, World
from tests.running import only_on
from tests.scim.pushers import BULK, Pusher, refusal, user
from tests.views.people.test_unsaved_input import HTML, value_of

REASON = "The customer moves to Ghent in spring."


@dataclass
class Site:
    """The product on a database of its own, with people who were signed in before anything went wrong."""

    app: Flask
    settings: Settings
    ada: Browser
    api: Caller
    okta: Pusher
    account_id: int
    sku: str

    @property
    def is_postgresql(self) -> bool:
        return self.settings.database_url.startswith("postgresql")

    @contextmanager
    def database_away(self) -> Iterator[None]:
        """Nobody gets a connection: PostgreSQL lets none in, SQLite's file cannot be opened."""
        with self.app.app_context():
            db.session.remove()
            db.engine.dispose()
        if not self.is_postgresql:
            path = Path(self.settings.database_url.removeprefix("sqlite:///"))
            aside = path.with_suffix(".aside")
            path.rename(aside)
            path.mkdir()
            yield
            path.rmdir()
            aside.rename(path)
            return
        name = self.settings.database_url.rsplit("/", 1)[1]
        with psycopg.connect(databases.SERVER, autocommit=True) as server:
            server.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false".encode())
            server.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", (name,)
            )
            yield
            server.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS true".encode())


def a_site(settings: Settings, app: Flask) -> Site:
    with app.app_context(), acting_as(db.session, COMMAND_LINE):
        world = World()
        account = world.an_account(name="Riverside Clinic")
        sku = world.an_item("deskphone").sku
        site = Site(
            app,
            settings,
            Clients(app, world).ada,
            Callers(app, world).of(world.piet),
            Pusher(app, account),
            account.id,
            sku,
        )
        db.session.commit()
        db.session.remove()
    return site


@pytest.fixture
def site(own_database: Settings) -> Iterator[Site]:
    settings = replace(own_database, request_seconds=1.0)
    app = databases.new_app(settings)
    # As deployed: what is raised becomes an answer.
    app.config["PROPAGATE_EXCEPTIONS"] = False
    yield a_site(settings, app)
    with app.app_context():
        db.engine.dispose()


def assert_unavailable(response: TestResponse) -> None:
    assert response.status_code == 503, response.text[:300]
    assert int(response.headers["Retry-After"]) > 0
    assert "default-src 'none'" in response.headers["Content-Security-Policy"]
    assert "Traceback" not in response.text
    assert not re.search(r"psycopg|sqlite|SELECT|FATAL", response.text)


def test_everybody_is_told_and_it_recovers_by_itself(site: Site) -> None:
    assert site.ada.get("/orders/").status_code == 200
    with site.database_away():
        page = site.ada.get("/orders/")
        assert_unavailable(page)
        assert "Busy just now" in page.text
        assert_unavailable(site.ada.get("/no-such-page"))
        assert_unavailable(sign_in(site))
        problem = site.api.get("/orders")
        assert_unavailable(problem)
        assert problem.json["type"] == "/api/docs#problem-busy"
        assert_unavailable(site.okta.get("/Users"))
        assert_unavailable(site.ada.get("/healthz"))
    assert site.ada.get("/orders/").status_code == 200
    assert site.api.get("/orders").status_code == 200
    assert site.ada.get("/healthz").status_code == 200


def test_a_page_that_loses_the_database_is_refused_in_its_frame(site: Site) -> None:
    """Who asks is known by then: their menu has numbers, which nobody can count any more."""
    with ExitStack() as stack:

        def lose_the_database(*_arguments: object, **_more: object) -> str:
            db.session.remove()
            stack.enter_context(site.database_away())
            return str(orders_of(site.app))

        site.app.view_functions["orders.index_view"] = lose_the_database
        page = site.ada.get("/orders/")
        assert_unavailable(page)
    assert "Busy just now" in page.text
    assert "Nothing was changed" in page.text


def test_a_form_that_loses_the_database_is_refused_without_counting_for_the_menu(site: Site) -> None:
    """What a page's menu shows is read along with who asks; what is sent has nothing read along."""
    with ExitStack() as stack:

        def lose_the_database(**_more: object) -> str:
            db.session.remove()
            stack.enter_context(site.database_away())
            return str(orders_of(site.app))

        site.app.view_functions["order_decisions.reject"] = lose_the_database
        page = site.ada.post("/orders/HW-1/reject", data={"reason": REASON}, headers=HTML)
        assert_unavailable(page)
    assert REASON in page.text


def test_a_refusal_that_must_ask_who_is_signed_in_says_that_the_database_is_away(site: Site) -> None:
    """Form tokens are checked before anybody is known: the page of the refusal asks first."""
    site.app.config["WTF_CSRF_ENABLED"] = True
    with site.database_away():
        page = site.ada.post("/orders/HW-1/reject", data={"reason": REASON}, headers=HTML)
    assert_unavailable(page)
    assert "Nothing was changed" in page.text
    assert REASON in page.text


def test_what_was_typed_outlives_a_sign_in_while_the_database_is_away(site: Site) -> None:
    site.app.config["WTF_CSRF_ENABLED"] = True
    with site.ada.session_transaction() as session:
        session["csrf_token"] = csrf_secret(1)
    sent = {"csrf_token": value_of(site.ada.get("/my-account").text, "csrf_token"), "reason": REASON}
    site.ada.delete_cookie("hwadmin_session")
    page = site.ada.post("/orders/HW-1/reject", data=sent, headers=HTML).text
    form = {name: value_of(page, name) for name in ("csrf_token", "unsaved_input")}
    with site.database_away():
        busy = site.ada.post("/sign-in", data={**form, "email": "ada@example.com", "password": "x" * 16})
    assert_unavailable(busy)
    assert "Wait a few seconds and try again." in busy.text
    assert value_of(busy.text, "unsaved_input") == form["unsaved_input"]


@pytest.mark.parametrize(
    ("saves", "sentence"), [(True, "was saved before that"), (False, "Nothing was changed.")]
)
def test_a_directory_is_told_what_was_saved_before_a_fault(site: Site, saves: bool, sentence: str) -> None:
    """That its token is used was noted in either case, and is nothing that it asked for."""

    def fail(**_more: str) -> str:
        if saves:
            transact(lambda: None)
        raise RuntimeError

    site.app.view_functions["scim.users"] = fail
    assert sentence in refusal(site.okta("POST", "/Users", user("dana@example.com")), 500)["detail"]


@only_on("postgresql")  # SQLite's trigger cannot say that the disk is full.
def test_a_bulk_request_in_which_the_database_fails_is_not_done_in_parts(site: Site) -> None:
    with site.app.app_context(), db.engine.begin() as connection:
        connection.exec_driver_sql(
            "CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS"
            " 'BEGIN RAISE EXCEPTION USING ERRCODE = ''disk_full''; END'"
        )
        connection.exec_driver_sql(
            "CREATE TRIGGER full_disk BEFORE INSERT ON employee FOR EACH ROW"
            " WHEN (NEW.email = 'b@example.com') EXECUTE FUNCTION full_disk()"
        )
    operations = [
        {
            "method": "POST",
            "path": "/Users",
            "bulkId": name,
            "data": user(f"{name}@example.com", emails=[{"value": f"{name}@example.com"}]),
        }
        for name in "abc"
    ]
    busy = site.okta("POST", "/Bulk", {"schemas": [BULK], "Operations": operations})
    assert_unavailable(busy)
    assert "Nothing was changed" in refusal(busy, 503)["detail"]
    assert site.okta.get("/Users").get_json(force=True)["totalResults"] == 0


@pytest.mark.both_databases
def test_a_full_disk_is_no_fault_of_ours_and_nothing_is_saved(site: Site) -> None:
    with site.app.app_context():
        if site.is_postgresql:
            with db.engine.begin() as connection:
                connection.exec_driver_sql(
                    "CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS"
                    " 'BEGIN RAISE EXCEPTION USING ERRCODE = ''disk_full''; END'"
                )
                connection.exec_driver_sql(
                    "CREATE TRIGGER full_disk BEFORE INSERT ON unit EXECUTE FUNCTION full_disk()"
                )
        else:
            db.engine.dispose()
            with closing(sqlite3.connect(site.settings.database_url.removeprefix("sqlite:///"))) as file:
                # A migration may have left free pages in it.
                file.execute("VACUUM")
                (pages,) = file.execute("PRAGMA page_count").fetchone()
            event.listen(
                db.engine,
                "connect",
                lambda driver, _: driver.execute(f"PRAGMA max_page_count = {pages}"),
            )
            db.engine.dispose()
    lines = [{"sku": site.sku, "quantity": 400}]
    response = site.api.post("/orders", {"account_id": site.account_id, "lines": lines})
    assert_unavailable(response)
    assert "Nothing was changed" in response.json["detail"]
    assert orders_of(site.app) == 0


@only_on("sqlite")  # Only there is one lock for all writers.
def test_a_held_write_lock_ends_the_wait_within_the_time_of_a_request(site: Site) -> None:
    # Its time is waited for, twice.
    seconds = 0.5
    site.app.config["HWADMIN"] = replace(site.settings, request_seconds=seconds)
    with sqlite3.connect(
        site.settings.database_url.removeprefix("sqlite:///"), isolation_level=None
    ) as other:
        other.execute("BEGIN IMMEDIATE")
        with longest_waits(site.app) as waits:
            assert_unavailable(sign_in(site))
            assert 0 < sum(waits) <= seconds
            waits.clear()
            response = site.api.post(
                "/orders", {"account_id": site.account_id, "lines": [{"sku": site.sku, "quantity": 1}]}
            )
            assert_unavailable(response)
            assert 0 < sum(waits) <= seconds
        other.execute("ROLLBACK")
    other.close()
    assert orders_of(site.app) == 0


def sign_in(site: Site) -> TestResponse:
    """Somebody who was not signed in tries to."""
    browser = Browser(site.app, site.app.response_class)
    return browser.post("/sign-in", data={"email": "ada@example.com", "password": "x" * 16})


@contextmanager
def longest_waits(app: Flask) -> Iterator[list[float]]:
    """How long each beginning that asks for SQLite's one lock of all writers waits at most, in seconds."""
    waits: list[float] = []

    def trace(driver: sqlite3.Connection, _record: object) -> None:
        longest = float(BUSY_TIMEOUT_SECONDS)

        def note(statement: str) -> None:
            nonlocal longest
            if set_wait := re.fullmatch(r"PRAGMA busy_timeout ?= ?(\d+)", statement):
                longest = int(set_wait[1]) / 1000
            elif statement == "BEGIN IMMEDIATE":
                waits.append(longest)

        driver.set_trace_callback(note)

    with app.app_context():
        engine = db.engine
        engine.dispose()
    event.listen(engine, "connect", trace)
    yield waits
    event.remove(engine, "connect", trace)


def orders_of(app: Flask) -> int:
    with app.app_context(), acting_as(db.session, COMMAND_LINE):
        count: int = db.session.execute(select(func.count(HardwareOrder.id))).scalar_one()
        db.session.remove()
        return count
