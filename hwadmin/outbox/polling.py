"""Processing the rows of a queue one by one, so that a fault in one does not hold up the others."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import cast

from sqlalchemy.exc import OperationalError

from hwadmin.clock import utcnow
from hwadmin.db.extensions import db
from hwadmin.db.tenancy import acting_as
from hwadmin.db.unit_of_work import TryAgain, transact
from hwadmin.models import AccountNotice, ApprovalRequest, OutboxEvent, PasswordLink
from hwadmin.outbox.queue import DELIVERY

_RETRY_DELAY = timedelta(minutes=5)
# The rows that say when something is to be done about them.
_Queued = AccountNotice | ApprovalRequest | OutboxEvent | PasswordLink
_log = logging.getLogger(__name__)


class _RowFailed(Exception):
    def __init__(self, row_id: int) -> None:
        super().__init__(row_id)
        self.row_id = row_id


def process_next(work: Callable[[], bool], queue: type[_Queued]) -> bool:
    """Process the next row of a queue in one transaction; False where none is due.

    Args:
        work: processes the row, with what can fail inside ``row_failures``.
        queue: the model of the rows.
    """
    try:
        with acting_as(db.session, DELIVERY):
            return transact(work)
    except _RowFailed as failure:
        _log.exception("What was due about %s %s could not be done.", queue.__tablename__, failure.row_id)
        row_id = failure.row_id
    with acting_as(db.session, DELIVERY):
        transact(lambda: _postpone(queue, row_id))
    return True


@contextmanager
def row_failures(row_id: int) -> Iterator[None]:
    """Blame what fails in the block on this row, except for troubles of the database."""
    try:
        yield
    except (OperationalError, TryAgain):
        raise
    except Exception as error:
        raise _RowFailed(row_id) from error


def _postpone(queue: type[_Queued], row_id: int) -> None:
    row = cast("_Queued | None", db.session.get(queue, row_id, populate_existing=True))
    if row is not None and row.next_at is not None:
        row.next_at = utcnow() + _RETRY_DELAY
