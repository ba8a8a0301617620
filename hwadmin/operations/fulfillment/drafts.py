"""Entering identifiers before they are written: each scan and each typed text is kept, placed and checked.

What is kept here is no fulfillment. It makes no device, moves no version and leaves no audit event; it only
outlives a reload, a closed tab and the end of a session, and lets two people see each other at one order.
Taking over what another person entered is recorded: see `takeovers.py`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import bindparam, delete

from hwadmin.clock import utcnow
from hwadmin.db import dialects
from hwadmin.db.extensions import db
from hwadmin.domain.lifecycle import OrderAction, fits
from hwadmin.domain.permissions import Actor
from hwadmin.domain.text_validation import problem
from hwadmin.identifiers import IdentifierError, parse, same_device_key
from hwadmin.list_import.matching.scan_session import Scan, Scanned, ScanSession, Taken
from hwadmin.list_import.planned_units import ListUnit
from hwadmin.models import FulfillmentDraft, HardwareOrder
from hwadmin.models.units import LONGEST_TEXT
from hwadmin.operations.fulfillment.preview import preview_fulfillment
from hwadmin.operations.fulfillment.report import FulfillmentReport
from hwadmin.operations.orders.transition import lock_order_for, require_possible
from hwadmin.queries.fulfillment.drafts import Drafts, drafts_of
from hwadmin.queries.fulfillment.form_units import FormUnit
from hwadmin.queries.fulfillment.list_facts import people_of_units
from hwadmin.queries.units.units import UnitRow, units_of


@dataclass(frozen=True, slots=True)
class TextInput:
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
    people = people_of_units(units)
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
            people.get(unit.id),
            (unit.location_name,) if unit.location_name else (),
        )
        for unit in units
    ]


def spares_of(awaited: Iterable[UnitRow | FormUnit]) -> dict[int, str]:
    """What stands in a unit's field from the start: the spare kept for it, which has only to be confirmed."""
    return {unit.id: unit.reserved_shown for unit in awaited if unit.reserved_device_id}


def as_entered(units: Sequence[ListUnit], drafts: Drafts) -> list[ListUnit]:
    """The units, those with something entered as if they had their devices: a list goes past them."""
    entered = {row.unit_id: row.text for row in drafts.others} | drafts.own
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


def keep_draft(actor: Actor, order_id: int, steps: Sequence[TextInput | Scan | Choice]) -> Drafted:
    """Take what somebody typed, chose and scanned, in its order, keep it, and check all they have entered.

    A scan goes to the next open unit it fits, or to the one chosen for it. What cannot become a device of
    this order, because it is one elsewhere, is not kept; only an identifier that another account holds stays
    in its field, since somebody has to decide on it.

    Raises:
        NotAllowed, NotFound: nothing was done.
        WrongState: the order is not open to be fulfilled.
    """
    order = lock_order_for(actor, order_id, OrderAction.FULFILL)
    require_possible(order, OrderAction.FULFILL)
    units = units_of(order.id)
    drafts = drafts_of(order.id, actor.id)
    spares = spares_of(unit for unit in units if unit.awaited)
    session = ScanSession(
        order.id,
        list_units(units),
        spares | drafts.own,
        [(row.unit_id, row.name, row.text) for row in drafts.others],
    )
    results = [_take(session, step) for step in steps]
    report = preview_fulfillment(actor, order, units, session.entered)
    refused = _refused(report, results)
    for index, why in refused.items():
        taken = results[index]
        assert taken is not None
        assert taken.unit is not None
        session.type(taken.unit.id, taken.former)
        results[index] = Scanned(Taken.REFUSED, why)
    if refused:
        report = preview_fulfillment(actor, order, units, session.entered)
    # A spare that stands there by itself is not kept; that somebody took it out is.
    texts = {
        unit_id: text
        for unit_id, text in session.entered.items()
        if drafts.own.get(unit_id) or spares.get(unit_id) != text
    } | {unit_id: "" for unit_id in spares if unit_id not in session.entered}
    _store(actor, order, drafts.own, texts)
    return Drafted(
        order,
        units,
        replace(drafts, own=session.entered),
        report,
        results,
        Choice(session.chosen, session.line),
    )


def keep_unwritten_texts(actor: Actor, report: FulfillmentReport, identifiers: Mapping[int, str]) -> None:
    """Keep what was typed into a form that was only checked, or not taken whole; to be found there again.

    Args:
        actor: who typed it.
        report: what became of it.
        identifiers: by unit; a unit that is not among them keeps what was entered for it.
    """
    if not fits(OrderAction.FULFILL, report.order.facts):
        return
    before = drafts_of(report.order.id, actor.id).own
    after = dict(before)
    for row in report.units:
        if row.unit_id not in identifiers or not row.awaited or (report.written and row.accepted):
            continue
        after.pop(row.unit_id, None)
        if row.entered and _is_storable(row.entered):
            after[row.unit_id] = row.entered
    _store(actor, report.order, before, after)


def _take(session: ScanSession, step: TextInput | Scan | Choice) -> Scanned | None:
    if isinstance(step, Scan):
        return session.scan(step)
    if isinstance(step, Choice):
        session.chosen, session.line = step.unit_id, step.line_id
    elif _is_storable(step.text):
        session.type(step.unit_id, step.text)
    return None


def _is_storable(text: str) -> bool:
    return problem(text.strip(), most=LONGEST_TEXT) is None


def _refused(report: FulfillmentReport, results: Sequence[Scanned | None]) -> dict[int, str]:
    """The scans that went into a unit and are a device already, by their index, each with the reason."""
    rows = {row.unit_id: row for row in report.refused if not row.held_elsewhere}
    return {
        index: rows[scanned.unit.id].message
        for index, scanned in enumerate(results)
        if scanned
        and scanned.taken is Taken.PLACED
        and scanned.unit
        and scanned.unit.id in rows
        # What was entered there before or after it is not this scan's fault.
        and rows[scanned.unit.id].entered == scanned.value
    }


def _store(actor: Actor, order: HardwareOrder, before: Mapping[int, str], after: Mapping[int, str]) -> None:
    """Write the difference; what is kept belongs to a person, so a program keeps nothing."""
    if actor.id is None:
        return
    delete_texts(order.id, actor.id, [unit_id for unit_id in before if unit_id not in after])
    changed = {unit_id: text for unit_id, text in after.items() if before.get(unit_id) != text}
    write_texts(order, actor.id, changed)


def delete_texts(order_id: int, person_id: int, unit_ids: Iterable[int]) -> None:
    """Forget what a person entered for some units of an order."""
    table = FulfillmentDraft.__table__
    if rows := [{"gone": unit_id} for unit_id in sorted(unit_ids)]:
        db.session.connection().execute(
            delete(table).where(
                table.c.order_id == order_id,
                table.c.person_id == person_id,
                table.c.unit_id == bindparam("gone"),
            ),
            rows,
        )


def write_texts(
    order: HardwareOrder,
    person_id: int,
    texts: Mapping[int, str],
    taken_over_from: Mapping[int, int] | None = None,
) -> None:
    """Keep what a person entered, by unit.

    Args:
        order: of which the units are.
        person_id: whose it is.
        texts: by unit.
        taken_over_from: by unit, whose it was, where it is taken over.
    """
    now = utcnow()
    rows = [
        {
            "order_id": order.id,
            "person_id": person_id,
            "unit_id": unit_id,
            "platform_id": order.platform_id,
            "text": text,
            "updated_at": now,
            "taken_over_from_id": (taken_over_from or {}).get(unit_id),
        }
        for unit_id, text in sorted(texts.items())
    ]
    if not rows:
        return
    insert = dialects.insert(FulfillmentDraft.__table__)
    # Whose it was stays known while it is corrected.
    db.session.connection().execute(
        insert.on_conflict_do_update(
            index_elements=["order_id", "person_id", "unit_id"],
            set_={"text": insert.excluded.text, "updated_at": insert.excluded.updated_at},
        ),
        rows,
    )
