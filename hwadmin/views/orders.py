"""Hardware Orders: the list, and deciding on several at once. One order's pages are in order_pages.py."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

from flask import abort, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_admin import expose
from markupsafe import Markup
from sqlalchemy import select

from hwadmin.errors import DomainError
from hwadmin.extensions import db
from hwadmin.forms.orders import iso_date, whole_number
from hwadmin.lifecycle import OrderAction, OrderStatus, available_actions
from hwadmin.models import HardwareOrder, Platform, reference
from hwadmin.models.catalog import title
from hwadmin.operations.decisions import approve_order
from hwadmin.permissions import Permission
from hwadmin.queries.orders import (
    SORTS,
    OrderFilter,
    OrderPage,
    Outcome,
    Place,
    all_rows,
    orders_page,
    tallies,
)
from hwadmin.queries.scope import within
from hwadmin.spreadsheets import MAX_EXPORT_ROWS
from hwadmin.uow import transact
from hwadmin.views import words
from hwadmin.views.base import TableView
from hwadmin.views.downloads import download
from hwadmin.views.gate import current_actor
from hwadmin.views.order_corrections import OrderCorrections
from hwadmin.views.order_decisions import OrderDecisions
from hwadmin.views.order_drafts import OrderDrafts
from hwadmin.views.order_fulfillment import OrderFulfillment
from hwadmin.views.order_history import OrderHistory
from hwadmin.views.order_lists import OrderLists
from hwadmin.views.order_notes import OrderNotes
from hwadmin.views.order_pages import OrderPages, order_link
from hwadmin.views.order_purchase import OrderPurchase
from hwadmin.views.order_units import OrderUnits

# The columns of the list: title, the word in the address where it sorts, and the export's.
_SORT_WORDS = ("ordered", *SORTS)
_ALL = "all"
# What the address may carry beside what has a control: links lead here with it.
_KEPT = (
    "account",
    *("waits", "outcome", "decided_since", "decided_until", "fulfilled_since", "fulfilled_until"),
    *("make", "model"),
)
_AWAITING = "awaiting"
_MOST_AT_ONCE = 100


class OrdersView(
    OrderPages,
    OrderHistory,
    OrderDecisions,
    OrderFulfillment,
    OrderDrafts,
    OrderLists,
    OrderPurchase,
    OrderUnits,
    OrderCorrections,
    OrderNotes,
    TableView,
):
    """Hardware orders of every platform one is given."""

    permissions = {
        "index_view": Permission.ORDERS_READ,
        "export_orders": Permission.EXPORT,
        "approve_several": Permission.ORDERS_DECIDE,
        **OrderPages.handlers,
        **OrderHistory.handlers,
        **OrderDecisions.handlers,
        **OrderFulfillment.handlers,
        **OrderDrafts.handlers,
        **OrderLists.handlers,
        **OrderUnits.handlers,
        **OrderCorrections.handlers,
        **OrderNotes.handlers,
        **OrderPurchase.handlers,
    }
    column_list = ("id", "platform", "account", "status", "created_at")

    def __init__(self) -> None:
        super().__init__(HardwareOrder, name="Hardware Orders", endpoint="orders", url="/orders")

    @expose("/")
    def index_view(self) -> ResponseReturnValue:
        """The list: a tab per status, narrowed by platform, search and dates; all of it in the address."""
        actor = current_actor()
        wanted = _filter(request.args)
        sort, descending = _sorting(wanted)
        counts = tallies(actor, wanted.platform_id)
        page = orders_page(actor, wanted, _place(), counts=counts, sort=sort, descending=descending)
        platforms = db.session.execute(
            select(Platform.id, Platform.name).where(within(actor, Platform)).order_by(Platform.name)
        ).all()
        address = _address(wanted, sort, descending)
        filters = {key: value for key, value in address.items() if key not in {"sort", "desc"}}
        actions = {row.id: available_actions(row.facts, actor.permissions) for row in page.rows}
        return self.render(
            "admin/hw/orders/list.html",
            heading="Hardware Orders",
            page=page,
            wanted=wanted,
            tabs=_tabs(wanted, counts),
            platforms=platforms,
            several_platforms=len(platforms) > 1,
            actions=actions,
            # The next step of a row is always in sight; what else can be done appears on hover and focus.
            steps=any(
                {OrderAction.APPROVE, OrderAction.FULFILL} & {*possible} for possible in actions.values()
            ),
            decides=actor.can(Permission.ORDERS_DECIDE),
            sorting=_sort_links(wanted, sort, descending),
            links=_page_links(page, address),
            filters=filters,
            clear_url=url_for("orders.index_view", status=_status_word(wanted.status)),
            narrowed=wanted.narrowed,
            kept=[(name, filters[name]) for name in _KEPT if name in filters],
            told=list(in_words(wanted)),
            Action=OrderAction,
        )

    @expose("/export-orders", methods=("POST",))
    def export_orders(self) -> ResponseReturnValue:
        """The filtered orders as CSV or XLSX."""
        actor = current_actor()
        rows = all_rows(actor, _filter(request.form), MAX_EXPORT_ROWS + 1)
        header = (
            "Order",
            "Status",
            "Platform",
            "Account",
            "Line items",
            "Units",
            "Fulfilled",
            "Ordered (UTC)",
        )
        return download(request.form.get("format"), "Hardware orders", header, _export_rows(rows))

    @expose("/approve-several", methods=("POST",))
    def approve_several(self) -> ResponseReturnValue:
        """Approve the chosen orders, each by itself, and say what became of each."""
        chosen = [whole_number(value) or 0 for value in request.form.getlist("order")][:_MOST_AT_ONCE]
        if not chosen:
            flash("Choose the orders to approve first.", "warning")
        approved: list[Markup] = []
        for order_id in dict.fromkeys(chosen):
            version = whole_number(request.form.get(f"version-{order_id}"))
            try:
                _approve(order_id, version)
            except DomainError as error:
                flash(f"{reference(order_id)} was not approved. {error.message}", "error")
            else:
                approved.append(order_link(reference(order_id)))
        if approved:
            flash(Markup("Approved {}.").format(Markup(", ").join(approved)), "success")
        back = request.form.get("back", "")
        return redirect(url_for("orders.index_view") + (f"?{back}" if _is_query(back) else ""))


def _approve(order_id: int, version: int | None) -> None:
    actor = current_actor()
    transact(lambda: approve_order(actor, order_id, expected_version=version))


def _filter(arguments: Any) -> OrderFilter:
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
        waits=_days(arguments.get("waits")),
        outcome=_outcome(arguments.get("outcome")),
        decided_since=iso_date(arguments.get("decided_since")),
        decided_until=iso_date(arguments.get("decided_until")),
        fulfilled_since=iso_date(arguments.get("fulfilled_since")),
        fulfilled_until=iso_date(arguments.get("fulfilled_until")),
        make=(arguments.get("make") or "")[:60],
        model=(arguments.get("model") or "")[:120],
        awaits_manager=arguments.get("manager") == _AWAITING,
    )


def _days(text: str | None) -> int | None:
    """A number of days, which no order has waited for longer than a century; None for what is none."""
    text = (text or "").strip()
    return min(int(text), 36_500) if text.isascii() and text.isdigit() and len(text) < 9 else None


def _outcome(text: str | None) -> Outcome | None:
    return Outcome(text) if text in set(Outcome) else None


def in_words(wanted: OrderFilter) -> Iterator[str]:
    """What narrows the list beside what its controls show."""
    if wanted.waits is not None:
        yield f"waiting for {wanted.waits} days or more" if wanted.waits else "waiting for a decision"
    if wanted.outcome is not None:
        yield wanted.outcome.value
    for word, since, until in (
        ("decided", wanted.decided_since, wanted.decided_until),
        ("fulfilled", wanted.fulfilled_since, wanted.fulfilled_until),
    ):
        if since and until:
            yield f"{word} {words.day(since)} to {words.day(until)}"
        elif since:
            yield f"{word} since {words.day(since)}"
        elif until:
            yield f"{word} until {words.day(until)}"
    if wanted.make or wanted.model:
        yield f"with {title(wanted.make, wanted.model)}"


def _sorting(wanted: OrderFilter) -> tuple[str, bool]:
    sort = request.args.get("sort", "ordered")
    if sort not in _SORT_WORDS:
        sort = "ordered"
    # Waiting orders: the oldest first, since they are next. Everything else: the newest first.
    default = sort == "ordered" and wanted.status is not OrderStatus.SUBMITTED
    return sort, request.args.get("desc", "1" if default else "0") == "1"


def _place() -> Place:
    return Place(
        page=whole_number(request.args.get("page")) or 0,
        after=whole_number(request.args.get("after")),
        before=whole_number(request.args.get("before")),
    )


def _status_word(status: OrderStatus | None) -> str:
    return _ALL if status is None else status.value


def _address(wanted: OrderFilter, sort: str, descending: bool) -> dict[str, str]:
    """What the address carries of a view of the list; what is usual is left out."""
    values = {
        "status": _status_word(wanted.status),
        "platform": wanted.platform_id,
        "account": wanted.account_id,
        "q": wanted.text,
        "since": wanted.since,
        "until": wanted.until,
        **{name: getattr(wanted, name) for name in _KEPT[1:]},
        "manager": _AWAITING if wanted.awaits_manager else None,
        "sort": sort if sort != "ordered" else None,
        "desc": int(descending) if sort != "ordered" or _usual(wanted) != descending else None,
    }
    return {key: str(value) for key, value in values.items() if value not in (None, "")}


def _usual(wanted: OrderFilter) -> bool:
    return wanted.status is not OrderStatus.SUBMITTED


def _tabs(wanted: OrderFilter, counts: dict[OrderStatus, int]) -> list[dict[str, Any]]:
    """One tab per status and one for all; a tab keeps the rest of the filter."""
    tabs = []
    for status in (*OrderStatus, None):
        address = _address(replace(wanted, status=status), "ordered", status is not OrderStatus.SUBMITTED)
        tabs.append(
            {
                "label": status.label if status else "All",
                "count": counts[status] if status else sum(counts.values()),
                "url": f"{url_for('orders.index_view')}?{urlencode(address)}",
                "here": status is wanted.status,
            }
        )
    return tabs


def _sort_links(wanted: OrderFilter, sort: str, descending: bool) -> dict[str, dict[str, Any]]:
    links = {}
    for word in _SORT_WORDS:
        here = word == sort
        address = _address(wanted, word, not descending if here else word == "units")
        links[word] = {
            "url": f"{url_for('orders.index_view')}?{urlencode(address)}",
            "direction": ("descending" if descending else "ascending") if here else None,
        }
    return links


def _page_links(page: OrderPage, address: dict[str, str]) -> dict[str, str]:
    """Links to the pages around; by the key they go on from, so that deep pages cost what the first does."""
    url = url_for("orders.index_view")
    links: dict[str, str] = {}
    by_key = "sort" not in address

    def to(number: int, **place: int) -> str:
        return f"{url}?{urlencode({**address, 'page': number, **(place if by_key else {})})}"

    if page.page > 0 and page.rows:
        links["first"] = f"{url}?{urlencode(address)}"
        links["previous"] = to(page.page - 1, before=page.rows[0].id) if page.page > 1 else links["first"]
    if page.has_next and page.rows:
        links["next"] = to(page.page + 1, after=page.rows[-1].id)
        if page.pages is not None:
            links["last"] = f"{url}?{urlencode({**address, 'page': page.pages - 1})}"
    return links


def _is_query(text: str) -> bool:
    return len(text) < 2000 and text.isascii() and text.isprintable() and "#" not in text


def _export_rows(rows: Iterator[Any]) -> Iterator[tuple[Any, ...]]:
    for row in rows:
        yield (
            row.reference,
            row.status.label,
            row.platform_name,
            row.account_name,
            row.items,
            row.fulfillable_units,
            row.fulfilled_units,
            row.created_at,
        )
