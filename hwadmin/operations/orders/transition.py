"""The only writer of an order's status, and the lock that every operation on an order takes first."""

from __future__ import annotations

from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Delete, Select, bindparam, delete, select
from sqlalchemy.orm.attributes import set_committed_value

from hwadmin.clock import utcnow
from hwadmin.db.extensions import db
from hwadmin.db.quick_sql import read_rows
from hwadmin.db.row_objects import as_objects, columns_of
from hwadmin.domain.dates import format_datetime
from hwadmin.domain.lifecycle import (
    ABOUT_THE_MANAGER,
    TRANSITIONS,
    ManagerApproval,
    OrderAction,
    OrderStatus,
    fits,
)
from hwadmin.domain.orders.waiting import WaitsFor, awaited_by, deadlines_of, next_wait
from hwadmin.domain.permissions import Actor, require
from hwadmin.domain.row_ids import is_valid_id
from hwadmin.domain.text_validation import Problems
from hwadmin.domain.wording import inflect
from hwadmin.errors import ChangedMeanwhile, InvalidInput, NotFound, WrongState
from hwadmin.models import Account, FulfillmentDraft, HardwareOrder, LineItem, OrderClaim, Platform
from hwadmin.operations.orders.decision_values import DecisionValue
from hwadmin.operations.units.spares import release_spares
from hwadmin.queries.scope import given, within_given


def lock_order_for(
    actor: Actor, order_id: int, action: OrderAction, expected_version: int | None = None
) -> HardwareOrder:
    """The order, locked until the end of the unit of work, for an action the actor may do.

    Args:
        actor: who acts.
        order_id: the order's key.
        action: what is going to be done.
        expected_version: the version the actor saw; None where they state none.

    Raises:
        NotAllowed: the actor may not do this to any order.
        NotFound: no such order, as far as the actor can tell.
        ChangedMeanwhile: the order has another version by now.
    """
    require(actor, TRANSITIONS[action].permission)
    return lock_order(actor, order_id, expected_version)


def lock_order(actor: Actor, order_id: int, expected_version: int | None = None) -> HardwareOrder:
    """The order, locked until the end of the unit of work, as it is now.

    Raises:
        NotFound: no such order, as far as the actor can tell.
        ChangedMeanwhile: it has another version than the one expected.
    """
    # A key beyond a BIGINT cannot be one, and neither database would compare with it.
    statement = _order_to_lock(actor.platform_ids is None)
    rows = read_rows(statement, order=order_id, **given(actor)) if is_valid_id(order_id) else ()
    if not rows:
        raise NotFound("There is no such order.")
    order: HardwareOrder
    order, account, platform = as_objects((HardwareOrder, Account, Platform), rows[0])
    set_committed_value(order, "account", account)
    set_committed_value(order, "platform", platform)
    if expected_version is not None and expected_version != order.version:
        raise ChangedMeanwhile(
            f"{order.reference} was changed meanwhile, by {order.updated_by_name} at "
            f"{format_datetime(order.updated_at)}; it is {order.status.label} now. "
            "Nothing was done: look at it again."
        )
    return order


@cache
def _order_to_lock(everything: bool) -> Select[Any]:
    """The statement of ``lock_order``, made once: every change of an order begins with it."""
    return (
        # The audit event names account and platform; each would otherwise be read by a statement of its own.
        select(*columns_of(HardwareOrder), *columns_of(Account), *columns_of(Platform))
        .join(Account, Account.id == HardwareOrder.account_id)
        .join(Platform, Platform.id == HardwareOrder.platform_id)
        .where(within_given(everything, HardwareOrder), HardwareOrder.id == bindparam("order"))
        .with_for_update(of=HardwareOrder)
    )


def refresh_lines(order: HardwareOrder) -> list[LineItem]:
    """The lines of a locked order as they are now, not as this session may have read them before."""
    db.session.scalars(
        select(LineItem).where(LineItem.order_id == order.id).execution_options(populate_existing=True)
    ).all()
    db.session.expire(order, ["lines"])
    return order.lines


def require_possible(order: HardwareOrder, action: OrderAction) -> None:
    """Refuse an action that the state of the order does not allow.

    Raises:
        WrongState: with a sentence naming the state, who set it and when.
    """
    if not fits(action, order.facts):
        raise WrongState(_why_not(order, action))


def transition(actor: Actor, order: HardwareOrder, action: OrderAction, *values: DecisionValue) -> None:
    """Move a locked order by the table of transitions.

    Args:
        actor: who does it.
        order: the order, locked.
        action: what is done.
        values: the columns that change together with the status.

    Raises:
        WrongState: the table does not allow it now.
    """
    require_possible(order, action)
    target = TRANSITIONS[action].target
    now = utcnow()
    if target is not None and order.status is not target:
        if order.status is OrderStatus.APPROVED:
            # Nothing more is entered for it. Past the session, which would flush the order before its time.
            db.session.connection().execute(_drafts_deletion(), {"order": order.id})
        order.status = target
        order.status_at = now
        order.status_by_name = actor.name
    for value in values:
        value.write(order)
    if target in (OrderStatus.REJECTED, OrderStatus.CANCELLED):
        release_spares(order)
    bump_version(actor, order, now)


def bump_version(
    actor: Actor, order: HardwareOrder, now: datetime | None = None, *, waits_anew: bool = False
) -> None:
    """Move the order's version: somebody who saw the former one decided on something else.

    Args:
        actor: who changed the order.
        order: the order as it is now.
        now: the moment of the change.
        waits_anew: what it waits for begins again, as where another part of it has come.
    """
    order.version += 1
    order.updated_at = now or utcnow()
    order.updated_by_name = actor.name
    set_wait(order, waits_anew=waits_anew)


def set_wait(order: HardwareOrder, *, waits_anew: bool = False) -> None:
    """Write down what the order waits for as it is now, and until when, by its platform's rules."""
    what = awaited_by(order.facts)
    if what is order.waits_for and what is not WaitsFor.DELIVERY and not waits_anew:
        # It goes on; who changes the rules changes until when.
        return
    to_be_placed = order.waits_for is WaitsFor.PLACEMENT
    # Read now that the order is locked: what came with the lock may be from before somebody changed them.
    # Past the session, which would write the order now, and once more with what it waits for.
    rules = db.session.connection().execute(_rules(), {"platform": order.platform_id}).scalar_one()
    wait = next_wait(
        order.facts,
        (None, None) if waits_anew else (order.waits_for, order.waits_since),
        order.updated_at,
        deadlines_of(rules),
        expected_on=order.expected_on,
    )
    order.waits_for, order.waits_since, order.due_at = (
        (wait.what, wait.since, wait.due_at) if wait else (None, None, None)
    )
    if to_be_placed and order.waits_for is not WaitsFor.PLACEMENT:
        claims = OrderClaim.__table__
        db.session.connection().execute(delete(claims).where(claims.c.order_id == order.id))


@cache
def _drafts_deletion() -> Delete:
    """The statement that drops what was being entered for an order, made once."""
    drafts = FulfillmentDraft.__table__
    return delete(drafts).where(drafts.c.order_id == bindparam("order"))


@cache
def _rules() -> Select[Any]:
    """The statement that reads the deadlines of a platform, made once."""
    platforms = Platform.__table__
    return select(platforms.c.deadlines).where(platforms.c.id == bindparam("platform"))


def check_reason(action: OrderAction, reason: str | None) -> str | None:
    """The reason as it is stored.

    Raises:
        InvalidInput: where the action demands one and there is none, or it cannot be stored.
    """
    problems = Problems()
    text = problems.text(
        "reason",
        reason,
        most=2000,
        lines=True,
        required="Please give a reason." if TRANSITIONS[action].reason == "required" else None,
    )
    if problems.errors:
        raise InvalidInput(problems.errors)
    return text


def lock_order_with_reason(
    actor: Actor, order_id: int, action: OrderAction, reason: str | None, expected_version: int | None
) -> tuple[HardwareOrder, str | None]:
    """The order, locked for an action that fits it, and the reason as it is stored.

    Raises:
        NotAllowed, NotFound, ChangedMeanwhile, WrongState, InvalidInput: as each step of it says.
    """
    order = lock_order_for(actor, order_id, action, expected_version)
    require_possible(order, action)
    return order, check_reason(action, reason)


_MANAGER = {
    ManagerApproval.NOT_REQUIRED: "the account asks for none",
    ManagerApproval.AGREED: "the manager has approved it",
    ManagerApproval.DECLINED: "the manager has declined it",
    ManagerApproval.OVERRIDDEN: "a super-admin has decided without it",
}


def _why_not(order: HardwareOrder, action: OrderAction) -> str:
    past = TRANSITIONS[action].past
    if order.status not in TRANSITIONS[action].sources:
        return (
            f"{order.reference} cannot be {past}: it is {order.status.label}, set by {order.status_by_name} "
            f"at {format_datetime(order.status_at)}."
        )
    if action is OrderAction.REOPEN:
        return (
            f"{order.reference} cannot be reopened: {order.fulfilled_units} of its units already "
            f"{inflect(order.fulfilled_units, 'has a device', 'have devices')}."
        )
    if order.placed_at is not None and order.status is OrderStatus.APPROVED:
        if order.sent_to is not None:
            return (
                f"{order.reference} was sent to {order.distributor} ({order.sent_to}) already, "
                f"by {order.placed_by_name} at {format_datetime(order.placed_at)}. Nothing was sent again."
            )
        return (
            f"{order.reference} is already marked as ordered, by {order.placed_by_name} "
            f"at {format_datetime(order.placed_at)}."
        )
    if action in (OrderAction.SEND, OrderAction.CLAIM):
        return f"{order.reference} cannot be {past}: all of it comes from the account’s spares."
    if action is OrderAction.CORRECT_PLACEMENT:
        return f"{order.reference} has no placement to correct: nobody has recorded one."
    if action in ABOUT_THE_MANAGER:
        return f"{order.reference} does not wait for a manager’s answer: {_MANAGER[order.manager_approval]}."
    verb = "declined by" if order.manager_approval is ManagerApproval.DECLINED else "still waiting for"
    return f"{order.reference} cannot be {past}: it is {verb} the account's manager."
