"""Fifty people at work at once: ``python -m tests.bench.people``.

Each asks for a page, looks at it for five to fifteen seconds, and asks for the next. Ends with 1 where one
page in a hundred takes longer than it may, one fails, or a worker grows too large. The
times say something only on a machine that does nothing else; whether it did is said.
"""

from __future__ import annotations

import argparse
import random
import statistics
import sys
import tempfile
import threading
import time
from pathlib import Path

from hwadmin.db.extensions import db
from hwadmin.db.tenancy import acting_as
from hwadmin.domain.permissions import COMMAND_LINE
from hwadmin.factory import create_app
from tests import databases
from tests.bench.__main__ import MOST_MIB, busy, served
from tests.bench.seed import FILTERED_PLATFORM, SEARCHED, Seeded, seed, settle
from tests.bench.servers import Ask, Server

PEOPLE, PAGES_EACH, WORKERS = 50, 12, 4
LOOKS = (5.0, 15.0)  # Seconds.
MOST_MS = 400


def pages(seeded: Seeded) -> list[str]:
    """What people look at."""
    order, form = f"/orders/HW-{seeded.history:06d}", f"/orders/HW-{seeded.to_fulfill[10][0][0]:06d}/fulfill"
    lists = ("orders", "devices", "accounts", "audit", "outgoing", "catalog")
    filtered = f"/orders/?status=fulfilled&platform={FILTERED_PLATFORM}"
    searches = (f"/orders/?status=all&q={SEARCHED}", f"/search/?q={SEARCHED}")
    return [*(f"/{name}/" for name in lists), order, f"{order}/history", form, filtered, *searches]


def at_work(server: Server, addresses: list[str], number: int, times: list[float], failed: list[str]) -> None:
    """One person, from their first page to their last."""
    chance = random.Random(number)
    for path in chance.sample(addresses, PAGES_EACH):
        time.sleep(chance.uniform(*LOOKS))
        try:
            times.append(server.ask(Ask(path)))
        except (RuntimeError, OSError) as error:
            failed.append(f"{path}: {error}"[:200])


def measured(orders: int, folder: Path) -> bool:
    """Let them work; whether all was as it should be."""
    template = databases.Template("postgresql", folder, prefix="hwadmin_bench")
    try:
        settings = template.settings(template.name)
        app = create_app(settings)
        with app.app_context(), acting_as(db.session, COMMAND_LINE):
            with db.engine.connect() as connection:
                seeded = seed(connection, orders, approve=1, fulfill={10: 1, 100: 1, 1000: 1})
            with db.engine.connect() as connection:
                settle(connection)
            db.session.remove()
            db.engine.dispose()
        with served(app, settings, WORKERS) as (ours, _):
            addresses, times, failed = pages(seeded), list[float](), list[str]()
            for path in addresses * WORKERS:
                ours.ask(Ask(path))
            people = [
                threading.Thread(target=at_work, args=(ours, addresses, number, times, failed))
                for number in range(PEOPLE)
            ]
            for person in people:
                person.start()
            for person in people:
                person.join()
            resident, disturbed = ours.resident(), busy()
    finally:
        template.drop()
    cuts = statistics.quantiles(times, n=100)
    sys.stdout.write(
        f"{len(times)} pages by {PEOPLE} people: median {cuts[49]:.0f} ms, 95 % {cuts[94]:.0f} ms,"
        f" 99 % {cuts[98]:.0f} ms; {len(failed)} failed {failed[:3]};"
        f" the largest of {WORKERS} workers has {resident} MiB"
        f"{'; the machine had other work' if disturbed else ''}\n"
    )
    return cuts[98] <= MOST_MS and not failed and resident <= MOST_MIB


def main() -> int:
    """Measure on PostgreSQL."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--orders", type=int, default=100_000)
    with tempfile.TemporaryDirectory() as folder:
        return 0 if measured(arguments.parse_args().orders, Path(folder)) else 1


if __name__ == "__main__":
    sys.exit(main())
