"""How many SQL statements the pages and actions need: the same for many rows as for one, and few.

A statement a row is what makes such a product slow; it is never seen with the three rows of a demo.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sized
from contextlib import contextmanager

import pytest
from sqlalchemy import Connection, bindparam, event, insert, select, update

from hwadmin.clock import utcnow
from hwadmin.db.extensions import db
from hwadmin.domain.device_kinds import Kind
from hwadmin.models import AuditEvent, Employee, HardwareOrder, PhoneLine
from hwadmin.operations.orders.submission.new_order import NewIntent
from hwadmin.queries.units.units import units_of
from tests.acceptance.test_ordering import Shop
from tests.builders import Clients, World

pytestmark = pytest.mark.both_databases

MANY = 50
# Of everything that becomes a device, with handsets for each base.
A_THOUSAND = [("deskphone", 690), ("dect_base", 10), ("dect_handset", 100), ("mobile", 200)]


@contextmanager
def statements(connection: Connection) -> Iterator[list[str]]:
    """Collects the statements sent meanwhile, and the ends of transactions; savepoints are the tests' own."""
    sent: list[str] = []

    def note(_: Connection, __: object, statement: str, given: Sized, ___: object, many: bool) -> None:
        if not statement.startswith(("SAVEPOINT", "RELEASE", "ROLLBACK")):
            # One that is sent with many sets of values is as many; one that holds them all itself is one.
            sent.extend([statement] * (len(given) if many and isinstance(given, list) else 1))

    event.listen(connection, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        event.remove(connection, "before_cursor_execute", note)


def assert_at_most(most: int, sent: list[str]) -> None:
    """Say which statements they were, where there are too many."""
    assert len(sent) <= most, f"{len(sent)} statements, {most} at most:\n" + "\n".join(sent)


def assert_flat(connection: Connection, few: Callable[[], object], many: Callable[[], object]) -> int:
    """Both need the same number of statements, which is returned."""
    with statements(connection) as for_few:
        few()
    with statements(connection) as for_many:
        many()
    assert_at_most(len(for_few), for_many)
    return len(for_many)


def test_the_orders_list_needs_few_statements_and_not_more_for_more_rows(
    world: World, clients: Clients, connection: Connection
) -> None:
    pages = [
        (person, query)
        for person in ("ada", "piet", "sam")
        for query in ("status=submitted", "status=all", "status=all&page=1", "status=all&sort=account")
    ]

    def show(person: str, query: str) -> int:
        client = getattr(clients, person)
        with statements(connection) as sent:
            page = client.get(f"/orders/?{query}")
        assert page.status_code == 200
        assert_at_most(8, sent)
        return page.text.count("<tr data-href")

    accounts = [world.an_account() for _ in range(5)]
    world.an_order(account=accounts[0])
    for person, query in pages:
        show(person, query)
    for number in range(MANY + 1):
        world.an_order(lines=[("deskphone", 1), ("mobile", 2)], account=accounts[number % 5])
    for person, query in pages:
        assert show(person, query) in (2, MANY), "the page under test is full, or the second one"


def test_a_search_needs_not_more_statements_for_more_orders_found(
    world: World, clients: Clients, connection: Connection
) -> None:
    for number in range(12):
        account = world.an_account(name=f"Harborgate Clinics {number}")
        world.an_order(account=account)
    one = world.an_account(name="Quarrystone Foods")
    world.an_order(account=one)

    def search(words: str) -> None:
        assert "<tr data-href" in clients.ada.get("/orders/", query_string={"status": "all", "q": words}).text

    assert assert_flat(connection, lambda: search("quarrystone"), lambda: search("harborgate")) <= 11


@pytest.mark.parametrize("found", [0, 1])
@pytest.mark.parametrize("path", ["accounts", "devices", "catalog"])
def test_a_search_that_finds_few_rows_puts_only_these_in_order(
    world: World, clients: Clients, connection: Connection, path: str, found: int
) -> None:
    item = world.an_item("deskphone", make="Quarrystone") if found else None
    account = world.an_account(name="Quarrystone Foods" if found else None)
    world.a_device(account, item=item)
    clients.ada.get(f"/{path}/")
    with statements(connection) as sent:
        page = clients.ada.get(f"/{path}/", query_string={"search": "quarrystone"}).text
    assert page.count("<tr data-href") == found
    # Whoever searches goes through what an index gives, and not through a list in its order.
    searching = [one for one in sent if re.search(" LIKE | MATCH ", one)]
    assert len(searching) == 1
    assert "ORDER BY" not in searching[0]


@pytest.mark.parametrize("status", ["submitted", "approved", "fulfilled"])
def test_an_orders_page_needs_not_more_statements_for_more_lines_and_units(
    world: World, clients: Clients, connection: Connection, status: str
) -> None:
    small = world.an_order(status, [("deskphone", 1)])
    large = world.an_order(
        status, [("deskphone", 20), ("dect_base", 2), ("dect_handset", 20), ("mobile", 5), ("accessory", 5)]
    )

    def show(order: HardwareOrder) -> None:
        assert clients.ada.get(f"/orders/{order.reference}").status_code == 200

    assert assert_flat(connection, lambda: show(small), lambda: show(large)) <= 12


def test_the_history_of_an_order_needs_few_statements_for_hundreds_of_events(
    world: World, clients: Clients, connection: Connection
) -> None:
    order = world.an_order("approved")
    values = {"actor_name": "Ada", "platform_id": order.platform_id, "order_id": order.id, "details": {}}
    db.session.add_all(
        AuditEvent(at=utcnow(), kind="order.edited", summary=f"Edited {number}", **values)
        for number in range(200)
    )
    db.session.commit()
    ada = clients.ada
    with statements(connection) as sent:
        page = ada.get(f"/orders/{order.reference}/history")
    assert "Edited 0" in page.text
    assert "Edited 199" in page.text
    assert_at_most(6, sent)


def test_the_list_of_devices_needs_few_statements_for_many_rows(
    world: World, clients: Clients, connection: Connection
) -> None:
    world.an_order("fulfilled", [("deskphone", 30), ("dect_base", 1), ("dect_handset", 10), ("mobile", 20)])
    for client in (clients.ada, clients.piet, clients.sam):
        with statements(connection) as sent:
            assert client.get("/devices/").status_code == 200
        assert_at_most(8, sent)


def test_approving_needs_few_statements(world: World, clients: Clients, connection: Connection) -> None:
    order = world.an_order(lines=[("deskphone", 3), ("dect_base", 1), ("dect_handset", 8)])
    with statements(connection) as sent:
        answer = clients.ada.post(f"/orders/{order.reference}/approve", data={"version": order.version})
    assert answer.status_code == 302
    assert_at_most(11, sent)
    assert sum(statement.startswith("UPDATE hardware_order ") for statement in sent) == 1


def test_units_that_differ_are_written_by_one_statement(world: World, connection: Connection) -> None:
    account = world.an_account()
    employee, location = world.an_employee(account).id, world.a_location(account).id
    plans = [NewIntent(employee_id=employee), NewIntent(location_id=location), NewIntent()] * 4
    with statements(connection) as sent:
        order = world.an_order(account=account, lines=[("deskphone", 12)], intents={0: plans})
    assert sum(statement.startswith("INSERT INTO unit ") for statement in sent) == 1
    units = units_of(order.id)
    assert [(unit.employee_id, unit.location_id) for unit in units] == [
        (plan.employee_id, plan.location_id) for plan in plans
    ]


def _a_thousand_units(world: World) -> HardwareOrder:
    """An approved order whose plans differ from unit to unit, so that their devices' columns do."""
    account = world.an_account()
    employee, location = world.an_employee(account).id, world.a_location(account).id
    plans = [
        NewIntent(employee_id=employee if number % 2 else None, location_id=location if number % 3 else None)
        for number in range(690)
    ]
    meant = [NewIntent(base=number % 10 + 1) for number in range(100)]
    return world.an_order("approved", A_THOUSAND, account=account, intents={0: plans, 2: meant})


def test_a_thousand_units_are_shown_and_fulfilled_by_few_statements_in_one_transaction(
    world: World, clients: Clients, connection: Connection
) -> None:
    one = world.an_order("approved", [("deskphone", 1)])
    order = _a_thousand_units(world)

    def show(shown: HardwareOrder, fields: int) -> None:
        assert clients.ada.get(f"/orders/{shown.reference}/fulfill").text.count('name="unit-') == fields

    assert assert_flat(connection, lambda: show(one, 1), lambda: show(order, 1000)) <= 8

    typed = {f"unit-{key}": value for key, value in world.identifiers_for(order).items()}
    ended: list[int] = []

    def end(*_: object) -> None:
        ended.append(len(sent))

    event.listen(connection, "release_savepoint", end)
    try:
        with statements(connection) as sent:
            answer = clients.ada.post(f"/orders/{order.reference}/fulfill", data=typed)
    finally:
        event.remove(connection, "release_savepoint", end)
    assert answer.status_code == 302, answer.text
    assert_at_most(15, sent)
    # Those of the bases, then all others, which name them; none is written twice.
    assert sum(statement.startswith("INSERT INTO device") for statement in sent) == 2
    assert not [statement for statement in sent if statement.startswith("UPDATE device")]
    written = [place for place, statement in enumerate(sent) if not statement.startswith("SELECT")]
    # What a test commits is a savepoint; nothing was written before or after the only one that ended.
    assert [end for end in ended if end > written[0]] == [len(sent)]
    status = db.session.scalars(
        select(HardwareOrder.status)
        .where(HardwareOrder.id == order.id)
        .execution_options(populate_existing=True)
    ).one()
    assert status == "fulfilled"


def test_linking_many_devices_needs_not_more_statements_than_linking_one(
    world: World, clients: Clients, connection: Connection
) -> None:
    def fulfill(count: int) -> Callable[[], None]:
        account = world.an_account()
        order = world.an_order("approved", [("deskphone", count)], account=account)
        typed = world.identifiers_for(order)
        for identifier in typed.values():
            world.a_device(account, Kind.DESKPHONE, identifier)

        def post() -> None:
            data = {f"unit-{key}": value for key, value in typed.items()}
            answer = clients.ada.post(f"/orders/{order.reference}/fulfill", data=data)
            assert answer.status_code == 302, answer.text

        return post

    assert assert_flat(connection, fulfill(1), fulfill(30)) <= 30


# ---- The guards can fail


def test_a_statement_a_row_is_found(world: World, connection: Connection) -> None:
    orders = [world.an_order().id for _ in range(6)]

    def read_each(ids: list[int]) -> None:
        db.session.expire_all()
        for order in db.session.scalars(select(HardwareOrder).where(HardwareOrder.id.in_(ids))):
            assert order.lines

    with pytest.raises(AssertionError, match="line_item"):
        assert_flat(connection, lambda: read_each(orders[:1]), lambda: read_each(orders))


def test_a_statement_sent_with_many_values_is_as_many(connection: Connection) -> None:
    table = Employee.__table__
    change = update(table).where(table.c.id == bindparam("key")).values(name="Somebody")
    with statements(connection) as sent:
        connection.execute(change, [{"key": number} for number in range(3)])
    assert len(sent) == 3


def test_one_statement_too_many_is_found_and_named(world: World, connection: Connection) -> None:
    with statements(connection) as sent:
        for _ in range(3):
            db.session.scalars(select(HardwareOrder.id)).all()
    assert_at_most(3, sent)
    with pytest.raises(AssertionError, match=r"3 statements, 2 at most:\n *SELECT hardware_order"):
        assert_at_most(2, sent)


# ---- Ordering


def test_choosing_needs_not_more_statements_for_more_items_lines_and_spares(
    world: World, clients: Clients, connection: Connection
) -> None:
    small, large = Shop(world), Shop.__new__(Shop)
    large.account = world.an_account(name="Large")
    for number in range(40):
        world.a_device(large.account, item=small.phone)
        world.an_employee(large.account)
        db.session.add(
            PhoneLine(
                platform_id=large.account.platform_id,
                account_id=large.account.id,
                phone_number=f"+3160000{number:04}",
                mobile_carrier="Meridian Mobile",
                currency="EUR",
            )
        )
    db.session.commit()

    def show(account_id: int, part: str) -> None:
        assert clients.piet.get(f"/ordering/{account_id}/{part}").status_code == 200

    for part, most in (("new", 11), ("new?spare=1", 6), ("upgrade", 6), ("accessories", 11)):
        few, many = (
            lambda key=key, part=part: show(key, part) for key in (small.account.id, large.account.id)
        )
        assert assert_flat(connection, few, many) <= most, part


def test_the_steps_need_not_more_statements_for_more_units(
    world: World, clients: Clients, connection: Connection
) -> None:
    small, large = Shop(world), world.an_account(name="Large")
    for account, quantity in ((small.account, 1), (large, 500)):
        sent = {"do": "add", "item": "T54W", "quantity": str(quantity)}
        assert clients.piet.post(f"/ordering/{account.id}/choose", data=sent).status_code == 303
        page = f"/ordering/{account.id}/employees"
        mark = re.search(r'name="u-1-1-mark" value="(\w+)"', clients.piet.get(page).text)
        assert mark is not None
        plan = {"u-1-1-mark": mark[1], "u-1-1-name": "Reception", "go": "copy-u-1-1"}
        assert clients.piet.post(page, data=plan).status_code == 303

    def show(account_id: int, part: str) -> None:
        assert clients.piet.get(f"/ordering/{account_id}/{part}").status_code == 200

    for part, most in (("information", 10), ("employees", 9), ("confirm", 19)):
        few, many = (lambda key=key, part=part: show(key, part) for key in (small.account.id, large.id))
        assert assert_flat(connection, few, many) <= most, part


def test_the_employee_picker_needs_few_statements_among_thousands(
    world: World, clients: Clients, connection: Connection
) -> None:
    account = world.an_account()
    owner = {"account_id": account.id, "platform_id": account.platform_id}
    names = [
        {**owner, "name": f"Dana {number:05} Reed", "employee_number": f"E-{number}"}
        for number in range(5000)
    ]
    db.session.execute(insert(Employee), names)
    db.session.commit()
    clients.piet.get("/orders/")
    with statements(connection) as sent:
        found = clients.piet.get(f"/ordering/{account.id}/directory/?query=04999 reed").json
    assert [text for _, text in found] == ["Dana 04999 Reed · E-4999"]
    assert_at_most(5, sent)
    with statements(connection) as sent:
        assert clients.piet.get(f"/ordering/{account.id}/directory/{found[0][0]}").json["number"] == "E-4999"
    assert_at_most(5, sent)
