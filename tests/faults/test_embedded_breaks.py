"""The embedded database under the same faults: killed processes, a full disk, a damaged file."""

from __future__ import annotations

import os
import re
import shutil
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask

from hwadmin.db.extensions import db
from tests import databases
from tests.faults.cluster import a_small_disk, filled
from tests.faults.killing import (
    Fault,
    a_worker_is_killed,
    the_outbox_worker_is_killed,
    the_web_server_is_killed,
    the_web_server_is_told_to_stop,
)
from tests.faults.load import Address, Cast, Writers, a_cast
from tests.faults.processes import OUTBOX, ROOT, WEB, Processes
from tests.faults.unreadable import bare_answers
from tests.faults.whole_history import problems
from tests.outbox.receivers import Receiver
from tests.ports import free_port

WRITERS = 6


@pytest.fixture
def disk() -> Iterator[Path]:
    """A disk of its own, where there can be one."""
    with a_small_disk(24) as (folder, is_disk):
        if not is_disk:
            pytest.skip("A small disk can be made by root alone.")
        yield folder


@pytest.fixture
def app(templates: databases.Templates, disk: Path) -> Iterator[Flask]:
    """An application on a file on that disk, as `make run` has it."""
    with templates["sqlite"].copy() as settings:
        file = disk / "hwadmin.sqlite3"
        shutil.copy(settings.database_url.removeprefix("sqlite:///"), file)
        app = databases.new_app(replace(settings, database_url=f"sqlite:///{file}", instance=disk))
        app.config["PROPAGATE_EXCEPTIONS"] = False
        yield app
        with app.app_context():
            db.engine.dispose()


@pytest.fixture
def cast(app: Flask, receiver: Receiver) -> Cast:
    return a_cast(app, receiver.url)


@pytest.fixture
def processes(app: Flask, disk: Path, tmp_path: Path) -> Iterator[Processes]:
    """Two workers and an outbox worker, as `make run` starts them."""
    environ = os.environ | {
        "HWADMIN_DATABASE_URL": app.config["SQLALCHEMY_DATABASE_URI"],
        "HWADMIN_INSTANCE": str(disk),
        "HWADMIN_SECRET_KEY": databases.SECRET_KEY,
        "HWADMIN_API_REQUESTS_PER_MINUTE": "1000000",
        "HWADMIN_WEBHOOK_LOOPBACK": "1",
    }
    processes = Processes(tmp_path, free_port())
    gunicorn = (
        "-m gunicorn -k hwadmin.web.http.gunicorn_worker.WebWorker --workers 2 --preload --no-control-socket"
        f" --bind 127.0.0.1:{processes.port}"
    )
    processes.start(WEB, [sys.executable, *gunicorn.split(), "app:app"], environ)
    processes.start(OUTBOX, [str(ROOT / "bin" / "hwadmin"), "outbox", "run"], environ)
    yield processes
    processes.close()


QUICK: tuple[Fault, ...] = (a_worker_is_killed, the_outbox_worker_is_killed, a_worker_is_killed)
ALL: tuple[Fault, ...] = (*QUICK, the_web_server_is_killed, the_web_server_is_told_to_stop)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("faults", "rounds"), [(QUICK, 1), pytest.param(ALL, 10, marks=pytest.mark.full)], ids=["", "full"]
)
def test_what_was_acknowledged_is_there_once_and_has_left(
    app: Flask,
    cast: Cast,
    processes: Processes,
    receiver: Receiver,
    disk: Path,
    faults: tuple[Fault, ...],
    rounds: int,
) -> None:
    with Writers(Address(processes.port), cast, WRITERS) as writers:
        for _ in range(rounds):
            for fault in faults:
                writers.wait_for(WRITERS)
                fault(processes, writers)
        refused = writers.history.answers[503]
        with filled(disk):
            writers.wait_until_refused(refused + WRITERS)
        writers.wait_for(WRITERS)
    # After all of it, what nobody can read is still refused in our words.
    assert bare_answers(Address(processes.port)) == []
    # What is left behind is sent from here: SQLite has one writer at a time.
    processes.close()
    assert problems(app, writers.history, receiver) == []
    # And what looks for it is not blind.
    reference, steps = writers.history.orders.popitem()
    assert f"Lost or made twice: ['{reference}']" in problems(app, writers.history, receiver)
    writers.history.orders[reference] = steps ^ {"order.fulfilled"}
    receiver.got.clear()
    named = " ".join(problems(app, writers.history, receiver))
    assert f"{reference} was told" in named
    assert "never arrived" in named


DAMAGES = {
    "no database at all": (0, b"This is somebody's letter. " * 400),
    "a page in the middle": (4096 * 3, b"\xff" * 4096),
}


@pytest.mark.parametrize(("place", "noise"), DAMAGES.values(), ids=DAMAGES)
def test_a_damaged_file_is_said_to_be_one_and_nothing_is_written_to_it(
    app: Flask, disk: Path, place: int, noise: bytes
) -> None:
    file = disk / "hwadmin.sqlite3"
    with app.app_context():
        db.engine.dispose()
    for beside in disk.glob("hwadmin.sqlite3-*"):
        beside.unlink()
    with file.open("r+b") as stream:
        stream.seek(place)
        stream.write(noise)
    before = file.read_bytes()
    run = app.test_cli_runner().invoke
    doctor = run(args=["doctor"])
    assert doctor.exit_code == 1
    assert re.search("WRONG +(file|database): .*damaged", doctor.output), doctor.output
    if place == 0:
        ready = app.test_client().get("/readyz")
        assert (ready.status_code, "damaged" in ready.text) == (503, True)
        upgrade = run(args=["upgrade"])
        assert upgrade.exit_code == 1
        assert "is damaged, or this is no database: restore the last backup" in upgrade.output
    assert file.read_bytes() == before
