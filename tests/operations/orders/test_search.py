"""Searching hardware orders, as the page and the API do."""

from __future__ import annotations

import pytest
from sqlalchemy import insert, select

from hwadmin.db.extensions import db
from hwadmin.domain.lifecycle import OrderStatus
from hwadmin.models import Account, HardwareOrder, Person
from hwadmin.queries.orders.orders import visible_orders
from hwadmin.queries.orders.search import matching_orders
from hwadmin.queries.units.units import units_of
from tests.builders import World

pytestmark = pytest.mark.both_databases


def found(person: Person, text: str) -> list[int]:
    condition = matching_orders(person.actor, text)
    assert condition is not None
    return sorted(
        db.session.scalars(visible_orders(person.actor).where(condition).with_only_columns(HardwareOrder.id))
    )


def test_a_blank_text_is_no_condition(world: World) -> None:
    for text in ("", "   ", "\t\n", "\x00"):
        assert matching_orders(world.ada.actor, text) is None


def test_orders_are_found_by_their_reference_in_any_writing(world: World) -> None:
    first, _ = (world.an_order(account=world.an_account(name=name)) for name in ("Alpha", "Beta"))
    for text in (
        first.reference,
        first.reference.lower(),
        f"hw {first.id}",
        str(first.id),
        f" {first.reference} ",
    ):
        assert found(world.ada, text) == [first.id]


def test_orders_are_found_by_the_identifier_of_a_device_in_any_writing(world: World) -> None:
    world.an_order(OrderStatus.FULFILLED)
    order = world.an_order(OrderStatus.FULFILLED)
    mac = next(unit.identifier for unit in units_of(order.id) if unit.identifier)
    for text in (mac, mac.upper(), mac.replace(":", ""), mac.replace(":", "-"), f"MAC: {mac}"):
        assert found(world.piet, text) == [order.id]
        assert found(world.bea, text) == []


def test_each_word_is_part_of_the_account_or_the_platform(world: World) -> None:
    riverside = world.an_account(world.northwind, "Riverside Clinic")
    mill = world.an_account(world.northwind, "Old Mill")
    harbor = world.an_account(world.blue_harbor, "Riverside Bakery")
    a, b, c = (world.an_order(account=account).id for account in (riverside, mill, harbor))
    assert found(world.ada, "riverside") == [a, c]
    assert found(world.ada, "RIVER") == [a, c]
    assert found(world.ada, "clinic river") == [a]
    assert found(world.ada, "northwind") == [a, b]
    assert found(world.ada, "wind riverside") == [a]
    assert found(world.ada, "mi") == [b]
    assert found(world.ada, "nobody") == []
    assert found(world.ada, "riverside nobody") == []
    assert found(world.piet, "riverside") == [a]
    assert found(world.piet, "harbor") == []


def test_many_accounts_are_found_too(world: World) -> None:
    many = [{"platform_id": world.northwind.id, "name": f"Twin {n}"} for n in range(600)]
    accounts = list(db.session.scalars(insert(Account).returning(Account), many))
    orders = sorted(world.an_order(account=account).id for account in (accounts[0], accounts[-1]))
    world.an_order()
    assert found(world.piet, "twin") == orders
    assert found(world.bea, "twin") == []


@pytest.mark.parametrize(
    "text",
    [
        '"',
        '""',
        "'",
        "%",
        "_",
        "\\",
        "100%",
        "a_b",
        "AND",
        "NEAR(",
        "x*",
        "-x",
        "name:x",
        "(",
        "😀",
        "İ",
        "9" * 100,
    ],
)
def test_no_text_is_special(world: World, text: str) -> None:
    order = world.an_order(account=world.an_account(name=f"Say {text} twice"))
    world.an_order(account=world.an_account(name="Plain"))
    if len(text) < 50:
        assert found(world.ada, f"say {text}") == [order.id]
    alone = found(world.ada, text)
    if len(text.casefold()) == 1 or (len(text) > 1 and sum(map(str.isalnum, text)) < 2):
        assert alone == [], "One letter is too little to look for, whatever signs stand around it."
    else:
        assert order.id in alone or len(text) > 50


def test_only_five_words_of_a_hundred_characters_count(world: World) -> None:
    order = world.an_order(account=world.an_account(name="one two three four five"))
    assert found(world.ada, "one two three four five six seven") == [order.id]
    assert found(world.ada, "one" + " " * 97 + "nothing") == [order.id]


def test_the_condition_joins_no_table(world: World) -> None:
    world.an_account(name="Riverside")
    condition = matching_orders(world.ada.actor, "riverside")
    assert condition is not None
    assert "JOIN" not in str(select(HardwareOrder.id).where(condition)).upper()
