"""The list of orders: totals, counts under a filter, and one decision on several."""

from __future__ import annotations

import csv
import io
import re
from datetime import timedelta
from decimal import Decimal

import pytest
from sqlalchemy import select

from hwadmin.clock import utcnow
from hwadmin.db.extensions import db
from hwadmin.db.unit_of_work import transact
from hwadmin.models import HardwareOrder, LineItem, OutgoingMessage
from hwadmin.operations.catalog.distributors import DistributorFacts, create_distributor
from hwadmin.operations.orders.decisions import mark_ordered
from hwadmin.operations.orders.edits.lines import edit_lines
from hwadmin.queries.orders.order_list import PAGE_SIZE
from tests.acceptance.visitor import Visitor
from tests.builders import Clients, World
from tests.operations.refusals import events
from tests.views.orders.test_live import run_module


def listed(page: str) -> list[str]:
    return re.findall(r'<tr data-href="/orders/(HW-\d+)"', page)


def counts(page: str, label: str = "Status") -> dict[str, str]:
    tabs = page[page.index(f'aria-label="{label}"') :].split("</nav>")[0]
    return dict(re.findall(r">([A-Z][a-z ]+) <span class=\"tab-count\">([\d,+]+)<", tabs))


# ---- Totals


@pytest.mark.both_databases
def test_the_kept_total_is_that_of_the_lines(world: World) -> None:
    order = world.an_order(lines=[("deskphone", 2), ("accessory", 3)])
    sku = world.item("deskphone").sku

    def kept_and_summed() -> tuple[Decimal, Decimal]:
        db.session.expire_all()
        lines = db.session.scalars(select(LineItem).where(LineItem.order_id == order.id)).all()
        return db.session.get_one(HardwareOrder, order.id).total_now, sum(
            (line.total for line in lines), start=Decimal(0)
        )

    kept, summed = kept_and_summed()
    assert kept == summed > 0
    transact(lambda: edit_lines(world.ada.actor, order.id, {sku: 7}))
    raised, summed = kept_and_summed()
    assert raised == summed != kept


@pytest.mark.slow
@pytest.mark.both_databases
@pytest.mark.parametrize("sort", ["total", "account"])
def test_the_list_is_sorted_on_every_page(world: World, clients: Clients, sort: str) -> None:
    accounts = [world.an_account(name=name) for name in ("birch", "Aspen", "Cedar", "aspen")]
    orders = [
        # Many cost the same.
        world.an_order(lines=[("deskphone", 1 + number % 7)], account=accounts[number % 4])
        for number in range(2 * PAGE_SIZE + 5)
    ]
    if sort == "total":
        orders.sort(key=lambda order: (order.total_now, order.id))
    else:
        orders.sort(key=lambda order: (order.account.name.lower(), order.id))
    for descending in (False, True):
        expected = [order.reference for order in (reversed(orders) if descending else orders)]
        ada = Visitor(clients.ada).open(f"/orders/?sort={sort}&desc={int(descending)}")
        pages = []
        for number in range(3):
            pages.append([row.opens.rsplit("/", 1)[1] for row in ada.rows()])
            if number < 2:
                ada.follow("Next ›")
        assert [reference for page in pages for reference in page] == expected
        back = [row.opens.rsplit("/", 1)[1] for row in ada.follow("‹ Previous").rows()]
        assert back == pages[1]
        last = [row.opens.rsplit("/", 1)[1] for row in ada.follow("Last »").rows()]
        assert last == pages[2]


def test_a_row_shows_what_the_order_costs(world: World, clients: Clients) -> None:
    order = world.an_order(lines=[("deskphone", 3)])
    row = Visitor(clients.ada).open("/orders/").row(order.reference)
    assert f"€ {order.total_now:,.2f}" in row.text
    rows = csv.DictReader(
        io.StringIO(
            clients.ada.post("/orders/export-orders", data={"format": "csv", "order": f"{order.id}:1"}).text
        )
    )
    assert [(one["Total"], one["Currency"]) for one in rows] == [(str(order.total_now), "EUR")]


# ---- Counts


@pytest.mark.both_databases
def test_the_tabs_count_what_the_search_finds(world: World, clients: Clients) -> None:
    quarry, harbor = world.an_account(name="Quarrystone Foods"), world.an_account(name="Harborgate Clinics")
    for status in ("submitted", "approved", "approved", "rejected"):
        world.an_order(status, account=quarry)
    world.an_order(account=harbor)
    assert counts(clients.ada.get("/orders/").text)["Pending approval"] == "2"
    found = counts(clients.ada.get("/orders/?q=quarrystone").text)
    assert found == {
        "Pending approval": "1",
        "Approved": "2",
        "Fulfilled": "0",
        "Rejected": "1",
        "Cancelled": "0",
        "All": "4",
    }


def test_all_placement_tabs_count_what_the_search_finds(world: World, clients: Clients) -> None:
    transact(lambda: create_distributor(world.ada.actor, DistributorFacts("Voxport", expected_days=7)))
    for name, days in (("Quarrystone Foods", 8), ("Harborgate Clinics", 7)):
        order, day = world.an_order("approved", account=world.an_account(name=name)), utcnow().date()
        facts = {"distributor": "Voxport", "ordered_on": day - timedelta(days=days)}
        transact(lambda order=order, facts=facts: mark_ordered(world.ada.actor, order.id, **facts))
    for search, overdue in (("quarrystone", "1"), ("harborgate", "0")):
        page = clients.ada.get(f"/orders/?status=approved&q={search}").text
        found = counts(page, "Placement")
        assert found == {
            "All approved": "1",
            "To be placed": "0",
            "With the distributor": "1",
            "Overdue": overdue,
        }


def test_the_list_says_what_the_badge_leaves_out(world: World, clients: Clients) -> None:
    world.an_order()
    assert "leaves it out" not in clients.ada.get("/orders/").text
    account = world.an_account()
    account.requires_manager_approval = True
    account.approver_name, account.approver_email = "Jo Finch", "jo@example.com"
    db.session.commit()
    world.an_order(account=account)
    assert "1 of these awaits its manager first" in clients.ada.get("/orders/").text


# ---- Several


def test_several_are_rejected_with_one_reason(world: World, clients: Clients) -> None:
    orders = [world.an_order() for _ in range(3)]
    chosen = [f"{order.id}:{order.version}" for order in orders[:2]]
    back = {"back": "status=submitted"}
    page = clients.ada.post("/orders/several", data={"order": chosen, "do": "reject", **back})
    assert page.status_code == 200
    assert all(order.reference in page.text for order in orders[:2])
    assert events(kind="order.rejected") == []
    blank = clients.ada.post("/orders/reject-several", data={"order": chosen, "reason": " ", **back})
    assert blank.status_code == 422
    assert "Please give a reason." in blank.text
    answer = clients.ada.post("/orders/reject-several", data={"order": chosen, "reason": "Twice.", **back})
    assert answer.status_code == 303
    assert answer.location.endswith("/orders/?status=submitted")
    assert len(events(kind="order.rejected")) == 2
    assert listed(clients.ada.get("/orders/").text) == [orders[2].reference]


def test_several_are_marked_as_ordered(world: World, clients: Clients) -> None:
    orders = [world.an_order(), world.an_order("approved")]
    chosen = [f"{order.id}:{order.version}" for order in orders]
    sent = {"order": chosen, "distributor": "Voxport", "distributor_reference": "VX-1"}
    assert clients.ada.post("/orders/mark-ordered-several", data=sent).status_code == 303
    db.session.expire_all()
    assert {order.distributor for order in orders} == {"Voxport"}
    late = clients.ada.post("/orders/mark-ordered-several", data=sent | {"ordered_on": "nonsense"})
    assert late.status_code == 422


def test_many_refusals_have_a_page_of_their_own(world: World, clients: Clients) -> None:
    gone = [world.an_order("rejected") for _ in range(6)]
    fine = world.an_order()
    chosen = [f"{order.id}:{order.version}" for order in (*gone, fine)]
    page = clients.ada.post("/orders/approve-several", data={"order": chosen})
    assert page.status_code == 200
    assert "1 of 7 orders approved" in page.text
    assert all(order.reference in page.text for order in (*gone, fine))


@pytest.mark.parametrize(
    "address",
    [
        "approve-several",
        "mark-ordered-several",
        "send-several",
        "reject-several",
        "reopen-several",
        "several",
    ],
)
def test_nothing_chosen_is_told_and_nonsense_is_nothing(clients: Clients, address: str) -> None:
    data = {"order": "x,,:5", "do": "reject", "reason": "Why"}
    answer = clients.ada.post(f"/orders/{address}", data=data, follow_redirects=True)
    assert "Choose the orders in the list first." in answer.text


# ---- Scripts


def test_what_is_chosen_is_summed_up_by_currency() -> None:
    texts = '["€ 106800 3900", "€ 200 0", "$ 5000 0|CHF 123456700 0"]'
    assert run_module(f"module.totalOf({texts})", "selection.js") == (
        "€ 1,070.00 · € 39.00 a month · $ 50.00 · CHF 1,234,567.00"
    )
    assert run_module("module.possible(['approve reject', 'reject', ''])", "selection.js") == {
        "approve": 1,
        "reject": 2,
    }
    assert run_module("[[3, 3], [0, 0], [1, 5]].map((x) => module.nextPlace(...x))", "selection.js") == [
        2,
        -1,
        1,
    ]


def test_keys_are_for_the_page_only_where_nobody_types() -> None:
    targets = "[['INPUT', 'text'], ['INPUT', 'checkbox'], ['TEXTAREA', ''], ['A', ''], ['SELECT', '']]"
    pressed = f"{targets}.map(([tagName, type]) => module.isShortcut({{target: {{tagName, type}}}}))"
    assert run_module(pressed, "shortcuts.js") == [False, True, False, True, False]
    assert run_module("module.isShortcut({ctrlKey: true, target: {tagName: 'A'}})", "shortcuts.js") is False


def test_totals_and_neighbours_are_worked_out() -> None:
    lines = (
        "[{unit: 14900, monthly: 0, text: '12'}, {unit: 0, monthly: 3900, text: '2'},"
        " {unit: 5, monthly: 5, text: 'x'}]"
    )
    totals = run_module(f"module.totalsOf({lines})", "line_totals.js")
    assert totals == {
        "each": [{"now": 178800, "monthly": 0}, {"now": 0, "monthly": 7800}, {"now": 0, "monthly": 0}],
        "now": 178800,
        "monthly": 7800,
    }
    orders = "['HW-1', 'HW-2', 'HW-3']"
    assert run_module(f"module.neighbours({orders}, 'HW-3')", "line_totals.js") == {
        "place": 3,
        "count": 3,
        "previous": "HW-2",
        "next": None,
    }
    assert run_module(f"module.neighbours({orders}, 'HW-9')", "line_totals.js") is None


def test_several_are_sent_to_one_distributor(world: World, clients: Clients) -> None:
    facts = DistributorFacts("Voxport", email="orders@voxport.example")
    transact(lambda: create_distributor(world.ada.actor, facts))
    first, second = world.an_order("approved"), world.an_order("approved")
    listed = clients.ada.get("/orders/?status=approved").text
    assert 'name="do" value="send"' in listed
    chosen = [f"{order.id}:{order.version}" for order in (first, second)]
    page = clients.ada.post("/orders/several", data={"order": chosen, "do": "send"}).text
    assert "A mail leaves for each order" in page
    assert "Voxport" in page
    assert db.session.query(OutgoingMessage).filter_by(type="order.purchase_order").count() == 0
    for name in ("Nobody", "No\0body", "x" * 121):
        for path, them in (("send-several", {"order": chosen}), (f"{first.reference}/send", {})):
            nobody = clients.ada.post(f"/orders/{path}", data={**them, "distributor": name})
            assert nobody.status_code == 422
            assert "Choose one of the distributors offered." in nobody.text
    sent = {"order": chosen, "distributor": "Voxport"}
    assert clients.ada.post("/orders/send-several", data=sent).status_code == 303
    # Sent again nothing leaves, and each says so.
    again = clients.ada.post("/orders/send-several", data=sent, follow_redirects=True).text
    assert again.count("was not sent") == 2
    assert db.session.query(OutgoingMessage).filter_by(type="order.purchase_order").count() == 2
