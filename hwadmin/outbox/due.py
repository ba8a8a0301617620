"""Doing what is due about one row of a queue, so that a fault of ours in it does not hold up the others."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import cast

from sqlalchemy.exc import OperationalError

from hwadmin.clock import utcnow
from hwadmin.extensions import db
from hwadmin.models import ApprovalRequest, OutboxEvent
from hwadmin.outbox.queue import DELIVERY
from hwadmin.tenancy import acting_as
from hwadmin.uow import TryAgain, transact

_TRIED_AGAIN_AFTER = timedelta(minutes=5)
_log = logging.getLogger(__name__)


class _NotDone(Exception):
    def __init__(self, key: int) -> None:
        super().__init__(key)
        self.key = key


def do_next(deed: Callable[[], bool], queue: type[ApprovalRequest | OutboxEvent]) -> bool:
    """Do what is due about the next row of a queue, in one transaction; False where nothing is.

    Args:
        deed: does it, what can fail of it within ``about``.
        queue: whose rows they are.
    """
    try:
        with acting_as(db.session, DELIVERY):
            return transact(deed)
    except _NotDone as failure:
        _log.exception("What was due about %s %s could not be done.", queue.__tablename__, failure.key)
        key = failure.key
    with acting_as(db.session, DELIVERY):
        transact(lambda: _postpone(queue, key))
    return True


@contextmanager
def about(key: int) -> Iterator[None]:
    """What fails in the block is a fault in the row of this key; the database's own troubles are not."""
    try:
        yield
    except (OperationalError, TryAgain):
        raise
    except Exception as error:
        raise _NotDone(key) from error


def _postpone(queue: type[ApprovalRequest | OutboxEvent], key: int) -> None:
    found = db.session.get(queue, key, populate_existing=True)
    row = cast("ApprovalRequest | OutboxEvent | None", found)
    if row is not None and row.next_at is not None:
        row.next_at = utcnow() + _TRIED_AGAIN_AFTER
