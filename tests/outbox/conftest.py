"""What tests of deliveries can ask for."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import select

from hwadmin.extensions import db
from hwadmin.models import DeliveryAttempt, MessageKind, OutgoingMessage, WebhookEndpoint
from hwadmin.operations.webhooks import create_webhook
from hwadmin.outbox.posting import Poster
from hwadmin.outbox.worker import Worker
from hwadmin.uow import transact
from tests.builders import World
from tests.outbox.receivers import Receiver, receiving


class Deliveries:
    """The outgoing side of a test: webhooks to make, a worker to run, messages to look at."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.worker = self.a_worker("one")

    def a_worker(self, name: str, **poster: object) -> Worker:
        return Worker(name, Poster(**({"allow_loopback": True, "timeout": 5} | poster)))  # type: ignore[arg-type]

    def a_webhook(self, url: str, types: list[str] | None = None, platform: object = None) -> WebhookEndpoint:
        owner = platform or self.world.northwind
        actor = self.world.piet.actor if owner is self.world.northwind else self.world.bea.actor
        return transact(
            lambda: create_webhook(actor, owner.id, url=url, event_types=types, allow_loopback=True)  # type: ignore[attr-defined]
        )[0]

    def messages(self, kind: MessageKind | None = None) -> list[OutgoingMessage]:
        query = select(OutgoingMessage).order_by(OutgoingMessage.id)
        if kind is not None:
            query = query.where(OutgoingMessage.kind == kind)
        return list(db.session.scalars(query.execution_options(populate_existing=True)))

    @property
    def webhooks(self) -> list[OutgoingMessage]:
        return self.messages(MessageKind.WEBHOOK)

    @property
    def mails(self) -> list[OutgoingMessage]:
        return self.messages(MessageKind.MAIL)

    def attempts(self, kind: MessageKind = MessageKind.WEBHOOK) -> list[DeliveryAttempt]:
        keys = select(OutgoingMessage.id).where(OutgoingMessage.kind == kind)
        query = select(DeliveryAttempt).where(DeliveryAttempt.message_id.in_(keys))
        return list(db.session.scalars(query.order_by(DeliveryAttempt.id)))

    def run(self) -> int:
        """Let the worker do what is due now."""
        db.session.commit()
        return self.worker.drain()


@pytest.fixture
def out(world: World) -> Deliveries:
    return Deliveries(world)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as receiver:
        yield receiver
