"""Ports on this machine that nobody listens on."""

from __future__ import annotations

import socket
from contextlib import suppress
from random import SystemRandom

# Below those that the system gives to whoever calls somebody: one of these could be taken before it is used,
# or while the server that has it is away.
_PORTS = range(10_000, 32_000)


def free_port() -> int:
    """A port that nobody listens on, and that stays free.

    Raises:
        OSError: there is none.
    """
    for port in SystemRandom().sample(_PORTS, 100):
        with suppress(OSError), socket.create_server(("127.0.0.1", port)):
            return port
    raise OSError("No port is free.")
