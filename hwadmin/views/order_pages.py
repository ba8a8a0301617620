"""One order: its page, and correcting its lines and plans while it is pending."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, ClassVar

from flask import abort, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_admin import expose
from markupsafe import Markup
from sqlalchemy import select
from sqlalchemy.orm import joinedload, raiseload, selectinload

from hwadmin.amounts import totals
from hwadmin.clock import utcnow
from hwadmin.errors import InvalidInput
from hwadmin.extensions import db
from hwadmin.forms.orders import DecisionForm, PlanForm, whole_number
from hwadmin.kinds import Kind
from hwadmin.lifecycle import (
    ABOUT_THE_MANAGER,
    ManagerApproval,
    OrderAction,
    OrderStatus,
    available_actions,
)
from hwadmin.models import CatalogItem, HardwareOrder, LineItem, order_id_of
from hwadmin.operations.approvals import is_awaited
from hwadmin.operations.editing import Intent, PlannedUnitsWouldGo, edit_intents, edit_lines
from hwadmin.operations.notes import may_remove
from hwadmin.operations.ordering import copy_order
from hwadmin.permissions import Actor, Permission
from hwadmin.queries.accounts import employees_of, locations_of
from hwadmin.queries.approvals import last_request
from hwadmin.queries.history import timeline
from hwadmin.queries.notes import notes_of
from hwadmin.queries.order_quantities import side_by_side
from hwadmin.queries.order_warnings import facts_of_order, order_warnings
from hwadmin.queries.orders import visible_orders
from hwadmin.queries.purchase_orders import has_purchase_order
from hwadmin.queries.units import UnitRow, units_of
from hwadmin.uow import transact
from hwadmin.views.gate import current_actor
from hwadmin.views.order_history import NAMES

UNITS_SHOWN = 100
PLANS_PER_PAGE = 100
RECENT = 12


@dataclass(slots=True)
class LinesTyped:
    """Lines as somebody typed them and we did not take them: shown again, with what is wrong."""

    quantities: list[tuple[str, str]]
    errors: dict[str, str] = field(default_factory=dict)
    # Units with a plan that would go; to be confirmed.
    question: str | None = None


@dataclass(frozen=True, slots=True)
class NoteTyped:
    """A note as somebody typed it and we did not take it, and why."""

    text: str
    problem: str


def said_order(text: str) -> int:
    """The key of the order an address names; 404 where it names none."""
    order_id = order_id_of(text)
    if order_id is None:
        abort(404)
    return order_id


def order_link(said: str) -> Markup:
    """A link to an order, for a message."""
    return Markup('<a href="{}">{}</a>').format(url_for("orders.order", reference=said), said)


def shown_order(actor: Actor, said: str) -> HardwareOrder:
    """The order an address names, with what its pages show; 404 where the actor is not given it."""
    order = db.session.scalars(
        visible_orders(actor)
        .where(HardwareOrder.id == said_order(said))
        .options(
            joinedload(HardwareOrder.account),
            joinedload(HardwareOrder.platform),
            joinedload(HardwareOrder.ship_to),
            selectinload(HardwareOrder.lines).joinedload(LineItem.catalog_item),
            raiseload("*"),
        )
        # A refused deed may have left the order in the session as it was before.
        .execution_options(populate_existing=True)
    ).one_or_none()
    if order is None:
        abort(404)
    return order


class OrderPages:
    """The pages of one order."""

    # Flask-Admin's.
    render: Callable[..., str]

    handlers: ClassVar[Mapping[str, Permission]] = {
        "order": Permission.ORDERS_READ,
        "edit_lines": Permission.ORDERS_EDIT,
        "plan_form": Permission.ORDERS_EDIT,
        "plan": Permission.ORDERS_EDIT,
        "copy": Permission.ORDERS_COPY,
    }

    @expose("/<reference>")
    def order(self, reference: str) -> ResponseReturnValue:
        """Everything about one order, and what can be done now."""
        return self.order_page(shown_order(current_actor(), reference))

    def order_page(
        self,
        order: HardwareOrder,
        typed: LinesTyped | None = None,
        status: int = 200,
        note: NoteTyped | None = None,
    ) -> ResponseReturnValue:
        """The order's page; with the lines or the note somebody typed, where they were not taken."""
        actor = current_actor()
        units = units_of(order.id)
        actions = available_actions(order.facts, actor.permissions)
        editable = OrderAction.EDIT in actions
        quantities = side_by_side(order, units)
        page = self.render(
            "admin/hw/orders/order.html",
            order=order,
            heading=order.reference,
            units=units[: None if request.args.get("units") == "all" else UNITS_SHOWN],
            unit_count=len(units),
            bases={unit.id: unit for unit in units},
            actions=actions,
            editable=editable,
            typed=typed,
            catalog=_catalog(order) if editable else [],
            warnings=[*order_warnings(facts_of_order(order.lines, units)), *_left_since(units, order)],
            other_open=_other_open(actor, order),
            notes=notes_of(actor, order.id),
            note=note,
            may_remove=partial(may_remove, actor),
            entries=timeline(actor, order.id, most=RECENT + 1),
            recent=RECENT,
            kinds=NAMES,
            quantities=quantities,
            compare=quantities.requested_differs,
            came=quantities.fulfilled_counts,
            account_url=f"/accounts/{order.account_id}/",
            totals=totals((line.unit_price, line.monthly_price, line.quantity) for line in order.lines),
            line_keys=_line_keys(order),
            Action=OrderAction,
            can_copy=actor.can(Permission.ORDERS_COPY),
            corrects=order.fulfilled_units > 0
            and actor.can(Permission.DEVICES_REPLACE)
            and actor.can(Permission.ORDERS_UNLINK),
            about_the_manager=ABOUT_THE_MANAGER,
            purchase_order=actor.can(Permission.ORDERS_DECIDE) and has_purchase_order(order),
            **_manager_of(actor, order),
        )
        return page, status

    @expose("/<reference>/lines", methods=("POST",))
    def edit_lines(self, reference: str) -> ResponseReturnValue:
        """Make the lines what was typed; where that cannot be, show it again with what is wrong."""
        actor = current_actor()
        order_id = said_order(reference)
        typed = _typed_lines()
        form = DecisionForm(request.form)
        try:
            quantities = _quantities(typed)
            transact(
                lambda: edit_lines(
                    actor,
                    order_id,
                    quantities,
                    expected_version=form.version.data,
                    drop_planned=request.form.get("drop_planned") == "1",
                )
            )
        except InvalidInput as error:
            typed.errors = {problem.field: problem.message for problem in error.errors}
            return self.order_page(shown_order(actor, reference), typed, 422)
        except PlannedUnitsWouldGo as question:
            typed.question = question.message
            return self.order_page(shown_order(actor, reference), typed, 409)
        flash(Markup("The items of {} are saved.").format(order_link(reference)), "success")
        return redirect(url_for("orders.order", reference=reference))

    @expose("/<reference>/plan")
    def plan_form(self, reference: str) -> ResponseReturnValue:
        """For whom, where and with which base each unit is planned."""
        return self._plan_page(shown_order(current_actor(), reference))

    def _plan_page(
        self, order: HardwareOrder, form: PlanForm | None = None, errors: Mapping[str, str] | None = None
    ) -> ResponseReturnValue:
        units = [unit for unit in units_of(order.id) if unit.kind.has_employee or unit.kind.has_location]
        actor = current_actor()
        number = whole_number(request.args.get("page")) or 0
        return self.render(
            "admin/hw/orders/plan.html",
            heading="Plan the units",
            order=order,
            units=units[number * PLANS_PER_PAGE : (number + 1) * PLANS_PER_PAGE],
            page=number,
            pages=-(-len(units) // PLANS_PER_PAGE),
            base_options=[(unit.id, unit.label) for unit in units if unit.kind is Kind.DECT_BASE],
            employee_options=[(row.id, row.name) for row in employees_of(actor, order.account_id)],
            location_options=[(row.id, row.name) for row in locations_of(actor, order.account_id)],
            form=form,
            errors=errors or {},
            editable=OrderAction.EDIT in available_actions(order.facts, actor.permissions),
        ), (422 if errors else 200)

    @expose("/<reference>/plan", methods=("POST",))
    def plan(self, reference: str) -> ResponseReturnValue:
        """Save the plans of the units shown."""
        actor = current_actor()
        order_id = said_order(reference)
        form = PlanForm(request.form)
        try:
            intents = _intents(form, units_of(order_id) if shown_order(actor, reference) else ())
            transact(lambda: edit_intents(actor, order_id, intents, expected_version=form.version.data))
        except InvalidInput as error:
            return self._plan_page(
                shown_order(actor, reference),
                form,
                {problem.field: problem.message for problem in error.errors},
            )
        flash(Markup("The plans of {} are saved.").format(order_link(reference)), "success")
        return redirect(url_for("orders.order", reference=reference))

    @expose("/<reference>/copy", methods=("POST",))
    def copy(self, reference: str) -> ResponseReturnValue:
        """Make a new order like this one."""
        actor = current_actor()
        order_id = said_order(reference)
        made, waits_for = transact(lambda: _said(copy_order(actor, order_id)))
        flash(
            Markup("{} is a new order, copied from {}. It is {}.").format(
                order_link(made), order_link(reference), waits_for
            ),
            "success",
        )
        return redirect(url_for("orders.order", reference=made))


def _said(order: HardwareOrder) -> tuple[str, str]:
    """What the answer says of a new order, read before the unit of work ends."""
    return order.reference, order.facts.waits_for


def _typed_lines() -> LinesTyped:
    """The lines as typed, without the one whose Remove was pressed, with the one added below."""
    skus = request.form.getlist("sku")
    quantities = request.form.getlist("quantity")
    removed = request.form.get("remove")
    typed = [
        (sku.strip(), quantity.strip())
        for sku, quantity in zip(skus, quantities, strict=False)
        if sku.strip() != removed
    ]
    added = request.form.get("add_sku", "").strip()
    if added:
        # What the list of suggestions shows is the SKU and, behind it, make and model.
        typed.append((added.split(" ")[0], request.form.get("add_quantity", "").strip() or "1"))
    return LinesTyped(typed[:500])


def _line_keys(order: HardwareOrder) -> dict[int, str]:
    """What the page calls each line: its SKU or, where an item has several lines, its own key."""
    lines_of = Counter(line.sku for line in order.lines)
    return {line.id: line.sku if lines_of[line.sku] == 1 else f"#{line.id}" for line in order.lines}


_LINE_KEY = re.compile(r"#([0-9]{1,18})")


def _quantities(typed: LinesTyped) -> list[tuple[str | int, int]]:
    """The typed lines as numbers; a line of none is a removed one."""
    quantities: list[tuple[str | int, int]] = []
    for number, (sku, text) in enumerate(typed.quantities):
        if not (text.isascii() and text.isdigit() and len(text) < 9):
            raise InvalidInput.at(f"lines.{number}.quantity", "Give a whole number.")
        if int(text):
            line = _LINE_KEY.fullmatch(sku)
            quantities.append((int(line[1]) if line else sku, int(text)))
    return quantities


def _intents(form: PlanForm, units: Sequence[UnitRow]) -> dict[int, Intent]:
    """The plans of the units whose fields were sent; what a unit has no field for stays as it is."""
    now = {unit.id: unit for unit in units}
    intents: dict[int, Intent] = {}
    for unit_id in {*form.employees.data, *form.locations.data, *form.bases.data}:
        unit = now.get(unit_id)

        def chosen(texts: Mapping[int, str], present: int | None, key: int = unit_id) -> int | None:
            return whole_number(texts[key]) if key in texts else present

        intents[unit_id] = Intent(
            chosen(form.employees.data, unit.employee_id if unit else None),
            chosen(form.locations.data, unit.location_id if unit else None),
            chosen(form.bases.data, unit.base_unit_id if unit else None),
        )
    return intents


def _catalog(order: HardwareOrder) -> Sequence[Any]:
    return db.session.execute(
        select(CatalogItem.sku, CatalogItem.make, CatalogItem.model, CatalogItem.unit_price)
        .where(CatalogItem.platform_id == order.platform_id, CatalogItem.archived_at.is_(None))
        .order_by(CatalogItem.make, CatalogItem.model)
    ).all()


def _manager_of(actor: Actor, order: HardwareOrder) -> dict[str, Any]:
    """What the page says of the account's manager, where they were asked."""
    if order.manager_approval is ManagerApproval.NOT_REQUIRED:
        return {"asked": None}
    asked, awaited = last_request(actor, order.id), is_awaited(order)
    name = asked.approver_name if asked else "The manager"
    return {
        "asked": asked,
        "awaited": awaited,
        "run_out": asked is not None and asked.expires_at <= utcnow(),
        "declined": order.manager_approval is ManagerApproval.DECLINED,
        "manager_words": {
            ManagerApproval.AGREED: f"Approved by {name}",
            ManagerApproval.DECLINED: f"Declined by {name}",
            ManagerApproval.OVERRIDDEN: f"{name} was asked; a super-admin decided without their answer",
        }.get(order.manager_approval, f"{name} was asked and had not answered"),
    }


def _left_since(units: Sequence[UnitRow], order: HardwareOrder) -> list[str]:
    """Plans that no longer hold, while it can still matter."""
    if order.status not in (OrderStatus.SUBMITTED, OrderStatus.APPROVED):
        return []
    open_units = [unit for unit in units if unit.device_id is None and unit.closed_at is None]
    left = sorted({unit.employee_name for unit in open_units if unit.employee_left_at and unit.employee_name})
    gone = sorted({unit.location_name for unit in open_units if unit.location_gone_at and unit.location_name})
    return [f"{name} has left; units are still planned for them." for name in left] + [
        f"{name} is gone; units are still planned there." for name in gone
    ]


def _other_open(actor: Actor, order: HardwareOrder) -> Sequence[int]:
    return db.session.scalars(
        visible_orders(actor)
        .with_only_columns(HardwareOrder.id)
        .where(
            HardwareOrder.account_id == order.account_id,
            HardwareOrder.id != order.id,
            HardwareOrder.status.in_([OrderStatus.SUBMITTED, OrderStatus.APPROVED]),
        )
        .order_by(HardwareOrder.id)
        .limit(6)
    ).all()
