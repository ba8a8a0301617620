"""Requests about devices."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from hwadmin.schemas.request_models.base import (
    Changed,
    Day,
    Digits,
    ExternalKey,
    Lines,
    OneLine,
    RequestModel,
    RowId,
    Sku,
)


class NewDeviceRequest(RequestModel):
    """A device an account has without an order. Any writing of the identifier is understood."""

    sku: Sku
    identifier: OneLine = Field(min_length=1, max_length=200, examples=["80:5E:C0:09:AB:DC"])
    employee_id: RowId | None = None
    location_id: RowId | None = None
    base_device_id: RowId | None = None
    serial: OneLine | None = Field(None, max_length=60)
    second_imei: OneLine | None = Field(None, max_length=60)
    external_id: ExternalKey | None = None


class DeviceChanges(RequestModel):
    """What is different about a device; what is left out stays, null clears."""

    employee_id: RowId | None = None
    location_id: RowId | None = None
    base_device_id: RowId | None = Field(None, description="The base of a handset, in our records.")
    serial: OneLine | None = Field(None, max_length=60)
    second_imei: OneLine | None = Field(None, max_length=60, description="Of a mobile with two SIMs.")
    external_id: ExternalKey | None = Field(None, description="Your own key for the device.")


class CorrectedIdentifier(RequestModel):
    """The identifier a device really has, and what was wrong."""

    identifier: OneLine = Field(min_length=1, max_length=200)
    reason: Lines = Field(min_length=1, max_length=2000)


class Successor(CorrectedIdentifier):
    """The device that takes the place of a broken one, and what is wrong with that one."""

    serial: OneLine | None = Field(None, max_length=60)
    second_imei: OneLine | None = Field(None, max_length=60)


class DeviceMove(RequestModel):
    """To which account a device goes, and why."""

    account_id: RowId
    reason: Lines = Field(min_length=1, max_length=2000)


class RetiredDevice(RequestModel):
    """Why a device is out of service, and since which day; by default today."""

    reason: Lines = Field(min_length=1, max_length=2000)
    on: Day | None = None


class RetiredDevices(RetiredDevice):
    """Several devices that are out of service, for one reason."""

    devices: list[RowId] = Field(min_length=1, max_length=200, description="Their ids.")


class DeviceQuery(Changed):
    """Which devices."""

    identifier: OneLine | None = Field(
        None, max_length=200, description="Any writing of an identifier finds it."
    )
    account: Digits | None = None
    state: Literal["in_service", "retired"] | None = Field(
        None, description="Absent: those in service, or, with updated_since, all."
    )
