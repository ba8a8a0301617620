"""Made-up requests to every call: nothing breaks, nothing undocumented is answered, nothing foreign done."""

from __future__ import annotations

from collections import Counter

import pytest
from flask import Flask
from sqlalchemy import func, select

from hwadmin.api import calls
from hwadmin.api.document import openapi
from hwadmin.db.extensions import db
from hwadmin.db.tenancy import acting_as
from hwadmin.domain.permissions import COMMAND_LINE
from hwadmin.models import AuditEvent, HardwareOrder
from tests.api.fuzzing import Run, furnish, fuzz
from tests.guards.access_policy import API, EVERYBODY, PROGRAM
from tests.running import FULL


def found_nothing(run: Run) -> None:
    assert run.errors == []
    assert not run.failures, "\n\n".join(run.failures[:20])
    assert run.server_errors == 0
    assert len(run.statuses) == len(calls.CALLS)


def foreign_events(app: Flask) -> int:
    """How much was done to the other platform by somebody who is not its own."""
    with app.app_context(), acting_as(db.session, COMMAND_LINE):
        events = (
            select(func.count(AuditEvent.id))
            .join(HardwareOrder, HardwareOrder.id == AuditEvent.order_id)
            .where(
                AuditEvent.platform_name == "Blue Harbor Telecom",
                AuditEvent.actor_name.not_in(("Bea Lund", "Ada Okafor")),
            )
        )
        number = db.session.execute(events).scalar_one()
        db.session.remove()
    return number


@pytest.mark.parametrize("role", ["platform", "super"])
@pytest.mark.slow
def test_made_up_requests_find_nothing(own_app: Flask, role: str) -> None:
    run = fuzz(own_app, furnish(own_app), role, examples=12 if FULL else 3, thorough=False)
    found_nothing(run)
    assert run.cases >= 300
    assert foreign_events(own_app) == 0


@pytest.mark.full
def test_five_thousand_made_up_requests_find_nothing(own_app: Flask) -> None:
    # The boundaries of every field are tried for each role below, once.
    run = fuzz(own_app, furnish(own_app), "platform", examples=60, thorough=False)
    found_nothing(run)
    assert run.cases >= 5_000
    assert foreign_events(own_app) == 0


def _reached_by_the_walk() -> dict[str, Counter[int]]:
    """What tests/guards/test_access_matrix.py is answered: success, and 403 where somebody may not."""
    paths = {f"api.{one.name}": f"{one.method} {openapi.documented_path(one.path)}" for one in calls.CALLS}
    return {
        paths[route.endpoint]: Counter([route.answer, *([403] if route.may < EVERYBODY | PROGRAM else [])])
        for route in API
    }


@pytest.mark.full
def test_every_documented_status_is_reached(own_app: Flask) -> None:
    """By a role, or by the walk over every route; but for what has tests of its own.

    That is a limit, and a key whose request is still being done in parts (test_idempotency.py).
    """
    elsewhere_tested = {"POST /webhooks 409", "POST /devices/retire 409", "POST /orders/decisions 409"}
    given = furnish(own_app)
    reached = _reached_by_the_walk()
    for role in ("platform", "super", "support"):
        run = fuzz(own_app, given, role, examples=12)
        found_nothing(run)
        for call, statuses in run.statuses.items():
            reached.setdefault(call, Counter()).update(statuses)
    missing = []
    for path, operations in openapi.document(calls.CALLS)["paths"].items():
        for method, operation in operations.items():
            label = f"{method.upper()} {path}"
            # Where nothing is asked, only a parameter that does not exist is bad input.
            asks = "requestBody" in operation or any(
                one.get("in") == "query" for one in operation["parameters"]
            )
            elsewhere = {"default", "413", "429", "400"} | (set() if asks else {"422"})
            for status in operation["responses"]:
                if status not in elsewhere and not reached[label][int(status)]:
                    missing.append(f"{label} {status}")
    assert set(missing) <= elsewhere_tested
