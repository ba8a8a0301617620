"""Machines on this one: network namespaces on a network of their own, which reaches nobody else.

What is started while a thread is inside of a machine belongs to it: sockets, threads and processes.
"""

from __future__ import annotations

import ctypes
import os
import shutil
import signal
import subprocess
import time
import uuid
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import pytest

_NEW_NETWORK = 0x40000000  # CLONE_NEWNET of <sched.h>
_libc = ctypes.CDLL(None, use_errno=True)


def _ip(*arguments: str) -> str:
    return subprocess.run(["ip", *arguments], capture_output=True, text=True, check=True, timeout=30).stdout


def _enter(file: int) -> None:
    if _libc.setns(file, _NEW_NETWORK):
        raise OSError(ctypes.get_errno(), "setns")


class Network:
    """Machines that reach each other, by name; the first one's is also the network's switch."""

    def __init__(self, addresses: dict[str, str]) -> None:
        prefix = f"hwadmin-{uuid.uuid4().hex[:6]}"
        self._names = {name: f"{prefix}-{name}" for name in addresses}
        self._switch = self._names[next(iter(addresses))]
        self._addresses = addresses

    def build(self) -> None:
        """Make the machines.

        Raises:
            subprocess.CalledProcessError: there can be none here.
        """
        for name, address in self._addresses.items():
            self._add(name, address)

    def _add(self, name: str, address: str) -> None:
        machine, device = self._names[name], "eth0"
        _ip("netns", "add", machine)
        _ip("-n", machine, "link", "set", "lo", "up")
        if machine == self._switch:
            device = "switch"
            _ip("-n", machine, "link", "add", device, "type", "bridge")
        else:
            end = ("peer", "name", device, "netns", machine)
            _ip("-n", self._switch, "link", "add", name, "type", "veth", *end)
            _ip("-n", self._switch, "link", "set", name, "master", "switch", "up")
        _ip("-n", machine, "addr", "add", f"{address}/24", "dev", device)
        _ip("-n", machine, "link", "set", device, "up")

    @contextmanager
    def inside(self, name: str) -> Iterator[None]:
        """Be on a machine, for a block: this thread, and whatever it starts."""
        with ExitStack() as stack:
            before = stack.enter_context(Path("/proc/thread-self/ns/net").open("rb"))
            there = stack.enter_context(Path("/run/netns", self._names[name]).open("rb"))
            _enter(there.fileno())
            stack.callback(_enter, before.fileno())
            yield

    def lose(self, name: str) -> None:
        """Cut the power of a machine: nothing that it was sent comes back, not even a refusal."""
        _ip("-n", self._switch, "link", "set", name, "down")
        self._kill(name)

    def find(self, name: str) -> None:
        """Switch a lost machine on again, with nothing running."""
        _ip("-n", self._switch, "link", "set", name, "up")

    def _kill(self, name: str) -> None:
        killed: set[int] = set()
        for _ in range(400):
            pids = [int(pid) for pid in _ip("netns", "pids", self._names[name]).split()]
            # Threads of ours may be there too.
            others = [pid for pid in pids if pid != os.getpid() and not _has_ended(pid)]
            # A server that is started again takes one that has ended for running as long as nobody has taken
            # notice of its end: some systems do so only now and then.
            if not others and all(map(_is_gone, killed)):
                return
            for pid in others:
                killed.add(pid)
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            time.sleep(0.05)
        raise AssertionError(f"Processes of {name} do not end.")

    def close(self) -> None:
        """End everything that runs there, and the network."""
        for name, machine in self._names.items():
            with suppress(subprocess.CalledProcessError):
                self._kill(name)
                _ip("netns", "del", machine)


def _has_ended(pid: int) -> bool:
    """Whether only its parent has not taken notice yet."""
    state, _ = _state_and_parent(pid)
    return state == "Z"


def _is_gone(pid: int) -> bool:
    """Whether its parent has taken notice of its end; we do so only when we ask for it."""
    state, parent = _state_and_parent(pid)
    return state == "Z" and parent in (0, os.getpid())


def _state_and_parent(pid: int) -> tuple[str, int]:
    try:
        state, parent, *_ = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return "Z", 0
    return state, int(parent)


@contextmanager
def a_network(addresses: dict[str, str]) -> Iterator[Network]:
    """Machines with these addresses; skips where there can be none."""
    if os.geteuid() != 0:
        pytest.skip("Network namespaces can be made by root alone.")
    if shutil.which("ip") is None:
        pytest.skip("Network namespaces need iproute2, which is not installed.")
    network = Network(addresses)
    try:
        try:
            network.build()
        except subprocess.CalledProcessError as error:
            pytest.skip(f"There can be no network namespaces here: {error.stderr.strip()}")
        yield network
    finally:
        network.close()
