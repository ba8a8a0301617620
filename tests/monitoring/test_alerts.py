"""Each sample alert fires on what ``/metrics`` says of its fault, and no other does; ``promtool`` judges."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from datetime import timedelta
from itertools import count
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
import yaml
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from hwadmin import clock
from hwadmin.clock import utcnow
from hwadmin.db.extensions import db
from hwadmin.models import MessageKind, OutgoingMessage
from tests.builders import Clients, World
from tests.monitoring.test_metrics import ALERTS, alerts, samples
from tests.monitoring.test_metrics import open_metrics as open_metrics

Samples = dict[tuple[str, tuple[tuple[str, str], ...]], float]
UP = ("up", (("job", "hwadmin"),))
COUNTED = ("_total", "_bucket", "_count", "_sum")
# In minutes: how long all is well, then the fault lasts; and when in it one looks whether somebody was told.
WELL, FAULTY, TOLD = 70, 90, 25


@pytest.fixture
def promtool() -> str:
    """The program of Prometheus that tries rules."""
    found = shutil.which("promtool")
    if found is None and os.environ.get("REQUIRE_PROMTOOL"):
        pytest.fail("promtool is missing")
    return found or pytest.skip("promtool is missing")


# ---- Faults: what is done to the product, and undone when they end where a test's rollback does not undo it


def _away(_: World) -> AbstractContextManager[object]:
    return mock.patch(f"{__name__}.scraped", return_value={UP: 0.0})


def _database_fault() -> OperationalError:
    return OperationalError("SELECT", {}, Exception("away"))


def _database_away(_: World) -> AbstractContextManager[object]:
    return mock.patch("hwadmin.web.monitoring.metrics.schema_problem", side_effect=_database_fault())


def _pages_fail(_: World) -> AbstractContextManager[object]:
    return mock.patch("hwadmin.views.orders.orders.orders_page", side_effect=_database_fault())


def _schema_is_old(_: World) -> None:
    db.session.execute(text("UPDATE alembic_version SET version_num = '0003'"))


@contextmanager
def _pages_are_slow(_: World) -> Iterator[None]:
    """Each look at the clock is a second later than the one before."""
    with mock.patch("hwadmin.web.monitoring.requests.time.perf_counter", side_effect=map(float, count())):
        yield


def _a_mail(**values: Any) -> None:
    mail = {"type": "x", "recipient": "a@example.com", "subject": "s", "payload": "{}"}
    db.session.add(OutgoingMessage(kind=MessageKind.MAIL, **mail, **values))
    db.session.flush()


def _worker_stopped(_: World) -> None:
    _a_mail(uid="late", next_at=utcnow() - timedelta(minutes=20))


def _mail_refused(_: World) -> None:
    _a_mail(uid="failed")
    db.session.execute(text("UPDATE outgoing_message SET next_at = NULL, failed_at = created_at"))


def _nobody_decides(_: World) -> None:
    then = {"then": utcnow() - timedelta(days=3, hours=1)}
    db.session.execute(text("UPDATE hardware_order SET created_at = :then"), then)


def _history_removed(_: World) -> None:
    if db.engine.dialect.name == "postgresql":
        db.session.execute(text("SET LOCAL session_replication_role = replica"))
    else:
        db.session.execute(text("DROP TRIGGER audit_tail_moves_on"))
    db.session.execute(text("UPDATE audit_tail SET seq = seq - 1"))


def _disk_full(_: World) -> AbstractContextManager[object]:
    return mock.patch("shutil.disk_usage", return_value=mock.Mock(free=1_900_000_000))


def _connections_run_out(_: World) -> AbstractContextManager[object]:
    return mock.patch("hwadmin.db.dialects.connections_by_state", return_value={"active": 41, "idle": 40})


def _clock_is_off(_: World) -> AbstractContextManager[object]:
    return clock.at(utcnow() + timedelta(minutes=1))


@dataclass(frozen=True, slots=True)
class Case:
    """A fault, and how many minutes later somebody is told."""

    fault: Callable[[World], AbstractContextManager[object] | None]
    told: int = TOLD


CASES = {
    "HwadminAway": Case(_away),
    "HwadminDatabaseAway": Case(_database_away),
    "HwadminSchema": Case(_schema_is_old),
    "HwadminErrors": Case(_pages_fail),
    "HwadminSlow": Case(_pages_are_slow),
    "HwadminOutboxLate": Case(_worker_stopped),
    "HwadminMessagesFailed": Case(_mail_refused),
    "HwadminOrdersWait": Case(_nobody_decides, told=65),
    "HwadminChainShorter": Case(_history_removed),
    "HwadminDiskFull": Case(_disk_full),
    "HwadminConnections": Case(_connections_run_out),
    "HwadminClock": Case(_clock_is_off),
}
# What a file does not have.
OF_SERVERS = {"HwadminClock"}


# ---- What Prometheus sees of them


def scraped(clients: Clients) -> Samples:
    """What the product says, with what Prometheus adds."""
    return {**samples(clients), UP: 1.0}


def _two_minutes(clients: Clients) -> tuple[Samples, Samples]:
    """What is scraped before and after a minute in which people look at their orders."""
    looked = []
    for _ in range(2):
        for _ in range(5):
            clients.ada.get("/orders/", buffered=True)
        looked.append(scraped(clients))
    return looked[0], looked[1]


def _values(counts: bool, start: float | None, grows: float, minutes: int) -> str:
    if start is None:
        return f"_x{minutes}"
    return f"{start!r}{grows if counts else 0.0:+}x{minutes - 1}"


def series(well: tuple[Samples, Samples], faulty: tuple[Samples, Samples]) -> list[dict[str, str]]:
    """The two minutes, each going on for long."""
    found = []
    for key in sorted(well[0].keys() | well[1].keys() | faulty[0].keys() | faulty[1].keys()):
        name, labels = key
        counts = name.endswith(COUNTED)
        begins, grows = well[0].get(key), well[1].get(key, 0.0) - well[0].get(key, 0.0)
        now, more = faulty[1].get(key), faulty[1].get(key, 0.0) - faulty[0].get(key, 0.0)
        if counts and begins is not None and now is not None:
            now = begins + WELL * grows
        words = ",".join(f'{label}="{value}"' for label, value in (*labels, ("instance", "one")))
        found.append(
            {
                "series": f"{name}{{{words}}}",
                "values": f"{_values(counts, begins, grows, WELL)} {_values(counts, now, more, FAULTY)}",
            }
        )
    return found


def fired(promtool: str, folder: Path, seen: list[dict[str, str]], *minutes: int) -> list[set[str]]:
    """The alerts that people have at these minutes."""
    names = [rule["alert"] for rule in alerts()]
    # Nothing is expected: what fires all the same is told.
    nothing = [
        {"eval_time": f"{at}m", "alertname": name, "exp_alerts": []} for at in minutes for name in names
    ]
    rules = {
        "rule_files": [str(ALERTS)],
        "evaluation_interval": "1m",
        "tests": [{"interval": "1m", "input_series": seen, "alert_rule_test": nothing}],
    }
    file = folder / "rules.yml"
    file.write_text(yaml.safe_dump(rules))
    command = [promtool, "test", "rules", str(file)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    said = done.stdout + done.stderr
    assert "SUCCESS" in said or "alertname:" in said, said
    return [{name for name in names if f"alertname: {name}, time: {_spelt(at)}," in said} for at in minutes]


def _spelt(minutes: int) -> str:
    hours, left = divmod(minutes, 60)
    return (f"{hours}h" if hours else "") + (f"{left}m" if left else "")


def test_every_alert_has_its_fault() -> None:
    assert [rule["alert"] for rule in alerts()] == list(CASES)


@pytest.mark.usefixtures("open_metrics")
@pytest.mark.parametrize(
    "name",
    [pytest.param(name, marks=[pytest.mark.both_databases] if name in OF_SERVERS else []) for name in CASES],
)
def test_an_alert_fires_on_its_fault_alone(
    name: str, promtool: str, world: World, clients: Clients, tmp_path: Path
) -> None:
    if name in OF_SERVERS and db.engine.dialect.name != "postgresql":
        pytest.skip("A file has the clock of its machine.")
    case = CASES[name]
    world.an_order()
    # Requests take no time at all: how long they take here says only how busy the machine is.
    with mock.patch("hwadmin.web.monitoring.requests.time.perf_counter", return_value=0.0):
        well = _two_minutes(clients)
        with case.fault(world) or nullcontext():
            faulty = _two_minutes(clients)
    before, told = fired(promtool, tmp_path, series(well, faulty), WELL - 1, WELL + case.told)
    assert before == set()
    assert told == {name}
