"""docs/admin/install.md, followed: what it makes is ready, whole, and answers everybody in its own words."""

from __future__ import annotations

import re
import socket
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.attacks.test_hostile_lists import HOSTILE
from tests.faults.conftest import Site
from tests.faults.installation import HOST, Installation
from tests.faults.load import Address, ready_meanwhile
from tests.faults.unreadable import bare_answers
from tests.running import FULL, slowness

pytestmark = pytest.mark.slow

# What is promised; a busy machine is given more, except where it is measured.
WITHIN_SECONDS = 3.0 if FULL else 20.0
# What a hostile list, and being ready, take of the workers at most: seconds of a processor, which nobody else
# on the machine makes more of.
LIST_SECONDS, READY_SECONDS = 0.2, 0.02


def test_whoever_follows_the_page_has_a_product_that_is_ready(installed: Installation) -> None:
    ready, doctor = installed.outputs[-2:]
    assert ready.startswith("$ curl")
    assert '"ok"' in ready
    # Of a test alone: webhooks go to this machine, and nobody else knows the site's name.
    wrong = re.findall(r"^WRONG +(\w+): (.*)", doctor, re.MULTILINE)
    assert [what for what, _ in wrong] == ["settings", "proxy"], doctor
    assert "this machine itself" in wrong[0][1]
    assert "does not answer from here" in wrong[1][1]
    assert "The role of the product is bounded" in doctor


def test_what_the_proxy_refuses_is_said_in_our_words(site: Site) -> None:
    status, headers, body = site.address.ask("POST", "/api/v1/orders", b"x" * (5 * 1024 * 1024))
    assert (status, body[:16]) == (413, b"That is too much")
    assert "default-src 'none'" in headers["content-security-policy"]
    assert "max-age=31536000" in headers["strict-transport-security"]
    forged = Address(site.address.port, "evil.example", tls=True)
    status, _, body = forged.ask("GET", "/readyz", headers={"X-Forwarded-Host": "evil.example"})
    assert (status, b"does not answer to that name" in body) == (400, True)


def test_what_nobody_can_read_is_refused_in_our_words(site: Site) -> None:
    assert bare_answers(site.address) == []
    # An address may be as long as a page of filters makes it, also where it leads on to the sign-in.
    filters = "&".join(f"flt{number}_0=1" for number in range(600))
    status, headers, _ = site.address.ask("GET", f"/orders/?{filters}")
    assert (status, "/sign-in" in headers["location"]) == (302, True)


def test_only_people_are_led_on_to_tls(site: Site) -> None:
    plain = Address(site.installed.plain, HOST)
    for name in (HOST, "evil.example"):
        status, headers, _ = plain.ask("GET", "/orders/?page=1", headers={"Host": name})
        assert (status, headers["location"]) == (301, f"https://{HOST}/orders/?page=1")
    for path in ("/api/v1/orders", "/scim/v2/1/Users"):
        status, _, body = plain.ask("GET", path, headers={"Authorization": "Bearer secret"})
        assert (status, body[:9]) == (403, b"Use https")


def test_idle_and_slow_clients_and_hostile_lists_at_once_stop_nobody(site: Site) -> None:
    idle = [socket.create_connection(("127.0.0.1", site.address.port)) for _ in range(100)]
    # Each of them alone: tests/attacks. Here they are more than there are workers.
    hostile = [make() for make in list(HOSTILE.values())[:: 1 if FULL else 2]]
    assert len(hostile) > len(site.installed.processes.workers)
    account = site.cast.account_id

    def upload(number: int) -> int:
        headers = {"Authorization": f"Bearer {site.cast.ada}", "Content-Type": "application/octet-stream"}
        path = f"/api/v1/accounts/{account}/employees/import"
        status, answered, _ = site.address.ask("POST", path, hostile[number], headers)
        assert "x-request-id" in answered
        return status

    processes = site.installed.processes
    workers, used = processes.workers, processes.used
    try:
        for number, client in enumerate(idle):
            if number % 3:
                client.sendall(b"\x16\x03\x01")  # a handshake that goes no further
        with (
            ready_meanwhile(site.address, WITHIN_SECONDS) as watch,
            ThreadPoolExecutor(len(hostile)) as uploads,
        ):
            statuses = set(uploads.map(upload, range(len(hostile))))
    finally:
        for client in idle:
            client.close()
    assert statuses <= {422, 503}, statuses
    assert 422 in statuses
    assert watch.wrong == []
    assert processes.workers == workers, "a worker did not live through it"
    most = len(hostile) * LIST_SECONDS + watch.asked * READY_SECONDS
    assert processes.used - used < most * slowness(), "the workers read lists themselves"
