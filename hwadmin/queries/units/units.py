"""Reading units: their intents, their devices, and whether the intents still hold."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from functools import cache
from typing import Any, NamedTuple, TypeVar

from sqlalchemy import Select, bindparam, select
from sqlalchemy.orm import QueryableAttribute, aliased

from hwadmin.db.extensions import db
from hwadmin.db.quick_sql import read_rows
from hwadmin.domain.device_kinds import Kind
from hwadmin.domain.lifecycle import OrderFacts
from hwadmin.domain.ordering.cost_allocation import Share, shares_of
from hwadmin.domain.ordering.variants import VARIANT_COLUMNS, with_variant
from hwadmin.domain.row_ids import unit_label
from hwadmin.domain.units import UnitFacts, UnitState, describe_unit_state, is_awaited, unit_state
from hwadmin.identifiers import IdentifierKind, display
from hwadmin.models import Device, Employee, LineItem, Location, PhoneLine, Unit
from hwadmin.models.catalog import title


class UnitRow(NamedTuple):
    """One unit with its line, its intent and its device, read in one statement for the whole order.

    A named tuple, because it is made fast: an order may have thousands of units.
    """

    id: int
    number: int
    line_id: int
    kind: Kind
    make: str
    model: str
    sku: str
    catalog_item_id: int
    max_handsets: int | None
    employee_id: int | None
    employee_name: str | None
    employee_left_at: datetime | None
    location_id: int | None
    location_name: str | None
    location_gone_at: datetime | None
    base_unit_id: int | None
    device_id: int | None
    identifier_kind: IdentifierKind | None
    identifier: str | None
    identifier_key: str | None
    outcome: str | None
    fulfilled_at: datetime | None
    not_applied: list[str] | None
    device_account_id: int | None
    device_employee_id: int | None
    device_location_id: int | None
    device_make: str | None
    device_max_handsets: int | None
    base_device_id: int | None
    slot: int | None
    base_identifier: str | None
    serial: str | None
    second_imei: str | None
    mac_id_code: str | None
    # Closed short: it is not awaited any more.
    closed_at: datetime | None
    closed_reason: str | None
    closed_by_name: str | None
    order_id: int
    user_name: str | None
    user_number: str | None
    accounting_codes: list[dict[str, Any]] | None
    line_of_service_id: int | None
    phone_number: str | None
    upgrade_reason: str | None
    override_reason: str | None
    # The spare kept for it, until it is fulfilled.
    reserved_device_id: int | None
    reserved_identifier_kind: IdentifierKind | None
    reserved_identifier: str | None
    # The device it was fulfilled with, where that has gone on to another unit.
    device_passed_on: str | None
    # Taken from the account's spares.
    from_spare: bool
    # What was chosen of the model.
    size: str | None
    color: str | None
    term_months: int | None
    mobile_carrier: str | None

    def state(self, order: OrderFacts) -> UnitState:
        """How far it has come, by the one rule there is."""
        facts = UnitFacts.of(self.device_id, self.device_passed_on, self.closed_at, self.from_spare)
        return unit_state(order, facts)

    def describe_state(self, order: OrderFacts) -> str:
        """How far it has come, in words."""
        return describe_unit_state(self.state(order), from_spare=self.from_spare)

    @property
    def reserved_shown(self) -> str:
        """The identifier of the spare kept for it as people read it; empty where there is none."""
        return shown_identifier(self.reserved_identifier_kind, self.reserved_identifier)

    @property
    def shares(self) -> tuple[Share, ...]:
        """The accounting codes it is booked on, with their shares."""
        return shares_of(self.accounting_codes)

    @property
    def title(self) -> str:
        """Make and model."""
        return title(self.make, self.model)

    @property
    def identifier_shown(self) -> str:
        """The device's identifier as people read it; empty where there is none."""
        return shown_identifier(self.identifier_kind, self.identifier)

    @property
    def awaited(self) -> bool:
        """Whether it becomes a device, and has none yet."""
        return is_awaited(self.kind, self.device_id, self.closed_at, self.device_passed_on)

    @property
    def model_words(self) -> str:
        """The model with what was chosen of it, which tells two lines of one model apart."""
        return with_variant(self.model, self.size, self.color, self.term_months, self.mobile_carrier)

    @property
    def label(self) -> str:
        """What people call it: ``W73H #3``, ``iPhone 17 (256 GB, Black) #1``."""
        return unit_label(self.model_words, self.number)


_Base = aliased(Device)
_Reserved = aliased(Device)
_OF_LINES = ("kind", "make", "model", "sku", "catalog_item_id", "max_handsets", *VARIANT_COLUMNS)
_OF_DEVICES = (
    *("identifier_kind", "identifier", "identifier_key"),
    *("slot", "serial", "second_imei", "mac_id_code"),
)
# The column of each field of a ``UnitRow``.
_COLUMNS: dict[str, QueryableAttribute[Any]] = {
    **{name: getattr(LineItem, name) for name in _OF_LINES},
    **{name: getattr(Device, name) for name in _OF_DEVICES},
    "id": Unit.id,
    "number": Unit.number,
    "line_id": Unit.line_id,
    "employee_id": Unit.employee_id,
    "employee_name": Employee.name,
    "employee_left_at": Employee.deactivated_at,
    "location_id": Unit.location_id,
    "location_name": Location.name,
    "location_gone_at": Location.archived_at,
    "base_unit_id": Unit.base_unit_id,
    "device_id": Device.id,
    "outcome": Device.unit_outcome,
    "fulfilled_at": Device.unit_at,
    "not_applied": Device.not_applied,
    "device_account_id": Device.account_id,
    "device_employee_id": Device.employee_id,
    "device_location_id": Device.location_id,
    "device_make": Device.make,
    "device_max_handsets": Device.max_handsets,
    "base_device_id": Device.base_device_id,
    "base_identifier": _Base.identifier,
    "closed_at": Unit.closed_at,
    "closed_reason": Unit.closed_reason,
    "closed_by_name": Unit.closed_by_name,
    "order_id": Unit.order_id,
    "user_name": Unit.user_name,
    "user_number": Unit.user_number,
    "accounting_codes": Unit.accounting_codes,
    "line_of_service_id": Unit.line_of_service_id,
    "phone_number": PhoneLine.phone_number,
    "upgrade_reason": Unit.upgrade_reason,
    "override_reason": Unit.override_reason,
    "reserved_device_id": Unit.reserved_device_id,
    "reserved_identifier_kind": _Reserved.identifier_kind,
    "reserved_identifier": _Reserved.identifier,
    "device_passed_on": Unit.device_passed_on,
}


# A named tuple of some of the fields of ``UnitRow``.
Fields = TypeVar("Fields", bound=NamedTuple)


def units_of(order_id: int) -> list[UnitRow]:
    """All units of an order, in unit order: by line, then by number."""
    return fields_of_units(order_id, UnitRow)


def fields_of_units(order_id: int, kind: type[Fields]) -> list[Fields]:
    """The same units as another named tuple: what it has no field for is not read."""
    return [kind._make(row) for row in read_rows(_units_statement(kind), orders=(order_id,))]


def shown_identifier(kind: IdentifierKind | None, identifier: str | None) -> str:
    """A device's identifier as people read it; empty where there is no device."""
    return "" if kind is None or identifier is None else display(kind, identifier)


@cache
def _units_statement(kind: type[NamedTuple]) -> Select[*tuple[Any, ...]]:
    """The statement that reads units of ``orders``, a parameter. To make it takes longer than to run it."""
    return (
        select(*(_COLUMNS[name].label(name) for name in kind._fields))
        .join(LineItem, LineItem.id == Unit.line_id)
        .outerjoin(Employee, Employee.id == Unit.employee_id)
        .outerjoin(Location, Location.id == Unit.location_id)
        .outerjoin(Device, Device.unit_id == Unit.id)
        .outerjoin(_Base, _Base.id == Device.base_device_id)
        .outerjoin(PhoneLine, PhoneLine.id == Unit.line_of_service_id)
        .outerjoin(_Reserved, _Reserved.id == Unit.reserved_device_id)
        .where(Unit.order_id.in_(bindparam("orders", expanding=True)))
        .order_by(Unit.order_id, LineItem.position, Unit.number)
    )


def units_of_each(order_ids: Collection[int], kind: type[Fields]) -> dict[int, list[Fields]]:
    """All units of several orders in one statement, by order, in unit order.

    Args:
        order_ids: the keys of the orders.
        kind: the named tuple that is made of each; it has a field ``order_id``.
    """
    if len(order_ids) < 2:
        # Such as the answer to a write: made into SQL once, which is not worth it for any other number.
        return {key: fields_of_units(key, kind) for key in order_ids}
    rows = db.session.execute(_units_statement(kind), {"orders": list(order_ids)})
    units: dict[int, list[Fields]] = {}
    for row in rows:
        units.setdefault(row.order_id, []).append(kind._make(row))
    return units
