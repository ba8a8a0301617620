"""Submitting an order, and copying one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from email_validator import EmailNotValidError, validate_email
from sqlalchemy.orm import joinedload
from sqlalchemy.orm.attributes import set_committed_value

from hwadmin.amounts import totals
from hwadmin.clock import utcnow
from hwadmin.errors import InvalidInput, NotFound, WrongState
from hwadmin.extensions import db
from hwadmin.kinds import Kind
from hwadmin.lifecycle import ManagerApproval
from hwadmin.models import Account, HardwareOrder, reference
from hwadmin.operations import audit
from hwadmin.operations._transition import found_order, lines_of
from hwadmin.operations.announcements import announce
from hwadmin.operations.approvals import approver_needed, ask_first
from hwadmin.operations.order_check import Checked, CheckedLine, checked_lines, items_by_sku
from hwadmin.operations.order_input import MOST_PER_LINE, MOST_UNITS, NewIntent, NewLine, NewOrder
from hwadmin.operations.order_writing import insert_units, line_of, lines_in_words, listed, write_order
from hwadmin.permissions import Actor, Permission, require
from hwadmin.queries.choosing import options_of, prices_of
from hwadmin.queries.orders import visible_orders
from hwadmin.queries.scope import visible
from hwadmin.queries.units import UnitRow, active_employees, current_items, open_locations, units_of
from hwadmin.splits import Share, shares_of
from hwadmin.texts import Problems

__all__ = [
    "MOST_PER_LINE",
    "MOST_UNITS",
    "Checked",
    "CheckedLine",
    "NewIntent",
    "NewLine",
    "NewOrder",
    "Share",
    "check_order",
    "copy_order",
    "insert_units",
    "items_by_sku",
    "line_of",
    "lines_in_words",
    "listed",
    "submit_order",
]


def submit_order(actor: Actor, new: NewOrder) -> HardwareOrder:
    """Submit an order for an account. It is pending approval until a super-admin decides.

    Make, model, SKU, kind and price are copied from the catalog now; a later change of the catalog never
    alters the order; so are the users' names, numbers and accounting codes from the account's directory.
    Lines alike become one. Whoever is named and not in the directory is added to it. Spares are kept for
    their units from now on. The same submission sent again gives the order it made the first time.

    Raises:
        NotAllowed: the actor does not order.
        NotFound: no such account, as far as the actor can tell.
        InvalidInput: every problem at its field, ``lines.0.quantity`` and the like.
        WrongState: the very submission has made an order for another account.
        TryAgain: it arrived twice at the same moment; the unit of work repeats the deed.
    """
    require(actor, Permission.ORDERS_SUBMIT)
    return _submit(actor, new)


def check_order(actor: Actor, new: NewOrder) -> Checked:
    """Check an order as its submission would, and say what it costs; nothing is written.

    Raises:
        NotAllowed, NotFound, InvalidInput: as the submission would.
    """
    require(actor, Permission.ORDERS_SUBMIT)
    account = _account(actor, new.account_id)
    problems = Problems()
    checked, _ = _checked(account, new, problems, lock=False)
    return checked


def _account(actor: Actor, account_id: int) -> Account:
    # A key beyond a BIGINT cannot be one, and neither database would compare with it.
    account = (
        db.session.scalars(
            visible(actor, Account).where(Account.id == account_id).options(joinedload(Account.platform))
        ).one_or_none()
        if 0 < account_id < 2**63
        else None
    )
    if account is None:
        raise NotFound("There is no such account.")
    return account


def _checked(
    account: Account, new: NewOrder, problems: Problems, *, lock: bool
) -> tuple[Checked, dict[str, Any]]:
    """Everything said about an order, its lines and its own columns, with every problem told at once."""
    checked = checked_lines(account, new.lines, problems, lock=lock)
    columns = {
        "accounting_codes": _checked_codes(new.accounting_codes, problems) or None,
        "requester": problems.text("requester", new.requester, most=200),
        "attention": problems.text("attention", new.attention, most=200),
        "notes": problems.text("notes", new.notes, most=4000, lines=True),
        "reason": problems.text("reason", new.reason, most=2000, lines=True),
        "notify": _checked_addresses(new.notify, problems) or None,
        "ship_to_location_id": new.ship_to_location_id,
    }
    if new.ship_to_location_id is not None and not open_locations(account.id, [new.ship_to_location_id]):
        problems.add("ship_to_location_id", f"This is not a location of {account.name}.")
    approver_needed(
        account, (intent.employee_id for line in checked.lines for intent in line.intents), problems
    )
    if problems.errors:
        raise InvalidInput(problems.errors)
    return checked, columns


def _submit(actor: Actor, new: NewOrder) -> HardwareOrder:
    account = _account(actor, new.account_id)
    problems = Problems()
    key = problems.text("submission_key", new.submission_key, most=64)
    made = None if problems.errors else _made_by(actor, account, key)
    if made is not None:
        return made
    checked, columns = _checked(account, new, problems, lock=True)
    checked.people.enter(actor)

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
        submission_key=key,
        copied_from_id=new.copied_from_id,
        fulfillable_units=sum(line.quantity for line in checked.lines if line.item.kind.becomes_device),
        manager_approval=(
            ManagerApproval.AWAITING if account.requires_manager_approval else ManagerApproval.NOT_REQUIRED
        ),
        **columns,
    )
    # Known already; what is written and answered of it names both.
    set_committed_value(order, "account", account)
    set_committed_value(order, "platform", account.platform)
    write_order(order, checked)
    approver = ask_first(order, account) if account.requires_manager_approval else None
    copied_from = reference(new.copied_from_id) if new.copied_from_id else None
    audit.record(
        actor,
        "order.submitted",
        f"Submitted {order.reference} for {account.name}"
        + (f", a copy of {copied_from}" if copied_from else "")
        + f": {listed(order.lines)}"
        + (f"; {approver.name} is asked to approve it first" if approver else ""),
        account=account,
        order=order,
        details={"lines": lines_in_words(order.lines), "copied_from": copied_from, **_facts(order, checked)}
        | ({"approver": approver.name} if approver else {}),
    )
    announce(actor, "order.submitted", order=order, awaits_manager=approver is not None)
    return order


def _facts(order: HardwareOrder, checked: Checked) -> dict[str, Any]:
    """What else the event of a submission says, where there is something to say."""
    cost = totals((line.unit_price, line.monthly_price, line.quantity) for line in order.lines)
    facts: dict[str, Any] = {}
    if cost.monthly:
        facts["per_month"] = f"{cost.monthly:.2f} {order.lines[0].currency}"
    overridden = [
        intent.override_reason for line in checked.lines for intent in line.intents if intent.override_reason
    ]
    if overridden:
        facts["upgraded_before_eligible"] = overridden
    return facts


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
    lines = _copied_lines(order)
    if not lines:
        raise WrongState(f"Nothing of {order.reference} can be ordered any more: its items are archived.")
    locations = open_locations(order.account_id, [order.ship_to_location_id])
    try:
        return _submit(
            actor,
            NewOrder(
                account_id=order.account_id,
                lines=lines,
                requester=order.requester,
                notify=order.notify or (),
                ship_to_location_id=order.ship_to_location_id if locations else None,
                attention=order.attention,
                notes=order.notes,
                reason=order.reason,
                accounting_codes=order.accounting_codes or (),
                copied_from_id=order.id,
            ),
        )
    except InvalidInput as refusal:
        # There is no form whose fields could be corrected.
        said = " ".join(dict.fromkeys(error.message for error in refusal.errors))
        raise WrongState(f"{order.reference} cannot be ordered again as it was. {said}") from refusal


def _copied_lines(order: HardwareOrder) -> list[NewLine]:
    """The lines of a former order as they would be said today, but for items that are archived by now."""
    copied = lines_of(order)
    items = current_items(line.catalog_item_id for line in copied)
    prices = prices_of(list(items))
    units = units_of(order.id)
    bases = [unit.id for unit in units if unit.kind is Kind.DECT_BASE]
    # What no longer holds (somebody left, a base is not sold any more) is not carried over.
    if any(line.kind is Kind.DECT_BASE and line.catalog_item_id not in items for line in copied):
        bases = []
    employees = active_employees(order.account_id, (unit.employee_id for unit in units))
    locations = open_locations(order.account_id, (unit.location_id for unit in units))
    kept = [line for line in copied if line.catalog_item_id in items]
    places = {line.id: place for place, line in enumerate(kept)}
    lines = []
    for line in kept:
        item = items[line.catalog_item_id]
        options = options_of(item, prices.get(item.id, ()))
        as_chosen = (line.size or "", line.term_months or 0)
        on_list = item.id in prices and as_chosen in {(one.size, one.term_months) for one in options}
        # What cost as much as the item itself was ordered without choosing from its price list.
        chosen = not line.from_spare and (
            line.term_months is not None or (on_list and line.unit_price != item.unit_price)
        )
        lines.append(
            NewLine(
                item.sku,
                line.quantity,
                [
                    _copied_intent(unit, employees, locations, bases)
                    for unit in units
                    if unit.line_id == line.id
                ],
                term_months=as_chosen[1] if chosen else None,
                size=as_chosen[0] if chosen else None,
                color=line.color if line.color in (*(item.colors or ()), item.color) else None,
                mobile_carrier=line.mobile_carrier if item.mobile_carrier is None else None,
                from_spare=line.from_spare,
                accessory_of=places.get(line.accessory_of_id or 0),
            )
        )
    return lines


def _copied_intent(
    unit: UnitRow, employees: frozenset[int], locations: frozenset[int], bases: Sequence[int]
) -> NewIntent:
    there = unit.employee_id in employees
    return NewIntent(
        employee_id=unit.employee_id if there else None,
        location_id=unit.location_id if unit.location_id in locations else None,
        base=bases.index(unit.base_unit_id) + 1 if unit.base_unit_id in bases else None,
        user_name=unit.user_name if there else None,
        user_number=unit.user_number if there else None,
        accounting_codes=shares_of(unit.accounting_codes) or None,
        line_of_service_id=unit.line_of_service_id,
        upgrade_reason=unit.upgrade_reason,
        override_reason=unit.override_reason,
    )


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
