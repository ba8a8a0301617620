"""The catalog of a platform: what its customers can be sold."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from hwadmin.db.extensions import db
from hwadmin.db.lookup import insert_or_ignore
from hwadmin.domain.device_kinds import Kind
from hwadmin.domain.permissions import Actor, Permission, require
from hwadmin.domain.text_validation import Problems, refuse
from hwadmin.domain.wording import describe_change
from hwadmin.errors import InvalidInput, WrongState
from hwadmin.models import CatalogItem, Device, LineItem, Platform
from hwadmin.operations.audit.account_events import record_catalog_changed
from hwadmin.operations.audit.changes import archive, assign, assign_external_key, restore
from hwadmin.queries.catalog.items import has_prices
from hwadmin.queries.scope import find

HIGHEST_PRICE = Decimal("9999999.99")
MOST_HANDSETS = 10_000
MOST_COLORS = 20


@dataclass(frozen=True, slots=True)
class NewItem:
    """A catalog item, as somebody typed it. The currency is the platform's."""

    sku: str
    make: str
    model: str
    kind: Kind | str
    unit_price: Decimal | str
    max_handsets: int | None = None
    mobile_carrier: str | None = None
    color: str | None = None
    size: str | None = None
    # The colors to choose from, where there are several.
    colors: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class _Checked:
    sku: str
    make: str
    model: str
    kind: Kind
    unit_price: Decimal
    max_handsets: int | None
    mobile_carrier: str | None
    color: str | None
    size: str | None
    colors: list[str] | None

    @property
    def columns(self) -> dict[str, object]:
        return {name: getattr(self, name) for name in self.__slots__}


def price(problems: Problems, value: Decimal | str, field: str = "unit_price") -> Decimal:
    """A price to the cent, zero or more."""
    return amount(problems, field, value, "The price")


def amount(problems: Problems, field: str, value: Decimal | str, noun: str) -> Decimal:
    """An amount of money to the cent, zero or more."""
    try:
        parsed = Decimal(str(value).strip())
    except InvalidOperation:
        parsed = Decimal("NaN")
    if not parsed.is_finite():
        problems.add(field, f"{noun} must be an amount such as 129.00.")
    elif parsed < 0:
        problems.add(field, f"{noun} cannot be below zero.")
    elif parsed > HIGHEST_PRICE:
        problems.add(field, f"{HIGHEST_PRICE:,} is the highest {noun.split()[-1]}.")
    elif parsed != parsed.quantize(Decimal("0.01")):
        problems.add(field, f"{noun} must be whole cents.")
    else:
        return abs(parsed.quantize(Decimal("0.01")))  # abs: minus zero is zero
    return Decimal(0)


def _check(new: NewItem, platform: Platform, item: CatalogItem | None = None) -> _Checked:
    problems = Problems()
    sku = problems.text("sku", new.sku, most=60, required="Give the item a SKU.") or ""
    holder = None if problems.errors else _holder(platform, sku)
    if holder is not None and holder is not item:
        problems.add("sku", _taken(platform, holder))
    kind = _kind(problems, new.kind)
    if item is not None and kind is not None and kind is not item.kind and _used(item):
        problems.add("kind", f"It stays a {item.kind.label}: it has been ordered or registered already.")
    if new.max_handsets is not None:
        if kind is not None and kind is not Kind.DECT_BASE:
            problems.add("max_handsets", "Only a DECT base takes handsets.")
        elif not 0 < new.max_handsets <= MOST_HANDSETS:
            problems.add("max_handsets", f"A base takes between 1 and {MOST_HANDSETS:,} handsets.")
    checked = _Checked(
        sku=sku,
        make=problems.text("make", new.make, most=60, required="Name the maker.") or "",
        model=problems.text("model", new.model, most=120, required="Give the item a model.") or "",
        kind=kind or Kind.ACCESSORY,
        unit_price=price(problems, new.unit_price),
        max_handsets=new.max_handsets,
        mobile_carrier=problems.text("mobile_carrier", new.mobile_carrier, most=60),
        color=problems.text("color", new.color, most=40),
        size=problems.text("size", new.size, most=40),
        colors=checked_colors(problems, new.colors),
    )
    refuse(problems)
    return checked


def checked_colors(problems: Problems, colors: Sequence[str]) -> list[str] | None:
    """The colors to choose from, each once; None where there is no choice."""
    if len(colors) > MOST_COLORS:
        problems.add("colors", f"Name {MOST_COLORS} colors at most.")
        return None
    named = [problems.text("colors", color, most=40) for color in colors]
    return list(dict.fromkeys(color for color in named if color)) or None


def _kind(problems: Problems, kind: Kind | str) -> Kind | None:
    try:
        return Kind(kind)
    except ValueError:
        problems.add("kind", "Choose one of the kinds offered.")
        return None


def _holder(platform: Platform, sku: str) -> CatalogItem | None:
    return db.session.scalars(
        select(CatalogItem).where(CatalogItem.platform_id == platform.id, CatalogItem.sku == sku)
    ).one_or_none()


def _taken(platform: Platform, holder: CatalogItem) -> str:
    archived = ", which is archived" if holder.archived_at else ""
    return f"The SKU “{holder.sku}” of {platform.name} is {holder.title}{archived}."


def _used(item: CatalogItem) -> bool:
    return any(
        db.session.execute(select(model.id).where(model.catalog_item_id == item.id).limit(1)).first()
        for model in (LineItem, Device)
    )


def create_item(actor: Actor, platform_id: int, new: NewItem) -> CatalogItem:
    """Add an item to a platform's catalog, priced in the platform's currency.

    Raises:
        InvalidInput: every problem at once, each at its field.
    """
    require(actor, Permission.CATALOG_WRITE)
    platform = find(actor, Platform, platform_id)
    checked = _check(new, platform)
    item = insert_or_ignore(
        CatalogItem, platform_id=platform.id, currency=platform.currency, **checked.columns
    )
    if item is None:  # Somebody added the same SKU at the same moment.
        holder = _holder(platform, checked.sku)
        assert holder is not None
        raise InvalidInput.at("sku", _taken(platform, holder))
    record_catalog_changed(
        actor,
        item,
        f"Added {item} to the catalog: {item.kind.label}, {item.unit_price:.2f} {item.currency}",
    )
    return item


def change_item(actor: Actor, item_id: int, new: NewItem) -> CatalogItem:
    """Change an item. Orders that exist keep what they were submitted with.

    Raises:
        InvalidInput: every problem at once, each at its field; the kind stays once the item was used.
    """
    require(actor, Permission.CATALOG_WRITE)
    item = find(actor, CatalogItem, item_id, lock=True)
    checked = _check(new, item.platform, item)
    if item.currency != item.platform.currency and has_prices(item.id):
        raise InvalidInput.at(
            "unit_price", f"Its prices by size and term are in {item.currency}. Remove them first."
        )
    before = str(item)
    columns = checked.columns
    colors = columns.pop("colors")
    changes = assign(
        item,
        {"sku": "SKU", "max_handsets": "handsets it takes"},
        **columns,
        currency=item.platform.currency,
    )
    if item.colors != colors:
        before_and_after = (", ".join(names or ()) or "none" for names in (item.colors, checked.colors))
        changes.append(describe_change("colors", *before_and_after))
        item.colors = checked.colors
    if changes:
        try:
            db.session.flush()
        except IntegrityError as error:
            raise InvalidInput.at("sku", f"The SKU “{checked.sku}” has just been taken.") from error
        record_catalog_changed(actor, item, f"Changed {before}: {', '.join(changes)}")
    return item


def set_external_key(actor: Actor, item_id: int, key: str | None) -> CatalogItem:
    """Note the key another program knows an item by.

    Raises:
        InvalidInput: at ``external_id``; a key names one item of a platform.
    """
    require(actor, Permission.CATALOG_WRITE)
    item = find(actor, CatalogItem, item_id, lock=True)
    if changes := assign_external_key(item, key, CatalogItem.external_id, CatalogItem.platform_id):
        record_catalog_changed(actor, item, f"Changed {item}: {changes[0]}")
    return item


def archive_item(actor: Actor, item_id: int) -> CatalogItem:
    """Take an item off sale. Orders that hold it keep it, and can lower and fulfill it.

    Raises:
        WrongState: where it is archived already.
    """
    require(actor, Permission.CATALOG_WRITE)
    item = find(actor, CatalogItem, item_id, lock=True)
    archive(item, str(item))
    record_catalog_changed(actor, item, f"Archived {item}")
    return item


def restore_item(actor: Actor, item_id: int) -> CatalogItem:
    """Put an archived item on sale again.

    Raises:
        WrongState: where it is not archived, or where the platform's currency has changed since.
    """
    require(actor, Permission.CATALOG_WRITE)
    item = find(actor, CatalogItem, item_id, lock=True)
    if item.archived_at is not None and item.currency != item.platform.currency:
        raise WrongState(
            f"{item} is priced in {item.currency}, but {item.platform.name} now sells in "
            f"{item.platform.currency}. Edit its price first."
        )
    restore(item, str(item))
    record_catalog_changed(actor, item, f"Restored {item}")
    return item


def delete_item(actor: Actor, item_id: int) -> None:
    """Remove an item that no order and no device ever used, for good.

    Raises:
        WrongState: where it has been used; it can be archived instead.
    """
    require(actor, Permission.CATALOG_WRITE)
    item = find(actor, CatalogItem, item_id, lock=True)
    if _used(item):
        raise WrongState(f"{item} has been ordered or registered. Archive it instead.")
    record_catalog_changed(actor, item, f"Deleted {item} from the catalog")
    db.session.delete(item)
    try:
        db.session.flush()
    except IntegrityError as error:
        raise WrongState(f"{item} has just been ordered. Archive it instead.") from error
