"""What the database's refusals mean, by class and code: busy or away for a moment, or a fault of ours."""

from __future__ import annotations

import sqlite3

from sqlalchemy.exc import DataError, DBAPIError, DisconnectionError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

# PostgreSQL: connections lost or refused (08), out of disk, memory or connections (53), shutting down or
# starting (57P), and input or output that failed (58).
_AWAY_CLASSES = ("08", "53", "57P", "58")
_AWAY_STATES = frozenset(
    {
        "25006",  # read-only: a standby, or the primary of yesterday
        "40001",  # could not serialize
        "40P01",  # deadlock
        "55P03",  # a lock was not to be had in time
        "57014",  # the statement took too long
    }
)
_RETRY_STATES = frozenset({"40001", "40P01"})
# A character that is not text (22021), or not within JSON (22P05).
_TEXT_STATES = frozenset({"22021", "22P05"})
_AWAY_SQLITE = frozenset(
    {
        sqlite3.SQLITE_BUSY,
        sqlite3.SQLITE_LOCKED,
        sqlite3.SQLITE_READONLY,
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_CORRUPT,
        sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_CANTOPEN,
        sqlite3.SQLITE_NOTADB,
    }
)
_DAMAGED_SQLITE = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB})


def _sqlstate(error: DBAPIError) -> str | None:
    state: str | None = getattr(error.orig, "sqlstate", None)
    return state


def _sqlite_code(error: DBAPIError) -> int | None:
    """The primary result code; SQLite's extended ones have it in their lowest byte."""
    code: int | None = getattr(error.orig, "sqlite_errorcode", None)
    return None if code is None else code & 0xFF


def is_unavailable(error: BaseException) -> bool:
    """Whether the database is busy, away, full or out of connections, and it may go well later."""
    if isinstance(error, (PoolTimeout, DisconnectionError)):
        return True
    if not isinstance(error, DBAPIError):
        return False
    if error.connection_invalidated or _sqlite_code(error) in _AWAY_SQLITE:
        return True
    state = _sqlstate(error)
    if state is None:
        # psycopg has no code for a server that could not be reached, or that hung up.
        return isinstance(error, (OperationalError, InterfaceError)) and _sqlite_code(error) is None
    return state.startswith(_AWAY_CLASSES) or state in _AWAY_STATES


def is_damaged(error: BaseException) -> bool:
    """Whether what lies there can no longer be read; it does not pass by itself."""
    return isinstance(error, DBAPIError) and (
        # PostgreSQL: damaged data (XX001), or a damaged index (XX002).
        _sqlite_code(error) in _DAMAGED_SQLITE or (_sqlstate(error) or "") in {"XX001", "XX002"}
    )


def is_unstorable_text(error: BaseException) -> bool:
    """Whether a text sent along has a NUL or half a character in it."""
    if not isinstance(error, DataError):
        return isinstance(error, UnicodeEncodeError)
    state = _sqlstate(error)
    # psycopg looks for NUL itself and has no code for it.
    return state in _TEXT_STATES or (state is None and "NUL" in str(error.orig))


def why_away(error: BaseException) -> str:
    """What is wrong with the database, in a sentence for whoever runs it."""
    if is_damaged(error):
        return "The database is damaged, or this is no database: restore the last backup."
    return "The database does not answer, or was never set up."


def is_worth_repeating(error: DBAPIError) -> bool:
    """Whether the whole transaction may go well if it is done again at once."""
    return (
        _sqlstate(error) in _RETRY_STATES
        # Others were faster for as long as we waited for our turn to write; nothing has begun.
        or _sqlite_code(error) == sqlite3.SQLITE_BUSY
        or error.connection_invalidated
    )


def leaves_open_whether_committed(error: DBAPIError) -> bool:
    """Whether a COMMIT that failed so may have been carried out: its answer was lost, not refused."""
    if _sqlite_code(error) is not None:
        return False
    state = _sqlstate(error)
    return error.connection_invalidated or state is None or state.startswith(("08", "57P"))
