"""One decision on several orders: each by itself, with a result for each."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import partial

from hwadmin.domain.lifecycle import TRANSITIONS, OrderAction
from hwadmin.domain.permissions import Actor, require
from hwadmin.errors import DomainError, InvalidInput
from hwadmin.models import HardwareOrder, reference
from hwadmin.operations.orders.decisions import approve_order, mark_ordered, reject_order, reopen_order
from hwadmin.operations.orders.sending import send_order

MAX_ORDERS = 200
# Runs the decision on one order in a unit of work of its own; operations do not commit.
RunEach = Callable[[Callable[[], HardwareOrder]], HardwareOrder]


@dataclass(frozen=True, slots=True)
class ChosenOrder:
    """An order that was chosen, and the version it was chosen at; None where any will do."""

    order_id: int
    version: int | None = None


@dataclass(frozen=True, slots=True)
class DecisionDetails:
    """What the decision needs, the same for every order: a reason, or what is known of the placement."""

    reason: str | None = None
    distributor: str | None = None
    distributor_reference: str | None = None
    ordered_on: date | None = None
    # Who buys, for a purchase order that is sent.
    buyer: str | None = None
    # What an order that is sent may cost, where the actor has not proven lately who they are.
    most: Decimal | None = None


@dataclass(frozen=True, slots=True)
class DecisionResult:
    """What became of one order."""

    order_id: int
    # The order as it is now; None where nothing was done.
    order: HardwareOrder | None = None
    # Why nothing was done.
    refusal: DomainError | None = None

    @property
    def reference(self) -> str:
        """The number people say."""
        return reference(self.order_id)

    @property
    def done(self) -> bool:
        """Whether the decision was made."""
        return self.refusal is None


def decide_many(
    actor: Actor,
    action: OrderAction,
    chosen: Sequence[ChosenOrder],
    *,
    details: DecisionDetails = DecisionDetails(),
    run_each: RunEach,
) -> list[DecisionResult]:
    """Make one decision on each of several orders; a refused one does not keep the others from it.

    Args:
        actor: who decides.
        action: approve, mark as ordered, send to the distributor, reject, or reopen.
        chosen: the orders; one that is named twice is decided on once.
        details: what the decision needs besides.
        run_each: runs the work on one order and commits it.

    Returns:
        A result per order, in the order they were chosen.

    Raises:
        NotAllowed: the actor may not do this to any order.
        InvalidInput: there are none or too many, or what goes for all of them is wrong; nothing was done.
    """
    require(actor, TRANSITIONS[action].permission)
    orders = {order.order_id: order for order in reversed(chosen)}
    if not orders:
        raise InvalidInput.at("orders", "Choose at least one order.")
    if len(orders) > MAX_ORDERS:
        raise InvalidInput.at("orders", f"Choose at most {MAX_ORDERS} orders at once.")
    decide = _decisions(actor, details)[action]
    results = []
    for order in (orders[order_id] for order_id in dict.fromkeys(order.order_id for order in chosen)):
        try:
            decided = run_each(partial(decide, order.order_id, expected_version=order.version))
        except InvalidInput:
            # It is about what goes for all, so no order before this one was decided on.
            raise
        except DomainError as refusal:
            results.append(DecisionResult(order.order_id, refusal=refusal))
        else:
            results.append(DecisionResult(order.order_id, decided))
    return results


def _decisions(actor: Actor, details: DecisionDetails) -> dict[OrderAction, Callable[..., HardwareOrder]]:
    """The operations that can be done to several orders."""
    return {
        OrderAction.APPROVE: partial(approve_order, actor),
        OrderAction.SEND: partial(
            send_order, actor, distributor=details.distributor, buyer=details.buyer, most=details.most
        ),
        OrderAction.REJECT: partial(reject_order, actor, reason=details.reason),
        OrderAction.REOPEN: partial(reopen_order, actor, reason=details.reason),
        OrderAction.MARK_ORDERED: partial(
            mark_ordered,
            actor,
            distributor=details.distributor,
            distributor_reference=details.distributor_reference,
            ordered_on=details.ordered_on,
        ),
    }
