"""The decision desk in a real browser: what others do, menus, keys."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Dialog, Page, Route, expect

from hwadmin.db.unit_of_work import transact
from hwadmin.domain.permissions import Role
from hwadmin.models import Person
from hwadmin.operations.orders.decisions import approve_order
from tests.browser.conftest import Site
from tests.browser.inspection import contrast_violations, document_violations

# What a page waits between two questions, and a little more.
ONE_ROUND = 4500


@pytest.fixture
def ada(site: Site, page_of: Callable[[Person], Page]) -> Page:
    return page_of(site.world.ada)


def approved_by_noor(site: Site, order_id: int) -> None:
    noor = site.world.a_person("Noor Haddad", Role.SUPER_ADMIN).actor
    transact(lambda: approve_order(noor, order_id))


# ---- What others do


@pytest.mark.parametrize("where", ["list", "order"])
def test_a_change_by_another_is_seen_within_five_seconds(site: Site, ada: Page, where: str) -> None:
    order, other = site.world.an_order(), site.world.an_order()
    ada.clock.install()
    with ada.expect_response("**/orders/changes"):
        ada.goto(f"{site.url}/orders/" + (order.reference if where == "order" else ""))
    expect(ada.locator(".side .count-badge").first).to_have_text("2 waiting")
    approved_by_noor(site, order.id)
    ada.clock.fast_forward(ONE_ROUND)
    line = ada.locator(".live-line")
    expect(line).to_contain_text("Noor Haddad: order approved.")
    expect(ada.locator(".side .count-badge").first).to_have_text("1 waiting")
    if where == "order":
        # What happens to another order is none of this page's business.
        ada.clock.fast_forward(ONE_ROUND)
        transact(lambda: approve_order(site.world.ada.actor, other.id))
        ada.clock.fast_forward(ONE_ROUND)
    ada.get_by_role("button", name="Show").click()
    expect(line).to_have_count(0)
    expect(ada.get_by_role("main")).not_to_contain_text(order.reference if where == "list" else "Reject…")


def test_two_tabs_ask_once(site: Site, ada: Page) -> None:
    asked: list[Page] = []
    ada.context.on(
        "request", lambda request: asked.append(request.frame.page) if "/changes" in request.url else None
    )
    ada.clock.install()
    second = ada.context.new_page()
    for tab in (ada, second):
        with tab.expect_response("**/orders/changes"):
            tab.goto(f"{site.url}/orders/")
    # Not by wait_for_function: from its second look on, it asks for what the pages' policy refuses.
    ada.evaluate(
        """async () => {
          let all;
          do all = await navigator.locks.query();
          while (!all.held.length || !all.pending.length);
        }"""
    )
    asked.clear()
    order = site.world.an_order()
    approved_by_noor(site, order.id)
    # One clock for both.
    ada.clock.fast_forward(ONE_ROUND)
    for tab in (ada, second):
        expect(tab.locator(".live-line")).to_contain_text("Noor Haddad")
    # On a busy machine it asks more than once meanwhile.
    assert len(set(asked)) == 1


# ---- Menus


def test_the_click_that_closes_a_menu_does_nothing_else(site: Site, ada: Page) -> None:
    order = site.world.an_order()
    ada.goto(f"{site.url}/orders/")
    ada.locator("summary", has_text="Export").click()
    row = ada.locator("tbody tr", has_text=order.reference)
    row.get_by_text("Northwind Voice").click()
    expect(ada.locator("details.menu[open]")).to_have_count(0)
    assert ada.url.endswith("/orders/")
    row.get_by_text("Northwind Voice").click()
    ada.wait_for_url(f"**/orders/{order.reference}")


# ---- The list


def test_ten_of_sixteen_are_approved_by_keyboard_without_leaving_the_list(site: Site, ada: Page) -> None:
    orders = [site.world.an_order() for _ in range(16)]
    ada.goto(f"{site.url}/orders/")
    left: list[str] = []
    ada.on("framenavigated", lambda frame: left.append(frame.url))
    keys = 0

    def press(key: str) -> None:
        nonlocal keys
        ada.keyboard.press(key)
        keys += 1

    for number in range(10):
        press("j")
        press("x")
        expect(ada.locator(".selection-bar")).to_contain_text(f"{number + 1} selected")
    press("a")
    expect(ada.locator("tbody tr")).to_have_count(6)
    note = ada.locator(".desk-messages")
    expect(note).to_contain_text("Approved HW-")
    assert keys <= 25
    assert left == []
    # All of it can be taken back at once.
    note.get_by_role("button", name="Undo").click()
    expect(ada.locator("tbody tr")).to_have_count(16)
    expect(note).to_contain_text("Pending approval again")
    assert left == []
    assert all(ada.get_by_text(order.reference).count() for order in orders)


def test_approving_from_a_row_keeps_one_on_the_list_and_can_be_undone(site: Site, ada: Page) -> None:
    first, second = site.world.an_order(), site.world.an_order()
    ada.goto(f"{site.url}/orders/?platform={site.world.northwind.id}")
    ada.keyboard.press("j")
    ada.keyboard.press("a")
    note = ada.locator(".desk-messages")
    expect(note).to_contain_text(f"{first.reference} is approved.")
    expect(ada.locator("tbody tr")).to_have_count(1)
    assert "platform=" in ada.url
    # One is at the next order now.
    expect(ada.locator(":focus")).to_have_text(second.reference)
    note.get_by_role("button", name="Undo").click()
    expect(ada.locator("tbody tr")).to_have_count(2)
    note.get_by_role("link", name=first.reference).click()
    expect(ada.get_by_role("main")).to_contain_text("Pending approval")
    expect(ada.get_by_role("main")).to_contain_text("Approved by mistake.")


def test_keys_do_nothing_while_one_types_and_are_listed(site: Site, ada: Page) -> None:
    order = site.world.an_order()
    ada.goto(f"{site.url}/orders/")
    box = ada.locator("#search-everything")
    box.focus()
    ada.keyboard.type("/jax?")
    expect(box).to_have_value("/jax?")
    expect(ada.locator("dialog")).to_have_count(0)
    ada.locator("tbody a", has_text=order.reference).focus()
    ada.keyboard.press("?")
    expect(ada.get_by_role("dialog", name="Keys")).to_contain_text("Next order")
    ada.keyboard.press("Escape")
    expect(ada.locator("dialog")).to_have_count(0)


def test_the_palette_acts_goes_and_finds(site: Site, ada: Page) -> None:
    order = site.world.an_order(account=site.world.an_account(name="Riverside Clinic"))
    ada.goto(f"{site.url}/orders/{order.reference}")
    ada.keyboard.press("Control+k")
    palette = ada.get_by_role("dialog", name="Commands and search")
    field, options = palette.get_by_role("combobox"), palette.get_by_role("option")
    expect(field).to_be_focused()
    assert document_violations(ada) == []
    assert contrast_violations(ada, set()) == []
    expect(options.first).to_have_text("Approve a")
    # What the page offers, also behind More; what is typed goes to the field alone.
    ada.keyboard.type("manually")
    expect(options.first).to_have_text("Mark as ordered manually… p")
    expect(options.first).to_have_attribute("aria-selected", "true")
    ada.keyboard.press("Enter")
    ada.wait_for_url("**/mark-ordered")
    # A form is acted on, too, and the place where one was is kept where one changes one's mind.
    ada.go_back()
    ada.keyboard.press("/")
    # The palette is loaded when it is wanted first.
    expect(field).to_be_focused()
    ada.keyboard.press("Escape")
    expect(palette).to_have_count(0)
    ada.keyboard.press("/")
    expect(field).to_be_focused()
    ada.keyboard.type("appro")
    expect(options.first).to_have_text("Approve a")
    ada.keyboard.press("Enter")
    expect(ada.locator(".notice-success")).to_contain_text(f"{order.reference} is approved.")
    # A line of the menu, by arrows; and what the search finds.
    ada.get_by_role("button", name="Commands and search").click()
    field.fill("riverside")
    found = palette.get_by_role("group", name="Found")
    expect(found.get_by_role("option", name="Riverside Clinic · account")).to_be_visible()
    ada.keyboard.press("ArrowDown")
    ada.keyboard.press("Enter")
    ada.wait_for_url(f"**/accounts/{order.account_id}/")
    ada.keyboard.press("Control+k")
    field.fill("cata")
    ada.keyboard.press("Enter")
    ada.wait_for_url("**/catalog/")


def test_a_key_pressed_the_moment_the_palette_is_gone_is_for_the_page(site: Site, ada: Page) -> None:
    ada.goto(f"{site.url}/orders/")
    palette = ada.get_by_role("dialog", name="Commands and search")
    ada.keyboard.press("/")
    expect(palette.get_by_role("combobox")).to_be_focused()
    # Before the browser draws the page without it.
    ada.evaluate(
        """() => { for (const key of ["Escape", "?"]) {
            document.activeElement.dispatchEvent(
                new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }));
        } }"""
    )
    expect(ada.get_by_role("dialog", name="Keys")).to_be_visible()


def test_what_is_typed_before_the_palette_is_there_is_for_it_and_no_key_of_the_page(
    site: Site, ada: Page
) -> None:
    order = site.world.an_order()
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    ada.route("**/palette.*js", hold)
    ada.goto(f"{site.url}/orders/{order.reference}")
    with ada.expect_request("**/palette.*js"):
        ada.keyboard.press("/")
    ada.keyboard.type("raxp")
    ada.keyboard.press("Backspace")
    held[0].continue_()
    expect(ada.get_by_role("dialog", name="Commands and search").get_by_role("combobox")).to_have_value("rax")
    expect(ada).to_have_url(re.compile(f"{order.reference}$"))
    expect(ada.get_by_role("main")).to_contain_text("Pending approval")


def test_what_appears_on_a_row_covers_nothing(site: Site, ada: Page) -> None:
    order = site.world.an_order()
    ada.goto(f"{site.url}/orders/")
    row = ada.locator("tbody tr", has_text=order.reference)
    row.hover()
    ordered, first = row.locator("time").bounding_box(), row.locator(".row-actions a").first.bounding_box()
    assert ordered is not None
    assert first is not None
    assert ordered["x"] + ordered["width"] <= first["x"]


# ---- The order


def test_orders_are_approved_one_after_the_other(site: Site, ada: Page) -> None:
    orders = [site.world.an_order() for _ in range(3)]
    ada.goto(f"{site.url}/orders/?platform={site.world.northwind.id}")
    ada.locator("tbody a", has_text=orders[0].reference).click()
    expect(ada.locator("[data-neighbours]")).to_contain_text("1 of 3")
    ada.get_by_role("button", name="Approve and next").click()
    ada.wait_for_url(f"**/{orders[1].reference}")
    expect(ada.locator(".notice-success")).to_contain_text(f"{orders[0].reference} is approved.")
    ada.get_by_role("link", name="Next ›").click()
    ada.wait_for_url(f"**/{orders[2].reference}")
    expect(ada.get_by_role("button", name="Approve and next")).to_have_count(0)
    ada.get_by_role("navigation", name="Breadcrumb").get_by_role("link").click()
    ada.wait_for_url("**/orders/?*platform=*")


def test_totals_follow_what_one_types_and_approving_saves_it(site: Site, ada: Page) -> None:
    order = site.world.an_order(lines=[("deskphone", 2)])
    phone = site.world.item("deskphone").title
    ada.goto(f"{site.url}/orders/{order.reference}")
    total, bar = ada.locator("[data-order-total]"), ada.locator("[data-unsaved]")
    expect(total).to_have_text("€ 200.00")
    expect(bar).to_be_hidden()
    ada.get_by_role("button", name=f"One more: Quantity of {phone}").click()
    expect(total).to_have_text("€ 300.00")
    expect(bar).to_contain_text("Unsaved changes")
    ada.get_by_role("button", name="Discard").click()
    expect(total).to_have_text("€ 200.00")
    expect(bar).to_be_hidden()
    # Nothing is unsaved: one leaves without being asked.
    questions: list[str] = []

    def answer(dialog: Dialog) -> None:
        questions.append(dialog.type)
        dialog.accept()

    ada.on("dialog", answer)
    ada.reload()
    assert questions == []
    ada.get_by_label(f"Quantity of {phone}", exact=True).fill("5")
    ada.get_by_role("button", name="Approve").click()
    # It asks once, and does both.
    ada.get_by_role("button", name="Save and approve").click()
    expect(ada.locator(".notice-success")).to_contain_text("are saved. The order is approved.")
    expect(ada.get_by_role("main")).to_contain_text("€ 500.00")


def test_what_can_be_done_has_its_place(site: Site, ada: Page) -> None:
    order = site.world.an_order()
    ada.goto(f"{site.url}/orders/{order.reference}")
    shown = ada.locator(".order-actions > :is(a, form, details)")
    assert [text.split("\n")[0] for text in shown.all_inner_texts()] == ["More", "Reject…", "Approve"]
    ada.locator(".order-actions summary").click()
    expect(ada.locator(".order-actions .menu-list")).to_contain_text("Mark as ordered manually…")
    ada.keyboard.press("Escape")
    ada.keyboard.press("r")
    ada.wait_for_url("**/reject")
