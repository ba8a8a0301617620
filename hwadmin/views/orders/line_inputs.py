"""The lines of an order as its page sends them: from what was typed to what the order shall have."""

from __future__ import annotations

from collections.abc import Sequence

from werkzeug.datastructures import MultiDict

from hwadmin.errors import InvalidInput
from hwadmin.forms.ordering.steps import read_choice
from hwadmin.forms.orders.orders import whole_number
from hwadmin.operations.orders.submission.new_order import NewLine
from hwadmin.views.orders.order_page import AddedLine, LineInputs

_NO_NUMBER = "Give a whole number."
_ADDED = ""
StatedLineList = list[tuple[str | int, int] | NewLine]


def read_line_inputs(form: MultiDict[str, str]) -> LineInputs:
    """The lines as typed: without the one whose Remove was pressed, with the one added below."""
    removed = form.get("remove")
    lines = [
        (key.strip(), quantity.strip())
        for key, quantity in zip(form.getlist("line"), form.getlist("quantity"), strict=False)
        if key.strip() != removed
    ]
    added = AddedLine(
        form.get("add_sku", "").strip()[:200],
        form.get("add_quantity", "").strip()[:20] or "1",
        read_choice(form, "add_"),
    )
    return LineInputs(lines[:500], added)


def stated_lines(inputs: LineInputs) -> list[tuple[str, tuple[str | int, int] | NewLine]] | None:
    """The lines an order shall have, each with its key as typed; 0 removes a line. And what is added.

    None where something typed is no number, or what is added not one variant: then the input says so.
    """
    lines: list[tuple[str, tuple[str | int, int] | NewLine]] = []
    for key, text in inputs.quantities:
        quantity = _count(text)
        if quantity is None:
            inputs.errors[key] = _NO_NUMBER
        elif quantity:
            lines.append((key, (whole_number(key) or 0, quantity)))
    if inputs.added.text:
        line = _added_line(inputs.added)
        if line is not None:
            lines.append((_ADDED, line))
    return None if inputs.errors or inputs.added.problem else lines


def _added_line(added: AddedLine) -> NewLine | None:
    """What is added, as one variant of its model; None where there is a problem."""
    quantity, model = _count(added.quantity), added.model
    variant = model.chosen(added.choice, added.sku) if model else None
    if model is None:
        added.problem = "This is not in the catalog of the order’s platform."
    elif problem := model.problem(added.choice, added.sku):
        added.problem = problem.message
    elif quantity is None:
        added.problem = _NO_NUMBER
    if variant is None or quantity is None or added.problem:
        return None
    return NewLine.of(variant, quantity)


def _count(text: str) -> int | None:
    """A typed quantity; None where it is none."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 9 else None


def locate(inputs: LineInputs, keys: Sequence[str], refusal: InvalidInput) -> None:
    """Put each problem at the line it is about.

    Args:
        inputs: what was typed.
        keys: of the lines that were stated, in their order.
        refusal: the problems, by the place of the line.
    """
    for error in refusal.errors:
        _, _, rest = error.field.partition("lines.")
        if not rest:
            inputs.problem = error.message
        elif key := keys[int(rest.split(".")[0])]:
            inputs.errors[key] = error.message
        else:
            inputs.added.problem = error.message
