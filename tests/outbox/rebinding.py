"""Run in a network of its own: a name server that changes its mind, a receiver outside and one inside.

    unshare --net --mount python -m tests.outbox.rebinding FOLDER

FOLDER holds certificate.pem and key.pem of the name. Prints what arrived where, as JSON.
"""

from __future__ import annotations

import json
import socket
import ssl
import struct
import subprocess
import sys
import threading
from collections.abc import Callable, Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from hwadmin.outbox.webhook_client import WebhookClient

NAME = "hooks.example.com"
# Public, and of nobody else in this network; where the name server answers.
OUTSIDE, INSIDE, NAME_SERVER = "93.184.216.34", "127.0.0.1", "127.0.0.153"
PORT = 8443


class NameServer:
    """Answers each question for an IPv4 address with the next of its answers, good for no time at all."""

    def __init__(self) -> None:
        self.answers: Callable[[int], Sequence[str]] = lambda _: [OUTSIDE]
        self.asked = 0
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind((NAME_SERVER, 53))
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            question, sender = self._socket.recvfrom(512)
            end = question.index(b"\0", 12) + 5
            (kind,) = struct.unpack(">H", question[end - 4 : end - 2])
            addresses = self.answers(self.asked) if kind == 1 else []
            self.asked += kind == 1
            header = question[:2] + struct.pack(">HHHHH", 0x8180, 1, len(addresses), 0, 0)
            records = b"".join(
                b"\xc0\x0c" + struct.pack(">HHIH", 1, 1, 0, 4) + socket.inet_aton(one) for one in addresses
            )
            self._socket.sendto(header + question[12:end] + records, sender)


class Receiver:
    """Counts what arrives, and answers with a status; a redirect leads inside."""

    def __init__(self, address: str, folder: Path) -> None:
        self.count, self.status = 0, 200
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                receiver.count += 1
                self.send_response(receiver.status)
                if receiver.status >= 300:
                    self.send_header("Location", f"https://{INSIDE}:{PORT}/admin")
                self.send_header("Content-Length", "0")
                self.end_headers()

            def do_GET(self) -> None:
                self.do_POST()

            def log_message(self, *_: Any) -> None: ...

        server = ThreadingHTTPServer((address, PORT), Handler)
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        tls.load_cert_chain(folder / "certificate.pem", folder / "key.pem")
        server.socket = tls.wrap_socket(server.socket, server_side=True)
        threading.Thread(target=server.serve_forever, daemon=True).start()


def prepare(folder: Path) -> None:
    """Give this network an address of the outside, and a name server."""
    (folder / "resolv.conf").write_text(f"nameserver {NAME_SERVER}\noptions timeout:1 attempts:1\n")
    (folder / "nsswitch.conf").write_text("hosts: files dns\n")
    for command in (
        "ip link set lo up",
        f"ip address add {OUTSIDE}/32 dev lo",
        f"mount --bind {folder}/resolv.conf /etc/resolv.conf",
        f"mount --bind {folder}/nsswitch.conf /etc/nsswitch.conf",
    ):
        subprocess.run(command.split(), check=True)


def main() -> None:
    folder = Path(sys.argv[1])
    prepare(folder)
    names = NameServer()
    outside, inside = Receiver(OUTSIDE, folder), Receiver(INSIDE, folder)
    client = WebhookClient(tls=ssl.create_default_context(cafile=str(folder / "certificate.pem")), timeout=5)
    cases: dict[str, tuple[Callable[[int], Sequence[str]], int]] = {
        "outside": (lambda _: [OUTSIDE], 200),
        "inside": (lambda _: [INSIDE], 200),
        "inside behind outside": (lambda _: [OUTSIDE, INSIDE], 200),
        "first outside, then inside": (lambda turn: [INSIDE if turn % 2 else OUTSIDE], 200),
        "outside, and leading inside": (lambda _: [OUTSIDE], 307),
    }
    outcomes = {}
    for case, (answers, status) in cases.items():
        names.answers, names.asked = answers, 0
        outside.status, outside.count = status, 0
        responses = [client.post(f"https://{NAME}:{PORT}/hook", b"{}", {}) for _ in range(4)]
        outcomes[case] = {
            "outside": outside.count,
            "inside": inside.count,
            "asked": names.asked,
            "statuses": [one.status for one in responses],
            "problems": [one.problem for one in responses],
        }
    sys.stdout.write(json.dumps(outcomes))


if __name__ == "__main__":
    main()
