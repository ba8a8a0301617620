"""Entering identifiers as they come: what the fulfill page sends with each scan, and what it is answered.

The page holds no rule of its own. It sends what was typed, chosen and scanned, in that order, and shows what
``keep_draft`` says became of it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from flask import get_template_attribute, request
from flask.typing import ResponseReturnValue
from flask_admin import expose
from markupsafe import Markup

from hwadmin.errors import DomainError, InvalidInput
from hwadmin.lists.scanning import Scan, Scanned, Taken
from hwadmin.models import HardwareOrder
from hwadmin.operations.drafting import Choice, Drafted, Typed, keep_draft
from hwadmin.operations.fulfillment_check import Outcome, UnitOutcome
from hwadmin.permissions import Permission
from hwadmin.queries.drafts import DraftRow
from hwadmin.queries.units import UnitRow
from hwadmin.uow import transact
from hwadmin.views import frame
from hwadmin.views.gate import current_actor
from hwadmin.views.order_pages import said_order

# One scan a step; a page that was away for long sends what it has in parts.
MOST_STEPS = 1_000
_LONGEST = 1_000
_MOST_KEY = 2**63


class OrderDrafts:
    """What somebody is entering for an order."""

    handlers: ClassVar[Mapping[str, Permission]] = {"keep_draft": Permission.ORDERS_FULFILL}

    @expose("/<reference>/fulfill/draft", methods=("POST",))
    def keep_draft(self, reference: str) -> ResponseReturnValue:
        """Keep what was typed and scanned, and say what it would do; no device is made."""
        actor = current_actor()
        order_id = said_order(reference)
        try:
            asked = _asked(request.get_json(silent=True))
            steps = [_choice(asked), *map(_step, asked["steps"])]
            drafted = transact(lambda: keep_draft(actor, order_id, steps))
        except DomainError as error:
            return {"said": error.message}, frame.STATUS_OF[type(error)]
        return _answer(drafted, asked.get("open"))


def entering(theirs: Sequence[DraftRow]) -> dict[int, str]:
    """By unit, who else is entering it."""
    return {row.unit_id: f"{row.name} is entering this one" for row in theirs}


def others_said(others: Sequence[tuple[str, int]]) -> str:
    """Who else is at the order, for the foot of the page."""
    return ", ".join(f"{name}, {count} {'unit' if count == 1 else 'units'}" for name, count in others)


# ---- What the page sends


def _asked(sent: Any) -> dict[str, Any]:
    """The request of the page.

    Raises:
        InvalidInput: this was not sent by the page.
    """
    steps = sent.get("steps") if isinstance(sent, dict) else None
    if not isinstance(sent, dict) or not isinstance(steps, list) or len(steps) > MOST_STEPS:
        raise _unreadable()
    return sent


def _step(one: Any) -> Typed | Scan | Choice:
    if not isinstance(one, dict):
        raise _unreadable()
    if "scan" in one:
        return Scan(_text(one["scan"]), one.get("again") is True)
    if "text" in one:
        return Typed(_key(one.get("unit")) or 0, _text(one["text"]))
    return _choice(one)


def _choice(one: Mapping[str, Any]) -> Choice:
    return Choice(_key(one.get("chosen")), _key(one.get("line")))


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise _unreadable()
    return value[:_LONGEST]


def _key(value: Any) -> int | None:
    if value is None:
        return None
    if not isinstance(value, int) or isinstance(value, bool) or not 0 < value < _MOST_KEY:
        raise _unreadable()
    return value


def _unreadable() -> InvalidInput:
    return InvalidInput.at("steps", "This cannot be read; reload the page and try again.")


# ---- What it is answered


def _answer(drafted: Drafted, open_fields: Any) -> dict[str, Any]:
    """The whole state of the page in few words: many units share one check, which is drawn once."""
    rows = {row.unit_id: row for row in drafted.report.units}
    others = entering(drafted.drafts.theirs)
    checks: list[tuple[str, int]] = []
    numbers: dict[Any, int] = {}
    shown: dict[int, tuple[str, int]] = {}
    draw = get_template_attribute("admin/hw/orders/_check.html", "check")

    def number(key: Any, text: Any, tone: int) -> int:
        if key not in numbers:
            numbers[key] = len(checks)
            checks.append((str(text() if callable(text) else text), tone))
        return numbers[key]

    for unit_id, text in drafted.drafts.mine.items():
        row = rows[unit_id]
        shown[unit_id] = (text, number(_look(row), lambda row=row: draw(row, drafted.order), _tone(row)))
    for unit_id, said in others.items():
        if unit_id in rows and unit_id not in shown:
            note = Markup('<span class="muted">{}</span>').format(said)
            shown[unit_id] = ("", number(said, note, 0))
    done = [unit.id for unit in drafted.units if unit.kind.becomes_device and not unit.awaited]
    open_now = sum(unit.awaited for unit in drafted.units)
    right = sum(row.wanted for row in drafted.report.units)
    lines = _lines(drafted.order, drafted.units, rows)
    return {
        # The first step is what had been chosen before.
        "results": [_result(one, rows, drafted.units) for one in drafted.results[1:]],
        "rows": shown,
        "checks": checks,
        # Which units are awaited no more, where the page still has a field for some of them.
        "done": done if open_fields != open_now else [],
        "chosen": drafted.choice.unit_id,
        "line": drafted.choice.line_id,
        "entered": sum(count for _line, count in lines),
        "right": right,
        "wrong": len(drafted.report.refused),
        "lines": lines,
        "others": others_said(drafted.drafts.others),
    }


def _look(row: UnitOutcome) -> tuple[Any, ...]:
    """What the check of a unit is drawn from."""
    return (
        row.outcome,
        row.message,
        row.maker,
        row.device_id,
        row.paired_label,
        row.slot,
        row.left,
        # What is said of a clash leads on to resolving it, for this unit.
        (row.unit_id, row.typed) if row.known and not row.wanted else None,
        *row.applied,
        *row.warnings,
        *row.not_applied,
    )


def _tone(row: UnitOutcome) -> int:
    """0: fine. 1: to be looked at. 2: refused."""
    if row.outcome is Outcome.REFUSED:
        return 2
    return 1 if row.warnings or row.not_applied else 0


def _result(
    one: Scanned | None, rows: Mapping[int, UnitOutcome], units: Sequence[UnitRow]
) -> dict[str, Any] | None:
    if one is None:
        return None
    if one.unit is None:
        return {"taken": one.taken.value, "said": one.said, "tone": 2}
    unit = next(unit for unit in units if unit.id == one.unit.id)
    whose = " · ".join(filter(None, (unit.employee_name, unit.location_name)))
    row = rows[unit.id]
    tone, said = 0, one.doubt
    if one.taken is Taken.PLACED:
        tone = max(_tone(row), 1 if one.doubt else 0)
        said = row.message or one.doubt or next(iter((*row.warnings, *row.not_applied)), "")
    return {
        "taken": one.taken.value,
        "unit": unit.id,
        "label": unit.label,
        "whose": whose,
        "value": one.value,
        "former": one.former,
        "said": said,
        "tone": tone,
    }


def _lines(
    order: HardwareOrder, units: Sequence[UnitRow], rows: Mapping[int, UnitOutcome]
) -> list[tuple[int, int]]:
    """How many units of each item have a device, or would get one."""
    shown = {unit.line_id for unit in units if unit.awaited or unit.device_id is not None}
    entered: dict[int, int] = {}
    for unit in units:
        row = rows.get(unit.id)
        if unit.device_id is not None or (row and row.wanted):
            entered[unit.line_id] = entered.get(unit.line_id, 0) + 1
    return [(line.id, entered.get(line.id, 0)) for line in order.lines if line.id in shown]
