"""``/metrics``, for Prometheus: the counts of all workers of this machine, and what the database says now."""

from __future__ import annotations

import hmac
import shutil
from collections.abc import Iterator

from flask import Flask, Response, abort, current_app
from prometheus_client import CollectorRegistry, Metric
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4, generate_latest
from prometheus_client.registry import Collector
from sqlalchemy.exc import SQLAlchemyError

from hwadmin import __version__
from hwadmin.clock import utcnow
from hwadmin.config import Settings
from hwadmin.db import dialects
from hwadmin.db.extensions import db
from hwadmin.db.schema_version import schema_problem
from hwadmin.db.tenancy import acting_as
from hwadmin.domain.permissions import COMMAND_LINE
from hwadmin.queries.audit.chain_verification import head
from hwadmin.queries.orders.orders import oldest_open, tallies
from hwadmin.queries.outgoing.backlog import backlog
from hwadmin.web import access
from hwadmin.web.http.bearer_auth import bearer_token, invalid_token
from hwadmin.web.monitoring.requests import COUNTS

_HELP = {
    "hwadmin_requests": "Answers, by method, route and status.",
    "hwadmin_request_seconds": "How long requests took, until their answer was sent.",
    "hwadmin_statements": "Statements sent to the database.",
    "hwadmin_database_seconds": "Time spent waiting for the database.",
}


class _Counted(Collector):
    def collect(self) -> Iterator[Metric]:
        for metric in current_app.extensions[COUNTS].collect():
            metric.documentation = _HELP.get(metric.name, "")
            yield metric


class _Now(Collector):
    """What is true at this moment."""

    def collect(self) -> Iterator[Metric]:
        settings: Settings = current_app.config["HWADMIN"]
        yield _gauge("hwadmin_info", "The release that answers.", {__version__: 1}, "version")
        free = shutil.disk_usage(settings.instance).free
        yield _gauge("hwadmin_disk_free_bytes", "Space left where the instance folder is.", {"": free})
        try:
            with acting_as(db.session, COMMAND_LINE):
                of_database = list(_of_database())
            up = 1
        except SQLAlchemyError:
            db.session.rollback()
            of_database, up = [], 0
        yield _gauge("hwadmin_database_up", "1 where the database answers.", {"": up})
        yield from of_database


def _of_database() -> Iterator[Metric]:
    now = utcnow()
    fits = schema_problem() is None
    yield _gauge("hwadmin_schema_current", "1 where the schema is that of this release.", {"": int(fits)})
    if not fits:
        return
    waiting = backlog()
    yield _gauge(
        "hwadmin_outbox_waiting",
        "What waits to be sent: events without messages yet, mails, webhook messages.",
        {"event": waiting.events, "mail": waiting.mails, "webhook": waiting.webhooks},
        "kind",
    )
    yield _gauge(
        "hwadmin_outbox_late_seconds", "How long the most delayed has been due.", {"": waiting.late_seconds}
    )
    yield _gauge("hwadmin_outbox_failed", "Messages that failed for good.", {"": waiting.failed})
    yield _gauge("hwadmin_audit_chain_links", "Links of the audit trail's chain.", {"": head().seq})
    statuses = {status.value: number for status, number in tallies(COMMAND_LINE).by_status.items()}
    yield _gauge("hwadmin_orders", "Orders, by status.", statuses, "status")
    ages = {
        status.value: (now - since).total_seconds() for status, since in oldest_open(COMMAND_LINE).items()
    }
    yield _gauge("hwadmin_orders_oldest_seconds", "Age of the oldest open order.", ages, "status")
    states = dialects.connections_by_state()
    yield _gauge("hwadmin_database_connections", "Connections to the database, by state.", states, "state")
    clock = dialects.database_clock()
    if clock is not None:
        ahead = (clock - utcnow()).total_seconds()
        yield _gauge("hwadmin_database_clock_ahead_seconds", "How far its clock is ahead.", {"": ahead})


def _gauge(name: str, help_text: str, values: dict[str, int] | dict[str, float], label: str = "") -> Metric:
    family = GaugeMetricFamily(name, help_text, labels=[label] if label else None)
    for value, number in values.items():
        family.add_metric([value] if label else [], number)
    return family


def _show() -> Response:
    settings: Settings = current_app.config["HWADMIN"]
    if not settings.metrics_token:
        abort(404)
    if not hmac.compare_digest(bearer_token().encode(), settings.metrics_token.encode()):
        raise invalid_token()
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Counted())
    registry.register(_Now())
    return Response(generate_latest(registry), content_type=CONTENT_TYPE_PLAIN_0_0_4)


def install(app: Flask) -> None:
    """Answer /metrics, to whoever has the token of the settings; there is none unless it is set."""
    app.add_url_rule("/metrics", "metrics", _show)
    access.declare(app, "metrics", access.PUBLIC)
    access.leave_cookies_alone(app, "/metrics")
