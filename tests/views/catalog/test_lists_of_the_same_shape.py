"""What is exported can be imported: the same list changes nothing, and elsewhere it makes the same."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import select

from hwadmin.db.extensions import db
from hwadmin.db.unit_of_work import transact
from hwadmin.list_import.records.accounts import ACCOUNTS
from hwadmin.list_import.records.catalog import CATALOG
from hwadmin.list_import.records.plan import RowOutcome
from hwadmin.list_import.records.reading import file_text, read_records
from hwadmin.models import AccessoryFit, Account, CatalogItem, CatalogPrice, Employee, Location, Platform
from hwadmin.operations.catalog.catalog_import import import_catalog
from hwadmin.operations.directory.account_import import import_accounts
from tests.builders import Clients, World

Rows = set[tuple[object, ...]]


def exported(clients: Clients, page: str, file_format: str) -> bytes:
    answer = clients.ada.post(f"/{page}/export-rows/", data={"format": file_format})
    assert answer.status_code == 200
    return answer.get_data()


def catalog_of(platform: Platform) -> tuple[Rows, Rows, Rows]:
    """The items, the prices and what fits, by SKU."""
    db.session.expire_all()
    items = {
        item.id: item
        for item in db.session.scalars(select(CatalogItem).where(CatalogItem.platform_id == platform.id))
    }
    prices = db.session.scalars(select(CatalogPrice).where(CatalogPrice.platform_id == platform.id))
    fits = db.session.scalars(select(AccessoryFit).where(AccessoryFit.platform_id == platform.id))
    return (
        {
            (
                *(one.sku, one.make, one.model, one.kind, one.unit_price, one.max_handsets),
                *(one.mobile_carrier, one.color, one.size, tuple(one.colors or ())),
            )
            for one in items.values()
        },
        {
            (items[one.catalog_item_id].sku, one.size, one.term_months, one.unit_price, one.monthly_price)
            for one in prices
        },
        {(items[one.accessory_id].sku, items[one.device_item_id].sku) for one in fits},
    )


@pytest.mark.parametrize("file_format", ["csv", "xlsx"])
def test_a_catalog_with_variants_prices_and_what_fits(
    world: World, clients: Clients, file_format: str
) -> None:
    phone = world.an_item("mobile", sku="IP17", colors=["Black", "Sage"], mobile_carrier="Meridian")
    for size, term, now, monthly in (("256 GB", 0, "899.00", "0"), ("256 GB", 24, "99.00", "19.00")):
        world.a_price(phone, size, term, now, monthly)
    base, case = world.an_item("dect_base", sku="W70B"), world.an_item("accessory", sku="CASE")
    for device in (phone, base):
        world._add(AccessoryFit(platform_id=case.platform_id, accessory_id=case.id, device_item_id=device.id))
    db.session.commit()
    text = file_text(exported(clients, "catalog", file_format), CATALOG)
    records = read_records(text, CATALOG, currency="EUR").records
    same = transact(lambda: import_catalog(world.ada.actor, world.northwind.id, records))
    assert {row.outcome for row in same.rows} == {RowOutcome.UNCHANGED}, [row.changes for row in same.rows]
    there = transact(lambda: import_catalog(world.ada.actor, world.blue_harbor.id, records))
    assert {row.outcome for row in there.rows} == {RowOutcome.ADDED}, [row.changes for row in there.rows]
    assert catalog_of(world.blue_harbor) == catalog_of(world.northwind)


def people_and_places(platform: Platform) -> tuple[set[str], Rows, Rows]:
    db.session.expire_all()
    accounts = db.session.scalars(select(Account).where(Account.platform_id == platform.id))
    names = {account.id: account.name for account in accounts}
    sites = db.session.scalars(select(Location).where(Location.platform_id == platform.id))
    people = db.session.scalars(select(Employee).where(Employee.platform_id == platform.id))
    return (
        set(names.values()),
        {(names[one.account_id], one.name, one.address) for one in sites},
        {(names[one.account_id], one.name, one.email, one.employee_number) for one in people},
    )


@pytest.mark.parametrize("file_format", ["csv", "xlsx"])
def test_accounts_with_their_locations_and_people(world: World, clients: Clients, file_format: str) -> None:
    clinic, _ = world.an_account(name="Riverside Clinic"), world.an_account(name="Nobody yet")
    world.a_location(clinic, "Head office", address="1 River Road, 01234 Bath")
    world.a_location(clinic, "Annex")
    world.an_employee(clinic, "Dana Reed", email="dana@example.com", employee_number="0042")
    world.an_employee(clinic, "Ida Reed")
    db.session.commit()
    text = file_text(exported(clients, "accounts", file_format), ACCOUNTS)
    records = read_records(text, ACCOUNTS).records
    same = transact(lambda: import_accounts(world.ada.actor, world.northwind.id, records))
    assert {row.outcome for row in same.rows} == {RowOutcome.UNCHANGED}, [row.changes for row in same.rows]
    transact(lambda: import_accounts(world.ada.actor, world.blue_harbor.id, records))
    assert people_and_places(world.blue_harbor) == people_and_places(world.northwind)


def test_somebody_who_may_be_two_is_asked_about_before_anything_is_written(
    world: World, clients: Clients
) -> None:
    clinic = world.an_account(name="Riverside Clinic")
    dana = world.an_employee(clinic, "Dana Reed", email="dana@example.com")
    db.session.commit()
    page = f"/accounts/platform/{world.northwind.id}/import"
    text = "Account,Employee,E-mail\nRiverside Clinic,Dana Reed,d.reed@example.com\nNew Clinic,Ida Quinn,\n"
    preview = clients.piet.post(page, data={"text": text}).text
    assert "1 row needs your choice" in preview
    assert "Riverside Clinic, Dana Reed" in preview
    assert "New Clinic, Ida Quinn" in preview
    assert re.search(rf'name="row-0" value="{dana.id}"', preview)
