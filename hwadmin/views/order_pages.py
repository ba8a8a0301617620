"""One order: its page, its history, and correcting its lines and plans while it is pending."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

from flask import abort, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_admin import expose
from markupsafe import Markup
from sqlalchemy import select
from sqlalchemy.orm import joinedload, raiseload, selectinload

from hwadmin.errors import InvalidInput
from hwadmin.extensions import db
from hwadmin.forms.orders import DecisionForm, PlanForm, whole_number
from hwadmin.kinds import Kind
from hwadmin.lifecycle import OrderAction, OrderStatus, available_actions
from hwadmin.models import CatalogItem, HardwareOrder, LineItem, order_id_of
from hwadmin.models import reference as reference_of
from hwadmin.operations.audit import KINDS
from hwadmin.operations.editing import Intent, PlannedUnitsWouldGo, edit_intents, edit_lines
from hwadmin.operations.ordering import copy_order
from hwadmin.permissions import Actor, Permission
from hwadmin.queries.accounts import employees_of, locations_of
from hwadmin.queries.history import timeline
from hwadmin.queries.order_warnings import facts_of_order, order_warnings
from hwadmin.queries.orders import visible_orders
from hwadmin.queries.units import UnitRow, units_of
from hwadmin.uow import transact
from hwadmin.views.gate import current_actor

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
        "history": Permission.ORDERS_READ,
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
        self, order: HardwareOrder, typed: LinesTyped | None = None, status: int = 200
    ) -> ResponseReturnValue:
        """The order's page; with the lines somebody typed, where they were not taken."""
        actor = current_actor()
        units = units_of(order.id)
        actions = available_actions(order.facts, actor.permissions)
        editable = OrderAction.EDIT in actions
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
            entries=timeline(actor, order.id, most=RECENT + 1),
            recent=RECENT,
            kinds=KINDS,
            compare=any(line.quantity != line.requested_quantity for line in order.lines),
            fulfilled_by_line=Counter(unit.line_id for unit in units if unit.device_id is not None),
            account_url=f"/accounts/{order.account_id}/",
            total=sum((line.total for line in order.lines), start=0),
            Action=OrderAction,
            can_copy=actor.can(Permission.ORDERS_COPY),
        )
        return page, status

    @expose("/<reference>/history")
    def history(self, reference: str) -> ResponseReturnValue:
        """The whole history of an order: who, when, why, old → new."""
        actor = current_actor()
        order_id = db.session.scalars(
            visible_orders(actor)
            .with_only_columns(HardwareOrder.id)
            .where(HardwareOrder.id == said_order(reference))
        ).one_or_none()
        if order_id is None:
            abort(404)
        return self.render(
            "admin/hw/orders/history.html",
            heading="History",
            reference=reference_of(order_id),
            entries=timeline(actor, order_id),
            kinds=KINDS,
        )

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
        made = transact(lambda: copy_order(actor, order_id))
        flash(
            Markup("{} is a new order, copied from {}. It is pending approval.").format(
                order_link(made.reference), order_link(reference)
            ),
            "success",
        )
        return redirect(url_for("orders.order", reference=made.reference))


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


def _quantities(typed: LinesTyped) -> list[tuple[str, int]]:
    """The typed lines as numbers; a line of none is a removed one."""
    quantities = []
    for number, (sku, text) in enumerate(typed.quantities):
        if not (text.isascii() and text.isdigit() and len(text) < 9):
            raise InvalidInput.at(f"lines.{number}.quantity", "Give a whole number.")
        if int(text):
            quantities.append((sku, int(text)))
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


def _left_since(units: Sequence[UnitRow], order: HardwareOrder) -> list[str]:
    """Plans that no longer hold, while it can still matter."""
    if order.status not in (OrderStatus.SUBMITTED, OrderStatus.APPROVED):
        return []
    open_units = [unit for unit in units if unit.device_id is None]
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
