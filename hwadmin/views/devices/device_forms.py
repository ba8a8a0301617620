"""The forms of a device with their choices: what is in the catalog, and what the account has."""

from __future__ import annotations

from typing import Any

from hwadmin import identifiers
from hwadmin.domain.device_kinds import Kind
from hwadmin.forms.devices.devices import DeviceForm, RegisterForm
from hwadmin.forms.fields import options
from hwadmin.models import Account, Device
from hwadmin.queries.accounts.accounts import employees_of, locations_of
from hwadmin.queries.catalog.items import device_items
from hwadmin.queries.devices.devices import bases_of, handset_counts
from hwadmin.web.access import current_actor

_NOBODY, _NOWHERE, _NO_BASE = ("", "Nobody"), ("", "Not given"), ("", "Not paired")


def register_form(account: Account) -> RegisterForm:
    """The form of a new device of the account."""
    form = RegisterForm()
    form.sku.choices = options([("", "Choose…"), *_item_choices(account)])
    _fill_choices(form, account)
    return form


def edit_form(device: Device, **values: Any) -> DeviceForm:
    """The form of a device, without the fields its kind does not have."""
    form = DeviceForm(**values)
    _fill_choices(form, device.account, device)
    if not device.kind.has_employee:
        del form.employee_id
    if not device.kind.has_location:
        del form.location_id
    if device.kind is not Kind.DECT_HANDSET:
        del form.base_device_id
    if device.identifier_kind is not identifiers.IdentifierKind.IMEI:
        del form.second_imei
    return form


def _item_choices(account: Account) -> list[tuple[str, str]]:
    return [
        (item.sku, f"{item} · {item.kind.label}{' · archived' if item.archived_at else ''}")
        for item in device_items(current_actor(), account.platform_id)
    ]


def _fill_choices(form: Any, account: Account, device: Device | None = None) -> None:
    """Fill the lists of a form with what the account has, and with what the device has had so far."""
    actor = current_actor()
    employees = [(employee.id, employee.name) for employee in employees_of(actor, account.id)]
    locations = [(location.id, location.name) for location in locations_of(actor, account.id)]
    if device is not None and device.employee is not None and device.employee.deactivated_at:
        employees.append((device.employee.id, f"{device.employee.name} (has left)"))
    if device is not None and device.location is not None and device.location.archived_at:
        locations.append((device.location.id, f"{device.location.name} (archived)"))
    taken = handset_counts(actor, account.id)
    bases = []
    for base in bases_of(actor, account.id):
        room = f" of {base.max_handsets}" if base.max_handsets else ""
        label = f"{base.title} {base.identifier_display} · {taken.get(base.id, 0)}{room} handsets"
        bases.append((base.id, label + (f" · {base.location_name}" if base.location_name else "")))
    for field, none, choices in (
        ("employee_id", _NOBODY, employees),
        ("location_id", _NOWHERE, locations),
        ("base_device_id", _NO_BASE, bases),
    ):
        form[field].choices = options([none, *choices])
