"""Finds the pages of the product as people find them, from link to link."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterator
from html import unescape
from typing import Any
from urllib.parse import parse_qs, urljoin, urlsplit

from sqlalchemy import select
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect

from hwadmin.db.extensions import db
from hwadmin.domain.device_kinds import Kind
from hwadmin.domain.lifecycle import ManagerApproval, OrderStatus
from hwadmin.domain.permissions import Permission
from hwadmin.models import Basket, Device, HardwareOrder, LineItem, Person, Unit, order_id_of
from hwadmin.views.orders.units import STICKER_SHEETS
from hwadmin.web import access
from tests.browser.conftest import Site
from tests.builders import Browser as Client
from tests.builders import sign_in

# What tells a page from others: its endpoint first.
PageKind = tuple[Any, ...]
# Each kind of page, with the address one was found at and what it was there.
Pages = dict[PageKind, tuple[str, str]]
# These answer data to scripts and programs, or only lead elsewhere.
_NO_PAGES = re.compile(
    r"(static|healthz|api_document|admin\.index|searches\.open|.*\.look_up|.*\.employee_facts"
    r"|.*\.ajax_lookup|order_changes\.changes|search\.suggest|api\..*|scim(_staff)?\..*"
    r"|(directory|account_settings|catalog_options|phone_lines)\.index_view)$"
)
# Looked at wherever they are found: a list is another page on each of its tabs.
_TELLING = ("status", "state", "layout")
_LINK = re.compile(r'''<a\b[^>]*?\shref="([^"]*)"|<tr\b[^>]*?\sdata-href="([^"]*)"''')


def links(html: str, url: str) -> Iterator[str]:
    """Where one can go from a page, in order: links, rows, and nothing outside the site."""
    here = urlsplit(url).netloc
    for link, row in _LINK.findall(html):
        target = urlsplit(urljoin(url, unescape(link or row)))
        if target.netloc == here:
            yield target._replace(scheme="", netloc="", fragment="").geturl()


class Crawl:
    """Which pages there are, and which of them are alike."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self.router = site.app.url_map.bind("localhost")
        self.devices: dict[int, Any] = dict(iter(db.session.execute(select(Device.id, Device.kind))))
        orders = db.session.execute(
            select(
                HardwareOrder.id,
                HardwareOrder.status,
                HardwareOrder.fulfilled_units,
                HardwareOrder.manager_approval,
            )
        ).all()
        self.orders = {
            key: (
                status,
                status is OrderStatus.APPROVED and bool(done),
                approval is ManagerApproval.AWAITING,
            )
            for key, status, done, approval in orders
        }
        self.conflict = self._a_conflict()
        basket = db.session.scalars(select(Basket.account_id).order_by(Basket.account_id.desc())).first()
        self.ordering = f"/ordering/{basket}/"
        db.session.rollback()

    def pages(self, person: Person) -> Pages:
        """Every kind of page this person finds, in the order of finding."""
        client = Client(self.site.app, self.site.app.response_class)
        sign_in(client, person)
        # A history is linked where it is long, which those of the demo are not.
        # A search is typed, not clicked.
        waiting = deque(["/orders/", "/my-account", "/orders/HW-000001/history", "/search/?q=ha"])
        # Chosen from a list; and linked from what a form answers.
        waiting += [f"/orders/HW-000001/units?layout={one.name}" for one in STICKER_SHEETS]
        # A super-admin gets there by ordering again, with what is in the basket then.
        waiting += [self.ordering] if Permission.ORDERS_COPY in person.actor.permissions else []
        waiting += [self.conflict] if Permission.HOLDERS_READ in person.actor.permissions else []
        found: Pages = {}
        while waiting:
            path = waiting.popleft()
            kind = self.kind_of(path)
            if kind is None or kind in found:
                continue
            answer = client.get(path, follow_redirects=True)
            found[kind] = path, answer.text
            waiting += links(answer.text, answer.request.url)
        return found

    def _a_conflict(self) -> str:
        """The page of an identifier that is another account's, of a unit that is still to come."""
        order, unit = db.session.execute(
            select(HardwareOrder.id, Unit.id)
            .join(Unit, Unit.order_id == HardwareOrder.id)
            .join(LineItem, LineItem.id == Unit.line_id)
            .where(
                HardwareOrder.status == OrderStatus.APPROVED,
                LineItem.kind == Kind.DESKPHONE,
                ~select(Device.id).where(Device.unit_id == Unit.id).exists(),
            )
            .order_by(Unit.id)
        ).first() or (0, 0)
        taken = db.session.scalars(
            select(Device.identifier)
            .join(Unit, Unit.id == Device.unit_id)
            .where(Device.kind == Kind.DESKPHONE, Unit.order_id != order)
        ).first()
        return f"/orders/HW-{order:06d}/identifier-conflict?unit={unit}&identifier={taken}"

    def kind_of(self, path: str) -> PageKind | None:
        """What tells a page from others; None for what is no page."""
        parts = urlsplit(path)
        try:
            endpoint, arguments = self.router.match(parts.path, method="GET")
        except (HTTPException, RequestRedirect):
            return None
        if _NO_PAGES.match(endpoint):
            return None
        about: Any = None
        if endpoint == "order.show":
            about = self.orders.get(order_id_of(arguments["reference"]) or 0)
        elif endpoint == "devices.details_view":
            about = self.devices.get(arguments["key"])
        query = parse_qs(parts.query)
        return endpoint, about, *(query.get(name, [""])[0] for name in _TELLING)

    def may_open(self, person: Person) -> set[str]:
        """The endpoints of the pages this person may open."""
        return {
            rule.endpoint
            for rule in self.site.app.url_map.iter_rules()
            if "GET" in (rule.methods or ())
            and not _NO_PAGES.match(rule.endpoint)
            and (asked := access.policy(self.site.app).get(rule.endpoint)) not in (None, access.PUBLIC)
            and person.actor.can(Permission(asked))
        }
