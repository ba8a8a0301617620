"""No page reads a large table from its beginning to its end, on either database.

Every statement that the walk over the pages sends is explained. The tables of the seeded site are small, and
planners read a small table whole; so PostgreSQL is told that this is dear, and SQLite, without statistics,
takes every table for a large one. What is read whole still could not be read by an index at a million rows.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pytest
from sqlalchemy import Connection, event

from hwadmin.db.extensions import Base
from hwadmin.models.orders import WAITING
from tests.databases import KINDS
from tests.guards.access_policy import API, ROUTES, Route
from tests.running import FULL, in_turn, one_of
from tests.seeded_site import ANY_CALL, ANY_PAGE, Stage, fill

pytestmark = [pytest.mark.both_databases, pytest.mark.slow]

# The tables that grow with orders, customers and time.
LARGE = frozenset(
    {
        *("hardware_order", "line_item", "unit", "device", "account", "employee", "location"),
        *("line_of_service", "audit_event", "audit_link", "outbox_event", "outgoing_message"),
        *("delivery_attempt", "order_note", "hardware_order_version", "line_item_version"),
        *("approval_request", "failed_sign_in", "idempotency_record", "fulfillment_draft", "transaction"),
    }
)
# Indexes of a few rows out of many: reading one of them from end to end is what it is for.
PARTIAL = frozenset(
    str(index.name)
    for table in Base.metadata.tables.values()
    for index in table.indexes
    if index.dialect_options["postgresql"].get("where") is not None
)
# Further addresses of lists: filtered, sorted, searched, and their last pages.
ADDRESSES = (
    "/orders/?status=all",
    "/orders/?status=approved",
    "/orders/?status=fulfilled",
    "/orders/?status=all&page=1",
    "/orders/?search=riverside",
    "/orders/?search=HO-000001",
    "/my-orders/?status=all",
    "/devices/?search=riverside",
    "/devices/?kind=deskphone",
    "/devices/?status=retired",
    "/accounts/?search=riverside",
    "/audit/?kind=order.approved",
    "/audit/?actor=1",
    "/audit/?order=HO-000001",
    "/audit/?from=2026-01-01&to=2026-12-31",
    "/outgoing/?state=waiting",
    "/outgoing/?state=failed",
    "/outgoing/?state=delivered",
    "/outgoing/?kind=mail",
    "/dashboard/?weeks=52",
    "/search/?q=riverside",
    "/search/?q=00:15:65:12:34:56",
)
# The same of the API.
API_ADDRESSES = (
    *("/orders?status=approved&placed=true", "/orders?status=approved&placed=false", "/orders?placed=true"),
    *("/orders?account={account}", "/orders?platform={platform}", "/orders?external_id=k", "/orders?q=aspen"),
    *("/devices?account={account}", "/devices?identifier={mac}", "/devices?external_id=k"),
    *("/accounts?q=aspen", "/accounts?external_id=k", "/accounts/{account}/employees?external_id=k"),
    *(
        "/accounts/{account}/devices",
        "/accounts/{account}/spares",
        "/accounts/{account}/phone-lines?ended=true",
    ),
    *("/events?limit=200", "/events?after=3-1", "/events?type=device.created", "/audit?kind=order.approved"),
    *(
        "/audit?order={submitted}",
        "/audit?device=1",
        "/audit?since=2026-01-01T00:00:00Z",
        "/audit?platform=1",
    ),
    *(f"/{what}?updated_since=2026-01-01T00:00:00Z" for what in ("orders", "devices", "accounts", "catalog")),
)
# Ada sees everything; of those who see a part one asks for a page, and the other one for another page.
A_PART = ("piet", "uma")


@dataclass(frozen=True)
class Sent:
    """One statement, with the values it was first sent with and the address that needed it."""

    statement: str
    values: Any
    address: str


@contextmanager
def collected(connection: Connection) -> Iterator[dict[str, Sent]]:
    """The different statements sent meanwhile. Set ``where`` in it to say by whom."""
    sent: dict[str, Sent] = {}
    collected.address = ""  # type: ignore[attr-defined]

    def note(_connection: Connection, _cursor: object, statement: str, values: object, *_: object) -> None:
        # What the site itself reads, to see whether anything was written, is no page's.
        own = "md5(string_agg(t::text" in statement
        if statement.lstrip().upper().startswith(("SELECT", "WITH")) and not own:
            key = re.sub(r"(\?|%\(\w+\)s(::\w+)*)(, (\?|%\(\w+\)s(::\w+)*))+", "…", statement)
            sent.setdefault(key, Sent(statement, values, collected.address))  # type: ignore[attr-defined]

    event.listen(connection, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        event.remove(connection, "before_cursor_execute", note)


def scanned(connection: Connection, sent: Sent) -> list[str]:
    """The large tables that the database reads whole for a statement."""
    if connection.dialect.name == "sqlite":
        rows = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {sent.statement}", sent.values).all()
        return list(_scanned_by_file([(row[0], row[1], str(row[3])) for row in rows], sent.statement))
    [plan] = connection.exec_driver_sql(f"EXPLAIN (FORMAT JSON) {sent.statement}", sent.values).scalars()
    document = plan if isinstance(plan, list) else json.loads(plan)
    return list(_scanned_by_server(document[0]["Plan"], limited=False))


def _scanned_by_file(rows: list[tuple[int, int, str]], statement: str) -> Iterator[str]:
    """SQLite says ``SCAN name`` for a table read whole, by its rows or along an index."""
    aliases = {alias: table for table, alias in re.findall(r"\b(\w+) AS (\w+)\b", statement)}
    sorting = {parent for _, parent, text in rows if text.startswith("USE TEMP B-TREE FOR")}
    for _, parent, text in rows:
        found = re.match(r"SCAN (\w+)(?: USING (?:COVERING )?INDEX (\w+))?", text)
        if found is None or aliases.get(found[1], found[1]) not in LARGE or found[2] in PARTIAL:
            continue
        # Along an index from its end, as far as a page needs, is what a list is.
        if parent in sorting or "LIMIT" not in statement:
            yield aliases.get(found[1], found[1])


def _scanned_by_server(node: Mapping[str, Any], *, limited: bool) -> Iterator[str]:
    kind, table = node["Node Type"], node.get("Relation Name")
    if kind == "Bitmap Heap Scan":
        # The index is named by the part below.
        whole = any(part["Node Type"] == "Bitmap Index Scan" and _along(part) for part in node["Plans"])
    else:
        whole = kind == "Seq Scan" or (
            kind in {"Index Scan", "Index Only Scan"} and _along(node) and not limited
        )
    if table in LARGE and whole:
        yield str(table)
    # Sorting and aggregating take all there is, whatever the limit above them.
    limited = kind == "Limit" or (
        limited and kind not in {"Sort", "Aggregate", "Hash", "WindowAgg", "Unique"}
    )
    for part in node.get("Plans", ()):
        yield from _scanned_by_server(part, limited=limited)


def _along(node: Mapping[str, Any]) -> bool:
    """Whether an index is read from end to end, and not one of a few rows only."""
    return "Index Cond" not in node and node.get("Index Name") not in PARTIAL


def shown(route: Route) -> bool:
    return (
        route.method == "GET" and not (route.by_directory or route.by_staff_directory) and not route.recorded
    )


def addresses(stage: Stage) -> Iterator[tuple[Route, str]]:
    """Every page and list, and what else each can be asked for."""
    things = stage.things["northwind"]
    for route in (*ROUTES, *API):
        if shown(route):
            address = stage.address(route, things)
            # A page that holds all rows there are would be read whole, and rightly.
            listed = route.endpoint.startswith("api.list_") and "?" not in address
            yield route, f"{address}?limit=3" if listed else address
    yield from ((ANY_PAGE, address) for address in ADDRESSES)
    yield from ((ANY_CALL, f"/api/v1{fill(address, things)}") for address in API_ADDRESSES)


def asking(route: Route, address: str, kind: str) -> list[str]:
    """Who asks: on one database who sees everything, on the other who sees a part; in full both on both."""
    everything = [name for name in ("ada",) if name in route.may]
    in_part = one_of([name for name in A_PART if name in route.may], address)
    if FULL or not (everything and in_part):
        return [*everything, *in_part]
    return in_turn(address, (everything, in_part) if kind == "sqlite" else (in_part, everything))


def walk(stage: Stage) -> None:
    """Ask for every page."""
    for route, address in addresses(stage):
        for persona in asking(route, address, stage.connection.dialect.name):
            collected.address = f"{route} {address} as {persona}"  # type: ignore[attr-defined]
            answer = stage.ask(route, persona, address)
            free = route is not ANY_CALL or "/audit" in address or "catalog" in address
            assert answer.status == 200 or free, address


def test_together_the_databases_show_each_page_to_either_sort_of_person() -> None:
    for route in filter(shown, (*ROUTES, *API)):
        on_either = [set(asking(route, str(route), kind)) for kind in KINDS]
        assert all(on_either) or not route.may & {"ada", *A_PART}, route
        for sort in ({"ada"}, {*A_PART}):
            assert not sort & route.may or any(sort & names for names in on_either), route


# How PostgreSQL is told that reading a table whole is dear; and either way of getting rows in order is tried.
_DEAR = ("enable_seqscan", "enable_hashjoin", "enable_mergejoin", "enable_material")


def turn(connection: Connection, to: str, ways: Iterable[str]) -> None:
    """Let PostgreSQL take these ways, ``on``, or think them dear, ``off``."""
    connection.exec_driver_sql("; ".join(f"SET LOCAL {way} = {to}" for way in ways))


def tables_read_whole(connection: Connection, sent: Sent) -> list[str]:
    """The large tables that a statement reads whole, whichever way the planner takes."""
    if connection.dialect.name == "sqlite":
        return scanned(connection, sent)
    found: list[str] = []
    turn(connection, "off", _DEAR)
    for sorting in ("on", "off"):
        turn(connection, sorting, ["enable_sort"])
        found = scanned(connection, sent)
        if not found:
            break
    turn(connection, "on", [*_DEAR, "enable_sort"])
    return found


def problems_of(connection: Connection, sent: Iterable[Sent]) -> list[str]:
    """The statements that read a large table whole, with who needed them."""
    return [
        f"{', '.join(tables)} for {one.address}:\n    {' '.join(one.statement.split())}"
        for one in sent
        if (tables := tables_read_whole(connection, one))
    ]


def test_no_page_reads_a_large_table_whole(shared_stage: Stage) -> None:
    with collected(shared_stage.connection) as sent:
        walk(shared_stage)
    assert len(sent) > 100
    problems = problems_of(shared_stage.connection, sent.values())
    assert problems == [], "\n".join([f"{len(problems)} of {len(sent)} statements", *problems])


@pytest.mark.parametrize(
    ("statement", "whole"),
    [
        ("SELECT id FROM device WHERE created_by_name = 'x'", True),
        ("SELECT id FROM device ORDER BY created_by_name LIMIT 50", True),
        ("SELECT count(*) FROM line_item", True),
        ("SELECT id FROM hardware_order ORDER BY id DESC LIMIT 50", False),
        ("SELECT id FROM hardware_order WHERE account_id = 1", False),
        ("SELECT name FROM platform", False),
        (f"SELECT count(platform_id) FROM hardware_order WHERE {WAITING}", False),
    ],
)
def test_a_table_that_is_read_whole_is_found(shared_stage: Stage, statement: str, whole: bool) -> None:
    assert bool(problems_of(shared_stage.connection, [Sent(statement, (), "/")])) == whole


def test_a_file_without_statistics_counts_waiting_orders_by_their_own_index(shared_stage: Stage) -> None:
    connection = shared_stage.connection
    with collected(connection) as sent:
        assert shared_stage.ask(ANY_PAGE, "ada", "/orders/?status=all").status == 200
    (count,) = [one for one in sent.values() if "count(hardware_order.platform_id)" in one.statement]
    if connection.dialect.name == "sqlite":
        plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {count.statement}", count.values).all()
        read = [row[3] for row in plan if "hardware_order" in row[3]]
        # For whoever is given everything, and for whoever is given some platforms.
        assert "USING INDEX ix_hardware_order_waiting (platform_id>?)" in " ".join(read), read
    assert "likely(" in count.statement or connection.dialect.name == "postgresql"


@pytest.mark.parametrize("sort", ["account", "platform"])
def test_a_server_reads_orders_in_the_order_of_names(shared_stage: Stage, sort: str) -> None:
    connection = shared_stage.connection
    if connection.dialect.name == "sqlite":
        pytest.skip("A file has no index of names in small letters: no other program could write to it.")
    with collected(connection) as sent:
        assert shared_stage.ask(ANY_PAGE, "ada", f"/orders/?status=all&sort={sort}").status == 200
    (page,) = [one for one in sent.values() if "OFFSET" in one.statement]
    turn(connection, "off", [*_DEAR, "enable_sort"])
    plan = connection.exec_driver_sql(f"EXPLAIN {page.statement}", page.values).scalars().all()
    turn(connection, "on", [*_DEAR, "enable_sort"])
    # Of each name the orders in turn, until the page is full.
    assert f"Index Scan using ix_{sort}_lower_name on {sort} {sort}_1" in "\n".join(plan)
