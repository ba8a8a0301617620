"""Devices of accounts."""

from __future__ import annotations

from sqlalchemy import ColumnElement

from hwadmin.api.calls import ApiRequest, call
from hwadmin.api.changes import changed
from hwadmin.api.lookups import get_account_or_404, row_id
from hwadmin.api.paging import last_id_of, page_of
from hwadmin.api.problems import status_of
from hwadmin.db.extensions import db
from hwadmin.db.unit_of_work import transact
from hwadmin.domain.permissions import Permission
from hwadmin.errors import NotFound
from hwadmin.identifiers.label import Label
from hwadmin.models import Device
from hwadmin.operations.devices import devices
from hwadmin.operations.devices.external_keys import set_external_key
from hwadmin.operations.devices.transfers import move_device
from hwadmin.operations.fulfillment.corrections.identifier_corrections import correct_identifier
from hwadmin.operations.fulfillment.corrections.replacements import replace_device
from hwadmin.operations.fulfillment.corrections.retirements import retire_device, retire_many
from hwadmin.queries.devices.conditions import identified, in_service
from hwadmin.queries.devices.devices import device_row, device_rows
from hwadmin.queries.scope import find
from hwadmin.schemas import request_models, response_models, serializers

_ONE = "/devices/<device_id>"


def _page(request: ApiRequest, *conditions: ColumnElement[bool]) -> response_models.DevicePage:
    query: request_models.Changed = request.query
    after = last_id_of("devices", query.cursor) or 0
    found = [*conditions, *changed(query, Device)]
    state = getattr(query, "state", None)
    if state is not None or query.updated_since is None:
        found.append(~in_service() if state == "retired" else in_service())
    rows = device_rows(request.actor, *found, Device.id > after, descending=False, limit=query.limit + 1)
    return page_of(response_models.DevicePage, "devices", rows, query.limit, serializers.devices)


@call(
    "GET",
    "/devices",
    Permission.DEVICES_READ,
    response_models.DevicePage,
    "Devices",
    query=request_models.DeviceQuery,
)
def list_devices(request: ApiRequest) -> response_models.DevicePage:
    """List devices, or find one by its identifier in any writing."""
    query: request_models.DeviceQuery = request.query
    conditions: list[ColumnElement[bool]] = []
    if query.identifier is not None:
        conditions.append(identified(query.identifier))
    if query.account is not None:
        conditions.append(Device.account_id == query.account)
    return _page(request, *conditions)


@call(
    "GET",
    "/accounts/<account_id>/devices",
    Permission.DEVICES_READ,
    response_models.DevicePage,
    "Devices",
    query=request_models.Changed,
)
def list_devices_of_account(request: ApiRequest, account_id: str) -> response_models.DevicePage:
    """List an account's devices."""
    return _page(request, Device.account_id == get_account_or_404(request.actor, account_id).id)


@call(
    "POST",
    "/accounts/<account_id>/devices",
    Permission.DEVICES_REGISTER,
    response_models.DeviceResponse,
    "Devices",
    body=request_models.NewDeviceRequest,
    body_required=True,
    status=201,
    conflicts=True,
)
def register_device(request: ApiRequest, account_id: str) -> response_models.DeviceResponse:
    """Register a device an account has without an order, such as one bought elsewhere."""
    new: request_models.NewDeviceRequest = request.body
    device = devices.register_device(
        request.actor,
        get_account_or_404(request.actor, account_id).id,
        sku=new.sku,
        identifier=new.identifier,
        employee_id=new.employee_id,
        location_id=new.location_id,
        base_device_id=new.base_device_id,
        label=Label(new.serial or "", new.second_imei or ""),
    )
    if new.external_id is not None:
        set_external_key(request.actor, device.id, new.external_id)
    return _shown(request, device.id)


@call(
    "POST",
    "/devices/retire",
    Permission.DEVICES_REGISTER,
    response_models.RetirementResults,
    "Devices",
    body=request_models.RetiredDevices,
    body_required=True,
    conflicts=True,
    in_parts=True,
)
def retire_devices(request: ApiRequest) -> response_models.RetirementResults:
    """Take several devices out of service; a refused one does not keep the others from it.

    Each is retired by itself and committed by itself. One that is out of service already says so.
    """
    stated: request_models.RetiredDevices = request.body
    results = retire_many(
        request.actor, stated.devices, reason=stated.reason, on=stated.on, run_each=transact
    )
    return response_models.RetirementResults(
        results=[
            response_models.RetirementResultResponse(
                device_id=result.device_id,
                done=result.refusal is None,
                status=status_of(result.refusal) if result.refusal else 200,
                detail=result.refusal.message if result.refusal else None,
            )
            for result in results
        ]
    )


# ---- One device


@call("GET", _ONE, Permission.DEVICES_READ, response_models.DeviceResponse, "Devices")
def show_device(request: ApiRequest, device_id: str) -> response_models.DeviceResponse:
    """Show a device, also one that is out of service."""
    return _shown(request, row_id(device_id))


@call(
    "PATCH",
    _ONE,
    Permission.DEVICES_REGISTER,
    response_models.DeviceResponse,
    "Devices",
    body=request_models.DeviceChanges,
    conflicts=True,
)
def change_device(request: ApiRequest, device_id: str) -> response_models.DeviceResponse:
    """Say for whom a device is, where it stands, with which base, and what is printed on it.

    What is left out stays, null clears. The handsets of a base go with it to its new location.
    """
    stated = request.body.model_dump(exclude_unset=True)
    before = find(request.actor, Device, row_id(device_id))
    paired = before.base_device_id is not None
    placement = {
        "employee_id": before.employee_id,
        # A handset takes its base's location, and states none itself.
        "location_id": None if paired or stated.get("base_device_id") else before.location_id,
        "base_device_id": before.base_device_id,
    }
    label = {"serial": before.serial or "", "second_imei": before.second_imei or ""}
    stated_label = {name: stated[name] or "" for name in label if name in stated}
    if "external_id" in stated:
        set_external_key(request.actor, before.id, stated["external_id"])
    devices.change_device(
        request.actor,
        before.id,
        **{name: stated.get(name, value) for name, value in placement.items()},
        label=Label(**(label | stated_label)) if stated_label else None,
    )
    return _shown(request, before.id)


@call(
    "POST",
    f"{_ONE}/correct",
    Permission.DEVICES_REPLACE,
    response_models.CorrectedDeviceResponse,
    "Devices",
    body=request_models.CorrectedIdentifier,
    body_required=True,
    conflicts=True,
)
def correct_device(request: ApiRequest, device_id: str) -> response_models.CorrectedDeviceResponse:
    """Give a device the identifier it really has; the one it was entered with is free again."""
    stated: request_models.CorrectedIdentifier = request.body
    device, warnings = correct_identifier(
        request.actor, row_id(device_id), identifier=stated.identifier, reason=stated.reason
    )
    return response_models.CorrectedDeviceResponse(device=_shown(request, device.id), warnings=list(warnings))


@call(
    "POST",
    f"{_ONE}/replace",
    Permission.DEVICES_REPLACE,
    response_models.CorrectedDeviceResponse,
    "Devices",
    body=request_models.Successor,
    body_required=True,
    conflicts=True,
)
def replace(request: ApiRequest, device_id: str) -> response_models.CorrectedDeviceResponse:
    """Let another device take the place of a broken one; shows the one that is there now.

    The former one goes out of service. A device of the account that is nobody's yet can take the place.
    """
    stated: request_models.Successor = request.body
    successor, warnings = replace_device(
        request.actor,
        row_id(device_id),
        identifier=stated.identifier,
        reason=stated.reason,
        label=Label(stated.serial or "", stated.second_imei or ""),
    )
    db.session.flush()
    return response_models.CorrectedDeviceResponse(
        device=_shown(request, successor.id), warnings=list(warnings)
    )


@call(
    "POST",
    f"{_ONE}/move",
    Permission.DEVICES_MOVE,
    response_models.DeviceResponse,
    "Devices",
    body=request_models.DeviceMove,
    body_required=True,
    names_rows=True,
    conflicts=True,
    needs_proof=True,
)
def move(request: ApiRequest, device_id: str) -> response_models.DeviceResponse:
    """Move a device to another account. It leaves its employee, location and base behind."""
    stated: request_models.DeviceMove = request.body
    device = move_device(request.actor, row_id(device_id), stated.account_id, reason=stated.reason)
    db.session.flush()
    return _shown(request, device.id)


@call(
    "POST",
    f"{_ONE}/retire",
    Permission.DEVICES_REGISTER,
    response_models.DeviceResponse,
    "Devices",
    body=request_models.RetiredDevice,
    body_required=True,
    conflicts=True,
)
def retire(request: ApiRequest, device_id: str) -> response_models.DeviceResponse:
    """Take a device out of service for good: lost, stolen, broken, returned or given up.

    It leaves its person, place, base and phone line; its identifier is free again, its history stays.
    """
    stated: request_models.RetiredDevice = request.body
    device = retire_device(request.actor, row_id(device_id), reason=stated.reason, on=stated.on)
    db.session.flush()
    return _shown(request, device.id)


def _shown(request: ApiRequest, device_id: int) -> response_models.DeviceResponse:
    db.session.flush()
    row = device_row(request.actor, device_id)
    if row is None:
        raise NotFound("There is no such device.")
    return serializers.device(row)
