"""Correcting the ordering information of an order: where it goes, who is told, and why it was ordered."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from hwadmin.db.extensions import db
from hwadmin.db.lookup import flush_or_try_again
from hwadmin.domain.dates import format_datetime
from hwadmin.domain.event_kinds import EventType
from hwadmin.domain.lifecycle import OrderAction, OrderStatus
from hwadmin.domain.permissions import Actor
from hwadmin.domain.text_validation import Problems, refuse
from hwadmin.domain.wording import describe_change
from hwadmin.errors import NotAllowed, WrongState
from hwadmin.models import HardwareOrder
from hwadmin.operations.audit.order_events import record_information_edited
from hwadmin.operations.orders.edits.editable import INFORMATION, editable_information
from hwadmin.operations.orders.submission.details import check_details
from hwadmin.operations.orders.submission.new_order import NewOrder
from hwadmin.operations.orders.transition import bump_version, lock_order_for
from hwadmin.operations.outgoing.events import publish
from hwadmin.queries.orders.history.descriptions import LABELS, location_names, quote_value


def change_ordering_information(
    actor: Actor, order_id: int, values: Mapping[str, Any], *, expected_version: int | None = None
) -> HardwareOrder:
    """Correct the ordering information of an order. What a super-admin changes, the platform is told by mail.

    Another program's key for the order can be corrected whatever became of it. Stating what is there already
    changes and records nothing.

    Raises:
        NotAllowed, NotFound, ChangedMeanwhile, WrongState, InvalidInput: nothing was done.
    """
    order = lock_order_for(actor, order_id, OrderAction.EDIT, expected_version)
    _refuse_fields(actor, order, values)
    problems = Problems()
    stated = {name: () if value is None and name in _LISTS else value for name, value in values.items()}
    columns = check_details(
        order.account, NewOrder(order.account_id, [], **cast(Any, stated)), problems, order_id=order.id
    )
    refuse(problems)
    after = {name: columns[name] for name in (*INFORMATION, "external_id") if name in values}
    before = {name: getattr(order, name) for name in after}
    changed = [name for name in after if before[name] != after[name]]
    if not changed:
        return order
    names = _location_names(before, after)
    described = {
        name: (quote_value(name, before[name], names), quote_value(name, after[name], names))
        for name in changed
    }
    for name in changed:
        setattr(order, name, after[name])
    bump_version(actor, order)
    flush_or_try_again()
    summary = ", ".join(describe_change(_LABELS[name].lower(), *both) for name, both in described.items())
    record_information_edited(actor, order, summary, described)
    publish(actor, EventType.ORDER_UPDATED, order=order)
    db.session.expire(order, ["ship_to"])
    return order


_LISTS = ("notify", "accounting_codes")
_LABELS = {**LABELS, "external_id": "external id"}


def _refuse_fields(actor: Actor, order: HardwareOrder, values: Mapping[str, Any]) -> None:
    """Refuse what cannot be corrected any more, or not by this actor."""
    editable = ("external_id", *editable_information(actor, order))
    refused = [name for name in values if name not in editable]
    if not refused:
        return
    if order.status is OrderStatus.APPROVED and refused == ["ship_to_location_id"]:
        raise NotAllowed(
            f"{order.reference} is approved, so only a super-admin can change where it goes. Ask one."
        )
    names = ", ".join(LABELS[name].lower() for name in refused)
    raise WrongState(
        f"The {names} of {order.reference} cannot be changed any more: it is {order.status.label}, "
        f"set by {order.status_by_name} at {format_datetime(order.status_at)}."
    )


class _Places:
    """Stands for a version row where names of locations are looked up."""

    def __init__(self, ship_to_location_id: int | None) -> None:
        self.ship_to_location_id = ship_to_location_id


def _location_names(before: dict[str, Any], after: dict[str, Any]) -> dict[int, str]:
    return location_names([_Places(values.get("ship_to_location_id")) for values in (before, after)])
