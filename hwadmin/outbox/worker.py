"""A worker: makes messages of what happened and delivers what is due, until it is told to stop."""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date

from sqlalchemy.exc import DBAPIError

from hwadmin.clock import utcnow
from hwadmin.extensions import db
from hwadmin.outbox import queue
from hwadmin.outbox.asking import follow_up_next
from hwadmin.outbox.delivering import deliver
from hwadmin.outbox.digest import is_hour, write_digests
from hwadmin.outbox.expanding import expand_next
from hwadmin.outbox.heads import UnreadableHeads, publish_head
from hwadmin.outbox.posting import Poster
from hwadmin.outbox.queue import Result, Task

IDLE_SECONDS = 1.0
_BUSY_SECONDS = 5.0
_log = logging.getLogger(__name__)


@dataclass
class Worker:
    """One worker; several may run at once, in as many processes as there are reasons for."""

    name: str
    poster: Poster = field(default_factory=Poster)
    stop: threading.Event = field(default_factory=threading.Event)
    # Between taking a message and writing down what came of it; replaced in tests only.
    deliver: Callable[[Task, Poster], Result] = deliver
    _digest_day: date | None = None
    _published_day: date | None = None

    def run(self, goes_on: Callable[[], bool] = lambda: True) -> None:
        """Work until told to stop.

        Args:
            goes_on: asked now and again; the end where it says no.
        """
        while not self.stop.is_set() and goes_on():
            wait = IDLE_SECONDS
            try:
                self._publish_head()
                self.drain()
            except DBAPIError:
                # The database is busy or away. What was being sent is given back by its lease.
                _log.exception("Worker %s waits for the database.", self.name)
                db.session.rollback()
                wait = _BUSY_SECONDS
            self.stop.wait(wait)

    def drain(self) -> int:
        """Do all that is due now; how many messages were tried."""
        self._write_digests()
        tried = 0
        while not self.stop.is_set() and queue.anything_due():
            while expand_next() or follow_up_next():
                if self.stop.is_set():
                    return tried
            if not self.deliver_next():
                break
            tried += 1
        return tried

    def deliver_next(self) -> bool:
        """Take one message, try it, and write down what came of it; False where nothing is due."""
        task = queue.take(self.name)
        # The transaction has ended: nothing of the database is held while the receiver is waited for.
        if task is None:
            return False
        try:
            result = self.deliver(task, self.poster)
        except Exception as error:
            _log.exception("Message %s could not be sent.", task.uid)
            result = Result(delivered=False, problem=f"A fault of ours: {type(error).__name__}")
        queue.settle(self.name, task, result)
        return True

    def _write_digests(self) -> None:
        now = utcnow()
        if self._digest_day != now.date() and is_hour(now):
            write_digests()
            self._digest_day = now.date()

    def _publish_head(self) -> None:
        today = utcnow().date()
        if self._published_day != today:
            self._published_day = today
            try:
                publish_head()
            except (UnreadableHeads, OSError):
                # Mail and webhooks must not wait for a file to be mended.
                _log.exception("The head of the audit trail could not be published.")


def name_of_this_process() -> str:
    """A name no other worker has."""
    return f"{os.uname().nodename[:60]}:{os.getpid()}:{os.urandom(4).hex()}"
