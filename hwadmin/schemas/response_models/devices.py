"""Responses about devices."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import Field

from hwadmin.domain.device_kinds import Kind
from hwadmin.identifiers.kinds import IdentifierKind
from hwadmin.schemas.response_models.base import (
    ExternalKey,
    Moment,
    NamedResponse,
    NumberedResponse,
    Page,
    Reference,
    ResponseModel,
)


class RetirementResponse(ResponseModel):
    """Why and since when a device is out of service."""

    reason: str
    on: date


class DeviceResponse(ResponseModel):
    """A real desk phone, base, handset or mobile of an account. A handset's location is its base's."""

    id: int
    external_id: ExternalKey
    kind: Kind
    make: str
    model: str
    sku: str
    identifier: str
    identifier_kind: IdentifierKind
    identifier_display: str
    serial: str | None
    second_imei: str | None
    state: Literal["in_service", "retired"]
    retired: RetirementResponse | None
    replaced_by_device_id: Annotated[int | None, Field(description="The device that took its place.")]
    account: NamedResponse
    employee: NamedResponse | None
    location: NamedResponse | None
    phone_line: Annotated[NumberedResponse | None, Field(description="The phone line it is used with.")]
    base_device_id: int | None
    slot: int | None
    order_reference: Reference | None
    unit_id: int | None
    created_at: Moment
    updated_at: Moment | None


class DevicePage(Page):
    """One page of devices."""

    items: list[DeviceResponse]


class CorrectedDeviceResponse(ResponseModel):
    """A device with another identifier than before, and what looks odd about that one."""

    device: DeviceResponse
    warnings: list[str]


class RetirementResultResponse(ResponseModel):
    """What became of one device: 200, or the status and the detail of the refusal it alone would have got."""

    device_id: int
    done: bool
    status: int
    detail: str | None


class RetirementResults(ResponseModel):
    """What became of each device, in the order they were stated."""

    results: list[RetirementResultResponse]
