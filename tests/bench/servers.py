"""A gunicorn on loopback as the product is deployed, and a client that asks one thing at a time."""

from __future__ import annotations

import http.client
import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import psycopg

from tests.databases import SERVER

ROOT = Path(__file__).resolve().parents[2]
WORKERS = 2


@dataclass(frozen=True)
class Ask:
    """One request, and what its answer must be."""

    path: str
    form: Mapping[str, str] | None = None
    status: int = 200
    # A piece of the answer and how often it is there: what was measured was the whole work.
    piece: str = ""
    times: int = 0
    # What is sent to the API, with the token instead of the session.
    body: Mapping[str, Any] | None = None
    # Asks only for what is newer than what was answered before.
    known: bool = False


@dataclass
class Server:
    """A WSGI application served by gunicorn, as the product is: two sync workers."""

    application: str
    environ: Mapping[str, str]
    cookie: str
    form: Mapping[str, str] = field(default_factory=dict)
    token: str = ""
    # Where its log goes; to this process's by default.
    log: Path | None = None
    workers: int = WORKERS

    def __enter__(self) -> Server:
        listening = socket.create_server(("127.0.0.1", 0))
        self.port = listening.getsockname()[1]
        number = listening.fileno()
        # It listens before anybody serves: requests wait for the workers, and nothing is polled.
        command = [
            # Without the development tools where one is given that has none: they add 4 MiB.
            os.environ.get("BENCH_PYTHON", sys.executable),
            "-m",
            "gunicorn",
            "-k",
            "hwadmin.web.http.gunicorn_worker.WebWorker",
            "--workers",
            str(self.workers),
            "--preload",
            "--no-control-socket",
        ]
        command += ["--log-level", "warning", "--bind", f"fd://{number}", self.application]
        environ = {**os.environ, **self.environ, "PGAPPNAME": self._name, "PYTHONNODEBUGRANGES": "1"}
        with ExitStack() as stack:
            log = stack.enter_context(self.log.open("ab")) if self.log else None
            self.process = subprocess.Popen(
                command, cwd=ROOT, env=environ, pass_fds=[number], stdout=log, stderr=log
            )
        listening.close()
        return self

    def __exit__(self, *_: object) -> None:
        self.process.terminate()
        self.process.wait(timeout=30)

    def ask(self, ask: Ask) -> float:
        """Send one request on a connection of its own; how long it took until the answer was read, in ms."""
        headers = {"Cookie": self.cookie}
        if ask.known:
            headers["If-None-Match"] = "*"
        body = None
        if ask.form is not None:
            body = urlencode({**self.form, **ask.form})
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        if ask.body is not None:
            body = json.dumps(ask.body)
            headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
        start = time.perf_counter()
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        connection.request("GET" if body is None else "POST", ask.path, body, headers)
        answer = connection.getresponse()
        text = answer.read()
        connection.close()
        elapsed = (time.perf_counter() - start) * 1000
        if answer.status != ask.status:
            raise RuntimeError(f"{self.application}: {ask.path} answered {answer.status}: {text[:3000]!r}")
        if ask.piece and (found := text.decode().count(ask.piece)) != ask.times:
            raise RuntimeError(
                f"{self.application}: {ask.path} has {found} times {ask.piece!r}, not {ask.times}"
            )
        return elapsed

    def logged(self, path: str) -> list[float]:
        """How long requests for a path took inside of it, from its log, in ms."""
        if self.log is None:
            return []
        lines = (json.loads(line) for line in self.log.read_text().splitlines() if line.startswith("{"))
        return [line["ms"] for line in lines if line.get("route") == path]

    @property
    def _name(self) -> str:
        return f"bench {self.port} {self.application}"[:60]

    def _workers(self) -> list[str]:
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        return children.read_text().split() if children.exists() else []

    def spent(self) -> float:
        """The processor time of its workers and their database processes so far, in ms; 0 if unknown."""
        processes = self._workers()
        if self.environ["BENCH_DATABASE_URL"].startswith("postgresql"):
            with psycopg.connect(SERVER) as connection:
                found = connection.execute(
                    "SELECT pid FROM pg_stat_activity WHERE application_name = %s", [self._name]
                )
                processes += [str(row[0]) for row in found]
        used = 0
        for process in processes:
            schedule = Path(f"/proc/{process}/schedstat")
            if schedule.exists():
                used += int(schedule.read_text().split()[0])
        return used / 1e6

    def resident(self) -> int:
        """The resident memory of the largest worker, in MiB; 0 where the system does not tell."""
        sizes = [0]
        for worker in self._workers():
            status = Path(f"/proc/{worker}/status").read_text()
            sizes += [
                int(line.split()[1]) // 1024 for line in status.splitlines() if line.startswith("VmRSS")
            ]
        return max(sizes)
