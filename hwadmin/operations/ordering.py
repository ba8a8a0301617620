"""Submitting an order, and copying one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from email_validator import EmailNotValidError, validate_email
from sqlalchemy import insert, select
from sqlalchemy.exc import IntegrityError

from hwadmin.clock import utcnow
from hwadmin.errors import InvalidInput, NotFound, WrongState
from hwadmin.extensions import db
from hwadmin.kinds import Kind
from hwadmin.models import Account, CatalogItem, HardwareOrder, LineItem, Unit, reference
from hwadmin.operations import audit
from hwadmin.operations._transition import found_order, lines_of
from hwadmin.operations.announcements import announce
from hwadmin.permissions import Actor, Permission, require
from hwadmin.queries.orders import visible_orders
from hwadmin.queries.scope import visible
from hwadmin.queries.units import active_employees, current_items, open_locations, units_of
from hwadmin.texts import Problems, problem
from hwadmin.uow import TryAgain

MOST_PER_LINE = 2000
MOST_UNITS = 5000


@dataclass(frozen=True, slots=True)
class NewIntent:
    """For whom and where a unit is planned; ``base`` counts the order's base units from 1."""

    employee_id: int | None = None
    location_id: int | None = None
    base: int | None = None

    def __bool__(self) -> bool:
        return self != NewIntent()


@dataclass(frozen=True, slots=True)
class NewLine:
    """A catalog item by its SKU, how many, and the intents of the first units."""

    sku: str
    quantity: int
    intents: Sequence[NewIntent] = ()


@dataclass(frozen=True, slots=True)
class NewOrder:
    """Everything a platform says when it orders."""

    account_id: int
    lines: Sequence[NewLine]
    requester: str | None = None
    notify: Sequence[str] = ()
    ship_to_location_id: int | None = None
    attention: str | None = None
    notes: str | None = None
    reason: str | None = None
    accounting_codes: Sequence[Any] = ()
    submission_key: str | None = None
    copied_from_id: int | None = None


@dataclass(slots=True)
class _Line:
    """A checked line: its item, how many, and one intent per unit."""

    item: CatalogItem
    quantity: int
    intents: list[NewIntent] = field(default_factory=list)


def submit_order(actor: Actor, new: NewOrder) -> HardwareOrder:
    """Submit an order for an account. It is pending approval until a super-admin decides.

    Make, model, SKU, kind and price are copied from the catalog now; a later change of the catalog never
    alters the order. Lines of the same SKU become one. The same submission sent again gives the order it
    made the first time.

    Raises:
        NotAllowed: the actor does not order.
        NotFound: no such account, as far as the actor can tell.
        InvalidInput: every problem at its field, ``lines.0.quantity`` and the like.
        WrongState: the very submission has made an order for another account.
        TryAgain: it arrived twice at the same moment; the unit of work repeats the deed.
    """
    require(actor, Permission.ORDERS_SUBMIT)
    return _submit(actor, new)


def _submit(actor: Actor, new: NewOrder) -> HardwareOrder:
    # A key beyond a BIGINT cannot be one, and neither database would compare with it.
    account = (
        db.session.scalars(visible(actor, Account).where(Account.id == new.account_id)).one_or_none()
        if 0 < new.account_id < 2**63
        else None
    )
    if account is None:
        raise NotFound("There is no such account.")
    problems = Problems()
    key = problems.text("submission_key", new.submission_key, most=64)
    made = None if problems.errors else _made_by(actor, account, key)
    if made is not None:
        return made
    lines = _checked_lines(account, new.lines, problems)
    accounting_codes = _checked_codes(new.accounting_codes, problems)
    texts = {
        "requester": problems.text("requester", new.requester, most=200),
        "attention": problems.text("attention", new.attention, most=200),
        "notes": problems.text("notes", new.notes, most=4000, lines=True),
        "reason": problems.text("reason", new.reason, most=2000, lines=True),
    }
    notify = _checked_addresses(new.notify, problems)
    if new.ship_to_location_id is not None and not open_locations(account.id, [new.ship_to_location_id]):
        problems.add("ship_to_location_id", f"This is not a location of {account.name}.")
    if problems.errors:
        raise InvalidInput(problems.errors)

    now = utcnow()
    order = HardwareOrder(
        created_at=now,
        updated_at=now,
        status_at=now,
        platform_id=account.platform_id,
        account_id=account.id,
        submitted_by_id=actor.id,
        submitted_by_name=actor.name,
        status_by_name=actor.name,
        updated_by_name=actor.name,
        ship_to_location_id=new.ship_to_location_id,
        notify=notify or None,
        accounting_codes=accounting_codes or None,
        submission_key=key,
        copied_from_id=new.copied_from_id,
        fulfillable_units=sum(line.quantity for line in lines if line.item.kind.becomes_device),
        **texts,
    )
    order.lines = [
        line_of(order, line.item, position, line.quantity, requested=line.quantity)
        for position, line in enumerate(lines, 1)
    ]
    db.session.add(order)
    try:
        db.session.flush()
    except IntegrityError as error:
        if key is not None and "submission_key" in str(error.orig):
            raise TryAgain from error
        raise
    _insert_all_units(order, lines)
    copied_from = reference(new.copied_from_id) if new.copied_from_id else None
    audit.record(
        actor,
        "order.submitted",
        f"Submitted {order.reference} for {account.name}"
        + (f", a copy of {copied_from}" if copied_from else "")
        + f": {listed(order.lines)}",
        account=account,
        order=order,
        details={"lines": lines_in_words(order.lines), "copied_from": copied_from},
    )
    announce(actor, "order.submitted", order=order)
    return order


def _made_by(actor: Actor, account: Account, key: str | None) -> HardwareOrder | None:
    """The order this very submission has made already."""
    if key is None:
        return None
    order = db.session.scalars(visible_orders(actor).where(HardwareOrder.submission_key == key)).one_or_none()
    if order is not None and order.account_id != account.id:
        raise WrongState("This form has been sent already.")
    return order


def copy_order(actor: Actor, order_id: int) -> HardwareOrder:
    """Make a new pending order with the same account, lines and intents, from the catalog of today.

    Instead of taking back a rejection: the former order stays as it was decided.

    Raises:
        NotAllowed, NotFound: nothing was done.
        WrongState: none of its items can be ordered any more.
    """
    require(actor, Permission.ORDERS_COPY)
    # Locked, so that nobody edits its lines while they are read.
    order = found_order(actor, order_id)
    copied = lines_of(order)
    items = current_items(line.catalog_item_id for line in copied)
    units = units_of(order.id)
    bases = [unit.id for unit in units if unit.kind is Kind.DECT_BASE]
    # What no longer holds (somebody left, a base is not sold any more) is not carried over.
    if any(line.kind is Kind.DECT_BASE and line.catalog_item_id not in items for line in copied):
        bases = []
    employees = active_employees(order.account_id, (unit.employee_id for unit in units))
    locations = open_locations(
        order.account_id, [order.ship_to_location_id, *(unit.location_id for unit in units)]
    )
    lines = [
        NewLine(
            items[line.catalog_item_id].sku,
            line.quantity,
            [
                NewIntent(
                    employee_id=unit.employee_id if unit.employee_id in employees else None,
                    location_id=unit.location_id if unit.location_id in locations else None,
                    base=bases.index(unit.base_unit_id) + 1 if unit.base_unit_id in bases else None,
                )
                for unit in units
                if unit.line_id == line.id
            ],
        )
        for line in copied
        if line.catalog_item_id in items
    ]
    if not lines:
        raise WrongState(f"Nothing of {order.reference} can be ordered any more: its items are archived.")
    return _submit(
        actor,
        NewOrder(
            account_id=order.account_id,
            lines=lines,
            requester=order.requester,
            notify=order.notify or (),
            ship_to_location_id=order.ship_to_location_id if order.ship_to_location_id in locations else None,
            attention=order.attention,
            notes=order.notes,
            reason=order.reason,
            accounting_codes=order.accounting_codes or (),
            copied_from_id=order.id,
        ),
    )


def line_of(
    order: HardwareOrder, item: CatalogItem, position: int, quantity: int, *, requested: int
) -> LineItem:
    """A line item with what the catalog says today."""
    return LineItem(
        platform_id=order.platform_id,
        position=position,
        catalog_item_id=item.id,
        quantity=quantity,
        requested_quantity=requested,
        sku=item.sku,
        make=item.make,
        model=item.model,
        kind=item.kind,
        unit_price=item.unit_price,
        currency=item.currency,
        max_handsets=item.max_handsets,
        mobile_carrier=item.mobile_carrier,
        color=item.color,
        size=item.size,
    )


def listed(lines: Sequence[LineItem]) -> str:
    """The lines in a sentence: ``1 × Yealink W70B, 10 × Yealink W73H``."""
    return ", ".join(f"{line.quantity} × {line.title}" for line in lines)


def _checked_lines(account: Account, new_lines: Sequence[NewLine], problems: Problems) -> list[_Line]:
    """The lines, each with its item and as many intents as units; lines of one SKU become one."""
    if not new_lines:
        problems.add("lines", "Add at least one line item.")
        return []
    items = items_by_sku(account.platform_id, (line.sku for line in new_lines))
    merged: dict[str, _Line] = {}
    for number, line in enumerate(new_lines):
        item = items.get(line.sku)
        if item is None:
            problems.add(f"lines.{number}.sku", "This is not in the platform's catalog.")
            continue
        if item.archived_at is not None:
            problems.add(f"lines.{number}.sku", f"{item.title} is archived and can no longer be ordered.")
            continue
        if not 1 <= line.quantity <= MOST_PER_LINE:
            problems.add(f"lines.{number}.quantity", f"Give a quantity from 1 to {MOST_PER_LINE:,}.")
            continue
        if len(line.intents) > line.quantity:
            problems.add(
                f"lines.{number}.intents", f"There are {len(line.intents)} intents for {line.quantity} units."
            )
            continue
        one = merged.setdefault(item.sku, _Line(item, 0))
        if one.quantity + line.quantity > MOST_PER_LINE:
            problems.add(
                f"lines.{number}.quantity",
                f"Order {MOST_PER_LINE:,} of {item.title} at most; all its lines together are more.",
            )
            continue
        one.quantity += line.quantity
        one.intents += [*line.intents, *[NewIntent()] * (line.quantity - len(line.intents))]
    lines = list(merged.values())
    if sum(line.quantity for line in lines) > MOST_UNITS:
        problems.add("lines", f"Order {MOST_UNITS:,} units at most at once.")
    else:
        _check_intents(account, new_lines, items, lines, problems)
    return lines


def _check_intents(
    account: Account,
    new_lines: Sequence[NewLine],
    items: dict[str, CatalogItem],
    lines: Sequence[_Line],
    problems: Problems,
) -> None:
    intents = [intent for line in lines for intent in line.intents]
    employees = active_employees(account.id, (intent.employee_id for intent in intents))
    locations = open_locations(account.id, (intent.location_id for intent in intents))
    bases = sum(line.quantity for line in lines if line.item.kind is Kind.DECT_BASE)
    for number, line in enumerate(new_lines):
        item = items.get(line.sku)
        for place, intent in enumerate(line.intents):
            where = f"lines.{number}.intents.{place}"
            if intent.employee_id is not None and intent.employee_id not in employees:
                problems.add(f"{where}.employee_id", f"This is not an active employee of {account.name}.")
            if intent.location_id is not None and intent.location_id not in locations:
                problems.add(f"{where}.location_id", f"This is not a location of {account.name}.")
            if intent.base is not None:
                if item is not None and item.kind is not Kind.DECT_HANDSET:
                    problems.add(f"{where}.base", "Only a handset is meant for a base.")
                elif not 1 <= intent.base <= bases:
                    problems.add(
                        f"{where}.base",
                        f"There is no base {intent.base} in this order; it has {bases}.",
                    )


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


def _checked_codes(codes: Sequence[Any], problems: Problems) -> list[Any]:
    """The accounting codes, each a short text, or a few named ones."""
    if len(codes) > 50:
        problems.add("accounting_codes", "Give 50 accounting codes at most.")
        return []
    checked: list[Any] = []
    for number, code in enumerate(codes):
        where = f"accounting_codes.{number}"
        if isinstance(code, str):
            checked.append(problems.text(where, code, most=200))
        elif isinstance(code, Mapping) and len(code) <= 20:
            named = {
                problems.text(where, str(name), most=60): problems.text(where, str(value), most=200)
                for name, value in code.items()
                if value is not None
            }
            checked.append({name: value for name, value in named.items() if name and value})
        else:
            problems.add(where, "An accounting code is a short text.")
    return [code for code in checked if code]


def _checked_addresses(addresses: Sequence[str], problems: Problems) -> list[str]:
    checked: dict[str, None] = {}
    if len(addresses) > 20:
        problems.add("notify", "Notify 20 people at most.")
        return []
    for number, address in enumerate(addresses):
        try:
            checked[
                validate_email(address.strip(), check_deliverability=False, test_environment=True).normalized
            ] = None
        except EmailNotValidError:
            problems.add(f"notify.{number}", f"“{address.strip()[:80]}” is not an e-mail address.")
    return list(checked)


def insert_units(
    order: HardwareOrder, line: LineItem, intents: Sequence[NewIntent], bases: Sequence[int], first: int = 1
) -> list[int]:
    """One row per unit of a line, numbered from ``first``; the keys of the rows, in that order.

    Args:
        order: the order.
        line: the line the units belong to.
        intents: one intent per unit.
        bases: the keys of the order's base units, which ``NewIntent.base`` counts.
        first: the number of the first unit.
    """
    return list(
        db.session.scalars(
            insert(Unit).returning(Unit.id, sort_by_parameter_order=True),
            [
                {
                    "order_id": order.id,
                    "platform_id": order.platform_id,
                    "line_id": line.id,
                    "number": number,
                    "employee_id": intent.employee_id,
                    "location_id": intent.location_id,
                    "base_unit_id": bases[intent.base - 1] if intent.base else None,
                }
                for number, intent in enumerate(intents, first)
            ],
        )
    )


def _insert_all_units(order: HardwareOrder, lines: Sequence[_Line]) -> None:
    pairs = list(zip(order.lines, lines, strict=True))
    bases: list[int] = []
    # Bases first: handsets name them.
    for line, checked in sorted(pairs, key=lambda pair: pair[0].kind is not Kind.DECT_BASE):
        keys = insert_units(order, line, checked.intents, bases)
        if line.kind is Kind.DECT_BASE:
            bases += keys


def lines_in_words(lines: Sequence[LineItem]) -> list[dict[str, Any]]:
    """The lines as an audit event keeps them."""
    return [{"sku": line.sku, "title": line.title, "quantity": line.quantity} for line in lines]
