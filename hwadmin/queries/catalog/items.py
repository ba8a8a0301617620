"""Reading the catalog."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Select, bindparam, select

from hwadmin.db.extensions import db
from hwadmin.db.quick_sql import read_rows
from hwadmin.db.row_objects import columns_of, detached_object
from hwadmin.domain.device_kinds import Kind
from hwadmin.domain.permissions import Actor
from hwadmin.domain.text_validation import problem
from hwadmin.models import AccessoryFit, CatalogItem, CatalogPrice
from hwadmin.queries.scope import visible, within
from hwadmin.queries.text_match import CATALOG, words_of


def item_search(text: str) -> ColumnElement[bool]:
    """The condition that every word is part of the item's make, model or SKU."""
    return CATALOG.holds_all(words_of(text))


def makes(actor: Actor) -> list[tuple[str, str]]:
    """Every make in the catalogs the actor is given, as choices of a filter."""
    rows = db.session.scalars(
        select(CatalogItem.make).where(within(actor, CatalogItem)).distinct().order_by(CatalogItem.make)
    )
    return [(make, make) for make in rows]


def items_of(
    actor: Actor,
    platform_id: int,
    *,
    kinds: Sequence[Kind] = (),
    make: str | None = None,
    text: str = "",
    archived: bool = False,
) -> Sequence[CatalogItem]:
    """The items of one platform's catalog by make and model; those archived only if asked for."""
    query = visible(actor, CatalogItem).where(CatalogItem.platform_id == platform_id)
    if kinds:
        query = query.where(CatalogItem.kind.in_(kinds))
    if make is not None:
        query = query.where(CatalogItem.make == make)
    if text:
        query = query.where(item_search(text))
    if not archived:
        query = query.where(CatalogItem.archived_at.is_(None))
    return db.session.scalars(query.order_by(CatalogItem.make, CatalogItem.model, CatalogItem.id)).all()


def device_items(actor: Actor, platform_id: int) -> Sequence[CatalogItem]:
    """What a device can be registered as, old models that are no longer sold included."""
    return items_of(actor, platform_id, kinds=[kind for kind in Kind if kind.becomes_device], archived=True)


def has_prices(item_id: int) -> bool:
    """Whether an item has prices by size and term."""
    query = select(CatalogPrice.id).where(CatalogPrice.catalog_item_id == item_id).limit(1)
    return db.session.execute(query).first() is not None


def price_list(actor: Actor, item_id: int) -> Sequence[CatalogPrice]:
    """The prices of an item by size and term."""
    return db.session.scalars(
        visible(actor, CatalogPrice)
        .where(CatalogPrice.catalog_item_id == item_id)
        .order_by(CatalogPrice.size, CatalogPrice.term_months)
    ).all()


def fitted_devices(accessory_id: int) -> frozenset[int]:
    """The keys of the items an accessory goes with; none where it goes with everything."""
    return frozenset(
        db.session.scalars(
            select(AccessoryFit.device_item_id).where(AccessoryFit.accessory_id == accessory_id)
        )
    )


def orderable_items(
    actor: Actor, *conditions: ColumnElement[bool], after: int, limit: int, archived: bool = False
) -> Sequence[CatalogItem]:
    """The items that can be ordered, by key; ``after`` is the last key of the page before.

    Those that cannot any more are there only if asked for.
    """
    if not archived:
        conditions = (*conditions, CatalogItem.archived_at.is_(None))
    return db.session.scalars(
        visible(actor, CatalogItem)
        .where(*conditions, CatalogItem.id > after)
        .order_by(CatalogItem.id)
        .limit(limit)
    ).all()


def items_where(actor: Actor, *conditions: ColumnElement[bool]) -> Sequence[CatalogItem]:
    """The items under these conditions, archived ones included, by key."""
    return db.session.scalars(visible(actor, CatalogItem).where(*conditions).order_by(CatalogItem.id)).all()


def items_by_sku(platform_id: int, skus: Iterable[str]) -> dict[str, CatalogItem]:
    """The items with these SKUs in a platform's catalog, archived ones included; they are detached."""
    # A text that cannot be stored is not a SKU, and a database may refuse to compare with it.
    valid = {sku for sku in skus if sku and problem(sku, most=60) is None}
    if not valid:
        return {}
    rows = read_rows(_items_by_sku(), platform=platform_id, skus=tuple(valid))
    items = [detached_object(CatalogItem, row) for row in rows]
    return {item.sku: item for item in items}


@cache
def _items_by_sku() -> Select[Any]:
    """The statement behind it, made once."""
    return select(*columns_of(CatalogItem)).where(
        CatalogItem.platform_id == bindparam("platform"),
        CatalogItem.sku.in_(bindparam("skus", expanding=True)),
    )
