"""Every page of the product, as each role, on the demo's data: accessible, sound, quiet, fitting its screen.

Pages are found as people find them, from link to link; one that is open to them and not found is a fault.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from functools import partial

import pytest
from playwright.sync_api import Browser
from sqlalchemy import select, update

from hwadmin.clock import utcnow
from hwadmin.db.extensions import db
from hwadmin.db.tenancy import EVERYWHERE, acting_as
from hwadmin.db.unit_of_work import transact
from hwadmin.demo.loading import load
from hwadmin.domain.lifecycle import ManagerApproval, OrderStatus
from hwadmin.domain.permissions import COMMAND_LINE, Role
from hwadmin.identifiers.kinds import IdentifierKind
from hwadmin.models import (
    Account,
    ApprovalRequest,
    Device,
    HardwareOrder,
    Person,
    Platform,
    SignIn,
    reference,
)
from hwadmin.operations.fulfillment.corrections.retirements import retire_many
from hwadmin.operations.fulfillment.drafts import TextInput, keep_draft
from hwadmin.operations.ordering.copies import copy_to_basket
from hwadmin.operations.orders.approvals.links import signed_token
from hwadmin.operations.orders.claims import claim_order
from hwadmin.operations.orders.decisions import approve_order
from hwadmin.operations.outgoing.webhooks import create_webhook
from hwadmin.operations.people.access_rules import AccessRuleFacts, create_access_rule
from hwadmin.outbox.fanout import expand_next
from hwadmin.queries.orders.orders import to_be_placed, waiting
from hwadmin.queries.units.units import units_of
from tests import databases
from tests.browser.conftest import Server, Site
from tests.browser.crawl import Crawl, PageKind, Pages
from tests.browser.inspection import Inspection, Seen, elements_of, enough_of, inspection, screens_of
from tests.reading_pages import tree_of
from tests.running import FULL
from tests.seeded_site import PROVIDER

# Slow, all of them: they start together, and whoever starts builds the town for all.
pytestmark = [pytest.mark.shares_database, pytest.mark.slow]

# One of each role: a super-admin, a platform admin, support.
PEOPLE = ("ada", "piet", "sam")
# The pages are divided by their endpoints, so that workers share them. Each that has a part builds the town,
# which the few pages that are opened by default are not worth.
PARTS = 6 if FULL else 1


@pytest.fixture(scope="module")
def town(template: databases.Template, server: Server) -> Iterator[Site]:
    """A site with everything the demo has: orders in every state, part shipments, sixty units."""
    with template.copy() as settings:
        app = databases.new_app(replace(settings, providers=(PROVIDER,)))
        with app.app_context():
            load()
            _tell_somebody()
            _order_again()
            db.session.remove()
        with server.serve(app) as site:
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
        rule = AccessRuleFacts(PROVIDER.key, "groups", "deciders", Role.SUPER_ADMIN)
        transact(lambda: create_access_rule(ada, rule, [PROVIDER.key]))
        while expand_next():
            pass


def _order_again() -> None:
    """What a super-admin has in a basket."""
    with acting_as(db.session, COMMAND_LINE):
        ada = person_called("ada@example.com").actor
        query = select(HardwareOrder.id).join(HardwareOrder.account).where(Account.requests_menu)
        order_id = db.session.scalars(query.order_by(HardwareOrder.id.desc())).first()
        assert order_id is not None
        transact(lambda: copy_to_basket(ada, order_id))


@pytest.fixture(scope="module")
def crawl(town: Site) -> Crawl:
    """The pages of the town."""
    return Crawl(town)


@pytest.fixture(scope="module")
def pages(crawl: Crawl) -> dict[str, Pages]:
    """The pages each of the people finds."""
    return {name: crawl.pages(person_called(f"{name}@example.com")) for name in PEOPLE}


@pytest.fixture(scope="module")
def opened(pages: dict[str, Pages]) -> set[tuple[str, PageKind]]:
    """Whose pages are opened: as many as show each kind of element, and in full all."""
    elements = {
        (name, kind): elements_of(tree_of(html))
        for name, found in pages.items()
        for kind, (_, html) in found.items()
    }
    return set(elements if FULL else enough_of(elements))


@pytest.fixture(scope="module")
def looked_at() -> Seen:
    """What axe has looked at."""
    return Seen()


def person_called(email: str) -> Person:
    return db.session.scalars(select(Person).where(Person.email == email)).one()


# It needs no browser, but runs among those that do: otherwise the town would be built for it once more.
@pytest.mark.usefixtures("browser_name")
@pytest.mark.parametrize("name", PEOPLE)
def test_every_page_somebody_may_open_is_linked(crawl: Crawl, pages: dict[str, Pages], name: str) -> None:
    may_open = crawl.may_open(person_called(f"{name}@example.com"))
    assert may_open - {kind[0] for kind in pages[name]} == set()


@pytest.mark.parametrize("part", range(PARTS))
def test_nothing_is_wrong_with_any_page(
    town: Site,
    browser: Browser,
    pages: dict[str, Pages],
    opened: set[tuple[str, PageKind]],
    looked_at: Seen,
    part: int,
) -> None:
    endpoints = list(dict.fromkeys(kind[0] for found in pages.values() for kind in found))
    mine = set(endpoints[part::PARTS])
    for name in PEOPLE:
        with inspection(town.url, browser, looked_at) as look_at:
            town.open_session(look_at.page, person_called(f"{name}@example.com"))
            for kind, (path, html) in pages[name].items():
                if kind[0] not in mine:
                    continue
                # The others are read without the browser.
                if (name, kind) not in opened:
                    look_at.read(html)
                    continue
                screens = screens_of(f"{name} {kind}")
                look_at.open(path, screen=screens[0])
                look_at.look(kind[0], screens)


def test_everything_pages_are_made_of_is_on_one_that_is_opened() -> None:
    pages = {
        "a list": {"table", "link"},
        "a form": {"field"},
        "a form with more": {"field", "link", "button"},
    }
    assert enough_of(pages) == ["a form with more", "a list"]
    assert enough_of(pages | {"a part": {"picture"}}) == ["a form with more", "a list", "a part"]


def test_a_page_made_of_something_new_is_noticed() -> None:
    seen, page = Seen(), "<body><main><p>{}</p></main><footer></footer>"
    seen.elements = elements_of(tree_of(page.format("One")))

    def known(html: str) -> bool:
        return seen.knows(elements_of(tree_of(html)))

    assert known(page.format("Two"))
    assert not known(page.format("<a>Two</a>"))
    assert not known(page.replace("<footer>", '<footer class="new">'))
    assert not known(page.replace("<p>", "<p data-live>"))
    assert not known(page.replace("<body>", '<head><script src="/static/new.js"></script></head><body>'))


def test_nothing_is_wrong_with_pages_that_refuse(town: Site, browser: Browser, looked_at: Seen) -> None:
    with inspection(town.url, browser, looked_at) as seen:
        seen.open("/sign-in")
        _look(seen)
        seen.page.get_by_label("E-mail").fill("nobody@example.com")
        seen.page.get_by_label("Password", exact=True).fill("not a password of anybody")
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
            _look(seen)

        seen.open(f"{reference[OrderStatus.APPROVED]}/fulfill")
        for field in seen.page.locator("input.code").all()[:3]:
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
            _look(seen)


@pytest.mark.parametrize("coded", [False, True], ids=["provider alone", "code first"])
def test_nothing_is_wrong_where_a_provider_confirms_who_one_is(
    town: Site, browser: Browser, looked_at: Seen, coded: bool
) -> None:
    with acting_as(db.session, COMMAND_LINE):
        address = f"kim.{coded}@{PROVIDER.domains[0]}".lower()
        kim = town.world.a_person("Kim Sol", Role.SUPER_ADMIN, email=address)
        kim.second_factor_since = utcnow() if coded else None
        db.session.commit()
    with inspection(town.url, browser, looked_at) as seen:
        town.open_session(seen.page, kim)
        long_ago = {"created_at": utcnow() - timedelta(hours=1), "proved_at": None}
        db.session.execute(update(SignIn).where(SignIn.person_id == kim.id).values(**long_ago))
        db.session.commit()
        seen.open("/tokens/new")
        seen.page.get_by_label("What for").fill("Nightly sync")
        _press(seen, "Create and show the token", 401)
        assert seen.page.get_by_role("button", name=f"Confirm with {PROVIDER.name}").is_visible()
        assert seen.page.get_by_label("Code").count() == coded
        seen.page.get_by_role("link", name="Cancel").click()
        assert seen.path == "/tokens/new"


def test_nothing_is_wrong_with_the_pages_of_a_managers_link(
    town: Site, browser: Browser, looked_at: Seen
) -> None:
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
    with inspection(town.url, browser, looked_at) as seen:
        for path, status in (
            (awaiting, 200),
            (links[ManagerApproval.AGREED], 410),
            (links[ManagerApproval.DECLINED] + "/answered", 200),
            (links[ManagerApproval.OVERRIDDEN], 409),
            (awaiting[:-1], 404),
        ):
            seen.open(path, status)
            _look(seen)
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


def test_nothing_is_wrong_with_what_is_asked_and_told_of_several(
    town: Site, browser: Browser, looked_at: Seen
) -> None:
    """The pages of the desk that no link leads to, and what others do at the same order."""
    with acting_as(db.session, COMMAND_LINE):
        ada, noor = (person_called(f"{name}@example.com").actor for name in ("ada", "noor"))
        pending, to_place = (
            db.session.scalars(select(HardwareOrder.id).where(condition).order_by(HardwareOrder.id)).all()
            for condition in (waiting(), to_be_placed())
        )
        phone = next(
            unit for unit in units_of(to_place[0]) if unit.kind.identifier_kind is IdentifierKind.MAC
        )
        devices = db.session.scalars(
            select(Device.id).where(Device.unit_id.is_not(None), Device.retired_at.is_(None)).limit(2)
        ).all()
        transact(lambda: claim_order(noor, to_place[0], lasting=timedelta(hours=1)))
        transact(lambda: keep_draft(noor, to_place[0], [TextInput(phone.id, "80:5e:c0:11:22:33")]))
    with inspection(town.url, browser, looked_at) as seen:
        town.open_session(seen.page, person_called("ada@example.com"))
        claimed = f"/orders/{reference(to_place[0])}"
        for path in (claimed, f"{claimed}/fulfill"):
            seen.open(path)
            _look(seen)
        assert seen.page.get_by_role("button", name="Take it over").is_visible()
        seen.open("/orders/?status=approved&placed=false")
        for button in ("Mark as ordered", "Send"):
            _choose(seen, to_place[:2])
            _press(seen, f"{button}…", 200)
            seen.page.go_back()
        seen.open("/orders/")
        _choose(seen, pending[:5])
        _press(seen, "Reject…", 200)
        with acting_as(db.session, COMMAND_LINE):
            for key in pending[:5]:
                transact(partial(approve_order, ada, key))
        # Each was approved meanwhile, and the page says so of each.
        seen.page.get_by_label("Reason").fill("Twice.")
        _press(seen, "Reject", 200)
        assert seen.page.get_by_text("not rejected").count() == 5
        seen.open("/devices/retire/?" + "&".join(f"device={key}" for key in devices))
        _look(seen)
        with acting_as(db.session, COMMAND_LINE):
            retire_many(ada, devices[:1], reason="Lost.", run_each=transact)
        seen.page.get_by_label("Reason").fill("Lost.")
        _press(seen, "Retire 2 devices", 200)


def _look(seen: Inspection) -> None:
    # What is made of nothing new was opened and read.
    if not FULL and seen.seen.knows(seen.elements):
        return
    # Without what is another one in each run.
    path = re.sub(r"/[\w-]{40,}", "", seen.path)
    seen.look(path, screens_of(path))


def _choose(seen: Inspection, orders: Sequence[int]) -> None:
    for key in orders:
        seen.page.get_by_label(f"Choose {reference(key)}").check()


def _press(seen: Inspection, button: str, status: int) -> None:
    seen.expected_status = status
    with seen.page.expect_navigation() as navigation:
        seen.page.get_by_role("button", name=button, exact=True).last.click()
    assert navigation.value.status == status
    seen.read(navigation.value.text())
    _look(seen)
