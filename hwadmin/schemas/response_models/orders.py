"""Responses about orders."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal

from pydantic import Field

from hwadmin.domain.device_kinds import Kind
from hwadmin.domain.lifecycle import ManagerApproval, OrderStatus
from hwadmin.domain.orders.waiting import WaitsFor
from hwadmin.domain.units import UnitState
from hwadmin.identifiers.kinds import IdentifierKind
from hwadmin.schemas.response_models.accounts import ShareResponse
from hwadmin.schemas.response_models.base import (
    ExternalKey,
    Moment,
    NamedResponse,
    NumberedResponse,
    Page,
    Price,
    Reference,
    ResponseModel,
    SomebodyResponse,
)


class LineResponse(ResponseModel):
    """A catalog item times a quantity, as the catalog had it when it was ordered."""

    id: int
    sku: str
    make: str
    model: str
    kind: Kind
    quantity: int
    requested_quantity: Annotated[
        int, Field(description="What was asked for at submission; 0 for a line that was added since.")
    ]
    unit_price: Price
    monthly_price: Annotated[Price, Field(description="What is paid each month of the term.")]
    currency: str
    size: str | None
    color: str | None
    term_months: int | None
    mobile_carrier: str | None
    from_spare: Annotated[bool, Field(description="Taken from the account's spares: nothing is bought.")]
    accessory_of_line_id: Annotated[
        int | None, Field(description="The line of the device an accessory was ordered with.")
    ]


class UnitResponse(ResponseModel):
    """One physical piece of an order, for whom and where it is planned, and the device it became."""

    id: int
    line_id: int
    label: str
    sku: str
    kind: Kind
    identifier_kind: IdentifierKind | None
    employee: NamedResponse | None
    location: NamedResponse | None
    base_unit_id: int | None
    user_name: Annotated[str | None, Field(description="Whose it will be, as the order says.")]
    user_number: str | None
    accounting_codes: list[ShareResponse]
    phone_line: Annotated[NumberedResponse | None, Field(description="The phone line it upgrades.")]
    upgrade_reason: str | None
    override_reason: str | None
    from_spare_device_id: Annotated[int | None, Field(description="The spare that is kept for it.")]
    identifier: str | None
    serial: str | None
    second_imei: str | None
    device_id: int | None
    outcome: Literal["created", "linked"] | None
    fulfilled_at: Moment | None
    closed_reason: Annotated[str | None, Field(description="Why it will not come, where it was closed.")]
    state: Annotated[UnitState, Field(description="How far it has come.")]


class PlacementResponse(ResponseModel):
    """The order at the distributor, as somebody has recorded it."""

    distributor: str | None
    distributor_reference: str | None
    ordered_on: date | None
    placed_at: Moment
    placed_by: SomebodyResponse
    sent_to: Annotated[str | None, Field(description="The address it was sent to, where it was sent.")]


class ShipToResponse(ResponseModel):
    """The location the boxes go to."""

    id: int
    name: str
    address: str


class TotalsResponse(ResponseModel):
    """What an order costs: paid now, and each month of the terms."""

    now: Price
    monthly: Price
    currency: str


class ManagerResponse(ResponseModel):
    """Whom the account asks to approve the order, and what they answered."""

    name: str
    email: str
    asked_at: Moment
    answered_at: Moment | None
    reason: str | None


class WaitingResponse(ResponseModel):
    """What an open order waits for, who has to see to it, and until when."""

    what: Annotated[WaitsFor, Field(description="What it waits for next.")]
    owner: Annotated[str, Field(description="Who has to act: somebody by name, or who usually does.")]
    since: Moment
    due_at: Moment
    late: bool


class OrderResponse(ResponseModel):
    """A hardware order."""

    reference: Reference
    status: OrderStatus
    status_label: str
    version: int
    external_id: ExternalKey
    platform: NamedResponse
    account: NamedResponse
    submitted_by: SomebodyResponse
    requester: str | None
    notify: list[str]
    ship_to: ShipToResponse | None
    attention: str | None
    notes: str | None
    reason: str | None
    accounting_codes: list[str | dict[str, str]]
    lines: list[LineResponse]
    units: list[UnitResponse]
    totals: TotalsResponse
    fulfilled_units: int
    fulfillable_units: int
    rejection_reason: str | None
    cancellation_reason: str | None
    decided_by: SomebodyResponse | None
    decided_at: Moment | None
    placement: PlacementResponse | None
    waiting: Annotated[WaitingResponse | None, Field(description="Null once nothing more is to come.")]
    manager_approval: ManagerApproval
    manager: ManagerResponse | None
    created_at: Moment
    updated_at: Moment


class OrderPage(Page):
    """One page of orders, newest first. It may hold fewer than asked for where the orders are large."""

    items: list[OrderResponse]


class EventResponse(ResponseModel):
    """One thing that was done to an order."""

    at: Moment
    kind: str
    actor: SomebodyResponse
    reason: str | None
    summary: str
    details: dict[str, Any]


class EventPage(Page):
    """One page of events, oldest first."""

    items: list[EventResponse]
