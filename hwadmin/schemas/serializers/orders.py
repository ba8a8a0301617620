"""Orders as the API and the webhooks show them."""

from __future__ import annotations

from collections.abc import Sequence

from hwadmin.domain.lifecycle import ManagerApproval, OrderFacts
from hwadmin.domain.money import totals
from hwadmin.models import ApprovalRequest, AuditEvent, HardwareOrder, LineItem
from hwadmin.queries.orders.approvals import last_requests
from hwadmin.queries.orders.waiting.late_orders import owners_of
from hwadmin.queries.units.api_units import ApiUnit
from hwadmin.queries.units.units import units_of_each
from hwadmin.schemas import response_models
from hwadmin.schemas.serializers.base import amount, named, numbered, shares, somebody


def orders(rows: Sequence[HardwareOrder]) -> list[response_models.OrderResponse]:
    """Orders with their units, managers and owners, which takes three statements at most."""
    keys = [row.id for row in rows]
    units = units_of_each(keys, ApiUnit)
    approvals = last_requests(
        [row.id for row in rows if row.manager_approval is not ManagerApproval.NOT_REQUIRED]
    )
    owners = owners_of((row.waits_for, row.platform.deadlines) for row in rows)
    return [
        _order(row, units.get(row.id, ()), approvals.get(row.id), owner)
        for row, owner in zip(rows, owners, strict=True)
    ]


def order(row: HardwareOrder) -> response_models.OrderResponse:
    """One order."""
    return orders([row])[0]


def line(row: LineItem) -> response_models.LineResponse:
    """A line of an order."""
    return response_models.LineResponse(
        id=row.id,
        sku=row.sku,
        make=row.make,
        model=row.model,
        kind=row.kind,
        quantity=row.quantity,
        requested_quantity=row.requested_quantity,
        unit_price=amount(row.unit_price),
        monthly_price=amount(row.monthly_price),
        currency=row.currency,
        size=row.size,
        color=row.color,
        term_months=row.term_months,
        mobile_carrier=row.mobile_carrier,
        from_spare=row.from_spare,
        accessory_of_line_id=row.accessory_of_id,
    )


def unit(row: ApiUnit, order: OrderFacts) -> response_models.UnitResponse:
    """A unit of an order with these facts."""
    return response_models.UnitResponse(
        id=row.id,
        line_id=row.line_id,
        label=row.label,
        sku=row.sku,
        kind=row.kind,
        identifier_kind=row.kind.identifier_kind,
        employee=named(row.employee_id, row.employee_name),
        location=named(row.location_id, row.location_name),
        base_unit_id=row.base_unit_id,
        user_name=row.user_name,
        user_number=row.user_number,
        accounting_codes=shares(row.accounting_codes) if row.accounting_codes else [],
        phone_line=numbered(row.line_of_service_id, row.phone_number),
        upgrade_reason=row.upgrade_reason,
        override_reason=row.override_reason,
        from_spare_device_id=row.reserved_device_id,
        identifier=row.identifier,
        serial=row.serial,
        second_imei=row.second_imei,
        device_id=row.device_id,
        outcome=row.outcome,  # type: ignore[arg-type]
        fulfilled_at=row.fulfilled_at,
        closed_reason=row.closed_reason,
        state=row.state(order),
    )


def _order(
    row: HardwareOrder, units: Sequence[ApiUnit], request: ApprovalRequest | None, owner: str
) -> response_models.OrderResponse:
    facts = row.facts
    return response_models.OrderResponse(
        reference=row.reference,
        status=row.status,
        status_label=row.status.label,
        version=row.version,
        external_id=row.external_id,
        platform=response_models.NamedResponse(id=row.platform.id, name=row.platform.name),
        account=response_models.NamedResponse(id=row.account.id, name=row.account.name),
        submitted_by=response_models.SomebodyResponse(name=row.submitted_by_name),
        requester=row.requester,
        notify=list(row.notify or ()),
        ship_to=_ship_to(row),
        attention=row.attention,
        notes=row.notes,
        reason=row.reason,
        accounting_codes=list(row.accounting_codes or ()),
        lines=[line(item) for item in row.lines],
        units=[unit(row, facts) for row in units],
        totals=_totals(row),
        fulfilled_units=row.fulfilled_units,
        fulfillable_units=row.fulfillable_units,
        rejection_reason=row.rejection_reason,
        cancellation_reason=row.cancellation_reason,
        decided_by=somebody(row.decided_by_name),
        decided_at=row.decided_at,
        placement=_placement(row),
        waiting=_waiting(row, owner),
        manager_approval=row.manager_approval,
        manager=_manager(request),
        created_at=row.created_at,
        updated_at=row.updated_at,
    )


def _ship_to(row: HardwareOrder) -> response_models.ShipToResponse | None:
    location = row.ship_to if row.ship_to_location_id is not None else None
    if location is None:
        return None
    return response_models.ShipToResponse(id=location.id, name=location.name, address=location.address)


def _totals(row: HardwareOrder) -> response_models.TotalsResponse:
    cost = totals((item.unit_price, item.monthly_price, item.quantity) for item in row.lines)
    return response_models.TotalsResponse(
        currency=row.lines[0].currency if row.lines else row.platform.currency,
        **{name: amount(getattr(cost, name)) for name in ("now", "monthly")},
    )


def _placement(row: HardwareOrder) -> response_models.PlacementResponse | None:
    if row.placed_at is None:
        return None
    return response_models.PlacementResponse(
        distributor=row.distributor,
        distributor_reference=row.distributor_reference,
        ordered_on=row.ordered_on,
        placed_at=row.placed_at,
        placed_by=response_models.SomebodyResponse(name=row.placed_by_name or ""),
        sent_to=row.sent_to,
    )


def _waiting(row: HardwareOrder, owner: str) -> response_models.WaitingResponse | None:
    if row.waits_for is None or row.waits_since is None or row.due_at is None:
        return None
    return response_models.WaitingResponse(
        what=row.waits_for, owner=owner, since=row.waits_since, due_at=row.due_at, late=row.late
    )


def _manager(request: ApprovalRequest | None) -> response_models.ManagerResponse | None:
    if request is None:
        return None
    return response_models.ManagerResponse(
        name=request.approver_name,
        email=request.approver_email,
        asked_at=request.sent_at,
        answered_at=request.used_at,
        reason=request.reason,
    )


def event(row: AuditEvent) -> response_models.EventResponse:
    """An audit event of an order."""
    return response_models.EventResponse(
        at=row.at,
        kind=row.kind,
        actor=response_models.SomebodyResponse(name=row.actor_name),
        reason=row.reason,
        summary=row.summary,
        details=row.details,
    )
