"""Importing what a platform sells: items and their prices, what each row would do, then all of it at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from hwadmin.db.extensions import db
from hwadmin.db.unit_of_work import TryAgain
from hwadmin.domain.device_kinds import Kind
from hwadmin.domain.money import money
from hwadmin.domain.permissions import Actor, Permission, require
from hwadmin.domain.text_validation import Problems
from hwadmin.domain.wording import describe_change
from hwadmin.errors import ChangedMeanwhile
from hwadmin.list_import.records.plan import ListPlan, PlannedRow, RowOutcome
from hwadmin.list_import.records.record import ListRecord
from hwadmin.models import CatalogItem, CatalogPrice, Platform
from hwadmin.operations.audit.account_events import record_catalog_changed
from hwadmin.operations.audit.changes import describe_value
from hwadmin.operations.catalog.fits_import import ListedFits, listed
from hwadmin.operations.catalog.items import MOST_HANDSETS, checked_colors, price
from hwadmin.operations.catalog.prices import LONGEST_TERM, MOST_PRICES, price_words
from hwadmin.queries.scope import find, visible

_TEXTS = {"make": 60, "model": 120, "size": 40, "color": 40, "mobile_carrier": 60}
_WORDS = {"unit_price": "price", "max_handsets": "handsets it takes", "mobile_carrier": "carrier"}
_NEEDED = {"make": "maker", "model": "model", "kind": "kind", "unit_price": "price"}
PriceKey = tuple[str, int]


@dataclass(slots=True)
class PlannedItem(PlannedRow):
    """A row of a catalog, and the item it adds or changes, or whose price by size and term it sets."""

    sku: str = ""
    item: CatalogItem | None = None
    values: dict[str, Any] = field(default_factory=dict)
    price_key: PriceKey | None = None
    # The SKUs of devices an accessory goes with, as far as that is new.
    fits: list[str] = field(default_factory=list)


def plan_catalog(actor: Actor, platform_id: int, records: Sequence[ListRecord]) -> ListPlan[PlannedItem]:
    """What a list would do to the catalog of a platform. Nothing is written, and nothing is ever removed.

    A row with a term or a price per month sets that price of its item; any other is the item itself.
    """
    require(actor, Permission.CATALOG_WRITE)
    return _Planner(actor, find(actor, Platform, platform_id)).plan(records)


def import_catalog(
    actor: Actor, platform_id: int, records: Sequence[ListRecord], *, expected: str | None = None
) -> ListPlan[PlannedItem]:
    """Write what the list says, all at once; rows that are refused are left out.

    The same list again changes nothing. Orders that exist keep what they were submitted with.

    Raises:
        ChangedMeanwhile: it would do something else by now than in the preview with this digest.
        TryAgain: somebody added one of the items at the same moment.
    """
    require(actor, Permission.CATALOG_WRITE)
    platform = find(actor, Platform, platform_id)
    planner = _Planner(actor, platform, lock=True)
    plan = planner.plan(records)
    if expected and expected != plan.digest:
        raise ChangedMeanwhile("The catalog was changed since this preview. Look at what it would do now.")
    writing = [row for row in plan.rows if row.outcome.writes]
    items = {row.sku: _write_item(platform, row) for row in writing if row.price_key is None}
    try:
        db.session.flush()
    except IntegrityError as error:
        raise TryAgain from error
    changes: dict[int, list[str]] = {}
    by_sku = planner.items | items
    for row in writing:
        item = row.item or items[row.sku]
        if row.price_key is not None:
            _write_price(planner.prices.get((item.id, *row.price_key)), item, row)
        planner.fits.write(item, row.fits, by_sku)
        told = [f"imported at {money(item.unit_price, item.currency)}"] if row.price_key is None else []
        new = row.outcome is RowOutcome.ADDED and row.price_key is None
        changes.setdefault(item.id, []).extend(told if new else row.changes)
    named = {item.id: item for item in (*items.values(), *(row.item for row in writing if row.item))}
    for key, sentences in changes.items():
        record_catalog_changed(actor, named[key], f"Imported {named[key]}: {', '.join(sentences)}")
    return plan


def _write_item(platform: Platform, row: PlannedItem) -> CatalogItem:
    if row.item is None:
        row.item = CatalogItem(platform_id=platform.id, currency=platform.currency, sku=row.sku, **row.values)
        db.session.add(row.item)
        return row.item
    for name, value in row.values.items():
        setattr(row.item, name, value)
    return row.item


def _write_price(present: CatalogPrice | None, item: CatalogItem, row: PlannedItem) -> None:
    assert row.price_key is not None
    if present is None:
        size, term = row.price_key
        db.session.add(
            CatalogPrice(
                platform_id=item.platform_id,
                catalog_item_id=item.id,
                size=size,
                term_months=term,
                **row.values,
            )
        )
        return
    for name, value in row.values.items():
        setattr(present, name, value)


class _Planner:
    """Compares a list with the catalog of a platform, everything read at once."""

    def __init__(self, actor: Actor, platform: Platform, *, lock: bool = False) -> None:
        self.platform = platform
        items = visible(actor, CatalogItem).where(CatalogItem.platform_id == platform.id)
        if lock:
            # Orders may name the items meanwhile: their kinds stay as they are.
            items = items.order_by(CatalogItem.id).with_for_update(key_share=True)
            items = items.execution_options(populate_existing=True)
        self.items = {item.sku: item for item in db.session.scalars(items)}
        rows = db.session.scalars(select(CatalogPrice).where(CatalogPrice.platform_id == platform.id))
        self.prices = {(row.catalog_item_id, row.size, row.term_months): row for row in rows}
        self.sizes: dict[int, set[bool]] = {}
        self.counts: dict[int, int] = {}
        for item_id, size, _ in self.prices:
            self.sizes.setdefault(item_id, set()).add(bool(size))
            self.counts[item_id] = self.counts.get(item_id, 0) + 1
        # Of each SKU, and of each price, the row that states it first.
        self.stated: dict[tuple[Any, ...], str] = {}
        self.added: dict[str, PlannedItem] = {}
        self.fits = ListedFits(platform)

    def plan(self, records: Sequence[ListRecord]) -> ListPlan[PlannedItem]:
        """What every row would do; what an accessory fits may stand anywhere in the list."""
        rows = [self._row(record) for record in records]
        kinds = {sku: item.kind for sku, item in self.items.items()}
        kinds |= {sku: row.values["kind"] for sku, row in self.added.items()}
        for row, record in zip(rows, records, strict=True):
            if row.price_key is None and row.outcome is not RowOutcome.REFUSED:
                self._fit(row, listed(record.text("fits")), kinds)
        return ListPlan(rows)

    def _fit(self, row: PlannedItem, skus: list[str], kinds: Mapping[str, Kind]) -> None:
        if problem := self.fits.problem(kinds.get(row.sku), skus, kinds):
            row.refuse(problem)
            self.added.pop(row.sku, None)
        elif new := self.fits.new(row.item, skus, self.items):
            row.fits = new
            row.changes.append(f"fits {', '.join(new)}")
            if row.outcome is RowOutcome.UNCHANGED:
                row.outcome = RowOutcome.CHANGED

    def _row(self, record: ListRecord) -> PlannedItem:
        sku = record.text("sku") or ""
        row = PlannedItem(record.row, sku or record.source, index=record.index, sheet=record.sheet, sku=sku)
        row.item = self.items.get(sku)
        if record.problems:
            row.refuse(" ".join(record.problems))
        elif not sku:
            row.refuse("Give the item a SKU.")
        elif (count := record.values.get("price_quantity", 1)) != 1:
            row.refuse(f"Its price is for {count}; state the price of one.")
        elif "term_months" in record.values or "monthly_price" in record.values:
            self._price(row, record)
        else:
            self._item(row, record)
        return row

    def _first(self, row: PlannedItem, *key: Any) -> bool:
        first = self.stated.setdefault(key, row.place)
        if first != row.place:
            row.refuse(f"Row {first} states the same already.")
        return first == row.place

    # ---- Items

    def _item(self, row: PlannedItem, record: ListRecord) -> None:
        if not self._first(row, row.sku):
            return
        problems, item = Problems(), row.item
        values = self._item_values(problems, record, item)
        if item is None:
            for name, noun in _NEEDED.items():
                if values.get(name) is None:
                    problems.add(name, f"A new item needs its {noun}.")
        elif values.pop("kind") is not item.kind:
            problems.add("kind", f"It is a {item.kind.label}; change that on its own page.")
        if problems.errors:
            row.refuse(" ".join(error.message for error in problems.errors))
            return
        self._decide(row, item, values)
        if item is None:
            self.added[row.sku] = row
        elif item.archived_at is not None:
            row.notes.append("It is archived, and stays so.")

    @staticmethod
    def _item_values(problems: Problems, record: ListRecord, item: CatalogItem | None) -> dict[str, Any]:
        """What the row says of the item itself; always with its kind, as far as that is known."""
        values: dict[str, Any] = {
            name: problems.text(name, record.text(name), most=most)
            for name, most in _TEXTS.items()
            if record.text(name)
        }
        if (amount := record.values.get("unit_price")) is not None:
            values["unit_price"] = price(problems, str(amount))
        known = item.kind if item else None
        kind = values["kind"] = Kind(str(record.values["kind"])) if "kind" in record.values else known
        if colors := listed(record.text("colors")):
            values["colors"] = checked_colors(problems, colors)
        handsets = record.values.get("max_handsets")
        if isinstance(handsets, int):
            values["max_handsets"] = handsets
            if kind is not Kind.DECT_BASE or not 0 < handsets <= MOST_HANDSETS:
                problems.add("max_handsets", f"Only a DECT base takes handsets, 1 to {MOST_HANDSETS:,}.")
        return values

    def _decide(self, row: PlannedItem, before: Any, values: dict[str, Any]) -> None:
        row.values = {
            name: value for name, value in values.items() if before is None or getattr(before, name) != value
        }
        row.changes = [
            self._change(name, getattr(before, name) if before is not None else None, value)
            for name, value in row.values.items()
        ]
        if row.values:
            row.outcome = RowOutcome.CHANGED if before is not None else RowOutcome.ADDED

    def _change(self, name: str, old: Any, new: Any) -> str:
        word = _WORDS.get(name, name.replace("_", " "))
        old_words, new_words = self._words(old), self._words(new)
        return f"{word} {new_words}" if old is None else describe_change(word, old_words, new_words)

    def _words(self, value: Any) -> str:
        return money(value, self.platform.currency) if isinstance(value, Decimal) else describe_value(value)

    # ---- Prices by size and term

    def _price(self, row: PlannedItem, record: ListRecord) -> None:
        problems = Problems()
        term = record.values.get("term_months", 0)
        size = problems.text("size", record.text("size"), most=40) or ""
        assert isinstance(term, int)
        if not 0 <= term <= LONGEST_TERM:
            problems.add("term", f"Give the term in months, 0 to {LONGEST_TERM}; 0 is none.")
        values = {
            name: price(problems, str(record.values[name]), name)
            for name in ("unit_price", "monthly_price")
            if name in record.values
        }
        item = row.item
        if item is None and row.sku not in self.added:
            problems.add("sku", "The catalog has no such item; its own row must stand above its prices.")
        if not values:
            problems.add("unit_price", "Give a price.")
        if problems.errors:
            row.refuse(" ".join(error.message for error in problems.errors))
            return
        row.price_key = (size, term)
        if self._first(row, row.sku, *row.price_key) and self._fits(row, item, bool(size)):
            present = self.prices.get((item.id, size, term)) if item else None
            if present is None:
                values.setdefault("unit_price", Decimal("0.00"))
            self._decide(row, present, values)
            row.changes = [f"{price_words(size, term)}: {change}" for change in row.changes]

    def _fits(self, row: PlannedItem, item: CatalogItem | None, sized: bool) -> bool:
        key = item.id if item else -1 - self.added[row.sku].index
        if sized not in (sizes := self.sizes.setdefault(key, {sized})):
            row.refuse("Give every price of an item a size, or none of them.")
            return False
        sizes.add(sized)
        if item is None or (item.id, *(row.price_key or ())) not in self.prices:
            self.counts[key] = self.counts.get(key, 0) + 1
        if self.counts.get(key, 0) > MOST_PRICES:
            row.refuse(f"An item has {MOST_PRICES} prices at most.")
            return False
        return True
