"""Spare devices: kept for a unit when it is ordered, free again when it will not come."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date

from sqlalchemy import bindparam, select, update

from hwadmin.db.extensions import db
from hwadmin.domain.ordering.upgrade_eligibility import contract_end
from hwadmin.errors import WrongState
from hwadmin.models import Account, Device, HardwareOrder, LineItem, PhoneLine, Unit
from hwadmin.operations.units.device_locks import in_lock_order
from hwadmin.queries.devices.spares import is_spare, reservations
from hwadmin.queries.units.units import UnitRow


def spare_ids(account: Account, item_ids: Collection[int], *, lock: bool) -> dict[int, list[int]]:
    """The spare devices of an account, by catalog item, the longest registered first.

    Locked, nobody else can take or change them until the end of the unit of work. Who waited for them here
    sees only afterwards which are still left, so they are looked at again.
    """
    if not item_ids:
        return {}
    own_spares = (Device.account_id == account.id, Device.catalog_item_id.in_(item_ids), is_spare())
    query = select(Device.id, Device.catalog_item_id).where(*own_spares)
    if lock:
        held = db.session.scalars(
            select(Device.id).where(*own_spares).order_by(*in_lock_order()).with_for_update(of=Device)
        ).all()
        query = query.where(Device.id.in_(held))
    spares: dict[int, list[int]] = {}
    for device_id, item_id in db.session.execute(query.order_by(Device.id)):
        if item_id is not None:
            spares.setdefault(item_id, []).append(device_id)
    return spares


def release_spares(order: HardwareOrder) -> None:
    """Set the spare devices free that were kept for the order's units: they will not be needed."""
    table = Unit.__table__
    # On the connection itself: the session would flush the order in between, and version it once more.
    db.session.connection().execute(
        update(table)
        .where(table.c.order_id == order.id, table.c.reserved_device_id.is_not(None))
        .values(reserved_device_id=None)
    )


def hand_over_spares(order: HardwareOrder, units: Mapping[int, UnitRow]) -> None:
    """Make spares free to be linked to the units they were kept for; ``units`` are by device.

    A device names one unit. Where it served one of a former, fulfilled order, that one keeps in words which
    device it was and where it went.
    """
    reserved = {device_id: unit for device_id, unit in units.items() if unit.reserved_device_id == device_id}
    if not reserved:
        return
    connection = db.session.connection()
    unit_table, device_table = Unit.__table__, Device.__table__
    connection.execute(
        update(unit_table)
        .where(unit_table.c.id.in_([unit.id for unit in reserved.values()]))
        .values(reserved_device_id=None)
    )
    served = connection.execute(
        select(device_table.c.id, device_table.c.unit_id).where(
            device_table.c.id.in_(reserved), device_table.c.unit_id.is_not(None)
        )
    ).all()
    if served:
        connection.execute(
            update(unit_table)
            .where(unit_table.c.id == bindparam("former"))
            .values(device_passed_on=bindparam("passed_on")),
            [
                {
                    "former": unit_id,
                    "passed_on": f"{reserved[device_id].reserved_shown} → {order.reference}",
                }
                for device_id, unit_id in served
            ],
        )
        connection.execute(
            update(device_table)
            .where(device_table.c.id.in_([device_id for device_id, _ in served]))
            .values(unit_id=None, unit_outcome=None, unit_at=None, not_applied=None)
        )


def put_into_service(devices: Mapping[int, int | None], units: Mapping[int, UnitRow], today: date) -> None:
    """Note on each upgraded phone line that its device is the new one; ``devices`` are by unit.

    Ordered with a term, the device begins a contract, so that the line is not eligible once more the day
    after. What is owed on it the carrier's next list of lines tells.
    """
    upgraded = {
        unit_id: device_id
        for unit_id, device_id in devices.items()
        if device_id is not None and units[unit_id].line_of_service_id is not None
    }
    if not upgraded:
        return
    connection, table = db.session.connection(), PhoneLine.__table__
    connection.execute(
        update(table).where(table.c.id == bindparam("line")).values(device_id=bindparam("device")),
        [
            {"line": units[unit_id].line_of_service_id, "device": device_id}
            # In the order of the lines, as everybody locks them.
            for unit_id, device_id in sorted(
                upgraded.items(), key=lambda entry: units[entry[0]].line_of_service_id or 0
            )
        ],
    )
    terms = connection.execute(
        select(Unit.line_of_service_id, LineItem.term_months)
        .join(LineItem, LineItem.id == Unit.line_id)
        .where(Unit.id.in_(upgraded), LineItem.term_months > 0)
    ).all()
    if terms:
        connection.execute(
            update(table)
            .where(table.c.id == bindparam("line"))
            .values(
                contract_term_months=bindparam("months"),
                contract_ends_on=bindparam("ends_on"),
                contract_balance=None,
                eligible_from=None,
            ),
            [
                {"line": line, "months": months, "ends_on": contract_end(today, months)}
                for line, months in terms
                if months
            ],
        )


def refuse_if_reserved(device: Device, *, verb: str) -> None:
    """Refuse to do something to a locked device that is kept for a unit of an open order.

    Raises:
        WrongState: with a sentence naming the order it is kept for.
    """
    kept = reservations([device.id]).get(device.id)
    if kept is not None:
        raise WrongState(kept.why_not(verb))
