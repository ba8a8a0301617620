"""The rows of the orders list as the page writes them: each text worked out once, outside of the template.

The template writes them without escaping anything: a page has more than a thousand texts, of which few were
typed by somebody. So all of those are escaped here, and their type says so.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from markupsafe import Markup, escape

from hwadmin.clock import utcnow
from hwadmin.domain.dates import format_datetime, iso_datetime
from hwadmin.domain.lifecycle import OrderAction, OrderFacts, OrderStatus, available_actions, fits
from hwadmin.domain.permissions import Permission
from hwadmin.domain.wording import plural
from hwadmin.queries.orders.order_rows import OrderRow
from hwadmin.web.formatting import age, format_date_short

# What a row has a button for.
_WITH_BUTTON = frozenset(
    {
        OrderAction.APPROVE,
        OrderAction.MARK_ORDERED,
        OrderAction.SEND,
        OrderAction.REJECT,
        OrderAction.FULFILL,
        OrderAction.CANCEL,
    }
)


class RowButton(NamedTuple):
    """A link below the address of a row's order, or a button that sends the list's form there."""

    path: str
    label: str
    css: str = "btn btn-small btn-quiet"
    sends: bool = False


@dataclass(frozen=True, slots=True)
class RowActions:
    """What can be done to an order from its row."""

    possible: tuple[OrderAction, ...]
    # The next step; approving it names the version that was seen.
    step: RowButton | None
    more: tuple[RowButton, ...]
    # As the page's script reads it.
    words: str

    @property
    def has_button(self) -> bool:
        """Whether any row needs the columns for them because of this one."""
        return not _WITH_BUTTON.isdisjoint(self.possible)


@dataclass(frozen=True, slots=True)
class ShownRow:
    """An order in the list."""

    version: int
    status: OrderStatus
    url: str
    reference: str
    key: str
    sums: Markup
    totals: list[tuple[Markup, Markup]]
    actions: RowActions
    account_name: Markup
    platform_name: Markup
    other_open: int
    waits_for_manager: bool
    items: Markup
    concern: str
    units: str
    created_iso: str
    created_long: str
    created_short: str
    # How long it waits, and how urgent that is; empty where it does not wait.
    age: str
    urgency: str
    # With whom it is placed and their number for it, how long ago, and whether that is too long; otherwise
    # whether it is still to be placed.
    distributor: Markup
    distributor_reference: Markup
    placed_ago: str
    overdue: bool
    placement: str
    to_be_placed: bool
    # Why it is late, and who has to see to it.
    late: str
    owner: Markup
    claimed_by: Markup


def shown_rows(
    rows: Collection[OrderRow],
    granted: frozenset[Permission],
    owners: Mapping[int, str],
    claims: Mapping[int, str],
    *,
    offers_claims: bool,
) -> list[ShownRow]:
    """The rows as the page writes them.

    Args:
        rows: the orders.
        granted: what the reader may do.
        owners: who has to see to an order that is late, by its key.
        claims: who is placing an order just now, by its key.
        offers_claims: whether the rows offer to say so.
    """
    return [
        _shown(row, _actions_of(row.facts, granted, offers_claims and row.id not in claims), owners, claims)
        for row in rows
    ]


def _shown(
    row: OrderRow, actions: RowActions, owners: Mapping[int, str], claims: Mapping[int, str]
) -> ShownRow:
    facts, reference, totals = row.facts, row.reference, row.totals
    done = f"{row.fulfilled_units}/" if row.fulfilled_units else ""
    return ShownRow(
        version=row.version,
        status=row.status,
        url=f"/orders/{reference}",
        reference=reference,
        key=f"{row.id}:{row.version}",
        sums=escape("|".join([total.sums for total in totals])),
        totals=[(escape(total.paid_now), escape(total.monthly)) for total in totals],
        actions=actions,
        account_name=escape(row.account_name),
        platform_name=escape(row.platform_name),
        other_open=row.other_open,
        waits_for_manager=fits(OrderAction.ASK, facts),
        items=escape(row.items),
        concern=row.concern or "",
        units=f"{done}{row.fulfillable_units}",
        created_iso=iso_datetime(row.created_at),
        created_long=format_datetime(row.created_at),
        created_short=format_date_short(row.created_at),
        age=age(row.created_at) if row.waits else "",
        urgency=row.lateness or "",
        distributor=escape(row.distributor or "placed"),
        distributor_reference=escape(row.distributor_reference or ""),
        placed_ago=_placed_ago(row),
        overdue=row.overdue,
        placement=row.placement,
        to_be_placed=facts.to_be_placed,
        late=_why_late(row),
        owner=escape(owners.get(row.id, "")),
        claimed_by=escape(claims.get(row.id, "")),
    )


def _placed_ago(row: OrderRow) -> str:
    if row.placed_at is None:
        return ""
    return f"{plural(row.days_placed, 'day')} ago" if row.days_placed else "today"


def _why_late(row: OrderRow) -> str:
    if row.waits_for is None or row.due_at is None or row.due_at >= utcnow():
        return ""
    return f"Waits for {row.waits_for.label}; due {format_datetime(row.due_at)}"


@lru_cache(maxsize=1024)
def _actions_of(facts: OrderFacts, granted: frozenset[Permission], offers_claim: bool) -> RowActions:
    """Worked out once for all orders in the same state."""
    possible = available_actions(facts, granted)
    return RowActions(
        possible,
        _next_step(possible, facts),
        tuple(_further(possible, facts, offers_claim)),
        " ".join(possible),
    )


def _next_step(possible: Collection[OrderAction], facts: OrderFacts) -> RowButton | None:
    """The next step; what nobody has bought yet is placed before it is fulfilled."""
    if OrderAction.APPROVE in possible:
        return RowButton("approve", OrderAction.APPROVE.label, "btn btn-small", sends=True)
    if facts.to_be_placed and OrderAction.MARK_ORDERED in possible:
        return RowButton("mark-ordered", "Mark as ordered", "btn btn-small")
    if OrderAction.FULFILL in possible:
        return RowButton("fulfill", OrderAction.FULFILL.label, "btn btn-small")
    return None


def _further(possible: Collection[OrderAction], facts: OrderFacts, offers_claim: bool) -> Iterator[RowButton]:
    """What else can be done, in the order of the buttons."""
    danger = "btn btn-small btn-quiet btn-danger"
    buttons = {
        OrderAction.MARK_ORDERED: None
        if facts.to_be_placed
        else RowButton("mark-ordered", OrderAction.MARK_ORDERED.label),
        OrderAction.SEND: RowButton("send", "Send…"),
        OrderAction.CLAIM: RowButton("claim", OrderAction.CLAIM.label, sends=True) if offers_claim else None,
        OrderAction.FULFILL: RowButton("fulfill", OrderAction.FULFILL.label) if facts.to_be_placed else None,
        OrderAction.REJECT: RowButton("reject", OrderAction.REJECT.label, danger),
        OrderAction.CANCEL: RowButton("cancel", OrderAction.CANCEL.label, danger),
    }
    for action in possible:
        button = buttons.get(action)
        if button is not None:
            yield button
