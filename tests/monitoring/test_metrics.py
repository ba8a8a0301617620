"""``/metrics``, the probes, and the sample files that are made of them."""

from __future__ import annotations

import json
import multiprocessing
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import promql_parser
import pytest
import yaml
from flask import Flask
from prometheus_client.parser import text_string_to_metric_families

from hwadmin.config import ConfigurationError, Settings
from hwadmin.db.extensions import db
from hwadmin.web.monitoring.counts import SharedCounts, counter, total
from tests.builders import Clients, World
from tests.guards.source_tree import ROOT

TOKEN = "a-token-for-the-test"
ALERTS = ROOT / "deploy/prometheus/alerts.yml"
DASHBOARD = ROOT / "deploy/grafana/hwadmin.json"
# What Prometheus adds by itself.
OF_PROMETHEUS = {"up"}


@pytest.fixture
def open_metrics(app: Flask, tmp_path: Path) -> Iterator[None]:
    """The application has a token for its metrics, and counts of its own."""
    kept, observed = app.config["HWADMIN"], app.wsgi_app
    counts, own = observed.counts, SharedCounts(tmp_path / "metrics")  # type: ignore[attr-defined]
    observed.counts = app.extensions["hwadmin_counts"] = own  # type: ignore[attr-defined]
    app.config["HWADMIN"] = replace(kept, metrics_token=TOKEN)
    yield
    app.config["HWADMIN"] = kept
    observed.counts = app.extensions["hwadmin_counts"] = counts  # type: ignore[attr-defined]


def samples(clients: Clients) -> dict[tuple[str, tuple[tuple[str, str], ...]], float]:
    """What is measured, by name and labels."""
    answer = clients.anonymous.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"}, buffered=True)
    assert answer.status_code == 200, answer.text
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
    }


# ---- Who may see them


def test_without_a_token_in_the_settings_there_are_none(clients: Clients) -> None:
    asking = {"Authorization": f"Bearer {TOKEN}"}
    assert clients.anonymous.get("/metrics", headers=asking).status_code == 404
    assert clients.ada.get("/metrics").status_code == 404


@pytest.mark.usefixtures("open_metrics")
def test_whoever_has_not_the_token_is_refused(clients: Clients) -> None:
    for headers in ({}, {"Authorization": "Bearer another"}, {"Authorization": f"Basic {TOKEN}"}):
        assert clients.anonymous.get("/metrics", headers=headers).status_code == 401
    assert clients.ada.get("/metrics").status_code == 401
    assert clients.ada.get("/metrics", headers={"Authorization": "Bearer né"}).status_code == 401


@pytest.mark.parametrize("token", ["short", "with a space in it is no token", "é" * 20])
def test_a_token_that_is_too_weak_stops_the_start(token: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="HWADMIN_METRICS_TOKEN"):
        Settings.from_env({"HWADMIN_METRICS_TOKEN": token, "HWADMIN_INSTANCE": str(tmp_path)})


def test_the_settings_of_the_log(tmp_path: Path) -> None:
    where = {"HWADMIN_INSTANCE": str(tmp_path), "HWADMIN_SECRET_KEY": "k" * 40}
    assert Settings.from_env(where).log_format == "text"
    assert Settings.from_env(where | {"HWADMIN_PRODUCTION": "1"}).log_format == "json"
    with pytest.raises(ConfigurationError, match=r"json, text.*'xml'"):
        Settings.from_env(where | {"HWADMIN_LOG_FORMAT": "xml"})


# ---- What they say


@pytest.mark.both_databases
@pytest.mark.usefixtures("open_metrics")
def test_requests_and_what_waits_are_counted(clients: Clients, world: World) -> None:
    world.an_order()
    for _ in range(3):
        clients.ada.get("/orders/", buffered=True)
    clients.ada.get("/orders/nonsense/", buffered=True)
    found = samples(clients)
    where = (("method", "GET"), ("route", "/orders/"))
    assert found["hwadmin_requests_total", (*where, ("status", "200"))] == 3
    assert found["hwadmin_request_seconds_count", where] == 3
    assert found["hwadmin_request_seconds_sum", where] > found["hwadmin_database_seconds_total", where] > 0
    assert found["hwadmin_request_seconds_bucket", (("le", "+Inf"), *where)] == 3
    assert found["hwadmin_statements_total", where] > 6
    assert found["hwadmin_orders", (("status", "submitted"),)] == 1
    assert found["hwadmin_orders_oldest_seconds", (("status", "submitted"),)] >= 0
    assert found["hwadmin_outbox_waiting", (("kind", "event"),)] == 1
    assert found["hwadmin_audit_chain_links", ()] >= 0
    assert found["hwadmin_database_up", ()] == found["hwadmin_schema_current", ()] == 1
    assert found["hwadmin_disk_free_bytes", ()] > 0
    if db.engine.dialect.name == "postgresql":
        assert found["hwadmin_database_connections", (("state", "active"),)] >= 1
        assert abs(found["hwadmin_database_clock_ahead_seconds", ()]) < 60


@pytest.mark.usefixtures("open_metrics")
def test_they_say_so_where_the_database_does_not_answer(
    clients: Clients, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    from sqlalchemy.exc import OperationalError

    def away() -> None:
        raise OperationalError("SELECT", {}, Exception("away"))

    monkeypatch.setattr("hwadmin.web.monitoring.metrics.schema_problem", away)
    found = samples(clients)
    assert found["hwadmin_database_up", ()] == 0
    assert ("hwadmin_schema_current", ()) not in found
    monkeypatch.setattr("hwadmin.web.monitoring.metrics.schema_problem", lambda: "The schema is old.")
    found = samples(clients)
    assert found["hwadmin_database_up", ()] == 1
    assert found["hwadmin_schema_current", ()] == 0


# ---- Several processes


def _count(folder: Path, times: int, begun: Any, end: Any) -> None:
    counts = SharedCounts(folder)
    for _ in range(times):
        counts.add([("counter", counter("things", kind="a"), 1)])
    begun.set()
    end.wait(30)


def _sum(counts: SharedCounts) -> float:
    return sum(
        sample.value for metric in counts.collect() if metric.name == "things" for sample in metric.samples
    )


def test_processes_count_together_and_who_comes_later_counts_on(tmp_path: Path) -> None:
    forking = multiprocessing.get_context("fork")
    own = SharedCounts(tmp_path)
    own.add([("counter", counter("things", kind="a"), 1)])
    for turn in (1, 2):
        end, begun = forking.Event(), [forking.Event() for _ in range(3)]
        workers = [
            forking.Process(target=_count, args=(tmp_path, 100, event, end), daemon=True) for event in begun
        ]
        for worker in workers:
            worker.start()
        assert all(event.wait(30) for event in begun)
        assert _sum(own) == 1 + 300 * turn
        end.set()
        for worker in workers:
            worker.join(30)
    assert len(list(tmp_path.glob("counter_*.db"))) == 4


def test_a_forked_worker_does_not_count_in_its_parents_file(tmp_path: Path) -> None:
    own = SharedCounts(tmp_path)
    own.add([("counter", counter("things", kind="a"), 5), ("histogram", total("times"), 2.5)])
    worker = multiprocessing.get_context("fork").Process(
        target=lambda: own.add([("counter", counter("things", kind="a"), 2)])
    )
    worker.start()
    worker.join(30)
    own.add([("counter", counter("things", kind="a"), 1)])
    assert _sum(own) == 8


# ---- The probes


def test_it_lives_without_a_database_and_is_ready_with_one(
    clients: Clients, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert clients.anonymous.get("/readyz").json == {"status": "ok"}
    monkeypatch.setattr("hwadmin.web.monitoring.probes.schema_problem", lambda: "The schema is old.")
    for path in ("/readyz", "/healthz"):
        answer = clients.anonymous.get(path)
        assert (answer.status_code, answer.json) == (503, {"status": "The schema is old."})
    assert clients.anonymous.get("/livez").json == {"status": "ok"}


@pytest.mark.parametrize("path", ["/livez", "/readyz", "/healthz", "/metrics"])
def test_whoever_watches_keeps_no_session_alive(clients: Clients, path: str) -> None:
    answer = clients.piet.get(path)
    assert "Set-Cookie" not in answer.headers
    assert "Cookie" not in answer.headers.get("Vary", "")
    # What only begins like it is a page like any other: Piet is told in his frame that there is none.
    assert "Piet" in clients.piet.get(f"{path}s").text


# ---- The sample files


def names_in(expression: str) -> set[str]:
    """The metrics that an expression of PromQL reads; it must be one that Prometheus understands."""
    written = promql_parser.parse(expression).prettify()
    return set(re.findall(r"\b(hwadmin_[a-z_]+|up)\b(?=[{\s\[)]|$)", written))


def metrics_of(clients: Clients, world: World) -> set[str]:
    """The names there are, once there is something of everything."""
    world.an_order()
    clients.ada.get("/orders/", buffered=True)
    # A database without a server has neither connections nor a clock of its own.
    server = {"hwadmin_database_connections", "hwadmin_database_clock_ahead_seconds"}
    return {name for name, _ in samples(clients)} | server


def alerts() -> list[dict[str, Any]]:
    [group] = yaml.safe_load(ALERTS.read_text())["groups"]
    return group["rules"]


@pytest.mark.usefixtures("open_metrics")
def test_alerts_and_dashboard_read_metrics_that_exist(clients: Clients, world: World) -> None:
    known = metrics_of(clients, world) | OF_PROMETHEUS
    expressions = [rule["expr"] for rule in alerts()]
    panels = json.loads(DASHBOARD.read_text())["panels"]
    expressions += [target["expr"] for panel in panels for target in panel["targets"]]
    assert len(expressions) > 25
    used = set()
    for expression in expressions:
        names = names_in(expression)
        assert names, expression
        assert names <= known, expression
        used |= names
    shown = {name.removesuffix("_bucket").removesuffix("_count").removesuffix("_sum") for name in used}
    every = {name.removesuffix("_bucket").removesuffix("_count").removesuffix("_sum") for name in known}
    assert every - shown == set(), "measured, but on no panel and in no alert"


@pytest.mark.usefixtures("open_metrics")
def test_every_metric_is_explained_and_no_other(clients: Clients, world: World) -> None:
    page = (ROOT / "docs/admin/monitoring.md").read_text()
    explained = set(re.findall(r"^\| `(hwadmin_[a-z_]+)`", page, re.MULTILINE))
    known = {
        re.sub(r"_(bucket|count|sum)$", "", name) if "request_seconds" in name else name
        for name in metrics_of(clients, world)
    }
    assert explained == known


def test_every_alert_says_what_to_do() -> None:
    for rule in alerts():
        assert rule["labels"]["severity"] in {"page", "ticket"}
        assert rule["annotations"]["summary"].endswith(".")
        assert rule["annotations"]["action"].endswith(".")
    assert len({rule["alert"] for rule in alerts()}) == len(alerts())


def test_an_alert_that_does_not_parse_would_be_noticed() -> None:
    with pytest.raises(ValueError):
        promql_parser.parse("sum(hwadmin_orders")
    assert names_in("max(hwadmin_orders_oldest_seconds{status='x'}) > 3") == {"hwadmin_orders_oldest_seconds"}
