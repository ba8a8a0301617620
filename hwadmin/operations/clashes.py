"""An identifier that is a device already, somewhere it should not be: taking it from there to here."""

from __future__ import annotations

from sqlalchemy import select

from hwadmin.errors import InvalidInput, WrongState
from hwadmin.extensions import db
from hwadmin.identifiers import IdentifierError, IdentifierKind, parse
from hwadmin.lifecycle import OrderAction
from hwadmin.models import Device, HardwareOrder, Unit
from hwadmin.operations._transition import found_order, locked_order, require_fitting
from hwadmin.operations.fulfillment import fulfill_order
from hwadmin.operations.fulfillment_check import FulfillmentReport
from hwadmin.operations.holders import lock_imeis
from hwadmin.operations.moving import move_device
from hwadmin.operations.platforms import find, refuse
from hwadmin.operations.retiring import let_go
from hwadmin.operations.spares import refuse_if_kept
from hwadmin.operations.unlinking import vacate
from hwadmin.operations.whereabouts import name_of
from hwadmin.permissions import Actor, Permission, require
from hwadmin.queries.devices import has_one_of
from hwadmin.queries.units import units_of
from hwadmin.texts import Problems
from hwadmin.uow import TryAgain


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
    said = problems.text("reason", reason, most=2000, required="Say why it is taken from there.", lines=True)
    refuse(problems)
    device_id, key, former_id = _holder(actor, order_id, unit_id, identifier)
    # Two orders are always locked in the order of their keys.
    if former_id is not None and former_id < order_id:
        found_order(actor, former_id)
    order = locked_order(actor, order_id, OrderAction.FULFILL)
    require_fitting(order, OrderAction.FULFILL)
    former = found_order(actor, former_id) if former_id is not None else None
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
    refuse_if_kept(device, verb="taken")
    if device.unit_id is not None:
        vacated = (
            next((one for one in units_of(former.id) if one.id == device.unit_id), None) if former else None
        )
        if former is None or vacated is None:
            raise TryAgain  # It was taken to another unit since we looked.
        let_go(device)
        vacate(actor, former, vacated, device, said or "", f"{name_of(device)} is taken to another unit")
    if device.account_id != order.account_id:
        move_device(actor, device.id, order.account_id, reason=said or "")
    db.session.flush()
    report = fulfill_order(actor, order.id, {unit.id: identifier})
    if report.refused:
        raise WrongState(report.refused[0].message)
    return report


def _holder(actor: Actor, order_id: int, unit_id: int, identifier: str) -> tuple[int, str, int | None]:
    """The device that has the identifier, its key, and the order it came by; nothing is locked yet."""
    order = find(actor, HardwareOrder, order_id)
    unit = next((unit for unit in units_of(order.id) if unit.id == unit_id), None)
    if unit is None or unit.kind.identifier_kind is None:
        raise WrongState("There is no such unit in this order.")
    try:
        key = parse(unit.kind.identifier_kind, identifier).key
    except IdentifierError as error:
        raise InvalidInput.at("identifier", str(error)) from error
    found = db.session.execute(
        select(Device.id, Unit.order_id).outerjoin(Unit, Unit.id == Device.unit_id).where(has_one_of([key]))
    ).first()
    if found is None:
        raise WrongState(f"No device has {identifier.strip()} any more; enter it like any other.")
    return found[0], key, found[1]
