"""Several callers at the same moment: each a process with connections of its own, like the workers behind it.

Processes and not threads, because that is how the product is served: versioning keeps its state per process.
"""

from __future__ import annotations

import gc
import multiprocessing
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from multiprocessing.synchronize import Barrier
from types import TracebackType
from typing import Any

from flask import Flask

from hwadmin.db.extensions import db
from hwadmin.db.tenancy import acting_as
from hwadmin.domain.permissions import Actor
from hwadmin.errors import DomainError

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

    @property
    def error(self) -> bool:
        """Whether it ended in something a person would see as a fault."""
        return self.outcome != "done" and not self.refused


def meet() -> None:
    """Wait until every caller of this round has come this far."""
    assert _meeting is not None
    _meeting.wait(PATIENCE_SECONDS)


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


def _serve(app: Flask, start: Barrier, meeting: Barrier, orders: Connection) -> None:
    global _meeting
    _meeting = meeting
    gc.freeze()  # What was inherited is not this process's to close.
    while True:
        action = orders.recv()
        if action is None:
            break
        start.wait(PATIENCE_SECONDS)
        orders.send(_do(app, action))
    with app.app_context():
        db.engine.dispose()


class Callers:
    """So many callers of one application, all starting at the same moment."""

    def __init__(self, app: Flask, count: int) -> None:
        self.app, self.count = app, count
        self._start, self._meeting = _FORK.Barrier(count), _FORK.Barrier(count)
        self._callers: list[tuple[BaseProcess, Connection]] = []

    def __enter__(self) -> Callers:
        with self.app.app_context():
            db.session.remove()
            db.engine.dispose()  # No connection may be shared with a child.
        for _ in range(self.count):
            mine, theirs = _FORK.Pipe()
            process = _FORK.Process(
                target=_serve, args=(self.app, self._start, self._meeting, theirs), daemon=True
            )
            process.start()
            theirs.close()
            self._callers.append((process, mine))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for process, pipe in self._callers:
            if kind is None:
                pipe.send(None)
            else:
                process.terminate()
        for process, pipe in self._callers:
            process.join(PATIENCE_SECONDS)
            assert process.exitcode is not None, "A caller does not come to an end."
            pipe.close()

    def all_at_once(self, actions: Sequence[Action]) -> list[Result]:
        """Have every caller do one action, all at the same moment; the results in the same order."""
        assert len(actions) == self.count
        self._start.reset()
        self._meeting.reset()
        for (_, pipe), action in zip(self._callers, actions, strict=True):
            pipe.send(action)
        results: list[Result] = []
        for _, pipe in self._callers:
            assert pipe.poll(2 * PATIENCE_SECONDS), "A caller does not answer."
            results.append(pipe.recv())
        return results
