"""The address of the orders list: what it carries, how it is read, and the links to other views of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache
from typing import Any
from urllib.parse import urlencode

from flask import abort, request

from hwadmin.domain.dates import format_date
from hwadmin.domain.lifecycle import OrderStatus
from hwadmin.domain.orders.waiting import WaitsFor
from hwadmin.forms.orders.orders import iso_date, whole_number
from hwadmin.models.catalog import title
from hwadmin.queries.orders.filters import DecisionOutcome, OrderFilter
from hwadmin.queries.orders.order_list import SORTED_BY_INDEX, SORTS, OrderListPage, PagePosition
from hwadmin.queries.orders.orders import OrderCounts
from hwadmin.web.addresses import fixed_address

_SORT_WORDS = ("ordered", *SORTS)
_ALL = "all"
_AWAITING = "awaiting"
_PLACED = {"true": True, "false": False}
# Parameters without a control on the page: links from other pages set them.
LINK_ONLY = (
    "account",
    *("waits", "outcome", "decided_since", "decided_until", "fulfilled_since", "fulfilled_until"),
    *("make", "model", "late", "waits_for"),
)


def read_filter(arguments: Any) -> OrderFilter:
    """The filter that the parameters state; 404 for a status that does not exist."""
    word = arguments.get("status", OrderStatus.SUBMITTED.value)
    try:
        status = None if word == _ALL else OrderStatus(word)
    except ValueError:
        abort(404)
    return OrderFilter(
        status=status,
        platform_id=whole_number(arguments.get("platform")),
        account_id=whole_number(arguments.get("account")),
        text=(arguments.get("q") or "")[:200].strip(),
        since=iso_date(arguments.get("since")),
        until=iso_date(arguments.get("until")),
        waits=_read_days(arguments.get("waits")),
        outcome=_read_outcome(arguments.get("outcome")),
        decided_since=iso_date(arguments.get("decided_since")),
        decided_until=iso_date(arguments.get("decided_until")),
        fulfilled_since=iso_date(arguments.get("fulfilled_since")),
        fulfilled_until=iso_date(arguments.get("fulfilled_until")),
        make=(arguments.get("make") or "")[:60],
        model=(arguments.get("model") or "")[:120],
        late=arguments.get("late") == "true",
        waits_for=_read_wait(arguments.get("waits_for")),
        awaits_manager=arguments.get("manager") == _AWAITING,
        placed=_PLACED.get(arguments.get("placed", "")) if status is OrderStatus.APPROVED else None,
        overdue=arguments.get("overdue") == "true" and status is OrderStatus.APPROVED,
    )


def _read_days(text: str | None) -> int | None:
    """A number of days, at most a century; None for anything else."""
    text = (text or "").strip()
    return min(int(text), 36_500) if text.isascii() and text.isdigit() and len(text) < 9 else None


def _read_wait(text: str | None) -> WaitsFor | None:
    return WaitsFor(text) if text in set(WaitsFor) else None


def _read_outcome(text: str | None) -> DecisionOutcome | None:
    return DecisionOutcome(text) if text in set(DecisionOutcome) else None


def describe_filter(order_filter: OrderFilter) -> Iterator[str]:
    """What narrows the list and has no control on the page, in words."""
    days = order_filter.waits
    if days is not None:
        yield f"waiting for {days} days or more" if days else "waiting for a decision"
    if order_filter.late:
        yield "that are late"
    if order_filter.waits_for is not None:
        yield f"waiting for {order_filter.waits_for.label}"
    if order_filter.outcome is not None:
        yield order_filter.outcome.value
    for word, since, until in (
        ("decided", order_filter.decided_since, order_filter.decided_until),
        ("fulfilled", order_filter.fulfilled_since, order_filter.fulfilled_until),
    ):
        if since and until:
            yield f"{word} {format_date(since)} to {format_date(until)}"
        elif since:
            yield f"{word} since {format_date(since)}"
        elif until:
            yield f"{word} until {format_date(until)}"
    if order_filter.make or order_filter.model:
        yield f"with {title(order_filter.make, order_filter.model)}"


def read_sorting(order_filter: OrderFilter) -> tuple[str, bool]:
    """What the list is sorted by, and whether downwards."""
    sort = request.args.get("sort", "ordered")
    if sort not in _SORT_WORDS:
        sort = "ordered"
    default = sort == "ordered" and _newest_first(order_filter)
    return sort, request.args.get("desc", "1" if default else "0") == "1"


def read_position() -> PagePosition:
    """Which page of the list."""
    return PagePosition(
        page=whole_number(request.args.get("page")) or 0,
        after=whole_number(request.args.get("after")),
        before=whole_number(request.args.get("before")),
    )


def status_word(status: OrderStatus | None) -> str:
    """The status as the address states it."""
    return _ALL if status is None else status.value


def list_parameters(order_filter: OrderFilter, sort: str, descending: bool) -> dict[str, str]:
    """The parameters of an address that shows the list like this; defaults are left out."""
    default_order = sort == "ordered" and descending == _newest_first(order_filter)
    values = {
        "status": status_word(order_filter.status),
        "placed": None if order_filter.placed is None else str(order_filter.placed).lower(),
        "overdue": "true" if order_filter.overdue else None,
        "platform": order_filter.platform_id,
        "account": order_filter.account_id,
        "q": order_filter.text,
        "since": order_filter.since,
        "until": order_filter.until,
        **{name: getattr(order_filter, name) for name in LINK_ONLY[1:]},
        "late": "true" if order_filter.late else None,
        "manager": _AWAITING if order_filter.awaits_manager else None,
        "sort": sort if sort != "ordered" else None,
        "desc": None if default_order else int(descending),
    }
    return {key: str(value) for key, value in values.items() if value not in (None, "")}


@lru_cache(maxsize=1024)
def _list_query(order_filter: OrderFilter, sort: str, descending: bool) -> str:
    """The same as a query string; a page links to a dozen other views of the list."""
    return urlencode(list_parameters(order_filter, sort, descending))


def _newest_first(order_filter: OrderFilter) -> bool:
    """The usual direction: of orders that wait for somebody the oldest is first, since it is next."""
    return order_filter.status is not OrderStatus.SUBMITTED and order_filter.placed is not False


def status_tabs(order_filter: OrderFilter, counts: OrderCounts | None) -> list[dict[str, Any]]:
    """One tab per status and one for all; a tab keeps the rest of the filter."""
    return [
        _tab(
            replace(order_filter, status=status, placed=None, overdue=False),
            status.label if status else "All",
            counts.of(status) if counts else None,
        )
        | {"here": status is order_filter.status}
        for status in (*OrderStatus, None)
    ]


def placement_tabs(
    order_filter: OrderFilter, counts: OrderCounts | None, overdue: int | None
) -> list[dict[str, Any]]:
    """The tabs below Approved: what has still to be bought, what is with the distributor, what is overdue."""
    if order_filter.status is not OrderStatus.APPROVED:
        return []
    every = replace(order_filter, placed=None, overdue=False)
    tabs = [
        ("All approved", every, counts.of(every.status) if counts else None),
        ("To be placed", replace(every, placed=False), counts.to_be_placed if counts else None),
        ("With the distributor", replace(every, placed=True), counts.with_distributor if counts else None),
        ("Overdue", replace(every, overdue=True), overdue),
    ]
    return [_tab(shown, label, count) | {"here": shown == order_filter} for label, shown, count in tabs]


def _tab(shown: OrderFilter, label: str, count: int | None) -> dict[str, Any]:
    """A tab; without a number where the filter finds more than anybody counted."""
    return {
        "label": label,
        "count": count,
        "url": f"{fixed_address('orders.index_view')}?{_list_query(shown, 'ordered', _newest_first(shown))}",
    }


def sort_links(order_filter: OrderFilter, sort: str, descending: bool) -> dict[str, dict[str, Any]]:
    """A link per sortable column; once more on the present one turns its direction."""
    links = {}
    for word in _SORT_WORDS:
        here = word == sort
        query = _list_query(order_filter, word, not descending if here else word in ("units", "total"))
        links[word] = {
            "url": f"{fixed_address('orders.index_view')}?{query}",
            "direction": ("descending" if descending else "ascending") if here else None,
        }
    return links


def page_links(page: OrderListPage, address: dict[str, str]) -> dict[str, str]:
    """Links to the other pages; they name the key to go on from, so that deep pages cost no more."""
    url = fixed_address("orders.index_view")
    links: dict[str, str] = {}
    by_key = address.get("sort", "ordered") in SORTED_BY_INDEX

    def to(number: int, **position: int) -> str:
        return f"{url}?{urlencode({**address, 'page': number, **(position if by_key else {})})}"

    if page.page > 0 and page.rows:
        links["first"] = f"{url}?{urlencode(address)}"
        links["previous"] = to(page.page - 1, before=page.rows[0].id) if page.page > 1 else links["first"]
    if page.has_next and page.rows:
        links["next"] = to(page.page + 1, after=page.rows[-1].id)
        if page.pages is not None:
            links["last"] = f"{url}?{urlencode({**address, 'page': page.pages - 1})}"
    return links
