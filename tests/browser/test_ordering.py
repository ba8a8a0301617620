"""Ordering in a browser, as people do it: each way through the flow, and what goes wrong in it."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import timedelta
from decimal import Decimal
from functools import partial
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page, expect
from sqlalchemy import delete, select

from hwadmin.clock import utcnow
from hwadmin.db.extensions import db
from hwadmin.db.unit_of_work import transact
from hwadmin.models import HardwareOrder, Person, SignIn, Unit
from hwadmin.operations.ordering.additions import Chosen, add_to_basket
from tests.acceptance.test_ordering import PHONE_NUMBER, Shop
from tests.browser.conftest import PASSWORD, Site
from tests.browser.inspection import faults_in_turn
from tests.browser.screen_checks import MAX_HEIGHT, height_of_fifty_rows
from tests.modelled_person import ModelledPerson
from tests.running import FULL

ORDERED = re.compile("/orders/HW-")


@pytest.fixture
def shop(site: Site) -> Shop:
    """A catalog, and an account with a directory and accounting codes."""
    shop = Shop(site.world, allows_upgrade_override=True)
    shop.page = f"{site.url}{shop.page}"
    shop.codes("4711", "4720")
    site.world.a_location(shop.account, "Harbour office")
    shop.employee(employee_number="E-17", accounting_codes=[{"code": "4711", "percent": "100"}])
    return shop


@pytest.fixture
def piet(site: Site, shop: Shop, page: Page) -> Page:
    """Piet, signed in."""
    site.open_session(page, site.world.piet)
    return page


def go(piet: Page, shop: Shop, part: str = "new") -> Page:
    piet.goto(f"{shop.page}{part}")
    return piet


def press(piet: Page, name: str) -> None:
    piet.get_by_role("button", name=name, exact=True).click()


def basket(piet: Page) -> Locator:
    return piet.locator(".basket-panel")


def add(piet: Page, shop: Shop, title: str, part: str = "new") -> None:
    press(go(piet, shop, part), f"Add to Basket: {title}")
    expect(piet.get_by_role("status").filter(has_text=f"Added {title}")).to_be_visible()


def begin(piet: Page, shop: Shop, *skus: str, at: str = "new") -> None:
    """Go to a page of the flow, with these in the basket already."""
    actor, account = shop.world.piet.actor, shop.account.id
    for sku in skus:
        transact(partial(add_to_basket, actor, account, Chosen(sku)))
    db.session.rollback()
    go(piet, shop, at)


def through(piet: Page) -> None:
    """From the basket to the confirmed order."""
    press(piet, "Create Order")
    press(piet, "Continue to Employee Information")
    press(piet, "Continue to Confirm Order")
    confirm(piet)


def confirm(piet: Page) -> None:
    press(piet, "Confirm Order Items")
    piet.wait_for_url(ORDERED)


def the_order() -> HardwareOrder:
    db.session.rollback()
    return db.session.scalars(select(HardwareOrder)).one()


def the_units() -> list[Unit]:
    db.session.rollback()
    return list(db.session.scalars(select(Unit).order_by(Unit.id)))


# ---- The ways through


def test_a_known_choice_needs_ten_interactions_from_sign_in_to_confirmed(
    site: Site, shop: Shop, page: Page
) -> None:
    steps: list[None] = []

    def do(action: Callable[[], Any]) -> None:
        steps.append(None)
        action()

    person = site.world.piet
    site.sign_in(page, person)
    # Signing in is typing an address, a password, and one press.
    steps += [None] * 3
    expect(page.get_by_role("heading", level=1)).to_have_text("Order hardware")
    expect(page.get_by_role("combobox", name="Which account is it for?")).to_be_focused()
    # Accounts of late are a press away, and so is the step where something has to be typed.
    do(lambda: page.get_by_role("link", name="Brightwater Marina").click())
    do(lambda: press(page, "Add to Basket: Yealink T54W"))
    do(lambda: page.get_by_role("link", name="Employee Information").click())
    employee = page.get_by_role("combobox", name="Select the employee")
    do(lambda: employee.press_sequentially("aoi"))
    do(lambda: page.get_by_role("option", name="Aoife Brennan").click())
    expect(page.get_by_label("Employee Number")).to_have_value("E-17")
    expect(page.get_by_label("Accounting code 1")).to_have_value("4711")
    do(lambda: press(page, "Continue to Confirm Order"))
    do(lambda: press(page, "Confirm Order Items"))
    page.wait_for_url(ORDERED)
    assert len(steps) <= 10
    (unit,) = the_units()
    assert (unit.user_name, unit.user_number) == ("Aoife Brennan", "E-17")
    assert unit.accounting_codes == [{"code": "4711", "percent": "100"}]


def test_ordering_again_with_one_change_needs_five_interactions_and_sends_nothing_before(
    site: Site, shop: Shop, piet: Page
) -> None:
    order = site.world.an_order(account=shop.account, lines=[("deskphone", 2)])
    db.session.commit()
    line = order.lines[0]
    title, sku, three = line.title, line.sku, f"€ {line.unit_price * 3:,.2f}"
    clicked: list[Locator] = []

    def click(target: Locator) -> None:
        clicked.append(target)
        target.click()

    go(piet, shop, "../../my-orders/")
    click(piet.get_by_role("button", name="Order again"))
    expect(piet.get_by_role("heading", level=1)).to_have_text("Confirm Order")
    click(piet.get_by_role("link", name="Modify the order items"))
    expect(basket(piet)).to_contain_text(title)
    click(piet.get_by_role("button", name=f"One more: {title}"))
    expect(basket(piet)).to_contain_text(three)
    click(piet.get_by_role("link", name="Confirm Order"))
    db.session.rollback()
    assert db.session.query(HardwareOrder).count() == 1
    # Looking must not keep the site's writers waiting.
    db.session.rollback()
    click(piet.get_by_role("button", name="Confirm Order Items"))
    piet.wait_for_url(ORDERED)
    assert len(clicked) <= 5
    db.session.rollback()
    again = db.session.query(HardwareOrder).order_by(HardwareOrder.id.desc()).first()
    assert again
    assert again.copied_from_id == order.id
    assert [(line.sku, line.quantity) for line in again.lines] == [(sku, 3)]


def test_on_a_phone_steps_and_breadcrumbs_are_large_enough_to_touch(shop: Shop, piet: Page) -> None:
    go(piet, shop)
    press(piet, "Add to Basket: Yealink T54W")
    piet.set_viewport_size({"width": 390, "height": 844})
    links = piet.locator(".order-steps a, .order-steps button, .crumbs a")
    assert links.count() >= 4
    for link in links.all():
        box = link.bounding_box()
        assert box
        assert min(box["width"], box["height"]) >= 44, link.inner_text()


def test_a_new_mobile_with_term_color_and_accessory(shop: Shop, piet: Page) -> None:
    card = go(piet, shop).get_by_role("article").filter(has_text="Apple iPhone 17")
    card.get_by_label("24 months").check()
    expect(card.locator("[data-price-of]")).to_have_text("€ 99.00 + € 19.00 a month")
    # What is not sold in a size cannot be chosen, and gives way.
    card.get_by_label("512 GB").check()
    expect(card.get_by_label("24 months")).to_be_disabled()
    expect(card.locator("[data-price-of]")).to_have_text("€ 1,129.00")
    card.get_by_label("256 GB").check()
    card.get_by_label("24 months").check()
    press(piet, "Select Apple iPhone 17")
    expect(piet.get_by_label("24 months")).to_be_checked()
    piet.get_by_label("Sage").check()
    press(piet, "One more: Apple Silicone case")
    expect(basket(piet)).to_contain_text("256 GB · Sage · 24 months")
    expect(piet.locator("[data-sum-now]")).to_have_text("€ 128.00")
    expect(piet.locator("[data-sum-month]")).to_have_text("€ 19.00")
    press(piet, "Remove Apple Silicone case")
    expect(piet.locator("[data-sum-now]")).to_have_text("€ 99.00")
    press(piet, "One more: Apple Silicone case")
    press(piet, "Add to Basket")
    # Changed in the basket, it is saved at once and the sums follow.
    piet.get_by_label("Color of Apple iPhone 17").select_option("Black")
    piet.get_by_label("Quantity of Apple Silicone case").fill("3")
    piet.get_by_label("Quantity of Apple Silicone case").blur()
    expect(piet.locator("[data-sum-now]")).to_have_text("€ 186.00")
    piet.reload()
    expect(piet.get_by_label("Color of Apple iPhone 17")).to_have_value("Black")
    through(piet)
    device, extra = the_order().lines
    assert (device.size, device.term_months, device.color) == ("256 GB", 24, "Black")
    assert (device.unit_price, device.monthly_price) == (Decimal("99.00"), Decimal("19.00"))
    assert (extra.quantity, extra.accessory_of_id) == (3, device.id)


def test_the_color_of_an_accessory_shows_in_what_it_comes_to(shop: Shop, piet: Page) -> None:
    shop.case.colors = ["Black", "Clear"]
    db.session.commit()
    press(go(piet, shop), "Select Apple iPhone 17")
    press(piet, "One more: Apple Silicone case")
    expect(basket(piet)).to_contain_text("1 × Apple Silicone case · Black")
    piet.get_by_label("Color of Apple Silicone case").select_option("Clear")
    expect(basket(piet)).to_contain_text("1 × Apple Silicone case · Clear")
    press(piet, "Add to Basket")
    expect(piet.get_by_label("Color of Apple Silicone case")).to_have_value("Clear")


@pytest.mark.full
def test_an_upgrade_that_is_not_eligible_is_overridden_with_a_reason(shop: Shop, piet: Page) -> None:
    shop.line(200)
    go(piet, shop, "upgrade")
    piet.get_by_role("row").filter(has_text=PHONE_NUMBER).get_by_text("From ").click()
    expect(piet.get_by_text("Not eligible until")).to_be_visible()
    press(piet, "Select Apple iPhone 17")
    press(piet, "Add to Basket")
    expect(piet.get_by_role("alert")).to_contain_text("Say why it is upgraded although it is not eligible.")
    expect(piet.get_by_role("alert")).to_be_focused()
    piet.get_by_label("Reason for upgrading before it is eligible").fill("Fell into the dock.")
    press(piet, "Add to Basket")
    expect(basket(piet)).to_contain_text(f"upgrade of {PHONE_NUMBER}")
    through(piet)
    assert the_units()[0].override_reason == "Fell into the dock."


def test_shares_that_do_not_make_a_hundred_are_said_once(shop: Shop, piet: Page) -> None:
    begin(piet, shop, "T54W", at="employees")
    piet.get_by_label("Accounting code 1").fill("4711")
    piet.get_by_label("Share of code 1").fill("60")
    piet.get_by_label("Accounting code 2").fill("4720")
    piet.get_by_label("Share of code 2").fill("30")
    note = piet.locator("[data-codes]").get_by_text("they must make 100 %")
    expect(note).to_have_text("The shares make 90 %; they must make 100 %.")
    press(piet, "Continue to Confirm Order")
    expect(piet.get_by_role("alert")).to_contain_text("The shares make 90 %")
    expect(note.filter(visible=True)).to_have_count(1)
    # Changed, what was said of it before is true no more.
    piet.get_by_label("Share of code 2").fill("35")
    expect(note.filter(visible=True)).to_have_text("The shares make 95 %; they must make 100 %.")


def test_on_a_small_screen_what_it_comes_to_and_where_one_is_stay_in_sight(shop: Shop, piet: Page) -> None:
    piet.set_viewport_size({"width": 390, "height": 844})
    go(piet, shop, "accessories")
    expect(piet.get_by_role("link", name="Order Accessory", exact=True)).to_be_in_viewport(ratio=1)
    go(piet, shop, "device?item=IP17")
    expect(piet.get_by_role("button", name="Add to Basket")).not_to_be_in_viewport()
    press(piet, "One more: Apple Silicone case")
    expect(piet.locator(".total-bar")).to_be_in_viewport(ratio=1)
    expect(piet.locator(".total-bar")).to_contain_text(piet.locator("[data-sum-now]").inner_text())


def test_on_a_phone_no_page_of_the_catalog_is_a_scroll_without_end(
    site: Site, shop: Shop, piet: Page
) -> None:
    for number in range(65):
        site.world.an_item("deskphone", model=f"T{number:02}")
    piet.set_viewport_size({"width": 390, "height": 844})
    go(piet, shop)
    for _ in range(2):
        expect(piet.locator("article.product")).to_have_count(30)
        assert piet.evaluate("document.documentElement.scrollHeight") <= MAX_HEIGHT
        piet.get_by_role("link", name="Next ›").click()
    expect(piet.locator("article.product").first).to_be_visible()


# Other things go through the same steps: tests/acceptance/test_ordering.py takes each way without a browser.
@pytest.mark.full
def test_an_accessory_alone(shop: Shop, piet: Page) -> None:
    add(piet, shop, "Yealink WH62 headset", "accessories")
    through(piet)
    assert [line.title for line in the_order().lines] == ["Yealink WH62 headset"]


@pytest.mark.full
def test_a_device_of_the_spare_inventory(shop: Shop, piet: Page) -> None:
    spare = shop.world.a_device(shop.account, item=shop.phone).id
    go(piet, shop).get_by_role("link", name="Spare Inventory 1").click()
    piet.get_by_role("button", name="Add to Basket: Yealink T54W").click()
    expect(piet.get_by_text("In the basket")).to_be_visible()
    through(piet)
    (unit,) = the_units()
    assert (unit.reserved_device_id, the_order().lines[0].total) == (spare, 0)


@pytest.mark.full
def test_desk_phones_with_a_base_and_handsets(shop: Shop, piet: Page) -> None:
    base, handset = shop.world.item("dect_base"), shop.world.item("dect_handset")
    names = [base.title, handset.title, "Yealink T54W"]
    begin(piet, shop, base.sku, handset.sku, "T54W")
    press(piet, f"One more: {names[1]}")
    expect(piet.get_by_label(f"Quantity of {names[1]}")).to_have_value("2")
    expect(piet.locator("[data-sum-now]")).to_have_text("€ 449.00")
    press(piet, "Create Order")
    press(piet, "Continue to Employee Information")
    piet.locator("#u-1-1-location").select_option(label="Harbour office")
    piet.locator("#u-2-2-base").select_option(label=f"{names[0]} #1")
    press(piet, "Continue to Confirm Order")
    confirm(piet)
    base_unit, _, second, _ = the_units()
    assert second.base_unit_id == base_unit.id


_FIRST = ["Anouk", "Bram", "Chidi", "Dana", "Emre", "Fleur", "Gerard", "Hanna", "Imelda", "Jonas"]
_LAST = ["Brennan", "Quinn", "Visser", "Kowal", "Demir", "Osei", "Larkin"]


def test_a_base_forty_handsets_and_twenty_phones_for_named_people_take_five_minutes(
    site: Site, shop: Shop, page: Page, looks: set[int]
) -> None:
    # No two have both names in common, and none has one of them in common with who comes next.
    people = [f"{_FIRST[number % 10]} {_LAST[number % 7]}" for number in range(59)]
    for name in people:
        shop.world.an_employee(shop.account, name)
    base, handset = shop.world.item("dect_base").title, shop.world.item("dect_handset").title
    email = site.set_password(site.world.piet)
    page.goto(f"{site.url}/sign-in")
    piet = ModelledPerson(page)
    _sign_in_and_choose(piet, email, ((base, "1"), (handset, "40"), ("Yealink T54W", "20")))
    expect(basket(page)).to_contain_text("€ 7,080.00")
    for button in ("Create Order", "Continue to Employee Information"):
        piet.click(page.get_by_role("button", name=button, exact=True))
        piet.read()
    # Names are pasted once, where the first one belongs; one of them is nobody's.
    first = page.get_by_role("combobox", name=f"Employee of {handset} #1", exact=True)
    piet.paste_column(first, [*people, "Nina Novak"])
    expect(page.get_by_role("status")).to_contain_text("Found 59 people in the directory.")
    expect(first).to_have_value(people[0])
    expect(page.get_by_role("combobox", name="Employee of Yealink T54W #20")).to_have_value("Nina Novak")
    # The walk over every page looks at one of the same kind with fewer people.
    if FULL:
        assert faults_in_turn(page, looks, "sixty people") == []
    page.set_viewport_size({"width": 390, "height": 900})
    assert height_of_fifty_rows(page) <= MAX_HEIGHT
    page.set_viewport_size({"width": 1400, "height": 900})
    for button in ("Somebody new", "Continue to Confirm Order"):
        piet.read()
        piet.click(page.get_by_role("button", name=button, exact=True))
    expect(page.get_by_role("heading", level=1)).to_have_text("Confirm Order")
    piet.read()
    piet.click(page.get_by_role("button", name="Confirm Order Items"))
    page.wait_for_url(ORDERED)
    assert piet.seconds <= 290
    users = [unit.user_name for unit in the_units()]
    assert sorted(filter(None, users)) == sorted([*people, "Nina Novak"])


def _sign_in_and_choose(piet: ModelledPerson, email: str, chosen: Sequence[tuple[str, str]]) -> None:
    page = piet.page
    piet.read()
    piet.click(page.get_by_label("E-mail"))
    piet.type(f"{email}\t{PASSWORD}\n")
    account = page.get_by_role("link", name="Brightwater Marina")
    expect(account).to_be_visible()
    piet.read()
    piet.click(account)
    for title, quantity in chosen:
        expect(page.get_by_role("heading", level=1)).to_have_text("Order New Device")
        piet.read()
        if quantity == "1":
            piet.click(page.get_by_role("button", name=f"Add to Basket: {title}", exact=True))
        else:
            piet.replace(page.get_by_label(f"How many: {title}", exact=True), f"{quantity}\n")
        expect(page.get_by_label(f"Quantity of {title}", exact=True)).to_have_value(quantity)
        piet.read()


# ---- What goes wrong


def test_going_back_and_forth_loses_nothing(shop: Shop, piet: Page) -> None:
    begin(piet, shop, "T54W", at="information")
    piet.get_by_label("Attention").fill("Front desk")
    piet.get_by_label("Notify").fill("not an address")
    # Back is never barred, and by the steps one leaves as by a button.
    press(piet, "Choose")
    press(piet, "Create Order")
    expect(piet.get_by_label("Attention")).to_have_value("Front desk")
    expect(piet.get_by_label("Notify")).to_have_value("not an address")
    press(piet, "Continue to Employee Information")
    expect(piet.get_by_role("alert")).to_contain_text("“not” is not an e-mail address.")
    piet.get_by_label("Notify").fill("tom@example.com")
    press(piet, "Continue to Employee Information")
    piet.get_by_label("Employee Name").fill("Dana Reed")
    press(piet, "Ordering Information & Notes")
    press(piet, "Employee Information")
    expect(piet.get_by_label("Employee Name")).to_have_value("Dana Reed")
    # By the browser's own Back, what was not even sent.
    piet.get_by_label("Employee Number").fill("E-99")
    piet.reload()
    expect(piet.get_by_text("What you had typed is back.")).to_be_visible()
    press(piet, "Edit")
    expect(piet.get_by_role("heading", level=1)).to_have_text("Order New Device")
    piet.go_back()
    expect(piet.get_by_label("Employee Number")).to_have_value("E-99")
    press(piet, "Continue to Confirm Order")
    expect(piet.get_by_text("Dana Reed · E-99")).to_be_visible()
    confirm(piet)


def test_what_was_typed_is_there_again_by_whatever_way_one_left(shop: Shop, piet: Page) -> None:
    begin(piet, shop, "T54W")
    step = go(piet, shop, "employees").url
    name = piet.get_by_label("Employee Name")
    ways = {
        "the menu": lambda: piet.get_by_role("link", name="Devices", exact=True).click(),
        "the breadcrumb": lambda: press(piet, "Brightwater Marina"),
        "Back": piet.go_back,
        "an address": lambda: piet.goto(step.split("/ordering")[0] + "/devices/"),
    }
    for way, leave in ways.items():
        name.fill(f"Left by {way}")
        leave()
        expect(piet.get_by_role("heading", level=1)).not_to_have_text("Employee Information")
        piet.goto(step)
        expect(name).to_have_value(f"Left by {way}")
    # In another tab meanwhile: neither is lost, and whoever is later decides.
    other = piet.context.new_page()
    other.goto(step)
    other.get_by_label("Employee Name").fill("Dana Reed")
    press(other, "Ordering Information & Notes")
    name.fill("Tom Hale")
    press(piet, "Continue to Confirm Order")
    expect(piet.get_by_role("alert")).to_contain_text("changed in another window")
    expect(name).to_have_value("Tom Hale")
    other.close()


def test_two_tabs_of_one_basket(shop: Shop, piet: Page) -> None:
    begin(piet, shop, "IP17")
    other = piet.context.new_page()
    other.goto(piet.url)
    add(piet, shop, "Yealink T54W")
    # What the other tab shows is old; what it changes is laid over what is there.
    other.get_by_label("Color of Apple iPhone 17").select_option("Sage")
    expect(basket(other)).to_contain_text("Yealink T54W")
    press(other, "Create Order")
    press(other, "Continue to Employee Information")
    press(other, "Continue to Confirm Order")
    # Confirmed is what was seen, nothing that came in between.
    add(piet, shop, "Samsung Galaxy A57")
    press(other, "Confirm Order Items")
    expect(other.get_by_role("alert")).to_contain_text("has changed since this page was opened")
    expect(other.get_by_role("main")).to_contain_text("Samsung Galaxy A57")
    confirm(other)
    # The first tab finds the basket confirmed.
    press(piet, "Create Order")
    expect(piet.get_by_text("There is nothing in the basket yet.")).to_be_visible()
    assert [line.sku for line in the_order().lines] == ["IP17", "T54W", "GA57"]
    other.close()


def test_two_tabs_add_and_go_on_at_once(shop: Shop, piet: Page) -> None:
    begin(piet, shop, "IP17")
    other = piet.context.new_page()
    other.goto(piet.url)
    # Each adds to what is there, also where its page is old.
    for tab in (piet, other):
        press(tab, "Add to Basket: Yealink T54W")
        expect(tab.get_by_role("status").filter(has_text="Added Yealink T54W")).to_be_visible()
    expect(other.get_by_label("Quantity of Yealink T54W")).to_have_value("2")
    for tab, attention in ((piet, "Anna"), (other, "Bert")):
        go(tab, shop, "information")
        tab.get_by_label("Attention").fill(attention)
    press(piet, "Continue to Employee Information")
    expect(piet.get_by_role("heading", level=1)).to_have_text("Employee Information")
    press(other, "Continue to Employee Information")
    expect(other.get_by_role("alert")).to_contain_text("changed in another window meanwhile")
    expect(other.get_by_label("Attention")).to_have_value("Bert")
    expect(other.locator("#attention-error")).to_have_text("In the other window: “Anna”.")
    press(other, "Continue to Employee Information")
    press(other, "Continue to Confirm Order")
    confirm(other)
    order = the_order()
    assert (order.attention, [(line.sku, line.quantity) for line in order.lines]) == (
        "Bert",
        [("IP17", 1), ("T54W", 2)],
    )
    other.close()


def test_a_session_that_ends_in_the_middle_keeps_what_was_typed(site: Site, shop: Shop, piet: Page) -> None:
    begin(piet, shop, "T54W", at="information")
    piet.get_by_label("Attention").fill("Front desk")
    piet.get_by_label("Notes for the distributor").fill("Ring twice.\nThen wait.")
    piet.get_by_label("Shipping Location").select_option("")
    db.session.execute(delete(SignIn))
    db.session.commit()
    press(piet, "Continue to Employee Information")
    expect(piet.get_by_text("Please sign in")).to_be_visible()
    piet.get_by_role("main").get_by_role("link").first.click()
    piet.get_by_label("E-mail").fill(db.session.get(Person, site.world.piet.id).email)
    db.session.rollback()
    piet.get_by_label("Password", exact=True).fill(PASSWORD)
    press(piet, "Sign in")
    # Back at the very step, everything typed is there again.
    expect(piet.get_by_role("heading", level=1)).to_have_text("Ordering Information & Notes")
    expect(piet.get_by_text("What you had typed is back.")).to_be_visible()
    expect(piet.get_by_label("Attention")).to_have_value("Front desk")
    expect(piet.get_by_label("Notes for the distributor")).to_have_value("Ring twice.\nThen wait.")
    expect(piet.get_by_label("Shipping Location")).to_have_value("")
    press(piet, "Continue to Employee Information")
    press(piet, "Continue to Confirm Order")
    confirm(piet)
    assert the_order().attention == "Front desk"


def test_a_double_click_confirms_one_order(shop: Shop, piet: Page) -> None:
    begin(piet, shop, "T54W", at="confirm")
    piet.get_by_role("button", name="Confirm Order Items").dblclick()
    piet.wait_for_url(ORDERED)
    assert the_order()


def test_a_basket_is_deleted_once_one_has_said_so(shop: Shop, piet: Page) -> None:
    begin(piet, shop, "T54W")
    press(piet, "Delete basket")
    press(piet, "Go back")
    expect(basket(piet)).to_contain_text("Yealink T54W")
    press(piet, "Delete basket")
    piet.get_by_role("dialog").get_by_role("button", name="Delete basket").click()
    expect(piet.get_by_role("status").filter(has_text="Deleted the basket")).to_be_visible()
    expect(basket(piet)).to_contain_text("Nothing in it yet")


# tests/acceptance presses the same buttons, and has no scripts either.
@pytest.mark.full
def test_all_of_it_works_without_scripts(site: Site, shop: Shop, piet: Page, browser: Browser) -> None:
    context = browser.new_context(java_script_enabled=False, storage_state=piet.context.storage_state())
    page = context.new_page()
    page.goto(site.url)
    page.get_by_label("Which account is it for?").fill("Brightwater Marina")
    page.keyboard.press("Enter")
    page.get_by_role("article").filter(has_text="iPhone").get_by_label("24 months").check()
    press(page, "Select Apple iPhone 17")
    page.get_by_label("Quantity of Apple Silicone case").fill("1")
    press(page, "Update prices")
    expect(page.locator("[data-sum-now]")).to_have_text("€ 128.00")
    press(page, "Add to Basket")
    page.get_by_label("Color of Apple iPhone 17").select_option("Sage")
    press(page, "Create Order")
    press(page, "Continue to Employee Information")
    page.get_by_label("Select the employee").fill("aoife")
    press(page, "Fill in")
    expect(page.get_by_label("Employee Name")).to_have_value("Aoife Brennan")
    press(page, "Continue to Confirm Order")
    confirm(page)
    assert the_order().lines[0].color == "Sage"
    context.close()


# ---- How it looks


def test_every_step_is_accessible_and_fits(shop: Shop, piet: Page, looks: set[int]) -> None:
    shop.world.a_device(shop.account, item=shop.phone)
    line = shop.line(200, contract_ends_on=utcnow().date() + timedelta(days=9)).id
    begin(piet, shop, "IP17", "WH62")
    # The others are among the pages of the walk over every page.
    walked = ("new", "upgrade", "information", "employees", "confirm")
    for part in ("new?spare=1", f"device?item=IP17&line={line}", "accessories", *(walked if FULL else ())):
        go(piet, shop, part)
        assert faults_in_turn(piet, looks, part) == [], part
