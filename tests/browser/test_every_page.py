"""Every page of the product, as each role, on the demo's data: accessible, sound, quiet, fitting its screen.

Pages are found as people find them, from link to link; one that is open to them and not found is a fault.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import parse_qs, urljoin, urlsplit
from xml.etree.ElementTree import Element

import html5lib
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, Response
from sqlalchemy import select
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect

from hwadmin.demo.loading import load
from hwadmin.extensions import db
from hwadmin.factory import create_app
from hwadmin.kinds import Kind
from hwadmin.lifecycle import ManagerApproval, OrderStatus
from hwadmin.models import (
    ApprovalRequest,
    Device,
    HardwareOrder,
    LineItem,
    Person,
    Platform,
    Unit,
    order_id_of,
    reference,
)
from hwadmin.operations.approvals import signed_token
from hwadmin.operations.decisions import approve_order
from hwadmin.operations.webhooks import create_webhook
from hwadmin.outbox.expanding import expand_next
from hwadmin.permissions import COMMAND_LINE, Permission
from hwadmin.tenancy import EVERYWHERE, acting_as
from hwadmin.uow import transact
from hwadmin.views import gate
from hwadmin.views.order_units import STICKER_SHEETS
from tests import databases
from tests.browser.conftest import Site, served

pytestmark = pytest.mark.looks

WIDE, NARROW = (1400, 900), (390, 844)
# What a screen may change; the rest of axe's rules look at the document, which is the same on all of them.
_OF_THE_SCREEN = ["color-contrast", "target-size", "scrollable-region-focusable", "link-in-text-block"]
# These answer data to scripts and programs, or only lead elsewhere.
_NO_PAGES = re.compile(
    r"(static|healthz|api_document|admin\.index|searches\.open|.*\.look_up|ordering\.employee_facts"
    r"|.*\.ajax_lookup|api\..*|scim\..*"
    r"|(directory|account_settings|catalog_options|phone_lines)\.index_view)$"
)
# Looked at wherever they are found: a list is another page on each of its tabs.
_TELLING = ("status", "state", "layout")


@pytest.fixture(scope="module")
def town(template: databases.Template) -> Iterator[Site]:
    """A site with everything the demo has: orders in every state, part shipments, sixty units."""
    with template.copy() as settings:
        app = create_app(settings)
        app.testing = True
        with app.app_context():
            load()
            _tell_somebody()
            db.session.remove()
        with served(app) as site:
            yield site
            db.engine.dispose()


def _tell_somebody() -> None:
    """A webhook, and something it is told: the demo speaks to nobody."""
    with acting_as(db.session, COMMAND_LINE):
        ada = person_called("ada@example.com").actor
        order = db.session.scalars(
            select(HardwareOrder)
            .join(HardwareOrder.platform)
            .where(HardwareOrder.status == OrderStatus.SUBMITTED, Platform.name == "Northwind Voice")
            .order_by(HardwareOrder.id)
        ).first()
        assert order is not None
        order_id, platform_id = order.id, order.platform_id
        transact(
            lambda: create_webhook(ada, platform_id, url="http://127.0.0.1:9/orders", allow_loopback=True)
        )
        transact(lambda: approve_order(ada, order_id))
        while expand_next():
            pass


def _parts(element: Element, above: str = "") -> Iterator[str]:
    """What an element is made of: its tags and what they look like and say they are, without any words."""
    told = [
        f"{name}={value}"
        for name, value in sorted(element.attrib.items())
        if name in {"class", "type", "role", "aria-current", "aria-invalid", "aria-sort", "disabled"}
    ]
    here = f"{above}/{element.tag}[{' '.join(told)}]"
    yield here
    for child in element:
        yield from _parts(child, here)


class Inspection:
    """Opens pages in a browser of somebody's own, and writes down everything that is wrong with them."""

    def __init__(self, site: Site, page: Page) -> None:
        self.site, self.page = site, page
        self.faults: list[str] = []
        # What pages are made of that axe has looked at, by kind of page.
        self.anatomy: dict[str, set[str]] = {}
        self.parts: set[str] = set()
        self.expected_status = 200
        page.on("console", lambda message: self._heard(message.type, message.text))
        page.on("pageerror", lambda error: self._note(f"script: {error}"))
        page.on("response", self._answered)

    def _note(self, fault: str) -> None:
        self.faults.append(f"{urlsplit(self.page.url)._replace(scheme='', netloc='').geturl()}: {fault}")

    def _heard(self, kind: str, text: str) -> None:
        # A failed request is judged by its answer.
        if kind in {"error", "warning"} and not text.startswith("Failed to load resource"):
            self._note(f"console {kind}: {text}")

    def _answered(self, answer: Response) -> None:
        of_the_page = answer.request.is_navigation_request()
        if answer.status >= 400 and not (of_the_page and answer.status == self.expected_status):
            self._note(f"{answer.status} for {answer.url}")

    def open(self, path: str, status: int = 200) -> None:
        """Go to a page, and read it."""
        self.expected_status = status
        answer = self.page.goto(self.site.url + path)
        assert answer is not None
        if answer.status != status:
            self._note(f"answered {answer.status} instead of {status}")
        self.read(answer.text())

    def read(self, html: str) -> None:
        """Whether the document is sound."""
        parser = html5lib.HTMLParser(namespaceHTMLElements=False)
        tree = parser.parse(html)
        for (line, _), code, values in parser.errors:
            self._note(f"HTML, line {line}: {code} {values}")
        ids = Counter(element.get("id") for element in tree.iter() if element.get("id"))
        self._note_all("id used twice", [key for key, times in ids.items() if times > 1])
        self.parts = set(_parts(next(tree.iter("main"))))
        headings = list(tree.iter("h1"))
        if len(headings) != 1:
            self._note(f"{len(headings)} h1")
        self._note_all(
            "label for nothing",
            {label.get("for") for label in tree.iter("label") if label.get("for")} - ids.keys(),
        )

    def _note_all(self, fault: str, things: Iterable[Any]) -> None:
        for thing in things:
            self._note(f"{fault}: {thing}")

    def look(self, kind: str) -> None:
        """Look at the page that is open: wide, narrow and in the dark.

        Axe need not look at it where it is made of nothing but what a page of its kind was made of before.
        """
        looked_at = self.anatomy.setdefault(kind, set())
        new = not self.parts <= looked_at
        looked_at |= self.parts
        self._screen(WIDE, "light", None if new else [])
        if new:
            self._screen(WIDE, "dark", ["color-contrast"])
        self._screen(NARROW, "light", _OF_THE_SCREEN if new else [])

    def _screen(self, size: tuple[int, int], scheme: Any, rules: list[str] | None) -> None:
        self.page.set_viewport_size({"width": size[0], "height": size[1]})
        self.page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        width = self.page.evaluate("document.documentElement.scrollWidth")
        if width > size[0]:
            self._note(f"{width} pixels wide on a screen of {size[0]}")
        if rules == []:
            return
        if not self.page.evaluate("'axe' in window"):
            self.page.evaluate(Axe().axe_script)
        options: dict[str, Any] = {"resultTypes": ["violations"]}
        if rules:
            options["runOnly"] = rules
        found = self.page.evaluate("options => axe.run(options)", options)
        for violation in found["violations"]:
            where = [node["html"][:160] for node in violation["nodes"][:3]]
            self._note(f"{size[0]} {scheme}: {violation['id']}: {where}")

    def links(self) -> list[str]:
        """Where one can go from here, in order: links, rows, and nothing outside the site."""
        found = self.page.evaluate(
            "[...document.querySelectorAll('a[href], tr[data-href]')]"
            ".map(one => one.getAttribute('href') ?? one.dataset.href)"
        )
        targets = [urlsplit(urljoin(self.page.url, target)) for target in found]
        here = urlsplit(self.page.url).netloc
        return [
            target._replace(scheme="", netloc="", fragment="").geturl()
            for target in targets
            if target.netloc == here
        ]


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
        self.clash = self._a_clash()
        db.session.rollback()

    def _a_clash(self) -> str:
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
        return f"/orders/HW-{order:06d}/clash?unit={unit}&identifier={taken}"

    def kind_of(self, path: str) -> tuple[Any, ...] | None:
        """What tells a page from others; None for what is no page."""
        parts = urlsplit(path)
        try:
            endpoint, arguments = self.router.match(parts.path, method="GET")
        except (HTTPException, RequestRedirect):
            return None
        if _NO_PAGES.match(endpoint):
            return None
        about: Any = None
        if endpoint == "orders.order":
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
            and (asked := gate.policy(self.site.app).get(rule.endpoint)) not in (None, gate.PUBLIC)
            and person.actor.can(Permission(asked))
        }


@contextmanager
def inspection(site: Site, browser: Browser) -> Iterator[Inspection]:
    """An inspection with a browser of its own; it fails with everything that was found."""
    context = browser.new_context()
    found = Inspection(site, context.new_page())
    yield found
    context.close()
    assert not found.faults, "\n" + "\n".join(dict.fromkeys(found.faults))


def person_called(email: str) -> Person:
    return db.session.scalars(select(Person).where(Person.email == email)).one()


def test_every_page_is_found_and_nothing_is_wrong_with_it(town: Site, browser: Browser) -> None:
    crawl = Crawl(town)
    anatomy: dict[str, set[str]] = {}
    for name in ("ada", "piet", "sam"):
        person = person_called(f"{name}@example.com")
        may_open = crawl.may_open(person)
        with inspection(town, browser) as seen:
            seen.anatomy = anatomy
            town.sign_in(seen.page, person)
            # A history is linked where it is long, which those of the demo are not.
            # A search is typed, not clicked.
            waiting, known = ["/orders/", "/my-account", "/orders/HW-000001/history", "/search/?q=ha"], set()
            # Chosen from a list; and linked from what a form answers.
            waiting += [f"/orders/HW-000001/units?layout={one.name}" for one in STICKER_SHEETS]
            waiting += [crawl.clash] if Permission.HOLDERS_READ in person.actor.permissions else []
            while waiting:
                path = waiting.pop(0)
                kind = crawl.kind_of(path)
                if kind is None or kind in known:
                    continue
                known.add(kind)
                seen.open(path)
                seen.look(kind[0])
                waiting += seen.links()
            for endpoint in sorted(may_open - {kind[0] for kind in known}):
                seen.faults.append(f"{name} finds no link to {endpoint}")


def test_nothing_is_wrong_with_pages_that_refuse(town: Site, browser: Browser) -> None:
    with inspection(town, browser) as seen:
        seen.open("/sign-in")
        seen.look(seen.page.url)
        seen.page.get_by_label("E-mail").fill("nobody@example.com")
        seen.page.get_by_label("Password").fill("not a password of anybody")
        _press(seen, "Sign in", 422)

        town.sign_in(seen.page, person_called("ada@example.com"))
        orders: dict[OrderStatus, int] = dict(
            iter(
                db.session.execute(select(HardwareOrder.status, HardwareOrder.id).order_by(HardwareOrder.id))
            )
        )
        db.session.rollback()
        reference = {status: f"/orders/HW-{key:06d}" for status, key in orders.items()}
        for path, status in (
            ("/nothing-here", 404),
            ("/orders/HW-999999", 404),
            ("/accounts/new/", 403),
            (f"{reference[OrderStatus.FULFILLED]}/reject", 409),
            ("/orders/?page=99999999999999", 400),
        ):
            seen.open(path, status)
            seen.look(seen.page.url)

        seen.open(f"{reference[OrderStatus.APPROVED]}/fulfill")
        for field in seen.page.locator("input.code").all():
            field.fill("nonsense")
        _press(seen, "Fulfill", 422)
        seen.open(reference[OrderStatus.SUBMITTED])
        seen.page.get_by_label("Add from").fill("NO-SUCH-SKU")
        _press(seen, "Save items", 422)
        seen.open(f"{reference[OrderStatus.SUBMITTED]}/reject")
        seen.page.get_by_label("Reason").fill(" ")
        _press(seen, "Reject", 422)
        for nothing in (
            "/orders/?q=zzzz",
            "/devices/?search=zzzz",
            "/accounts/?search=zzzz",
            "/audit/?person=zzzz",
        ):
            seen.open(nothing)
            seen.look(seen.page.url)


def test_nothing_is_wrong_with_the_pages_of_a_managers_link(town: Site, browser: Browser) -> None:
    key = town.app.config["HWADMIN"].secret_key
    requests = db.session.execute(
        select(
            ApprovalRequest.id,
            ApprovalRequest.seed,
            ApprovalRequest.order_id,
            HardwareOrder.manager_approval,
        )
        .join(HardwareOrder, HardwareOrder.id == ApprovalRequest.order_id)
        .order_by(ApprovalRequest.id)
        .execution_options(**{EVERYWHERE: True})
    ).all()
    db.session.rollback()
    links = {
        approval: f"/manager-approval/{reference(order)}/{signed_token(key, number, seed)}"
        for number, seed, order, approval in requests
    }
    awaiting = links[ManagerApproval.AWAITING]
    with inspection(town, browser) as seen:
        for path, status in (
            (awaiting, 200),
            (links[ManagerApproval.AGREED], 410),
            (links[ManagerApproval.DECLINED] + "/answered", 200),
            (links[ManagerApproval.OVERRIDDEN], 409),
            (awaiting[:-1], 404),
        ):
            seen.open(path, status)
            seen.look(path)
        seen.open(awaiting)
        seen.page.get_by_text("Decline…").click()
        seen.page.get_by_label("Reason").fill(" ")
        _press(seen, "Decline and cancel the order", 422)
        seen.open(awaiting)
        # With the keyboard alone.
        seen.page.get_by_role("button", name="Approve").focus()
        with seen.page.expect_navigation():
            seen.page.keyboard.press("Enter")
        assert seen.page.get_by_role("heading", level=1).inner_text() == "Thank you"


def _press(seen: Inspection, button: str, status: int) -> None:
    seen.expected_status = status
    with seen.page.expect_navigation() as navigation:
        seen.page.get_by_role("button", name=button, exact=True).last.click()
    assert navigation.value.status == status
    seen.read(navigation.value.text())
    seen.look(seen.page.url)
