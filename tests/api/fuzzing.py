"""Schemathesis over the whole API: every check, every phase, the other platform's keys mixed in.

It asks a server of this very process on loopback: handed the application itself, its check for ignored
authentication passes on an argument that only its network transport knows, and so checks nothing.
"""

from __future__ import annotations

import threading
import warnings
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from flask import Flask
from werkzeug.serving import WSGIRequestHandler, make_server

with warnings.catch_warnings():
    # It still imports a module of jsonschema's that is going to move.
    warnings.simplefilter("ignore", DeprecationWarning)
    import schemathesis
    from schemathesis.engine import events, from_schema

from hwadmin.clock import utcnow
from hwadmin.db.extensions import db
from hwadmin.db.tenancy import acting_as
from hwadmin.domain.device_kinds import Kind
from hwadmin.domain.lifecycle import OrderStatus
from hwadmin.domain.permissions import COMMAND_LINE
from hwadmin.operations.orders.notes import add_note
from hwadmin.operations.people import tokens
from hwadmin.queries.units.units import units_of
from hwadmin.web.http.bearer_auth import LIMIT
from hwadmin.web.http.rate_limit import RequestLimit
from tests.builders import World, an_identifier


@dataclass
class Run:
    """What a run did and found."""

    cases: int = 0
    failures: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    statuses: dict[str, Counter[int]] = field(default_factory=dict)

    @property
    def server_errors(self) -> int:
        """How many answers were a fault of ours."""
        return sum(n for counts in self.statuses.values() for status, n in counts.items() if status >= 500)


@dataclass(frozen=True)
class Furniture:
    """What the application was given to be tried on: tokens by role, and keys, own and foreign alike."""

    tokens: dict[str, str]
    keys: dict[str, list[Any]]


def furnish(app: Flask) -> Furniture:
    """Rows of both platforms; tokens of a super-admin, and of an admin and a supporter of one platform."""
    with app.app_context(), acting_as(db.session, COMMAND_LINE):
        world = World()
        keys: dict[str, list[Any]] = {
            name: []
            for name in (
                *("references", "accounts", "skus", "units", "employees", "locations", "devices"),
                *("phone_lines", "codes", "notes"),
            )
        }
        for platform in (world.northwind, world.blue_harbor):
            account = world.an_account(platform)
            keys["accounts"].append(account.id)
            keys["employees"].append(world.an_employee(account).id)
            # Whose record a directory manages is not changed here (409).
            key = f"zoe-{account.id}"
            managed = world.an_employee(account, source="scim", scim_id=key, user_name_key=key)
            keys["employees"] += [managed.id] * 2
            keys["locations"].append(world.a_location(account).id)
            ended = world.a_phone_line(account, ended_at=utcnow())
            keys["phone_lines"] += [world.a_phone_line(account).id, ended.id]
            keys["codes"].append(world.a_code(account, "4711").id)
            skus = [world.item(kind, platform).sku for kind in Kind]
            # Mostly what can be ordered and registered, so that not every case ends at the first check.
            keys["skus"] += skus * 3 + skus[:1] * 15 if platform is world.northwind else skus
            for status in (*OrderStatus, OrderStatus.SUBMITTED, OrderStatus.APPROVED):
                lines = [(Kind.DECT_BASE, 1), (Kind.DECT_HANDSET, 2), (Kind.ACCESSORY, 1)]
                order = world.an_order(status, lines, account=account)
                keys["references"].append(order.reference)
                keys["notes"].append(add_note(world.ada.actor, order.id, "Call first.").id)
                for unit in units_of(order.id):
                    keys["units"].append(unit.id)
                    keys["devices"] += [unit.device_id] if unit.device_id else []
        keys["identifiers"] = [an_identifier(Kind.DESKPHONE) for _ in range(30)]
        keys["identifiers"] += [an_identifier(kind) for kind in Kind if kind.becomes_device]
        keys["references"] += ["HW-999999"]
        keys["accounts"] += [999_999]
        # What the examples of the document name.
        world.an_item(Kind.DESKPHONE, sku="YL-T54W")
        keys["people"] = [person.id for person in (world.ada, world.piet, world.bea, world.sam)] + [999_999]
        keys["platforms"] = [world.northwind.id, world.blue_harbor.id, 999_999]
        keys["urls"] = ["https://example.com/hooks/hwadmin", "https://example.com/other"]
        keys["versions"] = [f'"{number}"' for number in range(1, 5)]
        secrets = {
            role: tokens.create_token(COMMAND_LINE, person.id, name="Fuzz", acts_without_proof=True)[1]
            for role, person in (("platform", world.piet), ("super", world.ada), ("support", world.sam))
        }
        db.session.commit()
        db.session.remove()
    app.extensions[LIMIT] = RequestLimit(10_000_000)
    return Furniture(secrets, keys)


class _Quiet(WSGIRequestHandler):
    def log(self, *_: Any) -> None:
        pass


@contextmanager
def served(app: Flask) -> Iterator[str]:
    """The address under which the application answers on loopback."""
    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=_Quiet)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _configuration(
    secret: str, keys: dict[str, list[Any]], examples: int, calls: Sequence[str], seed: int, *, thorough: bool
) -> dict[str, Any]:
    def one_of(name: str, probability: float = 0.7) -> dict[str, Any]:
        return {"dictionary": name, "probability": probability}

    # What no schema can say is refused with 422: an unknown SKU, a wrong check digit, a unit of another
    # order. 412: another version. Everything else a valid request gets is success, or a refusal by right.
    accepted = ["2xx", "403", "404", "409", "412", "422"]
    return {
        "seed": seed,
        "headers": {"Authorization": f"Bearer {secret}"},
        "dictionaries": {name: {"values": values} for name, values in keys.items()},
        "parameters": {
            "path.reference": one_of("references", 0.9),
            "path.account_id": one_of("accounts", 0.9),
            "path.employee_id": one_of("employees", 0.9),
            "path.location_id": one_of("locations", 0.9),
            "path.unit_id": one_of("units", 0.9),
            "path.device_id": one_of("devices", 0.9),
            "path.sku": one_of("skus", 0.9),
            "path.platform_id": one_of("platforms", 0.9),
            "path.person_id": one_of("people", 0.9),
            "path.line_id": one_of("phone_lines", 0.9),
            "path.code_id": one_of("codes", 0.9),
            "path.note_id": one_of("notes", 0.9),
            "query.account": one_of("accounts"),
            "query.identifier": one_of("identifiers"),
            "header.If-Match": one_of("versions", 0.5),
            "body.account_id": one_of("accounts"),
            "body.lines[*].sku": one_of("skus", 0.9),
            "body.sku": one_of("skus", 0.9),
            "body.identifier": one_of("identifiers"),
            "body.units[*].unit_id": one_of("units", 0.9),
            "body.units[*].identifier": one_of("identifiers"),
            "body.employee_id": one_of("employees"),
            "body.location_id": one_of("locations"),
            "body.base_device_id": one_of("devices"),
            "body.platform_id": one_of("platforms"),
            "body.url": one_of("urls"),
            "body.ship_to_location_id": one_of("locations"),
            "body.lines[*].intents[*].employee_id": one_of("employees"),
            "body.lines[*].intents[*].location_id": one_of("locations"),
        },
        "generation": {"max-examples": examples, "database": "none"},
        "phases": {"coverage": {"enabled": thorough}},
        "continue-on-failure": True,
        # A busy machine fails nothing.
        "request-timeout": 120,
        "checks": {"positive_data_acceptance": {"expected-statuses": accepted}},
        # What is not posted to this address is about an item with the SKU "import".
        "operations": [
            {
                "include-name": "POST /catalog/import",
                "checks": {
                    "unsupported_method": {"enabled": False},
                    "allow_header_conformance": {"enabled": False},
                },
            },
            *([{"exclude-operation-id": list(calls), "enabled": False}] if calls else ()),
        ],
    }


def fuzz(
    app: Flask,
    given: Furniture,
    role: str,
    examples: int,
    *,
    calls: Sequence[str] = (),
    seed: int = 1,
    thorough: bool = True,
) -> Run:
    """Run every phase over the calls.

    Args:
        app: an application on a database of its own.
        given: what it was furnished with.
        role: ``platform``, ``super`` or ``support``: whose token.
        examples: how many cases a call gets in each phase that makes them up.
        calls: the names of those to be tried; all of them where there are none.
        seed: the same seed tries the same cases.
        thorough: also every boundary of every field and parameter, some 8,000 cases, so once for each role.
    """
    configuration = schemathesis.Config.from_dict(
        _configuration(given.tokens[role], given.keys, examples, calls, seed, thorough=thorough)
    )
    run = Run()
    with served(app) as url, warnings.catch_warnings():
        # Of a long body it would show; the request is in the failure anyway.
        warnings.filterwarnings("ignore", "Generating overly large repr")
        schema = schemathesis.openapi.from_url(f"{url}/api/openapi.json", config=configuration)
        for event in from_schema(schema).execute():
            _note(run, event)
    return run


def _note(run: Run, event: events.EngineEvent) -> None:
    if isinstance(event, events.NonFatalError | events.FatalError):
        run.errors.append(str(getattr(event, "value", None) or getattr(event, "exception", event)))
    if not isinstance(event, events.ScenarioFinished):
        return
    recorder = event.recorder
    for case_id, interaction in recorder.interactions.items():
        run.cases += 1
        call = recorder.cases[case_id].value.operation.label
        if interaction.response is not None:
            run.statuses.setdefault(call, Counter())[interaction.response.status_code] += 1
    for case_id, checks in recorder.checks.items():
        for check in checks:
            if check.failure_info is not None:
                case = recorder.cases[case_id].value
                run.failures.append(
                    f"{case.operation.label}: {check.name}: {check.failure_info.failure}\n"
                    f"{check.failure_info.code_sample}"
                )
