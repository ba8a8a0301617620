"""Searching everything: by anything a caller can say, straight to the answer, among what one is given."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import pytest
from sqlalchemy import Connection, event, text

from hwadmin.db.extensions import db
from hwadmin.db.unit_of_work import transact
from hwadmin.models import Employee, PhoneLine
from hwadmin.operations.catalog.distributors import DistributorFacts, create_distributor
from hwadmin.operations.orders.decisions import mark_ordered
from hwadmin.queries.search.everything import search_everything
from hwadmin.queries.search.hits import MAX_HITS
from tests.builders import Clients, World
from tests.guards.test_statement_counts import assert_at_most, statements

pytestmark = pytest.mark.both_databases


def about(employee: Employee) -> str:
    """The address of an employee's page."""
    return f"/accounts/{employee.account_id}/employees/{employee.id}/"


def answer(clients: Clients, who: str, query: str) -> str | None:
    """Where somebody is led who searches for it; None where they are shown a list, or nothing."""
    got = getattr(clients, who).get("/search/", query_string={"q": query})
    assert got.status_code in (200, 302)
    return got.headers.get("Location")


def test_a_reference_leads_straight_to_its_order_in_any_writing(world: World, clients: Clients) -> None:
    order = world.an_order(account=world.an_account(name="Riverside"))
    there = f"/orders/{order.reference}"
    for query in (
        order.reference,
        order.reference.lower(),
        f"hw {order.id}",
        f" {order.id} ",
        f"HW-{order.id}",
    ):
        assert answer(clients, "ada", query) == there
        assert answer(clients, "sam", query) == there
        assert answer(clients, "bea", query) is None


def test_the_distributors_reference_leads_to_its_order(world: World, clients: Clients) -> None:
    order, ada = world.an_order(), world.ada.actor
    transact(lambda: mark_ordered(ada, order.id, distributor="Voxport", distributor_reference="VX-20391"))
    for query in ("VX-20391", "vx-20391", "vx 20391", "VX 20391"):
        assert answer(clients, "sam", query) == f"/orders/{order.reference}"
        assert answer(clients, "bea", query) is None


@pytest.mark.parametrize(
    ("kind", "stored", "writings"),
    [
        (
            "deskphone",
            "805ec009abdc",
            ("80:5e:c0:09:ab:dc", "80-5E-C0-09-AB-DC", "805e.c009.abdc", "805EC009ABDC", "MAC: 805ec009abdc"),
        ),
        ("dect_handset", "02C3CC8E37", ("11324 0822839 *", "113240822839", "02c3cc8e37", "IPEI 02C3CC8E37")),
        ("mobile", "352099001761481", ("352099001761481", "35 209900 176148 1", "35209900176148")),
    ],
)
def test_any_writing_of_an_identifier_leads_to_its_device(
    world: World, clients: Clients, kind: str, stored: str, writings: tuple[str, ...]
) -> None:
    device = world.a_device(kind=kind, identifier=stored)
    world.a_device(kind=kind)
    for query in writings:
        assert answer(clients, "sam", query) == f"/devices/{device.id}/", query
        assert answer(clients, "bea", query) is None


def test_the_beginning_of_an_identifier_finds_all_devices_that_have_it(
    world: World, clients: Clients
) -> None:
    devices = [world.a_device(identifier=f"249ad80000{end}") for end in ("01", "02")]
    other = world.a_device(identifier="249ad9000003")
    page = clients.sam.get("/search/?q=24:9A:D8").text
    assert all(f"/devices/{device.id}/" in page for device in devices)
    assert f"/devices/{other.id}/" not in page
    assert answer(clients, "sam", "249ad9") == f"/devices/{other.id}/"


def test_an_employee_is_found_by_name_number_and_address(world: World, clients: Clients) -> None:
    account = world.an_account(name="Old Mill")
    dana = world.an_employee(
        account, "Dana Reed", email="d.reed@riverside.example", employee_number="RC-1004"
    )
    world.an_employee(account, "Kofi Mensah", email="k.mensah@elsewhere.example", employee_number="K-1")
    for query in (
        *("Dana Reed", "dana", "REED", "reed dana", "da re"),
        *("d.reed@", "D.REED@RIVERSIDE.EXAMPLE", "RC-1004", "rc-10"),
    ):
        assert answer(clients, "sam", query) == about(dana), query
        assert answer(clients, "bea", query) is None, query


def test_words_of_the_account_tell_namesakes_apart(world: World, clients: Clients) -> None:
    dana, other = (
        world.an_employee(world.an_account(name=name), "Dana Reed")
        for name in ("Riverside Clinic", "Old Mill Bakery")
    )
    for query in ("dana riverside", "riverside clinic dana", "dana reed river clin"):
        assert answer(clients, "sam", query) == about(dana)
    page = clients.sam.get("/search/?q=dana").text
    assert about(dana) in page
    assert about(other) in page
    assert answer(clients, "sam", "riverside mill") is None


def test_somebody_who_was_renamed_is_found_by_the_new_name_only(world: World, clients: Clients) -> None:
    dana = world.an_employee(world.an_account(), "Dana Reed", email="dana@example.com")
    dana.name, dana.email = "Dana Hollis", None
    db.session.commit()
    assert answer(clients, "sam", "hollis") == about(dana)
    for query in ("reed", "dana@example.com"):
        assert answer(clients, "sam", query) is None
        assert "Nothing is called" in clients.sam.get("/search/", query_string={"q": query}).text


def test_an_account_and_a_platform_are_found_by_part_of_their_names(world: World, clients: Clients) -> None:
    account = world.an_account(name="Riverside Clinic")
    bakery = world.an_account(world.blue_harbor, "Riverside Bakery")
    assert answer(clients, "sam", "river clin") == f"/accounts/{account.id}/"
    assert answer(clients, "sam", "riverside") == f"/accounts/{account.id}/"
    assert answer(clients, "ada", "riverside") is None
    assert answer(clients, "ada", "harbor riverside") == f"/accounts/{bakery.id}/"
    assert answer(clients, "ada", "blue harbor") == f"/orders/?status=all&platform={world.blue_harbor.id}"
    assert answer(clients, "sam", "blue harbor") is None


def test_an_account_is_found_by_a_word_its_platform_is_called_too(world: World, clients: Clients) -> None:
    harbourside = world.an_account(world.blue_harbor, "Harbor Medical Centre")
    other = world.an_account(world.blue_harbor, "Old Mill")
    page = clients.ada.get("/search/?q=harbor").text
    assert f"/accounts/{harbourside.id}/" in page
    assert f"platform={world.blue_harbor.id}" in page
    assert f"/accounts/{other.id}/" not in page


WRITINGS = (
    *("+353 86 123 4567", "00353 86 1234567", "086 123 4567"),
    *("(086) 123-4567", "086/1234567", "86123456"),
)


@pytest.mark.parametrize("stored", ["+353861234567", "0861234567"])
def test_a_phone_number_leads_to_whose_it_is_in_any_writing(
    world: World, clients: Clients, stored: str
) -> None:
    dana = world.an_employee(world.an_account(), "Dana Reed")
    values = {"mobile_carrier": "Meridian", "currency": "EUR", "platform_id": dana.platform_id}
    for number, employee_id in ((stored, dana.id), ("+353869999999", None)):
        db.session.add(
            PhoneLine(account_id=dana.account_id, phone_number=number, employee_id=employee_id, **values)
        )
    db.session.commit()
    for query in WRITINGS:
        assert answer(clients, "sam", query) == about(dana), query
        assert answer(clients, "bea", query) is None, query
    assert stored in clients.sam.get(about(dana)).text
    assert answer(clients, "sam", "+353 86 999 9999") == f"/accounts/{dana.account_id}/"


def test_what_is_found_in_several_sorts_is_listed_by_sort(world: World, clients: Clients) -> None:
    account = world.an_account(name="Reed Brothers")
    dana = world.an_employee(world.an_account(), "Dana Reed")
    page = clients.sam.get("/search/?q=reed").text
    assert f"/accounts/{account.id}/" in page
    assert about(dana) in page


def test_no_more_is_listed_than_can_be_read_and_the_page_says_so(world: World, clients: Clients) -> None:
    for number in range(MAX_HITS + 5):
        world.an_account(name=f"Branch {number:02}")
    page = clients.sam.get("/search/?q=branch").text
    assert page.count("<tr data-href") == MAX_HITS
    assert f"more than {MAX_HITS}" in page


def test_no_text_is_special(world: World, clients: Clients) -> None:
    world.an_account(name="Plain")
    world.an_employee(world.an_account(name="Other"), "Somebody")
    for query in ("", "  ", "%", "_", "'", '"', "\\", "a" * 300, "😀", "NEAR(", "-", "*", "0"):
        got = clients.ada.get("/search/", query_string={"q": query})
        assert got.status_code == 200, query
        assert "<tr data-href" not in got.text, query


def test_every_page_has_the_box_and_it_keeps_what_was_typed(world: World, clients: Clients) -> None:
    for who in ("ada", "piet", "sam"):
        assert 'action="/search/"' in getattr(clients, who).get("/orders/").text
    assert 'value="zebra &lt;b&gt;"' in clients.sam.get("/search/?q=" + quote("zebra <b>")).text


def test_the_orders_of_an_account_are_found_by_its_name(world: World, clients: Clients) -> None:
    riverside, mill = (world.an_account(name=name) for name in ("Riverside Clinic", "Old Mill"))
    orders = [world.an_order(account=riverside), world.an_order(status="approved", account=riverside)]
    other = world.an_order(account=mill)
    for who in (clients.sam, clients.ada):
        page = who.get("/search/?q=riverside").text
        assert all(order.reference in page for order in orders)
        assert other.reference not in page
    assert orders[0].reference not in clients.bea.get("/search/?q=riverside").text


def test_a_model_is_found_once_with_its_devices_and_orders(world: World, clients: Clients) -> None:
    for platform in (world.northwind, world.blue_harbor):
        world.an_item("deskphone", platform, make="Yealink", model="T58W")
    world.an_item("deskphone", world.blue_harbor, make="Yealink", model="T33G")
    assert answer(clients, "ada", "t58") == "/devices/?search=Yealink+T58W"
    page = clients.ada.get("/search/?q=yealink").text
    assert page.count("with Yealink T58W") == 1
    assert "make=Yealink&amp;model=T58W" in page
    assert "T33G" in page
    assert "T33G" not in clients.sam.get("/search/?q=yealink").text


def test_staff_are_found_by_who_may_read_the_people(world: World, clients: Clients) -> None:
    there = f"/people/edit/?id={world.piet.id}"
    for words in ("piet", "jansen piet", world.piet.email):
        assert answer(clients, "ada", words) == there
        for who in ("sam", "piet", "bea"):
            assert there not in getattr(clients, who).get("/search/", query_string={"q": words}).text


def test_a_distributor_is_found_by_who_may_read_the_distributors(world: World, clients: Clients) -> None:
    ada = world.ada.actor
    facts = DistributorFacts("Voxport Iberia", email="orders@voxport.example", customer_number="KD-7731")
    there = f"/distributors/{transact(lambda: create_distributor(ada, facts)).id}/"
    for words in ("voxport", "iberia vox", "orders@voxport.example", "kd-7731"):
        assert answer(clients, "ada", words) == there
        for who in ("sam", "piet", "bea"):
            assert there not in getattr(clients, who).get("/search/", query_string={"q": words}).text
    # With one of its orders, which others find too, both are listed.
    order = world.an_order()
    transact(lambda: mark_ordered(ada, order.id, distributor="Voxport Iberia"))
    page = clients.ada.get("/search/?q=voxport").text
    assert there in page
    assert order.reference in page
    assert answer(clients, "sam", "voxport") == f"/orders/{order.reference}"


def test_hits_are_suggested_while_one_types(world: World, clients: Clients) -> None:
    account = world.an_account(name="Riverside Müller")
    dana = world.an_employee(account, "Dana Reed")
    order = world.an_order(account=account)

    def suggested(who: str, words: str) -> list[list[str]]:
        got = getattr(clients, who).get("/search/suggestions", query_string={"query": words})
        assert got.status_code == 200
        rows: list[list[str]] = got.json
        return rows

    found = suggested("sam", "riverside mul")
    assert found[0] == [
        f"/orders/{order.reference}",
        f"{order.reference} · Riverside Müller · Pending approval",
    ]
    assert [f"/accounts/{account.id}/", f"Riverside Müller · account · {world.northwind.name}"] in found
    assert suggested("sam", "dana") == [[about(dana), "Dana Reed · Riverside Müller"]]
    assert suggested("bea", "riverside") == suggested("bea", "dana") == suggested("sam", "") == []
    for _ in range(10):
        world.an_order(account=account)
    many = suggested("ada", "riverside")
    assert len(many) == 8
    # What finds much hides nothing else: seven of eleven orders, and the account.
    assert [there.startswith("/orders/") for there, _ in many] == [True] * 7 + [False]


def test_a_search_needs_few_statements_whatever_it_finds(
    world: World, clients: Clients, connection: Connection
) -> None:
    for number in range(30):
        account = world.an_account(name=f"Reed {number}")
        world.an_employee(account, f"Dana Reed {number}")
        world.an_order(account=account)
    for words in ("reed", "t54", "dana reed river clin old", "80:5e:c0:09:ab:dc", "HW-000001", "8"):
        for client in (clients.ada, clients.sam, clients.piet):
            with statements(connection) as sent:
                client.get("/search/", query_string={"q": words})
            assert_at_most(10, sent)


@pytest.mark.parametrize(
    ("query", "index"),
    [
        ("reed", "ix_employee_trigrams"),
        ("reed", "ix_account_name_trigrams"),
        ("dana riverside", "ix_employee_trigrams"),
        ("24:9a:d8:00:00:01", "uq_device_identifier_key"),
        ("249ad8", "uq_device_identifier_key"),
        ("VX-1", "ix_hardware_order_distributor_reference"),
    ],
)
def test_each_sort_can_be_found_by_an_index(
    world: World, connection: Connection, query: str, index: str
) -> None:
    if connection.dialect.name != "postgresql":
        pytest.skip("SQLite is asked by full-text search, and explains nothing in words.")
    sent: list[tuple[str, Any]] = []

    def note(_connection: Connection, _cursor: object, statement: str, parameters: Any, *_: object) -> None:
        sent.append((statement, parameters))

    event.listen(connection, "before_cursor_execute", note)
    try:
        search_everything(world.ada.actor, query)
    finally:
        event.remove(connection, "before_cursor_execute", note)
    # Else the server keeps a plan for any words after a few searches, and that uses no index.
    assert db.session.execute(text("SHOW plan_cache_mode")).scalar_one() == "force_custom_plan"
    with connection.begin_nested():
        # Of a handful of rows none would be looked up in an index for its own sake.
        connection.execute(text("SET LOCAL enable_seqscan = off"))
        connection.execute(text("SET LOCAL enable_indexscan = off"))
        plans = [
            line
            for statement, parameters in sent
            if statement.startswith("SELECT")
            for line in connection.exec_driver_sql(f"EXPLAIN {statement}", parameters).scalars()
        ]
    assert any(index in line for line in plans), "\n".join(plans)


def test_one_letter_is_told_to_find_too_much_and_a_digit_may_be_an_order(
    world: World, clients: Clients
) -> None:
    world.an_account(name="Kite Dental")
    told = "One letter finds too much"
    for page in ("/search/?q=k", "/accounts/?search=k", "/devices/?search=k"):
        assert told in clients.ada.get(page).text
    for page in ("/search/?q=kite", "/search/?q=7", "/search/?q=kite+k", "/search/?q="):
        assert told not in clients.ada.get(page, follow_redirects=True).text
    assert clients.ada.get("/search/suggestions?query=k").json == []
    assert told not in clients.ada.get("/accounts/").text
