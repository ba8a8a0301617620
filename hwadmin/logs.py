"""What the server writes down about its own work: one line an event, JSON in production.

Nothing of people or things gets in: lines have fields of ours, routes instead of addresses, SQL without its
values, and of a fault its kind and place, but not its message, which may quote what was sent.
"""

from __future__ import annotations

import logging
import traceback
from collections.abc import Iterator
from typing import Any

import structlog
from structlog.typing import EventDict, Processor

from hwadmin.config import Settings

# What every line has, ours and those of the libraries.
_SHARED: tuple[Processor, ...] = (
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
)
_LIBRARIES = ("gunicorn.error", "gunicorn.access")
# Says at each start which of its own parts it has loaded.
_CHATTY = "alembic.runtime.plugins"

structlog.configure(
    processors=[
        structlog.stdlib.filter_by_level,
        *_SHARED,
        structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
    ],
    logger_factory=structlog.stdlib.LoggerFactory(),
    wrapper_class=structlog.stdlib.BoundLogger,
    cache_logger_on_first_use=True,
)


def logger(name: str) -> Any:
    """A logger whose lines have fields, and go through the loggers of the standard library."""
    return structlog.get_logger(name)


def configure(settings: Settings) -> None:
    """Send what is logged to standard error, in the form the settings say. For processes, not for tests."""
    formatter = form(json=settings.log_format == "json")
    handler = logging.StreamHandler()
    handler.setFormatter(formatter)
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(settings.log_level.upper())
    logging.getLogger(_CHATTY).setLevel(logging.WARNING)
    for name in _LIBRARIES:
        for other in logging.getLogger(name).handlers:
            other.setFormatter(formatter)


def form(*, json: bool) -> logging.Formatter:
    """The formatter: JSON for programs, or a line for people, who also get the whole traceback of a fault."""
    # Where rich is installed, structlog draws tracebacks with it: all variables, padded, 400 kB a fault.
    last: list[Processor] = [
        structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback)
    ]
    if json:
        last = [_fault_without_words, structlog.processors.JSONRenderer(ensure_ascii=False)]
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=[*_SHARED, structlog.stdlib.add_logger_name],
        processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *last],
    )


def _fault_without_words(_logger: Any, _method: str, event: EventDict) -> EventDict:
    """Replace an exception by its kind and where it came from, with those that led to it."""
    fault = event.pop("exc_info", None)
    if isinstance(fault, tuple):
        fault = fault[1]
    if isinstance(fault, BaseException):
        event["fault"] = list(_kinds_and_places(fault))
    return event


def _kinds_and_places(fault: BaseException) -> Iterator[dict[str, Any]]:
    seen: BaseException | None = fault
    for _ in range(5):
        if seen is None:
            return
        frames = traceback.extract_tb(seen.__traceback__)[-12:]
        kind: dict[str, Any] = {"type": f"{type(seen).__module__}.{type(seen).__qualname__}"}
        state = getattr(getattr(seen, "orig", None), "sqlstate", None)
        if state:
            kind["sqlstate"] = state
        yield kind | {"at": [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames]}
        seen = seen.__cause__ or (None if seen.__suppress_context__ else seen.__context__)
