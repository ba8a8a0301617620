"""What of an order's ordering information can be corrected when, and by whom."""

from __future__ import annotations

from hwadmin.domain.lifecycle import OrderStatus
from hwadmin.domain.permissions import Actor, Permission
from hwadmin.models import HardwareOrder

# While an order is pending all of it can be corrected; once approved, what is still to be acted upon.
INFORMATION = (
    *("ship_to_location_id", "attention", "notes", "requester"),
    *("notify", "reason", "accounting_codes"),
)
_AFTER_APPROVAL = ("attention", "notes", "notify")


def editable_information(actor: Actor, order: HardwareOrder) -> tuple[str, ...]:
    """What of the ordering information the actor may correct now."""
    if not actor.can(Permission.ORDERS_EDIT):
        return ()
    if order.status is OrderStatus.SUBMITTED:
        return INFORMATION
    if order.status is OrderStatus.APPROVED:
        # The distributor may have the address already: a super-admin settles that with them.
        return (
            ("ship_to_location_id", *_AFTER_APPROVAL)
            if actor.can(Permission.ORDERS_DECIDE)
            else _AFTER_APPROVAL
        )
    return ()
