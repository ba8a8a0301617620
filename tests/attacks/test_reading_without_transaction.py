"""What only shows reads without a transaction on PostgreSQL; what writes all the same has one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, text, update

from hwadmin.db import engines
from hwadmin.db.extensions import db
from hwadmin.db.tenancy import acting_as
from hwadmin.db.unit_of_work import transact
from hwadmin.domain.permissions import COMMAND_LINE
from hwadmin.models import Platform
from hwadmin.queries.text_match import plan_for_these_words
from tests.running import only_on

pytestmark = pytest.mark.both_databases


@pytest.fixture
def reading(own_app: Flask) -> Iterator[bool]:
    """A request that only shows; whether the database is PostgreSQL."""
    with own_app.app_context(), acting_as(db.session, COMMAND_LINE):
        db.session.add(Platform(name="One"))
        db.session.commit()
        engines.reading.set(True)
        try:
            yield own_app.config["SQLALCHEMY_DATABASE_URI"].startswith("postgresql")
        finally:
            engines.reading.set(False)
            db.session.remove()


def names() -> list[str]:
    return list(db.session.scalars(select(Platform.name).order_by(Platform.name)))


def in_transaction() -> bool:
    driver: Any = db.session.connection().connection.driver_connection
    return bool(driver.info.transaction_status.name == "INTRANS")


def add() -> None:
    db.session.add(Platform(name="Two"))
    db.session.flush()


def rename() -> None:
    db.session.execute(update(Platform).values(name="Two"))


def lock() -> None:
    db.session.execute(select(Platform.id).with_for_update())


def test_what_only_shows_begins_no_transaction(reading: bool) -> None:
    assert names() == ["One"]
    assert not reading or not in_transaction()


def test_the_next_request_that_writes_has_its_transaction(reading: bool) -> None:
    names()
    db.session.rollback()
    engines.reading.set(False)
    names()
    assert not reading or in_transaction()


@pytest.mark.parametrize("write", [add, rename])
def test_what_is_written_while_showing_is_kept_by_a_commit_only(
    reading: bool, write: Callable[[], None]
) -> None:
    names()
    write()
    db.session.rollback()
    assert names() == ["One"]


def test_a_lock_taken_while_showing_is_held(reading: bool) -> None:
    names()
    lock()
    assert not reading or in_transaction()


def test_a_savepoint_while_showing_has_a_transaction_to_stand_in(reading: bool) -> None:
    names()
    nested = db.session.begin_nested()
    rename()
    nested.rollback()
    assert names() == ["One"]
    assert not reading or in_transaction()


def test_an_action_while_showing_is_done_as_a_whole_or_not_at_all(reading: bool) -> None:
    names()

    def action() -> None:
        db.session.connection().execute(text("UPDATE platform SET name = 'Two'"))
        raise ValueError

    with pytest.raises(ValueError):
        transact(action)
    assert names() == ["One"]


@only_on("postgresql")  # SQLite keeps no plans.
@pytest.mark.usefixtures("reading")
def test_a_search_is_planned_for_its_words_to_the_end_of_the_request() -> None:
    setting = text("SHOW plan_cache_mode")
    names()
    plan_for_these_words()
    assert db.session.connection().execute(setting).scalar_one() == "force_custom_plan"
    db.session.rollback()
    assert db.session.connection().execute(setting).scalar_one() == "auto"


@only_on("postgresql")  # SQLite has no connection to lose.
@pytest.mark.usefixtures("reading")
def test_a_connection_the_server_has_closed_is_not_given_out() -> None:
    pid = db.session.connection().execute(text("SELECT pg_backend_pid()")).scalar_one()
    with db.engine.connect() as other:
        # The session's connection goes back to the pool, and is then ended by the server.
        db.session.remove()
        assert other.execute(text("SELECT pg_terminate_backend(:pid, 5000)"), {"pid": pid}).scalar_one()
        with acting_as(db.session, COMMAND_LINE):
            assert names() == ["One"]
