"""The catalog is imported while its items are ordered and fitted: nobody waits in a circle."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from flask import Flask

from hwadmin.db.unit_of_work import transact
from hwadmin.domain.permissions import Actor
from hwadmin.list_import.records import catalog as catalog_lists
from hwadmin.list_import.records.reading import read_records
from hwadmin.operations.catalog.catalog_import import import_catalog
from hwadmin.operations.catalog.prices import set_fits
from hwadmin.operations.orders.submission.new_order import NewLine, NewOrder
from hwadmin.operations.orders.submission.submission import submit_order
from tests.builders import World
from tests.races.callers import Action, Callers
from tests.races.rows import a_world

pytestmark = pytest.mark.both_databases

ROUNDS = [3, pytest.param(60, marks=pytest.mark.full)]


@pytest.fixture
def world() -> World:
    return World()


def load(actor: Actor, platform_id: int, text: str) -> None:
    records = read_records(text, catalog_lists.CATALOG).records
    transact(lambda: import_catalog(actor, platform_id, records))


def fit(actor: Actor, accessory_id: int, devices: Sequence[int]) -> None:
    transact(lambda: set_fits(actor, accessory_id, devices))


def order(actor: Actor, account_id: int, skus: Sequence[str]) -> None:
    transact(lambda: submit_order(actor, NewOrder(account_id, [NewLine(sku, 1) for sku in skus])))


@pytest.mark.parametrize("rounds", ROUNDS, indirect=True)
def test_a_catalog_is_imported_while_its_items_are_ordered_and_fitted(
    own_app: Flask, eight: Callers, world: World, rounds: int
) -> None:
    with a_world(own_app, world):
        ada, piet, account_id = world.ada.actor, world.piet.actor, world.an_account().id
        accessory = world.an_item("accessory")
        items = [world.an_item("deskphone") for _ in range(8)]
        late = world.an_item("accessory")
        skus = [late.sku, *(item.sku for item in reversed(items)), accessory.sku]
        devices, platform_id = [item.id for item in items], world.northwind.id
        fits = accessory.id, late.id
    for number in range(rounds):
        prices = ["\n".join(["SKU;Unit price", *(f"{sku};{number}{at}.00" for sku in skus)]) for at in (1, 2)]
        half = devices[number % 2 :: 2]
        results = eight.all_at_once(
            [
                *[Action(ada, load, (platform_id, text)) for text in prices],
                *[Action(ada, fit, (key, half)) for key in fits],
                *[Action(piet, order, (account_id, skus))] * 4,
            ]
        )
        assert [result.outcome for result in results] == ["done"] * 8, results
