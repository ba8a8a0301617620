"""Each word of the tables as the operation it stands for."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from functools import singledispatch

from sqlalchemy import select

from hwadmin.clock import utcnow
from hwadmin.demo.stories import (
    Answer,
    Approve,
    Archive,
    Books,
    Bought,
    Cancel,
    CloseShort,
    Codes,
    Copy,
    Deed,
    Edit,
    Fits,
    Fulfill,
    Join,
    Leave,
    Line,
    Move,
    Note,
    Order,
    Orders,
    Override,
    Price,
    Prices,
    Puts,
    Register,
    Reject,
    Reopen,
    Replace,
    Request,
    Saves,
    Step,
)
from hwadmin.demo.world import World, customer
from hwadmin.extensions import db
from hwadmin.identifiers.label import Label
from hwadmin.kinds import Kind
from hwadmin.models import Device, LineOfService
from hwadmin.operations import (
    account_settings,
    accounts,
    catalog,
    decisions,
    devices,
    moving,
    phone_lines,
    price_lists,
)
from hwadmin.operations.approvals import answer_as_manager, manager_asked, override_manager
from hwadmin.operations.basket import Chosen, add_to_basket
from hwadmin.operations.catalog import NewItem
from hwadmin.operations.closing import close_short
from hwadmin.operations.editing import edit_lines
from hwadmin.operations.fulfillment import fulfill_order
from hwadmin.operations.notes import add_note
from hwadmin.operations.ordering import NewIntent, NewLine, NewOrder, copy_order, submit_order
from hwadmin.operations.replacing import replace_device
from hwadmin.operations.searches import save_search
from hwadmin.permissions import Actor
from hwadmin.queries.approvals import last_request
from hwadmin.queries.units import units_of
from hwadmin.splits import Share


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
def _(step: Answer, world: World, actor: Actor, order_id: int) -> None:
    asked = last_request(actor, order_id)
    if asked is None:
        raise RuntimeError(f"The demo's order {order_id} awaits no manager.")
    answer_as_manager(manager_asked(asked), asked, agrees=step.declines is None, reason=step.declines)


@take.register
def _(step: Override, world: World, actor: Actor, order_id: int) -> None:
    override_manager(actor, order_id, reason=step.reason)


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


@take.register
def _(step: CloseShort, world: World, actor: Actor, order_id: int) -> None:
    waiting = [unit.id for unit in units_of(order_id) if unit.awaited]
    close_short(actor, order_id, waiting[-step.units :], reason=step.reason)


@take.register
def _(step: Replace, world: World, actor: Actor, order_id: int) -> None:
    unit = units_of(order_id)[step.unit]
    assert unit.device_id is not None
    identifier = world.numbers.fresh(unit.make, unit.kind)
    replace_device(actor, unit.device_id, identifier=identifier, reason=step.reason, label=Label(step.serial))


@take.register
def _(step: Note, world: World, actor: Actor, order_id: int) -> None:
    add_note(actor, order_id, step.text)


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
    moving.move_device(actor, world.devices[deed.device][0], world.sites[deed.to].id, reason=deed.reason)


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
        item.colors or (),
    )
    catalog.change_item(actor, item.id, replace(same, unit_price=Decimal(deed.price)))


@do.register
def _(deed: Prices, world: World, actor: Actor) -> None:
    new = [price_lists.NewPrice(*one) for one in deed.prices]
    price_lists.set_prices(actor, world.items[deed.platform, deed.sku].id, new)


@do.register
def _(deed: Fits, world: World, actor: Actor) -> None:
    fitting = [world.items[deed.platform, sku].id for sku in deed.devices]
    price_lists.set_fits(actor, world.items[deed.platform, deed.sku].id, fitting)


@do.register
def _(deed: Orders, world: World, actor: Actor) -> None:
    name, email = deed.approver or (None, None)
    account_settings.change_ordering_settings(
        actor,
        world.sites[deed.account].id,
        account_settings.OrderingSettings(
            requests_menu=deed.menu,
            requires_employee_number=deed.number,
            allows_upgrade_override=deed.override,
            requires_manager_approval=deed.approver is not None,
            approver_name=name,
            approver_email=email,
        ),
    )


@do.register
def _(deed: Codes, world: World, actor: Actor) -> None:
    for code, description in deed.codes:
        account_settings.add_code(actor, world.sites[deed.account].id, code=code, description=description)


@do.register
def _(deed: Books, world: World, actor: Actor) -> None:
    employees = world.sites[deed.account].employees
    account_settings.change_employee_defaults(
        actor,
        employees[deed.employee],
        manager_id=employees[deed.manager] if deed.manager else None,
        shares=[Share(code, Decimal(percent)) for code, percent in deed.shares],
    )


@do.register
def _(deed: Line, world: World, actor: Actor) -> None:
    site = world.sites[deed.account]
    employee_id = site.employees[deed.employee] if deed.employee else None
    used = select(Device.id).where(Device.employee_id == employee_id, Device.kind == Kind.MOBILE)
    phone_lines.add_service_line(
        actor,
        site.id,
        phone_lines.NewServiceLine(
            deed.number,
            deed.carrier,
            employee_id=employee_id,
            device_id=db.session.scalar(used.order_by(Device.id).limit(1)) if employee_id else None,
            contract_term_months=deed.term,
            contract_ends_on=_day(deed.ends),
            contract_balance=deed.balance,
            eligible_from=_day(deed.eligible),
        ),
    )


@do.register
def _(deed: Puts, world: World, actor: Actor) -> None:
    chosen = Chosen(
        deed.sku,
        deed.quantity,
        deed.size,
        deed.term,
        deed.color,
        accessories={world.item(deed.account, sku).id: 1 for sku in deed.accessories},
    )
    add_to_basket(actor, world.sites[deed.account].id, chosen)


@do.register
def _(deed: Request, world: World, actor: Actor) -> None:
    site = world.sites[deed.account]
    number = deed.upgrades or ""
    line_id = db.session.scalar(
        select(LineOfService.id).where(
            LineOfService.account_id == site.id, LineOfService.phone_number == number
        )
    )
    intent = NewIntent(
        employee_id=site.employees[deed.employee],
        line_of_service_id=line_id,
        upgrade_reason=deed.reason,
        override_reason=deed.override,
    )
    lines = [
        NewLine(
            one.sku,
            1,
            [] if one.with_it else [intent],
            term_months=one.term,
            size=one.size,
            color=one.color,
            from_spare=one.spare,
            accessory_of=place - 1 if one.with_it else None,
        )
        for place, one in enumerate(deed.lines)
    ]
    submit_order(
        actor,
        NewOrder(
            site.id, lines, requester=deed.employee, ship_to_location_id=next(iter(site.locations.values()))
        ),
    )


@do.register
def _(deed: Saves, world: World, actor: Actor) -> None:
    save_search(actor, deed.page, deed.query, deed.name, shared=deed.shared)


def _day(offset: int | None) -> date | None:
    return None if offset is None else utcnow().date() + timedelta(days=offset)
