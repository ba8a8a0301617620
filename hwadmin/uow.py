"""The only committer. One business act = one unit of work = one commit."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.orm.exc import StaleDataError

from hwadmin.errors import ChangedMeanwhile
from hwadmin.extensions import db

T = TypeVar("T")


class TryAgain(Exception):
    """What a deed had checked changed under its hands; it asks to be done anew from the start."""


# serialization_failure, deadlock_detected: the database asks for the whole transaction once more.
_RETRY_SQLSTATES = frozenset({"40001", "40P01"})
_ATTEMPTS = 5


@contextmanager
def unit_of_work() -> Iterator[None]:
    """Everything inside is committed together, or not at all.

    Raises:
        ChangedMeanwhile: where a row had been changed since it was read.
    """
    session = db.session
    try:
        yield
        session.commit()
    except StaleDataError as error:
        session.rollback()
        raise ChangedMeanwhile("Somebody changed this meanwhile. Nothing was done; look again.") from error
    except BaseException:
        session.rollback()
        raise


def transact(deed: Callable[[], T]) -> T:
    """Run a deed in its own unit of work; repeat it whole where the database asks for that.

    The deed must read everything it needs itself, so that a repetition starts from fresh rows.

    Raises:
        ChangedMeanwhile: where a row had been changed since it was read, or was again at every attempt.
    """
    for attempt in range(1, _ATTEMPTS + 1):
        done = False
        try:
            with unit_of_work():
                result = deed()
                db.session.flush()
                done = True
            return result
        except TryAgain as error:
            if attempt == _ATTEMPTS:
                raise ChangedMeanwhile(
                    "Somebody else is changing the same. Nothing was done; try again in a moment."
                ) from error
        except OperationalError as error:
            if attempt == _ATTEMPTS or not _worth_repeating(error, committing=done):
                raise
    raise AssertionError("unreachable")


def _worth_repeating(error: DBAPIError, *, committing: bool) -> bool:
    if getattr(error.orig, "sqlstate", None) in _RETRY_SQLSTATES:
        return True
    if getattr(error.orig, "sqlite_errorcode", None) == sqlite3.SQLITE_BUSY and not committing:
        # Others were faster for as long as we wait for our turn to write; nothing has begun.
        return True
    # A connection lost during the commit leaves open whether it was done; twice might be once too often.
    return error.connection_invalidated and not committing
