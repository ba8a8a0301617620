"""Devices of accounts."""

from __future__ import annotations

from sqlalchemy import ColumnElement

from hwadmin.api import answers, asked, represent
from hwadmin.api.calls import Asking, call
from hwadmin.api.finding import account_of
from hwadmin.api.paging import cursor_after, key_of, one_page
from hwadmin.extensions import db
from hwadmin.models import Device
from hwadmin.operations import devices
from hwadmin.permissions import Permission
from hwadmin.queries.devices import device_row, device_rows, identified, in_service


def _page(asking: Asking, *conditions: ColumnElement[bool]) -> answers.DevicePage:
    query: asked.Paged = asking.query
    after = key_of("devices", query.cursor) or 0
    found = device_rows(
        asking.actor, *conditions, in_service(), Device.id > after, descending=False, limit=query.limit + 1
    )
    rows, more = one_page(found, query.limit)
    return answers.DevicePage(
        items=[represent.device(row) for row in rows],
        next_cursor=cursor_after("devices", rows[-1].id) if more else None,
    )


@call("GET", "/devices", Permission.DEVICES_READ, answers.DevicePage, "Devices", query=asked.DeviceQuery)
def list_devices(asking: Asking) -> answers.DevicePage:
    """List devices, or find one by its identifier in any writing."""
    query: asked.DeviceQuery = asking.query
    conditions: list[ColumnElement[bool]] = []
    if query.identifier is not None:
        conditions.append(identified(query.identifier))
    if query.account is not None:
        conditions.append(Device.account_id == query.account)
    return _page(asking, *conditions)


@call(
    "GET",
    "/accounts/<account_id>/devices",
    Permission.DEVICES_READ,
    answers.DevicePage,
    "Devices",
    query=asked.Paged,
)
def list_devices_of_account(asking: Asking, account_id: str) -> answers.DevicePage:
    """List an account's devices."""
    return _page(asking, Device.account_id == account_of(asking.actor, account_id).id)


@call(
    "POST",
    "/accounts/<account_id>/devices",
    Permission.DEVICES_REGISTER,
    answers.Device,
    "Devices",
    body=asked.NewDevice,
    body_needed=True,
    status=201,
    conflicts=True,
)
def register_device(asking: Asking, account_id: str) -> answers.Device:
    """Register a device an account has without an order, such as one bought elsewhere."""
    new: asked.NewDevice = asking.body
    device = devices.register_device(
        asking.actor,
        account_of(asking.actor, account_id).id,
        sku=new.sku,
        identifier=new.identifier,
        employee_id=new.employee_id,
        location_id=new.location_id,
        base_device_id=new.base_device_id,
    )
    db.session.flush()
    row = device_row(asking.actor, device.id)
    assert row is not None
    return represent.device(row)
