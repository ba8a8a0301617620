"""An open page follows what others do by a question that costs next to nothing."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection
from werkzeug.datastructures import Headers
from werkzeug.test import EnvironBuilder

from hwadmin.db.unit_of_work import transact
from hwadmin.operations.orders.decisions import approve_order, reject_order
from tests import databases
from tests.builders import Clients, World
from tests.guards.test_statement_counts import assert_at_most, statements
from tests.work import function_calls

URL = "/orders/changes"
SCRIPTS = Path(__file__).parents[3] / "hwadmin" / "static" / "desk"


@pytest.mark.both_databases
def test_nothing_new_is_answered_without_a_look_at_the_orders(
    world: World, clients: Clients, connection: Connection
) -> None:
    world.an_order("approved")
    for client in (clients.ada, clients.piet, clients.sam):
        tag = client.get(URL).headers["ETag"]
        with statements(connection) as sent:
            answer = client.get(URL, headers={"If-None-Match": tag})
        assert answer.status_code == 304
        assert answer.get_data() == b""
        assert_at_most(1, sent)
        assert not any("hardware_order" in statement or "order_tally" in statement for statement in sent)


@pytest.mark.both_databases
def test_nothing_new_is_answered_with_little_work(world: World, clients: Clients) -> None:
    """What a server does for it, without the client of the tests: some 2,000 calls, on PostgreSQL 2,350."""
    world.an_order("approved")
    app, client = clients.app, clients.ada
    tag = client.get(URL).headers["ETag"]
    cookie = client.get_cookie(app.config["SESSION_COOKIE_NAME"])
    assert cookie is not None
    headers = Headers({"If-None-Match": tag, "Cookie": f"{cookie.key}={cookie.value}"})
    environ = EnvironBuilder(URL, headers=headers).get_environ()

    def ask() -> None:
        statuses: list[str] = []
        with app.app_context():
            answer: Any = app(environ.copy(), lambda status, *_: statuses.append(status))  # type: ignore[arg-type]
            answer.close()
        assert statuses == ["304 NOT MODIFIED"]

    for _ in range(3):
        ask()
    assert function_calls(ask) < 2450


def test_a_change_is_told_with_who_and_what_and_the_badges(world: World, clients: Clients) -> None:
    databases.act_as_at_commits()
    order, other = world.an_order(), world.an_order()
    tag = clients.piet.get(URL).headers["ETag"]
    transact(lambda: approve_order(world.ada.actor, order.id))
    answer = clients.piet.get(URL, headers={"If-None-Match": tag})
    assert answer.status_code == 200
    newest = answer.json["changes"][0]
    assert (newest["order"], newest["by"], newest["own"], newest["what"]) == (
        order.reference,
        "Ada Okafor",
        False,
        "Order approved",
    )
    assert answer.json["badges"]["/orders/"] == 1
    transact(lambda: reject_order(world.ada.actor, other.id, reason="Twice."))
    mine = clients.ada.get(URL).json
    assert mine["changes"][0]["own"] is True
    assert mine["badges"]["/orders/"] == 0


def test_what_another_platform_does_changes_nothing_of_the_answer(world: World, clients: Clients) -> None:
    databases.act_as_at_commits()
    world.an_order()
    foreign = world.an_order(platform=world.blue_harbor)
    tag = clients.piet.get(URL).headers["ETag"]
    transact(lambda: approve_order(world.ada.actor, foreign.id))
    answer = clients.piet.get(URL, headers={"If-None-Match": tag})
    assert answer.status_code == 304
    # What the next question names: with it the orders are not asked about again.
    assert answer.headers["ETag"] != tag
    assert clients.piet.get(URL, headers={"If-None-Match": answer.headers["ETag"]}).status_code == 304
    assert foreign.reference not in clients.piet.get(URL).text
    assert foreign.reference in clients.bea.get(URL).text


def test_asking_keeps_no_session_alive(world: World, clients: Clients) -> None:
    assert "Set-Cookie" not in clients.ada.get(URL).headers
    assert "Set-Cookie" in clients.ada.get("/orders/").headers


# ---- What the page says of it


def run_module(expression: str, name: str = "changes.js") -> object:
    """What an expression over the exports of a script is, by node."""
    node = shutil.which("node")
    if node is None:
        pytest.skip("There is no node.")
    script = f"import * as module from {json.dumps((SCRIPTS / name).as_uri())};"
    script += f"console.log(JSON.stringify({expression}));"
    command = [node, "--input-type=module", "--no-warnings", "--eval", script]
    return json.loads(subprocess.run(command, capture_output=True, check=True, text=True).stdout)


def change(
    key: int, order: str, by: str, *, own: bool = False, what: str = "Order approved"
) -> dict[str, object]:
    return {"id": key, "order": order, "by": by, "own": own, "what": what}


def test_only_what_others_changed_and_is_not_known_is_news() -> None:
    changes = [
        change(4, "HW-000002", "Noor"),
        change(3, "HW-000001", "Ada", own=True),
        change(2, "HW-000001", "Noor"),
        change(1, "HW-000001", "Noor"),
    ]
    text = f"{json.dumps(changes)}"
    assert run_module(f"module.newChanges(new Set([1]), {text}).map((one) => one.id)") == [4, 2]
    assert run_module(f"module.newChanges(new Set([1]), {text}, 'HW-000001').map((one) => one.id)") == [2]


def test_the_line_names_who_and_what() -> None:
    noor, bea = change(1, "HW-000001", "Noor"), change(2, "HW-000002", "Bea", what="Order edited")
    cas = change(3, "HW-000003", "Cas")
    for changes, order, sentence in (
        ([noor], "HW-000001", "Changed by Noor: order approved."),
        ([noor], None, "HW-000001 was changed by Noor: order approved."),
        ([noor, bea], None, "2 orders were changed by Noor and Bea."),
        ([noor, bea, cas], None, "3 orders were changed by Noor and others."),
    ):
        assert run_module(f"module.sentence({json.dumps(changes)}, {json.dumps(order)})") == sentence
    assert run_module("[0, 1, 9].map((failures) => module.wait(4000, failures))") == [4000, 8000, 60000]
