"""What accounting takes from the list of orders: three tables whose sums are the same to the cent."""

from __future__ import annotations

import csv
import io
from decimal import Decimal
from typing import Any

import pytest
from openpyxl import load_workbook
from sqlalchemy import select

from hwadmin.db.extensions import db
from hwadmin.db.unit_of_work import transact
from hwadmin.domain.ordering.cost_allocation import Share
from hwadmin.models import AuditEvent, Employee, HardwareOrder
from hwadmin.operations.fulfillment.corrections.short_closures import close_short
from hwadmin.operations.orders.submission.new_order import NewIntent
from hwadmin.queries.units.units import units_of
from tests.builders import Clients, World

Rows = list[dict[str, str]]


def taken(clients: Clients, table: str, who: str = "piet", **filters: str) -> Rows:
    """The rows of a table as CSV."""
    form = {"status": "all", "format": f"{table}-csv" if table else "csv"} | filters
    answer = getattr(clients, who).post("/orders/export-orders", data=form)
    assert answer.status_code == 200, answer.text
    return list(csv.DictReader(io.StringIO(answer.get_data(as_text=True).lstrip("\ufeff"))))


def total(rows: Rows, column: str) -> Decimal:
    return sum((Decimal(row[column]) for row in rows), Decimal(0))


def booked(world: World) -> HardwareOrder:
    """Three phones of 33.35, the first booked on three codes, the second on one; a base and an accessory."""
    account = world.an_account()
    for code in ("4711", "4712", "4713"):
        world.a_code(account, code)
    world.item("deskphone").unit_price = Decimal("33.35")
    db.session.commit()
    thirds = [
        Share("4711", Decimal("33.33")),
        Share("4712", Decimal("33.33")),
        Share("4713", Decimal("33.34")),
    ]
    dana = world.an_employee(account, "Dana Reed")
    intents = {
        0: [
            NewIntent(employee_id=dana.id, accounting_codes=thirds),
            NewIntent(accounting_codes=[Share("4711", Decimal(100))]),
        ]
    }
    lines = (("deskphone", 3), ("dect_base", 1), ("accessory", 2))
    return world.an_order(
        "fulfilled", lines, account=account, intents=intents, reason="=1+1", notes="Ring twice"
    )


def test_an_order_is_exported_with_what_it_cost_and_who_decided(world: World, clients: Clients) -> None:
    order = booked(world)
    [row] = taken(clients, "")
    assert (row["Order"], row["Total"], row["Currency"]) == (order.reference, "400.05", "EUR")
    assert (row["Total per month"], row["Decided by"]) == ("0.00", world.ada.name)
    assert (row["Reason for the order"], row["Notes"]) == ("'=1+1", "Ring twice")
    assert row["Decided (UTC)"]
    assert row["Fulfilled (UTC)"]


def test_line_items_and_shares_make_the_totals_to_the_cent(world: World, clients: Clients) -> None:
    booked(world)
    world.an_order(lines=(("deskphone", 7),))
    orders, lines, units = (taken(clients, table) for table in ("", "lines", "units"))
    assert total(lines, "Total") == total(orders, "Total")
    for order in orders:
        of_order = [row for row in units if row["Order"] == order["Order"]]
        assert total(of_order, "Amount now") == Decimal(order["Total"])
        assert total(of_order, "Amount per month") == Decimal(order["Total per month"])


def test_sums_hold_for_odd_orders_and_no_name_becomes_a_formula(world: World, clients: Clients) -> None:
    order = booked(world)
    short = world.an_order("approved", (("deskphone", 3),), account=order.account)
    transact(lambda: close_short(world.ada.actor, short.id, [units_of(short.id)[1].id], reason="Sold out."))
    in_two = world.an_order(lines=(("deskphone", 2), ("dect_base", 1)))
    in_two.lines[1].currency = "USD"
    order.account.name = "=HYPERLINK(0)"
    dana = db.session.scalars(select(Employee).where(Employee.name == "Dana Reed")).one()
    dana.name = "@SUM(1)"
    db.session.commit()
    orders, lines, units = (taken(clients, table) for table in ("", "lines", "units"))
    assert len(orders) == 4
    for row in orders:
        of_lines, of_units = one(lines, row), one(units, row)
        assert total(of_lines, "Total") == total(of_units, "Amount now") == Decimal(row["Total"])
    assert [row["State"] for row in units if row["Order"] == short.reference].count("will not come") == 1
    assert {row["Account"] for row in lines} == {"'=HYPERLINK(0)", in_two.account.name}
    [device] = [row for row in units if row["Person"].startswith("'")][:1]
    assert device["Person"] == "'@SUM(1)"
    devices = clients.piet.post("/devices/export-rows/", data={"format": "xlsx"})
    sheet: Any = load_workbook(io.BytesIO(devices.data)).active
    cells = [cell for row in sheet.iter_rows(min_row=2) for cell in row]
    assert "=HYPERLINK(0)" in {cell.value for cell in cells}
    assert "f" not in {cell.data_type for cell in cells}


def one(rows: Rows, order: dict[str, str]) -> Rows:
    """The rows of an order in one currency."""
    return [row for row in rows if (row["Order"], row["Currency"]) == (order["Order"], order["Currency"])]


def test_a_unit_has_a_row_for_each_code_with_its_person_and_device(world: World, clients: Clients) -> None:
    booked(world)
    first = [row for row in taken(clients, "units") if (row["Line"], row["Unit"]) == ("1", "1")]
    assert [(row["Accounting code"], row["Share (%)"], row["Amount now"]) for row in first] == [
        ("4711", "33.33", "11.12"),
        ("4712", "33.33", "11.11"),
        ("4713", "33.34", "11.12"),
    ]
    assert {row["Person"] for row in first} == {"Dana Reed"}
    assert len({row["Identifier"] for row in first} - {""}) == 1


def test_the_filters_and_the_platform_hold_for_every_table(world: World, clients: Clients) -> None:
    kept = world.an_order("approved")
    world.an_order()
    for table in ("", "lines", "units"):
        assert {row["Order"] for row in taken(clients, table, status="approved")} == {kept.reference}
        assert taken(clients, table, who="bea") == []


@pytest.mark.parametrize("table", ["", "lines", "units"])
def test_amounts_are_numbers_in_a_workbook(world: World, clients: Clients, table: str) -> None:
    booked(world)
    form = {"status": "all", "format": f"{table}-xlsx" if table else "xlsx"}
    answer = clients.piet.post("/orders/export-orders", data=form)
    sheet: Any = load_workbook(io.BytesIO(answer.data)).active
    names = [cell.value for cell in sheet[1]]
    at = names.index("Amount now" if table == "units" else "Total")
    assert {type(row[at].value) for row in sheet.iter_rows(min_row=2)} <= {int, float}


def test_a_table_that_does_not_exist_is_not_exported(world: World, clients: Clients) -> None:
    events = db.session.query(AuditEvent).count()
    for wrong in ("people-csv", "lines-pdf", "lines", "-csv-"):
        answer = clients.piet.post("/orders/export-orders", data={"status": "all", "format": wrong})
        assert answer.status_code == 404
    assert db.session.query(AuditEvent).count() == events


def test_the_list_offers_every_table(world: World, clients: Clients) -> None:
    page = clients.piet.get("/orders/").text
    for choice in ("csv", "xlsx", "lines-csv", "lines-xlsx", "units-csv", "units-xlsx"):
        assert f'name="format" value="{choice}"' in page
