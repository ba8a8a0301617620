"""Figures of past days are kept: the dashboard shows the same with and without them, whatever is done."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from sqlalchemy import delete, func, insert, select, update

from hwadmin.clock import utcnow
from hwadmin.db import dialects
from hwadmin.db.extensions import db
from hwadmin.db.tenancy import acting_as
from hwadmin.db.unit_of_work import transact
from hwadmin.domain.dashboard.durations import counted_minutes
from hwadmin.domain.dates import in_zone
from hwadmin.domain.lifecycle import OrderStatus
from hwadmin.domain.permissions import Actor, Role
from hwadmin.errors import DomainError
from hwadmin.models import ChangedDay, FigureSpan, HardwareOrder, LineItem, StoredFigures
from hwadmin.operations.dashboard import keeping
from hwadmin.operations.fulfillment.fulfillment import fulfill_order
from hwadmin.operations.orders.decisions import approve_order, cancel_order, reject_order, reopen_order
from hwadmin.operations.orders.edits.lines import edit_lines
from hwadmin.outbox.worker import Worker, keep_next_figures
from hwadmin.queries.dashboard.figures import Dashboard, Period, dashboard
from tests.builders import World
from tests.running import FULL, only_on

pytestmark = pytest.mark.both_databases

ORDERS, LINES = HardwareOrder.__table__, LineItem.__table__
# Where days begin ten hours sooner, and seven or eight later.
ZONES = (UTC, ZoneInfo("Australia/Brisbane"), ZoneInfo("America/Los_Angeles"))


@pytest.fixture(autouse=True)
def few_weeks(monkeypatch: pytest.MonkeyPatch) -> None:
    """As far back as these tests look."""
    monkeypatch.setattr(keeping, "WEEKS", 7)


def first_open_day() -> date:
    """A Thursday: of its week three days are over, and some are open still."""
    today = utcnow().date()
    return today - timedelta(days=today.weekday() + 4)


def keep_all(today: date | None = None) -> int:
    """Keep whatever is due, as the worker does; how often there was something."""
    times = 0
    while (counted := keeping.count_next(today or first_open_day())) is not None:
        assert transact(lambda counted=counted: keeping.keep(counted))
        times += 1
    return times


def changed() -> set[tuple[date, int]]:
    """The days of which something was changed, each with its platform."""
    return {(day, key) for day, key in db.session.execute(select(ChangedDay.day, ChangedDay.platform_id))}


def figure_spans() -> dict[date, date]:
    """The first and the last day of each kept span."""
    return {since: until for since, until in db.session.execute(select(FigureSpan.since, FigureSpan.until))}  # noqa: C416


def forget() -> None:
    """Let nothing be kept, and nothing have been changed."""
    for model in (StoredFigures, FigureSpan, ChangedDay):
        db.session.execute(delete(model))


def plain(numbers: Dashboard) -> dict[str, Any]:
    """All that the page shows of a dashboard."""
    return {
        "ordered": {key: count for key, count in numbers.ordered_by_platform.items() if count},
        "decisions": numbers.decisions,
        "models": numbers.models,
        **{
            f"{name} {by}": dict(getattr(measure, by)) if by != "every" else measure.every
            for name, measure in (("decided", numbers.decided), ("fulfilled", numbers.fulfilled))
            for by in ("every", "by_week", "by_platform", "by_model")
        },
    }


def views(world: World, step: int | None = None) -> Iterator[tuple[str, dict[str, Any]]]:
    """What everybody sees, of each platform and in each zone; or one of these, another one for each step."""
    both = Actor(None, "Both", Role.PLATFORM_ADMIN, frozenset({world.northwind.id, world.blue_harbor.id}))
    every: list[tuple[str, Actor, int | None, tzinfo]] = [
        *(("all", world.ada.actor, None, zone) for zone in ZONES),
        ("one", world.ada.actor, world.blue_harbor.id, UTC),
        ("own", world.piet.actor, None, UTC),
        ("both", both, None, UTC),
    ]
    for name, actor, platform_id, zone in every if step is None else [every[step % len(every)]]:
        with in_zone(zone), acting_as(db.session, actor):
            yield f"{name} {zone}", plain(dashboard(actor, Period.last(6), platform_id))


def assert_right(world: World, step: int | None = None) -> None:
    """The dashboard is the same as without anything kept."""
    found = dict(views(world, step))
    within = db.session.begin_nested()
    forget()
    counted = dict(views(world, step))
    within.rollback()
    assert found == counted


def days_ago(days: float) -> datetime:
    return utcnow() - timedelta(days=days)


def move(order: HardwareOrder, **moments: datetime) -> None:
    """Give an order other moments."""
    db.session.execute(update(ORDERS).where(ORDERS.c.id == order.id).values(**moments))
    db.session.commit()


# ---- Random people do random things

Action = Callable[[World, random.Random, HardwareOrder], Any]


def _submit(world: World, choice: random.Random, _: HardwareOrder) -> None:
    lines = choice.choice([[("deskphone", 2)], [("mobile", 1), ("deskphone", 1)], [("accessory", 3)]])
    order = world.an_order("submitted", lines, platform=choice.choice([world.northwind, world.blue_harbor]))
    if choice.random() < 0.7:
        move(order, created_at=days_ago(choice.uniform(0, 45)))


def _decide(world: World, choice: random.Random, order: HardwareOrder) -> None:
    if choice.random() < 0.7:
        transact(lambda: approve_order(world.ada.actor, order.id))
    else:
        transact(lambda: reject_order(world.ada.actor, order.id, reason="No."))
    if choice.random() < 0.7:
        move(order, decided_at=order.created_at + (utcnow() - order.created_at) * choice.random())


def _fulfill(world: World, choice: random.Random, order: HardwareOrder) -> None:
    transact(lambda: fulfill_order(world.ada.actor, order.id, world.identifiers_for(order)))
    if choice.random() < 0.7 and order.decided_at is not None:
        move(order, fulfilled_at=order.decided_at + (utcnow() - order.decided_at) * choice.random())


def _edit(world: World, choice: random.Random, order: HardwareOrder) -> None:
    platform = order.platform
    skus = [world.item(kind, platform).sku for kind in ("deskphone", "mobile", "accessory")]
    stated = {sku: choice.randint(1, 4) for sku in choice.sample(skus, 2)}
    transact(lambda: edit_lines(world.ada.actor, order.id, stated))


def _rename(world: World, _: random.Random, order: HardwareOrder) -> None:
    db.session.execute(update(LINES).where(LINES.c.order_id == order.id).values(model="T58W"))
    db.session.commit()


ACTIONS: Mapping[str, Action] = {
    "submit": _submit,
    "decide": _decide,
    "fulfill": _fulfill,
    "edit": _edit,
    "rename": _rename,
    "reopen": lambda world, _, order: transact(
        lambda: reopen_order(world.ada.actor, order.id, reason="Too many.")
    ),
    "cancel": lambda world, _, order: transact(lambda: cancel_order(world.ada.actor, order.id)),
    "move": lambda _, choice, order: move(order, created_at=order.created_at - timedelta(days=3)),
    "keep": lambda _, choice, order: keep_all(),
}


@pytest.mark.slow
@pytest.mark.parametrize("number", range(12 if FULL else 1))
def test_the_dashboard_is_the_same_whatever_was_kept(world: World, number: int) -> None:
    choice = random.Random(number)
    for _ in range(8):
        _submit(world, choice, None)  # type: ignore[arg-type]
    keep_all()
    refused = 0
    for step in range(16):
        name = choice.choices(list(ACTIONS), [4, 6, 4, 3, 1, 4, 1, 1, 3])[0]
        order = choice.choice(db.session.scalars(select(HardwareOrder)).all())
        try:
            ACTIONS[name](world, choice, order)
        except DomainError:
            refused += 1
            continue
        assert_right(world, None if FULL else step)
    assert refused < 12
    keep_all()
    assert db.session.scalar(select(func.count(StoredFigures.id))) > 3
    assert_right(world)


def test_days_of_the_reader_begin_at_another_hour_than_those_that_are_stored(world: World) -> None:
    first = datetime.combine(Period.last(6).since, time(), UTC)
    for hours in (-15, -9, -1, 1, 6, 9, 25):
        move(world.an_order("approved", [("mobile", 2)]), created_at=first + timedelta(hours=hours))
    keep_all()
    counts = {}
    for zone in ZONES:
        with in_zone(zone):
            counts[str(zone)] = dashboard(world.ada.actor, Period.last(6)).ordered
    assert counts == {"UTC": 4, "Australia/Brisbane": 6, "America/Los_Angeles": 2}
    assert_right(world)


# ---- What leaves a changed day


def test_what_happens_today_leaves_nothing(world: World) -> None:
    before = changed()
    for status in OrderStatus:
        world.an_order(status, [("deskphone", 1), ("dect_base", 1)])
    order = world.an_order("approved")
    transact(lambda: reopen_order(world.ada.actor, order.id, reason="Too many."))
    transact(lambda: edit_lines(world.ada.actor, order.id, {world.item("mobile").sku: 2}))
    # What came in long ago is decided and fulfilled today, too.
    old = world.an_order()
    move(old, created_at=days_ago(30))
    db.session.execute(delete(ChangedDay))
    transact(lambda: approve_order(world.ada.actor, old.id))
    transact(lambda: fulfill_order(world.ada.actor, old.id, world.identifiers_for(old)))
    assert changed() == before == set()


def fired(statement: Any) -> set[str]:
    """The triggers of changed days whose function is called by a statement, which is done."""
    sql = statement.compile(db.engine, compile_kwargs={"literal_binds": True})
    [plan] = db.session.connection().exec_driver_sql(f"EXPLAIN (ANALYZE, FORMAT JSON) {sql}").scalar_one()
    return {one["Trigger Name"] for one in plan["Triggers"] if "changes_day" in one["Trigger Name"]}


@only_on("postgresql")
def test_what_happens_today_calls_no_function(world: World) -> None:
    order = world.an_order()
    this = ORDERS.c.id == order.id
    decision = {"status": "approved", "decided_at": utcnow(), "decided_by_name": "Ada"}
    assert fired(update(ORDERS).where(this).values(**decision)) == set()
    assert fired(update(ORDERS).where(this).values(status="fulfilled", fulfilled_at=utcnow())) == set()
    names = [column.name for column in LINES.c if column.name != "id"]
    copied = select(*(LINES.c[name] for name in names)).where(LINES.c.order_id == order.id)
    assert fired(insert(LINES).from_select(names, copied, include_defaults=False)) == set()
    names = [column.name for column in ORDERS.c if column.name not in ("id", "submission_key")]
    copied = select(*(ORDERS.c[name] for name in names)).where(this)
    assert fired(insert(ORDERS).from_select(names, copied, include_defaults=False)) == set()
    # It can see one that is called.
    long_ago = update(ORDERS).where(this).values(decided_at=days_ago(9))
    assert fired(long_ago) == {"hardware_order_changes_day_on_update"}


def _approved_long_ago(world: World) -> HardwareOrder:
    # Before the first open day, whatever day of the week it is today.
    order = world.an_order("approved")
    move(order, created_at=days_ago(19), decided_at=days_ago(15))
    return order


CHANGES: Mapping[str, tuple[Callable[[World, HardwareOrder], Any], int]] = {
    "reopening": (
        lambda world, order: transact(lambda: reopen_order(world.ada.actor, order.id, reason="No.")),
        15,
    ),
    "another moment": (lambda _, order: move(order, decided_at=days_ago(14)), 15),
    "a moment long ago": (lambda _, order: move(order, decided_at=days_ago(14)), 14),
    "another day of coming in": (lambda _, order: move(order, created_at=days_ago(22)), 19),
    "coming in long ago": (lambda _, order: move(order, created_at=days_ago(22)), 22),
    "another quantity": (
        lambda _, order: db.session.execute(
            update(LINES).where(LINES.c.order_id == order.id).values(quantity=7)
        ),
        19,
    ),
    "another model, which was decided": (
        lambda _, order: db.session.execute(
            update(LINES).where(LINES.c.order_id == order.id).values(model="Q")
        ),
        15,
    ),
}


@pytest.mark.parametrize("what", CHANGES)
def test_a_change_of_the_past_leaves_its_day(world: World, what: str) -> None:
    change, days = CHANGES[what]
    order = _approved_long_ago(world)
    db.session.execute(delete(ChangedDay))
    change(world, order)
    assert (days_ago(days).date(), order.platform_id) in changed()


def test_another_outcome_of_the_past_leaves_its_day(world: World) -> None:
    order = world.an_order("rejected")
    move(order, created_at=days_ago(19), decided_at=days_ago(15))
    db.session.execute(delete(ChangedDay))
    changes = {"status": "approved", "rejection_reason": None}
    db.session.execute(update(ORDERS).where(ORDERS.c.id == order.id).values(**changes))
    assert (days_ago(15).date(), order.platform_id) in changed()


def test_lines_edited_later_leave_the_day_the_order_came_in(world: World) -> None:
    order = world.an_order(lines=[("deskphone", 2), ("dect_base", 1)])
    move(order, created_at=days_ago(19))
    came_in = {(days_ago(19).date(), order.platform_id)}
    phone, base = (world.item(kind).sku for kind in ("deskphone", "dect_base"))
    accessory = world.item("accessory").sku
    for stated in ({phone: 3, base: 1}, {phone: 3}, {phone: 3, accessory: 1}):
        db.session.execute(delete(ChangedDay))
        transact(lambda stated=stated: edit_lines(world.ada.actor, order.id, stated))
        assert changed() == came_in, stated


def test_an_order_that_is_deleted_or_brought_in_leaves_its_days(world: World) -> None:
    order = _approved_long_ago(world)
    copied = dict(db.session.execute(select(ORDERS).where(ORDERS.c.id == order.id)).mappings().one())
    days = {(days_ago(19).date(), order.platform_id), (days_ago(15).date(), order.platform_id)}
    db.session.execute(delete(ChangedDay))
    copied |= {"id": copied["id"] + 1_000, "submission_key": None}
    db.session.execute(insert(ORDERS).values(**copied))
    assert changed() == days
    db.session.execute(delete(ChangedDay))
    db.session.execute(delete(ORDERS).where(ORDERS.c.id == copied["id"]))
    assert changed() == days


# ---- Keeping


def test_finished_days_and_weeks_are_kept_and_no_others(world: World) -> None:
    thursday = first_open_day()
    monday = thursday - timedelta(days=3)
    keep_all()
    spans = figure_spans()
    days = {monday + timedelta(days=back): monday + timedelta(days=back) for back in range(3)}
    weeks = {
        monday - timedelta(days=7 * back): monday - timedelta(days=7 * back - 6)
        for back in range(1, keeping.WEEKS + 1)
    }
    assert spans == days | weeks
    assert keep_all() == 0
    # On the next Monday the days become a week.
    assert keep_all(monday + timedelta(days=7)) == 1
    assert figure_spans() == weeks | {monday: monday + timedelta(days=6)}


def test_what_is_far_too_old_goes(world: World) -> None:
    long_ago = first_open_day() - timedelta(days=7 * 3 * keeping.WEEKS)
    db.session.add(FigureSpan(since=long_ago, until=long_ago))
    db.session.add(ChangedDay(day=long_ago, platform_id=world.northwind.id))
    db.session.commit()
    keep_all()
    assert db.session.scalar(select(func.min(FigureSpan.since))) > long_ago
    assert changed() == set()


def test_a_change_that_was_not_seen_is_counted_anew(world: World) -> None:
    order = _approved_long_ago(world)
    move(order, decided_at=days_ago(20))
    keep_all()
    move(order, decided_at=days_ago(21))
    counted = keeping.count_next(first_open_day())
    assert counted is not None
    move(order, decided_at=days_ago(22))
    assert transact(lambda: keeping.keep(counted))
    assert changed() != set()
    assert_right(world)
    keep_all()
    assert changed() == set()
    assert_right(world)


def test_of_two_workers_that_count_the_same_the_second_keeps_nothing(world: World) -> None:
    order = _approved_long_ago(world)
    for former in (False, True):
        if former:
            keep_all()
            move(order, decided_at=days_ago(20))
        slow = keeping.count_next(first_open_day())
        assert slow is not None
        move(order, decided_at=days_ago(14))
        keep_all()
        assert not transact(lambda slow=slow: keeping.keep(slow))
        assert_right(world)


def test_while_one_worker_keeps_the_other_does_not_wait(own_app: Flask) -> None:
    with own_app.app_context():
        with db.engine.connect() as other:
            if dialects.is_postgresql():
                assert other.scalar(select(func.pg_try_advisory_xact_lock(keeping._TURN)))
            # On SQLite only one can write at all.
            assert keep_next_figures() != dialects.is_postgresql()
        assert keep_next_figures()


def test_the_worker_keeps_them_between_its_other_work(world: World) -> None:
    worker = Worker("one")
    rounds = iter([True] * 5 + [False])
    worker.stop.wait = lambda _seconds: False  # type: ignore[method-assign,assignment]
    worker.run(lambda: next(rounds))
    assert db.session.scalar(select(func.count(FigureSpan.id))) == 5


# ---- Who sees it, and how exactly


def test_nobody_sees_what_is_kept_of_other_platforms(world: World) -> None:
    for platform in (world.northwind, world.blue_harbor):
        order = world.an_order("approved", platform=platform)
        move(order, created_at=days_ago(30), decided_at=days_ago(25))
    keep_all()
    everybody = set(db.session.scalars(select(StoredFigures.platform_id)))
    assert everybody == {None, world.northwind.id, world.blue_harbor.id}
    with acting_as(db.session, world.piet.actor):
        assert set(db.session.scalars(select(StoredFigures.platform_id))) == {world.northwind.id}
        # The second wall alone.
        seen = dashboard(world.piet.actor, Period.last(6))
    assert dict(seen.ordered_by_platform) == {world.northwind.id: 1}
    with acting_as(db.session, world.ada.actor):
        seen = dashboard(world.piet.actor, Period.last(6))
    assert dict(seen.ordered_by_platform) == {world.northwind.id: 1}


def test_times_are_counted_alike_everywhere(world: World) -> None:
    seconds = (
        0,
        29,
        31,
        89,
        91,
        5_399,
        5_400,
        5_579,
        5_581,
        86_399,
        259_019,
        259_201,
        263_519,
        263_521,
        1_000_001,
    )
    decided = days_ago(8)
    for number, taken in enumerate(seconds):
        at = decided - timedelta(days=7 * number)
        move(world.an_order("approved"), created_at=at - timedelta(seconds=taken), decided_at=at)
    by_week = dashboard(world.ada.actor, Period.last(26)).decided.by_week
    assert [by_week[monday].median for monday in sorted(by_week, reverse=True)] == [
        counted_minutes(taken) * 60 for taken in seconds
    ]
