"""What happens beside the orders, each as the operation it stands for."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from functools import singledispatch

from sqlalchemy import select

from hwadmin.clock import utcnow
from hwadmin.db.extensions import db
from hwadmin.demo.context import DemoState, customer
from hwadmin.demo.demo_events import (
    AddLine,
    Archive,
    Books,
    Codes,
    DemoEvent,
    Fits,
    Join,
    Leave,
    Move,
    Orders,
    Price,
    Prices,
    Puts,
    Register,
    Request,
    Saves,
)
from hwadmin.domain.device_kinds import Kind
from hwadmin.domain.ordering.cost_allocation import Share
from hwadmin.domain.ordering.variants import VariantChoice
from hwadmin.domain.permissions import Actor
from hwadmin.models import Device, PhoneLine
from hwadmin.operations.accounts import employees, phone_lines, settings
from hwadmin.operations.catalog import items, prices
from hwadmin.operations.catalog.items import NewItem
from hwadmin.operations.devices import devices, transfers
from hwadmin.operations.ordering.additions import Chosen, add_to_basket
from hwadmin.operations.orders.submission.new_order import NewIntent, NewLine, NewOrder
from hwadmin.operations.orders.submission.submission import submit_order
from hwadmin.operations.search.saved_searches import save_search


@singledispatch
def perform(event: DemoEvent, state: DemoState, actor: Actor) -> None:
    """Do something that is no step of an order."""
    raise TypeError(event)


@perform.register
def _(event: Register, state: DemoState, actor: Actor) -> None:
    site, item = state.sites[event.account], state.item(event.account, event.sku)
    state.numbers.carton(item.make, item.kind)
    identifier = state.numbers.fresh(item.make, item.kind)
    device = devices.register_device(
        actor,
        site.id,
        sku=event.sku,
        identifier=identifier,
        employee_id=site.employees[event.employee] if event.employee else None,
        location_id=site.locations[event.site] if event.site else None,
        base_device_id=state.devices[event.base][0] if event.base else None,
    )
    state.devices[event.name] = device.id, identifier


@perform.register
def _(event: Move, state: DemoState, actor: Actor) -> None:
    transfers.move_device(
        actor, state.devices[event.device][0], state.sites[event.to].id, reason=event.reason
    )


@perform.register
def _(event: Leave, state: DemoState, actor: Actor) -> None:
    employees.deactivate_employee(actor, state.sites[event.account].employees.pop(event.employee))


@perform.register
def _(event: Join, state: DemoState, actor: Actor) -> None:
    site = state.sites[event.account]
    new = customer(event.account).employee(event.employee, len(site.employees))
    employee = employees.add_employee(actor, site.id, new)
    site.employees[employee.name] = employee.id


@perform.register
def _(event: Archive, state: DemoState, actor: Actor) -> None:
    items.archive_item(actor, state.items[event.platform, event.sku].id)


@perform.register
def _(event: Price, state: DemoState, actor: Actor) -> None:
    item = state.items[event.platform, event.sku]
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
    items.change_item(actor, item.id, replace(same, unit_price=Decimal(event.price)))


@perform.register
def _(event: Prices, state: DemoState, actor: Actor) -> None:
    new = [prices.NewPrice(*one) for one in event.prices]
    prices.set_prices(actor, state.items[event.platform, event.sku].id, new)


@perform.register
def _(event: Fits, state: DemoState, actor: Actor) -> None:
    fitting = [state.items[event.platform, sku].id for sku in event.devices]
    prices.set_fits(actor, state.items[event.platform, event.sku].id, fitting)


@perform.register
def _(event: Orders, state: DemoState, actor: Actor) -> None:
    name, email = event.approver or (None, None)
    settings.change_ordering_settings(
        actor,
        state.sites[event.account].id,
        settings.OrderingSettings(
            requests_menu=event.menu,
            requires_employee_number=event.number,
            allows_upgrade_override=event.override,
            requires_manager_approval=event.approver is not None,
            approver_name=name,
            approver_email=email,
        ),
    )


@perform.register
def _(event: Codes, state: DemoState, actor: Actor) -> None:
    for code, description in event.codes:
        settings.add_code(actor, state.sites[event.account].id, code=code, description=description)


@perform.register
def _(event: Books, state: DemoState, actor: Actor) -> None:
    employees = state.sites[event.account].employees
    settings.change_employee_defaults(
        actor,
        employees[event.employee],
        manager_id=employees[event.manager] if event.manager else None,
        shares=[Share(code, Decimal(percent)) for code, percent in event.shares],
    )


@perform.register
def _(event: AddLine, state: DemoState, actor: Actor) -> None:
    site = state.sites[event.account]
    employee_id = site.employees[event.employee] if event.employee else None
    used = select(Device.id).where(Device.employee_id == employee_id, Device.kind == Kind.MOBILE)
    phone_lines.add_phone_line(
        actor,
        site.id,
        phone_lines.NewPhoneLine(
            event.number,
            event.carrier,
            employee_id=employee_id,
            device_id=db.session.scalar(used.order_by(Device.id).limit(1)) if employee_id else None,
            contract_term_months=event.term,
            contract_ends_on=_day(event.ends),
            contract_balance=event.balance,
            eligible_from=_day(event.eligible),
        ),
    )


@perform.register
def _(event: Puts, state: DemoState, actor: Actor) -> None:
    chosen = Chosen(
        event.sku,
        VariantChoice(event.size, event.color, None, event.term),
        event.quantity,
        accessories={state.item(event.account, sku).id: 1 for sku in event.accessories},
    )
    add_to_basket(actor, state.sites[event.account].id, chosen)


@perform.register
def _(event: Request, state: DemoState, actor: Actor) -> None:
    site = state.sites[event.account]
    number = event.upgrades or ""
    line_id = db.session.scalar(
        select(PhoneLine.id).where(PhoneLine.account_id == site.id, PhoneLine.phone_number == number)
    )
    intent = NewIntent(
        employee_id=site.employees[event.employee],
        line_of_service_id=line_id,
        upgrade_reason=event.reason,
        override_reason=event.override,
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
        for place, one in enumerate(event.lines)
    ]
    submit_order(
        actor,
        NewOrder(
            site.id, lines, requester=event.employee, ship_to_location_id=next(iter(site.locations.values()))
        ),
    )


@perform.register
def _(event: Saves, state: DemoState, actor: Actor) -> None:
    save_search(actor, event.page, event.query, event.name, shared=event.shared)


def _day(offset: int | None) -> date | None:
    return None if offset is None else utcnow().date() + timedelta(days=offset)
