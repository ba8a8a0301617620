"""Orders in a browser, as people work with them: from the form to the device, by mouse and by keyboard."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, Route, expect
from sqlalchemy import func, select

from hwadmin.db.extensions import db
from hwadmin.models import AuditEvent, Device, HardwareOrder, Person
from tests.browser.conftest import Site
from tests.builders import an_identifier

MARK, REJECT = "Mark as ordered manually", "Reject"
HIDDEN, SHOWN = ("opacity", "0"), ("opacity", "1")


def row(page: Page, text: str) -> Locator:
    """The row of a table with this text in it."""
    return page.locator("tbody tr").filter(has_text=text)


def message(page: Page) -> Locator:
    """What the page says was done."""
    return page.get_by_role("status")


def open_order(site: Site, page: Page, order: HardwareOrder, part: str = "") -> None:
    page.goto(f"{site.url}/orders/{order.reference}{part}")


def count(key: Any, *conditions: Any) -> int:
    """How many there are; looking must not keep the site's writers waiting."""
    try:
        return db.session.execute(select(func.count(key)).where(*conditions)).scalar_one()
    finally:
        db.session.rollback()


def events(order: HardwareOrder, kind: str) -> int:
    return count(AuditEvent.id, AuditEvent.order_id == order.id, AuditEvent.kind == kind)


@pytest.fixture
def ada(site: Site, page_of: Callable[[Person], Page]) -> Page:
    """Ada's browser."""
    return page_of(site.world.ada)


@pytest.fixture
def piet(site: Site, page_of: Callable[[Person], Page]) -> Page:
    """Piet's browser."""
    return page_of(site.world.piet)


# ---- From beginning to end


def test_an_order_goes_from_the_account_form_to_devices_and_the_audit_log(
    site: Site, piet: Page, ada: Page
) -> None:
    for kind in ("deskphone", "dect_base", "dect_handset", "accessory"):
        site.world.item(kind)
    phone, base = site.world.item("deskphone").title, site.world.item("dect_base").title
    handset = site.world.item("dect_handset").title

    # Piet orders: a new account with its hardware, and for whom each piece is.
    piet.goto(site.url)
    piet.get_by_role("link", name="Accounts").click()
    piet.get_by_role("link", name="New account").first.click()
    piet.get_by_label("Account name").fill("Brightwater Marina")
    piet.locator("#locations-0-name").fill("Harbour office")
    piet.locator("#employees-0-name").fill("Aoife Brennan")
    for place, (item, quantity) in enumerate([(phone, 1), (base, 1), (handset, 2)]):
        if place:
            piet.get_by_role("button", name="Add another line item").click()
        options = piet.locator(f"#lines-{place}-sku")
        options.select_option(options.locator("option").filter(has_text=item).get_attribute("value"))
        piet.locator(f"#lines-{place}-quantity").fill(str(quantity))
        piet.locator(f"#lines-{place}-quantity").blur()
    piet.locator("#lines-0-units-1-employee").select_option(label="Aoife Brennan")
    piet.locator("#lines-1-units-1-location").select_option(label="Harbour office")
    piet.get_by_role("button", name="Create account and submit order").click()
    expect(message(piet)).to_contain_text("Created Brightwater Marina and submitted HW-")
    reference = re.search(r"HW-\d{6}", piet.url)[0]
    # He cannot decide on it.
    expect(piet.get_by_role("button", name="Approve")).to_have_count(0)

    # Ada finds it, corrects it in place, and approves it.
    ada.goto(f"{site.url}/orders/")
    row(ada, reference).get_by_text(phone).click()
    expect(ada.get_by_role("heading", level=1)).to_contain_text("Brightwater Marina")
    ada.get_by_role("button", name=f"One more: Quantity of {phone}").click()
    expect(ada.get_by_label(f"Quantity of {phone}", exact=True)).to_have_value("2")
    ada.get_by_label("Add from Northwind Voice’s catalog, by SKU").fill(site.world.item("accessory").sku)
    ada.get_by_role("button", name="Save items").click()
    expect(message(ada)).to_contain_text(f"The items of {reference} are saved.")
    ada.get_by_role("button", name="Approve").click()
    expect(message(ada)).to_contain_text(f"{reference} is approved. Nothing is ordered automatically.")

    # It arrives; she enters what is on the boxes, as a scanner would: value, Enter.
    ada.get_by_role("link", name="Fulfill order").click()
    expect(row(ada, "T54W #1")).to_contain_text("Aoife Brennan")
    typed = [an_identifier(kind) for kind in ["deskphone"] * 3 + ["dect_handset"] * 2]
    expect(ada.get_by_label("Scan or type")).to_be_focused()
    for value in typed:
        ada.keyboard.type(value)
        ada.keyboard.press("Enter")
    ada.get_by_role("button", name="Fulfill", exact=True).click()
    expect(message(ada)).to_contain_text(f"{reference} is fulfilled: 5 devices created, 2 paired.")

    # The devices are there: for Piet on the account's page, each with what was planned.
    message(piet).get_by_role("link", name="Brightwater Marina").click()
    expect(piet.locator("tbody tr")).to_have_count(5)
    expect(row(piet, "slot 2")).to_contain_text(handset)
    row(piet, "Aoife Brennan").get_by_text("Desk phone").click()
    expect(piet.get_by_role("heading", level=1)).to_have_text(phone)
    expect(piet.get_by_role("main")).to_contain_text(reference)

    # And the audit log tells it all.
    ada.get_by_role("link", name="Audit log").click()
    rows = [re.sub(r"\s+", " ", text) for text in ada.locator("tbody tr").all_inner_texts()]
    for who, what in (
        ("Ada Okafor", f"Fulfilled {reference}: 5 devices created, 2 paired"),
        ("Ada Okafor", f"Approved {reference}"),
        ("Ada Okafor", "Order edited"),
        ("Piet Jansen", f"Submitted {reference}"),
    ):
        assert any(who in text and what in text for text in rows), (what, rows)


def test_a_rejection_reaches_the_platform_with_its_reason(site: Site, piet: Page, ada: Page) -> None:
    order = site.world.an_order()
    ada.goto(f"{site.url}/orders/")
    row(ada, order.reference).hover()
    row(ada, order.reference).get_by_role("link", name=REJECT).click()
    reason = ada.get_by_label("Reason")
    expect(reason).to_be_focused()
    # Without a reason the browser does not even send it.
    ada.get_by_role("button", name=REJECT).click()
    expect(reason).to_be_focused()
    assert ada.url.endswith("/reject")
    reason.fill("Ordered twice: see the one of Monday.")
    ada.get_by_role("button", name=REJECT).click()
    expect(message(ada)).to_contain_text(f"{order.reference} is rejected.")

    piet.goto(f"{site.url}/orders/?status=rejected")
    row(piet, order.reference).get_by_text("T54W").click()
    expect(piet.get_by_role("main")).to_contain_text("Rejected by Ada Okafor")
    expect(piet.locator(".notice")).to_contain_text("Ordered twice: see the one of Monday.")
    # What is left to do is to order anew.
    piet.get_by_role("button", name="Copy to a new order").click()
    expect(message(piet)).to_contain_text(f"The basket holds what {order.reference} asked for")


# ---- The list


def test_two_more_actions_appear_where_the_pointer_is(site: Site, ada: Page) -> None:
    first, second = site.world.an_order(), site.world.an_order()
    ada.goto(f"{site.url}/orders/")
    for here, there in ((first, second), (second, first)):
        row(ada, here.reference).hover()
        expect(row(ada, here.reference).locator(".row-actions > div")).to_have_css(*SHOWN)
        assert row(ada, here.reference).locator(".row-actions").get_by_role("link").all_inner_texts() == [
            MARK,
            REJECT,
        ]
        expect(row(ada, there.reference).locator(".row-actions > div")).to_have_css(*HIDDEN)
        expect(row(ada, there.reference).get_by_role("button", name="Approve")).to_be_visible()


def test_an_order_is_approved_from_the_list_by_keyboard_alone(site: Site, ada: Page) -> None:
    order = site.world.an_order()
    ada.goto(f"{site.url}/orders/")
    here = row(ada, order.reference)
    actions = here.locator(".row-actions > div")
    expect(actions).to_have_css(*HIDDEN)
    # To the row's first control, and through what it offers; every stop is in sight.
    ada.get_by_role("button", name="Search", exact=True).focus()
    stops: list[Any] = []
    while not stops or stops[-1] != "Approve":
        ada.keyboard.press("Tab")
        focused = ada.locator(":focus")
        stops.append(focused.inner_text() or focused.get_attribute("name") or "")
        assert len(stops) < 20, stops
    expect(actions).to_have_css(*SHOWN)
    assert stops[-5:] == ["order", order.reference, MARK, REJECT, "Approve"]
    ada.keyboard.press("Enter")
    expect(message(ada)).to_contain_text(f"{order.reference} is approved.")


def test_a_click_on_a_row_opens_the_order(site: Site, ada: Page) -> None:
    order = site.world.an_order()
    ada.goto(f"{site.url}/orders/")
    row(ada, order.reference).get_by_text("Northwind Voice").click()
    ada.wait_for_url(f"**/orders/{order.reference}")
    ada.go_back()
    # With Ctrl in a tab of its own, like a link.
    with ada.context.expect_page() as opened:
        row(ada, order.reference).get_by_text("Northwind Voice").click(modifiers=["Control"])
    opened.value.wait_for_url(f"**/orders/{order.reference}")
    assert ada.url.endswith("/orders/")
    # A tick is not a click on the row.
    row(ada, order.reference).get_by_label(f"Choose {order.reference}").check()
    expect(ada.get_by_text("1 selected")).to_be_visible()
    assert ada.url.endswith("/orders/")


def test_several_orders_are_approved_at_once_with_a_result_for_each(site: Site, ada: Page) -> None:
    orders = [site.world.an_order() for _ in range(3)]
    ada.goto(f"{site.url}/orders/?platform={site.world.northwind.id}")
    bar = ada.locator(".selection-bar")
    expect(bar).to_be_hidden()
    ada.get_by_label("Choose all").check()
    expect(bar).to_contain_text("3 selected")
    # What they cost together.
    expect(bar).to_contain_text("€ 600.00")
    row(ada, orders[2].reference).get_by_label("Choose").uncheck()
    approve = bar.get_by_role("button", name="Approve")
    # Somebody else is quicker with one of them.
    other = ada.context.new_page()
    open_order(site, other, orders[0])
    other.get_by_role("button", name="Approve").click()
    expect(message(other)).to_be_visible()
    approve.click()
    expect(message(ada)).to_contain_text(f"Approved {orders[1].reference}.")
    expect(ada.locator(".notice-danger")).to_contain_text(f"{orders[0].reference} was not approved.")
    # The view of the list is kept; what was not chosen still waits.
    assert "platform=" in ada.url
    expect(ada.locator("tbody tr")).to_have_count(1)
    expect(row(ada, orders[2].reference)).to_be_visible()


# ---- What can go wrong


def test_a_page_that_is_out_of_date_is_refused_with_a_sentence(site: Site, ada: Page) -> None:
    order = site.world.an_order()
    phone = site.world.item("deskphone").title
    old = ada.context.new_page()
    open_order(site, ada, order)
    open_order(site, old, order)
    ada.get_by_label(f"Quantity of {phone}", exact=True).fill("7")
    ada.get_by_role("button", name="Save items").click()
    expect(message(ada)).to_be_visible()
    # The other tab still shows two phones: that is not what would be approved.
    old.get_by_role("button", name="Approve").click()
    expect(old.get_by_role("main")).to_contain_text("changed meanwhile, by Ada Okafor")
    open_order(site, old, order)
    old.get_by_role("button", name="Approve").click()
    expect(message(old)).to_contain_text("is approved")
    # And now the first is the one behind.
    ada.get_by_role("link", name="Reject…").click()
    expect(ada.get_by_role("main")).to_contain_text("Approved")
    expect(ada.get_by_role("main")).to_contain_text("Ada Okafor")
    assert events(order, "order.rejected") == 0


def test_a_form_that_is_left_asks_first(site: Site, ada: Page) -> None:
    open_order(site, ada, site.world.an_order(), "/reject")
    ada.get_by_label("Reason").fill("Ordered twi")
    asked = []
    ada.once("dialog", lambda dialog: (asked.append(dialog.type), dialog.dismiss()))  # type: ignore[call-overload, func-returns-value]
    ada.get_by_role("link", name="Devices", exact=True).click()
    expect(ada.get_by_label("Reason")).to_have_value("Ordered twi")
    assert asked == ["beforeunload"]


@pytest.mark.parametrize("where", ["list", "order"])
def test_a_double_click_on_approve_approves_once(site: Site, ada: Page, where: str) -> None:
    order = site.world.an_order()
    if where == "list":
        ada.goto(f"{site.url}/orders/")
    else:
        open_order(site, ada, order)
    ada.get_by_role("button", name="Approve", exact=True).dblclick()
    expect(message(ada)).to_contain_text(f"{order.reference} is approved.")
    assert events(order, "order.approved") == 1


def test_a_double_click_on_fulfill_makes_each_device_once(site: Site, ada: Page) -> None:
    order = site.world.an_order("approved", [("deskphone", 2)])
    open_order(site, ada, order, "/fulfill")
    for number in (1, 2):
        ada.get_by_label(f"MAC address of T54W #{number}").fill(an_identifier("deskphone"))
    ada.get_by_role("button", name="Fulfill", exact=True).dblclick()
    expect(message(ada)).to_contain_text(f"{order.reference} is fulfilled: 2 devices created.")
    assert events(order, "order.fulfilled") == 1
    assert count(Device.id) == 2


def test_a_second_click_while_the_first_is_on_its_way_sends_nothing(site: Site, ada: Page) -> None:
    order = site.world.an_order()
    open_order(site, ada, order)
    sent: list[Route] = []
    ada.route("**/approve", lambda route: sent.append(route))
    # The page says by a request of its own when the second click is done.
    with ada.expect_request("**/healthz"):
        ada.get_by_role("button", name="Approve", exact=True).evaluate(
            "button => {"
            "  button.click();"
            "  setTimeout(() => {"
            "    button.click();"
            "    setTimeout(() => fetch('/healthz'), 100);"
            "  }, 100);"
            "}"
        )
    assert len(sent) == 1
    sent[0].continue_()
    expect(message(ada)).to_contain_text(f"{order.reference} is approved.")


def test_back_shows_what_was_typed(site: Site, ada: Page) -> None:
    order = site.world.an_order("approved", [("deskphone", 2)])
    open_order(site, ada, order, "/fulfill")
    first, second = (ada.get_by_label(f"MAC address of T54W #{number}") for number in (1, 2))
    right = an_identifier("deskphone")
    first.fill(right)
    second.fill("nonsense")
    ada.get_by_role("button", name="Fulfill", exact=True).click()
    expect(ada.get_by_role("alert").filter(has_text="Nothing was written.")).to_be_visible()
    expect(first).to_have_value(right)
    expect(second).to_have_value("nonsense")
    # Back, to the form as it was sent; it can be corrected and sent again from there.
    ada.go_back()
    expect(first).to_have_value(right)
    second.fill(an_identifier("deskphone"))
    ada.get_by_role("button", name="Fulfill", exact=True).click()
    expect(message(ada)).to_contain_text(f"{order.reference} is fulfilled: 2 devices created.")


def test_back_keeps_the_reason_of_a_refused_rejection(site: Site, ada: Page) -> None:
    order = site.world.an_order()
    open_order(site, ada, order, "/reject")
    ada.get_by_label("Reason").fill("Ordered twice.")
    # Meanwhile the items change.
    other = ada.context.new_page()
    open_order(site, other, order)
    other.get_by_label("Quantity of Yealink T54W", exact=True).fill("9")
    other.get_by_role("button", name="Save items").click()
    expect(message(other)).to_be_visible()
    ada.get_by_role("button", name=REJECT).click()
    expect(ada.get_by_role("main")).to_contain_text("changed meanwhile")
    ada.go_back()
    expect(ada.get_by_label("Reason")).to_have_value("Ordered twice.")


# ---- Devices


def test_a_device_is_moved_to_an_account_picked_from_the_suggestions(site: Site, ada: Page) -> None:
    device = site.world.a_device()
    # Two of one name, so that the name alone does not tell which.
    twins = [
        site.world.an_account(platform, "Pelican Freight") for platform in (None, site.world.blue_harbor)
    ]
    ada.goto(f"{site.url}/devices/{device.id}/")
    ada.get_by_role("link", name="Move to another account…").click()
    ada.get_by_role("combobox", name="To account").press_sequentially("pelican")
    ada.get_by_role("option", name="Pelican Freight · Blue Harbor Telecom").click()
    ada.get_by_label("Reason").fill("Sold together with the branch.")
    ada.get_by_role("button", name="Move").click()
    expect(message(ada)).to_contain_text("Pelican Freight")
    assert count(Device.id, Device.account_id == twins[1].id) == 1
