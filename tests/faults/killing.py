"""Processes that end in the middle of what they do."""

from __future__ import annotations

import os
import random
import signal
from collections.abc import Callable
from contextlib import suppress

from tests.faults.load import Writers
from tests.faults.processes import OUTBOX, WEB, Processes

Fault = Callable[[Processes, Writers], None]
# Of the workers there are several: which one it is must not matter.
_CHANCE = random.Random(14)


def a_worker_is_killed(processes: Processes, _: Writers) -> None:
    """One of those that answer requests; another takes its place."""
    with suppress(ProcessLookupError):
        os.kill(_CHANCE.choice(processes.workers), signal.SIGKILL)


def the_outbox_worker_is_killed(processes: Processes, _: Writers) -> None:
    """It had leased what it was sending."""
    processes.send(OUTBOX, signal.SIGKILL)


def the_web_server_is_killed(processes: Processes, _: Writers) -> None:
    """And all its workers with it."""
    processes.send(WEB, signal.SIGKILL)


def the_web_server_is_told_to_stop(processes: Processes, _: Writers) -> None:
    """In order: what is being answered is answered."""
    processes.send(WEB, signal.SIGTERM)
