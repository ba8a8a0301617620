"""Confirming a basket: the order it would make, what keeps it from being one, and making it."""

from __future__ import annotations

from collections.abc import Mapping

from hwadmin.db.extensions import db
from hwadmin.domain.device_kinds import Kind
from hwadmin.domain.ordering.basket import BasketLine, Plan, addresses, read, shares
from hwadmin.domain.permissions import Actor, Permission, require
from hwadmin.domain.text_validation import tidied
from hwadmin.errors import ChangedMeanwhile, FieldError, InvalidInput, WrongState
from hwadmin.models import Account, HardwareOrder
from hwadmin.operations.ordering.basket import empty_basket, locked_basket
from hwadmin.operations.orders.submission.new_order import NewIntent, NewLine, NewOrder
from hwadmin.operations.orders.submission.submission import check_submission, write_submission
from hwadmin.queries.ordering.basket import ShownBasket, shown_basket, usual_information
from hwadmin.queries.orders.orders import visible_orders
from hwadmin.queries.scope import find

REASON_NEEDED = "Say why: the manager who is asked to approve reads it."

_WHO_IS_IT = "“{}” does not clearly match anybody in the directory. Say who it is, or keep them as new."


def order_of(actor: Actor, account: Account, shown: ShownBasket) -> tuple[NewOrder, list[FieldError]]:
    """The order a basket would make, and what is wrong with the basket itself."""
    content = shown.content
    information = usual_information(actor, account, content)
    indexes = {line.key: index for index, line in enumerate(content.lines)}
    errors: list[FieldError] = []
    lines = []
    for index, line in enumerate(content.lines):
        spare = line.spare_device_id is not None
        lines.append(
            NewLine(
                line.sku,
                line.quantity,
                _intents(shown, line, index, errors),
                term_months=None if spare else line.term_months,
                size=None if spare else line.size,
                color=line.color or None,
                mobile_carrier=line.mobile_carrier or None,
                from_spare=spare,
                accessory_of=indexes.get(line.accessory_of) if line.accessory_of is not None else None,
            )
        )
    order = NewOrder(
        account_id=account.id,
        lines=lines,
        requester=information.requester,
        notify=addresses(information.notify),
        ship_to_location_id=information.ship_to_location_id,
        attention=information.attention,
        notes=information.notes,
        reason=information.reason,
        accounting_codes=information.accounting_codes,
        copied_from_id=content.copied_from[-1] if content.copied_from else None,
        submission_key=content.submission_key,
    )
    return order, errors


def _intents(shown: ShownBasket, line: BasketLine, index: int, errors: list[FieldError]) -> list[NewIntent]:
    """The intents of a line up to the last one that says anything; its problems go to ``errors``."""
    bases = base_numbers(shown) if shown.by_key[line.key].kind is Kind.DECT_HANDSET else {}
    intents = []
    for number in range(1, line.quantity + 1):
        intent, problems = _intent(shown, line, number, bases)
        intents.append(intent)
        errors += [
            FieldError(f"lines.{index}.intents.{number - 1}.{field}", message) for field, message in problems
        ]
    while intents and intents[-1] == NewIntent():
        intents.pop()
    return intents


def base_numbers(shown: ShownBasket) -> dict[str, int]:
    """The number the order gives each base unit of a basket, by ``line.unit``.

    An order makes one line of all lines that are the same choice, so they count together.
    """
    groups: dict[object, list[str]] = {}
    for base in shown.lines:
        if base.kind is Kind.DECT_BASE:
            line = base.line
            group = (line.sku, line.size, line.term_months, line.color, line.spare_device_id is not None)
            names = [f"{line.key}.{number}" for number in range(1, line.quantity + 1)]
            groups.setdefault(group, []).extend(names)
    ordered = [name for names in groups.values() for name in names]
    return {name: number for number, name in enumerate(ordered, 1)}


def _intent(
    shown: ShownBasket, line: BasketLine, number: int, bases: Mapping[str, int]
) -> tuple[NewIntent, list[tuple[str, str]]]:
    """What is intended for one unit, and its problems: field and sentence."""
    kind, device = shown.by_key[line.key].kind, shown.content.line(line.accessory_of)
    plan = line.plan(number) if device is None else _plan_of_accessory(device, number)
    codes, code_problem = shares(plan.codes)
    base = bases.get(plan.base) if kind is Kind.DECT_HANDSET else None
    person = kind is not Kind.DECT_BASE and bool(tidied(plan.name))
    problems = []
    if code_problem and device is None:
        problems.append(("accounting_codes", code_problem))
    if plan.base and kind is Kind.DECT_HANDSET and base is None:
        problems.append(("base", "This base is not in the basket any more."))
    if plan.asks_who and device is None and kind is not Kind.DECT_BASE:
        problems.append(("user_name", _WHO_IS_IT.format(tidied(plan.unmatched))))
    elif tidied(plan.number) and not tidied(plan.name):
        problems.append(("user_name", "Say whose employee number this is."))
    intent = NewIntent(
        employee_id=plan.employee_id if person else None,
        location_id=plan.location_id if kind is not None and kind.has_location else None,
        base=base,
        user_name=tidied(plan.name) if person else None,
        user_number=tidied(plan.number) if person else None,
        accounting_codes=(() if code_problem else codes) if person or codes else None,
        line_of_service_id=line.line_of_service_id,
        upgrade_reason=(tidied(plan.upgrade_reason) or None) if line.line_of_service_id else None,
        override_reason=(tidied(line.override_reason) or None) if line.line_of_service_id else None,
        spare_device_id=line.spare_device_id,
    )
    return intent, problems


def _plan_of_accessory(device: BasketLine, number: int) -> Plan:
    """An accessory is for the employee its device is for."""
    plan = device.plan(number) if number <= device.quantity else Plan()
    return Plan(employee_id=plan.employee_id, name=plan.name, number=plan.number, codes=plan.codes)


def problems_of(actor: Actor, account: Account, shown: ShownBasket) -> tuple[NewOrder, list[FieldError]]:
    """The order a basket would make, and what keeps it from being made, each problem at its field."""
    order, errors = order_of(actor, account, shown)
    for index, line in enumerate(shown.lines):
        errors += [FieldError(f"lines.{index}", message) for message in line.problems]
    if account.requires_manager_approval and not tidied(order.reason or "") and _is_more_than_upgrades(shown):
        errors.append(FieldError("reason", REASON_NEEDED))
    fields = {error.field for error in errors}
    broken_lines = {field.split(".intents")[0] for field in fields if field.count(".") == 1}
    try:
        check_submission(actor, order)
    except InvalidInput as refusal:
        for error in refusal.errors:
            # A problem that follows from a line that is wrong itself is not reported again.
            line_field = ".".join(error.field.split(".")[:2])
            if error.field not in fields and line_field not in broken_lines:
                errors.append(error)
    return order, errors


def _is_more_than_upgrades(shown: ShownBasket) -> bool:
    """Whether something is ordered that does not say itself why: upgrades have a reason each."""
    upgrades = {line.line.key for line in shown.lines if line.line.line_of_service_id is not None}
    return any(
        line.line.key not in upgrades and line.line.accessory_of not in upgrades for line in shown.lines
    )


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
        NotAllowed: the actor may not order, and it is no copy of an order.
    """
    require(actor, Permission.ORDERS_COPY)
    account = find(actor, Account, account_id)
    basket = locked_basket(actor, account)
    content, _ = read(basket.content)
    if content.submission_key != submission_key:
        made = _made_by(actor, account, submission_key)
        if made is not None:
            return made
    if not content.copied_from:
        # Who decides orders copies and corrects what a platform asked for, and orders nothing else.
        require(actor, Permission.ORDERS_SUBMIT)
    if not content.lines:
        raise WrongState("There is nothing in this basket. It was confirmed or deleted in another window.")
    shown = shown_basket(actor, account, basket)
    if content.submission_key != submission_key or shown.seen != seen:
        raise ChangedMeanwhile(
            "The basket or a price has changed since this page was opened. "
            "Nothing was sent; look it over and confirm it once more."
        )
    new_order, errors = problems_of(actor, account, shown)
    if errors:
        raise InvalidInput(errors)
    order = write_submission(actor, new_order)
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
