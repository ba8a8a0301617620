"""The page of one order, also where lines or a note were not accepted."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from typing import Any

from flask import request
from flask.typing import ResponseReturnValue
from flask_admin import BaseView

from hwadmin.clock import utcnow
from hwadmin.domain.lifecycle import (
    ABOUT_THE_MANAGER,
    HAS_UNITS_TO_COME,
    ManagerApproval,
    OrderAction,
    available_actions,
)
from hwadmin.domain.money import currency_symbol, money, totals
from hwadmin.domain.ordering.variants import NO_CHOICE, VariantChoice, variant_words
from hwadmin.domain.permissions import Actor, Permission
from hwadmin.models import HardwareOrder
from hwadmin.operations.orders.approvals.answers import awaits_manager
from hwadmin.operations.orders.claims import is_own
from hwadmin.operations.orders.edits.editable import editable_information
from hwadmin.operations.orders.notes import may_remove
from hwadmin.queries.catalog.items import items_of
from hwadmin.queries.ordering.model_choices import OfferedModel, Variant
from hwadmin.queries.ordering.offered_models import models_by_sku
from hwadmin.queries.orders.approvals import last_request
from hwadmin.queries.orders.history.concurrent_changes import ConcurrentChanges
from hwadmin.queries.orders.history.timeline import timeline
from hwadmin.queries.orders.notes import notes_of
from hwadmin.queries.orders.orders import other_open_orders
from hwadmin.queries.orders.purchase_orders import has_purchase_order
from hwadmin.queries.orders.quantities import order_quantities
from hwadmin.queries.orders.waiting.claims import claims_of
from hwadmin.queries.orders.waiting.late_orders import owners_of
from hwadmin.queries.orders.warnings import order_warnings, outdated_plans, warning_lines
from hwadmin.queries.units.unit_table import unit_table
from hwadmin.queries.units.units import units_of
from hwadmin.views.orders.timeline import KIND_LABELS
from hwadmin.web.access import current_actor

RECENT = 12


@dataclass(slots=True)
class AddedLine:
    """The line somebody adds, as typed: an item by its SKU, which variant of its model, and how many."""

    text: str = ""
    quantity: str = "1"
    choice: VariantChoice = NO_CHOICE
    model: OfferedModel | None = None
    problem: str = ""

    @property
    def sku(self) -> str:
        """The SKU: a suggestion is the SKU, followed by make and model."""
        return self.text.split(" ")[0]

    @property
    def chosen(self) -> Variant | None:
        """The variant that is chosen, or nearly."""
        return self.model.nearest(self.choice, self.sku) if self.model else None


@dataclass(slots=True)
class LineInputs:
    """Lines as somebody typed them and that were not accepted: shown again, with what is wrong."""

    # The key of each line, and its quantity.
    quantities: list[tuple[str, str]]
    added: AddedLine = field(default_factory=AddedLine)
    # What is wrong with a line, by its key; and with all of them together.
    errors: dict[str, str] = field(default_factory=dict)
    problem: str = ""
    # What somebody else changed meanwhile, and what to say of it beside a line, by its key.
    changes: ConcurrentChanges = field(default_factory=ConcurrentChanges)
    remarks: dict[str, str] = field(default_factory=dict)
    # Names the planned units that would be dropped, and asks to confirm it.
    question: str | None = None


@dataclass(frozen=True, slots=True)
class NoteInput:
    """A note as somebody typed it and that was not accepted, and why."""

    text: str
    problem: str


def order_page(
    view: BaseView,
    order: HardwareOrder,
    line_inputs: LineInputs | None = None,
    status: int = 200,
    note: NoteInput | None = None,
) -> ResponseReturnValue:
    """The order's page; with the lines or the note that somebody typed, where they were not accepted."""
    actor = current_actor()
    units = units_of(order.id)
    editable = OrderAction.EDIT in available_actions(order.facts, actor.permissions)
    quantities = order_quantities(order, units)
    page = view.render(
        "admin/hw/orders/order.html",
        order=order,
        heading=order.reference,
        table=unit_table(units, order.facts, request.args.get("units")),
        bases={unit.id: unit for unit in units},
        line_inputs=line_inputs,
        form_problems=_problems(order, line_inputs, note),
        catalog=_suggestions(actor, order) if editable else [],
        added=line_inputs.added if line_inputs else _added_of_address(actor, order),
        warnings=[*order_warnings(warning_lines(order.lines, units)), *outdated_plans(order, units)],
        other_open=other_open_orders(actor, order),
        notes=notes_of(actor, order.id),
        note=note,
        may_remove=partial(may_remove, actor),
        entries=timeline(actor, order.id, most=RECENT + 1),
        recent=RECENT,
        kinds=KIND_LABELS,
        quantities=quantities,
        account_url=f"/accounts/{order.account_id}/",
        totals=totals((line.unit_price, line.monthly_price, line.quantity) for line in order.lines),
        symbol=currency_symbol(order.lines[0].currency) if order.lines else "",
        owner=owners_of([(order.waits_for, order.platform.deadlines)])[0],
        claim=claims_of(actor, [order.id] if order.facts.to_be_placed else []).get(order.id),
        is_own=partial(is_own, actor),
        **_actions(actor, order),
        **_manager_of(actor, order),
    )
    return page, status


def _problems(
    order: HardwareOrder, inputs: LineInputs | None, note: NoteInput | None
) -> list[tuple[str | None, str, str]]:
    """What is wrong with what was typed: the id of the field, its label, and the sentence."""
    problems: list[tuple[str | None, str, str]] = []
    if inputs:
        titles = {str(line.id): line.title for line in order.lines}
        problems += [(None, "", inputs.problem)] if inputs.problem else []
        problems += [
            (f"quantity-{key}", titles.get(key, "A line that is gone"), sentence)
            for key, sentence in inputs.errors.items()
        ]
        problems += [("add-sku", "What is added", inputs.added.problem)] if inputs.added.problem else []
    if note:
        problems.append(("note-text", "Note", note.problem))
    return problems


def _actions(actor: Actor, order: HardwareOrder) -> dict[str, Any]:
    """What the actor can do with the order now."""
    actions = available_actions(order.facts, actor.permissions)
    return {
        "actions": actions,
        "editable": OrderAction.EDIT in actions,
        "edits_information": bool(editable_information(actor, order)),
        "Action": OrderAction,
        # Of an order that ended without being approved no unit comes: there is nothing to count or to print.
        "comes": order.status in HAS_UNITS_TO_COME,
        "about_the_manager": ABOUT_THE_MANAGER,
        "can_copy": actor.can(Permission.ORDERS_COPY),
        "corrects": order.fulfilled_units > 0
        and actor.can(Permission.DEVICES_REPLACE)
        and actor.can(Permission.ORDERS_UNLINK),
        "purchase_order": actor.can(Permission.ORDERS_DECIDE) and has_purchase_order(order),
    }


def _suggestions(actor: Actor, order: HardwareOrder) -> list[tuple[str, str]]:
    """What can be added: SKU with make, model and what the item has of its own; and what it costs."""
    suggestions = []
    for item in items_of(actor, order.platform_id):
        words = [item.sku, item.title, *variant_words(item.size, item.color, None, item.mobile_carrier)]
        suggestions.append((" · ".join(words), money(item.unit_price, item.currency)))
    return suggestions


def _added_of_address(actor: Actor, order: HardwareOrder) -> AddedLine:
    """The item an address names, to choose of its model what is added."""
    added = AddedLine(request.args.get("add", "")[:200], request.args.get("count", "1")[:20])
    find_model(actor, order, added)
    return added


def find_model(actor: Actor, order: HardwareOrder, added: AddedLine) -> None:
    """Look up the model of what is added."""
    model = models_by_sku(actor, order.platform_id, [added.sku]).get(added.sku)
    added.model = None if model is None or model.first.archived else model


def _manager_of(actor: Actor, order: HardwareOrder) -> dict[str, Any]:
    """What the page shows of the request to the account's manager, where there is one."""
    if order.manager_approval is ManagerApproval.NOT_REQUIRED:
        return {"manager_request": None}
    request = last_request(actor, order.id)
    name = request.approver_name if request else "The manager"
    return {
        "manager_request": request,
        "awaited": awaits_manager(order),
        "run_out": request is not None and request.expires_at <= utcnow(),
        "declined": order.manager_approval is ManagerApproval.DECLINED,
        "manager_state": {
            ManagerApproval.AGREED: f"Approved by {name}",
            ManagerApproval.DECLINED: f"Declined by {name}",
            ManagerApproval.OVERRIDDEN: f"{name} was asked; a super-admin decided without their answer",
        }.get(order.manager_approval, f"{name} was asked and had not answered"),
    }
