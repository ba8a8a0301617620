"""Many fulfill at the same moment: every unit gets one device, and every device one unit."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import func, insert, select

from hwadmin.clock import utcnow
from hwadmin.db import engines
from hwadmin.db.extensions import db
from hwadmin.db.unit_of_work import transact, unit_of_work
from hwadmin.domain.device_kinds import Kind
from hwadmin.domain.permissions import Actor, Role
from hwadmin.identifiers import IdentifierKind, parse, same_device_key
from hwadmin.list_import.matching.scan_session import Scan
from hwadmin.operations.devices.devices import change_device, register_device
from hwadmin.operations.fulfillment.drafts import keep_draft
from hwadmin.operations.fulfillment.fulfillment import fulfill_order
from hwadmin.queries.units.units import units_of
from tests.builders import World, an_identifier
from tests.races.callers import Action, Callers, Result, meet
from tests.races.rows import (
    DEVICES,
    DRAFTS,
    EVENTS,
    a_world,
    counts_are_right,
    devices_with,
    event_kinds,
    holders,
    inside,
    order_row,
)

pytestmark = pytest.mark.both_databases

ROUNDS = [3, pytest.param(200, marks=pytest.mark.full)]


@pytest.fixture
def world() -> World:
    return World()


# ---- What the callers do


def fulfill(
    actor: Actor, order_id: int, typed: dict[int, str], only_valid: bool = False
) -> dict[str, object]:
    report = transact(lambda: fulfill_order(actor, order_id, typed, only_valid=only_valid))
    return {
        "written": report.written,
        "outcomes": [row.outcome.value for row in report.units],
        "slots": [row.slot for row in report.units],
    }


def register(actor: Actor, account_id: int, sku: str, identifier: str) -> int:
    return transact(lambda: register_device(actor, account_id, sku=sku, identifier=identifier)).id


def pair(actor: Actor, device_id: int, base_id: int) -> str:
    transact(
        lambda: change_device(actor, device_id, employee_id=None, location_id=None, base_device_id=base_id)
    )
    return "paired"


def _a_device(unit_id: int, identifier: str, owner: dict[str, int]) -> dict[str, object]:
    value = parse(IdentifierKind.MAC, identifier).value
    return {
        **owner,
        "kind": Kind.DESKPHONE,
        "make": "Yealink",
        "model": "T54W",
        "sku": "T54W",
        "identifier_kind": IdentifierKind.MAC,
        "identifier": value,
        "identifier_key": value,
        "unit_id": unit_id,
        "unit_outcome": "created",
        "unit_at": utcnow(),
        "created_by_name": "Broken",
    }


def fulfill_what_was_read(
    actor: Actor, order_id: int, owner: dict[str, int], typed: dict[int, str]
) -> dict[str, object]:
    """Broken on purpose: see which units are open without a lock, then make their devices."""
    engines.reading.set(True)  # BEGIN, as it would be without our engine settings.
    with unit_of_work():
        open_units = [unit.id for unit in units_of(order_id) if unit.device_id is None]
        meet()
        db.session.connection().execute(
            insert(DEVICES), [_a_device(unit, typed[unit], owner) for unit in open_units]
        )
        db.session.connection().execute(
            insert(EVENTS).values(
                kind="order.fulfilled", actor_name=actor.name, order_id=order_id, summary="-", details={}
            )
        )
    return {"written": True, "outcomes": ["created"] * len(open_units)}


def fulfill_unsorted(
    actor: Actor, order_id: int, owner: dict[str, int], typed: dict[int, str], on_postgresql: bool
) -> dict[str, object]:
    """Broken on purpose: insert in the order of the form, one by one, and do not try again."""
    engines.reading.set(True)
    with unit_of_work():
        units_of(order_id)
        meet()
        for unit, identifier in typed.items():
            db.session.connection().execute(insert(DEVICES), [_a_device(unit, identifier, owner)])
            if on_postgresql:  # On SQLite the second writer is refused right here.
                meet()
                on_postgresql = False
    return {"written": True, "outcomes": ["created"] * len(typed)}


# ---- What must be true afterwards


def keys(typed: dict[int, str], kind: IdentifierKind = IdentifierKind.MAC) -> dict[int, str]:
    return {unit: same_device_key(kind, parse(kind, text).value) for unit, text in typed.items()}


def fulfilled_once(app: Flask, order_id: int, typed: dict[int, str], results: list[Result]) -> None:
    assert not [result for result in results if result.error], results
    assert sum(result.value["written"] for result in results if isinstance(result.value, dict)) == 1
    wanted = keys(typed)
    assert holders(app, order_id) == wanted
    assert devices_with(app, [*wanted.values()]) == dict.fromkeys(wanted.values(), 1)
    row = order_row(app, order_id)
    assert (row["status"], row["fulfilled_units"]) == ("fulfilled", len(typed))
    assert event_kinds(app, order_id)["order.fulfilled"] == 1
    counts_are_right(app)


@pytest.mark.parametrize("rounds", ROUNDS, indirect=True)
def test_eight_fulfill_the_same_order_while_somebody_registers_one_of_its_devices_by_hand(
    own_app: Flask, nine: Callers, world: World, rounds: int
) -> None:
    by_hand = set()
    for turn in range(rounds):
        with a_world(own_app, world):
            order = world.an_order("approved", [("deskphone", 4), ("accessory", 1)])
            typed = world.identifiers_for(order)
            ada, piet = world.ada.actor, world.piet.actor
            hand = (order.account_id, world.item("deskphone").sku, list(typed.values())[turn % 4])
        eight = [Action(ada, fulfill, (order.id, typed))] * 8
        results = nine.all_at_once([*eight, Action(piet, register, hand)])
        fulfilled_once(own_app, order.id, typed, results)
        assert results[8].outcome in ("done", "WrongState")
        by_hand.add(results[8].outcome)
        if results[8].outcome == "done":  # Then it was linked, and not duplicated.
            (written,) = [one.value for one in results[:8] if one.value["written"]]
            assert written["outcomes"].count("linked") == 1


@pytest.mark.parametrize("rounds", ROUNDS, indirect=True)
def test_eight_enter_different_shipments_of_the_same_order_and_none_is_lost(
    own_app: Flask, eight: Callers, world: World, rounds: int
) -> None:
    for _ in range(rounds):
        with a_world(own_app, world):
            order = world.an_order("approved", [("deskphone", 8)])
            typed = world.identifiers_for(order)
            ada = world.ada.actor
        results = eight.all_at_once(
            [Action(ada, fulfill, (order.id, {unit: text})) for unit, text in typed.items()]
        )
        assert not [result for result in results if result.error], results
        assert [result.value["written"] for result in results] == [True] * 8
        assert holders(own_app, order.id) == keys(typed)
        row = order_row(own_app, order.id)
        # Submitted, approved, and eight shipments.
        assert (row["status"], row["fulfilled_units"], row["version"]) == ("fulfilled", 8, 10)
        assert event_kinds(own_app, order.id)["order.fulfilled"] == 8


def scan_and_fulfill(actor: Actor, order_id: int, texts: list[str], wrong: list[str]) -> dict[str, object]:
    """Scan box by box, as the page does, and write what was entered; somebody else is at the same order."""
    entered = None
    for text in [*wrong, *texts]:
        entered = transact(lambda text=text: keep_draft(actor, order_id, [Scan(text)]))
    assert entered is not None
    typed = entered.drafts.own
    meet()
    return fulfill(actor, order_id, typed) | {"entered": typed}


@pytest.mark.parametrize("rounds", ROUNDS, indirect=True)
def test_two_people_scan_and_fulfill_one_order_from_both_ends_at_once(
    own_app: Flask, two: Callers, world: World, rounds: int
) -> None:
    with a_world(own_app, world):
        bo = world.a_person("Bo Lindqvist", Role.SUPER_ADMIN).actor
        ada = world.ada.actor
    for _ in range(rounds):
        with a_world(own_app, world):
            order = world.an_order("approved", [("deskphone", 12)])
            boxes = [*world.identifiers_for(order).values()]
        # The pallet is scanned from its two ends; in the middle both reach for the same two boxes.
        actions = [
            Action(ada, scan_and_fulfill, (order.id, boxes[:7], ["6938818306356"])),
            Action(bo, scan_and_fulfill, (order.id, boxes[:4:-1], [boxes[11].upper()])),
        ]
        results = two.all_at_once(actions)
        assert not [result for result in results if result.error], results
        held = holders(own_app, order.id)
        wanted = {parse(IdentifierKind.MAC, text).value for text in boxes}
        assert len(held) == 12
        assert set(held.values()) == wanted
        assert devices_with(own_app, [*wanted]) == dict.fromkeys(wanted, 1)
        # Nobody had a unit that the other one was entering.
        entered = [set(result.value["entered"]) for result in results if isinstance(result.value, dict)]
        assert not entered[0] & entered[1]
        row = order_row(own_app, order.id)
        assert (row["status"], row["fulfilled_units"]) == ("fulfilled", 12)
        assert event_kinds(own_app, order.id)["order.fulfilled"] == 2
        with inside(own_app):
            assert db.session.connection().execute(select(func.count()).select_from(DRAFTS)).scalar() == 0


def register_behind_the_check(
    actor: Actor, order_id: int, typed: dict[int, str], account_id: int, sku: str, identifier: str
) -> dict[str, object]:
    """Check, have somebody register one of the identifiers, then write what was checked."""
    checked = transact(lambda: fulfill_order(actor, order_id, typed, dry_run=True))
    before = [row.outcome.value for row in checked.units]
    meet()
    meet()
    return fulfill(actor, order_id, typed) | {"checked": before}


def register_in_between(
    actor: Actor, order_id: int, typed: dict[int, str], account_id: int, sku: str, identifier: str
) -> int:
    meet()
    try:
        return register(actor, account_id, sku, identifier)
    finally:
        meet()


@pytest.mark.parametrize("elsewhere", [False, True], ids=["same account", "another account"])
@pytest.mark.parametrize("rounds", ROUNDS, indirect=True)
def test_a_device_registered_between_check_and_write_is_linked_or_refused_and_never_made_twice(
    own_app: Flask, two: Callers, world: World, rounds: int, elsewhere: bool
) -> None:
    for turn in range(rounds):
        with a_world(own_app, world):
            order = world.an_order("approved", [("deskphone", 3)])
            typed = world.identifiers_for(order)
            account = world.an_account() if elsewhere else order.account
            chosen = list(typed.values())[turn % 3]
            case = (order.id, typed, account.id, world.item("deskphone").sku, chosen)
            ada, piet = world.ada.actor, world.piet.actor
        results = two.all_at_once(
            [Action(ada, register_behind_the_check, case), Action(piet, register_in_between, case)]
        )
        assert not [result for result in results if result.error or result.refused], results
        outcome = results[0].value
        assert isinstance(outcome, dict)
        assert outcome["checked"] == ["created"] * 3
        became = sorted(outcome["outcomes"])
        assert became == (["created", "created", "refused" if elsewhere else "linked"])
        assert outcome["written"] is not elsewhere
        assert len(holders(own_app, order.id)) == (0 if elsewhere else 3)
        made = devices_with(own_app, [*keys(typed).values()])
        assert set(made.values()) == {1}
        assert event_kinds(own_app, order.id)["order.fulfilled"] == (0 if elsewhere else 1)


def one_of_two_won(app: Flask, orders: list[int], typed: list[dict[int, str]], results: list[Result]) -> None:
    """Two orders want the same identifiers: one has them all, the other none; nobody saw a fault."""
    assert not [result for result in results if result.error], results
    wanted = [keys(one) for one in typed]
    held = [holders(app, order_id) for order_id in orders]
    assert sorted(map(bool, held)) == [False, True]
    winner = 0 if held[0] else 1
    assert held[winner] == wanted[winner]
    assert devices_with(app, [*wanted[0].values()]) == dict.fromkeys(wanted[0].values(), 1)
    assert event_kinds(app, orders[winner])["order.fulfilled"] == 1
    assert event_kinds(app, orders[1 - winner])["order.fulfilled"] == 0
    assert sum(result.value["written"] for result in results) == 1
    counts_are_right(app)


def two_orders(world: World, *, elsewhere: bool) -> tuple[list[int], list[dict[int, str]]]:
    """Two orders whose forms hold the same identifiers, in opposite order."""
    first = world.an_order("approved", [("deskphone", 4)])
    account = world.an_account(world.blue_harbor) if elsewhere else first.account
    second = world.an_order("approved", [("deskphone", 4)], account=account)
    typed = world.identifiers_for(first)
    crossed = dict(zip((unit.id for unit in units_of(second.id)), reversed(typed.values()), strict=True))
    return [first.id, second.id], [typed, crossed]


@pytest.mark.parametrize("elsewhere", [False, True], ids=["same account", "different accounts"])
@pytest.mark.parametrize("rounds", ROUNDS, indirect=True)
def test_two_orders_with_crossing_identifiers_do_not_stand_in_each_others_way(
    own_app: Flask, eight: Callers, world: World, rounds: int, elsewhere: bool
) -> None:
    for _ in range(rounds):
        with a_world(own_app, world):
            orders, typed = two_orders(world, elsewhere=elsewhere)
            ada = world.ada.actor
        actions = [Action(ada, fulfill, (orders[turn % 2], typed[turn % 2])) for turn in range(8)]
        one_of_two_won(own_app, orders, typed, eight.all_at_once(actions))


@pytest.mark.parametrize("rounds", ROUNDS, indirect=True)
def test_two_orders_that_link_and_name_each_others_devices_do_not_wait_in_a_circle(
    own_app: Flask, eight: Callers, world: World, rounds: int
) -> None:
    for _ in range(rounds):
        with a_world(own_app, world):
            first = world.an_order("approved", [("dect_base", 1), ("dect_handset", 3)])
            second = world.an_order(
                "approved", [("dect_base", 1), ("dect_handset", 3)], account=first.account
            )
            ada = world.ada.actor
            orders = [first.id, second.id]
            units = [[unit.id for unit in units_of(order_id)] for order_id in orders]
            bases = [an_identifier("dect_base") for _ in orders]
            handsets = [an_identifier("dect_handset") for _ in range(4)]
            item = world.item("dect_handset").sku
            for text in handsets[:2]:
                register(ada, first.account_id, item, text)
            for mine, base in zip(units, bases, strict=True):
                fulfill(
                    ada, orders[units.index(mine)], {mine[0]: base, mine[1]: an_identifier("dect_handset")}
                )
        # Each names the other's base, which is refused, and both want the same four handsets.
        forms = [
            {mine[0]: bases[1 - n], mine[2]: texts[0], mine[3]: texts[1]}
            for n, mine in enumerate(units)
            for texts in ([handsets[n], handsets[2 + n]], [handsets[1 - n], handsets[3 - n]])
        ]
        actions = [Action(ada, fulfill, (orders[turn // 2 % 2], forms[turn % 4], True)) for turn in range(8)]
        results = eight.all_at_once(actions)
        assert not [result for result in results if result.error], results
        held = [holders(own_app, order_id) for order_id in orders]
        given = [*held[0].values(), *held[1].values()]
        assert len(given) == len(set(given))
        for order_id, one in zip(orders, held, strict=True):
            assert order_row(own_app, order_id)["fulfilled_units"] == len(one)
            written = sum(
                bool(result.value["written"])
                for result, action in zip(results, actions, strict=True)
                if action.args[0] == order_id
            )
            assert event_kinds(own_app, order_id)["order.fulfilled"] == 1 + written


@pytest.mark.parametrize("rounds", ROUNDS, indirect=True)
def test_a_base_entered_last_and_handsets_paired_by_hand_meanwhile_agree_with_the_audit_trail(
    own_app: Flask, eight: Callers, world: World, rounds: int
) -> None:
    for _ in range(rounds):
        with a_world(own_app, world):
            order = world.an_order("approved", [("dect_base", 1), ("dect_handset", 4)])
            ada = world.ada.actor
            item = world.item("dect_base").sku
            other = register(ada, order.account_id, item, an_identifier("dect_base"))
            base, *handsets = (unit.id for unit in units_of(order.id))
            fulfill(ada, order.id, {unit: an_identifier("dect_handset") for unit in handsets})
            devices = [unit.device_id for unit in units_of(order.id)][1:]
            form = {base: an_identifier("dect_base")}
        results = eight.all_at_once(
            [
                *[Action(ada, fulfill, (order.id, form))] * 4,
                *[Action(ada, pair, (device_id, other)) for device_id in devices],
            ]
        )
        assert not [result for result in results if result.error], results
        with inside(own_app):
            connection = db.session.connection()
            details = connection.execute(
                select(EVENTS.c.details)
                .where(EVENTS.c.order_id == order.id, EVENTS.c.kind == "order.fulfilled")
                .order_by(EVENTS.c.id)
            )
            last = details.scalars().all()[-1]
            paired = {row["device_id"]: row["slot"] for row in last["units"] if row["slot"]}
            rows = connection.execute(
                select(DEVICES.c.id, DEVICES.c.base_device_id, DEVICES.c.slot).where(
                    DEVICES.c.id.in_(devices)
                )
            ).all()
            changed = connection.execute(
                select(EVENTS.c.device_id, EVENTS.c.summary).where(EVENTS.c.kind == "device.changed")
            ).all()
        for device_id, base_id, slot in rows:
            assert slot is not None
            taken_away = any(one == device_id and "base none" not in details for one, details in changed)
            if base_id != other:
                assert paired[device_id] == slot
            else:
                # What the trail says was paired by fulfilling was so until somebody changed it after that.
                assert device_id not in paired or taken_away


def test_the_race_would_be_lost_without_the_lock(own_app: Flask, eight: Callers, world: World) -> None:
    with a_world(own_app, world):
        order = world.an_order("approved", [("deskphone", 3)])
        typed = world.identifiers_for(order)
        owner = {"platform_id": order.platform_id, "account_id": order.account_id}
        ada = world.ada.actor
        on_postgresql = db.engine.dialect.name == "postgresql"
    action = Action(ada, fulfill_what_was_read, (order.id, owner, typed))
    results = eight.all_at_once([action] * 8)
    # The unique constraints keep the database right; the callers see a fault where they should see an answer.
    fault = "IntegrityError" if on_postgresql else "OperationalError"
    assert sorted(result.outcome for result in results) == sorted([*[fault] * 7, "done"])
    with pytest.raises(AssertionError):
        fulfilled_once(own_app, order.id, typed, results)


def test_crossing_identifiers_would_end_in_a_deadlock_unsorted(
    own_app: Flask, two: Callers, world: World
) -> None:
    with a_world(own_app, world):
        orders, typed = two_orders(world, elsewhere=False)
        account = world.an_account()
        owner = {"platform_id": account.platform_id, "account_id": account.id}
        ada = world.ada.actor
        on_postgresql = db.engine.dialect.name == "postgresql"
    results = two.all_at_once(
        [
            Action(ada, fulfill_unsorted, (order_id, owner, form, on_postgresql))
            for order_id, form in zip(orders, typed, strict=True)
        ],
        deadlocks=1 if on_postgresql else 0,
    )
    assert [result.outcome for result in results if result.error] == ["OperationalError"]
    (fault,) = [result.value for result in results if result.error]
    assert ("deadlock detected" if on_postgresql else "database is locked") in fault
    with pytest.raises(AssertionError):
        one_of_two_won(own_app, orders, typed, results)
