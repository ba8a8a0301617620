"""One business act, one commit: what is kept, what is taken back, and what is done again."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event, func, select, text, update
from sqlalchemy.exc import IntegrityError, OperationalError

from hwadmin.db.extensions import db
from hwadmin.db.tenancy import acting_as
from hwadmin.db.unit_of_work import OutcomeUnknown, TryAgain, transact, unit_of_work
from hwadmin.domain.permissions import COMMAND_LINE
from hwadmin.errors import ChangedMeanwhile, DomainError, InvalidInput, WrongState
from hwadmin.models import AuditEvent, HardwareOrder, Person, Platform
from hwadmin.operations.orders.decisions import approve_order, reject_order
from tests.builders import World
from tests.operations.refusals import all_rows
from tests.running import only_on

pytestmark = pytest.mark.both_databases


def platforms() -> list[str]:
    return list(db.session.scalars(select(Platform.name).order_by(Platform.name)))


def add(name: str) -> None:
    db.session.add(Platform(name=name))


@pytest.fixture
def commits(world: World) -> list[int]:
    """One entry for every commit of the test."""
    seen: list[int] = []
    session = db.session.registry()

    def see(_session: Any) -> None:
        seen.append(1)

    event.listen(session, "after_commit", see)
    return seen


def test_everything_inside_is_committed_together(world: World, commits: list[int]) -> None:
    with unit_of_work():
        add("One")
        db.session.flush()
        add("Two")
    assert len(commits) == 1
    db.session.rollback()
    assert platforms() == ["One", "Two"]


@pytest.mark.parametrize("error", [WrongState("no"), ValueError("no"), KeyboardInterrupt()])
def test_an_error_takes_everything_back_and_comes_through(world: World, error: BaseException) -> None:
    before = all_rows()

    def action() -> None:
        add("One")
        db.session.flush()
        raise error

    with pytest.raises(type(error)):
        transact(action)
    assert not db.session.new
    assert all_rows() == before


def test_the_action_its_event_and_its_versions_are_one_commit(world: World, commits: list[int]) -> None:
    order = world.an_order()
    ada = world.ada.actor
    commits.clear()
    transact(lambda: approve_order(ada, order.id))
    assert len(commits) == 1


def test_an_action_that_fails_after_its_event_leaves_neither(world: World) -> None:
    order = world.an_order()
    ada = world.ada.actor
    before = all_rows()

    def action() -> None:
        approve_order(ada, order.id)
        raise WrongState("After all, no.")

    with pytest.raises(WrongState):
        transact(action)
    assert all_rows() == before
    # And the same session goes on as if nothing had been.
    transact(lambda: reject_order(ada, order.id, reason="No."))
    assert order.version == 2


def test_a_row_changed_under_the_session_is_a_refusal_and_not_an_error(world: World) -> None:
    order = world.an_order()
    table = HardwareOrder.__table__
    db.session.connection().execute(update(table).values(version=7))
    with pytest.raises(ChangedMeanwhile), unit_of_work():
        order.notes, order.version = "Mine", 2


def test_the_result_of_the_action_is_given_back_as_it_was_committed(world: World) -> None:
    order = world.an_order()
    ada = world.ada.actor
    approved = transact(lambda: approve_order(ada, order.id))
    assert (approved is order, order.version) == (True, 2)


# ---- Again from the start


def test_an_action_that_asks_for_it_is_done_again_from_fresh_rows(world: World) -> None:
    order = world.an_order()
    seen: list[str | None] = []

    def action() -> str:
        seen.append(order.notes)
        order.notes = f"Attempt {len(seen)}"
        db.session.flush()
        if len(seen) < 3:
            raise TryAgain
        return "done"

    assert transact(action) == "done"
    assert seen == [None, None, None]
    assert order.notes == "Attempt 3"


def test_an_action_that_never_gets_through_ends_in_a_refusal(world: World) -> None:
    attempts: list[int] = []

    def action() -> None:
        attempts.append(1)
        add("One")
        raise TryAgain

    with pytest.raises(ChangedMeanwhile) as refusal:
        transact(action)
    assert isinstance(refusal.value, DomainError)
    assert (len(attempts), platforms()) == (5, [])


@pytest.mark.parametrize(
    ("error", "attempts"),
    [("40001", 3), ("40P01", 3), ("55P03", 1), ("57014", 1), (None, 1)],
)
def test_only_what_the_database_asks_to_be_repeated_is_repeated(
    world: World, error: str | None, attempts: int
) -> None:
    class Failure(Exception):
        sqlstate = error

    done: list[int] = []

    def action() -> None:
        done.append(1)
        if len(done) < 3:
            raise OperationalError("UPDATE", {}, Failure())

    if attempts == 1:
        with pytest.raises(OperationalError):
            transact(action)
    else:
        transact(action)
    assert len(done) == attempts


def test_a_violated_constraint_is_not_repeated(world: World) -> None:
    add("One")
    db.session.commit()
    done: list[int] = []

    def action() -> None:
        done.append(1)
        add("One")

    with pytest.raises(IntegrityError):
        transact(action)
    assert len(done) == 1


@pytest.mark.parametrize("typed", ["a\0b", "a\ud800b"])
def test_a_text_no_database_can_hold_is_refused_or_found_nowhere(world: World, typed: str) -> None:
    add("One")
    db.session.commit()
    with suppress(InvalidInput):
        assert db.session.scalars(select(Platform).where(Platform.name == typed)).all() == []
    # The transaction goes on.
    assert platforms() == ["One"]


@only_on("postgresql")
def test_a_text_no_json_can_hold_is_refused(world: World) -> None:
    with pytest.raises(InvalidInput, match="cannot be stored"):
        db.session.execute(text("""SELECT '"\\u0000"'::jsonb"""))


@only_on("sqlite")
def test_an_action_that_never_had_its_turn_to_write_is_done_again(own_app: Flask) -> None:
    attempts: list[int] = []
    with own_app.app_context(), acting_as(db.session, COMMAND_LINE):
        other = sqlite3.connect(str(db.engine.url.database), isolation_level=None)
        event.listen(
            db.engine, "connect", lambda connection, _: connection.execute("PRAGMA busy_timeout = 1")
        )
        other.execute("BEGIN IMMEDIATE")

        def action() -> None:
            attempts.append(1)
            if len(attempts) == 3:
                other.execute("COMMIT")
            add("One")
            db.session.flush()

        transact(action)
        assert (len(attempts), platforms()) == (3, ["One"])
        db.session.remove()
        other.close()


# ---- A connection that is lost


def _lose_the_connection() -> None:
    """Have the server end the connection this session is using."""
    pid = db.session.execute(text("SELECT pg_backend_pid()")).scalar_one()
    with db.engine.connect() as other:
        assert other.execute(text("SELECT pg_terminate_backend(:pid, 5000)"), {"pid": pid}).scalar_one()


def _in(app: Flask, action: Callable[[], None]) -> None:
    with app.app_context(), acting_as(db.session, COMMAND_LINE):
        action()
        db.session.remove()


@only_on("postgresql")
def test_an_action_whose_connection_is_lost_is_done_again(own_app: Flask) -> None:
    attempts: list[int] = []

    def action() -> None:
        attempts.append(1)
        add("One")
        db.session.flush()
        if len(attempts) == 1:
            _lose_the_connection()
        db.session.execute(select(func.count(Person.id)))

    def test() -> None:
        transact(action)
        assert (len(attempts), platforms()) == (2, ["One"])

    _in(own_app, test)


@only_on("postgresql")
def test_an_action_whose_connection_is_lost_in_the_commit_is_not_done_twice(own_app: Flask) -> None:
    attempts: list[int] = []

    def action() -> None:
        attempts.append(1)
        add(f"Attempt {len(attempts)}")

    def test() -> None:
        # By then the action is done and written; whether the commit arrives, nobody can tell.
        event.listen(
            db.session.registry(), "before_commit", lambda _session: _lose_the_connection(), once=True
        )
        with pytest.raises(OutcomeUnknown):
            transact(action)
        assert len(attempts) == 1

    _in(own_app, test)


@only_on("postgresql")  # On SQLite nobody else begins to write meanwhile; the races show it.
def test_nobody_else_sees_anything_before_the_commit(own_app: Flask) -> None:
    def count() -> int:
        with db.engine.connect() as other:
            counted: int = other.execute(select(func.count(AuditEvent.id))).scalar_one()
            return counted

    with own_app.app_context(), acting_as(db.session, COMMAND_LINE):
        world = World()
        order = world.an_order()
        ada = world.ada.actor
        before = count()

        def action() -> int:
            approve_order(ada, order.id)
            db.session.flush()
            return count()

        assert transact(action) == before
        assert count() == before + 1
        db.session.remove()
