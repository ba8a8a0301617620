"""The lines an edited order is to have: each one there is, or one to add.

A line is an item in one variant: size, color, term and carrier. Another variant is another line.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from hwadmin.domain.device_kinds import Kind
from hwadmin.domain.text_validation import Problems
from hwadmin.domain.wording import alternatives
from hwadmin.models import HardwareOrder, LineItem
from hwadmin.operations.orders.submission.line_checks import CheckedLine, LineCheck
from hwadmin.operations.orders.submission.new_order import MAX_PER_LINE, QUANTITY_RANGE, NewIntent, NewLine
from hwadmin.queries.catalog.items import fitted_devices
from hwadmin.queries.units.units import units_of

# A line of the order by its own key, or an item by its SKU.
LineName = str | int
_VARIANT = ("size", "color", "mobile_carrier", "term_months")
_NO_SPARES = "Spares are chosen when an order is made; add none here."
_GONE = "This line is not in the order any more."


@dataclass(slots=True)
class StatedLines:
    """What an edited order is to have."""

    # Of the lines there are, by key: how many, and the field that states the line first.
    quantities: dict[int, int] = field(default_factory=dict)
    fields: dict[int, str] = field(default_factory=dict)
    # New lines, and the lines there are, by their place in the list that was stated.
    added: dict[int, CheckedLine] = field(default_factory=dict)
    places: dict[int, int] = field(default_factory=dict)
    # Of new accessories: the place of the line of their device.
    devices: dict[int, int] = field(default_factory=dict)

    @property
    def added_units(self) -> int:
        """How many units the new lines have."""
        return sum(line.quantity for line in self.added.values())

    def state(self, place: int, line: LineItem, quantity: int, problems: Problems) -> None:
        """State the quantity of a line there is; stated twice, both add up."""
        self.places[place] = line.id
        if not 0 < quantity <= MAX_PER_LINE:
            problems.add(f"lines.{place}.quantity", QUANTITY_RANGE)
            return
        self.quantities[line.id] = self.quantities.get(line.id, 0) + quantity
        self.fields.setdefault(line.id, f"lines.{place}")


def read_stated_lines(
    order: HardwareOrder, stated: Sequence[tuple[LineName, int] | NewLine], problems: Problems
) -> StatedLines:
    """The stated lines of a locked order, each found among its lines or checked against the catalog.

    An item alone, without a variant, is the line of it that is not stated by its key; where there are
    several, which one is meant has to be stated. Where there is none, it is a new line of the item as it is.

    Args:
        order: the order, with its present lines.
        stated: lines by key, items by SKU, or variants.
        problems: collects every problem, at ``lines.0.size`` and the like.
    """
    result = StatedLines()
    lines = {line.id: line for line in order.lines}
    rest: list[tuple[int, NewLine]] = []
    for place, entry in enumerate(stated):
        if isinstance(entry, NewLine):
            key = entry.line_id
        else:
            name, quantity = entry
            key = name if isinstance(name, int) else None
            entry = NewLine(lines[key].sku if key in lines else str(name), quantity, line_id=key)
        if key is None:
            rest.append((place, entry))
        elif key not in lines:
            problems.add(f"lines.{place}.sku", _GONE)
        elif not _is(lines[key], entry):
            problems.add(f"lines.{place}.sku", f"This line is {lines[key].description}, nothing else.")
        else:
            result.state(place, lines[key], entry.quantity, problems)
    by_key = {lines[key].sku for key in result.places.values()}
    new: list[tuple[int, NewLine]] = []
    for place, line in rest:
        matches = [] if not line.names_a_variant and line.sku in by_key else _matching(order, line)
        if len(matches) == 1:
            result.state(place, matches[0], line.quantity, problems)
        elif matches:
            problems.add(f"lines.{place}.sku", _which(matches))
        elif line.from_spare:
            problems.add(f"lines.{place}.from_spare", _NO_SPARES)
        else:
            new.append((place, line))
    _check_new(order, new, result, problems)
    return result


def _is(line: LineItem, stated: NewLine) -> bool:
    """Whether a line is of the stated item and variant, as far as that is stated."""
    variant = {name: getattr(stated, name) for name in _VARIANT}
    return line.sku == stated.sku and all(
        (getattr(line, name) or 0) == (value or 0) for name, value in variant.items() if value is not None
    )


def _matching(order: HardwareOrder, stated: NewLine) -> list[LineItem]:
    """The lines of the order that have the variant, as far as it is stated."""
    lines = [line for line in order.lines if _is(line, stated)]
    # An item alone may be a line of spares, too; a variant is bought.
    if stated.names_a_variant or stated.from_spare:
        lines = [line for line in lines if line.from_spare == stated.from_spare]
    spare = next((intent.spare_device_id for intent in stated.intents), None)
    if spare is not None:
        kept = {unit.line_id for unit in units_of(order.id) if unit.reserved_device_id == spare}
        lines = [line for line in lines if line.id in kept]
    return lines


def _which(lines: Sequence[LineItem]) -> str:
    named = alternatives([line.description for line in lines])
    return f"Several lines are of this item: {named}. Say which, by its id or by what was chosen."


def _check_new(
    order: HardwareOrder, new: Sequence[tuple[int, NewLine]], result: StatedLines, problems: Problems
) -> None:
    """Check new variants against the catalog, their problems at their own places."""
    if not new:
        return
    own = Problems()
    checked = LineCheck(order.account, [replace(line, accessory_of=None) for _, line in new], own).merged()
    for error in own.errors:
        _, number, *rest = error.field.split(".")
        problems.add(".".join(["lines", str(new[int(number)][0]), *rest]), error.message)
    for addition in checked:
        place, stated = new[addition.number]
        same = next((line for line in order.lines if _same(line, addition)), None)
        if same is not None and stated.accessory_of is None:
            result.state(place, same, addition.quantity, problems)
        else:
            addition.intents = [NewIntent()] * addition.quantity
            result.added[place] = addition
    for place, line in new:
        if line.accessory_of is not None:
            result.devices[place] = line.accessory_of


def _same(line: LineItem, addition: CheckedLine) -> bool:
    """Whether more of a line is what shall be added: then it is no new line."""
    same = all((getattr(line, name) or None) == (getattr(addition, name) or None) for name in _VARIANT)
    is_own = not line.from_spare and line.accessory_of_id is None
    return same and is_own and line.catalog_item_id == addition.item.id


def device_lines(
    stated: StatedLines, order: HardwareOrder, problems: Problems
) -> dict[int, int | CheckedLine]:
    """Of each new accessory, by its place: the key of its device's line, or that line where it is new too."""
    by_place: dict[int, int | CheckedLine] = {**stated.places, **stated.added}
    found: dict[int, int | CheckedLine] = {}
    for place, target in stated.devices.items():
        accessory, device = stated.added.get(place), by_place.get(target)
        if accessory is None:
            continue
        problem = _why_not(order, accessory, device)
        if problem is not None:
            problems.add(f"lines.{place}.accessory_of", problem)
        elif device is not None:
            found[place] = device
    return found


def _why_not(order: HardwareOrder, accessory: CheckedLine, device: int | CheckedLine | None) -> str | None:
    """Why an accessory cannot go with the device of a line, as a sentence, or None."""
    if accessory.item.kind is not Kind.ACCESSORY:
        return "Only an accessory goes with another line."
    if isinstance(device, CheckedLine):
        kind, item_id = device.item.kind, device.item.id
    else:
        line = next((line for line in order.lines if line.id == device), None)
        kind, item_id = (line.kind, line.catalog_item_id) if line else (Kind.ACCESSORY, 0)
    if kind is Kind.ACCESSORY:
        return "There is no such device in this order."
    fits = fitted_devices(accessory.item.id)
    return f"{accessory.item.title} does not fit that device." if fits and item_id not in fits else None
