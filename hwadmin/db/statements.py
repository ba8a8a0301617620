"""How many statements a request or command sent to the database, and how long it waited for them."""

from __future__ import annotations

import time
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Engine, event

from hwadmin.logs import logger

_log = logger("hwadmin.statements")
_MOST_LOGGED = 2_000


@dataclass(slots=True)
class Tally:
    """What was sent so far."""

    statements: int = 0
    seconds: float = 0.0
    # A statement that takes longer is logged; 0 logs none.
    slow_seconds: float = 0.0


tally: ContextVar[Tally | None] = ContextVar("hwadmin_tally", default=None)


def install() -> None:
    """Listen to every engine made after this call."""
    event.listen(Engine, "before_cursor_execute", _before)
    event.listen(Engine, "after_cursor_execute", _after)


def _before(_connection: Any, _cursor: Any, _text: str, _values: Any, context: Any, _many: bool) -> None:
    if context is not None:
        context.hwadmin_started = time.perf_counter()


def _after(_connection: Any, _cursor: Any, text: str, _values: Any, context: Any, many: bool) -> None:
    if tally.get() is not None and context is not None:
        count(text, time.perf_counter() - context.hwadmin_started, many=many)


def count(text: str, seconds: float, *, many: bool = False) -> None:
    """Count a statement that was sent, and log it where it was slow.

    Args:
        text: its SQL.
        seconds: how long it took.
        many: whether it was sent with several rows of values.
    """
    counted = tally.get()
    if counted is None:
        return
    counted.statements += 1
    counted.seconds += seconds
    if counted.slow_seconds and seconds >= counted.slow_seconds:
        # Its values are left out: they are what people typed.
        _log.warning("slow statement", sql=text[:_MOST_LOGGED], ms=round(seconds * 1000, 1), many=many)
