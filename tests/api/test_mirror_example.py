"""The example program of the docs: it brings both sides in step, whatever fails on the way."""

from __future__ import annotations

import importlib.util
import json
import random
from pathlib import Path
from typing import Any

import pytest

from hwadmin.db.extensions import db
from hwadmin.domain.device_kinds import Kind
from hwadmin.models import Account, AuditEvent, Employee, Location
from tests.api.callers import Caller, Callers
from tests.builders import World
from tests.guards.source_tree import ROOT

pytestmark = pytest.mark.usefixtures("_as_at_commits")

_PATH = ROOT / "docs/integrations/examples/mirror.py"


def load() -> Any:
    spec = importlib.util.spec_from_file_location("mirror", _PATH)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


mirror = load()


class Broken(Exception):
    """The connection was lost."""


class Unreliable(mirror.Hwadmin):  # type: ignore[name-defined]
    """Loses requests before they arrive, and answers after the work was done."""

    def __init__(self, caller: Caller, failures: int) -> None:
        self.caller, self.left, self.random = caller, failures, random.Random(7)

    def send(self, method: str, path: str, body: Any = None) -> tuple[int, dict[str, str], Any]:
        fate = self.random.random() if self.left else 1.0
        if fate < 0.15:
            self.left -= 1
            raise Broken
        answer = self.caller(method, path, body)
        if fate < 0.3:
            self.left -= 1
            raise Broken
        return answer.status_code, dict(answer.headers), answer.get_json(force=True)


def source(generation: int) -> dict[str, Any]:
    """Two accounts; with each generation somebody leaves, comes, and is called otherwise."""
    return {
        "accounts": {
            f"customer-{number}": {
                "name": f"Customer {number}",
                "locations": {
                    f"s-{place}": {"name": f"Site {place}", "address": f"{generation} Quay"}
                    for place in range(generation, generation + 3)
                },
                "employees": {
                    f"e/{person}".replace("/", ":"): {"name": f"Person {person}", "title": f"T{generation}"}
                    for person in range(generation, generation + 4)
                },
            }
            for number in range(2)
        }
    }


def stored() -> dict[str, Any]:
    db.session.expire_all()
    return {
        account.external_id or "": {
            "name": account.name,
            "locations": {
                row.external_id: {"name": row.name, "address": row.address}
                for row in db.session.query(Location).filter_by(account_id=account.id, archived_at=None)
            },
            "employees": {
                row.program_external_id: {"name": row.name, "title": row.title}
                for row in db.session.query(Employee).filter_by(account_id=account.id, deactivated_at=None)
            },
        }
        for account in db.session.query(Account).filter(Account.external_id.is_not(None))
    }


def until_done(wanted: dict[str, Any], path: Path, hwadmin: Any) -> tuple[dict[str, Any], int]:
    """Start the program again and again until it has come to its end."""
    for attempt in range(2_000):
        try:
            return mirror.run(wanted, path, hwadmin), attempt
        except Broken:
            continue
    pytest.fail("It never came to its end.")


def test_it_is_exact_after_two_hundred_failures(api: Callers, world: World, tmp_path: Path) -> None:
    hwadmin, path, failures = Unreliable(api.service, 200), tmp_path / "state.json", 0
    elsewhere = world.a_device(world.an_account())
    generation = 0
    while hwadmin.left or generation < 3:
        wanted = source(generation)
        _, failed = until_done(wanted, path, hwadmin)
        failures += failed
        assert stored() == wanted["accounts"]
        account = db.session.query(Account).filter_by(external_id="customer-0").one()
        added = world.a_device(account, Kind.DESKPHONE)
        if generation == 1:
            api.piet.post(f"/devices/{elsewhere.id}/retire", {"reason": "Lost."})
        api.piet("PATCH", f"/devices/{added.id}", {"serial": f"SN{generation:06d}"})
        state, failed = until_done(wanted, path, hwadmin)
        failures += failed
        listed = Unreliable(api.service, 0).items("/devices")
        devices = {str(device["id"]): device for device in listed}
        assert state["devices"] == devices
        assert json.loads(path.read_text()) == state
        generation += 1
    assert failures == 200
    before = db.session.query(AuditEvent).count()
    until_done(source(generation - 1), path, hwadmin)
    assert db.session.query(AuditEvent).count() == before
