"""People and programs that keep working while things break, and the whole history of what they were told.

Each writer makes an order, approves and fulfills it, each step under a key of its own and sent again until it
is acknowledged. What was answered meanwhile must be the product's own, or the proxy's in its words.
"""

from __future__ import annotations

import http.client
import json
import ssl
import threading
import time
import uuid
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from flask import Flask

from hwadmin.db.extensions import db
from hwadmin.db.tenancy import acting_as
from hwadmin.db.unit_of_work import transact
from hwadmin.domain.device_kinds import Kind
from hwadmin.domain.permissions import COMMAND_LINE
from hwadmin.operations.outgoing.webhooks import create_webhook
from hwadmin.operations.people import tokens
from tests.builders import World, an_identifier
from tests.running import FULL

# How many work at once: twice as many as the web server has workers, and in full five times as many.
WRITERS = 20 if FULL else 8
_PATIENCE_SECONDS = 90
_ANY_CERTIFICATE = ssl._create_unverified_context()
_PROXY_SAYS = (b"Busy just now.", b"Too many requests come from your address")
# What is sent again: away, or too much at once.
_AGAIN = frozenset({429, 503})


@dataclass(frozen=True, slots=True)
class Address:
    """Where the product is reached."""

    port: int
    host: str = "127.0.0.1"
    tls: bool = False

    def ask(
        self, method: str, path: str, body: Any = None, headers: dict[str, str] | None = None
    ) -> tuple[int, dict[str, str], bytes]:
        """One request on a connection of its own: status, headers, body."""
        connection = (
            http.client.HTTPSConnection("127.0.0.1", self.port, timeout=40, context=_ANY_CERTIFICATE)
            if self.tls
            else http.client.HTTPConnection("127.0.0.1", self.port, timeout=40)
        )
        data = body if isinstance(body, bytes | None) else json.dumps(body).encode()
        if data is not None:
            headers = {"Content-Type": "application/json"} | (headers or {})
        try:
            connection.request(method, path, data, {"Host": self.host} | (headers or {}))
            response = connection.getresponse()
            return response.status, {k.lower(): v for k, v in response.getheaders()}, response.read()
        finally:
            connection.close()


@dataclass(frozen=True, slots=True)
class Cast:
    """Who works, with what."""

    piet: str
    ada: str
    account_id: int
    sku: str


def a_cast(app: Flask, webhook: str) -> Cast:
    """A platform with an account, an item, two tokens and a webhook to this address."""
    with app.app_context(), acting_as(db.session, COMMAND_LINE):
        world = World()
        account, item = world.an_account(), world.item(Kind.DESKPHONE)
        (_, piet), (_, ada) = (
            tokens.create_token(COMMAND_LINE, person.id, name="Load") for person in (world.piet, world.ada)
        )
        transact(
            lambda: create_webhook(
                world.ada.actor,
                world.northwind.id,
                url=webhook,
                event_types=["order.submitted", "order.approved", "order.fulfilled"],
                allow_loopback=True,
            )
        )
        cast = Cast(piet, ada, account.id, item.sku)
        db.session.commit()
        db.session.remove()
        return cast


@dataclass
class History:
    """What was asked and what was answered."""

    # Each order whose making was acknowledged: what was acknowledged of it afterwards.
    orders: dict[str, set[str]] = field(default_factory=dict)
    identifiers: dict[str, str] = field(default_factory=dict)
    answers: Counter[int | str] = field(default_factory=Counter)
    # Answers that are nobody's of ours, and steps that were never acknowledged.
    faults: list[str] = field(default_factory=list)

    @property
    def acknowledged(self) -> int:
        """How many steps were confirmed."""
        return sum(len(steps) for steps in self.orders.values())


class Writers:
    """So many writers, for a block; at its end each has ended its step, whatever happened."""

    def __init__(self, address: Address, cast: Cast, count: int) -> None:
        self.address, self.cast = address, cast
        self.history = History()
        self._news = threading.Condition()
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=self._work) for _ in range(count)]

    def __enter__(self) -> Writers:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join(2 * _PATIENCE_SECONDS)
            assert not thread.is_alive(), "A writer does not come to an end."

    def wait_for(self, steps: int) -> None:
        """Wait until so many more steps are acknowledged."""
        with self._news:
            wanted = self.history.acknowledged + steps
            done = self._news.wait_for(
                lambda: self.history.acknowledged >= wanted or self.history.faults, _PATIENCE_SECONDS
            )
        assert done, f"Nothing is acknowledged any more: {self.history.answers}"
        assert not self.history.faults, self.history.faults

    def wait_until_refused(self, times: int) -> None:
        """Wait until "busy" was answered so often in all."""
        with self._news:
            assert self._news.wait_for(
                lambda: self.history.answers[503] >= times or self.history.faults, _PATIENCE_SECONDS
            ), f"Nobody is refused: {self.history.answers}"

    def _work(self) -> None:
        try:
            while not self._stop.is_set() and self._one_order():
                pass
        except Exception as error:
            self._fault(f"A writer failed: {error!r}")

    def _one_order(self) -> bool:
        order = {
            "account_id": self.cast.account_id,
            "lines": [{"sku": self.cast.sku, "quantity": 1}],
        }
        made = self._until_acknowledged("/orders", order, self.cast.piet)
        if made is None:
            return False
        reference = made["reference"]
        with self._news:
            if reference in self.history.orders:
                self.history.faults.append(f"{reference} was made for two.")
            self.history.orders[reference] = {"order.submitted"}
            self._news.notify_all()
        unit = made["units"][0]["id"]
        identifier = an_identifier(Kind.DESKPHONE)
        fulfillment = {"units": [{"unit_id": unit, "identifier": identifier}]}
        for step, body in (("approve", {}), ("fulfill", fulfillment)):
            if self._until_acknowledged(f"/orders/{reference}/{step}", body, self.cast.ada) is None:
                return False
            with self._news:
                self.history.orders[reference].add(
                    {"approve": "order.approved", "fulfill": "order.fulfilled"}[step]
                )
                if step == "fulfill":
                    self.history.identifiers[reference] = identifier
                self._news.notify_all()
        return True

    def _until_acknowledged(self, path: str, body: Any, token: str) -> Any:
        """The answer to a step; None where it will never come."""
        headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": uuid.uuid4().hex}
        pause, end = threading.Event(), time.monotonic() + _PATIENCE_SECONDS
        while time.monotonic() < end:
            try:
                status, answered, data = self.address.ask("POST", f"/api/v1{path}", body, headers)
            except (OSError, http.client.HTTPException) as error:
                with self._news:
                    self.history.answers[type(error).__name__] += 1
                pause.wait(0.25)
                continue
            with self._news:
                self.history.answers[status] += 1
                self._news.notify_all()
            if 200 <= status < 300:
                return json.loads(data)
            ours = "x-request-id" in answered or data.startswith(_PROXY_SAYS)
            if status not in _AGAIN or not ours or "retry-after" not in answered:
                self._fault(f"{path}: {status} {data[:500]!r} {answered}")
                return None
            pause.wait(0.25)
        self._fault(f"{path} was never acknowledged.")
        return None

    def _fault(self, sentence: str) -> None:
        with self._news:
            self.history.faults.append(sentence)
            self._news.notify_all()


@dataclass
class Watch:
    """How often somebody asked whether the product is ready, and which answers were wrong."""

    asked: int = 0
    wrong: list[str] = field(default_factory=list)


@contextmanager
def ready_meanwhile(address: Address, within: float) -> Iterator[Watch]:
    """Ask /readyz again and again during a block; what was wrong is known at its end.

    An answer, be it 200 or 503, must come within these seconds, and be ours.
    """
    stop, watch = threading.Event(), Watch()

    def ask() -> None:
        while not stop.is_set():
            begun = time.monotonic()
            watch.asked += 1
            try:
                status, _, body = address.ask("GET", "/readyz")
            except (OSError, http.client.HTTPException) as error:
                watch.wrong.append(repr(error))
            else:
                took = time.monotonic() - begun
                if took > within or (status != 200 and (status != 503 or b"<html>" in body)):
                    watch.wrong.append(f"{status} after {took:.1f} s: {body[:100]!r}")
            stop.wait(0.05 if FULL else 0.2)

    thread = threading.Thread(target=ask)
    thread.start()
    try:
        yield watch
    finally:
        stop.set()
        thread.join()
