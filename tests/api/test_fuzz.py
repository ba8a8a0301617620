"""Made-up requests to every call: nothing breaks, nothing undocumented is answered, nothing foreign done."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import func, select

from hwadmin.api import calls
from hwadmin.db.extensions import db
from hwadmin.db.tenancy import acting_as
from hwadmin.domain.permissions import COMMAND_LINE, GRANTS, Role
from hwadmin.models import AuditEvent, HardwareOrder
from tests.api.fuzzing import Run, furnish, fuzz
from tests.running import FULL, one_of

# Who makes the requests up, by the name of their token.
ROLES = {"platform": Role.PLATFORM_ADMIN, "super": Role.SUPER_ADMIN}


def calls_of(role: str) -> list[str]:
    """The calls a role is tried at: each by one of those who may, in turn; all of them in full."""

    def able(call: calls.Call) -> list[str]:
        return [name for name, one in ROLES.items() if call.permission in GRANTS[one]]

    return [call.name for call in calls.CALLS if FULL or role in one_of(able(call), call.name)]


def found_nothing(run: Run, tried: int = len(calls.CALLS)) -> None:
    assert run.errors == []
    assert not run.failures, "\n\n".join(run.failures[:20])
    assert run.server_errors == 0
    assert len(run.statuses) == tried


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


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.slow
def test_made_up_requests_find_nothing(own_app: Flask, role: str) -> None:
    tried = calls_of(role)
    run = fuzz(own_app, furnish(own_app), role, examples=3 if FULL else 1, calls=tried, thorough=False)
    found_nothing(run, len(tried))
    assert run.cases >= 2 * len(tried)
    assert foreign_events(own_app) == 0


@pytest.mark.full
@pytest.mark.parametrize("role", ["platform", "super", "support"])
def test_five_thousand_made_up_requests_find_nothing(own_app: Flask, role: str) -> None:
    """The boundaries of every field, too. Which statuses are reached: test_documented_statuses.py."""
    run = fuzz(own_app, furnish(own_app), role, examples=12)
    found_nothing(run)
    assert run.cases >= 5_000
    assert foreign_events(own_app) == 0


def test_together_the_roles_are_tried_at_every_call() -> None:
    tried = {role: set(calls_of(role)) for role in ROLES}
    assert set.union(*tried.values()) == {call.name for call in calls.CALLS}
    assert all(len(names) > 20 for names in tried.values())
