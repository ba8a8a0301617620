"""The pages a manager's link opens: one for each case, none for who has no link; looking decides nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from hwadmin import clock
from hwadmin.clock import utcnow
from hwadmin.db.extensions import db
from hwadmin.domain.lifecycle import ManagerApproval, OrderStatus
from hwadmin.models import Account, HardwareOrder
from hwadmin.operations.orders.approvals.answers import override_manager
from hwadmin.operations.orders.approvals.links import link_token
from hwadmin.operations.orders.approvals.requests import LINK_LIFETIME, resend_request
from hwadmin.operations.orders.decisions import cancel_order
from hwadmin.operations.orders.edits.lines import edit_lines
from hwadmin.operations.orders.submission.new_order import NewIntent
from hwadmin.queries.orders.approvals import last_request
from tests.acceptance.visitor import Visitor, words
from tests.builders import Browser, Clients, World
from tests.databases import SECRET_KEY
from tests.operations.refusals import by


def link_to(world: World, order: HardwareOrder) -> str:
    """The address the manager gets by mail."""
    asked = last_request(world.ada.actor, order.id)
    assert asked is not None
    return f"/manager-approval/{order.reference}/{link_token(SECRET_KEY, asked)}"


@pytest.fixture
def account(world: World) -> Account:
    return world.an_account_that_asks("Quay Clinic")


@pytest.fixture
def order(world: World, account: Account) -> HardwareOrder:
    dana = world.an_employee(account, "Dana Reed")
    return world.an_order(
        "submitted",
        [("deskphone", 2), ("mobile", 1)],
        account=account,
        intents={0: [NewIntent(employee_id=dana.id)]},
        requester="Kim Sol",
        reason="The old ones fail <b>daily</b>.",
    )


@pytest.fixture
def link(world: World, order: HardwareOrder) -> str:
    return link_to(world, order)


@pytest.fixture
def maria(clients: Clients) -> Visitor:
    """The manager, who has a browser and no account."""
    return Visitor(clients.anonymous)


def state_of(order: HardwareOrder) -> tuple[str, str]:
    db.session.refresh(order)
    return order.status.value, order.manager_approval.value


# ---- What is asked


def test_the_page_says_what_for_whom_why_and_what_it_costs(
    link: str, order: HardwareOrder, maria: Visitor
) -> None:
    maria.open(link)
    assert maria.heading == "Approve this hardware?"
    for sentence in (
        "Kim Sol asks you, Maria Lopez, to approve an order for Quay Clinic.",
        order.reference,
        "Dana Reed",
        "The old ones fail <b>daily</b>.",
        "Northwind Voice, by Piet Jansen",
        "Costs now € 300.00",
    ):
        assert sentence in maria.text
    assert [row["Quantity"] for row in maria.rows()] == ["2", "1"]
    # Nothing to sign in to, no menu, no way into the product.
    assert not [link for link in maria.tree.iter("a") if words(link) != "Skip to content"]


def test_looking_decides_nothing_however_often_and_by_whatever_method(
    link: str, order: HardwareOrder, maria: Visitor
) -> None:
    for _ in range(2):
        assert maria.client.get(link).status_code == 200
        assert maria.client.head(link).status_code == 200
        assert maria.client.get(f"{link}/answered").status_code == 302
    assert maria.client.put(link).status_code == 405
    assert state_of(order) == ("submitted", "awaiting")


def test_the_pages_are_kept_by_nobody_and_found_by_nobody(link: str, maria: Visitor) -> None:
    for path in (link, link[:-1], "/manager-approval/HW-000001/nothing"):
        headers = maria.client.get(path).headers
        assert headers["X-Robots-Tag"] == "noindex, nofollow"
        assert headers["Cache-Control"] == "no-store"
        assert headers["Referrer-Policy"] == "same-origin"


# ---- The answers


def test_approving_says_thank_you_and_the_link_is_used(
    link: str, order: HardwareOrder, maria: Visitor
) -> None:
    maria.open(link).press("Approve")
    assert (maria.heading, maria.url) == ("Thank you", f"{link}/answered")
    assert f"You have approved {order.reference}." in maria.text
    assert state_of(order) == ("submitted", "agreed")
    maria.open(link, 410)
    assert maria.heading == "Answered already"
    assert f"You have approved {order.reference} already." in maria.text
    answer = maria.client.post(link, data={"answer": "decline", "reason": "After all not."})
    assert answer.status_code == 410
    assert state_of(order) == ("submitted", "agreed")


def test_declining_needs_a_reason_and_cancels(
    world: World, clients: Clients, link: str, order: HardwareOrder, maria: Visitor
) -> None:
    maria.open(link).press("Decline and cancel the order", {"Reason": " "}, status=422)
    assert "Please give a reason." in maria.text
    assert state_of(order) == ("submitted", "awaiting")
    maria.press("Decline and cancel the order", {"Reason": "Not in this year’s budget."})
    assert f"You have declined {order.reference}. It is cancelled." in maria.text
    assert state_of(order) == ("cancelled", "declined")
    piet = Visitor(clients.piet).open(f"/orders/{order.reference}")
    assert "Declined by its manager Maria Lopez" in piet.text
    assert "Not in this year’s budget." in piet.text
    maria.open(link, 410)
    assert f"You have declined {order.reference} already." in maria.text


def test_an_answer_that_is_none_is_asked_for_again(link: str, order: HardwareOrder, maria: Visitor) -> None:
    for data in ({}, {"answer": "perhaps"}, {"answer": "agree", "version": "x"}):
        assert maria.client.post(link, data=data).status_code == 422
    assert state_of(order) == ("submitted", "awaiting")


def test_what_changed_while_they_looked_is_shown_before_they_answer(
    world: World, link: str, order: HardwareOrder, maria: Visitor
) -> None:
    maria.open(link)
    by(world.piet, lambda piet: edit_lines(piet, order.id, {world.item("deskphone").sku: 7}))
    maria.press("Approve", status=409)
    assert "The order was changed while you looked at it." in maria.messages[0]
    assert [row["Quantity"] for row in maria.rows()] == ["7"]
    assert state_of(order) == ("submitted", "awaiting")
    maria.press("Approve")
    assert state_of(order) == ("submitted", "agreed")


# ---- Links with nothing to answer


def test_a_link_that_was_made_up_or_cut_off_leads_nowhere(
    link: str, order: HardwareOrder, maria: Visitor
) -> None:
    other = "b" if link[-1] != "b" else "c"
    number, _, signature = link.rpartition("/")[2].partition("-")
    here = f"/manager-approval/{order.reference}"
    for path in (
        link[:-1],
        link[:-1] + other,
        f"{here}/{int(number) + 1}-{signature}",
        f"{here}/{signature}",
        f"{here}/999999999999999999-{signature}",
        f"{here}/%00",
        f"{here}/{'9' * 3000}",
    ):
        maria.open(path, 404)
        assert maria.heading == "This link does not work"
        assert maria.client.post(path, data={"answer": "agree"}).status_code == 404
    assert state_of(order) == ("submitted", "awaiting")


def test_a_link_under_the_address_of_another_order_is_told_so(
    world: World, account: Account, link: str, order: HardwareOrder, maria: Visitor
) -> None:
    other = world.an_order(account=account)
    path = link.replace(order.reference, other.reference)
    maria.open(path, 404)
    assert maria.heading == "This link is for another order"
    assert maria.client.post(path, data={"answer": "agree"}).status_code == 404
    assert (state_of(order), state_of(other)) == (("submitted", "awaiting"),) * 2


def test_a_link_that_ran_out_says_whom_to_ask(
    world: World, clients: Clients, link: str, order: HardwareOrder, maria: Visitor
) -> None:
    with clock.at(utcnow() + LINK_LIFETIME + timedelta(minutes=1)):
        maria.open(link, 410)
        assert maria.heading == "This link has run out"
        assert "Ask Piet Jansen of Northwind Voice" in maria.text
        assert maria.client.post(link, data={"answer": "agree"}).status_code == 410
        assert state_of(order) == ("submitted", "awaiting")
        by(world.piet, lambda piet: resend_request(piet, order.id))
        maria.open(link, 410)
        assert maria.heading == "There is a newer link"
        maria.open(link_to(world, order)).press("Approve")
    assert state_of(order) == ("submitted", "agreed")


def test_what_was_decided_meanwhile_needs_no_answer(
    world: World, link: str, order: HardwareOrder, maria: Visitor
) -> None:
    maria.open(link)
    by(world.piet, lambda piet: cancel_order(piet, order.id, reason="Not needed."))
    maria.press("Approve", status=409)
    assert maria.heading == "Your answer is no longer needed"
    assert "It is Cancelled, set by Piet Jansen" in maria.text
    assert state_of(order) == ("cancelled", "awaiting")


def test_what_a_super_admin_took_from_the_manager_needs_no_answer(
    world: World, link: str, order: HardwareOrder, maria: Visitor
) -> None:
    by(world.ada, lambda ada: override_manager(ada, order.id, reason="Urgent."))
    maria.open(link, 409)
    assert "A super-admin decided without it." in maria.text
    assert state_of(order) == ("submitted", "overridden")


# ---- The token of the form


@pytest.fixture
def guarded(app: Flask) -> Iterator[FlaskClient]:
    """A browser at the pages as they are outside of tests: with the check of form tokens."""
    app.config["WTF_CSRF_ENABLED"] = True
    yield Browser(app, app.response_class)
    app.config["WTF_CSRF_ENABLED"] = False


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_the_form_sends_its_token_and_is_taken_over_tls_as_well(
    guarded: FlaskClient, link: str, order: HardwareOrder, scheme: str
) -> None:
    base = f"{scheme}://localhost"
    page = guarded.get(link, base_url=base)
    token = re.search(r'name="csrf_token" value="([^"]+)"', page.text)
    assert token
    data = {"answer": "agree", "version": str(order.version)}
    stale = guarded.post(link, data=data, base_url=base, headers={"Referer": base + link})
    assert (stale.status_code, "Please open the link once more" in stale.text) == (400, True)
    assert state_of(order) == ("submitted", "awaiting")
    # What a browser says of where it comes from, by our Referrer-Policy.
    sent = guarded.post(
        link, data=data | {"csrf_token": token[1]}, base_url=base, headers={"Referer": base + link}
    )
    assert sent.status_code == 303
    assert state_of(order) == ("submitted", "agreed")


# ---- What the others see


def test_the_order_says_who_is_awaited_and_since_when(
    world: World, clients: Clients, order: HardwareOrder, link: str, maria: Visitor
) -> None:
    ada = Visitor(clients.ada).open(f"/orders/{order.reference}")
    assert "Awaiting manager: Maria Lopez, asked" in ada.text
    assert "Approve" not in ada.actions
    assert "Override the manager…" in ada.text
    sam = Visitor(clients.sam).open(f"/orders/{order.reference}")
    assert "Awaiting manager: Maria Lopez" in sam.text
    assert "Send a new link" not in sam.text
    maria.open(link).press("Approve")
    ada.open(f"/orders/{order.reference}")
    assert "Approved by Maria Lopez" in ada.text
    assert "Approve" in ada.actions


def test_a_super_admin_overrides_on_the_page(world: World, clients: Clients, order: HardwareOrder) -> None:
    ada = Visitor(clients.ada).open(f"/orders/{order.reference}").follow("Override the manager…")
    ada.press("Override the manager", {"Reason": ""}, status=422)
    assert "Please give a reason." in ada.text
    ada.press("Override the manager", {"Reason": "Maria is on leave."})
    assert f"{order.reference} no longer waits for its manager." in ada.messages[0]
    assert "Approve" in ada.actions
    assert state_of(order) == ("submitted", "overridden")


def test_a_new_link_is_sent_from_the_page(world: World, clients: Clients, order: HardwareOrder) -> None:
    piet = Visitor(clients.piet).open(f"/orders/{order.reference}")
    with clock.at(utcnow() + timedelta(hours=1)):
        piet.press("Send a new link")
    assert "Maria Lopez gets a new link by mail." in piet.messages[0]


def test_the_list_marks_and_finds_what_awaits_its_manager(
    world: World, clients: Clients, order: HardwareOrder
) -> None:
    plain = world.an_order()
    ada = Visitor(clients.ada).open("/orders/")
    assert "awaiting manager" in ada.row(order.reference).text
    assert ada.menu[0] == "Hardware Orders 1 waiting"
    ada.open("/orders/?manager=awaiting")
    assert order.reference in ada.text
    assert plain.reference not in ada.text
    by(world.ada, lambda a: override_manager(a, order.id, reason="Urgent."))
    assert "No order matches" in ada.open("/orders/?manager=awaiting").text
    assert ada.menu[0] == "Hardware Orders 2 waiting"


def test_a_cancelled_order_awaits_nobody(world: World, clients: Clients, order: HardwareOrder) -> None:
    by(world.piet, lambda piet: cancel_order(piet, order.id))
    assert order.manager_approval is ManagerApproval.AWAITING
    assert order.status is OrderStatus.CANCELLED
    ada = Visitor(clients.ada)
    assert "awaiting manager" not in ada.open("/orders/?status=all").row(order.reference).text
    ada.open(f"/orders/{order.reference}")
    assert "Awaiting manager" not in ada.text
    assert "Maria Lopez was asked and had not answered" in ada.text
