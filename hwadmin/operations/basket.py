"""A person's basket for an account: putting things in, changing them, and keeping what is typed for it.

A basket keeps whatever was chosen and typed; only what cannot be chosen at all is refused. Every change is
laid over what the basket holds by then, so that two tabs do not undo each other.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from hwadmin.basket import (
    MOST_LINES,
    MOST_PER_LINE,
    Change,
    Content,
    Information,
    Line,
    Plan,
    TypedPlan,
    empty,
    read,
    splits_of,
)
from hwadmin.clock import utcnow
from hwadmin.errors import ChangedMeanwhile, InvalidInput
from hwadmin.kinds import Kind
from hwadmin.models import Account, Basket
from hwadmin.operations.platforms import find, insert_or_ignore
from hwadmin.permissions import Actor, Permission, require
from hwadmin.queries.basket import basket_of, usual_information
from hwadmin.queries.choosing import (
    Card,
    Option,
    ServiceLine,
    accessories_for,
    cards_of,
    carriers_sold,
    employee_choice,
    service_line,
    spares_of,
)
from hwadmin.texts import Problems


@dataclass(frozen=True, slots=True)
class Chosen:
    """What somebody puts into the basket."""

    sku: str = ""
    quantity: int = 1
    size: str = ""
    term_months: int = 0
    color: str = ""
    # For which carrier an unlocked mobile is wanted, if that is said.
    mobile_carrier: str = ""
    line_of_service_id: int | None = None
    override_reason: str = ""
    spare_device_id: int | None = None
    # The line of the basket an accessory goes with.
    goes_with: int | None = None
    # Accessories that go with it: how many, by catalog item.
    accessories: Mapping[int, int] = field(default_factory=dict)
    # In which color; the first one where nothing is said.
    accessory_colors: Mapping[int, str] = field(default_factory=dict)


def _edit(actor: Actor, account_id: int, change: Callable[[Account, Content], Content]) -> Content:
    """Lay a change over what the actor's basket holds by now, and keep it."""
    require(actor, Permission.ORDERS_SUBMIT)
    account = find(actor, Account, account_id)
    basket = locked_basket(actor, account)
    before, _ = read(basket.content)
    after = change(account, before)
    if after != before:
        basket.content = after.model_dump(mode="json")
        basket.version += 1
        basket.updated_at = utcnow()
    return after


def locked_basket(actor: Actor, account: Account) -> Basket:
    """The actor's basket, locked until the end of the unit of work; made where there is none."""
    basket = basket_of(actor, account.id, lock=True)
    if basket is None:
        insert_or_ignore(
            Basket,
            platform_id=account.platform_id,
            account_id=account.id,
            person_id=actor.id,
            content=empty().model_dump(mode="json"),
        )
        # Another tab may have been faster.
        basket = basket_of(actor, account.id, lock=True)
        assert basket is not None
    return basket


# ---- Putting in


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

    def add(account: Account, content: Content) -> Content:
        added[:] = []
        if chosen.spare_device_id is not None:
            return _with_spare(actor, account, content, chosen.spare_device_id, added)
        return _with_item(actor, account, content, chosen, added)

    _edit(actor, account_id, add)
    return added[0]


def _with_spare(
    actor: Actor, account: Account, content: Content, device_id: int, added: list[str]
) -> Content:
    spare = next((one for one in spares_of(actor, account) if one.device_id == device_id), None)
    if spare is None:
        raise InvalidInput.at("spare", "This device is not in the spare inventory any more. Choose another.")
    if any(line.spare_device_id == device_id for line in content.lines):
        raise InvalidInput.at("spare", f"{spare.title} {spare.identifier} is in the basket already.")
    added.append(f"{spare.title} {spare.identifier}")
    line = Line(key=content.next_key, sku=spare.sku, title=spare.title, spare_device_id=device_id)
    return _grown(content, [line])


def _with_item(actor: Actor, account: Account, content: Content, chosen: Chosen, added: list[str]) -> Content:
    problems = Problems()
    card, option = _checked_card(actor, account, chosen, problems)
    service = _checked_upgrade(actor, account, content, card, chosen, problems)
    device = _checked_device(actor, account, content, card, chosen, problems)
    extras = _checked_accessories(actor, account, card, chosen, problems)
    if not 1 <= chosen.quantity <= MOST_PER_LINE:
        problems.add("quantity", f"Give a quantity from 1 to {MOST_PER_LINE:,}.")
    if problems.errors or card is None or option is None:
        raise InvalidInput(problems.errors)
    added.append(card.title)
    line = Line(
        key=content.next_key,
        sku=card.sku,
        title=card.title,
        quantity=1 if service else chosen.quantity,
        size=option.size,
        term_months=option.term_months,
        color=_color(card, chosen.color),
        mobile_carrier="" if service else chosen.mobile_carrier,
        accessory_of=device.key if device else None,
        line_of_service_id=service.id if service else None,
        override_reason=chosen.override_reason if service else "",
        plans=(_known_user(actor, account, service),) if service and service.employee_id else (),
    )
    content, kept = _put(content, line)
    for extra, count in extras:
        color = chosen.accessory_colors.get(extra.item_id, "")
        content, _ = _put(content, _extra_line(content, extra, count, color, kept))
    return content


def _checked_card(
    actor: Actor, account: Account, chosen: Chosen, problems: Problems
) -> tuple[Card | None, Option | None]:
    card = cards_of(actor, account, [chosen.sku]).get(chosen.sku)
    if card is None:
        problems.add("item", "This is not in the platform's catalog.")
        return None, None
    if card.archived:
        problems.add("item", f"{card.title} is archived and can no longer be ordered.")
        return None, None
    option = card.option(chosen.size, chosen.term_months)
    if option is None:
        sold = any(one.size == chosen.size for one in card.options)
        if sold:
            problems.add("term", f"{card.title} is not offered with this term in this size. Choose another.")
        else:
            problems.add("size", f"{card.title} is not offered in this size. Choose another.")
    _check_color(card, chosen.color, "color", problems)
    # The carrier of an upgrade is that of its number.
    if chosen.mobile_carrier and chosen.line_of_service_id is None:
        if not card.unlocked:
            problems.add("carrier", f"There is no choice of carrier for {card.title}.")
        elif chosen.mobile_carrier not in carriers_sold(actor, account):
            problems.add("carrier", f"{account.platform.name} sells nothing of this carrier. Choose another.")
    return card, option


def _check_color(card: Card, said: str, field: str, problems: Problems) -> None:
    if said and card.colors and said not in card.colors:
        problems.add(field, f"{card.title} is not offered in this color. Choose another.")


def _color(card: Card, said: str) -> str:
    """The color said; the first one where there is a choice and nothing was said."""
    return (said or card.colors[0]) if card.colors else ""


def _checked_upgrade(
    actor: Actor, account: Account, content: Content, card: Card | None, chosen: Chosen, problems: Problems
) -> ServiceLine | None:
    if chosen.line_of_service_id is None:
        return None
    service = service_line(actor, account, chosen.line_of_service_id)
    if service is None:
        problems.add("line", f"This phone number is not one of {account.name}.")
        return None
    if card is not None and card.kind is not Kind.MOBILE:
        problems.add("item", f"A phone number is upgraded with a mobile; {card.title} is none.")
    if any(line.line_of_service_id == service.id for line in content.lines):
        problems.add("line", f"The upgrade of {service.phone_number} is in the basket already.")
    if service.open_order:
        problems.add("line", f"{service.phone_number} is being upgraded by {service.open_order} already.")
    elif not service.eligibility.eligible:
        if service.ended_at is not None or not account.allows_upgrade_override:
            problems.add("line", f"{service.phone_number} cannot be upgraded. {service.eligibility.why}")
        else:
            problems.text(
                "override_reason",
                chosen.override_reason,
                most=2000,
                lines=True,
                required="Say why it is upgraded although it is not eligible.",
            )
    return service


def _checked_device(
    actor: Actor, account: Account, content: Content, card: Card | None, chosen: Chosen, problems: Problems
) -> Line | None:
    """The device of the basket an accessory goes with; None where it goes with none."""
    if chosen.goes_with is None:
        return None
    device = content.line(chosen.goes_with)
    if device is None or device.accessory_of is not None:
        problems.add("item", "The device it goes with is not in the basket any more.")
        return None
    if card is not None and card.item_id not in _fitting(actor, account, device.sku):
        problems.add("item", f"{card.title} does not fit {device.title}.")
    return device


def _checked_accessories(
    actor: Actor, account: Account, card: Card | None, chosen: Chosen, problems: Problems
) -> list[tuple[Card, int]]:
    wanted = {item_id: count for item_id, count in chosen.accessories.items() if count}
    if not wanted or card is None:
        return []
    fitting = _fitting(actor, account, card.sku)
    extras = []
    for item_id, count in wanted.items():
        extra = fitting.get(item_id)
        if extra is None:
            problems.add("item", f"One of the accessories does not fit {card.title} or is sold no more.")
        elif not 1 <= count <= MOST_PER_LINE:
            problems.add(f"acc-{item_id}", f"Give a quantity from 0 to {MOST_PER_LINE:,}.")
        else:
            _check_color(extra, chosen.accessory_colors.get(item_id, ""), f"acc-{item_id}-color", problems)
            extras.append((extra, count))
    return extras


def _fitting(actor: Actor, account: Account, sku: str) -> dict[int, Card]:
    """The accessories that fit a device, by catalog item."""
    card = cards_of(actor, account, [sku]).get(sku)
    if card is None or card.kind is Kind.ACCESSORY:
        return {}
    return {extra.item_id: extra for extra in accessories_for(actor, account, [card.item_id])}


def _extra_line(content: Content, extra: Card, count: int, color: str, device: Line) -> Line:
    option = extra.cheapest
    return Line(
        key=content.next_key,
        sku=extra.sku,
        title=extra.title,
        quantity=count,
        size=option.size,
        term_months=option.term_months,
        color=_color(extra, color),
        accessory_of=device.key,
    )


def _known_user(actor: Actor, account: Account, service: ServiceLine) -> Plan:
    """The plan of an upgrade: for who has the number today."""
    user = employee_choice(actor, account, service.employee_id or 0)
    if user is None:
        return Plan()
    return Plan(employee_id=user.id, name=user.name, number=user.number or "", codes=splits_of(user.shares))


def _put(content: Content, new: Line) -> tuple[Content, Line]:
    """The basket with one more line, or with more of one that is there already; and that line."""
    for line in content.lines:
        if not new.single and not line.single and line.choice == new.choice:
            total = line.quantity + new.quantity
            if total > MOST_PER_LINE:
                raise InvalidInput.at(
                    "quantity",
                    f"The basket holds {line.quantity:,} of these; order {MOST_PER_LINE:,} at most at once.",
                )
            more = line.model_copy(update={"quantity": total})
            return content.with_line(more), more
    return _grown(content, [new]), new


def _grown(content: Content, new: Iterable[Line]) -> Content:
    lines = [*content.lines, *new]
    if len(lines) > MOST_LINES:
        raise InvalidInput.at("item", f"A basket holds {MOST_LINES} lines at most. Confirm this one first.")
    return content.with_lines(lines)


# ---- Changing


def change_basket(
    actor: Actor, account_id: int, changes: Sequence[Change], *, remove: int | None = None
) -> list[str]:
    """Change quantities and colors, and take one line out; a device takes its accessories along.

    Fields the form did not change are left as they are by now, so that two tabs do not undo each other.

    Returns:
        Sentences about what was not changed, and why.
    """
    said: list[str] = []

    def change(account: Account, content: Content) -> Content:
        said[:] = []
        cards = cards_of(actor, account, {line.sku for line in content.lines})
        for one in changes:
            line = content.line(one.key)
            if line is None:
                said.append("Something you changed was taken out of the basket in another window meanwhile.")
            elif one.key != remove:
                content = _changed(content, line, one, cards.get(line.sku), said)
        if remove is not None:
            content = content.with_lines(
                [line for line in content.lines if remove not in (line.key, line.accessory_of)]
            )
        return content

    _edit(actor, account_id, change)
    return said


def _changed(content: Content, line: Line, change: Change, card: Card | None, said: list[str]) -> Content:
    now = str(line.quantity) if change.field == "quantity" else line.color
    if change.value == now:
        return content
    if change.was != now:
        said.append(
            f"{line.title}: in another window the {change.field} became {now or 'none'} meanwhile. "
            f"It is not changed to {change.value}."
        )
        return content
    if change.field == "color":
        if card is None or change.value not in card.colors:
            said.append(f"{line.title} is not offered in this color.")
            return content
        return content.with_line(line.model_copy(update={"color": change.value}))
    count = _count(change.value)
    if count is None or line.single:
        said.append(
            f"“{change.value[:20]}” is no quantity from 1 to {MOST_PER_LINE:,}; "
            f"{line.title} stays at {line.quantity:,}."
        )
        return content
    if count == 0:
        return content.with_lines(
            [one for one in content.lines if line.key not in (one.key, one.accessory_of)]
        )
    return content.with_line(line.model_copy(update={"quantity": count}))


def _count(text: str) -> int | None:
    text = text.strip()
    fits = text.isascii() and text.isdigit() and len(text) <= 6
    return int(text) if fits and int(text) <= MOST_PER_LINE else None


def delete_basket(actor: Actor, account_id: int, version: int) -> None:
    """Delete everything in the basket, and what was typed for it.

    Raises:
        ChangedMeanwhile: it is no longer what was on the page.
    """
    require(actor, Permission.ORDERS_SUBMIT)
    basket = locked_basket(actor, find(actor, Account, account_id))
    content, _ = read(basket.content)
    if content.lines and basket.version != version:
        raise ChangedMeanwhile("The basket was changed in another window meanwhile. Look at it once more.")
    empty_basket(basket)


def empty_basket(basket: Basket) -> None:
    """Take everything out of a locked basket, and what was typed for it."""
    basket.content = empty().model_dump(mode="json")
    basket.version += 1
    basket.updated_at = utcnow()


# ---- What is typed for it


def save_information(actor: Actor, account_id: int, typed: Information, mark: str) -> None:
    """Keep the ordering information as it was typed, right or wrong.

    Args:
        actor: who types.
        account_id: for which account.
        typed: all of it.
        mark: of what the form had shown.

    Raises:
        ChangedMeanwhile: it was changed in another window since; nothing was kept.
    """

    def save(account: Account, content: Content) -> Content:
        known = usual_information(actor, account, content)
        # What this window left as it was shown, it does not undo.
        if typed.mark == mark:
            return content.model_copy(update={"information": known, "informed": True})
        if typed != known and mark != known.mark:
            raise ChangedMeanwhile(
                "This was changed in another window meanwhile. What you typed is still here; "
                "send it once more to keep it instead."
            )
        return content.model_copy(update={"information": typed, "informed": True})

    _edit(actor, account_id, save)


def save_plans(actor: Actor, account_id: int, typed: Sequence[TypedPlan]) -> set[tuple[int, int]]:
    """Keep for whom and where the units are as it was typed, right or wrong.

    Returns:
        The units (line, number) that were changed in another window since, or are gone: not kept.
    """
    refused: set[tuple[int, int]] = set()

    def save(_account: Account, content: Content) -> Content:
        refused.clear()
        for one in typed:
            line = content.line(one.key)
            if line is None or one.number > line.quantity:
                refused.add((one.key, one.number))
                continue
            now = line.plan(one.number)
            # What this window left as it was shown, it does not undo.
            if one.plan == now or one.plan.mark == one.mark:
                continue
            if one.mark != now.mark:
                refused.add((one.key, one.number))
                continue
            content = content.with_line(line.with_plan(one.number, one.plan))
        return content

    _edit(actor, account_id, save)
    return refused


def same_for_all(actor: Actor, account_id: int, key: int, number: int) -> int:
    """Plan the other units of a line that nothing is said of like one of them; their number."""
    filled: list[int] = []

    def fill(_account: Account, content: Content) -> Content:
        filled.clear()
        line = content.line(key)
        if line is None or number > line.quantity:
            return content
        plan = line.plan(number)
        for other in range(1, line.quantity + 1):
            if other != number and line.plan(other).blank:
                line = line.with_plan(other, plan)
                filled.append(other)
        return content.with_line(line)

    _edit(actor, account_id, fill)
    return len(filled)
