"""Each word of the tables as the operation it stands for."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from functools import singledispatch

from hwadmin.clock import utcnow
from hwadmin.demo.stories import (
    Approve,
    Archive,
    Bought,
    Cancel,
    Copy,
    Deed,
    Edit,
    Fulfill,
    Join,
    Leave,
    Move,
    Order,
    Price,
    Register,
    Reject,
    Reopen,
    Step,
)
from hwadmin.demo.world import World, customer
from hwadmin.operations import accounts, catalog, decisions, devices
from hwadmin.operations.catalog import NewItem
from hwadmin.operations.editing import edit_lines
from hwadmin.operations.fulfillment import fulfill_order
from hwadmin.operations.ordering import NewOrder, copy_order, submit_order
from hwadmin.permissions import Actor
from hwadmin.queries.units import units_of


def submit(world: World, actor: Actor, order: Order) -> int:
    """Submit an order; its key."""
    site = world.sites[order.account]
    location_id = site.locations[order.site] if order.site else next(iter(site.locations.values()))
    made = submit_order(
        actor,
        NewOrder(
            account_id=site.id,
            lines=world.lines(order.account, order.lines, order.people, location_id),
            requester=world.somebody(order.account),
            attention=world.somebody(order.account),
            ship_to_location_id=location_id,
            notes=order.notes,
            reason=order.reason,
        ),
    )
    return made.id


# ---- What becomes of an order


@singledispatch
def take(step: Step, world: World, actor: Actor, order_id: int) -> int | None:
    """Take a step with an order; the key of the new order, where it made one."""
    raise TypeError(step)


@take.register
def _(step: Approve, world: World, actor: Actor, order_id: int) -> None:
    decisions.approve_order(actor, order_id)


@take.register
def _(step: Reject, world: World, actor: Actor, order_id: int) -> None:
    decisions.reject_order(actor, order_id, reason=step.reason)


@take.register
def _(step: Cancel, world: World, actor: Actor, order_id: int) -> None:
    decisions.cancel_order(actor, order_id, reason=step.reason)


@take.register
def _(step: Reopen, world: World, actor: Actor, order_id: int) -> None:
    decisions.reopen_order(actor, order_id, reason=step.reason)


@take.register
def _(step: Copy, world: World, actor: Actor, order_id: int) -> int:
    return copy_order(actor, order_id).id


@take.register
def _(step: Bought, world: World, actor: Actor, order_id: int) -> None:
    reference = step.reference
    if step.distributor and reference is None:
        initials = "".join(word[0] for word in step.distributor.split() if word.isalpha())
        reference = f"{initials}-{world.random.randrange(2_100_000, 2_400_000)}"
    decisions.mark_ordered(
        actor,
        order_id,
        distributor=step.distributor,
        distributor_reference=reference,
        ordered_on=utcnow().date() if step.distributor else None,
    )


@take.register
def _(step: Edit, world: World, actor: Actor, order_id: int) -> None:
    present: dict[str, int] = {}
    for unit in units_of(order_id):
        present[unit.sku] = present.get(unit.sku, 0) + 1
    edit_lines(actor, order_id, present | dict(step.quantities))


@take.register
def _(step: Fulfill, world: World, actor: Actor, order_id: int) -> None:
    waiting = [unit for unit in units_of(order_id) if unit.device_id is None and unit.kind.becomes_device]
    for make, kind in {(unit.make, unit.kind): None for unit in waiting}:
        world.numbers.carton(make, kind)
    typed = {
        unit.id: world.devices[step.known[place]][1]
        if place in step.known
        else world.numbers.fresh(unit.make, unit.kind)
        for place, unit in enumerate(waiting[: step.units])
    }
    report = fulfill_order(actor, order_id, typed)
    if not report.written:
        raise RuntimeError(f"The demo's order {order_id}: {[row.message for row in report.refused]}")


# ---- What else happens


@singledispatch
def do(deed: Deed, world: World, actor: Actor) -> None:
    """Do something that is no step of an order."""
    raise TypeError(deed)


@do.register
def _(deed: Register, world: World, actor: Actor) -> None:
    site, item = world.sites[deed.account], world.item(deed.account, deed.sku)
    world.numbers.carton(item.make, item.kind)
    identifier = world.numbers.fresh(item.make, item.kind)
    device = devices.register_device(
        actor,
        site.id,
        sku=deed.sku,
        identifier=identifier,
        employee_id=site.employees[deed.employee] if deed.employee else None,
        location_id=site.locations[deed.site] if deed.site else None,
        base_device_id=world.devices[deed.base][0] if deed.base else None,
    )
    world.devices[deed.name] = device.id, identifier


@do.register
def _(deed: Move, world: World, actor: Actor) -> None:
    devices.move_device(actor, world.devices[deed.device][0], world.sites[deed.to].id, reason=deed.reason)


@do.register
def _(deed: Leave, world: World, actor: Actor) -> None:
    accounts.deactivate_employee(actor, world.sites[deed.account].employees.pop(deed.employee))


@do.register
def _(deed: Join, world: World, actor: Actor) -> None:
    site = world.sites[deed.account]
    new = customer(deed.account).employee(deed.employee, len(site.employees))
    employee = accounts.add_employee(actor, site.id, new)
    site.employees[employee.name] = employee.id


@do.register
def _(deed: Archive, world: World, actor: Actor) -> None:
    catalog.archive_item(actor, world.items[deed.platform, deed.sku].id)


@do.register
def _(deed: Price, world: World, actor: Actor) -> None:
    item = world.items[deed.platform, deed.sku]
    same = NewItem(
        item.sku,
        item.make,
        item.model,
        item.kind,
        item.unit_price,
        item.max_handsets,
        item.mobile_carrier,
        item.color,
        item.size,
    )
    catalog.change_item(actor, item.id, replace(same, unit_price=Decimal(deed.price)))
