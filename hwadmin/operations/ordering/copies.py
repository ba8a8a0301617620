"""Ordering again: what an earlier order asked for, put into a basket. Nothing is submitted by that."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from hwadmin.domain.device_kinds import Kind
from hwadmin.domain.ordering.basket import (
    MAX_LINES,
    BasketContent,
    BasketLine,
    Information,
    Plan,
    splits_of,
)
from hwadmin.domain.ordering.variants import VariantChoice
from hwadmin.domain.permissions import Actor, Permission, require
from hwadmin.errors import WrongState
from hwadmin.models import Account, CatalogItem, HardwareOrder, LineItem
from hwadmin.operations.ordering.basket import edit_basket
from hwadmin.operations.orders.transition import lock_order, refresh_lines
from hwadmin.queries.devices.spares import Spare, spares_of
from hwadmin.queries.ordering.model_choices import OfferedModel, Variant
from hwadmin.queries.ordering.offered_models import models_by_sku
from hwadmin.queries.units.choices import active_employees, current_items, open_locations
from hwadmin.queries.units.units import UnitRow, units_of


@dataclass(frozen=True, slots=True)
class Copied:
    """What came of an order that is ordered again."""

    account_id: int
    # What is left out, and why.
    left_out: Sequence[str]
    # How many pieces the basket held already; and whether it held this very copy.
    held_before: int
    again: bool


def copy_to_basket(actor: Actor, order_id: int) -> Copied:
    """Put what an order asked for into the actor's basket of its account, with people, places and reasons.

    What is no longer sold is left out. What the basket holds stays in it; the same order is not put in twice.

    Raises:
        NotAllowed, NotFound: nothing was done.
        WrongState: none of its items can be ordered any more, or the basket has no room for them.
    """
    require(actor, Permission.ORDERS_COPY)
    # Locked, so that nobody edits its lines while they are read.
    order = lock_order(actor, order_id)
    copy = copied_content(actor, order)
    outcome: list[Copied] = []

    def add(_account: Account, content: BasketContent) -> BasketContent:
        held = sum(line.quantity for line in content.lines)
        again = held > 0 and order.id in content.copied_from
        outcome[:] = [Copied(order.account_id, copy.left_out, held, again)]
        return content if again else copy.added_to(content)

    edit_basket(actor, order.account_id, add)
    return outcome[0]


@dataclass(frozen=True, slots=True)
class OrderCopy:
    """What an order would put into a basket."""

    content: BasketContent
    left_out: tuple[str, ...]

    def added_to(self, content: BasketContent) -> BasketContent:
        """A basket with this in it; what was typed for a basket that held something stays.

        Raises:
            WrongState: it would hold too many lines.
        """
        held, more = len(content.lines), len(self.content.lines)
        if held + more > MAX_LINES:
            raise WrongState(
                f"A basket holds {MAX_LINES} lines at most; this account’s has {held}, and the order would "
                f"add {more}. Nothing was added: confirm or empty the basket first."
            )
        first = content.next_key - 1
        moved = [_moved(line, first) for line in self.content.lines]
        together = content.with_lines([*content.lines, *moved]).model_copy(
            update={"copied_from": (*content.copied_from, *self.content.copied_from)}
        )
        if content.lines:
            return together
        return together.model_copy(update={"information": self.content.information, "informed": True})


def _moved(line: BasketLine, by: int) -> BasketLine:
    """The line with other keys, so that it can stand beside those of a basket."""
    plans = tuple(
        plan.model_copy(update={"base": _moved_base(plan.base, by)}) if plan.base else plan
        for plan in line.plans
    )
    device = None if line.accessory_of is None else line.accessory_of + by
    return line.model_copy(update={"key": line.key + by, "plans": plans, "accessory_of": device})


def _moved_base(base: str, by: int) -> str:
    key, _, number = base.partition(".")
    return f"{int(key) + by}.{number}"


def copied_content(actor: Actor, order: HardwareOrder) -> OrderCopy:
    """A basket as somebody would fill it to order the same today, and what is no longer sold.

    Raises:
        WrongState: none of its items can be ordered any more.
    """
    copying = _Copying(actor, order)
    for line in refresh_lines(order):
        copying.copy(line)
    if not copying.lines:
        raise WrongState(
            f"Nothing of {order.reference} can be ordered any more: {', '.join(copying.left_out)}."
        )
    locations = open_locations(order.account_id, [order.ship_to_location_id])
    information = Information(
        requester=order.requester or "",
        notify="\n".join(order.notify or ()),
        ship_to_location_id=order.ship_to_location_id if locations else None,
        attention=order.attention or "",
        notes=order.notes or "",
        reason=order.reason or "",
        accounting_codes=tuple(code for code in order.accounting_codes or () if isinstance(code, str)),
    )
    content = BasketContent(information=information, informed=True, copied_from=(order.id,))
    return OrderCopy(content.with_lines(copying.planned_lines()), tuple(copying.left_out))


@dataclass
class _Copying:
    """The lines of a basket that were made of an order so far."""

    actor: Actor
    order: HardwareOrder
    lines: list[BasketLine] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)
    # Of each line of the order: the first line of the basket. Of each unit: its line and number there.
    key_of: dict[int, int] = field(default_factory=dict)
    place_of: dict[int, tuple[int, int]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        order = self.order
        self.units = units_of(order.id)
        self.items: Mapping[int, CatalogItem] = current_items(
            line.catalog_item_id for line in refresh_lines(order)
        )
        skus = [item.sku for item in self.items.values()]
        self.models = models_by_sku(self.actor, order.platform_id, skus)
        self.employees = active_employees(order.account_id, (unit.employee_id for unit in self.units))
        self.locations = open_locations(order.account_id, (unit.location_id for unit in self.units))
        self.spares: list[Spare] = []
        if any(line.from_spare for line in order.lines):
            self.spares = list(spares_of(self.actor, order.account))

    def copy(self, line: LineItem) -> None:
        """One line, as it would be chosen today; what cannot be is left out."""
        units = [unit for unit in self.units if unit.line_id == line.id]
        if line.from_spare:
            self._copy_spares(line, units)
            return
        item = self.items.get(line.catalog_item_id)
        variant = self._variant(line, item) if item else None
        if variant is None:
            self.left_out.append(f"{line.description} is no longer sold")
            return
        upgrades = [unit for unit in units if unit.line_of_service_id]
        for unit in upgrades:
            upgrade = {"line_of_service_id": unit.line_of_service_id, "mobile_carrier": ""}
            reason = {"override_reason": unit.override_reason or ""}
            self._add(line, variant, [unit], **upgrade, **reason)
        others = [unit for unit in units if not unit.line_of_service_id]
        if others:
            self._add(line, variant, others)

    def _variant(self, line: LineItem, item: CatalogItem) -> Variant | None:
        """The variant of a line, where it is still offered; its color may have to be chosen anew."""
        model: OfferedModel | None = self.models.get(item.sku)
        choice = VariantChoice(line.size or "", line.color, line.mobile_carrier or "", line.term_months or 0)
        if model is None:
            return None
        found = model.chosen(choice, item.sku)
        if found is None and item.mobile_carrier is None:
            # The carrier of an upgrade is that of its number; what was for a carrier is still unlocked.
            found = model.chosen(replace(choice, mobile_carrier=None), item.sku)
        return found if found and found.item.sku == item.sku else None

    def _copy_spares(self, line: LineItem, units: Sequence[UnitRow]) -> None:
        """Other spares of the same item, as many as there are."""
        for unit in units:
            spare = next((spare for spare in self.spares if spare.sku == line.sku), None)
            if spare is None:
                self.left_out.append(f"there is no other spare {line.title}")
                continue
            self.spares.remove(spare)
            self._append(
                line,
                [unit],
                BasketLine(key=0, sku=spare.sku, title=spare.title, spare_device_id=spare.device_id),
            )

    def _add(self, line: LineItem, variant: Variant, units: Sequence[UnitRow], **choices: object) -> None:
        chosen = {
            "sku": variant.item.sku,
            "title": variant.item.title,
            "size": variant.size,
            "term_months": variant.term_months,
            # Where none was chosen and there are several, the basket asks for it.
            "color": line.color or "",
            "mobile_carrier": variant.mobile_carrier,
        } | choices
        self._append(line, units, BasketLine.model_validate({"key": 0, "quantity": len(units), **chosen}))

    def _append(self, line: LineItem, units: Sequence[UnitRow], copy: BasketLine) -> None:
        key = len(self.lines) + 1
        device = self.key_of.get(line.accessory_of_id or 0)
        self.lines.append(copy.model_copy(update={"key": key, "accessory_of": device}))
        self.key_of.setdefault(line.id, key)
        for number, unit in enumerate(units, 1):
            self.place_of[unit.id] = key, number

    def planned_lines(self) -> list[BasketLine]:
        """The lines with the plans of their units; now that all bases have their place."""
        lines = {line.key: line for line in self.lines}
        for unit in self.units:
            key, number = self.place_of.get(unit.id, (0, 0))
            plan = self._plan(unit) if key else Plan()
            if not plan.blank:
                lines[key] = lines[key].with_plan(number, plan)
        return list(lines.values())

    def _plan(self, unit: UnitRow) -> Plan:
        """Without people who have left, locations that are gone, and bases that are not copied."""
        is_active = unit.employee_id in self.employees
        base = self.place_of.get(unit.base_unit_id or 0)
        return Plan(
            employee_id=unit.employee_id if is_active else None,
            name=(unit.user_name or unit.employee_name or "") if is_active else "",
            number=(unit.user_number or "") if is_active else "",
            codes=splits_of(unit.shares),
            location_id=unit.location_id if unit.location_id in self.locations else None,
            base=f"{base[0]}.{base[1]}" if base and unit.kind is Kind.DECT_HANDSET else "",
            upgrade_reason=unit.upgrade_reason or "",
        )
