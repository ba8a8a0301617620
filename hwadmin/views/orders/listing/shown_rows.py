"""The rows of the orders list as the page writes them: each text worked out once, outside of the template.

The template writes them without escaping anything: a page has more than a thousand texts, of which few were
typed by somebody. So all of those are escaped here, and their type says so. The template takes each row
apart as a tuple: asked for one by one, its fields would cost two calls each.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from datetime import datetime, tzinfo
from functools import lru_cache
from typing import NamedTuple

from markupsafe import Markup, escape

from hwadmin.clock import utcnow
from hwadmin.domain.dates import format_datetime, iso_datetime, zone
from hwadmin.domain.lifecycle import OrderAction, OrderFacts, OrderStatus, available_actions, fits
from hwadmin.domain.permissions import Permission
from hwadmin.domain.wording import plural
from hwadmin.queries.orders.order_rows import OrderRow, RowTotal
from hwadmin.web.formatting import age, escaped, format_date_short

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


class RowActions(NamedTuple):
    """What can be done to an order from its row."""

    possible: tuple[OrderAction, ...]
    # The next step; approving it names the version that was seen.
    step: RowButton | None
    more: tuple[RowButton, ...]
    # As the page's script reads it.
    words: str
    # Whether the account's own approver has still to answer, and whether somebody has still to buy it.
    waits_for_manager: bool
    to_be_placed: bool

    @property
    def has_button(self) -> bool:
        """Whether any row needs the columns for them because of this one."""
        return not _WITH_BUTTON.isdisjoint(self.possible)


class ShownTotal(NamedTuple):
    """What an order costs in one currency."""

    sums: Markup
    paid_now: Markup
    monthly: Markup


class ShownMoment(NamedTuple):
    """A moment: for programs, in full, and in a narrow column."""

    iso: str
    long: str
    short: str


class ShownRow(NamedTuple):
    """An order in the list."""

    version: int
    status: OrderStatus
    url: str
    reference: str
    key: str
    # As the page's script reads it.
    sums: str
    totals: tuple[ShownTotal, ...]
    actions: RowActions
    account_name: Markup
    platform_name: Markup
    other_open: int
    items: Markup
    concern: str
    units: str
    created: ShownMoment
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
    # Why it is late, and who has to see to it.
    late: str
    owner: Markup
    claimed_by: Markup


def shown_rows(
    rows: Collection[OrderRow],
    granted: frozenset[Permission],
    owners: Mapping[int, str],
    *,
    offers_claims: bool,
) -> list[ShownRow]:
    """The rows as the page writes them.

    Args:
        rows: the orders.
        granted: what the reader may do.
        owners: who has to see to an order that is late, by its key.
        offers_claims: whether the rows offer to say so.
    """
    year = utcnow().year
    return [_shown(row, granted, owners.get(row.id, ""), offers_claims, year) for row in rows]


def _shown(
    row: OrderRow, granted: frozenset[Permission], owner: str, offers_claims: bool, year: int
) -> ShownRow:
    facts, reference = row.facts, row.reference
    totals = tuple(map(_shown_total, row.totals))
    claimed_by = (facts.to_be_placed and row.claimed_by) or ""
    done = f"{row.fulfilled_units}/" if row.fulfilled_units else ""
    return ShownRow(
        version=row.version,
        status=row.status,
        url=f"/orders/{reference}",
        reference=reference,
        key=f"{row.id}:{row.version}",
        sums="|".join([total.sums for total in totals]),
        totals=totals,
        actions=_actions_of(facts, granted, offers_claims and not claimed_by),
        account_name=escaped(row.account_name),
        platform_name=escaped(row.platform_name),
        other_open=row.other_open,
        items=escaped(row.items),
        concern=row.concern or "",
        units=f"{done}{row.fulfillable_units}",
        created=_shown_moment(row.created_at, zone(), year),
        age=age(row.created_at) if row.waits else "",
        urgency=row.lateness or "",
        distributor=escaped(row.distributor or "placed"),
        distributor_reference=escaped(row.distributor_reference or ""),
        placed_ago=_placed_ago(row),
        overdue=row.overdue,
        placement=row.placement,
        late=_why_late(row),
        owner=escaped(owner),
        claimed_by=escaped(claimed_by),
    )


@lru_cache(maxsize=1024)
def _shown_total(total: RowTotal) -> ShownTotal:
    return ShownTotal(escape(total.sums), escape(total.paid_now), escape(total.monthly))


@lru_cache(maxsize=1024)
def _shown_moment(moment: datetime, _zone: tzinfo, _present_year: int) -> ShownMoment:
    """A moment as it is written in this zone, in this year."""
    return ShownMoment(iso_datetime(moment), format_datetime(moment), format_date_short(moment))


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
        fits(OrderAction.ASK, facts),
        facts.to_be_placed,
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
