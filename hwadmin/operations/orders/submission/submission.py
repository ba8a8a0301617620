"""Submitting an order."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from functools import cache
from typing import Any, cast

from sqlalchemy import Select, bindparam, select
from sqlalchemy.orm.attributes import set_committed_value

from hwadmin.clock import utcnow
from hwadmin.db.extensions import db
from hwadmin.db.quick_sql import read_rows
from hwadmin.db.row_objects import as_objects, columns_of, new_object
from hwadmin.domain.event_kinds import EventType
from hwadmin.domain.lifecycle import ManagerApproval, OrderFacts, OrderStatus
from hwadmin.domain.money import totals
from hwadmin.domain.orders.waiting import deadlines_of, next_wait
from hwadmin.domain.permissions import Actor, Permission, require
from hwadmin.domain.row_ids import is_valid_id
from hwadmin.domain.text_validation import Problems
from hwadmin.errors import InvalidInput, NotFound, WrongState
from hwadmin.models import Account, HardwareOrder, Platform, reference
from hwadmin.operations.audit.order_events import SubmissionFacts, record_order_submitted
from hwadmin.operations.orders.approvals.requests import request_first_approval, require_approver
from hwadmin.operations.orders.submission.checks import CheckedOrder, check_lines
from hwadmin.operations.orders.submission.details import check_details
from hwadmin.operations.orders.submission.line_writing import (
    describe_facts,
    line_facts,
    write_order,
)
from hwadmin.operations.orders.submission.new_order import NewOrder
from hwadmin.operations.outgoing.events import publish
from hwadmin.queries.orders.approvals import Approver
from hwadmin.queries.orders.orders import visible_orders
from hwadmin.queries.scope import given, within_given


def submit_order(actor: Actor, new: NewOrder) -> HardwareOrder:
    """Submit an order for an account. It is pending approval until a super-admin decides.

    Make, model, SKU, kind and price are copied from the catalog now; a later change of the catalog never
    alters the order; so are the users' names, numbers and accounting codes from the account's directory.
    Equal lines become one. People who are not in the directory yet are added to it. Spares are kept for their
    units from now on. The same submission sent again returns the order it made the first time.

    Raises:
        NotAllowed: the actor does not order.
        NotFound: no such account, as far as the actor can tell.
        InvalidInput: every problem at its field, ``lines.0.quantity`` and the like.
        WrongState: the same submission has made an order for another account.
        TryAgain: it arrived twice at the same moment; the unit of work repeats the operation.
    """
    require(actor, Permission.ORDERS_SUBMIT)
    return write_submission(actor, new)


def check_order(actor: Actor, new: NewOrder) -> CheckedOrder:
    """Check an order as its submission would, and say what it costs; nothing is written.

    Raises:
        NotAllowed, NotFound, InvalidInput: as the submission would.
    """
    require(actor, Permission.ORDERS_SUBMIT)
    return check_submission(actor, new)


def check_submission(actor: Actor, new: NewOrder) -> CheckedOrder:
    """The same for an actor whose permission the caller has checked."""
    account = _account(actor, new.account_id)
    problems = Problems()
    checked, _ = _check(account, new, problems, lock=False)
    return checked


def write_submission(actor: Actor, new: NewOrder) -> HardwareOrder:
    """Make an order for an actor whose permission the caller has checked."""
    account = _account(actor, new.account_id, lock=True)
    problems = Problems()
    key = problems.text("submission_key", new.submission_key, most=64)
    existing = None if problems.errors else _order_of_submission(actor, account, key)
    if existing is not None:
        return existing
    checked, columns = _check(account, new, problems, lock=True)
    checked.people.enter(actor)

    order = _new_order(actor, account, new, key, {**columns, **_sums(checked)})
    write_order(order, checked)
    approver = request_first_approval(order, account) if account.requires_manager_approval else None
    copied_from = reference(new.copied_from_id) if new.copied_from_id else None
    facts = _submission_facts(order, checked, copied_from, approver)
    record_order_submitted(
        actor,
        order,
        f"Submitted {order.reference} for {account.name}"
        + (f", a copy of {copied_from}" if copied_from else "")
        + f": {describe_facts(facts['lines'])}"
        + (f"; {approver.name} is asked to approve it first" if approver else ""),
        facts,
    )
    publish(actor, EventType.ORDER_SUBMITTED, order=order, awaits_manager=approver is not None)
    return order


def _new_order(
    actor: Actor, account: Account, new: NewOrder, submission_key: str | None, columns: Mapping[str, Any]
) -> HardwareOrder:
    now = utcnow()
    manager_approval = (
        ManagerApproval.AWAITING if account.requires_manager_approval else ManagerApproval.NOT_REQUIRED
    )
    wait = next_wait(
        OrderFacts(OrderStatus.SUBMITTED, manager_approval=manager_approval),
        (None, None),
        now,
        deadlines_of(account.platform.deadlines),
    )
    assert wait is not None
    return new_object(
        HardwareOrder,
        # Audit events and the response name both.
        account=account,
        platform=account.platform,
        created_at=now,
        updated_at=now,
        status_at=now,
        platform_id=account.platform_id,
        account_id=account.id,
        submitted_by_id=actor.id,
        submitted_by_name=actor.name,
        status_by_name=actor.name,
        updated_by_name=actor.name,
        submission_key=submission_key,
        copied_from_id=new.copied_from_id,
        manager_approval=manager_approval,
        waits_for=wait.what,
        waits_since=wait.since,
        due_at=wait.due_at,
        **columns,
    )


def _sums(checked: CheckedOrder) -> dict[str, Any]:
    """The columns of an order that sum up its lines."""
    lines = checked.lines
    return {
        "fulfillable_units": sum(line.quantity for line in lines if line.item.kind.becomes_device),
        "nothing_to_buy": all(line.from_spare for line in lines),
        "total_now": sum((line.option.unit_price * line.quantity for line in lines), Decimal(0)),
    }


def _check(
    account: Account, new: NewOrder, problems: Problems, *, lock: bool
) -> tuple[CheckedOrder, dict[str, Any]]:
    """The checked lines of an order and its own columns.

    Raises:
        InvalidInput: every problem of them at once.
    """
    checked = check_lines(account, new.lines, problems, lock=lock)
    columns = check_details(account, new, problems)
    require_approver(
        account, (intent.employee_id for line in checked.lines for intent in line.intents), problems
    )
    if problems.errors:
        raise InvalidInput(problems.errors)
    return checked, columns


def _account(actor: Actor, account_id: int, *, lock: bool = False) -> Account:
    """The account with its platform.

    Args:
        actor: who orders.
        account_id: the account's key.
        lock: keep the rules of the platform as they are until the end of the unit of work. Whoever changes
            the deadlines meanwhile comes after, and finds the order among those that are due anew.
    """
    # A key beyond a BIGINT cannot be one, and neither database would compare with it.
    rows = (
        read_rows(_account_statement(actor.platform_ids is None, lock), account=account_id, **given(actor))
        if is_valid_id(account_id)
        else ()
    )
    if not rows:
        raise NotFound("There is no such account.")
    account, platform = as_objects((Account, Platform), rows[0])
    set_committed_value(account, "platform", platform)
    return cast(Account, account)


@cache
def _account_statement(everything: bool, lock: bool) -> Select[Any]:
    """The statement behind it, made once."""
    query = (
        select(*columns_of(Account), *columns_of(Platform))
        .join(Platform, Platform.id == Account.platform_id)
        .where(within_given(everything, Account), Account.id == bindparam("account"))
    )
    # Not to be changed; others may submit for the platform at the same moment.
    return query.with_for_update(read=True, of=Platform) if lock else query


def _order_of_submission(actor: Actor, account: Account, key: str | None) -> HardwareOrder | None:
    """The order that this submission has made already."""
    if key is None:
        return None
    order = db.session.scalars(visible_orders(actor).where(HardwareOrder.submission_key == key)).one_or_none()
    if order is not None and order.account_id != account.id:
        raise WrongState("This form has been sent already.")
    return order


def _submission_facts(
    order: HardwareOrder, checked: CheckedOrder, copied_from: str | None, approver: Approver | None
) -> SubmissionFacts:
    """What the audit event keeps of a new order."""
    facts: SubmissionFacts = {"lines": line_facts(order.lines), "copied_from": copied_from}
    cost = totals((line.unit_price, line.monthly_price, line.quantity) for line in order.lines)
    if cost.monthly:
        facts["per_month"] = f"{cost.monthly:.2f} {order.lines[0].currency}"
    overridden = [
        intent.override_reason for line in checked.lines for intent in line.intents if intent.override_reason
    ]
    if overridden:
        facts["upgraded_before_eligible"] = overridden
    if approver:
        facts["approver"] = approver.name
    return facts
