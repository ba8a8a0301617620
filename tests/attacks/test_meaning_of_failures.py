"""What each refusal of a database means: away for a moment, worth repeating, or a fault of ours."""

from __future__ import annotations

import sqlite3

import psycopg
import pytest
import sqlalchemy
from psycopg import errors
from sqlalchemy.exc import DBAPIError, DisconnectionError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from hwadmin.db import failures
from tests.ports import free_port


def of_server(state: str) -> DBAPIError:
    """What PostgreSQL refused with this code, as SQLAlchemy raises it."""
    return OperationalError("SELECT 1", {}, errors.lookup(state)())


def of_file(code: int) -> DBAPIError:
    """What SQLite refused with this code, as SQLAlchemy raises it."""
    refusal = sqlite3.OperationalError("refused")
    refusal.sqlite_errorcode = code
    return OperationalError("SELECT 1", {}, refusal)


AWAY = {
    **dict.fromkeys(("08006", "08001", "53100", "53200", "53300", "57P01", "57P02", "57P03", "58030"), False),
    **dict.fromkeys(("25006", "55P03", "57014"), False),
    **dict.fromkeys(("40001", "40P01"), True),
}


@pytest.mark.parametrize(("state", "again"), AWAY.items(), ids=AWAY)
def test_a_server_that_is_away_full_or_busy(state: str, again: bool) -> None:
    error = of_server(state)
    assert failures.is_unavailable(error)
    assert failures.is_worth_repeating(error) is again
    assert failures.leaves_open_whether_committed(error) is state.startswith(("08", "57P"))


@pytest.mark.parametrize("state", ["22P02", "23505", "23503", "42501", "42601", "42P01", "54001", "XX000"])
def test_what_the_server_will_refuse_again_is_a_fault(state: str) -> None:
    error = of_server(state)
    assert not failures.is_unavailable(error)
    assert not failures.is_worth_repeating(error)
    assert not failures.leaves_open_whether_committed(error)


# Of a file that is busy, full, away or damaged; the second is an extended code.
FILE = {
    "busy": sqlite3.SQLITE_BUSY,
    "busy recovering": sqlite3.SQLITE_BUSY | 1 << 8,
    "locked": sqlite3.SQLITE_LOCKED,
    "read-only": sqlite3.SQLITE_READONLY,
    "input and output": sqlite3.SQLITE_IOERR,
    "damaged": sqlite3.SQLITE_CORRUPT,
    "full": sqlite3.SQLITE_FULL,
    "cannot be opened": sqlite3.SQLITE_CANTOPEN,
    "no database": sqlite3.SQLITE_NOTADB,
}


@pytest.mark.parametrize("code", FILE.values(), ids=FILE)
def test_a_file_that_is_away_full_or_busy(code: int) -> None:
    error = of_file(code)
    assert failures.is_unavailable(error)
    assert failures.is_worth_repeating(error) is (code & 0xFF == sqlite3.SQLITE_BUSY)
    # A file has no connection whose answer could be lost.
    assert not failures.leaves_open_whether_committed(error)
    is_damaged = code in {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}
    assert failures.is_damaged(error) is is_damaged
    assert ("restore the last backup" in failures.why_away(error)) is is_damaged


@pytest.mark.parametrize("code", [sqlite3.SQLITE_CONSTRAINT, sqlite3.SQLITE_ERROR, sqlite3.SQLITE_TOOBIG])
def test_what_the_file_will_refuse_again_is_a_fault(code: int) -> None:
    assert not failures.is_unavailable(of_file(code))


def test_a_server_nobody_is_at_and_one_that_hung_up() -> None:
    engine = sqlalchemy.create_engine(f"postgresql+psycopg://nobody@127.0.0.1:{free_port()}/none")
    with pytest.raises(OperationalError) as away:
        engine.connect()
    assert failures.is_unavailable(away.value)
    # psycopg has no code for these.
    for hung_up in (
        OperationalError("COMMIT", {}, psycopg.OperationalError("the connection is lost")),
        InterfaceError("COMMIT", {}, psycopg.InterfaceError("the connection is closed")),
    ):
        assert failures.is_unavailable(hung_up)
        assert failures.leaves_open_whether_committed(hung_up)
    lost = OperationalError("COMMIT", {}, errors.lookup("42601")(), connection_invalidated=True)
    assert failures.is_unavailable(lost)
    assert failures.is_worth_repeating(lost)
    assert failures.leaves_open_whether_committed(lost)


def test_all_connections_are_taken() -> None:
    assert failures.is_unavailable(PoolTimeout())
    assert failures.is_unavailable(DisconnectionError())
    assert not failures.is_unavailable(ValueError())


def test_a_damaged_server() -> None:
    for state in ("XX001", "XX002"):
        assert failures.is_damaged(of_server(state))
