"""The page of each hit of a search, and the words it is suggested by."""

from __future__ import annotations

from flask import url_for

from hwadmin.queries.devices.devices import DeviceRow
from hwadmin.queries.search.hits import (
    AccountHit,
    DistributorHit,
    EmployeeHit,
    Hit,
    ModelHit,
    OrderHit,
    PersonHit,
    PhoneLineHit,
)


def page_of(hit: Hit) -> str:
    """The address of the page of a hit."""
    match hit:
        case OrderHit():
            return url_for("order.show", reference=hit.reference)
        case DeviceRow():
            return url_for("devices.details_view", key=hit.id)
        case ModelHit():
            return url_for("devices.index_view", search=hit.title)
        case DistributorHit():
            return url_for("distributors.change_form", key=hit.id)
        case PersonHit():
            return url_for("people.edit_view", id=hit.id)
        case EmployeeHit():
            return url_for("account_employees.employee", key=hit.account_id, part=hit.id)
        case PhoneLineHit() if hit.employee_id is not None:
            return url_for("account_employees.employee", key=hit.account_id, part=hit.employee_id)
        case PhoneLineHit():
            return url_for("accounts.details_view", key=hit.account_id)
        case AccountHit():
            return url_for("accounts.details_view", key=hit.id)
        case _:
            return url_for("orders.index_view", status="all", platform=hit.id)


def label_of(hit: Hit) -> str:
    """What a hit is, in a line: the thing, what sort it is of, and whose it is."""
    match hit:
        case OrderHit():
            parts: tuple[str | None, ...] = (hit.reference, hit.account_name, hit.status.label)
        case DeviceRow():
            parts = (hit.identifier_display, hit.title, hit.account_name)
        case ModelHit():
            parts = (hit.title, "model")
        case DistributorHit():
            parts = (hit.name, "distributor")
        case PersonHit():
            parts = (hit.name, hit.role.label)
        case EmployeeHit():
            parts = (hit.name, hit.account_name)
        case PhoneLineHit():
            parts = (hit.phone_number, hit.employee_name, hit.account_name)
        case AccountHit():
            parts = (hit.name, "account", hit.platform_name)
        case _:
            parts = (hit.name, "platform")
    return " · ".join(part for part in parts if part)
