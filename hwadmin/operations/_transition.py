"""The only writer of an order's status, and the lock every deed on an order takes first."""

from __future__ import annotations

from datetime import datetime
from typing import Any, cast

from sqlalchemy import Table, delete, select
from sqlalchemy.orm import joinedload

from hwadmin.clock import utcnow
from hwadmin.errors import ChangedMeanwhile, InvalidInput, NotFound, WrongState
from hwadmin.extensions import db
from hwadmin.lifecycle import (
    ABOUT_THE_MANAGER,
    TRANSITIONS,
    ManagerApproval,
    OrderAction,
    OrderStatus,
    fits,
)
from hwadmin.models import FulfillmentDraft, HardwareOrder, LineItem
from hwadmin.operations.spares import release_spares
from hwadmin.permissions import Actor, require
from hwadmin.queries.orders import visible_orders
from hwadmin.texts import Problems


def locked_order(
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
    order = found_order(actor, order_id)
    if expected_version is not None and expected_version != order.version:
        raise ChangedMeanwhile(
            f"{order.reference} was changed meanwhile, by {order.updated_by_name} at "
            f"{spoken(order.updated_at)}; it is {order.status.label} now. Nothing was done: look at it again."
        )
    return order


def found_order(actor: Actor, order_id: int) -> HardwareOrder:
    """The order, locked until the end of the unit of work, as it is now.

    Raises:
        NotFound: no such order, as far as the actor can tell.
    """
    # A key beyond a BIGINT cannot be one, and neither database would compare with it.
    order = (
        db.session.scalars(
            visible_orders(actor)
            .where(HardwareOrder.id == order_id)
            # The audit event names both; each would otherwise be read by a statement of its own.
            .options(joinedload(HardwareOrder.account), joinedload(HardwareOrder.platform))
            .with_for_update(of=HardwareOrder)
            .execution_options(populate_existing=True)
        ).one_or_none()
        if 0 < order_id < 2**63
        else None
    )
    if order is None:
        raise NotFound("There is no such order.")
    return order


def lines_of(order: HardwareOrder) -> list[LineItem]:
    """The lines of a locked order as they are now, not as this session may have read them before."""
    db.session.scalars(
        select(LineItem).where(LineItem.order_id == order.id).execution_options(populate_existing=True)
    ).all()
    db.session.expire(order, ["lines"])
    return order.lines


def require_fitting(order: HardwareOrder, action: OrderAction) -> None:
    """Refuse an action the order's state does not allow.

    Raises:
        WrongState: with a sentence naming the state, who set it and when.
    """
    if not fits(action, order.facts):
        raise WrongState(_why_not(order, action))


def transition(actor: Actor, order: HardwareOrder, action: OrderAction, **tied: Any) -> None:
    """Move a locked order by the table, assigning the columns tied to the new status together with it.

    Raises:
        WrongState: the table does not allow it now.
    """
    require_fitting(order, action)
    target = TRANSITIONS[action].target
    now = utcnow()
    if target is not None and order.status is not target:
        if order.status is OrderStatus.APPROVED:
            # Nothing more is entered for it. Past the session, which would flush the order before its time.
            drafts = cast(Table, FulfillmentDraft.__table__)
            db.session.connection().execute(delete(drafts).where(drafts.c.order_id == order.id))
        order.status = target
        order.status_at = now
        order.status_by_name = actor.name
    for column, value in tied.items():
        setattr(order, column, value)
    if target in (OrderStatus.REJECTED, OrderStatus.CANCELLED):
        release_spares(order)
    touch(actor, order, now)


def touch(actor: Actor, order: HardwareOrder, now: datetime | None = None) -> None:
    """Move the order's version: somebody who saw the former one decided on something else."""
    order.version += 1
    order.updated_at = now or utcnow()
    order.updated_by_name = actor.name


def reason_for(action: OrderAction, reason: str | None) -> str | None:
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


def order_with_reason(
    actor: Actor, order_id: int, action: OrderAction, reason: str | None, expected_version: int | None
) -> tuple[HardwareOrder, str | None]:
    """The order, locked for an action that fits it, and the reason as it is stored.

    Raises:
        NotAllowed, NotFound, ChangedMeanwhile, WrongState, InvalidInput: as each step of it says.
    """
    order = locked_order(actor, order_id, action, expected_version)
    require_fitting(order, action)
    return order, reason_for(action, reason)


def spoken(moment: datetime) -> str:
    """A moment in a sentence."""
    return f"{moment.day} {moment:%b %Y, %H:%M} UTC"


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
            f"at {spoken(order.status_at)}."
        )
    if action is OrderAction.REOPEN:
        return (
            f"{order.reference} cannot be reopened: {order.fulfilled_units} of its units already "
            f"{'has a device' if order.fulfilled_units == 1 else 'have devices'}."
        )
    if order.placed_at is not None and order.status is OrderStatus.APPROVED:
        return (
            f"{order.reference} is already marked as ordered, by {order.placed_by_name} "
            f"at {spoken(order.placed_at)}."
        )
    if action in ABOUT_THE_MANAGER:
        return f"{order.reference} does not wait for a manager’s answer: {_MANAGER[order.manager_approval]}."
    verb = "declined by" if order.manager_approval is ManagerApproval.DECLINED else "still waiting for"
    return f"{order.reference} cannot be {past}: it is {verb} the account's manager."
