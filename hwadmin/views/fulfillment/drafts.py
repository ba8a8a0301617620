"""Entering identifiers as they come: what the fulfill page sends with each scan, and the response.

The page holds no rule of its own. It sends what was typed, chosen and scanned, in that order, and shows what
``keep_draft`` says became of it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from flask import flash, get_template_attribute, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_admin import expose
from markupsafe import Markup

from hwadmin.db.unit_of_work import transact
from hwadmin.domain.permissions import Permission
from hwadmin.domain.row_ids import MAX_ID
from hwadmin.domain.units import UnitOutcome
from hwadmin.errors import DomainError, InvalidInput
from hwadmin.forms.orders.orders import FulfillForm, whole_number
from hwadmin.list_import.matching.scan_session import Scan, Scanned, Taken
from hwadmin.models import HardwareOrder
from hwadmin.operations.fulfillment.drafts import Choice, Drafted, TextInput, keep_draft
from hwadmin.operations.fulfillment.report import UnitResult
from hwadmin.operations.fulfillment.takeovers import take_over_draft
from hwadmin.queries.fulfillment.drafts import DraftRow, Drafts
from hwadmin.queries.units.units import UnitRow
from hwadmin.views.orders.lookups import order_id_or_404
from hwadmin.web import error_pages
from hwadmin.web.access import current_actor
from hwadmin.web.admin_views import GuardedView

# One scan a step; a page that was away for long sends what it has in parts.
MOST_STEPS = 1_000
_LONGEST = 1_000


class FulfillmentDraftsView(GuardedView):
    """What somebody is entering for an order."""

    permissions = {"keep_draft": Permission.ORDERS_FULFILL, "take_over": Permission.ORDERS_FULFILL}

    def __init__(self) -> None:
        super().__init__(endpoint="fulfillment_drafts", url="/orders")

    @expose("/<reference>/fulfill/draft", methods=("POST",))
    def keep_draft(self, reference: str) -> ResponseReturnValue:
        """Keep what was typed and scanned, and say what it would do; no device is made."""
        actor = current_actor()
        order_id = order_id_or_404(reference)
        try:
            body = _parse_request(request.get_json(silent=True))
            steps = [_choice(body), *map(_step, body["steps"])]
            drafted = transact(lambda: keep_draft(actor, order_id, steps))
        except DomainError as error:
            return {"message": error.message}, error_pages.STATUS_OF[type(error)]
        return _response(drafted, body.get("open"), actor.id)

    @expose("/<reference>/fulfill/take-over", methods=("POST",))
    def take_over(self, reference: str) -> ResponseReturnValue:
        """Take over what a colleague entered for a unit, or all of it; what was typed meanwhile is kept."""
        actor = current_actor()
        order_id = order_id_or_404(reference)
        unit_id, person_id = (whole_number(request.form.get(name)) for name in ("take_unit", "take_person"))
        # Without scripts it was only typed so far. What is blank here may have been scanned elsewhere since.
        typed = FulfillForm(request.form).identifiers.data
        steps = [TextInput(unit, text) for unit, text in typed.items() if text.strip()]

        def take() -> Sequence[DraftRow]:
            if steps:
                keep_draft(actor, order_id, steps)
            if unit_id is None and person_id is None:
                return []
            return take_over_draft(actor, order_id, unit_id=unit_id, person_id=person_id)

        rows = transact(take)
        if rows:
            names = " and ".join(dict.fromkeys(row.name for row in rows))
            count = "1 unit" if len(rows) == 1 else f"{len(rows)} units"
            flash(f"What {names} had entered for {count} is yours now; they are told.", "success")
        else:
            flash("Nothing is left to take over: it was written, emptied or entered by you.", "info")
        anchor = f"unit-{unit_id}" if unit_id is not None else None
        return redirect(url_for("fulfillment.fulfill_form", reference=reference, _anchor=anchor))


def colleagues_by_unit(drafts: Drafts, person_id: int | None) -> dict[int, tuple[str, str]]:
    """By unit one entered nothing for: a sentence about who else did, and what they entered.

    Args:
        drafts: what is being entered.
        person_id: who reads it.
    """
    at_work = {(row.unit_id, row.person_id) for row in drafts.others}

    def sentence(row: DraftRow) -> str:
        if row.taken_over_from_id is not None and row.taken_over_from_id == person_id:
            return f"{row.name} took this one over from you"
        if (row.unit_id, row.person_id) in at_work:
            return f"{row.name} is entering this one"
        return f"{row.name} entered this one and left it"

    return {unit_id: (sentence(row), row.text) for unit_id, row in drafts.to_take_over.items()}


def describe_takeovers(drafts: Drafts) -> list[tuple[int, str, int]]:
    """Of whom all can be taken over: key, name, and of how many units."""
    counts = Counter((row.name, row.person_id) for row in drafts.to_take_over.values())
    return [(key, name, count) for (name, key), count in sorted(counts.items())]


def describe_others(others: Sequence[tuple[str, int]]) -> str:
    """Who else is at the order, for the foot of the page."""
    return ", ".join(f"{name}, {count} {'unit' if count == 1 else 'units'}" for name, count in others)


# ---- What the page sends


def _parse_request(sent: Any) -> dict[str, Any]:
    """The request of the page.

    Raises:
        InvalidInput: this was not sent by the page.
    """
    steps = sent.get("steps") if isinstance(sent, dict) else None
    if not isinstance(sent, dict) or not isinstance(steps, list) or len(steps) > MOST_STEPS:
        raise _unreadable()
    return sent


def _step(step: Any) -> TextInput | Scan | Choice:
    if not isinstance(step, dict):
        raise _unreadable()
    if "scan" in step:
        return Scan(_text(step["scan"]), step.get("again") is True)
    if "text" in step:
        return TextInput(_key(step.get("unit")) or 0, _text(step["text"]))
    return _choice(step)


def _choice(step: Mapping[str, Any]) -> Choice:
    return Choice(_key(step.get("chosen")), _key(step.get("line")))


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise _unreadable()
    return value[:_LONGEST]


def _key(value: Any) -> int | None:
    if value is None:
        return None
    if not isinstance(value, int) or isinstance(value, bool) or not 0 < value <= MAX_ID:
        raise _unreadable()
    return value


def _unreadable() -> InvalidInput:
    return InvalidInput.at("steps", "This cannot be read; reload the page and try again.")


# ---- What the response holds


def _response(drafted: Drafted, open_fields: Any, person_id: int | None) -> dict[str, Any]:
    """The whole state of the page in few words: many units share one check, which is drawn once."""
    rows = {row.unit_id: row for row in drafted.report.units}
    checks: list[tuple[str, int]] = []
    numbers: dict[Any, int] = {}
    # The text, the number of its check, and what a colleague entered.
    shown: dict[int, tuple[str, int] | tuple[str, int, str]] = {}
    draw = get_template_attribute("admin/hw/fulfillment/_check.html", "check")

    def number(key: Any, text: Any, tone: int) -> int:
        if key not in numbers:
            numbers[key] = len(checks)
            checks.append((str(text() if callable(text) else text), tone))
        return numbers[key]

    for unit_id, text in drafted.drafts.own.items():
        row = rows[unit_id]
        shown[unit_id] = (text, number(_look(row), lambda row=row: draw(row, drafted.order), _tone(row)))
    for unit_id, (note, theirs) in colleagues_by_unit(drafted.drafts, person_id).items():
        if unit_id in rows and unit_id not in shown:
            check = number(note, Markup('<span class="muted">{}</span>').format(note), 0)
            shown[unit_id] = ("", check, theirs)
    done = [unit.id for unit in drafted.units if unit.kind.becomes_device and not unit.awaited]
    open_now = sum(unit.awaited for unit in drafted.units)
    right = sum(row.accepted for row in drafted.report.units)
    lines = _lines(drafted.order, drafted.units, rows)
    return {
        # The first step is what had been chosen before.
        "results": [_result(result, rows, drafted.units) for result in drafted.results[1:]],
        "rows": shown,
        "checks": checks,
        # Which units are no longer awaited, where the page still has a field for some of them.
        "done": done if open_fields != open_now else [],
        "chosen": drafted.choice.unit_id,
        "line": drafted.choice.line_id,
        "entered": sum(count for _line, count in lines),
        "right": right,
        "wrong": len(drafted.report.refused),
        "lines": lines,
        "others": describe_others(drafted.drafts.other_editors),
    }


def _look(row: UnitResult) -> tuple[Any, ...]:
    """What the check of a unit is drawn from."""
    return (
        row.outcome,
        row.message,
        row.maker,
        row.device_id,
        row.paired_label,
        row.slot,
        row.not_paired,
        # The message about a conflict leads on to resolving it, for this unit.
        (row.unit_id, row.entered) if row.known_device and not row.accepted else None,
        *row.applied,
        *row.warnings,
        *row.not_applied,
    )


def _tone(row: UnitResult) -> int:
    """0: fine. 1: to be looked at. 2: refused."""
    if row.outcome is UnitOutcome.REFUSED:
        return 2
    return 1 if row.warnings or row.not_applied else 0


def _result(
    scanned: Scanned | None, rows: Mapping[int, UnitResult], units: Sequence[UnitRow]
) -> dict[str, Any] | None:
    if scanned is None:
        return None
    if scanned.unit is None:
        return {"taken": scanned.taken.value, "message": scanned.message, "tone": 2}
    unit = next(unit for unit in units if unit.id == scanned.unit.id)
    whose = " · ".join(filter(None, (unit.employee_name, unit.location_name)))
    row = rows[unit.id]
    tone, message = 0, scanned.warning
    if scanned.taken is Taken.PLACED:
        tone = max(_tone(row), 1 if scanned.warning else 0)
        message = row.message or scanned.warning or next(iter((*row.warnings, *row.not_applied)), "")
    return {
        "taken": scanned.taken.value,
        "unit": unit.id,
        "label": unit.label,
        "whose": whose,
        "value": scanned.value,
        "former": scanned.former,
        "message": message,
        "tone": tone,
    }


def _lines(
    order: HardwareOrder, units: Sequence[UnitRow], rows: Mapping[int, UnitResult]
) -> list[tuple[int, int]]:
    """How many units of each item have a device, or would get one."""
    shown = {unit.line_id for unit in units if unit.awaited or unit.device_id is not None}
    entered: dict[int, int] = {}
    for unit in units:
        row = rows.get(unit.id)
        if unit.device_id is not None or (row and row.accepted):
            entered[unit.line_id] = entered.get(unit.line_id, 0) + 1
    return [(line.id, entered.get(line.id, 0)) for line in order.lines if line.id in shown]
