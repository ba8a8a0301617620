"""A list of 1,000 rows with persons and places, reported and written: ``python -m tests.bench.lists``.

The seconds of a processor and by the clock that one request takes, with the process that reads the list, on
both databases; and how long the report of a short workbook takes, read in that process and, in turn, as it
is. Ends with 1 where a report takes more than a second of a processor, or the writing two.
"""

from __future__ import annotations

import html
import io
import os
import re
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from unittest import mock

from sqlalchemy import func, select

from hwadmin.db.extensions import db
from hwadmin.db.tenancy import acting_as
from hwadmin.domain.device_kinds import Kind
from hwadmin.domain.permissions import COMMAND_LINE
from hwadmin.factory import create_app
from hwadmin.list_import import file_reading
from hwadmin.models import Device, Employee
from hwadmin.operations.orders.submission.new_order import NewIntent
from hwadmin.rendering.spreadsheets import xlsx_file
from hwadmin.web.http import person_limits
from hwadmin.web.http.rate_limit import RequestLimit
from tests import databases
from tests.builders import Browser, Clients, World, an_identifier

ROWS, PLACES, ROUNDS = 1_000, 50, 3
SHORT_ROWS, SHORT_ROUNDS = 20, 100
# Seconds.
MOST_REPORT, MOST_WRITING = 1.0, 2.0


def an_order_and_its_list(world: World) -> tuple[str, str]:
    """The reference of an order planned for people at places, and the list of its devices, the last first."""
    account = world.an_account()
    sites = [world.a_location(account) for _ in range(PLACES)]
    people = [
        Employee(account_id=account.id, platform_id=account.platform_id, name=f"Reader No{number}")
        for number in range(ROWS)
    ]
    db.session.add_all(people)
    db.session.commit()
    plans = [
        NewIntent(employee_id=person.id, location_id=sites[number % PLACES].id)
        for number, person in enumerate(people)
    ]
    order = world.an_order("approved", [(Kind.DESKPHONE, ROWS)], account=account, intents={0: plans})
    rows = [
        f"{person.name},{sites[number % PLACES].name},{an_identifier(Kind.DESKPHONE)},SN{number:06}"
        for number, person in reversed(list(enumerate(people)))
    ]
    return order.reference, "\n".join(["User,Site,MAC,Serial", *rows])


def asked(browser: Browser, address: str, data: dict[str, str]) -> tuple[tuple[float, float], str]:
    """The seconds an answer takes of a processor and by the clock, and its text."""
    began, clock = os.times(), time.perf_counter()
    answer = browser.post(address, data=data)
    seconds = sum(os.times()[:4]) - sum(began[:4]), time.perf_counter() - clock
    assert answer.status_code in (200, 302), answer.text[:500]
    return seconds, answer.text


def short_list(world: World, browser: Browser) -> tuple[float, float]:
    """The medians for a short workbook in milliseconds: read in a process of its own, and as it is."""
    order = world.an_order("approved", [(Kind.DESKPHONE, SHORT_ROWS)])
    rows = [[an_identifier(Kind.DESKPHONE)] for _ in range(SHORT_ROWS)]
    workbook = xlsx_file(["MAC"], rows, "Devices")
    db.session.rollback()
    ways: tuple[Callable[..., bool], ...] = (lambda _: False, file_reading.is_short_list)
    times: tuple[list[float], ...] = ([], [])
    for number in range(2 * SHORT_ROUNDS):
        with mock.patch.object(file_reading, "is_short_list", ways[number % 2]):
            began = time.perf_counter()
            page = browser.post(
                f"/orders/{order.reference}/fulfill/list", data={"file": (io.BytesIO(workbook), "list.xlsx")}
            )
            times[number % 2].append(1000 * (time.perf_counter() - began))
        assert page.status_code == 200
    return statistics.median(times[0]), statistics.median(times[1])


def measured(kind: str, folder: Path) -> tuple[float, ...]:
    """The medians of reporting and writing, each of a processor and by the clock; a short list both ways."""
    template = databases.Template(kind, folder, prefix="hwadmin_bench_lists")
    reports: list[tuple[float, float]] = []
    writings: list[tuple[float, float]] = []
    try:
        app = create_app(template.settings(template.name))
        app.config["WTF_CSRF_ENABLED"] = False
        with app.app_context(), acting_as(db.session, COMMAND_LINE):
            world = World()
            browser = Clients(app, world).ada
            for _round in range(ROUNDS):
                reference, text = an_order_and_its_list(world)
                db.session.rollback()
                seconds, page = asked(browser, f"/orders/{reference}/fulfill/list", {"text": text})
                reports.append(seconds)
                found = re.findall(r'name="(unit-\d+)" value="([^"]*)"', page)
                assert len(found) == ROWS
                body = {name: html.unescape(value) for name, value in found}
                writings.append(asked(browser, f"/orders/{reference}/fulfill", {**body, "do": "fulfill"})[0])
            app.extensions[person_limits.UPLOADS] = RequestLimit(10_000)
            short = short_list(world, browser)
            db.session.rollback()
            assert db.session.scalar(select(func.count(Device.id))) == ROUNDS * ROWS
            db.session.remove()
            db.engine.dispose()
    finally:
        template.drop()
    return *(
        statistics.median(one) for kept in (reports, writings) for one in zip(*kept, strict=True)
    ), *short


def main() -> int:
    """Measure on every database there is."""
    over = False
    for kind in databases.KINDS:
        if kind == "postgresql" and databases.postgresql_missing():
            continue
        with tempfile.TemporaryDirectory() as folder:
            report, by_clock, writing, written_by_clock, apart, here = measured(kind, Path(folder))
        over = over or report > MOST_REPORT or writing > MOST_WRITING
        seconds = " | ".join(f"{one:.2f}" for one in (report, by_clock, writing, written_by_clock))
        sys.stdout.write(f"| {kind} | {seconds} | {apart:.1f} | {here:.1f} |\n")
    return int(over)


if __name__ == "__main__":
    sys.exit(main())
