"""Lists of a catalog: items by SKU, prices by size and term, nothing removed and nothing twice."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select

from hwadmin.db.extensions import db
from hwadmin.db.unit_of_work import transact
from hwadmin.errors import ChangedMeanwhile, NotAllowed
from hwadmin.list_import.records.catalog import CATALOG
from hwadmin.list_import.records.plan import ListPlan
from hwadmin.list_import.records.reading import read_records
from hwadmin.models import AuditEvent, CatalogItem, CatalogPrice
from hwadmin.operations.catalog.catalog_import import import_catalog, plan_catalog
from tests.builders import World

LIST = (
    "SKU;Make;Model;Kind;Price;Handsets max\n"
    "W70B;Yealink;W70B;DECT base;119,50;10\n"
    "T54W;Yealink;SIP-T54W;Desk phone;1.089,00;\n"
)
HEAD = "SKU;Make;Model;Kind;Price;Per month;Term;Size;Max handsets\n"


def run(world: World, text: str, *, write: bool = True, **more: Any) -> ListPlan[Any]:
    records = read_records(text, CATALOG, currency="EUR").records
    if not write:
        return plan_catalog(world.ada.actor, world.northwind.id, records)
    return transact(lambda: import_catalog(world.ada.actor, world.northwind.id, records, **more))


def outcomes(plan: ListPlan[Any]) -> list[str]:
    return [row.outcome.value for row in plan.rows]


def items() -> dict[str, CatalogItem]:
    db.session.expire_all()
    return {item.sku: item for item in db.session.scalars(select(CatalogItem))}


def summaries() -> list[str]:
    query = select(AuditEvent.summary).where(AuditEvent.kind == "catalog.changed").order_by(AuditEvent.id)
    return list(db.session.scalars(query))


def test_items_are_added_and_changed_and_the_same_list_again_changes_nothing(world: World) -> None:
    assert outcomes(run(world, LIST, write=False)) == ["added", "added"]
    assert items() == {}
    run(world, LIST)
    base = items()["W70B"]
    assert (base.kind.value, base.unit_price, base.max_handsets) == ("dect_base", Decimal("119.50"), 10)
    assert items()["T54W"].unit_price == Decimal("1089.00")
    assert outcomes(run(world, LIST)) == ["unchanged", "unchanged"]
    assert summaries() == [
        "Imported Yealink W70B (W70B): imported at € 119.50",
        "Imported Yealink SIP-T54W (T54W): imported at € 1,089.00",
    ]
    changed = run(world, "SKU,Price\nT54W,99.00\n")
    assert changed.rows[0].changes == ["price € 1,089.00 → € 99.00"]
    assert (items()["T54W"].model, items()["T54W"].unit_price) == ("SIP-T54W", Decimal("99.00"))


def test_prices_by_size_and_term_are_set_and_none_is_removed(world: World) -> None:
    item = world.an_item("mobile", sku="IP")
    rows = ("IP;899,00;;0;256 GB", "IP;99,90;19,05;24;256 GB", "IP;0;25,00;2 years;512 GB")
    text = "\n".join(["SKU;Price;Per month;Term;Size", *rows])
    assert outcomes(run(world, text)) == ["added", "added", "added"]

    def prices() -> set[tuple[Any, ...]]:
        db.session.expire_all()
        rows = db.session.scalars(select(CatalogPrice).where(CatalogPrice.catalog_item_id == item.id))
        return {(row.size, row.term_months, row.unit_price, row.monthly_price) for row in rows}

    assert prices() == {
        ("256 GB", 0, Decimal("899.00"), Decimal(0)),
        ("256 GB", 24, Decimal("99.90"), Decimal("19.05")),
        ("512 GB", 24, Decimal(0), Decimal("25.00")),
    }
    assert outcomes(run(world, text)) == ["unchanged"] * 3
    assert run(world, "SKU;Per month;Term;Size\nIP;20,00;24;256 GB\n").rows[0].changes == [
        "256 GB, 24 months: monthly price € 19.05 → € 20.00"
    ]
    assert len(prices()) == 3


def test_an_item_and_its_prices_come_in_one_list(world: World) -> None:
    text = HEAD + "IP;Apple;iPhone 17;Mobile;899,00;;;;\nIP;;;;99,00;19,00;24;;\n"
    assert outcomes(run(world, text)) == ["added", "added"]
    (price,) = db.session.scalars(select(CatalogPrice))
    assert (price.catalog_item_id, price.monthly_price) == (items()["IP"].id, Decimal("19.00"))


@pytest.mark.parametrize(
    ("row", "sentence"),
    [
        ("NEW;;Model;Desk phone;9,00;;;;", "A new item needs its maker."),
        ("NEW;Make;Model;;9,00;;;;", "A new item needs its kind."),
        ("NEW;Make;Model;Desk phone;;;;;", "A new item needs its price."),
        ("NEW;Make;Model;Toaster;9,00;;;;", "Kind: “Toaster” is none of these"),
        ("NEW;Make;Model;Desk phone;-9,00;;;;", "The price cannot be below zero."),
        ("NEW;Make;Model;Desk phone;9,001;;;;", "whole cents"),
        ("NEW;Make;Model;Desk phone;9,00;;;;5", "Only a DECT base takes handsets"),
        ("8.05E+11;Make;Model;Desk phone;9,00;;;;", "a number that a spreadsheet has shortened"),
        ("OLD;;;Mobile;;;;;", "It is a Desk phone; change that on its own page."),
        ("GONE;;;;9,00;;24;;", "The catalog has no such item"),
        ("OLD;;;;9,00;;999;;", "Give the term in months"),
        ("OLD;;;;;;24;;", "Give a price."),
        ("FINE;;;;9,00;;;;", "Row 2 states the same already."),
    ],
)
def test_a_wrong_row_is_left_out_with_its_reason_and_the_others_are_written(
    world: World, row: str, sentence: str
) -> None:
    world.an_item("deskphone", sku="OLD")
    plan = run(world, f"{HEAD}FINE;Make;Model;Desk phone;10,50;;;;\n{row}\n")
    assert outcomes(plan) == ["added", "refused"]
    assert sentence in plan.rows[1].changes[0]
    assert set(items()) == {"FINE", "OLD"}


def test_only_who_keeps_the_catalog_imports_and_does_what_was_previewed(world: World) -> None:
    records = read_records(LIST, CATALOG, currency="EUR").records
    with pytest.raises(NotAllowed):
        plan_catalog(world.piet.actor, world.northwind.id, records)
    digest = run(world, LIST, write=False).digest
    world.an_item("dect_base", sku="W70B")
    with pytest.raises(ChangedMeanwhile):
        run(world, LIST, expected=digest)
    assert set(items()) == {"W70B"}
