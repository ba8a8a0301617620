"""The units of an order: what is planned for them, what will not come, and taking a device off."""

from __future__ import annotations

from typing import Any

from hwadmin.api.calls import ApiRequest, ApiResponse, call
from hwadmin.api.lookups import order_id_or_404, row_id
from hwadmin.api.orders.orders import expected_version, order_id_as_seen, with_etag
from hwadmin.domain.ordering.cost_allocation import Share
from hwadmin.domain.permissions import Permission
from hwadmin.errors import FieldError, InvalidInput, NotFound
from hwadmin.operations.fulfillment.corrections.device_links import unlink_device
from hwadmin.operations.fulfillment.corrections.short_closures import close_short
from hwadmin.operations.fulfillment.intents import apply_intents
from hwadmin.operations.orders.edits.intents import Intent, edit_intents
from hwadmin.queries.orders.by_key import whole_order
from hwadmin.queries.units.units import units_of
from hwadmin.schemas import request_models, response_models

_UNIT = "/orders/<reference>/units/<unit_id>"


@call(
    "PUT",
    "/orders/<reference>/units",
    Permission.ORDERS_EDIT,
    response_models.OrderResponse,
    "Orders",
    body=request_models.UnitIntents,
    body_required=True,
    order=True,
    conditional=True,
)
def put_units(request: ApiRequest, reference: str) -> ApiResponse:
    """Plan for whom, where and with which base units are.

    A unit that is not stated stays as it is, and so does a field of a unit that is left out; null clears it.
    """
    stated: request_models.UnitIntents = request.body
    order_id = order_id_or_404(reference)
    order = edit_intents(
        request.actor,
        order_id,
        _intents(request, order_id, stated),
        expected_version=expected_version(request, order_id),
    )
    return with_etag(order)


def _intents(request: ApiRequest, order_id: int, stated: request_models.UnitIntents) -> dict[int, Intent]:
    """The whole intents of the stated units: what is left out is as it is now.

    Raises:
        InvalidInput: a unit is stated twice.
    """
    order = whole_order(request.actor, order_id)
    present = {unit.id: unit for unit in units_of(order.id)} if order is not None else {}
    intents: dict[int, Intent] = {}
    errors = []
    for index, unit in enumerate(stated.units):
        if unit.unit_id in intents:
            errors.append(FieldError(f"units.{index}.unit_id", "This unit is stated twice."))
        row = present.get(unit.unit_id)
        fields = {
            name: getattr(unit, name) if name in unit.model_fields_set else getattr(row, name, None)
            for name in ("employee_id", "location_id", "base_unit_id")
        }
        intents[unit.unit_id] = Intent(**fields, **_details(unit))
    if errors:
        raise InvalidInput(errors)
    return intents


def _details(unit: request_models.UnitIntent) -> dict[str, Any]:
    """What the unit is booked on and why it upgrades, where that is stated."""
    stated: dict[str, Any] = {}
    if "accounting_codes" in unit.model_fields_set:
        codes = unit.accounting_codes or ()
        stated["accounting_codes"] = tuple(Share(share.code, share.percent) for share in codes)
    if "upgrade_reason" in unit.model_fields_set:
        stated["upgrade_reason"] = unit.upgrade_reason or ""
    return stated


@call(
    "POST",
    "/orders/<reference>/close-short",
    Permission.ORDERS_CLOSE_SHORT,
    response_models.OrderResponse,
    "Fulfillment",
    body=request_models.ClosedUnits,
    body_required=True,
    order=True,
    conditional=True,
)
def close_units_short(request: ApiRequest, reference: str) -> ApiResponse:
    """Say that units of an approved order will not come.

    The order is fulfilled once all the others have come. Units that are closed already stay as they are.
    """
    closed: request_models.ClosedUnits = request.body
    order_id = order_id_as_seen(request, reference)
    return with_etag(close_short(request.actor, order_id, closed.unit_ids, reason=closed.reason))


@call(
    "POST",
    f"{_UNIT}/unlink",
    Permission.ORDERS_UNLINK,
    response_models.OrderResponse,
    "Fulfillment",
    body=request_models.Reason,
    body_required=True,
    order=True,
    conditional=True,
)
def unlink_unit(request: ApiRequest, reference: str, unit_id: str) -> ApiResponse:
    """Take the device off a unit: it was the wrong one, or has gone elsewhere.

    One that was made for the unit goes out of service, and its identifier is free again; one that was there
    before stays with the account.
    """
    reason: request_models.Reason = request.body
    order_id, key, device_id = _unit_with_device(request, reference, unit_id)
    order = unlink_device(request.actor, order_id, key, device_id=device_id or 0, reason=reason.reason)
    return with_etag(order)


@call(
    "POST",
    f"{_UNIT}/apply-plan",
    Permission.ORDERS_FULFILL,
    response_models.OrderResponse,
    "Fulfillment",
    body=request_models.Nothing,
    order=True,
    conditional=True,
)
def apply_plan(request: ApiRequest, reference: str, unit_id: str) -> ApiResponse:
    """Give the device of a unit the employee, location and base that were planned, instead of what it has."""
    order_id, key, _ = _unit_with_device(request, reference, unit_id)
    apply_intents(request.actor, order_id, key)
    order = whole_order(request.actor, order_id)
    assert order is not None
    return with_etag(order)


def _unit_with_device(request: ApiRequest, reference: str, unit_id: str) -> tuple[int, int, int | None]:
    """The keys of an order, of one of its units, and of that unit's device.

    Raises:
        NotFound: there is no such order, or it has no such unit.
    """
    order = whole_order(request.actor, order_id_as_seen(request, reference))
    unit = next((unit for unit in units_of(order.id) if unit.id == row_id(unit_id)), None) if order else None
    if order is None or unit is None:
        raise NotFound("There is no such unit.")
    return order.id, unit.id, unit.device_id
