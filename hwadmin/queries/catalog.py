"""Reading the catalog."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import ColumnElement, and_, or_, select, true

from hwadmin.extensions import db
from hwadmin.kinds import Kind
from hwadmin.models import AccessoryFit, CatalogItem, CatalogPrice
from hwadmin.permissions import Actor
from hwadmin.queries.accounts import patterns
from hwadmin.queries.scope import visible, within


def item_search(text: str) -> ColumnElement[bool]:
    """The condition that every word is part of the item's make, model or SKU."""
    columns = (CatalogItem.make, CatalogItem.model, CatalogItem.sku)
    return and_(
        true(),
        *(or_(*(column.ilike(pattern, escape="\\") for column in columns)) for pattern in patterns(text)),
    )


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
