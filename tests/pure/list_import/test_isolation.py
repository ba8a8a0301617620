"""Reading in a process of its own: results and refusals come back, and nothing gets more than its share."""

from __future__ import annotations

import os
import signal
import threading

import pytest

from hwadmin.errors import InvalidInput
from hwadmin.list_import.isolation import MEGABYTES, ReadingFailed, isolated


def test_the_result_comes_back_from_another_process() -> None:
    assert isolated(os.getpid) != os.getpid()
    assert isolated(lambda: sorted([3, 1, 2])) == [1, 2, 3]


def test_a_large_result_comes_back_whole() -> None:
    assert len(isolated(lambda: bytes(20_000_000))) == 20_000_000


def test_a_refusal_comes_back_as_it_was() -> None:
    def refuse() -> None:
        raise InvalidInput.at("list", "This spreadsheet is empty.")

    with pytest.raises(InvalidInput) as refusal:
        isolated(refuse)
    assert [(error.field, error.message) for error in refusal.value.errors] == [
        ("list", "This spreadsheet is empty.")
    ]


def test_whoever_takes_too_much_memory_is_refused() -> None:
    with pytest.raises(InvalidInput, match="takes longer"):
        isolated(lambda: bytearray((MEGABYTES + 100) * 1024 * 1024))


def test_whoever_takes_too_long_is_refused() -> None:
    def for_ever() -> None:
        while True:
            pass

    with pytest.raises(InvalidInput, match="takes longer"):
        isolated(for_ever, seconds=0.3)


def test_whoever_waits_too_long_is_refused() -> None:
    """Without using the processor, whose limit it would never meet."""
    with pytest.raises(InvalidInput, match="takes longer"):
        isolated(lambda: threading.Event().wait(30), seconds=0.2)


def test_a_process_that_dies_is_no_result() -> None:
    with pytest.raises(ReadingFailed):
        isolated(lambda: os._exit(3))


def test_a_process_that_is_killed_is_a_list_that_took_too_much() -> None:
    with pytest.raises(InvalidInput):
        isolated(lambda: os.kill(os.getpid(), signal.SIGKILL))


def test_no_process_is_left_behind() -> None:
    # Of that very process: a test before this one may have left a browser to the next.
    process = isolated(os.getpid)
    with pytest.raises(ChildProcessError):
        os.waitpid(process, os.WNOHANG)
