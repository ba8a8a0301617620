"""Confirming a basket: the order it would make, what keeps it from being one, and making it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from hwadmin.basket import Line, Plan, addresses, read, shares
from hwadmin.errors import ChangedMeanwhile, FieldError, InvalidInput, WrongState
from hwadmin.extensions import db
from hwadmin.kinds import Kind
from hwadmin.models import Account, HardwareOrder
from hwadmin.operations.basket import empty_basket, locked_basket
from hwadmin.operations.ordering import NewIntent, NewLine, NewOrder, check_order, submit_order
from hwadmin.operations.platforms import find
from hwadmin.permissions import Actor, Permission, require
from hwadmin.queries.basket import ShownBasket, shown_basket, usual_information
from hwadmin.queries.orders import visible_orders
from hwadmin.texts import tidied


@dataclass(frozen=True, slots=True)
class Draft:
    """A basket as the order it would make, and where each part of it came from."""

    order: NewOrder
    # The keys of the lines, in the order of ``order.lines``.
    keys: tuple[int, ...]
    # What is wrong with the basket itself, before the order is looked at: field and sentence.
    errors: tuple[FieldError, ...]


def draft_of(actor: Actor, account: Account, shown: ShownBasket) -> Draft:
    """The order a basket would make."""
    content = shown.content
    information = usual_information(actor, account, content)
    places = {line.key: place for place, line in enumerate(content.lines)}
    bases = base_numbers(shown)
    errors: list[FieldError] = []
    lines = []
    for place, line in enumerate(content.lines):
        intents = []
        for number in range(1, line.quantity + 1):
            where = f"lines.{place}.intents.{number - 1}"
            intents.append(_intent(shown, line, number, bases, where, errors))
        while intents and intents[-1] == NewIntent():
            intents.pop()
        spare = line.spare_device_id is not None
        lines.append(
            NewLine(
                line.sku,
                line.quantity,
                intents,
                term_months=None if spare else line.term_months,
                size=None if spare else line.size,
                color=line.color or None,
                mobile_carrier=line.mobile_carrier or None,
                from_spare=spare,
                accessory_of=places.get(line.accessory_of) if line.accessory_of is not None else None,
            )
        )
    new = NewOrder(
        account_id=account.id,
        lines=lines,
        requester=information.requester,
        notify=addresses(information.notify),
        ship_to_location_id=information.ship_to_location_id,
        attention=information.attention,
        notes=information.notes,
        submission_key=content.submission_key,
    )
    return Draft(new, tuple(line.key for line in content.lines), tuple(errors))


def base_numbers(shown: ShownBasket) -> dict[str, int]:
    """The number the order gives each base unit of a basket, by ``line.unit``.

    An order makes one line of all lines that are the same choice, so they count together.
    """
    groups: dict[object, list[str]] = {}
    for one in shown.lines:
        if one.kind is Kind.DECT_BASE:
            line = one.line
            group = (line.sku, line.size, line.term_months, line.color, line.spare_device_id is not None)
            names = [f"{line.key}.{number}" for number in range(1, line.quantity + 1)]
            groups.setdefault(group, []).extend(names)
    ordered = [name for names in groups.values() for name in names]
    return {name: number for number, name in enumerate(ordered, 1)}


def _intent(
    shown: ShownBasket,
    line: Line,
    number: int,
    bases: Mapping[str, int],
    where: str,
    errors: list[FieldError],
) -> NewIntent:
    plan, kind = line.plan(number), shown.by_key[line.key].kind
    device = shown.content.line(line.accessory_of)
    if device is not None:
        # An accessory is for whom its device is for.
        plan = device.plan(number) if number <= device.quantity else Plan()
        plan = Plan(employee_id=plan.employee_id, name=plan.name, number=plan.number, codes=plan.codes)
    codes, why = shares(plan.codes)
    if why and device is None:
        errors.append(FieldError(f"{where}.accounting_codes", why))
    base = bases.get(plan.base) if kind is Kind.DECT_HANDSET else None
    if plan.base and kind is Kind.DECT_HANDSET and base is None:
        errors.append(FieldError(f"{where}.base", "This base is not in the basket any more."))
    if tidied(plan.number) and not tidied(plan.name):
        errors.append(FieldError(f"{where}.user_name", "Say whose employee number this is."))
    person = kind is not Kind.DECT_BASE and bool(tidied(plan.name))
    return NewIntent(
        employee_id=plan.employee_id if person else None,
        location_id=plan.location_id if kind is not None and kind.has_location else None,
        base=base,
        user_name=tidied(plan.name) if person else None,
        user_number=tidied(plan.number) if person else None,
        accounting_codes=(codes if not why else ()) if person or codes else None,
        line_of_service_id=line.line_of_service_id,
        upgrade_reason=(tidied(plan.upgrade_reason) or None) if line.line_of_service_id else None,
        override_reason=(tidied(line.override_reason) or None) if line.line_of_service_id else None,
        spare_device_id=line.spare_device_id,
    )


def problems_of(actor: Actor, account: Account, shown: ShownBasket) -> tuple[Draft, list[FieldError]]:
    """What keeps a basket from being confirmed, each problem at its field; and the order it would make."""
    draft = draft_of(actor, account, shown)
    errors = list(draft.errors)
    for place, line in enumerate(shown.lines):
        errors += [FieldError(f"lines.{place}", sentence) for sentence in line.problems]
    said = {error.field for error in errors}
    broken = {field.split(".intents")[0] for field in said if field.count(".") == 1}
    try:
        check_order(actor, draft.order)
    except InvalidInput as refusal:
        for error in refusal.errors:
            # What follows from a line that is wrong itself is no news.
            line_field = ".".join(error.field.split(".")[:2])
            if error.field not in said and line_field not in broken:
                errors.append(error)
    return draft, errors


def confirm_basket(actor: Actor, account_id: int, *, submission_key: str, seen: str) -> HardwareOrder:
    """Make one order of the basket and empty it. Confirming the same basket again gives the same order.

    Args:
        actor: who confirms.
        account_id: for which account.
        submission_key: of the basket that was on the page.
        seen: what the page showed, prices included.

    Raises:
        ChangedMeanwhile: the basket or a price is no longer what was on the page.
        InvalidInput: something has to be corrected first.
        WrongState: there is nothing in the basket.
    """
    require(actor, Permission.ORDERS_SUBMIT)
    account = find(actor, Account, account_id)
    basket = locked_basket(actor, account)
    content, _ = read(basket.content)
    if content.submission_key != submission_key:
        made = _made_by(actor, account, submission_key)
        if made is not None:
            return made
    if not content.lines:
        raise WrongState("There is nothing in this basket. It was confirmed or deleted in another window.")
    shown = shown_basket(actor, account, basket)
    if content.submission_key != submission_key or shown.seen != seen:
        raise ChangedMeanwhile(
            "The basket or a price has changed since this page was opened. "
            "Nothing was sent; look it over and confirm it once more."
        )
    draft, errors = problems_of(actor, account, shown)
    if errors:
        raise InvalidInput(errors)
    order = submit_order(actor, draft.order)
    empty_basket(basket)
    return order


def _made_by(actor: Actor, account: Account, submission_key: str) -> HardwareOrder | None:
    """The order that confirming this very basket has made already."""
    if not 16 <= len(submission_key) <= 64:
        return None
    return db.session.scalars(
        visible_orders(actor).where(
            HardwareOrder.submission_key == submission_key, HardwareOrder.account_id == account.id
        )
    ).one_or_none()
