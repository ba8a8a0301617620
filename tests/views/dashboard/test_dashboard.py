"""The dashboard: its numbers, the lists behind them, and how times are summed up."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from html import unescape
from typing import Any
from xml.etree.ElementTree import Element

import pytest
from sqlalchemy import Connection, update

from hwadmin import clock
from hwadmin.db.extensions import db
from hwadmin.db.unit_of_work import transact
from hwadmin.domain.dashboard.durations import Times
from hwadmin.domain.lifecycle import ManagerApproval
from hwadmin.models import HardwareOrder
from hwadmin.operations.orders.decisions import reopen_order
from hwadmin.queries.dashboard.figures import Period, dashboard
from tests.builders import Clients, World
from tests.guards.test_statement_counts import assert_at_most, statements
from tests.reading_pages import tree_of

NOW = datetime(2026, 11, 20, 15, 0, tzinfo=UTC)  # a Friday


def times(order: HardwareOrder, **moments: datetime) -> None:
    """Give an order other moments than those of the test."""
    table = HardwareOrder.__table__
    db.session.execute(update(table).where(table.c.id == order.id).values(**moments))
    db.session.commit()


def a_history(world: World) -> None:
    """Orders of two platforms over some weeks, decided and fulfilled at all hours, and some that wait."""
    for number in range(24):
        platform = world.northwind if number % 4 else world.blue_harbor
        status = ("submitted", "approved", "fulfilled", "rejected", "cancelled", "fulfilled")[number % 6]
        lines = [("deskphone", 1 + number % 2), ("dect_base", 1)] if number % 2 else [("mobile", 2)]
        order = world.an_order(status, lines, platform=platform)
        ordered = NOW - timedelta(days=number * 2 % 45, hours=number)
        decided = ordered + timedelta(hours=1 + number * 5 % 70)
        moments: dict[str, Any] = {"created_at": ordered}
        if status in ("approved", "fulfilled", "rejected"):
            moments["decided_at"] = min(decided, NOW)
        if status == "fulfilled":
            moments["fulfilled_at"] = min(decided + timedelta(days=number % 9), NOW)
        times(order, **moments)
    # At the very ends of a day, of a week and of the period.
    for at in ("2026-11-08T23:59:59.999999", "2026-11-09T00:00:00", "2026-08-31T00:00:00"):
        moment = datetime.fromisoformat(at).replace(tzinfo=UTC)
        order = world.an_order("fulfilled")
        times(order, created_at=moment, decided_at=moment, fulfilled_at=moment)
    waits_for_manager = world.an_order()
    times(waits_for_manager, manager_approval=ManagerApproval.AWAITING, created_at=NOW - timedelta(days=9))  # type: ignore[arg-type]


# ---- Each number is the count of the list behind it


def numbers(html: str) -> list[tuple[int, str]]:
    """Every number of the page that is a link to a list of orders, with the address."""
    page = tree_of(html)
    main: Element = next(page.iter("main"))
    found = []
    for link in main.iter("a"):
        address = link.get("href", "")
        if address.startswith("/orders/?"):
            found.append((int((link.text or "").replace(",", "")), address))
    return found


def listed(client: Any, address: str) -> int:
    """How many orders the list at an address says there are, and shows."""
    html = client.get(address).text
    rows = html.count("<tr data-href")
    total = re.search(r"–\d[\d,]* of ([\d,]+)", unescape(html))
    if total is None:
        return rows
    assert rows == min(int(total[1]), 50)
    return int(total[1])


@pytest.mark.parametrize(("who", "weeks"), [("ada", 12), ("piet", 4)])
def test_each_number_is_the_count_of_the_list_behind_it(
    world: World, clients: Clients, who: str, weeks: int
) -> None:
    a_history(world)
    client = getattr(clients, who)
    with clock.at(NOW):
        found = numbers(client.get(f"/dashboard/?weeks={weeks}").text)
        wrong = [
            (number, count, address)
            for number, address in dict.fromkeys(found)
            if (count := listed(client, address)) != number
        ]
    assert wrong == []
    kinds = {word for _, address in found for word in re.findall(r"[?&]([a-z_]+)=", address)}
    assert kinds >= {"waits", "since", "outcome", "decided_since", "fulfilled_since", "make", "model"}
    assert ("platform" in kinds) == (who == "ada")


def test_one_platform_is_shown_by_itself(world: World, clients: Clients) -> None:
    a_history(world)
    address = f"/dashboard/?platform={world.blue_harbor.id}"
    with clock.at(NOW):
        found = numbers(clients.ada.get(address).text)
        assert all(f"platform={world.blue_harbor.id}" in link for _, link in found)
        assert [number for number, link in found if listed(clients.ada, link) != number] == []
        # Somebody else's is not there to be asked for.
        assert numbers(clients.piet.get(address).text) == numbers(clients.piet.get("/dashboard/").text)


def test_what_is_shown_of_the_empty_product_says_so(world: World, clients: Clients) -> None:
    world.northwind  # noqa: B018
    page = clients.piet.get("/dashboard/")
    assert page.status_code == 200
    assert "Nothing waits for a decision." in page.text
    assert "<svg" not in page.text
    assert numbers(page.text) == []


def test_platforms_see_their_own_and_less_of_it(world: World, clients: Clients) -> None:
    a_history(world)
    with clock.at(NOW):
        page = clients.piet.get("/dashboard/").text
        assert "Blue Harbor" not in page
        assert "By platform" not in page
        assert page.count("<svg") < clients.ada.get("/dashboard/").text.count("<svg")
        assert clients.sam.get("/dashboard/").status_code == 403
        for client, shown in ((clients.ada, True), (clients.piet, True), (clients.sam, False)):
            assert ('href="/dashboard/"' in client.get("/orders/").text) == shown


def test_any_address_shows_a_dashboard(world: World, clients: Clients) -> None:
    world.an_order("fulfilled")
    for query in ("weeks=7", "weeks=x", "platform=x", "platform=999999", "rows=all&weeks=52"):
        assert clients.ada.get(f"/dashboard/?{query}").status_code == 200


# ---- What the numbers mean


def test_a_period_is_whole_weeks_up_to_the_present_one() -> None:
    with clock.at(NOW):
        period = Period.last(3)
    assert period.mondays == (date(2026, 11, 2), date(2026, 11, 9), date(2026, 11, 16))
    assert (period.since, period.until) == (date(2026, 11, 2), date(2026, 11, 22))


def test_what_awaits_a_manager_does_not_wait_for_a_super_admin(world: World) -> None:
    order, other = world.an_order(), world.an_order()
    times(order, created_at=NOW - timedelta(days=3))
    times(other, created_at=NOW - timedelta(days=7), manager_approval=ManagerApproval.AWAITING)  # type: ignore[arg-type]
    with clock.at(NOW):
        found = dashboard(world.ada.actor, Period.last(4))
    assert (found.waiting.count, found.waiting.warn, found.waiting.late) == (1, 1, 0)
    assert found.oldest == order.id


def test_a_decision_that_was_taken_back_counts_no_more(world: World) -> None:
    order, ada = world.an_order("approved"), world.ada.actor
    assert dashboard(ada, Period.last(4)).decided.every.count == 1
    transact(lambda: reopen_order(ada, order.id, reason="Too many."))
    found = dashboard(ada, Period.last(4))
    assert (found.decided.every, found.approved, found.waiting.count) == (Times(), 0, 1)


def test_times_are_those_from_order_to_decision_and_from_decision_to_fulfillment(world: World) -> None:
    for hours, days in ((1, 2), (2, 4), (9, 6)):
        decided = NOW - timedelta(days=days)
        times(
            world.an_order("fulfilled"),
            created_at=decided - timedelta(hours=hours),
            decided_at=decided,
            fulfilled_at=NOW,
        )
    with clock.at(NOW):
        found = dashboard(world.ada.actor, Period.last(4))
    assert found.decided.every == Times(3, pytest.approx(2 * 3600), pytest.approx(7.6 * 3600))  # type: ignore[arg-type]
    assert found.fulfilled.every == Times(3, pytest.approx(4 * 86_400), pytest.approx(5.6 * 86_400))  # type: ignore[arg-type]
    assert found.fulfilled.by_platform == {world.northwind.id: found.fulfilled.every}
    assert found.fulfilled.by_model == {("Yealink", "T54W"): found.fulfilled.every}
    assert found.fulfilled.by_week == {date(2026, 11, 16): found.fulfilled.every}


def test_the_dashboard_needs_few_statements_however_much_it_counts(
    world: World, clients: Clients, connection: Connection
) -> None:
    world.an_order("fulfilled")
    with statements(connection) as sent:
        clients.ada.get("/dashboard/")
    assert_at_most(13, sent)

    for number in range(6):
        world.an_order("fulfilled", platform=world.northwind if number % 2 else world.blue_harbor)
    with statements(connection) as for_more:
        assert clients.ada.get("/dashboard/").status_code == 200
    assert_at_most(len(sent), for_more)
