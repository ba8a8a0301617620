"""What an item costs by size and term, and which devices an accessory goes with."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy import delete, select

from hwadmin.amounts import money
from hwadmin.errors import InvalidInput, WrongState
from hwadmin.extensions import db
from hwadmin.kinds import Kind
from hwadmin.models import AccessoryFit, CatalogItem, CatalogPrice
from hwadmin.operations import audit
from hwadmin.operations.catalog import price
from hwadmin.operations.platforms import find, refuse
from hwadmin.permissions import Actor, Permission, require
from hwadmin.texts import Problems

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
    wanted = _checked(prices)
    there = {
        (row.size, row.term_months): row
        for row in db.session.scalars(select(CatalogPrice).where(CatalogPrice.catalog_item_id == item.id))
    }
    said = []
    for key in sorted(there.keys() - wanted.keys()):
        said.append(f"removed {_named(*key)}")
        db.session.delete(there[key])
    for key, (unit, monthly) in wanted.items():
        new, row = _amounts(item, unit, monthly), there.get(key)
        if row is None:
            said.append(f"added {_named(*key)} at {new}")
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
            said.append(f"{_named(*key)} {_amounts(item, row.unit_price, row.monthly_price)} → {new}")
            row.unit_price, row.monthly_price = unit, monthly
    if said:
        _note(actor, item, f"Changed the prices of {item}: {', '.join(said)}")
    return item


def _checked(prices: Sequence[NewPrice]) -> dict[tuple[str, int], tuple[Decimal, Decimal]]:
    if len(prices) > MOST_PRICES:
        raise InvalidInput.at("prices", f"Give {MOST_PRICES} prices at most.")
    problems = Problems()
    wanted: dict[tuple[str, int], tuple[Decimal, Decimal]] = {}
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
        if key in wanted:
            problems.add(f"{where}.term_months", f"{_named(*key).capitalize()} has a price already.")
        wanted.setdefault(key, (unit, monthly))
    refuse(problems)
    return wanted


def _named(size: str, term_months: int) -> str:
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
    item = find(actor, CatalogItem, accessory_id, lock=True)
    if item.kind is not Kind.ACCESSORY:
        raise WrongState(f"{item} is a {item.kind.label}; only an accessory goes with devices.")
    wanted = set(device_item_ids)
    devices = {
        device.id: device
        for device in db.session.scalars(
            select(CatalogItem).where(
                CatalogItem.platform_id == item.platform_id,
                CatalogItem.kind != Kind.ACCESSORY,
                CatalogItem.id.in_([key for key in wanted if 0 < key < 2**63]),
            )
        )
    }
    if wanted - devices.keys():
        raise InvalidInput.at("fits", f"Choose among the devices of {item.platform.name}’s catalog.")
    there = set(
        db.session.scalars(select(AccessoryFit.device_item_id).where(AccessoryFit.accessory_id == item.id))
    )
    if there == wanted:
        return item
    db.session.execute(
        delete(AccessoryFit)
        .where(AccessoryFit.accessory_id == item.id, AccessoryFit.device_item_id.in_(there - wanted))
        .execution_options(synchronize_session=False)
    )
    db.session.add_all(
        AccessoryFit(platform_id=item.platform_id, accessory_id=item.id, device_item_id=key)
        for key in sorted(wanted - there)
    )
    named = ", ".join(sorted(device.title for device in devices.values())) or "everything"
    _note(actor, item, f"{item} fits {named}")
    return item


def _note(actor: Actor, item: CatalogItem, summary: str) -> None:
    audit.record(actor, "catalog.changed", summary, platform=item.platform, details={"sku": item.sku})
