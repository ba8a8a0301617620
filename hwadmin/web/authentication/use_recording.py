"""Noting when tokens and sessions are used, with few writes: what only reads never writes otherwise."""

from __future__ import annotations

from collections.abc import Callable

from flask import current_app, request
from sqlalchemy.exc import SQLAlchemyError

from hwadmin.db import engines
from hwadmin.db.extensions import db
from hwadmin.db.unit_of_work import OutcomeUnknown, bookkeeping, transact

# What an open page asks by itself, every few seconds.
_IN_BACKGROUND = frozenset({"order_changes.changes"})


def is_in_background() -> bool:
    """Whether a page asks this by itself, so that nobody uses the product by it: no session lives longer."""
    return request.endpoint in _IN_BACKGROUND


def record_use(write: Callable[[], None]) -> None:
    """Record that a token or a session is used, in a transaction of its own.

    To be called before the request has read or written anything else.

    Args:
        write: writes it. Call this only where what is noted is too old.
    """
    db.session.rollback()
    try:
        with engines.reads_only(False), bookkeeping():
            transact(write)
    except (SQLAlchemyError, OutcomeUnknown):
        # The database is busy. The request matters more; the next one will record it.
        current_app.logger.info("The use of a token or session could not be noted.")
