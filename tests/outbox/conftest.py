"""What tests of deliveries can ask for."""

from __future__ import annotations

import email
from collections.abc import Iterator
from email import policy
from email.message import EmailMessage
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from flask import Flask
from sqlalchemy import select

from hwadmin.config import Settings
from hwadmin.db.extensions import db
from hwadmin.db.unit_of_work import transact
from hwadmin.models import DeliveryAttempt, MessageKind, OutgoingMessage, WebhookEndpoint
from hwadmin.operations.outgoing.webhooks import create_webhook
from hwadmin.outbox import mail_client
from hwadmin.outbox.webhook_client import WebhookClient
from hwadmin.outbox.worker import Worker
from tests.builders import World
from tests.outbox.receivers import Receiver, receiving
from tests.ports import free_port


class Deliveries:
    """The outgoing side of a test: webhooks to make, a worker to run, messages to look at."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.worker = self.a_worker("one")

    def a_worker(self, name: str, **poster: object) -> Worker:
        return Worker(name, WebhookClient(**({"allow_loopback": True, "timeout": 5} | poster)))  # type: ignore[arg-type]

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


# ---- A real SMTP conversation


class Mailbox:
    """Keeps what a mail server is given; ``refuse`` is what it answers to a recipient instead."""

    def __init__(self) -> None:
        self.got: list[EmailMessage] = []
        self.refuse: str | None = None

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, _: Any) -> str:
        if self.refuse:
            return self.refuse
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        self.got.append(email.message_from_bytes(envelope.content, policy=policy.default))
        return "250 OK"


@pytest.fixture
def mailbox(app: Flask) -> Iterator[Mailbox]:
    mailbox = Mailbox()
    # aiosmtpd wants to know its port beforehand.
    port = free_port()
    controller = Controller(mailbox, hostname="127.0.0.1", port=port)
    controller.start()
    before = app.config["HWADMIN"]
    kept = {name: app.config.get(name) for name in app.config if name.startswith("MAIL_")}
    mail_client.configure(
        app, Settings.from_env({"HWADMIN_SMTP_URL": f"smtp://127.0.0.1:{port}"} | _quiet(before))
    )
    yield mailbox
    controller.stop()
    app.config.update(kept)
    mail_client.mail.init_app(app)


def _quiet(settings: Settings) -> dict[str, str]:
    return {"HWADMIN_INSTANCE": str(settings.instance), "HWADMIN_SECRET_KEY": settings.secret_key}
