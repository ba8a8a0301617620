"""A worker: makes messages of events and delivers what is due, until it is told to stop."""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from sqlalchemy.exc import SQLAlchemyError

from hwadmin.clock import utcnow
from hwadmin.db.dialects import database_clock
from hwadmin.db.engines import reads_only
from hwadmin.db.extensions import db
from hwadmin.db.tenancy import acting_as
from hwadmin.db.unit_of_work import OutcomeUnknown, transact
from hwadmin.operations.dashboard.keeping import count_next, keep
from hwadmin.outbox import queue
from hwadmin.outbox.account_notices import write_next_notice
from hwadmin.outbox.approval_reminders import follow_up_next
from hwadmin.outbox.audit_heads import publish_head
from hwadmin.outbox.daily_digest import is_hour, write_digests
from hwadmin.outbox.delivery import deliver
from hwadmin.outbox.fanout import expand_next
from hwadmin.outbox.password_mails import write_next_password_mail
from hwadmin.outbox.queue import DELIVERY, DeliveryResult, Task
from hwadmin.outbox.webhook_client import WebhookClient
from hwadmin.queries.audit.published_heads import UnreadableHeads

IDLE_SECONDS = 1.0
_BUSY_SECONDS = 5.0
_PUBLISH_RETRY_DELAY = timedelta(minutes=10)
# How often it is looked whether figures of the dashboard are to be kept.
_FIGURES_PAUSE = timedelta(seconds=10)
# By then whatever was written on a day is committed: the database ends what stands still for half a minute.
_GRACE = timedelta(hours=1)
_log = logging.getLogger(__name__)


@dataclass
class Worker:
    """One worker; several may run at once, in as many processes as there are reasons for."""

    name: str
    client: WebhookClient = field(default_factory=WebhookClient)
    stop: threading.Event = field(default_factory=threading.Event)
    # Called between leasing a message and recording the attempt; only tests replace it.
    deliver: Callable[[Task, WebhookClient], DeliveryResult] = deliver
    _digest_day: date | None = None
    _published_day: date | None = None
    _publish_again_at: datetime | None = None
    _figures_at: datetime | None = None

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
                self._keep_figures()
            except (SQLAlchemyError, OutcomeUnknown):
                # The database is busy or away. What was being sent is given back by its lease.
                _log.exception("Worker %s waits for the database.", self.name)
                db.session.rollback()
                wait = _BUSY_SECONDS
            self.stop.wait(wait)

    def drain(self) -> int:
        """Do everything that is due now; returns how many messages were tried."""
        self._write_digests()
        tried = 0
        while not self.stop.is_set() and queue.anything_due():
            while expand_next() or follow_up_next() or write_next_password_mail() or write_next_notice():
                if self.stop.is_set():
                    return tried
            if not self.deliver_next():
                break
            tried += 1
        return tried

    def deliver_next(self) -> bool:
        """Lease one message, try to deliver it and record the attempt; False where nothing is due."""
        task = queue.lease_next(self.name)
        # The transaction has ended: nothing of the database is held while the receiver is waited for.
        if task is None:
            return False
        try:
            result = self.deliver(task, self.client)
        except Exception as error:
            _log.exception("Message %s could not be sent.", task.uid)
            result = DeliveryResult(delivered=False, problem=f"A fault of ours: {type(error).__name__}")
        queue.record_attempt(self.name, task, result)
        return True

    def _write_digests(self) -> None:
        now = utcnow()
        if self._digest_day != now.date() and is_hour(now):
            write_digests()
            self._digest_day = now.date()

    def _publish_head(self) -> None:
        now = utcnow()
        if self._published_day == now.date() or (self._publish_again_at and now < self._publish_again_at):
            return
        try:
            publish_head()
        except (UnreadableHeads, OSError):
            # Mail and webhooks must not wait for a file to be mended.
            _log.exception("The head of the audit trail could not be published.")
            self._publish_again_at = now + _PUBLISH_RETRY_DELAY
        else:
            self._published_day = now.date()

    def _keep_figures(self) -> None:
        now = utcnow()
        if self._figures_at is None or not now < self._figures_at <= now + _FIGURES_PAUSE:
            self._figures_at = now + _FIGURES_PAUSE
            if keep_next_figures():
                # The next one soon; mail and webhooks come between them.
                self._figures_at = None


def keep_next_figures() -> bool:
    """Keep the dashboard's figures of one day or week; False where there is none, or another keeps it."""
    with acting_as(db.session, DELIVERY):
        db.session.rollback()
        try:
            with reads_only(True):
                # By the clock that the triggers go by: a worker whose own is ahead would keep a day too soon.
                now = database_clock() or utcnow()
                counted = count_next((now - _GRACE).date())
        finally:
            db.session.rollback()
        return counted is not None and transact(lambda: keep(counted))


def name_of_this_process() -> str:
    """A name no other worker has."""
    return f"{os.uname().nodename[:60]}:{os.getpid()}:{os.urandom(4).hex()}"
