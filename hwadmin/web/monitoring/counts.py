"""Counts of all worker processes of this machine, in files they share; for Prometheus.

Each process writes a file of its own, in the format of prometheus_client. A file belongs to a slot, not to a
process: a worker that replaces another takes over a free slot and counts on from there. So there are as many
files as there ever were workers at once, and no count goes back.
"""

from __future__ import annotations

import fcntl
import os
import threading
from collections.abc import Iterable
from pathlib import Path
from typing import IO

from prometheus_client import Metric
from prometheus_client.mmap_dict import MmapedDict, mmap_key
from prometheus_client.multiprocess import MultiProcessCollector

_MOST_SLOTS = 1_000


class SharedCounts:
    """Counters and histograms, each a number under a key that ``counter`` and ``bucket`` make."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = threading.Lock()
        self._process: int | None = None
        self._slot: IO[str] | None = None
        self._files: dict[str, MmapedDict] = {}

    def add(self, amounts: Iterable[tuple[str, str, float]]) -> None:
        """Add to several numbers.

        Args:
            amounts: "counter" or "histogram", a key, and what to add.

        Raises:
            OSError: the folder cannot be written.
        """
        with self._lock:
            if self._process != os.getpid():
                self._claim_slot()
            for kind, key, amount in amounts:
                file = self._files[kind]
                before = file.read_value(key)[0]  # From now on it is there, be it zero.
                if amount:
                    file.write_value(key, before + amount, 0.0)

    def close(self) -> None:
        """Let go of the files and the slot."""
        for file in self._files.values():
            file.close()
        self._files = {}
        if self._slot is not None:
            self._slot.close()
        self._slot = self._process = None

    def __del__(self) -> None:
        """An application that is gone, as those of tests are, keeps no slot."""
        self.close()

    def collect(self) -> list[Metric]:
        """The sums over all files."""
        files = sorted(str(path) for path in self._folder.glob("*.db"))
        return list(MultiProcessCollector.merge(files))

    def _claim_slot(self) -> None:
        """Take the first slot that no living process has. After a fork the parent keeps its own."""
        self.close()
        self._folder.mkdir(parents=True, exist_ok=True)
        for number in range(_MOST_SLOTS):
            slot = (self._folder / f"slot-{number}").open("a")
            try:
                fcntl.flock(slot, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                slot.close()
                continue
            self._slot, self._process = slot, os.getpid()
            self._files = {
                kind: MmapedDict(str(self._folder / f"{kind}_{number}.db"))
                for kind in ("counter", "histogram")
            }
            return
        raise OSError(f"There is no free slot in {self._folder}.")


def counter(metric: str, **labels: str) -> str:
    """The key of a counter."""
    return str(mmap_key(metric, f"{metric}_total", list(labels), list(labels.values()), ""))


def bucket(metric: str, upper: str, **labels: str) -> str:
    """The key of the part of a histogram that counts what was at most this much."""
    given = labels | {"le": upper}
    return str(mmap_key(metric, f"{metric}_bucket", list(given), list(given.values()), ""))


def total(metric: str, **labels: str) -> str:
    """The key of the sum of a histogram."""
    return str(mmap_key(metric, f"{metric}_sum", list(labels), list(labels.values()), ""))
