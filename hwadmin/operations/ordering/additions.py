"""Putting devices, accessories, spares and upgrades into a basket."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from hwadmin.domain.device_kinds import Kind
from hwadmin.domain.ordering.basket import MAX_LINES, MAX_PER_LINE, BasketContent, BasketLine, Plan, splits_of
from hwadmin.domain.ordering.variants import NO_CHOICE, VariantChoice
from hwadmin.domain.permissions import Actor
from hwadmin.domain.text_validation import Problems
from hwadmin.errors import InvalidInput
from hwadmin.models import Account
from hwadmin.operations.ordering.basket import edit_basket
from hwadmin.queries.accounts.phone_lines import PhoneLineDetails, phone_line_details
from hwadmin.queries.devices.spares import spares_of
from hwadmin.queries.ordering.items import OfferedItem, accessories_for, offered_items_by_sku
from hwadmin.queries.ordering.model_choices import OfferedModel, Variant
from hwadmin.queries.ordering.offered_models import models_by_sku
from hwadmin.queries.ordering.people import employee_choice


@dataclass(frozen=True, slots=True)
class Chosen:
    """What somebody puts into the basket."""

    # An item, and what was chosen of its model; what was not is as the item has it.
    sku: str = ""
    choice: VariantChoice = NO_CHOICE
    quantity: int = 1
    line_of_service_id: int | None = None
    override_reason: str = ""
    spare_device_id: int | None = None
    # The line of the basket an accessory goes with.
    goes_with: int | None = None
    # Accessories that go with it: how many, by catalog item.
    accessories: Mapping[int, int] = field(default_factory=dict)
    # In which color; the first one where none is given.
    accessory_colors: Mapping[int, str] = field(default_factory=dict)


def add_to_basket(actor: Actor, account_id: int, chosen: Chosen) -> str:
    """Put a device with its accessories, an accessory, a spare or an upgrade into the basket.

    The same thing once more raises its quantity.

    Returns:
        What was put in, as people call it.

    Raises:
        InvalidInput: it cannot be chosen like this, at ``item``, ``size``, ``term``, ``color``, ``carrier``,
            ``quantity``, ``line``, ``spare``, ``override_reason``, ``acc-12`` or ``acc-12-color``.
    """
    added: list[str] = []

    def add(account: Account, content: BasketContent) -> BasketContent:
        added.clear()
        if chosen.spare_device_id is not None:
            return _with_spare(actor, account, content, chosen.spare_device_id, added)
        title, content = _ItemAddition(actor, account, content, chosen).checked()
        added.append(title)
        return content

    edit_basket(actor, account_id, add)
    return added[0]


def _with_spare(
    actor: Actor, account: Account, content: BasketContent, device_id: int, added: list[str]
) -> BasketContent:
    spare = next((spare for spare in spares_of(actor, account) if spare.device_id == device_id), None)
    if spare is None:
        raise InvalidInput.at("spare", "This device is not in the spare inventory any more. Choose another.")
    if any(line.spare_device_id == device_id for line in content.lines):
        raise InvalidInput.at("spare", f"{spare.title} {spare.identifier} is in the basket already.")
    added.append(f"{spare.title} {spare.identifier}")
    line = BasketLine(key=content.next_key, sku=spare.sku, title=spare.title, spare_device_id=device_id)
    return _with_new_line(content, line)


def _chosen_words(variant: Variant, phone_line: PhoneLineDetails | None) -> list[str]:
    """What is chosen of a model; of an upgrade its number too, which has the carrier."""
    if phone_line is None:
        return variant.words
    words = replace(variant, mobile_carrier=phone_line.mobile_carrier).words
    return [*words, f"upgrade of {phone_line.phone_number}"]


@dataclass(frozen=True)
class _ItemAddition:
    """An item of the catalog on its way into a basket, with the problems found so far."""

    actor: Actor
    account: Account
    content: BasketContent
    chosen: Chosen
    problems: Problems = field(default_factory=Problems)

    def checked(self) -> tuple[str, BasketContent]:
        """The title of the item and the basket with it; refused with every problem there is."""
        model, chosen = self._model(), self.chosen
        phone_line = self._phone_line(model)
        variant = self._variant(model, phone_line) if model else None
        item = variant.item if variant else None
        device = self._device(item)
        extras = self._extras(item) if item else []
        if not 1 <= chosen.quantity <= MAX_PER_LINE:
            self.problems.add("quantity", f"Give a quantity from 1 to {MAX_PER_LINE:,}.")
        if self.problems.errors or item is None or variant is None:
            raise InvalidInput(self.problems.errors)
        new = BasketLine(
            key=self.content.next_key,
            sku=item.sku,
            title=item.title,
            quantity=1 if phone_line else chosen.quantity,
            size=variant.size,
            term_months=variant.term_months,
            color=variant.color,
            mobile_carrier="" if phone_line else variant.mobile_carrier,
            accessory_of=device.key if device else None,
            line_of_service_id=phone_line.id if phone_line else None,
            override_reason=chosen.override_reason if phone_line else "",
            plans=self._upgrade_plans(phone_line),
        )
        content, line = _with_line(self.content, new)
        for extra, count in extras:
            color = chosen.accessory_colors.get(extra.item_id, "")
            content, _ = _with_line(content, _extra_line(content, extra, count, color, line))
        return " · ".join((item.title, *_chosen_words(variant, phone_line))), content

    def _model(self) -> OfferedModel | None:
        sku = self.chosen.sku
        model = models_by_sku(self.actor, self.account.platform_id, [sku]).get(sku)
        if model is None:
            self.problems.add("item", "This is not in the platform's catalog.")
        elif model.first.archived:
            self.problems.add("item", f"{model.title} is archived and can no longer be ordered.")
            return None
        return model

    def _variant(self, model: OfferedModel, phone_line: PhoneLineDetails | None) -> Variant | None:
        choice = self.chosen.choice
        if phone_line is not None:
            # The carrier of an upgrade is that of its number.
            model = model.upgrading(phone_line.mobile_carrier)
            choice = replace(choice, mobile_carrier=None)
        variant = model.chosen(choice, self.chosen.sku)
        if variant is None:
            self.problems.errors.append(model.why_not(choice))
        return variant

    def _check_color(self, item: OfferedItem, color: str, name: str) -> None:
        if color and color not in item.all_colors:
            self.problems.add(name, f"{item.title} is not offered in this color. Choose another.")

    def _phone_line(self, model: OfferedModel | None) -> PhoneLineDetails | None:
        """The phone line that is upgraded; None for a new device."""
        if self.chosen.line_of_service_id is None:
            return None
        phone_line = phone_line_details(self.actor, self.account, self.chosen.line_of_service_id)
        if phone_line is None:
            self.problems.add("line", f"This phone number is not one of {self.account.name}.")
            return None
        number = phone_line.phone_number
        if model is not None and model.kind is not Kind.MOBILE:
            self.problems.add("item", f"Only a mobile upgrades a phone number; {model.title} is not one.")
        if any(line.line_of_service_id == phone_line.id for line in self.content.lines):
            self.problems.add("line", f"The upgrade of {number} is in the basket already.")
        if phone_line.open_order:
            self.problems.add("line", f"{number} is being upgraded by {phone_line.open_order} already.")
        elif not phone_line.eligibility.eligible:
            self._check_override(phone_line)
        return phone_line

    def _check_override(self, phone_line: PhoneLineDetails) -> None:
        """An upgrade that is not eligible needs an account that allows it, and a reason."""
        if phone_line.ended_at is not None or not self.account.allows_upgrade_override:
            why = phone_line.eligibility.why
            self.problems.add("line", f"{phone_line.phone_number} cannot be upgraded. {why}")
            return
        self.problems.text(
            "override_reason",
            self.chosen.override_reason,
            most=2000,
            lines=True,
            required="Say why it is upgraded although it is not eligible.",
        )

    def _device(self, item: OfferedItem | None) -> BasketLine | None:
        """The device of the basket an accessory goes with; None where it goes with none."""
        if self.chosen.goes_with is None:
            return None
        device = self.content.line(self.chosen.goes_with)
        if device is None or device.accessory_of is not None:
            self.problems.add("item", "The device it goes with is not in the basket any more.")
            return None
        if item is not None and item.item_id not in self._fitting(device.sku):
            self.problems.add("item", f"{item.title} does not fit {device.title}.")
        return device

    def _extras(self, item: OfferedItem) -> list[tuple[OfferedItem, int]]:
        """The accessories that go with the item, and how many of each."""
        counts = {item_id: count for item_id, count in self.chosen.accessories.items() if count}
        fitting = self._fitting(item.sku) if counts else {}
        extras = []
        for item_id, count in counts.items():
            extra, name = fitting.get(item_id), f"acc-{item_id}"
            if extra is None:
                message = f"One of the accessories does not fit {item.title} or is no longer sold."
                self.problems.add("item", message)
            elif not 1 <= count <= MAX_PER_LINE:
                self.problems.add(name, f"Give a quantity from 0 to {MAX_PER_LINE:,}.")
            else:
                color = self.chosen.accessory_colors.get(item_id, "")
                self._check_color(extra, color, f"{name}-color")
                extras.append((extra, count))
        return extras

    def _fitting(self, sku: str) -> dict[int, OfferedItem]:
        """The accessories that fit a device, by catalog item."""
        device = offered_items_by_sku(self.actor, self.account, [sku]).get(sku)
        if device is None or device.kind is Kind.ACCESSORY:
            return {}
        return {extra.item_id: extra for extra in accessories_for(self.actor, self.account, [device.item_id])}

    def _upgrade_plans(self, phone_line: PhoneLineDetails | None) -> tuple[Plan, ...]:
        """The plan of an upgrade: for the employee who has the number today."""
        if phone_line is None or not phone_line.employee_id:
            return ()
        user = employee_choice(self.actor, self.account, phone_line.employee_id)
        if user is None:
            return (Plan(),)
        codes = splits_of(user.shares)
        return (Plan(employee_id=user.id, name=user.name, number=user.number or "", codes=codes),)


def _extra_line(
    content: BasketContent, extra: OfferedItem, count: int, color: str, device: BasketLine
) -> BasketLine:
    option = extra.cheapest
    return BasketLine(
        key=content.next_key,
        sku=extra.sku,
        title=extra.title,
        quantity=count,
        size=option.size,
        term_months=option.term_months,
        color=color or extra.all_colors[0],
        accessory_of=device.key,
    )


def _with_line(content: BasketContent, new: BasketLine) -> tuple[BasketContent, BasketLine]:
    """The basket with one more line, or with more of one that is there already; and that line."""
    for line in content.lines:
        if not new.single and not line.single and line.choice == new.choice:
            total = line.quantity + new.quantity
            if total > MAX_PER_LINE:
                raise InvalidInput.at(
                    "quantity",
                    f"The basket holds {line.quantity:,} of these; order {MAX_PER_LINE:,} at most at once.",
                )
            increased = line.model_copy(update={"quantity": total})
            return content.with_line(increased), increased
    return _with_new_line(content, new), new


def _with_new_line(content: BasketContent, new: BasketLine) -> BasketContent:
    lines = [*content.lines, new]
    if len(lines) > MAX_LINES:
        raise InvalidInput.at("item", f"A basket holds {MAX_LINES} lines at most. Confirm this one first.")
    return content.with_lines(lines)
