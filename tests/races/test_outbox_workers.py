"""Several workers, killed at random: every message arrives, and nothing arrives more often than it must."""

from __future__ import annotations

import random
import threading
from collections import Counter
from datetime import datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select
from standardwebhooks import Webhook

from hwadmin import clock
from hwadmin.db.extensions import db
from hwadmin.db.tenancy import acting_as
from hwadmin.db.unit_of_work import transact
from hwadmin.domain.permissions import COMMAND_LINE
from hwadmin.models import MessageKind, OutgoingMessage, WebhookEndpoint
from hwadmin.operations.outgoing.webhooks import create_webhook
from hwadmin.outbox.delivery import deliver
from hwadmin.outbox.queue import LEASE, DeliveryResult, Task
from hwadmin.outbox.webhook_client import WebhookClient
from hwadmin.outbox.worker import Worker
from tests.builders import World
from tests.outbox.receivers import Received, receiving

pytestmark = pytest.mark.both_databases

WORKERS = 4


class Killed(BaseException):
    """What a worker dies of: nothing of ours catches it."""


class Mortal:
    """Delivers, and dies now and again: before the message has left, or before that is written down."""

    def __init__(self, seed: int, chance: float) -> None:
        self.random, self.chance, self.lock = random.Random(seed), chance, threading.Lock()
        self.kills = 0

    def __call__(self, task: Task, poster: WebhookClient) -> DeliveryResult:
        with self.lock:
            fate = self.random.random()
            self.kills += fate < self.chance
        if fate < self.chance / 2:
            raise Killed
        result = deliver(task, poster)
        if fate < self.chance:
            raise Killed
        return result


class Moody:
    """Answers by the address: always well, or first badly and then well, or that it is gone."""

    def __init__(self) -> None:
        self.seen: Counter[str] = Counter()

    def __call__(self, request: Received) -> int | None:
        self.seen[request.headers["webhook-id"]] += 1
        first = self.seen[request.headers["webhook-id"]] == 1
        return {
            "/well": 200,
            "/broken": 500 if first else 204,
            "/moved": 302 if first else 200,
            "/gone": 410,
        }[request.path]


def prepare(app: Flask, url: str, count: int) -> dict[str, str]:
    """Messages for four receivers; the secret of each."""
    with app.app_context(), acting_as(db.session, COMMAND_LINE):
        world = World()
        secrets = {}
        for path in ("/well", "/broken", "/moved", "/gone"):
            endpoint, secret = transact(
                lambda path=path: create_webhook(
                    world.ada.actor, world.northwind.id, url=url + path, allow_loopback=True
                )
            )
            secrets[path] = secret
            db.session.add_all(
                OutgoingMessage(
                    uid=f"msg_{path[1:]}_{number}",
                    kind=MessageKind.WEBHOOK,
                    type="webhook.ping",
                    platform_id=world.northwind.id,
                    endpoint_id=endpoint.id,
                    recipient=endpoint.url,
                    subject="Test",
                    payload=f'{{"type":"webhook.ping","data":{number}}}',
                )
                for number in range(count // 4)
            )
            db.session.commit()
        return secrets


def work(app: Flask, name: str, moment: datetime, mortal: Mortal) -> None:
    """One worker that is started anew whenever it was killed, until nothing is due any more."""
    life = 0
    while True:
        life += 1
        with app.app_context(), clock.at(moment):
            worker = Worker(f"{name}-{life}", WebhookClient(allow_loopback=True), deliver=mortal)
            try:
                worker.drain()
            except Killed:
                continue
            return


@pytest.mark.parametrize("count", [40, pytest.param(1000, marks=pytest.mark.full)])
def test_nothing_is_lost_and_little_is_repeated(own_app: Flask, count: int) -> None:
    moods, mortal = Moody(), Mortal(seed=7, chance=0.08)
    with receiving(moods) as receiver:
        secrets = prepare(own_app, receiver.url, count)
        now = clock.utcnow()
        for round_ in range(40):
            # Each round is later than a lease, so what the dead left behind is due again.
            moment = now + round_ * (LEASE + timedelta(seconds=1))
            threads = [
                threading.Thread(target=work, args=(own_app, f"{round_}-{number}", moment, mortal))
                for number in range(WORKERS)
            ]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            with own_app.app_context(), acting_as(db.session, COMMAND_LINE):
                waiting = db.session.scalars(
                    select(OutgoingMessage.id).where(OutgoingMessage.next_at.is_not(None)).limit(1)
                ).first()
            if waiting is None:
                break
        assert waiting is None
        assert mortal.kills > 0
        with own_app.app_context(), acting_as(db.session, COMMAND_LINE):
            rows = db.session.scalars(select(OutgoingMessage)).all()
            gone = db.session.scalars(
                select(WebhookEndpoint).where(WebhookEndpoint.disabled_at.is_not(None))
            ).one()
        assert gone.url.endswith("/gone")
        assert {row.state for row in rows if row.endpoint_id == gone.id} == {"failed"}
        sent = [row for row in rows if row.endpoint_id != gone.id]
        assert {row.state for row in sent} == {"delivered"}
        assert len(rows) == count
        # None lost, and what came more often than its receiver asked for, a killed worker had sent before.
        needed = {"/well": 1, "/broken": 2, "/moved": 2}
        extra = 0
        for path, times in needed.items():
            for number in range(count // 4):
                extra += moods.seen[f"msg_{path[1:]}_{number}"] - times
                assert moods.seen[f"msg_{path[1:]}_{number}"] >= times
        assert 0 <= extra <= mortal.kills
        for request in receiver.got:
            signature = request.headers["webhook-signature"].split(",", 1)[1]
            when = datetime.fromtimestamp(int(request.headers["webhook-timestamp"]), tz=now.tzinfo)
            signed = Webhook(secrets[request.path]).sign(
                request.headers["webhook-id"], when, request.body.decode()
            )
            assert signed == f"v1,{signature}"
