"""A person's basket for an account: creating, changing and deleting it.

A basket keeps whatever was chosen and typed, right or wrong; only what cannot be chosen at all is refused.
Every change is applied to what the basket holds by then, so that two tabs do not undo each other.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from hwadmin.clock import utcnow
from hwadmin.db.lookup import insert_or_ignore
from hwadmin.domain.ordering.basket import MAX_PER_LINE, BasketContent, BasketLine, Change, empty, read
from hwadmin.domain.ordering.variants import VariantChoice
from hwadmin.domain.permissions import Actor, Permission, require
from hwadmin.errors import ChangedMeanwhile
from hwadmin.models import Account, Basket
from hwadmin.queries.ordering.basket import basket_of
from hwadmin.queries.ordering.model_choices import OfferedModel, Variant
from hwadmin.queries.ordering.offered_models import models_by_sku
from hwadmin.queries.scope import find


def edit_basket(
    actor: Actor, account_id: int, change: Callable[[Account, BasketContent], BasketContent]
) -> BasketContent:
    """Apply a change to what the actor's basket holds by now, and save it."""
    require(actor, Permission.ORDERS_COPY)
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


def change_basket(
    actor: Actor, account_id: int, changes: Sequence[Change], *, remove: int | None = None
) -> list[str]:
    """Change quantities and colors, and take one line out; a device takes its accessories along.

    A field that this form did not change keeps its value, so that two tabs do not undo each other.

    Returns:
        A sentence for each change that was not made, and why.
    """
    messages: list[str] = []

    def change(account: Account, content: BasketContent) -> BasketContent:
        messages.clear()
        models = models_by_sku(actor, account.platform_id, {line.sku for line in content.lines})
        for field_change in changes:
            line = content.line(field_change.key)
            if line is None:
                messages.append(
                    "Something you changed was taken out of the basket in another window meanwhile."
                )
            elif field_change.key != remove:
                content = _changed(content, line, field_change, models.get(line.sku), messages)
        if remove is not None:
            content = content.with_lines(
                [line for line in content.lines if remove not in (line.key, line.accessory_of)]
            )
        return content

    edit_basket(actor, account_id, change)
    return messages


def _changed(
    content: BasketContent, line: BasketLine, change: Change, model: OfferedModel | None, messages: list[str]
) -> BasketContent:
    now = str(line.quantity) if change.field == "quantity" else _color_of(line, model)
    if change.value == now:
        return content
    if change.was != now:
        messages.append(
            f"The {change.field} of {line.title} became {now or 'none'} in another window meanwhile. "
            f"It was not changed to {change.value}."
        )
        return content
    if change.field == "color":
        variant = _in_color(line, change.value, model)
        if variant is None:
            messages.append(f"{line.title} is not offered in this color.")
            return content
        # Another color may be another item of the catalog.
        recolored = {"color": variant.color, "sku": variant.item.sku}
        return content.with_line(line.model_copy(update=recolored))
    count = _count(change.value)
    if count is None or line.single:
        messages.append(
            f"“{change.value[:20]}” is not a quantity from 1 to {MAX_PER_LINE:,}; "
            f"{line.title} stays at {line.quantity:,}."
        )
        return content
    if count == 0:
        return content.with_lines(
            [other for other in content.lines if line.key not in (other.key, other.accessory_of)]
        )
    return content.with_line(line.model_copy(update={"quantity": count}))


def _color_of(line: BasketLine, model: OfferedModel | None) -> str:
    """The color of a line: as chosen, or its item's own."""
    items = model.items if model else ()
    return line.color or next((item.color or "" for item in items if item.sku == line.sku), "")


def _in_color(line: BasketLine, color: str, model: OfferedModel | None) -> Variant | None:
    """The same in another color; a spare is as it is."""
    if model is None or line.spare_device_id is not None or not color:
        return None
    carrier = None if line.line_of_service_id else line.mobile_carrier or None
    return model.chosen(VariantChoice(line.size, color, carrier, line.term_months), line.sku)


def _count(text: str) -> int | None:
    text = text.strip()
    fits = text.isascii() and text.isdigit() and len(text) <= 6
    return int(text) if fits and int(text) <= MAX_PER_LINE else None


def delete_basket(actor: Actor, account_id: int, version: int) -> None:
    """Delete everything in the basket, and what was typed for it.

    Raises:
        ChangedMeanwhile: it is no longer what was on the page.
    """
    require(actor, Permission.ORDERS_COPY)
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
