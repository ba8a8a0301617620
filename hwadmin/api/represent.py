"""How rows look in the API's answers."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from hwadmin.api import answers
from hwadmin.models import (
    Account,
    AuditEvent,
    CatalogItem,
    CatalogPrice,
    Employee,
    HardwareOrder,
    LineItem,
    Location,
)
from hwadmin.operations.fulfillment_check import FulfillmentReport, UnitOutcome
from hwadmin.queries.devices import DeviceRow
from hwadmin.queries.units import UnitRow


def money(amount: Decimal) -> str:
    """An amount as the API writes it."""
    return f"{amount:.2f}"


def named(key: int | None, name: str | None) -> answers.Named | None:
    """Something by key and name, if it is there."""
    return None if key is None or name is None else answers.Named(id=key, name=name)


def catalog_item(item: CatalogItem, prices: Sequence[CatalogPrice] = ()) -> answers.CatalogItem:
    # The terms of the item's own size; what other sizes cost is for the pages to choose.
    size = item.size or ""
    terms = sorted(
        (one.term_months, one.unit_price) for one in prices if one.term_months and one.size == size
    )
    return answers.CatalogItem(
        sku=item.sku,
        make=item.make,
        model=item.model,
        kind=item.kind,
        identifier_kind=item.kind.identifier_kind,
        unit_price=money(item.unit_price),
        currency=item.currency,
        max_handsets=item.max_handsets,
        mobile_carrier=item.mobile_carrier,
        color=item.color,
        size=item.size,
        terms=[answers.Term(months=months, price=money(price)) for months, price in terms],
        archived=item.archived_at is not None,
    )


def location(row: Location) -> answers.Location:
    return answers.Location(id=row.id, name=row.name, address=row.address)


def employee(row: Employee) -> answers.Employee:
    return answers.Employee(id=row.id, name=row.name, email=row.email, employee_number=row.employee_number)


def account(row: Account, locations: Sequence[Location], employees: Sequence[Employee]) -> answers.Account:
    return answers.Account(
        id=row.id,
        name=row.name,
        platform=answers.Named(id=row.platform.id, name=row.platform.name),
        locations=[location(one) for one in locations],
        employees=[employee(one) for one in employees],
    )


def device(row: DeviceRow) -> answers.Device:
    return answers.Device(
        id=row.id,
        kind=row.kind,
        make=row.make,
        model=row.model,
        sku=row.sku,
        identifier=row.identifier,
        identifier_kind=row.identifier_kind,
        identifier_display=row.identifier_display,
        account=answers.Named(id=row.account_id, name=row.account_name),
        employee=named(row.employee_id, row.employee_name),
        location=named(row.location_id, row.location_name),
        base_device_id=row.base_device_id,
        slot=row.slot,
        order_reference=row.order_reference,
        unit_id=row.unit_id,
    )


def line(row: LineItem) -> answers.Line:
    return answers.Line(
        sku=row.sku,
        make=row.make,
        model=row.model,
        kind=row.kind,
        quantity=row.quantity,
        unit_price=money(row.unit_price),
        currency=row.currency,
    )


def unit(row: UnitRow) -> answers.Unit:
    return answers.Unit(
        id=row.id,
        sku=row.sku,
        kind=row.kind,
        identifier_kind=row.kind.identifier_kind,
        employee=named(row.employee_id, row.employee_name),
        location=named(row.location_id, row.location_name),
        base_unit_id=row.base_unit_id,
        identifier=row.identifier,
        device_id=row.device_id,
        outcome=row.outcome,  # type: ignore[arg-type]
        fulfilled_at=row.fulfilled_at,
    )


def order(row: HardwareOrder, units: Sequence[UnitRow]) -> answers.Order:
    return answers.Order(
        reference=row.reference,
        status=row.status,
        status_label=row.status.label,
        version=row.version,
        platform=answers.Named(id=row.platform.id, name=row.platform.name),
        account=answers.Named(id=row.account.id, name=row.account.name),
        lines=[line(one) for one in row.lines],
        units=[unit(one) for one in units],
        fulfilled_units=row.fulfilled_units,
        fulfillable_units=row.fulfillable_units,
        rejection_reason=row.rejection_reason,
        decided_by=answers.Somebody(name=row.decided_by_name) if row.decided_by_name else None,
        decided_at=row.decided_at,
        placement=_placement(row),
        manager_approval=row.manager_approval,
        created_at=row.created_at,
        updated_at=row.updated_at,
    )


def _placement(row: HardwareOrder) -> answers.Placement | None:
    if row.placed_at is None:
        return None
    return answers.Placement(
        distributor=row.distributor,
        distributor_reference=row.distributor_reference,
        ordered_on=row.ordered_on,
        placed_at=row.placed_at,
        placed_by=answers.Somebody(name=row.placed_by_name or ""),
    )


def event(row: AuditEvent) -> answers.Event:
    return answers.Event(
        at=row.at,
        kind=row.kind,
        actor=answers.Somebody(name=row.actor_name),
        reason=row.reason,
        summary=row.summary,
        details=row.details,
    )


def outcome(row: UnitOutcome) -> answers.FulfilledUnit:
    return answers.FulfilledUnit(
        unit_id=row.unit_id,
        identifier=row.identifier.value if row.identifier else row.typed or None,
        outcome=row.outcome.value,
        message=row.message,
        device_id=row.device_id,
        warnings=[*row.warnings, *([row.left] if row.left else [])],
        paired_to=row.paired_to,
        slot=row.slot,
        not_applied=row.not_applied,
    )


def outcomes(report: FulfillmentReport) -> list[answers.FulfilledUnit]:
    return [outcome(row) for row in report.units]
