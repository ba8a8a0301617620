"""Pages and API answer the same question the same way: random orders, asked about by both."""

from __future__ import annotations

import csv
import html
import io
import random
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

import pytest
from flask import Flask

from hwadmin.db.unit_of_work import transact
from hwadmin.domain.device_kinds import Kind
from hwadmin.domain.lifecycle import OrderStatus
from hwadmin.domain.units import UnitState, describe_unit_state
from hwadmin.models import HardwareOrder
from hwadmin.operations.fulfillment.corrections.short_closures import close_short
from hwadmin.operations.fulfillment.fulfillment import fulfill_order
from hwadmin.operations.orders.decisions import mark_ordered, reopen_order
from hwadmin.operations.orders.submission.new_order import NewIntent
from hwadmin.queries.units.units import units_of
from tests.api.callers import Callers
from tests.builders import Clients, World
from tests.running import FULL

pytestmark = pytest.mark.both_databases

_KINDS = (*Kind, Kind.DESKPHONE, Kind.DECT_HANDSET)
_TEXTS = (None, "Ring twice", "=1+1", "Ünal & Søn <b>", "“quoted”, and more", "0012")


class Site:
    """An account with people and places, and random orders of it."""

    def __init__(self, world: World, seed: int) -> None:
        self.world, self.random = world, random.Random(seed)
        self.account = world.an_account(name="Ward & Søn")
        self.people = [
            world.an_employee(self.account, name) for name in ("Zoë Ünal", "Dana <Reed>", "O’Neil")
        ]
        self.places = [world.a_location(self.account, name, address="1 Quay") for name in ("Ward 3", "Loft")]

    def _maybe(self, rows: Any) -> int | None:
        return self.random.choice([None, *(row.id for row in rows)])

    def an_order(self) -> HardwareOrder:
        """One that came to some state by the operations."""
        rng, ada = self.random, self.world.ada.actor
        lines = [(rng.choice(_KINDS), rng.randint(1, 3)) for _ in range(rng.randint(1, 3))]
        intents = {
            place: [NewIntent(self._maybe(self.people), self._maybe(self.places)) for _ in range(quantity)]
            for place, (kind, quantity) in enumerate(lines)
            if kind is not Kind.ACCESSORY
        }
        stated: dict[str, Any] = {
            name: rng.choice(_TEXTS) for name in ("requester", "attention", "notes", "reason")
        }
        order = self.world.an_order(
            rng.choice(list(OrderStatus)),
            lines,
            account=self.account,
            intents=intents,
            ship_to_location_id=self._maybe(self.places),
            **stated,
        )
        if order.status is OrderStatus.APPROVED:
            self._go_on(order, ada)
        return order

    def _go_on(self, order: HardwareOrder, ada: Any) -> None:
        """An approved order is bought, comes in part, is closed short, or goes back."""
        rng = self.random
        if rng.random() < 0.5:
            transact(lambda: mark_ordered(ada, order.id, distributor=rng.choice((None, "Voxport & Co"))))
        some = self.world.identifiers_for(order, most=1)
        units = [unit for unit in units_of(order.id) if unit.kind.becomes_device]
        if len(units) > 1 and rng.random() < 0.6:
            transact(lambda: fulfill_order(ada, order.id, some))
            if len(units) > 2 and rng.random() < 0.5:
                transact(lambda: close_short(ada, order.id, [units[-1].id], reason="Sold out."))
        elif rng.random() < 0.2:
            transact(lambda: reopen_order(ada, order.id, reason="Too many."))


def exported(client: Any, table: str, **filters: str) -> list[dict[str, str]]:
    """The rows of a table that the page of orders gives out."""
    form = {"status": "all", "format": f"{table}-csv" if table else "csv"} | filters
    answer = client.post("/orders/export-orders", data=form)
    assert answer.status_code == 200, answer.text
    return list(csv.DictReader(io.StringIO(answer.get_data(as_text=True).lstrip("\ufeff"))))


def plain(text: object) -> str:
    """A cell without the mark that keeps a spreadsheet from taking it for a formula."""
    return "" if text is None else str(text).removeprefix("'")


def seconds(moment: str | None) -> str:
    return (moment or "")[:19].replace("T", " ")


def compare_order(shown: Mapping[str, Any], row: Mapping[str, str]) -> None:
    placed = shown["placement"] or {}
    ship_to = shown["ship_to"] or {}
    of_api = {
        "Status": shown["status_label"],
        "Platform": shown["platform"]["name"],
        "Account": shown["account"]["name"],
        "Total": shown["totals"]["now"],
        "Total per month": shown["totals"]["monthly"],
        "Currency": shown["totals"]["currency"],
        "Units": shown["fulfillable_units"],
        "Fulfilled": shown["fulfilled_units"],
        "Ordered by": shown["submitted_by"]["name"],
        "Requested by": shown["requester"],
        "Reason for the order": shown["reason"],
        "Decided by": (shown["decided_by"] or {}).get("name"),
        "Reason for the decision": shown["rejection_reason"] or shown["cancellation_reason"],
        "Ship to": ship_to.get("name"),
        "Address": ship_to.get("address"),
        "Attention": shown["attention"],
        "Notes": shown["notes"],
        "Distributor": placed.get("distributor"),
        "Their order number": placed.get("distributor_reference"),
    }
    assert {name: plain(row[name]) for name in of_api} == {name: plain(v) for name, v in of_api.items()}
    assert seconds(row["Ordered (UTC)"]) == seconds(shown["created_at"])
    assert seconds(row["Decided (UTC)"]) == seconds(shown["decided_at"])


def compare_lines(shown: Mapping[str, Any], rows: list[dict[str, str]]) -> None:
    names = {
        "SKU": "sku",
        "Make": "make",
        "Model": "model",
        "Color": "color",
        "Size": "size",
        "Mobile carrier": "mobile_carrier",
        "Term (months)": "term_months",
        "Requested": "requested_quantity",
        "Quantity": "quantity",
        "Unit price": "unit_price",
        "Price per month": "monthly_price",
        "Currency": "currency",
    }
    of_page = [{name: plain(row[column]) for column, name in names.items()} for row in rows]
    assert of_page == [{name: plain(line[name]) for name in names.values()} for line in shown["lines"]]


def compare_units(shown: Mapping[str, Any], rows: list[dict[str, str]]) -> None:
    from_spare = {line["id"]: line["from_spare"] for line in shown["lines"]}
    of_page = [
        (
            plain(row["Person"]),
            plain(row["Location"]),
            row["State"],
            row["SKU"],
            seconds(row["Fulfilled (UTC)"]),
        )
        for row in rows
    ]
    of_api = [
        (
            (unit["employee"] or {}).get("name") or plain(unit["user_name"]),
            (unit["location"] or {}).get("name", ""),
            describe_unit_state(UnitState(unit["state"]), from_spare=from_spare[unit["line_id"]]),
            unit["sku"],
            seconds(unit["fulfilled_at"]),
        )
        for unit in shown["units"]
    ]
    assert of_page == of_api
    assert [bool(row["Identifier"]) for row in rows] == [bool(unit["identifier"]) for unit in shown["units"]]


def compare_page(shown: Mapping[str, Any], page: str) -> None:
    """What the API says stands on the order's page, too."""
    text = html.unescape(page)
    stated = [shown[name] for name in ("status_label", "requester", "attention", "notes", "reason")]
    stated += [shown["rejection_reason"], shown["cancellation_reason"], shown["totals"]["now"]]
    stated += [line[name] for line in shown["lines"] for name in ("sku", "model")]
    stated += [(unit["employee"] or {}).get("name") for unit in shown["units"]]
    stated += [unit["label"] for unit in shown["units"] if unit["identifier_kind"]]
    assert [value for value in stated if value and value not in text] == []


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(6 if FULL else 1))
def test_random_orders_read_the_same(app: Flask, world: World, clients: Clients, seed: int) -> None:
    site, api = Site(world, seed), Callers(app, world)
    orders = [site.an_order() for _ in range(8)]
    for name in ("ada", "piet", "sam"):
        client, caller = getattr(clients, name), getattr(api, name)
        tables = {table: exported(client, table) for table in ("", "lines", "units")}
        for order in orders:
            shown = caller.get(f"/orders/{order.reference}").json
            of_order = {
                table: [row for row in rows if row["Order"] == order.reference]
                for table, rows in tables.items()
            }
            [row] = of_order[""]
            compare_order(shown, row)
            compare_lines(shown, of_order["lines"])
            compare_units(shown, of_order["units"])
            compare_page(shown, client.get(f"/orders/{order.reference}").text)
    compare_lists(site, clients, api, orders)


def compare_lists(site: Site, clients: Clients, api: Callers, orders: list[HardwareOrder]) -> None:
    """Each filter gives the same orders in the same order."""
    device = next((unit for order in orders for unit in units_of(order.id) if unit.device_id), None)
    words = ["ward", "SØN", "ward sox", orders[0].reference, orders[0].reference[-3:], "'", "northwind"]
    words += [device.identifier_shown or ""] if device else []
    questions: list[dict[str, str]] = [{}, {"account": str(site.account.id)}]
    questions += [{"status": status.value} for status in OrderStatus]
    questions += [{"status": "approved", "placed": placed} for placed in ("true", "false")]
    questions += [{"q": word} for word in words]
    for who in ("ada", "piet", "bea"):
        for question in questions:
            of_page = [row["Order"] for row in exported(getattr(clients, who), "", **question)]
            answer = getattr(api, who).get(f"/orders?{urlencode({'limit': 200, **question})}")
            assert [order["reference"] for order in answer.json["items"]] == of_page, (who, question)
