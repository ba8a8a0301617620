"""Clients that generators make of the OpenAPI document compile, and carry an order through its whole life."""

from __future__ import annotations

import importlib
import json
import os
import pkgutil
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from hwadmin.api.calls import CALLS
from hwadmin.api.document import openapi
from hwadmin.db.extensions import db
from hwadmin.db.tenancy import acting_as
from hwadmin.db.unit_of_work import transact
from hwadmin.domain.device_kinds import Kind
from hwadmin.domain.permissions import COMMAND_LINE
from hwadmin.operations.people import tokens
from tests.api.fuzzing import served
from tests.builders import World, an_identifier

ROOT = Path(__file__).resolve().parents[2]
pytestmark = pytest.mark.slow


@pytest.fixture
def document(tmp_path: Path) -> Path:
    path = tmp_path / "openapi.json"
    path.write_text(json.dumps(openapi.document(CALLS)))
    return path


@pytest.fixture
def site(own_app: Flask) -> Iterator[dict[str, Any]]:
    """A served product: its address, tokens of a platform's admin and a super-admin, what can be bought."""
    with own_app.app_context(), acting_as(db.session, COMMAND_LINE):
        world = World()
        made = {
            name: transact(
                lambda key=person.id: tokens.create_token(
                    COMMAND_LINE, key, name="Client", acts_without_proof=True
                )
            )[1]
            for name, person in (("platform", world.piet), ("super", world.ada))
        }
        skus = {kind.value: world.item(kind).sku for kind in (Kind.DECT_BASE, Kind.DECT_HANDSET)}
        given = [an_identifier(kind) for kind in (Kind.DECT_BASE, Kind.DECT_HANDSET, Kind.DECT_HANDSET)]
        db.session.remove()
    with served(own_app) as address:
        yield {"address": address, **made, **skus, "identifiers": given}


def run(*command: str | Path, **more: Any) -> str:
    """What a command writes; it must end well, within two minutes."""
    done = subprocess.run(
        [str(part) for part in command], capture_output=True, text=True, timeout=120, check=False, **more
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


# ---- Python


@pytest.fixture
def client(document: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """The package that openapi-python-client makes, every module of it imported."""
    (tmp_path / "settings.yml").write_text("post_hooks: []\n")  # What it made is not formatted.
    output = run(
        *(Path(sys.executable).with_name("openapi-python-client"), "generate", "--meta", "none"),
        *(
            "--path",
            document,
            "--config",
            tmp_path / "settings.yml",
            "--output-path",
            tmp_path / "made_client",
        ),
    )
    # A list is sent as a file by it, never as a text.
    assert {line for line in output.splitlines() if line.startswith("Unsupported")} <= {
        "Unsupported content type text/plain"
    }
    assert output.count("WARNING") == sum(call.takes_list for call in CALLS)
    monkeypatch.syspath_prepend(str(tmp_path))
    package = importlib.import_module("made_client")
    names = [module.name for module in pkgutil.walk_packages(package.__path__, "made_client.")]
    for name in names:
        importlib.import_module(name)
    assert {name.rpartition(".")[2] for name in names} >= {call.name for call in CALLS}
    yield package
    for name in [name for name in sys.modules if name.partition(".")[0] == "made_client"]:
        del sys.modules[name]


def test_the_python_client_carries_an_order_through_its_life(client: Any, site: dict[str, Any]) -> None:
    base = f"{site['address']}/api/v1"
    piet, ada = (
        client.AuthenticatedClient(base_url=base, token=site[who], raise_on_unexpected_status=True)
        for who in ("platform", "super")
    )
    models = importlib.import_module("made_client.models")

    def call(name: str, *path: Any, by: Any, **more: Any) -> Any:
        [tag] = [one.tag.lower() for one in CALLS if one.name == name]
        return importlib.import_module(f"made_client.api.{tag}.{name}").sync(*path, client=by, **more)

    with piet, ada:
        account = call(
            "create_account",
            by=piet,
            body=models.NewAccount(name="Riverside", employees=[models.NewEmployee(name="Dana Reed")]),
        )
        lines = [
            models.NewLine(sku=site["dect_base"], quantity=1),
            models.NewLine(
                sku=site["dect_handset"],
                quantity=2,
                intents=[models.NewIntent(employee_id=account.employees[0].id, base=1)],
            ),
        ]
        order = call(
            "create_order",
            by=piet,
            body=models.NewOrder(account_id=account.id, lines=lines, requester="Dana Reed"),
            idempotency_key="made by a client",
        )
        reference = order.reference
        assert order.status == models.OrderStatus.SUBMITTED
        refused = call("approve", reference, by=piet)
        assert (type(refused), refused.status) == (models.Problem, 403)
        assert call("approve", reference, by=ada, if_match='"1"').status_label == "Approved"
        assert call("approve", reference, by=ada).status == 409
        placement = models.NewPlacement(distributor="Voxport", distributor_reference="V-1")
        assert call("mark_ordered", reference, by=ada, body=placement).placement.distributor == "Voxport"
        entered = [
            models.UnitIdentifier(unit_id=unit.id, identifier=identifier)
            for unit, identifier in zip(order.units, site["identifiers"], strict=True)
        ]
        wrong = models.Identifiers(units=[models.UnitIdentifier(unit_id=entered[0].unit_id, identifier="x")])
        assert call("fulfill", reference, by=ada, body=wrong).units[0].outcome == "refused"
        done = call("fulfill", reference, by=ada, body=models.Identifiers(units=entered))
        assert (done.written, done.order.status) == (True, models.OrderStatus.FULFILLED)
        assert [unit.slot for unit in done.units] == [None, 1, 2]
        devices = call("list_devices_of_account", account.id, by=piet).items
        assert [device.employee.name for device in devices if device.employee] == ["Dana Reed"]
        kinds = [event.kind for event in call("list_events", reference, by=piet).items]
        assert kinds == ["order.submitted", "order.approved", "order.marked_ordered", "order.fulfilled"]
        assert "order.fulfilled" in {item.type_ for item in call("list_feed", by=piet).items}


# ---- TypeScript


def test_the_typescript_client_compiles_and_carries_an_order_through_its_life(
    document: Path, site: dict[str, Any], tmp_path: Path
) -> None:
    commands = ROOT / "node_modules" / ".bin"
    if shutil.which("node") is None or not (commands / "openapi-typescript").exists():
        if os.environ.get("REQUIRE_NODE"):
            pytest.fail("Node or its packages are missing: make scripts.")
        pytest.skip("Node and its packages are not here.")
    # Where the packages are found from.
    (tmp_path / "node_modules").symlink_to(ROOT / "node_modules")
    (tmp_path / "package.json").write_text('{"type": "module"}')
    shutil.copy(Path(__file__).with_name("order_life.ts"), tmp_path)
    run(commands / "openapi-typescript", document, "-o", tmp_path / "schema.d.ts")
    run(
        *(commands / "tsc", "--strict", "--target", "ES2022", "--module", "nodenext", "--skipLibCheck"),
        *("--lib", "ES2022,DOM", "order_life.ts"),
        cwd=tmp_path,
    )
    output = run("node", "order_life.js", cwd=tmp_path, env={**os.environ, "SITE": json.dumps(site)})
    assert output.strip() == "fulfilled, slots 1 2"
