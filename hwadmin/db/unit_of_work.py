"""The only committer. One business act = one unit of work = one commit."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from enum import Enum
from typing import TypeVar

from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.orm.exc import StaleDataError

from hwadmin.db.engines import hold_transaction, reading, seconds_left
from hwadmin.db.extensions import db
from hwadmin.db.failures import is_worth_repeating, leaves_open_whether_committed
from hwadmin.errors import ChangedMeanwhile

T = TypeVar("T")

_ATTEMPTS = 5
# A repetition that cannot end in time is not begun.
_SHORTEST_ATTEMPT_SECONDS = 1.0


class TryAgain(Exception):
    """What an operation had checked changed meanwhile; it asks to be done anew from the start."""


class OutcomeUnknown(Exception):
    """The connection was lost during the commit: what was asked may be done, or not."""


class Saved(Enum):
    """What is known of the requested changes, where something fails."""

    NOTHING = "nothing"
    SOMETHING = "something"
    UNKNOWN = "unknown"


# What this request, job or command has committed so far.
saved: ContextVar[Saved] = ContextVar("hwadmin_saved", default=Saved.NOTHING)


@contextmanager
def unit_of_work() -> Iterator[None]:
    """Everything inside is committed together, or not at all.

    Raises:
        ChangedMeanwhile: where a row had been changed since it was read.
        OutcomeUnknown: where the answer to the commit was lost.
    """
    session = db.session
    if reading.get():
        hold_transaction(session)
    try:
        yield
        session.flush()
        _commit()
    except StaleDataError as error:
        session.rollback()
        raise ChangedMeanwhile("Somebody changed this meanwhile. Nothing was done; look again.") from error
    except BaseException:
        session.rollback()
        raise


def _commit() -> None:
    try:
        db.session.commit()
    except DBAPIError as error:
        if not leaves_open_whether_committed(error):
            raise
        saved.set(Saved.UNKNOWN)
        raise OutcomeUnknown("The connection to the database was lost while this was being saved.") from error
    saved.set(Saved.SOMETHING)


@contextmanager
def bookkeeping() -> Iterator[None]:
    """Commits inside are our own notes, such as when a token was used: nobody asked for them."""
    before = saved.get()
    try:
        yield
    finally:
        saved.set(before)


def transact(operation: Callable[[], T]) -> T:
    """Run an operation in its own unit of work; repeat it whole where the database asks for that.

    The operation must read everything it needs itself, so that a repetition starts from fresh rows.

    Raises:
        ChangedMeanwhile: where a row had been changed since it was read, or was again at every attempt.
        OutcomeUnknown: where the answer to the commit was lost; twice might be once too often.
    """
    for attempt in range(1, _ATTEMPTS + 1):
        last = attempt == _ATTEMPTS or seconds_left() < _SHORTEST_ATTEMPT_SECONDS
        try:
            with unit_of_work():
                return operation()
        except TryAgain as error:
            if last:
                raise ChangedMeanwhile(
                    "Somebody else is changing the same. Nothing was done; try again in a moment."
                ) from error
        except OperationalError as error:
            if last or not is_worth_repeating(error):
                raise
    raise AssertionError("unreachable")
