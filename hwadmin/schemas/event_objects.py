"""What an outgoing event is about, as the API shows it: the data of webhooks and of the feed alike."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from hwadmin.domain.permissions import Actor
from hwadmin.models import Device, Employee, HardwareOrder
from hwadmin.queries.accounts.by_key import employees_where
from hwadmin.queries.devices.devices import device_rows
from hwadmin.queries.orders.by_key import whole_orders
from hwadmin.schemas import response_models, serializers

EventObject = (
    response_models.OrderResponse | response_models.DeviceResponse | response_models.EmployeeResponse
)


def event_objects(actor: Actor, subject: str, ids: Collection[int]) -> dict[int, EventObject]:
    """The orders, devices or employees with these ids, as they are now, as far as the actor is given them.

    Args:
        actor: whose view it is.
        subject: the first word of the event's type.
        ids: the rows.
    """
    if not ids:
        return {}
    found: Sequence[EventObject]
    if subject == "device":
        found = serializers.devices(device_rows(actor, Device.id.in_(ids), descending=False))
    elif subject == "employee":
        found = list(map(serializers.employee, employees_where(actor, Employee.id.in_(ids))))
    else:
        rows = whole_orders(actor, HardwareOrder.id.in_(ids), before=None, limit=len(ids))
        return {row.id: order for row, order in zip(rows, serializers.orders(rows), strict=True)}
    return {shown.id: shown for shown in found if not isinstance(shown, response_models.OrderResponse)}


def describe_object(shown: EventObject) -> str:
    """What an event is about, in a word for people."""
    if isinstance(shown, response_models.OrderResponse):
        return shown.reference
    return shown.name if isinstance(shown, response_models.EmployeeResponse) else shown.identifier_display
