"""deploy/nginx/hwadmin.conf in a real nginx, before a server of the test that sees what a worker would."""

from __future__ import annotations

import os
import re
import shutil
import socket
import ssl
import subprocess
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.faults.installation import HOST, has_nginx, make_certificate, write_main_configuration
from tests.faults.load import Address
from tests.faults.processes import ROOT, is_listening, wait_until
from tests.ports import free_port

CONFIGURATION = ROOT / "deploy" / "nginx" / "hwadmin.conf"
# What the buffers of the connections themselves hold is less.
LARGE = 32 * 1024 * 1024
PATIENCE_SECONDS = 30


@dataclass(frozen=True, slots=True)
class Proxy:
    """nginx, and two servers behind it that the tests play."""

    port: int
    backends: tuple[socket.socket, socket.socket]

    def connection(self) -> ssl.SSLSocket:
        """A client's connection, which takes in little ahead of being read."""
        plain = socket.socket()
        plain.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        plain.settimeout(PATIENCE_SECONDS)
        plain.connect(("127.0.0.1", self.port))
        return ssl._create_unverified_context().wrap_socket(plain)

    def arrived(self) -> tuple[socket.socket, bytes]:
        """The next request that reaches the first server, with its connection."""
        connection, _ = self.backends[0].accept()
        connection.settimeout(PATIENCE_SECONDS)
        return connection, read_request(connection)


def read_request(connection: socket.socket) -> bytes:
    """A request with as much of its body as it says it has."""
    got = b""
    while b"\r\n\r\n" not in got or len(got.partition(b"\r\n\r\n")[2]) < length_of(got):
        part = connection.recv(65536)
        assert part, got
        got += part
    return got


def length_of(request: bytes) -> int:
    found = re.search(rb"\r\ncontent-length: (\d+)", request, re.IGNORECASE)
    return int(found[1]) if found else 0


def answer(connection: socket.socket, body: bytes) -> None:
    """Answer a request that arrived, and be done."""
    with connection:
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body) + body)


@pytest.fixture(scope="module")
def proxy() -> Iterator[Proxy]:
    if not has_nginx() and os.environ.get("REQUIRE_NGINX"):
        pytest.fail("There is no nginx.")
    if not has_nginx():
        pytest.skip("There is no nginx.")
    with ExitStack() as stack:
        folder = Path(tempfile.mkdtemp(prefix="hwadmin_proxy_"))
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        # nginx's workers are of another user, and keep what arrives here.
        folder.chmod(0o755)
        (folder / "nginx" / "conf.d").mkdir(parents=True)
        make_certificate(folder)
        first, second = (
            stack.enter_context(socket.create_server(("127.0.0.1", 0), backlog=16)) for _ in range(2)
        )
        for backend in (first, second):
            backend.settimeout(PATIENCE_SECONDS)
        port = free_port()
        text = CONFIGURATION.read_text()
        for there, here in (
            # Two, as several machines have; the second is asked where the first one fails.
            (
                "server 127.0.0.1:8000;",
                f"server 127.0.0.1:{first.getsockname()[1]};"
                f" server 127.0.0.1:{second.getsockname()[1]} backup;",
            ),
            ("listen 443", f"listen 127.0.0.1:{port}"),
            ("listen 80;", f"listen 127.0.0.1:{free_port()};"),
            ("/etc/ssl/hwadmin", str(folder)),
        ):
            assert there in text
            text = text.replace(there, here)
        text = re.sub(r" *listen \[::\][^\n]*\n", "", text)
        (folder / "nginx" / "conf.d" / "hwadmin.conf").write_text(text)
        write_main_configuration(folder)
        program = shutil.which("nginx", path=f"/usr/sbin:{os.environ['PATH']}")
        command = [program or "nginx", "-p", str(folder), "-c", str(folder / "nginx" / "nginx.conf")]
        nginx = stack.enter_context(subprocess.Popen(command, stderr=subprocess.DEVNULL))
        stack.callback(nginx.terminate)
        wait_until("nginx listens", lambda: is_listening(port))
        yield Proxy(port, (first, second))


def test_what_arrives_slowly_reaches_no_worker_before_it_is_whole(proxy: Proxy) -> None:
    head = f"POST /slow HTTP/1.1\r\nHost: {HOST}\r\nContent-Length: 20000\r\nConnection: close\r\n\r\n"
    with proxy.connection() as slow:
        slow.sendall(head.encode() + b"x" * 10_000)
        # What nginx passed on at once would be here before the second of them.
        for _ in range(2):
            with proxy.connection() as quick:
                quick.sendall(f"GET /quick HTTP/1.1\r\nHost: {HOST}\r\nConnection: close\r\n\r\n".encode())
                connection, request = proxy.arrived()
                assert request.startswith(b"GET /quick ")
                answer(connection, b"here")
                assert b"here" in read_all(quick)
        slow.sendall(b"x" * 10_000)
        connection, request = proxy.arrived()
        assert request.startswith(b"POST /slow ")
        answer(connection, b"there")
        assert b"there" in read_all(slow)


def test_an_answer_that_nobody_reads_is_taken_from_the_worker_at_once(proxy: Proxy) -> None:
    with proxy.connection() as client:
        client.sendall(f"GET /large HTTP/1.1\r\nHost: {HOST}\r\nConnection: close\r\n\r\n".encode())
        connection, _ = proxy.arrived()
        answer(connection, b"x" * LARGE)
        assert client.recv(65536).startswith(b"HTTP/1.1 200 OK")


def read_all(connection: socket.socket) -> bytes:
    return b"".join(iter(lambda: connection.recv(65536), b""))


def test_the_product_is_told_who_asks_and_not_what_they_say_of_themselves(proxy: Proxy) -> None:
    said = dict.fromkeys(("X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto"), "evil.example")
    with ThreadPoolExecutor(1) as client:
        asking = client.submit(Address(proxy.port, HOST, tls=True).ask, "GET", "/", None, said)
        connection, request = proxy.arrived()
        answer(connection, b"here")
        assert asking.result()[0] == 200
    head = request.decode().lower()
    assert "evil.example" not in head
    assert re.search(
        rf"x-forwarded-for: 127\.0\.0\.1\r\nx-forwarded-proto: https\r\nx-forwarded-host: {HOST}\r\n", head
    )


def test_what_reached_a_worker_is_sent_to_no_other_one_and_may_be_done(proxy: Proxy) -> None:
    with ThreadPoolExecutor(1) as client:
        asking = client.submit(Address(proxy.port, HOST, tls=True).ask, "PUT", "/scim/v2/1/Users/1", b"{}")
        connection, _ = proxy.arrived()
        connection.close()
        status, headers, body = asking.result()
    assert (status, headers["retry-after"]) == (503, "5")
    assert b"may be saved, or not" in body
    assert headers["content-type"] == "text/plain; charset=utf-8"
    proxy.backends[1].settimeout(0)
    with pytest.raises(BlockingIOError):
        proxy.backends[1].accept()
