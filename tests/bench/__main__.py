"""Measures the work of docs/benchmark.md beside the floor: ``make bench``, ``make bench-million``.

The product and the floor answer in turn on one database, so that whatever else the machine does meets both.
Ends with 1 where on PostgreSQL a piece of work costs more times the floor than it may.
"""

from __future__ import annotations

import argparse
import math
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from flask import Flask
from flask_wtf.csrf import generate_csrf
from sqlalchemy import func, select
from stdnum import luhn
from werkzeug.datastructures import Headers
from werkzeug.test import EnvironBuilder

from hwadmin.clock import utcnow
from hwadmin.config import Settings
from hwadmin.db.extensions import db
from hwadmin.db.tenancy import acting_as
from hwadmin.domain.permissions import COMMAND_LINE, Role
from hwadmin.factory import create_app
from hwadmin.models import Account, Person, Platform
from hwadmin.operations.people.sessions import open_session
from hwadmin.operations.people.tokens import create_token
from hwadmin.queries.orders.order_list import PAGE_SIZE
from hwadmin.queries.orders.orders import tallies
from hwadmin.views.people.browser_session import session_values
from tests import databases
from tests.bench.seed import FILTERED_PLATFORM, SEARCHED, Seeded, seed, settle
from tests.bench.servers import WORKERS, Ask, Server

# How often each piece of work is measured on each side, after so many requests that only warm up.
ROUNDS, WARM_UP = 60, 16
# Size of an order to fulfill → measured, warming up.
FULFILLED = {10: (50, 10), 100: (30, 6), 1000: (9, 3)}
# What is ordered by the API: SKU and quantity.
ORDERED = (("SKU-0", 2), ("SKU-1", 1), ("SKU-2", 3))
MOST_MIB = 110
# What an open page asks every few seconds; and the least the product answers, to compare it with.
CHANGES, TRIVIAL = "/orders/changes", "/livez"
# What the latter is counted as, in ms: the quickest tenth of so small a request took 0.53 on a busy machine.
TRIVIAL_MS = 0.55
FLATNESS = 1.3
# Single small writes on SQLite, in ms.
SMALL_WRITE = 10


@dataclass(frozen=True)
class Work:
    """One piece of work: what to ask for at the n-th time, and how many times the floor it may cost."""

    name: str
    ours: Callable[[int], Ask]
    floor: Callable[[int], Ask]
    most: float
    aim: float
    rounds: int = ROUNDS
    warm_up: int = WARM_UP
    small_write: bool = False
    # At most so many ms inside of the product, by its log; None: no such limit.
    most_inside: float | None = None


@dataclass
class Result:
    """What a piece of work cost each time, in ms."""

    work: Work
    floor_times: list[float]
    our_times: list[float]
    # Processor time of the workers and the database's processes for each request, in ms.
    floor_cpu: float
    our_cpu: float
    disturbed: bool
    # How long each took inside of the product, by its log, in ms; empty where that is not looked at.
    inside_times: list[float] = field(default_factory=list)
    # How many times the processor time of a trivial request in the same process it uses; 0: not looked at.
    times_trivial: float = 0

    @property
    def floor(self) -> float:
        """The median of the floor."""
        return statistics.median(self.floor_times)

    @property
    def ours(self) -> float:
        """The median of the product."""
        return statistics.median(self.our_times)

    @property
    def ratio(self) -> float:
        """How many times the floor."""
        return self.ours / self.floor

    @property
    def work_ratio(self) -> float:
        """How many times the floor's processor time; 0 where the system does not tell."""
        return self.our_cpu / self.floor_cpu if self.floor_cpu else 0

    @property
    def judged(self) -> float:
        """What is held against the limit.

        While others use the processors, a request of many milliseconds is interrupted far more often than one
        of few, and the ratio of their times says nothing; what each used itself still does.
        """
        return self.work_ratio or self.ratio if self.disturbed else self.ratio

    @property
    def over(self) -> bool:
        """Whether it costs more than it may."""
        return self.judged > self.work.most or self.inside > (self.work.most_inside or math.inf)

    @property
    def inside(self) -> float:
        """How long it took inside of the product at the median, in ms; 0 where that is not looked at.

        While others use the processors, the clock says how long it was kept waiting. Then it is the processor
        time it uses as a multiple of a trivial request's, which other work slows down alike.
        """
        return self.times_trivial * TRIVIAL_MS if self.disturbed else quickest(self.inside_times, 0.5)

    @property
    def described_inside(self) -> str:
        """How long it took inside of the product, in words; nothing where that is not looked at."""
        if not self.inside_times:
            return ""
        tenth, half = (quickest(self.inside_times, part) for part in (0.1, 0.5))
        return (
            f"{half:.1f} ms inside of the product at the median, {tenth:.1f} ms the quickest tenth;"
            f" {self.times_trivial:.1f} × the processor time of a trivial request"
        )


def quickest(times: list[float], part: float) -> float:
    """The time within which this part of the requests was answered, in ms; 0 where there are none."""
    return sorted(times)[int(len(times) * part)] if times else 0


def busy() -> bool:
    """Whether others use the processors that are measured on."""
    return os.getloadavg()[0] > 1.5 * (os.cpu_count() or 1)


@dataclass
class Run:
    """Everything measured on one database."""

    database: str
    orders: int
    results: list[Result] = field(default_factory=list)
    resident: int = 0
    seconds: float = 0

    @property
    def over(self) -> list[Result]:
        return [result for result in self.results if result.over]


class _Identifiers:
    """A fresh valid identifier for each unit, of every sort."""

    def __init__(self) -> None:
        self.number = 0

    def of(self, kind: str) -> str:
        self.number += 1
        if kind == "dect_handset":
            return f"02C3C{self.number:05X}"
        if kind == "mobile":
            digits = f"35209900{self.number:06d}"
            return digits + str(luhn.calc_check_digit(digits))
        pairs = f"805ec0{self.number:06x}"
        return ":".join(pairs[place : place + 2] for place in range(0, 12, 2))


def works(seeded: Seeded, total: int) -> list[Work]:
    """The work of docs/benchmark.md. Each order to approve or fulfill is used once, by one side."""
    identifiers = _Identifiers()

    def listing(query: str, rows: int = PAGE_SIZE) -> Callable[[int], Ask]:
        return lambda _: Ask(f"/orders/?{query}", piece="<tr data-href", times=rows)

    def get(path: str, piece: str, times: int) -> Callable[[int], Ask]:
        return lambda _: Ask(path, piece=piece, times=times)

    def approving(first: int) -> Callable[[int], Ask]:
        def ask(turn: int) -> Ask:
            order = seeded.to_approve[first + 2 * turn]
            return Ask(f"/orders/HW-{order:06d}/approve", {"version": "1"}, 302)

        return ask

    def fulfilling(units: int, first: int) -> Callable[[int], Ask]:
        def ask(turn: int) -> Ask:
            order, kinds = seeded.to_fulfill[units][first + 2 * turn]
            typed = {f"unit-{unit}": identifiers.of(kind) for unit, kind in kinds.items()}
            return Ask(f"/orders/HW-{order:06d}/fulfill", {**typed, "do": "all"}, 302)

        return ask

    def ordering(turn: int) -> Ask:
        lines = [{"sku": sku, "quantity": quantity} for sku, quantity in ORDERED]
        return Ask("/api/v1/orders", body={"account_id": seeded.account, "lines": lines}, status=201)

    def following(_: int) -> Ask:
        return Ask(CHANGES, status=304, known=True)

    deep = (total - 1) // PAGE_SIZE - 1
    form, past = f"/orders/HW-{seeded.form:06d}/fulfill", f"/orders/HW-{seeded.history:06d}/history"
    lists = [
        ("W1 orders list", "status=all", 4, 2.5),
        ("W1 list of waiting orders", "status=submitted", 4, 2.5),
        ("W2 list, status and platform filter", f"status=fulfilled&platform={FILTERED_PLATFORM}", 4, 2.5),
        ("W3 search by part of an account's name", f"status=all&q={SEARCHED}", 3.5, 2),
        ("W3 search that finds one account", "status=all&q=workplace", 3.5, 2),
        ("W4 last page but one", f"status=all&page={deep}", 4, 2.5),
    ]
    return [
        *(Work(name, listing(query), listing(query), most, aim) for name, query, most, aim in lists),
        Work("W5 approve one", approving(0), approving(1), 6, 4, small_write=True),
        *(
            Work(
                f"W6 fulfill {units:,} units",
                fulfilling(units, 0),
                fulfilling(units, 1),
                most,
                aim,
                *FULFILLED[units],
                small_write=units == 10,
            )
            for units, most, aim in ((10, 4, 3), (100, 3, 2), (1000, 2.5, 1.5))
        ),
        Work(
            "W6 the form for 1,000 units",
            get(form, 'name="unit-', 1000),
            get(form, 'name="unit-', 1000),
            3,
            2,
            20,
            6,
        ),
        Work("W7 history of an order", get(past, "<time datetime", 6), get(past, "<time datetime", 6), 8, 5),
        Work("W8 order 6 units by the API", ordering, ordering, 6, 4, small_write=True),
        Work("W9 nothing new on an open page", following, following, 6, 4, 200, most_inside=1.5),
    ]


@contextmanager
def served(app: Flask, settings: Settings, workers: int = WORKERS) -> Iterator[tuple[Server, Server]]:
    """The product and the floor, serving one database, with one session of a super-admin each."""
    with app.app_context(), acting_as(db.session, COMMAND_LINE):
        ada, piet = (
            Person(name=name, email=f"{role}@example.com", role=role, password_hash="!")
            for name, role in (("Ada Okafor", Role.SUPER_ADMIN), ("Piet Jansen", Role.PLATFORM_ADMIN))
        )
        piet.platforms.append(db.session.get_one(Platform, FILTERED_PLATFORM))
        db.session.add_all([ada, piet])
        db.session.flush()
        handle = open_session(ada)
        _, secret = create_token(ada.actor, piet.id, name="Bench")
        db.session.commit()
    with app.test_request_context():
        from flask import session

        session.update(session_values(handle))
        token = generate_csrf()
        serializer = app.session_interface.get_signing_serializer(app)  # type: ignore[attr-defined]
        cookie = f"{app.config['SESSION_COOKIE_NAME']}={serializer.dumps(dict(session))}"
    environ = {
        "HWADMIN_DATABASE_URL": settings.database_url,
        "HWADMIN_SECRET_KEY": settings.secret_key,
        "HWADMIN_INSTANCE": str(settings.instance),
        "HWADMIN_LOG_FORMAT": "json",
        "BENCH_DATABASE_URL": settings.database_url,
    }
    with ExitStack() as stack:
        log = settings.instance / "bench.log"
        ours = stack.enter_context(
            Server("app:app", environ, cookie, {"csrf_token": token}, secret, log, workers)
        )
        floor = stack.enter_context(Server("tests.bench.floor:app", environ, f"bench={handle}", token=secret))
        yield ours, floor


def measure(app: Flask, ours: Server, floor: Server, work: Work) -> Result:
    """Ask both in turn; the median of each. The application is that of the product, in this process."""
    times: tuple[list[float], list[float]] = ([], [])
    spent = (0.0, 0.0)
    for turn in range(work.warm_up + work.rounds):
        if turn == work.warm_up:
            spent = (ours.spent(), floor.spent())
        for server, ask, kept in ((ours, work.ours, times[0]), (floor, work.floor, times[1])):
            elapsed = server.ask(ask(turn))
            if turn >= work.warm_up:
                kept.append(elapsed)
    our_cpu, floor_cpu = ours.spent() - spent[0], floor.spent() - spent[1]
    result = Result(work, times[1], times[0], floor_cpu / work.rounds, our_cpu / work.rounds, busy())
    if work.most_inside:
        result.inside_times = ours.logged(CHANGES)[-work.rounds :]
        result.times_trivial = times_trivial(app, ours.cookie, work.rounds)
    return result


def times_trivial(app: Flask, cookie: str, rounds: int) -> float:
    """How many times the processor time of a trivial request that of an open page is; of the medians."""
    times: dict[str, list[float]] = {CHANGES: [], TRIVIAL: []}
    headers = Headers({"Cookie": cookie, "If-None-Match": "*"})
    environs = {path: EnvironBuilder(path, headers=headers).get_environ() for path in times}
    for _ in range(rounds):
        for path, environ in environs.items():
            before = time.thread_time()
            statuses: list[str] = []
            answer: Any = app(environ.copy(), lambda status, *_, found=statuses: found.append(status))
            answer.close()
            times[path].append(time.thread_time() - before)
            if statuses != [{CHANGES: "304 NOT MODIFIED", TRIVIAL: "200 OK"}[path]]:
                raise RuntimeError(f"{path} answered {statuses}")
    return statistics.median(times[CHANGES]) / statistics.median(times[TRIVIAL])


def run(kind: str, orders: int, folder: Path, only: str) -> Run:
    """Fill a database of its own, serve it, measure, drop it."""
    began = time.perf_counter()
    done = Run({"sqlite": "SQLite", "postgresql": "PostgreSQL"}[kind], orders)
    template = databases.Template(kind, folder, prefix="hwadmin_bench")
    try:
        settings = template.settings(template.name)
        app = create_app(settings)
        approve = 2 * (ROUNDS + WARM_UP)
        fulfill = {units: 2 * sum(turns) for units, turns in FULFILLED.items()}
        with app.app_context(), acting_as(db.session, COMMAND_LINE):
            with db.engine.connect() as connection:
                seeded = seed(connection, orders, approve=approve, fulfill=fulfill)
            with db.engine.connect() as connection:
                settle(connection)
            seeded.account = db.session.execute(
                select(func.min(Account.id)).where(Account.platform_id == FILTERED_PLATFORM)
            ).scalar_one()
            total = tallies(COMMAND_LINE).total
            db.session.remove()
            db.engine.dispose()
        _say(f"{done.database}, {orders:,} orders: filled in {time.perf_counter() - began:.0f} s")
        with served(app, settings) as (ours, floor):
            for work in works(seeded, total):
                if only and not work.name.startswith(only):
                    continue
                result = measure(app, ours, floor, work)
                done.results.append(result)
                _say(
                    f"  {work.name}: {result.ours:.1f} ms, {result.ratio:.1f} × {result.floor:.1f} ms;"
                    f" processors {result.our_cpu:.1f}, {result.work_ratio:.1f} × {result.floor_cpu:.1f} ms"
                    + (f"; {result.described_inside}" if result.inside_times else "")
                )
            done.resident = ours.resident()
        with app.app_context():
            db.engine.dispose()
    finally:
        template.drop()
    done.seconds = time.perf_counter() - began
    return done


def table(done: Run) -> list[str]:
    """One database's results as a Markdown table."""
    lines = [
        f"### {done.database}, {done.orders:,} orders",
        "",
        "| work | floor, ms | ours, ms | × floor | processors, ms | × floor | at most | aim | |",
        "|---|---:|---:|---:|---:|---:|---:|---:|---|",
    ]
    for result in done.results:
        work = result.work
        verdict = "**over**" if result.over else "aim" if result.judged <= work.aim else "within"
        figures = f"{result.floor:.1f} | {result.ours:.1f} | {result.ratio:.1f}"
        figures += f" | {result.floor_cpu:.1f} → {result.our_cpu:.1f} | {result.work_ratio:.1f}"
        lines.append(f"| {work.name} | {figures} | {work.most} | {work.aim} | {verdict} |")
    for result in done.results:
        if result.inside_times:
            lines += [
                "",
                f"{result.work.name}: {result.described_inside} (at most {result.work.most_inside}).",
            ]
    lines += ["", f"Largest of {WORKERS} workers: {done.resident} MiB resident (at most {MOST_MIB})."]
    if done.database == "SQLite":
        slow = [one for one in done.results if one.work.small_write and one.ours > SMALL_WRITE]
        listed = ", ".join(f"{result.work.name} {result.ours:.1f} ms" for result in slow)
        lines.append(f"Small writes over {SMALL_WRITE} ms: {listed or 'none'}.")
    return [*lines, ""]


def flatness(runs: list[Run]) -> list[str]:
    """What the same work costs with more orders, against the fewest."""
    lines: list[str] = []
    for database in dict.fromkeys(one.database for one in runs):
        sizes = sorted((one for one in runs if one.database == database), key=lambda one: one.orders)
        if len(sizes) < 2:
            continue
        small, large = sizes[0], sizes[-1]
        lines += [
            f"### {database}: {large.orders:,} against {small.orders:,} orders (at most {FLATNESS} ×)",
            "",
            "| work | ours, ms | × | processors, ms | × | floor's processors × |",
            "|---|---:|---:|---:|---:|---:|",
        ]
        for before, after in zip(small.results, large.results, strict=True):
            figures = f"{before.ours:.1f} → {after.ours:.1f} | {after.ours / before.ours:.2f}"
            figures += f" | {before.our_cpu:.1f} → {after.our_cpu:.1f}"
            for less, more in ((before.our_cpu, after.our_cpu), (before.floor_cpu, after.floor_cpu)):
                figures += f" | {more / less if less else 0:.2f}"
            lines.append(f"| {after.work.name} | {figures} |")
        lines.append("")
    return lines


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def main() -> int:
    """Measure, and print tables."""
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__.splitlines()[0])
    parser.add_argument("--orders", type=int, nargs="+", default=[10_000, 100_000])
    parser.add_argument("--database", nargs="+", choices=databases.KINDS, default=list(databases.KINDS))
    parser.add_argument("--only", default="", help="the beginning of the name of the work, such as W6")
    arguments = parser.parse_args()
    runs: list[Run] = []
    with tempfile.TemporaryDirectory(prefix="hwadmin_bench_") as folder:
        for kind in arguments.database:
            reason = databases.postgresql_missing() if kind == "postgresql" else None
            if reason:
                _say(reason)
                return 2
            runs += [run(kind, orders, Path(folder), arguments.only) for orders in arguments.orders]
    _say("")
    for line in (line for one in runs for line in table(one)):
        _say(line)
    for line in flatness(runs):
        _say(line)
    if busy():
        _say(
            f"The machine was busy with other work (load {os.getloadavg()[0]:.0f}): judged by processor time,"
            " which does not count waiting for disks."
        )
    took = timedelta(seconds=round(sum(one.seconds for one in runs)))
    _say(f"{utcnow():%d %b %Y}, {os.cpu_count()} cores, {took}.")
    over = [(one, result) for one in runs if one.database == "PostgreSQL" for result in one.over]
    for one, result in over:
        _say(f"Over its limit: {result.work.name} at {one.orders:,} orders, {result.judged:.1f} × the floor.")
    return 1 if over else 0


if __name__ == "__main__":
    sys.exit(main())
