"""Checking an order before it is made: its lines against the catalog, its units against the account.

The submission and the pages' own check go through here; there is no second copy of a rule.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from functools import cached_property

from sqlalchemy import select

from hwadmin.amounts import Totals, totals
from hwadmin.extensions import db
from hwadmin.kinds import Kind
from hwadmin.models import AccessoryFit, Account, CatalogItem, CatalogPrice, LineOfService
from hwadmin.operations.order_input import MOST_PER_LINE, MOST_UNITS, NewIntent, NewLine
from hwadmin.operations.order_people import People
from hwadmin.operations.order_upgrades import Upgrades
from hwadmin.operations.spares import spare_ids
from hwadmin.queries.choosing import Option, colors_of, options_of, prices_of
from hwadmin.queries.spares import reservations
from hwadmin.queries.units import open_locations
from hwadmin.texts import Problems, problem

FREE = Decimal("0.00")


@dataclass(slots=True)
class CheckedLine:
    """A line that can be ordered: its item, what was chosen of it and costs, and one intent per unit."""

    item: CatalogItem
    option: Option
    color: str | None
    mobile_carrier: str | None
    from_spare: bool
    # The line of the device it goes with.
    accessory_of: CheckedLine | None
    # Where the first of what was said is, for problems with all of it.
    number: int
    quantity: int = 0
    intents: list[NewIntent] = field(default_factory=list)
    # Where each unit was said: the place of its line, and its own place there.
    places: list[tuple[int, int]] = field(default_factory=list)

    @property
    def size(self) -> str | None:
        """The size as it goes into the order."""
        return self.option.size or self.item.size

    @property
    def term_months(self) -> int | None:
        """The term as it goes into the order."""
        return self.option.term_months or None


@dataclass(slots=True)
class Checked:
    """An order that can be made, as far as its lines and units go."""

    lines: list[CheckedLine]
    people: People

    @property
    def totals(self) -> Totals:
        """What it costs now, and per month."""
        return totals((one.option.unit_price, one.option.monthly_price, one.quantity) for one in self.lines)


def items_by_sku(platform_id: int, skus: Iterable[str]) -> dict[str, CatalogItem]:
    """Those of the SKUs that are in the platform's catalog, archived ones included."""
    # What cannot be stored is no SKU, and a database may refuse to compare with it.
    wanted = {sku for sku in skus if sku and problem(sku, most=60) is None}
    if not wanted:
        return {}
    found = db.session.scalars(
        select(CatalogItem).where(CatalogItem.platform_id == platform_id, CatalogItem.sku.in_(wanted))
    )
    return {item.sku: item for item in found}


def checked_lines(
    account: Account, new_lines: Sequence[NewLine], problems: Problems, *, lock: bool
) -> Checked:
    """The lines, each with its item and as many intents as units; lines alike become one.

    Args:
        account: for whom.
        new_lines: as they were said.
        problems: takes every problem, at its field.
        lock: hold spares and lines of service until the end of the unit of work.
    """
    people = People(account)
    if not new_lines:
        problems.add("lines", "Add at least one line item.")
        return Checked([], people)
    lines = _Lines(account, new_lines, problems).merged()
    if sum(line.quantity for line in lines) > MOST_UNITS:
        problems.add("lines", f"Order {MOST_UNITS:,} units at most at once.")
        return Checked(lines, people)
    _check_units(account, new_lines, lines, people, problems, lock=lock)
    _take_spares(account, lines, problems, lock=lock)
    return Checked(lines, people)


# ---- Lines


@dataclass
class _Lines:
    """Makes checked lines of what was said, problem by problem."""

    account: Account
    said: Sequence[NewLine]
    problems: Problems

    def merged(self) -> list[CheckedLine]:
        """The lines that can be ordered, those alike as one, in the order they were first said."""
        self.items = items_by_sku(self.account.platform_id, (line.sku for line in self.said))
        merged: dict[tuple[object, ...], CheckedLine] = {}
        at: dict[int, CheckedLine] = {}
        # Devices first: an accessory names the line of its device, wherever that stands.
        for number in sorted(
            range(len(self.said)), key=lambda place: self.said[place].accessory_of is not None
        ):
            line = self.said[number]
            one = self._line(number, line, at)
            if one is None:
                continue
            key = (
                one.item.id,
                one.option,
                one.color,
                one.mobile_carrier,
                one.from_spare,
                id(one.accessory_of),
            )
            alike = merged.setdefault(key, one)
            if alike.quantity + line.quantity > MOST_PER_LINE:
                self.problems.add(
                    f"lines.{number}.quantity",
                    f"Order {MOST_PER_LINE:,} of {one.item.title} at most; all its lines together are more.",
                )
                continue
            at[number] = alike
            alike.number = min(alike.number, number)
            alike.quantity += line.quantity
            alike.intents += [*line.intents, *[NewIntent()] * (line.quantity - len(line.intents))]
            alike.places += [(number, place) for place in range(line.quantity)]
        return sorted(merged.values(), key=lambda line: line.number)

    def _line(self, number: int, line: NewLine, at: Mapping[int, CheckedLine]) -> CheckedLine | None:
        where = f"lines.{number}"
        item = self.items.get(line.sku)
        if item is None:
            self.problems.add(f"{where}.sku", "This is not in the platform's catalog.")
            return None
        # A spare is there already: nothing has to be sold any more.
        if item.archived_at is not None and not line.from_spare:
            self.problems.add(f"{where}.sku", f"{item.title} is archived and can no longer be ordered.")
            return None
        if not 1 <= line.quantity <= MOST_PER_LINE:
            self.problems.add(f"{where}.quantity", f"Give a quantity from 1 to {MOST_PER_LINE:,}.")
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
        device = self._device_of(where, item, line.accessory_of, at)
        if option is None or len(self.problems.errors) > before:
            return None
        return CheckedLine(item, option, color, carrier, line.from_spare, device, number)

    @cached_property
    def _prices(self) -> dict[int, list[CatalogPrice]]:
        chosen = {line.sku for line in self.said if line.names_an_option}
        return prices_of([item.id for sku, item in self.items.items() if sku in chosen])

    def _option(self, where: str, item: CatalogItem, line: NewLine) -> Option | None:
        """What was chosen of the item and costs; where nothing was, its own price."""
        if not line.names_an_option:
            return Option(item.size or "", 0, item.unit_price, FREE)
        offered = options_of(item, self._prices.get(item.id, ()))
        size, term = (line.size or "").strip(), line.term_months or 0
        for option in offered:
            if (option.size, option.term_months) == (size, term):
                return option
        sizes = dict.fromkeys(option.size for option in offered)
        if size not in sizes:
            said = f"in {size[:40]}" if size else "without a size"
            self.problems.add(f"{where}.size", f"{item.title} is not sold {said}. {_choose(sizes)}")
            return None
        terms = [_term(option.term_months) for option in offered if option.size == size]
        self.problems.add(
            f"{where}.term_months", f"{item.title} is not sold {_term(term)}. Choose it {_or(terms)}."
        )
        return None

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
            either = f"Choose {_or(colors_of(item))}." if colors_of(item) else "There is no choice of color."
            self.problems.add(f"{where}.color", f"{item.title} cannot be had in {color[:40]}. {either}")
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
        """The carriers an unlocked mobile can be had for: sold by the platform or used by the account."""
        sold = select(CatalogItem.mobile_carrier).where(
            CatalogItem.platform_id == self.account.platform_id, CatalogItem.archived_at.is_(None)
        )
        used = select(LineOfService.mobile_carrier).where(LineOfService.account_id == self.account.id)
        return frozenset(db.session.scalars(sold.distinct())) | frozenset(db.session.scalars(used.distinct()))

    def _device_of(
        self, where: str, item: CatalogItem, place: int | None, at: Mapping[int, CheckedLine]
    ) -> CheckedLine | None:
        if place is None:
            return None
        if item.kind is not Kind.ACCESSORY:
            self.problems.add(f"{where}.accessory_of", "Only an accessory goes with another line.")
            return None
        said = self.said[place] if 0 <= place < len(self.said) else None
        device = self.items.get(said.sku) if said else None
        if said is None or (device is not None and device.kind is Kind.ACCESSORY):
            self.problems.add(f"{where}.accessory_of", "There is no such device in this order.")
            return None
        fits = self._fits.get(item.id)
        if device is not None and fits and device.id not in fits:
            self.problems.add(f"{where}.accessory_of", f"{item.title} does not fit {device.title}.")
            return None
        # Where the device's own line has a problem, that is told there.
        return at.get(place)

    @cached_property
    def _fits(self) -> dict[int, set[int]]:
        """Which devices each accessory of the order fits; one that is not in it fits everything."""
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
    return f"Choose {_or(named)}." if named else "It has one size only."


def _or(words: Sequence[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} or {words[-1]}"


# ---- Units


def _check_units(
    account: Account,
    said: Sequence[NewLine],
    lines: Sequence[CheckedLine],
    people: People,
    problems: Problems,
    *,
    lock: bool,
) -> None:
    intents = [intent for line in lines for intent in line.intents if intent]
    if not intents and not any(line.intents for line in said):
        return
    people.read(intents)
    upgrades = Upgrades(account)
    upgrades.read(intents, lock=lock)
    locations = open_locations(account.id, (intent.location_id for intent in intents))
    bases = sum(line.quantity for line in lines if line.item.kind is Kind.DECT_BASE)
    for line in lines:
        for place, intent in enumerate(line.intents):
            if not intent:
                continue
            number, unit = line.places[place]
            where = f"lines.{number}.intents.{unit}"
            if intent.location_id is not None and intent.location_id not in locations:
                problems.add(f"{where}.location_id", f"This is not a location of {account.name}.")
            _check_base(where, line.item.kind, intent.base, bases, problems)
            intent = people.checked(where, line.item.kind, intent, problems)
            intent = upgrades.checked(where, line.item, line.mobile_carrier, intent, problems)
            line.intents[place] = intent
        if line.mobile_carrier is None:
            line.mobile_carrier = upgrades.carrier_of(line.intents)


def _check_base(where: str, kind: Kind, base: int | None, bases: int, problems: Problems) -> None:
    if base is None:
        return
    if kind is not Kind.DECT_HANDSET:
        problems.add(f"{where}.base", "Only a handset is meant for a base.")
    elif not 1 <= base <= bases:
        problems.add(f"{where}.base", f"There is no base {base} in this order; it has {bases}.")


# ---- Spares


def _take_spares(account: Account, lines: Sequence[CheckedLine], problems: Problems, *, lock: bool) -> None:
    """Give each unit of a line of spares its device: the one named, else any that is left."""
    free = spare_ids(account, {line.item.id for line in lines if line.from_spare}, lock=lock)
    left = {item_id: list(ids) for item_id, ids in free.items()}
    for line in lines:
        for place, intent in enumerate(line.intents):
            named = intent.spare_device_id
            if named is None:
                continue
            number, unit = line.places[place]
            if line.from_spare and named in left.get(line.item.id, ()):
                left[line.item.id].remove(named)
                continue
            problems.add(
                f"lines.{number}.intents.{unit}.spare_device_id", _why_no_spare(account, line, named, free)
            )
    for line in lines:
        if not line.from_spare:
            continue
        spares = left.get(line.item.id, [])
        wanting = [place for place, intent in enumerate(line.intents) if intent.spare_device_id is None]
        if len(wanting) > len(spares):
            problems.add(f"lines.{line.number}.quantity", _too_few(line, len(free.get(line.item.id, ()))))
            continue
        for place in wanting:
            line.intents[place] = replace(line.intents[place], spare_device_id=spares.pop(0))


def _why_no_spare(account: Account, line: CheckedLine, named: int, free: Mapping[int, Sequence[int]]) -> str:
    if not line.from_spare:
        return "This line is bought, not taken from the spares."
    if named in free.get(line.item.id, ()):
        return "This spare is named twice in this order."
    kept = reservations([named]).get(named) if 0 < named < 2**63 else None
    if kept is not None:
        return f"This device is kept for {kept} by now; choose another."
    return f"This is not a spare {line.item.title} of {account.name}."


def _too_few(line: CheckedLine, left: int) -> str:
    if not left:
        return f"There is no spare {line.item.title} left; somebody else may just have taken it."
    are = "is" if left == 1 else "are"
    return f"Only {left} spare {line.item.title} {are} left; somebody else may just have taken the others."
