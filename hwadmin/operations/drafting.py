"""Entering identifiers before they are written: each scan and each typed text is kept, placed and checked.

What is kept here is no fulfillment. It makes no device, moves no version and leaves no audit event; it only
outlives a reload, a closed tab and the end of a session, and lets two people see each other at one order.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import cast

from sqlalchemy import Table, bindparam, delete
from sqlalchemy.dialects import postgresql, sqlite

from hwadmin.clock import utcnow
from hwadmin.extensions import db
from hwadmin.identifiers import IdentifierError, parse, same_device_key
from hwadmin.lifecycle import OrderAction, fits
from hwadmin.lists.names import ListUnit
from hwadmin.lists.scanning import Desk, Scan, Scanned, Taken
from hwadmin.models import FulfillmentDraft, HardwareOrder
from hwadmin.models.drafts import LONGEST_TEXT
from hwadmin.operations._transition import locked_order, require_fitting
from hwadmin.operations.fulfillment_check import FulfillmentReport, Outcome, check_identifiers
from hwadmin.permissions import Actor
from hwadmin.queries.drafts import Drafts, drafts_of
from hwadmin.queries.units import UnitRow, units_of
from hwadmin.texts import problem


@dataclass(frozen=True, slots=True)
class Typed:
    """A text typed into the field of a unit; blank empties it."""

    unit_id: int
    text: str


@dataclass(frozen=True, slots=True)
class Choice:
    """What is scanned next: this unit, this item, or both free for whatever comes."""

    unit_id: int | None = None
    line_id: int | None = None


@dataclass(frozen=True, slots=True)
class Drafted:
    """What somebody has entered by now, and what it would do: nothing of it is written.

    `results`: what became of each scan; None for every other step. `choice`: what the next scan goes to.
    """

    order: HardwareOrder
    units: Sequence[UnitRow]
    drafts: Drafts
    report: FulfillmentReport
    results: Sequence[Scanned | None]
    choice: Choice


def list_units(units: Sequence[UnitRow]) -> list[ListUnit]:
    """The units of an order as scans and lists are matched to them."""
    return [
        ListUnit(
            unit.id,
            unit.label,
            unit.line_id,
            unit.kind,
            unit.make,
            unit.model,
            unit.sku,
            unit.identifier_key,
            same_device_key(unit.reserved_identifier_kind, unit.reserved_identifier)
            if unit.reserved_identifier_kind and unit.reserved_identifier
            else None,
            unit.kind.becomes_device and unit.device_id is None and not unit.awaited,
        )
        for unit in units
    ]


def spares_of(units: Sequence[UnitRow]) -> dict[int, str]:
    """What stands in a unit's field from the start: the spare kept for it, which has only to be confirmed."""
    return {unit.id: unit.reserved_shown for unit in units if unit.reserved_device_id and unit.awaited}


def as_entered(units: Sequence[ListUnit], drafts: Drafts) -> list[ListUnit]:
    """The units, those with something entered as if they had their devices: a list goes past them."""
    entered = {row.unit_id: row.text for row in drafts.theirs} | drafts.mine
    return [
        replace(unit, key=unit.key or _key(unit, text)) if (text := entered.get(unit.id)) else unit
        for unit in units
    ]


def _key(unit: ListUnit, text: str) -> str:
    """What compares the text with identifiers; a word that none equals where it is none."""
    kind = unit.kind.identifier_kind
    try:
        return parse(kind, text).key if kind else "none"
    except IdentifierError:
        return "none"


def keep_draft(actor: Actor, order_id: int, steps: Sequence[Typed | Scan | Choice]) -> Drafted:
    """Take what somebody typed, chose and scanned, in its order, keep it, and check all they have entered.

    A scan goes to the next open unit it fits, or to the one chosen for it. What cannot become a device of
    this order, because it is one elsewhere, is not kept; only an identifier that another account holds stays
    in its field, since somebody has to decide on it.

    Raises:
        NotAllowed, NotFound: nothing was done.
        WrongState: the order is not open to be fulfilled.
    """
    order = locked_order(actor, order_id, OrderAction.FULFILL)
    require_fitting(order, OrderAction.FULFILL)
    units = units_of(order.id)
    drafts = drafts_of(order.id, actor.id)
    spares = spares_of(units)
    desk = Desk(
        order.id,
        list_units(units),
        spares | drafts.mine,
        [(row.unit_id, row.name, row.text) for row in drafts.theirs],
    )
    results = [_take(desk, step) for step in steps]
    report = check_identifiers(actor, order, units, desk.mine)
    refused = _refused(report, results)
    for place, why in refused.items():
        taken = results[place]
        assert taken is not None
        assert taken.unit is not None
        desk.type(taken.unit.id, taken.former)
        results[place] = Scanned(Taken.REFUSED, why)
    if refused:
        report = check_identifiers(actor, order, units, desk.mine)
    # A spare that stands there by itself is not kept; that somebody took it out is.
    kept = {
        unit_id: text
        for unit_id, text in desk.mine.items()
        if drafts.mine.get(unit_id) or spares.get(unit_id) != text
    } | {unit_id: "" for unit_id in spares if unit_id not in desk.mine}
    _store(actor, order, drafts.mine, kept)
    return Drafted(
        order, units, replace(drafts, mine=desk.mine), report, results, Choice(desk.chosen, desk.line)
    )


def remember_typed(actor: Actor, report: FulfillmentReport, identifiers: Mapping[int, str]) -> None:
    """Keep what was typed into a form that was only checked, or not taken whole; to be found there again.

    Args:
        actor: who typed it.
        report: what became of it.
        identifiers: by unit; a unit that is not among them keeps what was entered for it.
    """
    if not fits(OrderAction.FULFILL, report.order.facts):
        return
    before = drafts_of(report.order.id, actor.id).mine
    after = dict(before)
    for row in report.units:
        if row.unit_id not in identifiers or not row.open or (report.written and row.wanted):
            continue
        after.pop(row.unit_id, None)
        if row.typed and _can_be_kept(row.typed):
            after[row.unit_id] = row.typed
    _store(actor, report.order, before, after)


def _take(desk: Desk, step: Typed | Scan | Choice) -> Scanned | None:
    if isinstance(step, Scan):
        return desk.scan(step)
    if isinstance(step, Choice):
        desk.chosen, desk.line = step.unit_id, step.line_id
    elif _can_be_kept(step.text):
        desk.type(step.unit_id, step.text)
    return None


def _can_be_kept(text: str) -> bool:
    return problem(text.strip(), most=LONGEST_TEXT) is None


def _refused(report: FulfillmentReport, results: Sequence[Scanned | None]) -> dict[int, str]:
    """The scans that went into a unit and are a device already, by their place, each with the reason."""
    rows = {row.unit_id: row for row in report.units if row.outcome is Outcome.REFUSED and not row.elsewhere}
    return {
        place: rows[one.unit.id].message
        for place, one in enumerate(results)
        if one
        and one.taken is Taken.PLACED
        and one.unit
        and one.unit.id in rows
        # What was put there before or after it is not this scan's fault.
        and rows[one.unit.id].typed == one.value
    }


def _store(actor: Actor, order: HardwareOrder, before: Mapping[int, str], after: Mapping[int, str]) -> None:
    """Write the difference; what is kept belongs to a person, so a program keeps nothing."""
    if actor.id is None:
        return
    table = cast(Table, FulfillmentDraft.__table__)
    connection = db.session.connection()
    gone = [unit_id for unit_id in before if unit_id not in after]
    if gone:
        connection.execute(
            delete(table).where(
                table.c.order_id == order.id,
                table.c.person_id == actor.id,
                table.c.unit_id == bindparam("gone"),
            ),
            [{"gone": unit_id} for unit_id in sorted(gone)],
        )
    changed = [(unit_id, text) for unit_id, text in after.items() if before.get(unit_id) != text]
    if changed:
        insert = (postgresql if connection.dialect.name == "postgresql" else sqlite).insert(table)
        connection.execute(
            insert.on_conflict_do_update(
                index_elements=["order_id", "person_id", "unit_id"],
                set_={"text": insert.excluded.text, "updated_at": insert.excluded.updated_at},
            ),
            [
                {
                    "order_id": order.id,
                    "person_id": actor.id,
                    "unit_id": unit_id,
                    "platform_id": order.platform_id,
                    "text": text,
                    "updated_at": now,
                }
                for now in (utcnow(),)
                for unit_id, text in sorted(changed)
            ],
        )
