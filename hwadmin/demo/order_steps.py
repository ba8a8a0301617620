"""Orders and their steps, each as the operation it stands for."""

from __future__ import annotations

from functools import singledispatch

from hwadmin.clock import utcnow
from hwadmin.demo.context import DemoState
from hwadmin.demo.order_histories import (
    Answer,
    Approve,
    Bought,
    Cancel,
    CloseShort,
    Copy,
    Edit,
    Fulfill,
    Note,
    Override,
    Reject,
    Reopen,
    Replace,
    Step,
    Submit,
)
from hwadmin.domain.permissions import Actor
from hwadmin.identifiers.label import Label
from hwadmin.models import Account
from hwadmin.operations.fulfillment.corrections.replacements import replace_device
from hwadmin.operations.fulfillment.corrections.short_closures import close_short
from hwadmin.operations.fulfillment.fulfillment import fulfill_order
from hwadmin.operations.ordering.confirmation import confirm_basket
from hwadmin.operations.ordering.copies import copy_to_basket
from hwadmin.operations.orders import decisions
from hwadmin.operations.orders.approvals.answers import decide_as_manager, manager_actor, override_manager
from hwadmin.operations.orders.edits.lines import edit_lines
from hwadmin.operations.orders.notes import add_note
from hwadmin.operations.orders.submission.new_order import NewOrder
from hwadmin.operations.orders.submission.submission import submit_order
from hwadmin.queries.ordering.basket import basket_of, shown_basket
from hwadmin.queries.orders.approvals import last_request
from hwadmin.queries.scope import find
from hwadmin.queries.units.units import units_of


def submit(state: DemoState, actor: Actor, order: Submit) -> int:
    """Submit an order; its key."""
    site = state.sites[order.account]
    location_id = site.locations[order.site] if order.site else next(iter(site.locations.values()))
    made = submit_order(
        actor,
        NewOrder(
            account_id=site.id,
            lines=state.lines(order.account, order.lines, order.people, location_id),
            requester=state.somebody(order.account),
            attention=state.somebody(order.account),
            ship_to_location_id=location_id,
            notes=order.notes,
            reason=order.reason,
        ),
    )
    return made.id


@singledispatch
def take(step: Step, state: DemoState, actor: Actor, order_id: int) -> int | None:
    """Take a step with an order; the key of the new order, where it made one."""
    raise TypeError(step)


@take.register
def _(step: Approve, state: DemoState, actor: Actor, order_id: int) -> None:
    decisions.approve_order(actor, order_id)


@take.register
def _(step: Answer, state: DemoState, actor: Actor, order_id: int) -> None:
    request = last_request(actor, order_id)
    if request is None:
        raise RuntimeError(f"The demo's order {order_id} awaits no manager.")
    decide_as_manager(manager_actor(request), request, agrees=step.declines is None, reason=step.declines)


@take.register
def _(step: Override, state: DemoState, actor: Actor, order_id: int) -> None:
    override_manager(actor, order_id, reason=step.reason)


@take.register
def _(step: Reject, state: DemoState, actor: Actor, order_id: int) -> None:
    decisions.reject_order(actor, order_id, reason=step.reason)


@take.register
def _(step: Cancel, state: DemoState, actor: Actor, order_id: int) -> None:
    decisions.cancel_order(actor, order_id, reason=step.reason)


@take.register
def _(step: Reopen, state: DemoState, actor: Actor, order_id: int) -> None:
    decisions.reopen_order(actor, order_id, reason=step.reason)


@take.register
def _(step: Copy, state: DemoState, actor: Actor, order_id: int) -> int:
    account_id = copy_to_basket(actor, order_id).account_id
    account = find(actor, Account, account_id)
    basket = shown_basket(actor, account, basket_of(actor, account_id))
    key = basket.content.submission_key
    return confirm_basket(actor, account_id, submission_key=key, seen=basket.seen).id


@take.register
def _(step: Bought, state: DemoState, actor: Actor, order_id: int) -> None:
    reference = step.reference
    if step.distributor and reference is None:
        initials = "".join(word[0] for word in step.distributor.split() if word.isalpha())
        reference = f"{initials}-{state.random.randrange(2_100_000, 2_400_000)}"
    decisions.mark_ordered(
        actor,
        order_id,
        distributor=step.distributor,
        distributor_reference=reference,
        ordered_on=utcnow().date() if step.distributor else None,
    )


@take.register
def _(step: Edit, state: DemoState, actor: Actor, order_id: int) -> None:
    present: dict[str, int] = {}
    for unit in units_of(order_id):
        present[unit.sku] = present.get(unit.sku, 0) + 1
    edit_lines(actor, order_id, present | dict(step.quantities))


@take.register
def _(step: Fulfill, state: DemoState, actor: Actor, order_id: int) -> None:
    waiting = [unit for unit in units_of(order_id) if unit.device_id is None and unit.kind.becomes_device]
    for make, kind in {(unit.make, unit.kind): None for unit in waiting}:
        state.numbers.carton(make, kind)
    identifiers = {
        unit.id: state.devices[step.known[place]][1]
        if place in step.known
        else state.numbers.fresh(unit.make, unit.kind)
        for place, unit in enumerate(waiting[: step.units])
    }
    report = fulfill_order(actor, order_id, identifiers)
    if not report.written:
        raise RuntimeError(f"The demo's order {order_id}: {[row.message for row in report.refused]}")


@take.register
def _(step: CloseShort, state: DemoState, actor: Actor, order_id: int) -> None:
    waiting = [unit.id for unit in units_of(order_id) if unit.awaited]
    close_short(actor, order_id, waiting[-step.units :], reason=step.reason)


@take.register
def _(step: Replace, state: DemoState, actor: Actor, order_id: int) -> None:
    unit = units_of(order_id)[step.unit]
    assert unit.device_id is not None
    identifier = state.numbers.fresh(unit.make, unit.kind)
    replace_device(actor, unit.device_id, identifier=identifier, reason=step.reason, label=Label(step.serial))


@take.register
def _(step: Note, state: DemoState, actor: Actor, order_id: int) -> None:
    add_note(actor, order_id, step.text)
