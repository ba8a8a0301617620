"""Checking a new order: its lines against the catalog, its units against the account.

Both the submission and the check of the pages use it; there is no second copy of a rule.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from hwadmin.domain.device_kinds import Kind
from hwadmin.domain.money import Totals, totals
from hwadmin.domain.row_ids import is_valid_id
from hwadmin.domain.text_validation import Problems
from hwadmin.domain.wording import inflect
from hwadmin.models import Account
from hwadmin.operations.orders.submission.line_checks import CheckedLine, LineCheck
from hwadmin.operations.orders.submission.new_order import (
    MAX_UNITS,
    TOO_MANY_UNITS,
    NewLine,
)
from hwadmin.operations.orders.submission.unit_people import OrderPeople
from hwadmin.operations.orders.submission.upgrades import Upgrades
from hwadmin.operations.units.spares import spare_ids
from hwadmin.queries.devices.spares import reservations
from hwadmin.queries.units.choices import open_locations


@dataclass(slots=True)
class CheckedOrder:
    """The checked lines of a new order, and its people."""

    lines: list[CheckedLine]
    people: OrderPeople

    @property
    def totals(self) -> Totals:
        """What it costs now, and per month."""
        return totals(
            (line.option.unit_price, line.option.monthly_price, line.quantity) for line in self.lines
        )


def check_lines(
    account: Account, new_lines: Sequence[NewLine], problems: Problems, *, lock: bool
) -> CheckedOrder:
    """The lines, each with its item and as many intents as units; equal lines become one.

    Args:
        account: for whom.
        new_lines: as they are stated.
        problems: collects every problem, at its field.
        lock: hold spares, phone lines and employees until the end of the unit of work, in this order.
    """
    people = OrderPeople(account, lock)
    if not new_lines:
        problems.add("lines", "Add at least one line item.")
        return CheckedOrder([], people)
    lines = LineCheck(account, new_lines, problems).merged()
    if sum(line.quantity for line in lines) > MAX_UNITS:
        problems.add("lines", TOO_MANY_UNITS)
        return CheckedOrder(lines, people)
    spares = spare_ids(account, {line.item.id for line in lines if line.from_spare}, lock=lock)
    _check_units(account, new_lines, lines, people, problems, lock=lock)
    _take_spares(account, lines, spares, problems)
    return CheckedOrder(lines, people)


# ---- Units


def _check_units(
    account: Account,
    new_lines: Sequence[NewLine],
    lines: Sequence[CheckedLine],
    people: OrderPeople,
    problems: Problems,
    *,
    lock: bool,
) -> None:
    intents = [intent for line in lines for intent in line.intents if intent]
    if not intents and not any(line.intents for line in new_lines):
        return
    upgrades = Upgrades(account)
    upgrades.read(intents, lock=lock)
    people.read(intents)
    locations = open_locations(account.id, (intent.location_id for intent in intents))
    bases = sum(line.quantity for line in lines if line.item.kind is Kind.DECT_BASE)
    for line in lines:
        for index, intent in enumerate(line.intents):
            if not intent:
                continue
            number, unit = line.origins[index]
            where = f"lines.{number}.intents.{unit}"
            if intent.location_id is not None and intent.location_id not in locations:
                problems.add(f"{where}.location_id", f"This is not a location of {account.name}.")
            _check_base(where, line.item.kind, intent.base, bases, problems)
            intent = people.check(where, line.item.kind, intent, problems)
            intent = upgrades.check(where, line.item, line.mobile_carrier, intent, problems)
            line.intents[index] = intent
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


def _take_spares(
    account: Account, lines: Sequence[CheckedLine], free: Mapping[int, Sequence[int]], problems: Problems
) -> None:
    """Give each unit of a line of spares its device: the one stated, else any that is left."""
    left = {item_id: list(ids) for item_id, ids in free.items()}
    for line in lines:
        for index, intent in enumerate(line.intents):
            named = intent.spare_device_id
            if named is None:
                continue
            number, unit = line.origins[index]
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
        unassigned = [index for index, intent in enumerate(line.intents) if intent.spare_device_id is None]
        if len(unassigned) > len(spares):
            problems.add(f"lines.{line.number}.quantity", _too_few(line, len(free.get(line.item.id, ()))))
            continue
        for index in unassigned:
            line.intents[index] = line.intents[index]._replace(spare_device_id=spares.pop(0))


def _why_no_spare(account: Account, line: CheckedLine, named: int, free: Mapping[int, Sequence[int]]) -> str:
    if not line.from_spare:
        return "This line is bought, not taken from the spares."
    if named in free.get(line.item.id, ()):
        return "This spare is named twice in this order."
    order_reference = reservations([named]).get(named) if is_valid_id(named) else None
    if order_reference is not None:
        return f"This device is kept for {order_reference} by now; choose another."
    return f"This is not a spare {line.item.title} of {account.name}."


def _too_few(line: CheckedLine, left: int) -> str:
    if not left:
        return f"There is no spare {line.item.title} left; somebody else may just have taken it."
    return (
        f"Only {left} spare {line.item.title} {inflect(left, 'is', 'are')} left; "
        "somebody else may just have taken the others."
    )
