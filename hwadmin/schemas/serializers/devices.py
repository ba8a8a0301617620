"""Devices as the API and the webhooks show them."""

from __future__ import annotations

from collections.abc import Sequence

from hwadmin.domain.device_kinds import Kind
from hwadmin.queries.accounts.phone_lines import lines_of_devices
from hwadmin.queries.devices.devices import DeviceRow
from hwadmin.schemas import response_models
from hwadmin.schemas.serializers.base import named, numbered


def devices(rows: Sequence[DeviceRow]) -> list[response_models.DeviceResponse]:
    """Devices with the phone lines they are used with, which takes one statement at most."""
    lines = lines_of_devices([row.id for row in rows if row.kind is Kind.MOBILE])
    return [_device(row, lines.get(row.id, (None, None))) for row in rows]


def device(row: DeviceRow) -> response_models.DeviceResponse:
    """One device."""
    return devices([row])[0]


def _device(row: DeviceRow, line: tuple[int | None, str | None]) -> response_models.DeviceResponse:
    retired = None
    if row.retired_at is not None:
        retired = response_models.RetirementResponse(
            reason=row.retired_reason or "", on=row.retired_at.date()
        )
    return response_models.DeviceResponse(
        id=row.id,
        external_id=row.external_id,
        kind=row.kind,
        make=row.make,
        model=row.model,
        sku=row.sku,
        identifier=row.identifier,
        identifier_kind=row.identifier_kind,
        identifier_display=row.identifier_display,
        serial=row.serial,
        second_imei=row.second_imei,
        state="retired" if retired else "in_service",
        retired=retired,
        replaced_by_device_id=row.replaced_by_id,
        account=response_models.NamedResponse(id=row.account_id, name=row.account_name),
        employee=named(row.employee_id, row.employee_name),
        location=named(row.location_id, row.location_name),
        phone_line=numbered(*line),
        base_device_id=row.base_device_id,
        slot=row.slot,
        order_reference=row.order_reference,
        unit_id=row.unit_id,
        created_at=row.created_at,
        updated_at=row.updated_at,
    )
