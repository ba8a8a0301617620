"""Several callers at the same moment: each a process with connections of its own, like the workers behind it.

Processes and not threads, because that is how the product is served: versioning keeps its state per process.
The same ones call in all tests of a worker.
"""

from __future__ import annotations

import contextlib
import contextvars
import gc
import multiprocessing
import os
import stat
import traceback
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from multiprocessing.synchronize import Barrier
from pathlib import Path
from types import TracebackType
from typing import Any

from flask import Flask
from sqlalchemy import Engine, event
from sqlalchemy.engine import ExceptionContext

from hwadmin.config import Settings
from hwadmin.db.extensions import db
from hwadmin.db.tenancy import acting_as
from hwadmin.domain.permissions import Actor
from hwadmin.errors import DomainError
from tests.borrowed_apps import lend_again

_FORK = multiprocessing.get_context("fork")
# Nobody waits longer for the others: a test that would hang fails.
PATIENCE_SECONDS = 60

# Where the callers of one round wait for each other in the middle of what they do.
_meeting: Barrier | None = None


@dataclass(frozen=True)
class Action:
    """What a caller does: a function of a module and its arguments, on behalf of somebody."""

    actor: Actor
    do: Callable[..., Any]
    args: tuple[Any, ...] = ()


@dataclass(frozen=True)
class Result:
    """What became of it: ``done`` and its value, or the name of the error and what it said."""

    outcome: str
    value: Any = None
    refused: bool = False
    deadlocks: int = 0

    @property
    def error(self) -> bool:
        """Whether it ended in something a person would see as a fault."""
        return self.outcome != "done" and not self.refused


def meet() -> None:
    """Wait until every caller of this round has come this far."""
    assert _meeting is not None
    _meeting.wait(PATIENCE_SECONDS)


# How often the database ended the wait of this process and another for each other.
_deadlocks = 0


def _count_deadlock(context: ExceptionContext) -> None:
    global _deadlocks
    _deadlocks += getattr(context.original_exception, "sqlstate", None) == "40P01"


def _do(app: Flask, action: Action) -> Result:
    with app.app_context():
        try:
            with acting_as(db.session, action.actor):
                return Result("done", action.do(action.actor, *action.args))
        except DomainError as error:
            return Result(type(error).__name__, error.message, refused=True)
        except Exception as error:
            return Result(type(error).__name__, traceback.format_exc())
        finally:
            db.session.remove()


@dataclass(frozen=True)
class _Call:
    """What a process is told: to call on the database of these settings, so many at once."""

    settings: Settings
    count: int


class _Rest:
    """What a process is told at the end of a test: to leave the database alone."""


Barriers = Mapping[int, tuple[Barrier, Barrier]]


def _let_go_of_the_parents(orders: Connection) -> None:
    """Leave the parent's sockets and pipes to it: what it closes would stay open as long as a caller lives.

    Their numbers stay taken, by nothing: the objects that know them are still there.
    """
    with Path(os.devnull).open("rb+") as nothing:
        for number in {int(path.name) for path in Path("/dev/fd").iterdir()} - {0, 1, 2, orders.fileno()}:
            with contextlib.suppress(OSError):  # The one that was listed with.
                mode = os.fstat(number).st_mode
                if stat.S_ISSOCK(mode) or stat.S_ISFIFO(mode):
                    os.dup2(nothing.fileno(), number)


def _serve(app: Flask, barriers: Barriers, orders: Connection) -> None:
    global _meeting, _deadlocks
    gc.freeze()  # What was inherited is not this process's to close.
    _let_go_of_the_parents(orders)
    event.listen(Engine, "handle_error", _count_deadlock)
    start = None
    while (order := orders.recv()) is not None:
        if isinstance(order, _Call):
            start, _meeting = barriers[order.count]
            lend_again(app, order.settings)
        elif isinstance(order, _Rest):
            with app.app_context():
                db.engine.dispose()
            orders.send(order)
        else:
            assert start is not None
            start.wait(PATIENCE_SECONDS)
            _deadlocks = 0
            # What an action sets for itself is gone with it, as at the end of a request.
            result = contextvars.copy_context().run(_do, app, order)
            orders.send(replace(result, deadlocks=_deadlocks))


class Crew:
    """Processes that are the callers of one test after another, each time on another database.

    The first thing a process does takes twenty times as long as the next one: it copies the memory it shares
    with its parent, and compiles its statements.
    """

    SIZES = (2, 8, 9)

    def __init__(self) -> None:
        self.barriers: Barriers = {}
        self._members: list[tuple[BaseProcess, Connection]] = []

    def members(self, app: Flask, count: int) -> list[tuple[BaseProcess, Connection]]:
        """So many processes with an application like this one."""
        if len(self._members) < count:
            with app.app_context():
                db.session.remove()
                db.engine.dispose()  # No connection may be shared with a child.
        if not self._members:
            self.barriers = {size: (_FORK.Barrier(size), _FORK.Barrier(size)) for size in self.SIZES}
        while len(self._members) < count:
            mine, theirs = _FORK.Pipe()
            process = _FORK.Process(target=_serve, args=(app, self.barriers, theirs), daemon=True)
            process.start()
            theirs.close()
            self._members.append((process, mine))
        return self._members[:count]

    def dismiss(self, *, at_once: bool = False) -> None:
        """End the processes; at once those that may hang."""
        for process, pipe in self._members:
            if at_once:
                process.terminate()
            else:
                pipe.send(None)
        for process, pipe in self._members:
            process.join(PATIENCE_SECONDS)
            assert process.exitcode is not None, "A caller does not come to an end."
            pipe.close()
        self._members = []


class Callers:
    """So many callers of one application, all starting at the same moment."""

    def __init__(self, crew: Crew, app: Flask, count: int) -> None:
        self.crew, self.app, self.count = crew, app, count
        self._pipes: list[Connection] = []

    def __enter__(self) -> Callers:
        self._pipes = [pipe for _, pipe in self.crew.members(self.app, self.count)]
        self._barriers = self.crew.barriers[self.count]
        for pipe in self._pipes:
            pipe.send(_Call(self.app.config["HWADMIN"], self.count))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            for pipe in self._pipes if kind is None else ():
                pipe.send(_Rest())
                assert isinstance(self._answer(pipe), _Rest)
        except BaseException:
            self.crew.dismiss(at_once=True)
            raise
        if kind is not None:
            self.crew.dismiss(at_once=True)

    @staticmethod
    def _answer(pipe: Connection) -> Any:
        assert pipe.poll(2 * PATIENCE_SECONDS), "A caller does not answer."
        return pipe.recv()

    def all_at_once(self, actions: Sequence[Action], *, deadlocks: int = 0) -> list[Result]:
        """Have every caller do one action, all at the same moment; the results in the same order.

        Args:
            actions: what each does.
            deadlocks: how many there are to be. One that is repeated with success costs its second all the
                same, and many in a row are a fault.
        """
        assert len(actions) == self.count
        for barrier in self._barriers:
            barrier.reset()
        for pipe, action in zip(self._pipes, actions, strict=True):
            pipe.send(action)
        results: list[Result] = [self._answer(pipe) for pipe in self._pipes]
        assert sum(result.deadlocks for result in results) == deadlocks, "They wait for each other."
        return results
