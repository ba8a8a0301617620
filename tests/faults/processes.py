"""The processes of a deployment, each of which may be killed and is started again as systemd would."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from tests.faults.cluster import Cluster

ROOT = Path(__file__).resolve().parents[2]
WEB, OUTBOX = "hwadmin-web", "hwadmin-outbox"
_PATIENCE_SECONDS = 60


def wait_until(what: str, holds: Callable[[], bool]) -> None:
    """Wait for something outside of this process; nothing tells us when it holds."""
    end = time.monotonic() + _PATIENCE_SECONDS
    while not holds():
        assert time.monotonic() < end, f"It never came to this: {what}"
        time.sleep(0.05)


def is_listening(port: int) -> bool:
    """Whether somebody listens on a port of the machine that this thread is on."""
    lines = Path("/proc/thread-self/net/tcp").read_text().splitlines()[1:]
    return any(line.split()[1].endswith(f":{port:04X}") and line.split()[3] == "0A" for line in lines)


class Processes:
    """What runs, by the names of the units."""

    def __init__(self, folder: Path, port: int, cluster: Cluster | None = None) -> None:
        # Where the web server listens; and the server of the database, where there is one.
        self.folder, self.port, self.cluster = folder, port, cluster
        # Where systemd listens in its place; None: it listens itself.
        self.listening: socket.socket | None = None
        self._running: dict[str, subprocess.Popen[bytes]] = {}
        self._commands: dict[str, tuple[list[str], dict[str, str]]] = {}

    def start(self, name: str, command: list[str], environ: dict[str, str]) -> None:
        """Start one; the web server listens when this returns."""
        self._commands[name] = (command, environ)
        handed_over: tuple[int, ...] = ()
        if name == WEB and self.listening is not None:
            # As systemd hands a socket over: as the third file, to the process of this very number.
            handed_over = (self.listening.fileno(),)
            hand = f'export LISTEN_PID=$$ LISTEN_FDS=1; exec "$@" 3<&{handed_over[0]}'
            command = ["/bin/bash", "-c", hand, "bash", *command]
        with (self.folder / f"{name}.log").open("ab") as log:
            self._running[name] = subprocess.Popen(
                command,
                cwd=ROOT,
                env=environ,
                stdout=log,
                stderr=log,
                start_new_session=True,
                pass_fds=handed_over,
            )
        if name == WEB:
            wait_until("the product listens", lambda: is_listening(self.port))

    def send(self, name: str, number: signal.Signals) -> None:
        """Send one a signal, and start it again when it has ended, as systemd does."""
        process = self._running.pop(name)
        process.send_signal(number)
        process.wait(_PATIENCE_SECONDS)
        # What it leaves behind is ended with it: KillMode=mixed.
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        if name == WEB and self.listening is None:
            wait_until("the port is free", lambda: not is_listening(self.port))
        self.start(name, *self._commands[name])

    @property
    def workers(self) -> list[int]:
        """The web server's workers."""
        pid = self._running[WEB].pid
        return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]

    @property
    def used(self) -> float:
        """The seconds of a processor that the workers took for themselves, without what they started."""
        fields = [Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split() for pid in self.workers]
        return sum(int(ticks) for one in fields for ticks in one[11:13]) / os.sysconf("SC_CLK_TCK")

    def close(self) -> None:
        """End everything that runs, and what the dead left behind."""
        for process in self._running.values():
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait(_PATIENCE_SECONDS)
        if self.listening is not None:
            self.listening.close()
