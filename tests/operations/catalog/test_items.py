"""The catalog: what can be written there, what stays once it was used, and who may write."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select

from hwadmin.db.extensions import db
from hwadmin.domain.device_kinds import Kind
from hwadmin.errors import InvalidInput, NotAllowed, NotFound, WrongState
from hwadmin.models import AuditEvent, CatalogItem
from hwadmin.operations.catalog.items import (
    NewItem,
    archive_item,
    change_item,
    create_item,
    delete_item,
    restore_item,
)
from hwadmin.operations.people.platforms import change_platform
from tests.builders import World

W70B = NewItem("W70B", "Yealink", "W70B", Kind.DECT_BASE, Decimal("119.00"), max_handsets=10)


def summaries() -> list[str]:
    query = select(AuditEvent.summary).where(AuditEvent.kind == "catalog.changed").order_by(AuditEvent.id)
    return list(db.session.scalars(query))


def state() -> list[Any]:
    table = CatalogItem.__table__
    return [*db.session.execute(select(table).order_by(table.c.id)).all(), *summaries()]


def refused(error: type[Exception], action: Callable[[], object]) -> Any:
    """The refusal of an action, after which the catalog is as it was and no event was written."""
    before = state()
    with pytest.raises(error) as refusal:
        action()
    assert not db.session.dirty
    assert state() == before
    return refusal.value


def test_an_item_is_added_in_the_currency_of_its_platform(world: World) -> None:
    change_platform(
        world.ada.actor, world.northwind.id, name="Northwind", currency="GBP", forbids_self_approval=False
    )
    item = create_item(world.ada.actor, world.northwind.id, replace(W70B, unit_price="119.5"))
    db.session.commit()
    assert (item.unit_price, item.currency, item.max_handsets) == (Decimal("119.50"), "GBP", 10)
    assert (item.kind, item.archived_at, item.color) == (Kind.DECT_BASE, None, None)
    assert summaries() == ["Added Yealink W70B (W70B) to the catalog: DECT base, 119.50 GBP"]


@pytest.mark.parametrize(
    ("wrong", "expected"),
    [
        ({"sku": " "}, {"sku"}),
        ({"sku": "x" * 61, "make": "", "model": "\x00"}, {"sku", "make", "model"}),
        ({"sku": "a\x00b"}, {"sku"}),
        ({"kind": "toaster"}, {"kind"}),
        ({"unit_price": "free"}, {"unit_price"}),
        ({"unit_price": "NaN"}, {"unit_price"}),
        ({"unit_price": "-Infinity"}, {"unit_price"}),
        ({"unit_price": "-0.01"}, {"unit_price"}),
        ({"unit_price": "1.005"}, {"unit_price"}),
        ({"unit_price": "1e30"}, {"unit_price"}),
        ({"max_handsets": 0}, {"max_handsets"}),
        ({"max_handsets": 10**12}, {"max_handsets"}),
        ({"kind": Kind.DESKPHONE}, {"max_handsets"}),
        (
            {"color": "x" * 41, "size": "x" * 41, "mobile_carrier": "x" * 61},
            {"color", "size", "mobile_carrier"},
        ),
    ],
)
def test_bad_input_is_refused_at_its_fields(world: World, wrong: dict[str, Any], expected: set[str]) -> None:
    ada, platform_id, item = world.ada.actor, world.northwind.id, world.item(Kind.DECT_BASE)
    for action in (
        lambda new: create_item(ada, platform_id, new),
        lambda new: change_item(ada, item.id, new),
    ):
        error = refused(InvalidInput, lambda action=action: action(replace(W70B, **wrong)))
        assert {problem.field for problem in error.errors} == expected


def test_a_price_of_nothing_is_a_price(world: World) -> None:
    item = create_item(world.ada.actor, world.northwind.id, replace(W70B, unit_price="-0"))
    assert item.unit_price == 0


def test_a_sku_is_unique_within_a_platform_only(world: World) -> None:
    ada, platform_id = world.ada.actor, world.northwind.id
    item = create_item(ada, platform_id, W70B)
    create_item(ada, world.blue_harbor.id, W70B)
    other = create_item(ada, platform_id, replace(W70B, sku="OTHER"))
    db.session.commit()
    for action in (lambda: create_item(ada, platform_id, W70B), lambda: change_item(ada, other.id, W70B)):
        error = refused(InvalidInput, action)
        assert error.message == "The SKU “W70B” of Northwind Voice is Yealink W70B."
    change_item(ada, item.id, W70B)  # Its own SKU is not in its way.


def test_a_change_says_in_words_what_was_different(world: World) -> None:
    item = create_item(world.ada.actor, world.northwind.id, W70B)
    for _ in range(2):  # The second time nothing is different, and no event is written.
        change_item(
            world.ada.actor, item.id, replace(W70B, unit_price="99", max_handsets=None, color="White")
        )
    db.session.commit()
    assert summaries()[1:] == [
        "Changed Yealink W70B (W70B): unit price 119.00 → 99.00, handsets it takes 10 removed, "
        "color set to “White”"
    ]


@pytest.mark.parametrize("used_by", ["an order", "a device"])
def test_what_was_used_keeps_its_kind_and_is_never_deleted(world: World, used_by: str) -> None:
    item = world.item(Kind.DECT_BASE)
    if used_by == "an order":
        world.an_order(lines=[(Kind.DECT_BASE, 1)])
    else:
        world.a_device(kind=Kind.DECT_BASE)
    ada = world.ada.actor
    phone = NewItem(item.sku, item.make, item.model, Kind.DESKPHONE, item.unit_price)
    error = refused(InvalidInput, lambda: change_item(ada, item.id, phone))
    assert {problem.field for problem in error.errors} == {"kind"}
    assert "Archive it instead" in refused(WrongState, lambda: delete_item(ada, item.id)).message
    change_item(ada, item.id, replace(phone, kind=item.kind, model="W70B rev. 2", max_handsets=10))
    assert item.model == "W70B rev. 2"


def test_what_was_never_used_can_change_its_kind_and_be_deleted(world: World) -> None:
    item, ada = world.an_item(Kind.MOBILE, sku="M1"), world.ada.actor
    change_item(ada, item.id, NewItem("M1", item.make, item.model, Kind.ACCESSORY, "1"))
    db.session.commit()
    delete_item(ada, item.id)
    db.session.commit()
    assert db.session.scalars(select(CatalogItem)).all() == []
    assert summaries()[0].endswith("kind “Mobile” → “Accessory”, unit price 100.00 → 1.00")
    assert summaries()[1] == "Deleted Apple iPhone 17 (M1) from the catalog"


def test_an_item_is_archived_and_restored_once_each(world: World) -> None:
    item, ada = world.an_item(Kind.DESKPHONE, sku="T54W"), world.ada.actor
    archive_item(ada, item.id)
    db.session.commit()
    assert item.archived_at is not None
    assert "has been archived since" in refused(WrongState, lambda: archive_item(ada, item.id)).message
    restore_item(ada, item.id)
    db.session.commit()
    assert item.archived_at is None
    refused(WrongState, lambda: restore_item(ada, item.id))  # type: ignore[unreachable]
    assert summaries() == ["Archived Yealink T54W (T54W)", "Restored Yealink T54W (T54W)"]


def test_an_item_priced_in_the_old_currency_is_not_restored_before_its_price_is_edited(world: World) -> None:
    item, ada, name = world.an_item(Kind.DESKPHONE), world.ada.actor, world.northwind.name
    archive_item(ada, item.id)
    change_platform(ada, item.platform_id, name=name, currency="USD", forbids_self_approval=False)
    db.session.commit()
    assert "USD" in refused(WrongState, lambda: restore_item(ada, item.id)).message
    change_item(ada, item.id, NewItem(item.sku, item.make, item.model, item.kind, "120"))
    restore_item(ada, item.id)
    assert (item.currency, item.unit_price) == ("USD", Decimal(120))


def test_only_super_admins_write_the_catalog(world: World) -> None:
    item, platform_id = world.item(Kind.DECT_BASE), world.northwind.id
    actions: list[Callable[[Any], object]] = [
        lambda actor: create_item(actor, platform_id, W70B),
        lambda actor: change_item(actor, item.id, W70B),
        lambda actor: archive_item(actor, item.id),
        lambda actor: restore_item(actor, item.id),
        lambda actor: delete_item(actor, item.id),
    ]
    for person in (world.piet, world.bea, world.sam):
        for action in actions:
            refused(NotAllowed, lambda action=action, actor=person.actor: action(actor))


def test_an_item_or_a_platform_that_is_not_there_is_not_found(world: World) -> None:
    ada = world.ada.actor
    for key in (0, -1, 10**9, 10**30):
        refused(NotFound, lambda key=key: create_item(ada, key, W70B))
        for action in (archive_item, restore_item, delete_item):
            refused(NotFound, lambda key=key, action=action: action(ada, key))
        refused(NotFound, lambda key=key: change_item(ada, key, W70B))
