"""Processes die and the database falls over under many writers: what was acknowledged is there, once."""

from __future__ import annotations

from contextlib import ExitStack, suppress

import psycopg
import pytest

from tests.faults.cluster import filled
from tests.faults.conftest import Site
from tests.faults.killing import (
    Fault,
    a_worker_is_killed,
    the_outbox_worker_is_killed,
    the_web_server_is_killed,
    the_web_server_is_told_to_stop,
)
from tests.faults.load import WRITERS, Writers, ready_meanwhile
from tests.faults.processes import Processes
from tests.faults.test_install import WITHIN_SECONDS
from tests.faults.whole_history import last_order, problems

pytestmark = pytest.mark.slow


def the_database_crashes(processes: Processes, _: Writers) -> None:
    processes.cluster.stop("immediate")
    processes.cluster.start()


def the_database_is_away_for_a_while(processes: Processes, writers: Writers) -> None:
    refused = writers.history.answers[503]
    processes.cluster.stop("fast")
    writers.wait_until_refused(refused + WRITERS)
    processes.cluster.start()


def the_disk_is_full(processes: Processes, writers: Writers) -> None:
    refused = writers.history.answers[503]
    if not processes.cluster.has_own_disk:
        return
    with filled(processes.cluster.folder):
        writers.wait_until_refused(refused + WRITERS)
    # Where it found no room for its log it gave up, and whatever runs it starts it again.
    if not processes.cluster.is_running:
        processes.cluster.stop("immediate")
        processes.cluster.start()


def every_connection_is_cut(processes: Processes, _: Writers) -> None:
    with processes.cluster.connect() as server:
        server.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = 'hwadmin' AND pid <> pg_backend_pid()"
        )


def no_connection_is_left(processes: Processes, writers: Writers) -> None:
    refused = writers.history.answers[503]
    cut = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'hwadmin_runtime'"
    with ExitStack() as stack:
        first = stack.enter_context(processes.cluster.connect())
        for _ in range(3):
            # Who has a connection loses it, and another takes its place.
            first.execute(cut)
            with suppress(psycopg.OperationalError):
                while True:
                    stack.enter_context(processes.cluster.connect())
        writers.wait_until_refused(refused + WRITERS)


QUICK: tuple[Fault, ...] = (
    a_worker_is_killed,
    the_outbox_worker_is_killed,
    every_connection_is_cut,
    the_database_crashes,
    no_connection_is_left,
    the_disk_is_full,
    the_database_is_away_for_a_while,
)
# A server that starts again takes a processor for seconds, and whoever comes meanwhile waits for it.
SERVERS: tuple[Fault, ...] = (the_web_server_is_killed, the_web_server_is_told_to_stop)
STARTING_SECONDS = 60.0


@pytest.mark.parametrize(
    ("faults", "rounds", "within"),
    [
        (QUICK, 1, WITHIN_SECONDS),
        pytest.param(QUICK, 10, WITHIN_SECONDS, marks=pytest.mark.full),
        pytest.param(SERVERS, 5, STARTING_SECONDS, marks=pytest.mark.full),
    ],
    ids=["", "full", "servers"],
)
def test_what_was_acknowledged_is_there_once_and_has_left(
    site: Site, faults: tuple[Fault, ...], rounds: int, within: float
) -> None:
    before = last_order(site.app)
    with (
        ready_meanwhile(site.address, within) as watch,
        Writers(site.address, site.cast, WRITERS) as writers,
    ):
        for _ in range(rounds):
            for fault in faults:
                writers.wait_for(WRITERS // 2)
                fault(site.installed.processes, writers)
        writers.wait_for(WRITERS)
    assert problems(site.app, writers.history, site.receiver, before) == []
    assert watch.wrong == []
