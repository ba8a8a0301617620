"""Checking the lines of a new order against the catalog."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property

from sqlalchemy import select

from hwadmin.db.extensions import db
from hwadmin.domain.device_kinds import Kind
from hwadmin.domain.text_validation import Problems
from hwadmin.domain.wording import alternatives
from hwadmin.models import AccessoryFit, Account, CatalogItem, CatalogPrice, PhoneLine
from hwadmin.operations.orders.submission.new_order import (
    MAX_PER_LINE,
    QUANTITY_RANGE,
    NewIntent,
    NewLine,
)
from hwadmin.queries.catalog.items import items_by_sku
from hwadmin.queries.catalog.prices import Option, colors_of, options_of, prices_of

FREE = Decimal("0.00")


@dataclass(slots=True)
class CheckedLine:
    """A line that can be ordered: its item, what was chosen and costs, and one intent per unit."""

    item: CatalogItem
    option: Option
    color: str | None
    mobile_carrier: str | None
    from_spare: bool
    # The line of the device it goes with.
    accessory_of: CheckedLine | None
    # The number of the first stated line it is made of; problems with all of it are reported there.
    number: int
    quantity: int = 0
    intents: list[NewIntent] = field(default_factory=list)
    # Where each unit is stated: the number of its stated line, and its index there.
    origins: list[tuple[int, int]] = field(default_factory=list)

    @property
    def size(self) -> str | None:
        """The size as it goes into the order."""
        return self.option.size or self.item.size

    @property
    def term_months(self) -> int | None:
        """The term as it goes into the order."""
        return self.option.term_months or None

    @property
    def key(self) -> tuple[object, ...]:
        """What lines have in common that become one."""
        device = id(self.accessory_of)
        return self.item.id, self.option, self.color, self.mobile_carrier, self.from_spare, device

    def add(self, number: int, stated: NewLine) -> None:
        """Add the units of a stated line."""
        self.number = min(self.number, number)
        self.quantity += stated.quantity
        self.intents += [*stated.intents, *[NewIntent()] * (stated.quantity - len(stated.intents))]
        self.origins += [(number, index) for index in range(stated.quantity)]


@dataclass
class LineCheck:
    """Makes checked lines of the stated ones, and collects every problem."""

    account: Account
    stated: Sequence[NewLine]
    problems: Problems

    def merged(self) -> list[CheckedLine]:
        """The lines that can be ordered, equal ones as one, in the order in which they are stated."""
        self.items = items_by_sku(self.account.platform_id, (line.sku for line in self.stated))
        merged: dict[tuple[object, ...], CheckedLine] = {}
        line_by_number: dict[int, CheckedLine] = {}
        # Devices first: an accessory names the line of its device, which may follow it.
        for number in sorted(
            range(len(self.stated)), key=lambda index: self.stated[index].accessory_of is not None
        ):
            stated = self.stated[number]
            line = self._line(number, stated, line_by_number)
            if line is None:
                continue
            line = merged.setdefault(line.key, line)
            if line.quantity + stated.quantity > MAX_PER_LINE:
                self.problems.add(
                    f"lines.{number}.quantity",
                    f"Order {MAX_PER_LINE:,} of {line.item.title} at most; all its lines together are more.",
                )
                continue
            line_by_number[number] = line
            line.add(number, stated)
        return sorted(merged.values(), key=lambda line: line.number)

    def _line(
        self, number: int, line: NewLine, line_by_number: Mapping[int, CheckedLine]
    ) -> CheckedLine | None:
        where = f"lines.{number}"
        item = self.items.get(line.sku)
        if item is None:
            self.problems.add(f"{where}.sku", "This is not in the platform's catalog.")
            return None
        # A spare is not bought, so its item may be archived.
        if item.archived_at is not None and not line.from_spare:
            self.problems.add(f"{where}.sku", f"{item.title} is archived and can no longer be ordered.")
            return None
        if not 1 <= line.quantity <= MAX_PER_LINE:
            self.problems.add(f"{where}.quantity", QUANTITY_RANGE)
            return None
        if len(line.intents) > line.quantity:
            self.problems.add(
                f"{where}.intents", f"There are {len(line.intents)} intents for {line.quantity} units."
            )
            return None
        before = len(self.problems.errors)
        option = self._spare(where, item, line) if line.from_spare else self._option(where, item, line)
        color = self._color(where, item, line.color)
        carrier = self._carrier(where, item, line.mobile_carrier)
        device = self._device_of(where, item, line.accessory_of, line_by_number)
        if option is None or len(self.problems.errors) > before:
            return None
        return CheckedLine(item, option, color, carrier, line.from_spare, device, number)

    @cached_property
    def _prices(self) -> dict[int, list[CatalogPrice]]:
        chosen = {line.sku for line in self.stated if line.names_an_option}
        return prices_of([item.id for sku, item in self.items.items() if sku in chosen])

    def _option(self, where: str, item: CatalogItem, line: NewLine) -> Option | None:
        """The chosen size and term with their price; where none is chosen, the item at its own price."""
        if not line.names_an_option:
            return Option(item.size or "", 0, item.unit_price, FREE)
        offered = options_of(item, self._prices.get(item.id, ()))
        size, term = self._size(item, line, offered), line.term_months or 0
        for option in offered:
            if (option.size, option.term_months) == (size, term):
                return option
        sizes = dict.fromkeys(option.size for option in offered)
        if size not in sizes:
            rejected = f"in {size[:40]}" if size else "without a size"
            self.problems.add(f"{where}.size", f"{item.title} is not sold {rejected}. {_choose(sizes)}")
            return None
        terms = [_term(option.term_months) for option in offered if option.size == size]
        self.problems.add(
            f"{where}.term_months",
            f"{item.title} is not sold {_term(term)}. Choose it {alternatives(terms)}.",
        )
        return None

    @staticmethod
    def _size(item: CatalogItem, line: NewLine, offered: Sequence[Option]) -> str:
        """The chosen size; where only a term is chosen, the size of the item, or the only one there is."""
        if line.size is not None:
            return line.size.strip()
        sizes = {option.size for option in offered}
        return sizes.pop() if len(sizes) == 1 else item.size or ""

    def _spare(self, where: str, item: CatalogItem, line: NewLine) -> Option | None:
        if not item.kind.becomes_device:
            self.problems.add(f"{where}.from_spare", "An accessory is not kept as a spare.")
            return None
        if line.term_months:
            self.problems.add(f"{where}.term_months", "A spare is the account's already; it has no term.")
            return None
        return Option(item.size or "", 0, FREE, FREE)

    def _color(self, where: str, item: CatalogItem, color: str | None) -> str | None:
        color = (color or "").strip()
        if not color:
            return item.color
        offered = [*colors_of(item), *([item.color] if item.color else [])]
        if color not in offered:
            either = (
                f"Choose {alternatives(colors_of(item))}."
                if colors_of(item)
                else "There is no choice of color."
            )
            self.problems.add(f"{where}.color", f"{item.title} is not sold in {color[:40]}. {either}")
        return color

    def _carrier(self, where: str, item: CatalogItem, carrier: str | None) -> str | None:
        carrier = (carrier or "").strip()
        if not carrier or carrier == item.mobile_carrier:
            return item.mobile_carrier
        if item.kind is not Kind.MOBILE:
            self.problems.add(f"{where}.mobile_carrier", "Only a mobile has a carrier.")
        elif item.mobile_carrier is not None:
            self.problems.add(f"{where}.mobile_carrier", f"This {item.title} is for {item.mobile_carrier}.")
        elif carrier not in self._carriers:
            self.problems.add(
                f"{where}.mobile_carrier", f"{self.account.platform.name} sells nothing of {carrier[:60]}."
            )
        return carrier

    @cached_property
    def _carriers(self) -> frozenset[str | None]:
        """The carriers to choose for an unlocked mobile: sold by the platform, or used by the account."""
        sold = select(CatalogItem.mobile_carrier).where(
            CatalogItem.platform_id == self.account.platform_id, CatalogItem.archived_at.is_(None)
        )
        used = select(PhoneLine.mobile_carrier).where(PhoneLine.account_id == self.account.id)
        return frozenset(db.session.scalars(sold.distinct())) | frozenset(db.session.scalars(used.distinct()))

    def _device_of(
        self, where: str, item: CatalogItem, index: int | None, line_by_number: Mapping[int, CheckedLine]
    ) -> CheckedLine | None:
        if index is None:
            return None
        if item.kind is not Kind.ACCESSORY:
            self.problems.add(f"{where}.accessory_of", "Only an accessory goes with another line.")
            return None
        stated = self.stated[index] if 0 <= index < len(self.stated) else None
        device = self.items.get(stated.sku) if stated else None
        if stated is None or (device is not None and device.kind is Kind.ACCESSORY):
            self.problems.add(f"{where}.accessory_of", "There is no such device in this order.")
            return None
        fits = self._fits.get(item.id)
        if device is not None and fits and device.id not in fits:
            self.problems.add(f"{where}.accessory_of", f"{item.title} does not fit {device.title}.")
            return None
        # A problem with the line of the device itself is reported there.
        return line_by_number.get(index)

    @cached_property
    def _fits(self) -> dict[int, set[int]]:
        """The devices that each accessory of the order fits; an accessory without an entry fits all."""
        fits: dict[int, set[int]] = {}
        for accessory, device in db.session.execute(
            select(AccessoryFit.accessory_id, AccessoryFit.device_item_id).where(
                AccessoryFit.accessory_id.in_([item.id for item in self.items.values()])
            )
        ):
            fits.setdefault(accessory, set()).add(device)
        return fits


def _term(months: int) -> str:
    return f"for {months} months" if months else "without a term"


def _choose(sizes: Iterable[str]) -> str:
    named = [size for size in sizes if size]
    return f"Choose {alternatives(named)}." if named else "It has one size only."
