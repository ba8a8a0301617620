"""What an item costs by size and term, and which devices an accessory goes with."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy import delete, select

from hwadmin.db.extensions import db
from hwadmin.domain.device_kinds import Kind
from hwadmin.domain.money import money
from hwadmin.domain.permissions import Actor, Permission, require
from hwadmin.domain.row_ids import is_valid_id
from hwadmin.domain.text_validation import Problems, refuse
from hwadmin.errors import InvalidInput, WrongState
from hwadmin.models import AccessoryFit, CatalogItem, CatalogPrice
from hwadmin.operations.audit.account_events import record_catalog_changed
from hwadmin.operations.catalog.items import price
from hwadmin.queries.scope import find

LONGEST_TERM = 120
MOST_PRICES = 60


@dataclass(frozen=True, slots=True)
class NewPrice:
    """What an item costs in a size and with a term, as somebody typed it."""

    size: str = ""
    term_months: int = 0
    unit_price: Decimal | str = "0"
    monthly_price: Decimal | str = "0"


def set_prices(actor: Actor, item_id: int, prices: Sequence[NewPrice]) -> CatalogItem:
    """Say what an item costs by size and term. Without any, its own unit price counts.

    Orders that exist keep what they were submitted with.

    Raises:
        InvalidInput: every problem at once, at ``prices.2.unit_price`` and the like.
    """
    require(actor, Permission.CATALOG_WRITE)
    item = find(actor, CatalogItem, item_id, lock=True)
    entered = _checked(prices)
    rows = {
        (row.size, row.term_months): row
        for row in db.session.scalars(select(CatalogPrice).where(CatalogPrice.catalog_item_id == item.id))
    }
    changes = []
    for key in sorted(rows.keys() - entered.keys()):
        changes.append(f"removed {price_words(*key)}")
        db.session.delete(rows[key])
    for key, (unit, monthly) in entered.items():
        new, row = _amounts(item, unit, monthly), rows.get(key)
        if row is None:
            changes.append(f"added {price_words(*key)} at {new}")
            db.session.add(
                CatalogPrice(
                    platform_id=item.platform_id,
                    catalog_item_id=item.id,
                    size=key[0],
                    term_months=key[1],
                    unit_price=unit,
                    monthly_price=monthly,
                )
            )
        elif (row.unit_price, row.monthly_price) != (unit, monthly):
            changes.append(f"{price_words(*key)} {_amounts(item, row.unit_price, row.monthly_price)} → {new}")
            row.unit_price, row.monthly_price = unit, monthly
    if changes:
        record_catalog_changed(actor, item, f"Changed the prices of {item}: {', '.join(changes)}")
    return item


def _checked(prices: Sequence[NewPrice]) -> dict[tuple[str, int], tuple[Decimal, Decimal]]:
    if len(prices) > MOST_PRICES:
        raise InvalidInput.at("prices", f"Give {MOST_PRICES} prices at most.")
    problems = Problems()
    checked: dict[tuple[str, int], tuple[Decimal, Decimal]] = {}
    sized = any((one.size or "").strip() for one in prices)
    for number, one in enumerate(prices):
        where = f"prices.{number}"
        required = "Give every price a size, or none of them." if sized else None
        size = problems.text(f"{where}.size", one.size, most=40, required=required) or ""
        if not 0 <= one.term_months <= LONGEST_TERM:
            problems.add(f"{where}.term_months", f"Give the term in months, 0 to {LONGEST_TERM}; 0 is none.")
        unit = price(problems, one.unit_price, f"{where}.unit_price")
        monthly = price(problems, one.monthly_price, f"{where}.monthly_price")
        key = size, one.term_months
        if key in checked:
            problems.add(f"{where}.term_months", f"{price_words(*key).capitalize()} has a price already.")
        checked.setdefault(key, (unit, monthly))
    refuse(problems)
    return checked


def price_words(size: str, term_months: int) -> str:
    """A price’s size and term in words: ``256 GB, 24 months``."""
    term = f"{term_months} months" if term_months else "no term"
    return f"{size}, {term}" if size else term


def _amounts(item: CatalogItem, unit: Decimal, monthly: Decimal) -> str:
    now = money(unit, item.currency)
    return f"{now} and {money(monthly, item.currency)} a month" if monthly else now


def set_fits(actor: Actor, accessory_id: int, device_item_ids: Collection[int]) -> CatalogItem:
    """Say which devices of its platform's catalog an accessory goes with; none named: with everything.

    Raises:
        WrongState: this is no accessory.
        InvalidInput: something named is no device of the same catalog.
    """
    require(actor, Permission.CATALOG_WRITE)
    item = find(actor, CatalogItem, accessory_id, lock=True, lets_others_refer=True)
    if item.kind is not Kind.ACCESSORY:
        raise WrongState(f"{item} is a {item.kind.label}; only an accessory goes with devices.")
    fitting = set(device_item_ids)
    devices = {
        device.id: device
        for device in db.session.scalars(
            select(CatalogItem).where(
                CatalogItem.platform_id == item.platform_id,
                CatalogItem.kind != Kind.ACCESSORY,
                CatalogItem.id.in_([key for key in fitting if is_valid_id(key)]),
            )
        )
    }
    if fitting - devices.keys():
        raise InvalidInput.at("fits", f"Choose among the devices of {item.platform.name}’s catalog.")
    there = set(
        db.session.scalars(select(AccessoryFit.device_item_id).where(AccessoryFit.accessory_id == item.id))
    )
    if there == fitting:
        return item
    db.session.execute(
        delete(AccessoryFit)
        .where(AccessoryFit.accessory_id == item.id, AccessoryFit.device_item_id.in_(there - fitting))
        .execution_options(synchronize_session=False)
    )
    db.session.add_all(
        AccessoryFit(platform_id=item.platform_id, accessory_id=item.id, device_item_id=key)
        for key in sorted(fitting - there)
    )
    named = ", ".join(sorted(device.title for device in devices.values())) or "everything"
    record_catalog_changed(actor, item, f"{item} fits {named}")
    return item
