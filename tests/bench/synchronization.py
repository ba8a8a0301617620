"""10,000 unchanged people and a feed of 100,000 events: ``python -m tests.bench.synchronization``.

On both databases, through the application itself. Ends with 1 where an unchanged person takes more than one
statement besides the authentication, leaves a trace, or where a page late in the feed takes much longer.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from flask import Flask
from sqlalchemy import func, insert, select

from hwadmin.db.extensions import db
from hwadmin.db.tenancy import acting_as
from hwadmin.domain.permissions import COMMAND_LINE
from hwadmin.factory import create_app
from hwadmin.models import AuditEvent, Employee, OutboxEvent, OutgoingMessage
from hwadmin.web.http.bearer_auth import LIMIT
from hwadmin.web.http.rate_limit import RequestLimit
from tests import databases
from tests.api.callers import Caller, Callers
from tests.api.test_lists import statements
from tests.builders import World

PEOPLE, EVENTS, PAGE, TURNS = 10_000, 100_000, 200, 50
# How much longer the last may take than the first: other programs are at work as well.
FLAT = 1.5


def prepared(world: World) -> int:
    """An account whose people a program knows, and to an order of which much has happened."""
    account = world.an_account()
    key = account.id
    own = {"account_id": account.id, "platform_id": account.platform_id, "source": "hand"}
    people = [
        own
        | {
            "name": f"Person {number}",
            "email": f"p{number}@example.com",
            "program_external_id": f"e-{number}",
        }
        for number in range(PEOPLE)
    ]
    order = world.an_order(account=account)
    last = db.session.scalar(select(func.max(OutboxEvent.position))) or 0
    event = {
        "types": ["order.approved"],
        "platform_id": order.platform_id,
        "order_id": order.id,
        "details": {},
    }
    rows = [event | {"position": last + number} for number in range(1, EVENTS + 1)]
    for at in range(0, PEOPLE, 1_000):
        db.session.execute(insert(Employee), people[at : at + 1_000])
    for at in range(0, EVENTS, 1_000):
        db.session.execute(insert(OutboxEvent), rows[at : at + 1_000])
    db.session.commit()
    return key


def traces() -> tuple[int, ...]:
    """How many events, messages and versions of people there are."""
    db.session.rollback()
    counted = [
        db.session.scalar(select(func.count(one.id))) for one in (AuditEvent, OutboxEvent, OutgoingMessage)
    ]
    versions = db.session.scalar(select(func.sum(Employee.version)))
    db.session.rollback()
    return tuple(count or 0 for count in (*counted, versions))


def timed(caller: Caller, method: str, path: str, body: Any = None) -> tuple[float, Any]:
    """The milliseconds of an answer, and what it says."""
    began = time.perf_counter()
    answer = caller(method, path, body) if body is not None else caller.get(path)
    milliseconds = 1000 * (time.perf_counter() - began)
    assert answer.status_code == 200, answer.text
    return milliseconds, answer.json


def measured(app: Flask) -> bool:
    """Measure, write the figures down, and say whether all is as promised."""
    world = World()
    app.extensions[LIMIT] = RequestLimit(10_000_000)
    piet = Callers(app, world).piet
    path = f"/accounts/{prepared(world)}/employees/external"
    timed(piet, "PUT", f"{path}/e-0", {"name": "Person 0", "email": "p0@example.com"})
    before, times = traces(), []
    with statements(app) as sent:
        for number in range(PEOPLE):
            person = {"name": f"Person {number}", "email": f"p{number}@example.com"}
            times.append(timed(piet, "PUT", f"{path}/e-{number}", person)[0])
    no_trace = traces() == before
    # SQLite's transactions are begun by a statement of their own.
    begun = sum(statement.startswith("BEGIN") for statement in sent)
    each = (len(sent) - begun) / PEOPLE
    middle = statistics.median(times)
    sys.stdout.write(f"upserts: {each:.2f} statements, {middle:.1f} ms, traces: {not no_trace}\n")
    pages, query, found = [], f"/events?limit={PAGE}", 0
    with statements(app) as read:
        while query:
            pages.append(query)
            page = timed(piet, "GET", query)[1]
            found, after = found + len(page["items"]), page["next_cursor"]
            query = f"/events?limit={PAGE}&after={after}" if after else ""
    # The first and the last whole pages in turn, so that other programs hold up both alike.
    turns = [query for number in range(TURNS) for query in (pages[number], pages[-2 - number])]
    took = [timed(piet, "GET", query)[0] for query in turns]
    begin, end = statistics.median(took[::2]), statistics.median(took[1::2])
    a_page = len(read) / len(pages)
    sys.stdout.write(f"feed: {found:,} events, {a_page:.1f} statements a page, {begin:.1f} to {end:.1f} ms\n")
    return no_trace and each <= 2 and found > EVENTS and end / begin < FLAT


def main() -> int:
    """Measure on every database there is."""
    as_promised = True
    for kind in databases.KINDS:
        if kind == "postgresql" and databases.postgresql_missing():
            continue
        with tempfile.TemporaryDirectory() as folder:
            template = databases.Template(kind, Path(folder), prefix="hwadmin_bench_synchronization")
            app = create_app(template.settings(template.name))
            with app.app_context(), acting_as(db.session, COMMAND_LINE):
                sys.stdout.write(f"{kind}\n")
                as_promised = measured(app) and as_promised
                db.session.remove()
                db.engine.dispose()
            template.drop()
    return int(not as_promised)


if __name__ == "__main__":
    sys.exit(main())
