"""The catalog as an account is offered it: items with their options, and the accessories that fit."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, Select, or_, select

from hwadmin.db.extensions import db
from hwadmin.domain.device_kinds import Kind
from hwadmin.domain.permissions import Actor
from hwadmin.domain.text_validation import problem
from hwadmin.models import AccessoryFit, Account, CatalogItem
from hwadmin.models.catalog import title
from hwadmin.queries.catalog.items import item_search
from hwadmin.queries.catalog.prices import Option, colors_of, options_of, prices_of
from hwadmin.queries.devices.spares import spare_counts
from hwadmin.queries.scope import visible


@dataclass(frozen=True, slots=True)
class OfferedItem:
    """A catalog item as it is offered to an account."""

    item_id: int
    sku: str
    make: str
    model: str
    kind: Kind
    currency: str
    mobile_carrier: str | None
    # Its own; and the colors to choose from, empty where there is nothing to choose.
    color: str | None
    colors: tuple[str, ...]
    max_handsets: int | None
    # Never empty; by size, then by term.
    options: tuple[Option, ...]
    # How many spare devices of it the account has.
    spares: int
    archived: bool

    @property
    def title(self) -> str:
        """Make and model, as people say it."""
        return title(self.make, self.model)

    @property
    def unlocked(self) -> bool:
        """Whether it is a mobile that works with any carrier."""
        return self.kind is Kind.MOBILE and self.mobile_carrier is None

    @property
    def all_colors(self) -> tuple[str, ...]:
        """Every color it can be had in; one that is empty where it has none."""
        return self.colors or (self.color or "",)

    @property
    def sizes(self) -> tuple[str, ...]:
        """The sizes to choose from; empty where there is one only."""
        sizes = tuple(dict.fromkeys(option.size for option in self.options))
        return sizes if len(sizes) > 1 or sizes[0] else ()

    @property
    def terms(self) -> tuple[int, ...]:
        """The terms to choose from in months, 0 being none; empty where there is no choice."""
        terms = tuple(sorted({option.term_months for option in self.options}))
        return terms if terms != (0,) else ()

    @property
    def cheapest(self) -> Option:
        """The option with the lowest price now."""
        return min(self.options, key=lambda option: (option.unit_price, option.monthly_price))

    def option(self, size: str = "", term_months: int = 0) -> Option | None:
        """The option of a size and a term; None where it is not offered."""
        return next(
            (option for option in self.options if (option.size, option.term_months) == (size, term_months)),
            None,
        )


@dataclass(frozen=True, slots=True)
class ItemFilter:
    """Which items of the catalog are wanted; all of them where nothing is given."""

    kinds: Sequence[Kind] = ()
    make: str | None = None
    # Words of make, model and SKU.
    text: str = ""
    # Items of this mobile carrier, and those of none.
    carrier: str | None = None
    # The most the cheapest option may cost now.
    max_price: Decimal | None = None
    # Only what the account has spares of, archived items included.
    spares_only: bool = False


def offered_items(
    actor: Actor, account: Account, item_filter: ItemFilter, *, limit: int = 200
) -> list[OfferedItem]:
    """What can be ordered for an account, by make and model.

    Args:
        actor: who chooses.
        account: for whom: its platform's catalog, and its own spares.
        item_filter: which items.
        limit: the most items to look at.
    """
    spares = spare_counts(actor, account.id)
    query = sold_items(actor, account.platform_id, item_filter.kinds)
    if item_filter.make is not None:
        query = query.where(CatalogItem.make == item_filter.make)
    if item_filter.text.strip():
        query = query.where(item_search(item_filter.text))
    if item_filter.carrier is not None:
        query = query.where(
            or_(CatalogItem.mobile_carrier == item_filter.carrier, CatalogItem.mobile_carrier.is_(None))
        )
    if item_filter.spares_only:
        query = query.where(CatalogItem.id.in_(spares))
    else:
        query = query.where(CatalogItem.archived_at.is_(None))
    rows = db.session.scalars(
        query.order_by(CatalogItem.make, CatalogItem.model, CatalogItem.id).limit(limit)
    ).all()
    items = _as_offered(rows, spares)
    if item_filter.max_price is None:
        return items
    return [item for item in items if item.cheapest.unit_price <= item_filter.max_price]


def offered_items_by_sku(actor: Actor, account: Account, skus: Iterable[str]) -> dict[str, OfferedItem]:
    """The items of these SKUs on the account's platform, archived ones included."""
    known_skus = {sku for sku in skus if sku and problem(sku, most=60) is None}
    if not known_skus:
        return {}
    query = sold_items(actor, account.platform_id).where(CatalogItem.sku.in_(known_skus))
    return {item.sku: item for item in offered_rows(query, spare_counts(actor, account.id))}


def offered_rows(query: Select[CatalogItem], spares: Mapping[int, int]) -> list[OfferedItem]:
    """The items of a query as they are offered, by make and model; with the number of spares of each."""
    rows = db.session.scalars(query.order_by(CatalogItem.make, CatalogItem.model, CatalogItem.id)).all()
    return _as_offered(rows, spares)


def accessories_for(
    actor: Actor, account: Account, device_item_ids: Collection[int] = ()
) -> list[OfferedItem]:
    """The accessories that fit one of these devices; all accessories where none is named."""
    query = sold_items(actor, account.platform_id, (Kind.ACCESSORY,)).where(CatalogItem.archived_at.is_(None))
    if device_item_ids:
        query = query.where(_fits_one_of(device_item_ids))
    items = db.session.scalars(query.order_by(CatalogItem.make, CatalogItem.model, CatalogItem.id)).all()
    return _as_offered(items, {})


def _fits_one_of(device_item_ids: Collection[int]) -> ColumnElement[bool]:
    """The condition that an accessory goes with one of the devices: it says so, or it says nothing."""
    fits = select(AccessoryFit.id).where(AccessoryFit.accessory_id == CatalogItem.id)
    return or_(~fits.exists(), fits.where(AccessoryFit.device_item_id.in_(device_item_ids)).exists())


def makes_sold(actor: Actor, account: Account, kinds: Sequence[Kind] = ()) -> list[str]:
    """The makes on sale to an account."""
    return _distinct(actor, account.platform_id, CatalogItem.make, kinds)


def carriers_sold(actor: Actor, platform_id: int) -> list[str]:
    """The mobile carriers whose items a platform sells."""
    return [carrier for carrier in _distinct(actor, platform_id, CatalogItem.mobile_carrier) if carrier]


def _distinct(actor: Actor, platform_id: int, column: Any, kinds: Sequence[Kind] = ()) -> list[str]:
    query = sold_items(actor, platform_id, kinds).where(
        CatalogItem.archived_at.is_(None), column.is_not(None)
    )
    return list(db.session.scalars(query.with_only_columns(column).distinct().order_by(column)))


def sold_items(actor: Actor, platform_id: int, kinds: Sequence[Kind] = ()) -> Select[CatalogItem]:
    """The query of what a platform sells, archived items included."""
    query = visible(actor, CatalogItem).where(CatalogItem.platform_id == platform_id)
    return query.where(CatalogItem.kind.in_(kinds)) if kinds else query


def _as_offered(items: Sequence[CatalogItem], spares: Mapping[int, int]) -> list[OfferedItem]:
    prices = prices_of([item.id for item in items])
    return [
        OfferedItem(
            item_id=item.id,
            sku=item.sku,
            make=item.make,
            model=item.model,
            kind=item.kind,
            currency=item.currency,
            mobile_carrier=item.mobile_carrier,
            color=item.color,
            colors=colors_of(item),
            max_handsets=item.max_handsets,
            options=options_of(item, prices.get(item.id, ())),
            spares=spares.get(item.id, 0),
            archived=item.archived_at is not None,
        )
        for item in items
    ]
