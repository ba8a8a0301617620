"""An identifier that is a device already, somewhere it should not be: taking it from there to here."""

from __future__ import annotations

from sqlalchemy import select

from hwadmin.db.extensions import db
from hwadmin.db.unit_of_work import TryAgain
from hwadmin.domain.lifecycle import OrderAction
from hwadmin.domain.permissions import Actor, Permission, require
from hwadmin.domain.text_validation import Problems, refuse
from hwadmin.errors import InvalidInput, WrongState
from hwadmin.identifiers import IdentifierError, IdentifierKind, parse
from hwadmin.models import Device, HardwareOrder, Unit
from hwadmin.operations.devices.holders import lock_imeis
from hwadmin.operations.devices.placement import name_of
from hwadmin.operations.devices.retirement import take_off_unit
from hwadmin.operations.devices.transfers import move_device
from hwadmin.operations.fulfillment.corrections.device_links import vacate_unit
from hwadmin.operations.fulfillment.fulfillment import fulfill_order
from hwadmin.operations.fulfillment.report import FulfillmentReport
from hwadmin.operations.orders.transition import lock_order, lock_order_for, require_possible
from hwadmin.operations.units.spares import refuse_if_reserved
from hwadmin.queries.devices.conditions import has_one_of
from hwadmin.queries.scope import find
from hwadmin.queries.units.units import units_of


def take_device(
    actor: Actor, order_id: int, unit_id: int, *, identifier: str, reason: str | None
) -> FulfillmentReport:
    """Take a device from wherever it is to a unit of an approved order, which is fulfilled with it.

    It leaves the unit it fulfills, if any: that one is awaited again, or closed where its order is fulfilled.
    It is moved to the account of the order, if it is another's. Each of it is recorded on either side.

    Raises:
        NotAllowed, NotFound: nothing was done.
        WrongState: the unit has a device, nobody has the identifier any more, or it is of another kind.
        InvalidInput: the identifier is none, or the reason is missing.
    """
    require(actor, Permission.DEVICES_MOVE)
    require(actor, Permission.ORDERS_UNLINK)
    problems = Problems()
    reason = (
        problems.text("reason", reason, most=2000, required="Say why it is taken from there.", lines=True)
        or ""
    )
    refuse(problems)
    device_id, key, former_id = _find_holder(actor, order_id, unit_id, identifier)
    # Two orders are always locked in the order of their keys.
    if former_id is not None and former_id < order_id:
        lock_order(actor, former_id)
    order = lock_order_for(actor, order_id, OrderAction.FULFILL)
    require_possible(order, OrderAction.FULFILL)
    former = lock_order(actor, former_id) if former_id is not None else None
    unit = next(unit for unit in units_of(order.id) if unit.id == unit_id)
    if not unit.awaited:
        raise WrongState(f"{unit.label} of {order.reference} is not awaited any more.")
    if unit.kind.identifier_kind is IdentifierKind.IMEI:
        lock_imeis(second=False)
    device = find(actor, Device, device_id, lock=True)
    if key not in (device.identifier_key, device.second_imei_key):
        raise TryAgain
    if device.kind is not unit.kind:
        raise WrongState(f"{name_of(device)} is a {device.kind.label}, not a {unit.kind.label}.")
    refuse_if_reserved(device, verb="taken")
    if device.unit_id is not None:
        _take_off_former_unit(actor, former, device, reason)
    if device.account_id != order.account_id:
        move_device(actor, device.id, order.account_id, reason=reason)
    db.session.flush()
    report = fulfill_order(actor, order.id, {unit.id: identifier})
    if report.refused:
        raise WrongState(report.refused[0].message)
    return report


def _take_off_former_unit(
    actor: Actor, former_order: HardwareOrder | None, device: Device, reason: str
) -> None:
    units = units_of(former_order.id) if former_order else []
    vacated = next((unit for unit in units if unit.id == device.unit_id), None)
    if former_order is None or vacated is None:
        raise TryAgain  # It was taken to another unit since we looked.
    take_off_unit(device)
    vacate_unit(actor, former_order, vacated, device, reason, f"{name_of(device)} is taken to another unit")


def _find_holder(actor: Actor, order_id: int, unit_id: int, identifier: str) -> tuple[int, str, int | None]:
    """The device that has the identifier, its key, and the order it came by; nothing is locked yet."""
    order = find(actor, HardwareOrder, order_id)
    unit = next((unit for unit in units_of(order.id) if unit.id == unit_id), None)
    if unit is None or unit.kind.identifier_kind is None:
        raise WrongState("There is no such unit in this order.")
    try:
        key = parse(unit.kind.identifier_kind, identifier).key
    except IdentifierError as error:
        raise InvalidInput.at("identifier", str(error)) from error
    row = db.session.execute(
        select(Device.id, Unit.order_id).outerjoin(Unit, Unit.id == Device.unit_id).where(has_one_of([key]))
    ).first()
    if row is None:
        raise WrongState(f"No device has {identifier.strip()} any more; enter it like any other.")
    return row.id, key, row.order_id
