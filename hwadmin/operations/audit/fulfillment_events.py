"""Audit events of what is entered for an order before it is written."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypedDict

from hwadmin.domain.event_kinds import AuditKind
from hwadmin.domain.permissions import Actor
from hwadmin.models import HardwareOrder
from hwadmin.operations.audit.recording import Subject, record


class TakenOver(TypedDict):
    """A text that was taken over: of which unit, from whom."""

    unit: str
    entered_by: str
    text: str


def record_draft_taken_over(actor: Actor, order: HardwareOrder, rows: Sequence[tuple[str, str, str]]) -> None:
    """Record that somebody took over what others had entered.

    Args:
        actor: who took it over.
        order: for which it was entered.
        rows: the label of each unit, who had entered it, and the text.
    """
    names = " and ".join(dict.fromkeys(name for _unit, name, _text in rows))
    what = rows[0][0] if len(rows) == 1 else f"{len(rows)} units"
    details: list[TakenOver] = [{"unit": unit, "entered_by": name, "text": text} for unit, name, text in rows]
    record(
        actor,
        AuditKind.ORDER_DRAFT_TAKEN_OVER,
        f"Took over what {names} had entered for {what} of {order.reference}",
        Subject(order),
        details={"units": details},
    )
