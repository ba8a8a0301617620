"""The worker on the command line."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

from flask import Flask
from sqlalchemy.exc import OperationalError

from hwadmin.config import Settings
from hwadmin.db.extensions import db
from hwadmin.db.unit_of_work import transact
from hwadmin.models import OutboxEvent
from hwadmin.outbox.queue import DeliveryResult, Task
from hwadmin.outbox.webhook_client import WebhookClient
from hwadmin.outbox.worker import Worker, name_of_this_process
from tests.builders import World
from tests.outbox.conftest import Deliveries

ROOT = Path(__file__).resolve().parents[2]


def test_once_does_what_is_due_and_ends(app: Flask, world: World, out: Deliveries) -> None:
    world.an_order("submitted")
    result = app.test_cli_runner().invoke(args=["outbox", "run", "--once"])
    assert (result.exit_code, result.output) == (0, "1 messages tried.\n")
    assert [one.state for one in out.mails] == ["delivered"]


def test_digest_says_how_many_it_wrote(app: Flask, world: World) -> None:
    result = app.test_cli_runner().invoke(args=["outbox", "digest"])
    assert (result.exit_code, result.output) == (0, "0 daily mails written.\n")


def test_a_worker_ends_when_told_to_and_when_its_reason_is_gone(world: World) -> None:
    worker = Worker("one")
    worker.stop.set()
    worker.run()
    asked: list[int] = []
    other = Worker("two")
    other.run(lambda: bool(asked.append(1)))  # type: ignore[func-returns-value]
    assert asked == [1]
    assert name_of_this_process() != name_of_this_process()


def test_a_fault_of_ours_is_written_down_and_tried_again(world: World, out: Deliveries) -> None:
    def broken(task: Task, poster: WebhookClient) -> DeliveryResult:
        raise KeyError(task.uid)

    world.an_order("submitted")
    out.worker.deliver = broken
    out.run()
    assert (out.mails[0].state, out.mails[0].last_error) == ("waiting", "A fault of ours: KeyError")


def test_an_event_that_cannot_be_told_does_not_hold_up_the_next(world: World, out: Deliveries) -> None:
    transact(
        lambda: db.session.add(
            OutboxEvent(types=["order.approved"], platform_id=world.northwind.id, order_id=None, details={})
        )
    )
    out.a_webhook("http://127.0.0.1:1/", ["order.approved"])
    world.an_order("submitted")
    out.run()
    assert [one.type for one in out.mails] == ["order.submitted"]
    stuck = db.session.query(OutboxEvent).order_by(OutboxEvent.id).first()
    assert stuck is not None
    db.session.refresh(stuck)
    assert stuck.next_at is not None


def test_a_worker_waits_for_a_database_that_is_away(world: World) -> None:
    stop, tried = threading.Event(), []

    class Away(Worker):
        def drain(self) -> int:
            tried.append(1)
            stop.set()
            raise OperationalError("SELECT 1", {}, Exception("away"))

    Away("one", stop=stop).run()
    assert tried == [1]


def test_a_signal_ends_the_process_in_order(own_database: Settings) -> None:
    environment = os.environ | {
        "HWADMIN_DATABASE_URL": own_database.database_url,
        "HWADMIN_INSTANCE": str(own_database.instance),
        "HWADMIN_SECRET_KEY": own_database.secret_key,
        "PYTHONUNBUFFERED": "1",
    }
    process = subprocess.Popen(
        [sys.executable, "-m", "flask", "--app", "app", "outbox", "run", "--with-parent"],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "Mail and webhooks leave from here.\n"
    process.send_signal(signal.SIGTERM)
    assert process.wait(120) == 0
    process.stdout.close()
