"""The account form in a browser: what appears as one types, and what is sent in the end."""

from __future__ import annotations

import random
import re
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page, expect
from sqlalchemy import func, select

from hwadmin.db.extensions import db
from hwadmin.domain.device_kinds import Kind
from hwadmin.domain.permissions import Role
from hwadmin.models import Account, HardwareOrder
from hwadmin.queries.orders.warnings import WarningLine, order_warnings
from hwadmin.queries.units.units import units_of
from tests.browser.conftest import PASSWORD, Site
from tests.browser.inspection import faults_in_turn

NEW = "/accounts/new-with-hardware"
BASE, HANDSET, PHONE, HEADSET = "W70B", "W73H", "T54W", "E50"


@pytest.fixture
def form(site: Site, page: Page) -> Page:
    """Piet, signed in, at the empty form."""
    for kind, sku in zip(
        (Kind.DECT_BASE, Kind.DECT_HANDSET, Kind.DESKPHONE, Kind.ACCESSORY),
        (BASE, HANDSET, PHONE, HEADSET),
        strict=True,
    ):
        site.world.an_item(kind, sku=sku)
    site.open_session(page, site.world.piet)
    page.goto(site.url + NEW)
    return page


def add(page: Page, what: str) -> None:
    page.get_by_role("button", name=f"Add another {what}").click()


def choose(page: Page, line: int, sku: str, quantity: int = 1) -> None:
    page.locator(f"#lines-{line}-sku").select_option(sku)
    field = page.locator(f"#lines-{line}-quantity")
    field.fill(str(quantity))
    field.blur()


def units_box(page: Page, line: int) -> Locator:
    """The units of a line item, below Employee Information."""
    return page.locator(f"[data-units-of='{line}']")


def open_units(page: Page, line: int) -> None:
    if units_box(page, line).get_attribute("open") is None:
        units_box(page, line).locator("summary").click()


def options(page: Page, id_: str) -> list[str]:
    return page.locator(f"#{id_} option").all_inner_texts()


def count(model: Any) -> int:
    """How many there are; looking must not keep the site's writers waiting."""
    try:
        return db.session.execute(select(func.count(model.id))).scalar_one()
    finally:
        db.session.rollback()


def book(page: Page, unit: str, *shares: tuple[str, str]) -> None:
    """Type what a unit is booked on: code and share of each row; the next row comes as one types."""
    for row, (code, percent) in enumerate(shares):
        page.locator(f"#{unit}-code-{row}").fill(code)
        page.locator(f"#{unit}-percent-{row}").fill(percent)


def the_marina(page: Page) -> None:
    """Everything filled in, as one does: rows added, units opened, plans chosen."""
    page.get_by_label("Account name").fill("Brightwater Marina")
    page.locator("#locations-0-name").fill("Harbour office")
    add(page, "location")
    page.locator("#locations-1-name").fill("Workshop")
    page.locator("#employees-0-name").fill("Aoife Brennan")
    add(page, "employee")
    page.locator("#employees-1-name").fill("Tom Hale")
    choose(page, 0, BASE)
    page.locator("#lines-0-units-1-location").select_option(label="Workshop")
    add(page, "line item")
    choose(page, 1, HANDSET, 12)
    open_units(page, 1)
    page.locator("#lines-1-units-1-employee").select_option(label="Tom Hale")
    page.locator("#lines-1-units-12-base").select_option(label="W70B #1")
    book(page, "lines-1-units-1", ("4711", "60"), ("4712", "40"))
    page.get_by_label("Shipping Location").select_option(label="Harbour office")


def test_what_is_typed_becomes_an_account_and_a_pending_order_and_the_next_form_is_empty(
    site: Site, form: Page
) -> None:
    the_marina(form)
    form.get_by_role("button", name="Create account and submit order").click()
    form.wait_for_url(re.compile("/orders/HW-"))
    expect(form.get_by_role("status").filter(has_text="Created Brightwater Marina")).to_be_visible()
    (order,) = db.session.scalars(select(HardwareOrder))
    assert [site.name for site in order.account.locations] == ["Harbour office", "Workshop"]
    assert order.ship_to is not None
    assert order.ship_to.name == "Harbour office"
    units = units_of(order.id)
    assert [(units[0].label, units[0].location_name)] == [("W70B #1", "Workshop")]
    assert [unit.employee_name for unit in units[1:]] == ["Tom Hale", *[None] * 11]
    assert [unit.base_unit_id for unit in units[1:]] == [*[None] * 11, units[0].id]
    booked = [{"code": "4711", "percent": "60"}, {"code": "4712", "percent": "40"}]
    assert [unit.accounting_codes for unit in units[1:]] == [booked, *[None] * 11]
    db.session.rollback()
    form.go_back()
    expect(form.get_by_label("Account name")).to_have_value("")
    assert count(Account) == 1


def test_people_places_and_bases_can_be_chosen_as_soon_as_they_are_typed(form: Page) -> None:
    choose(form, 0, PHONE)
    assert options(form, "lines-0-units-1-employee") == ["–"]
    form.locator("#employees-0-name").fill("Aoife Brennan")
    form.locator("#employees-0-employee_number").fill("17")
    form.locator("#locations-0-name").fill("Workshop")
    expect(form.locator("#lines-0-units-1-employee option")).to_have_text(["–", "Aoife Brennan · 17"])
    expect(form.locator("#lines-0-units-1-location option")).to_have_text(["–", "Workshop"])
    expect(form.locator("#ship_to option")).to_have_text(["Choose a location…", "Workshop"])
    form.locator("#lines-0-units-1-employee").select_option(label="Aoife Brennan · 17")
    # Typing the name anew keeps the choice; taking the row away takes it along.
    form.locator("#employees-0-name").fill("")
    form.locator("#employees-0-name").fill("Aoife Byrne")
    expect(form.locator("#lines-0-units-1-employee option:checked")).to_have_text("Aoife Byrne · 17")
    form.get_by_role("button", name="Remove employee 1").click()
    expect(form.locator("#lines-0-units-1-employee option")).to_have_text(["–"])


def test_each_kind_is_asked_only_what_makes_sense(form: Page) -> None:
    asked = {}
    for sku in (BASE, HANDSET, PHONE, HEADSET):
        choose(form, 0, sku)
        expect(units_box(form, 0).locator(".unit")).to_have_count(1)
        asked[sku] = units_box(form, 0).locator(".plan label, .codes-label").all_inner_texts()
    assert asked == {
        BASE: ["Location"],
        HANDSET: ["Employee", "Accounting code", "Base"],
        PHONE: ["Employee", "Accounting code", "Location"],
        HEADSET: ["Employee", "Accounting code"],
    }


def test_codes_are_booked_in_shares_and_offered_to_the_other_units(form: Page) -> None:
    choose(form, 0, PHONE, 2)
    expect(form.locator("#lines-0-units-1-code-1")).to_be_hidden()
    book(form, "lines-0-units-1", ("4711", "60"), ("4712", "30"))
    unit = units_box(form, 0).locator(".unit").first
    expect(unit).to_contain_text("The shares make 90 %; they must make 100 %.")
    expect(form.locator("#codes option")).to_have_count(2)
    form.get_by_label("Account name").fill("Pelican Freight")
    form.get_by_role("button", name="Create account and submit order").click()
    form.get_by_role("alert").get_by_role("link", name="Line item 1, unit 1, accounting codes").click()
    expect(form.locator("#lines-0-units-1-code-0")).to_be_focused()
    expect(form.locator("#lines-0-units-1-percent-1")).to_have_value("30")
    assert count(Account) == 0


def test_on_a_phone_the_steps_lead_to_their_parts_and_say_where_one_types(form: Page) -> None:
    form.set_viewport_size({"width": 390, "height": 844})
    choose(form, 0, PHONE)
    steps = form.get_by_role("navigation", name="Steps of the order").get_by_role("link")
    assert steps.count() == 5
    for step in steps.all():
        box = step.bounding_box()
        assert box
        assert min(box["width"], box["height"]) >= 44, step.inner_text()
    for name in ("Employee Information", "Confirm Order", "Ordering Information & Notes"):
        steps.filter(has_text=name).click()
        expect(form.get_by_role("heading", name=name)).to_be_in_viewport()
        expect(form.locator(".order-steps > [aria-current]")).to_have_text(name)
    form.locator("#lines-0-quantity").focus()
    expect(form.locator(".order-steps > [aria-current]")).to_have_text("Choose")
    form.locator(".total-bar").get_by_role("link", name="Confirm").click()
    expect(form.get_by_role("heading", name="Confirm Order")).to_be_in_viewport()


def test_totals_and_warnings_follow_what_is_typed(form: Page) -> None:
    warning = form.locator("[data-warnings]")
    expect(form.get_by_role("button", name="Create account", exact=True)).to_be_visible()
    expect(form.get_by_text("is pending approval until")).to_be_hidden()
    choose(form, 0, HANDSET, 12)
    expect(form.get_by_text("is pending approval until")).to_be_visible()
    expect(warning).to_contain_text("12 handsets, but no base")
    add(form, "line item")
    choose(form, 1, BASE)
    expect(warning).to_contain_text("12 handsets, but Yealink W70B takes 10: two will be left")
    expect(form.locator("[data-sum-now]")).to_have_text("€ 1,300.00")
    form.locator("#lines-1").get_by_role("button", name="One more").click()
    expect(warning).to_contain_text("12 handsets without a chosen base, and two bases")
    expect(form.locator("[data-sum-now]")).to_have_text("€ 1,400.00")
    expect(form.get_by_role("button", name="Create account and submit order")).to_be_visible()
    form.get_by_role("button", name="Remove line item 1").click()
    expect(warning).to_be_hidden()


def test_a_variant_is_chosen_of_each_line_and_its_price_follows(site: Site, form: Page) -> None:
    for sku, color in (("BLACK", "Black"), ("SAGE", "Sage")):
        item = site.world.an_item(Kind.MOBILE, sku=sku, color=color, mobile_carrier="KPN")
        for term, now, monthly in ((0, "899.00", "0"), (24, "99.00", "19.00")):
            site.world.a_price(item, "256 GB", term, now, monthly)
    form.reload()
    form.get_by_label("Account name").fill("Brightwater Marina")
    choose(form, 0, "BLACK", 2)
    # A single size is nothing to choose.
    expect(form.locator("#lines-0-size")).to_be_hidden()
    expect(form.locator("#lines-0 [data-total]")).to_have_text("€ 1,798.00")
    add(form, "line item")
    choose(form, 1, "BLACK")
    form.locator("#lines-1-color").select_option("Sage")
    form.locator("#lines-1-term").select_option("24")
    expect(form.locator("#lines-1 [data-total]")).to_have_text("€ 99.00")
    expect(form.locator("#lines-1 [data-total-month]")).to_have_text("+ € 19.00 a month")
    expect(form.locator("[data-sums] dt").last).to_contain_text("256 GB · Sage · 24 months · KPN")
    expect(form.locator(".order-summary [data-sum-month]")).to_have_text("€ 19.00")
    form.get_by_role("button", name="Create account and submit order").click()
    expect(form.locator("main")).to_contain_text("256 GB · Sage · 24 months · KPN")
    expect(form.locator("main")).to_contain_text("256 GB · Black · KPN")


def test_the_browser_warns_in_the_words_of_the_server(form: Page) -> None:
    chance = random.Random(7)
    kinds = {
        "W70B": ("dect_base", "Yealink", 10),
        "N610": ("dect_base", "Gigaset", 8),
        "M700": ("dect_base", "Snom", None),
        "W73H": ("dect_handset", "Yealink", None),
        "S700": ("dect_handset", "Gigaset", None),
        "R7": ("dect_handset", "Spectralink", None),
        "T54W": ("deskphone", "Yealink", None),
    }
    cases = []
    for _ in range(400):
        models = chance.sample(sorted(kinds), chance.randint(0, 5))
        lines = []
        for model in models:
            kind, make, most = kinds[model]
            quantity = chance.choice([1, 1, 2, 3, 8, 12, 40, 1200])
            if kind == "dect_base":
                quantity = min(quantity, 12)
            chosen = [chance.choice([None, 1, 2, 3, 30]) for _ in range(chance.choice([0, quantity]))]
            lines.append(WarningLine(Kind(kind), make, model, quantity, most, chosen_bases=chosen))
        cases.append(lines)
    shown = form.evaluate(
        """async cases => {
            const { orderWarnings } = await import("/static/order_warnings.js");
            return cases.map(orderWarnings);
        }""",
        [
            [
                {
                    "kind": line.kind.value,
                    "title": line.title,
                    "make": line.make,
                    "quantity": line.quantity,
                    "most": line.max_handsets,
                    "chosen": list(line.chosen_bases),
                }
                for line in lines
            ]
            for lines in cases
        ],
    )
    expected = [order_warnings(lines) for lines in cases]
    assert shown == expected
    assert len({sentence for warnings in expected for sentence in warnings}) > 100


def values(page: Page) -> dict[str, str]:
    """Everything on the form, by name; how many blank rows there are for further codes does not matter."""
    found = page.evaluate("[...new FormData(document.querySelector('[data-account-form]'))]")
    further = re.compile("units-[0-9]+-(code|percent)-")
    return {
        name: value for name, value in found if name != "csrf_token" and (value or not further.search(name))
    }


def leave_and_come_back(page: Page) -> None:
    page.once("dialog", lambda dialog: dialog.accept())
    page.get_by_role("link", name="Devices").first.click()
    page.wait_for_url("**/devices/")
    page.go_back()
    expect(page.locator("#lines-1-quantity")).to_have_value("12")


def test_what_was_typed_is_there_again_after_back_with_all_its_rows(form: Page) -> None:
    the_marina(form)
    before = values(form)
    leave_and_come_back(form)
    assert values(form) == before
    form.get_by_role("button", name="Create account and submit order").click()
    form.wait_for_url(re.compile("/orders/HW-"))
    assert count(HardwareOrder) == 1


def test_what_was_typed_survives_a_session_that_ends_before_it_is_sent(site: Site, form: Page) -> None:
    the_marina(form)
    before = values(form)
    other = form.context.new_page()
    other.goto(site.url)
    other.get_by_role("button", name="Sign out").click()
    other.wait_for_url("**/sign-in*")
    form.get_by_role("button", name="Create account and submit order").click()
    form.get_by_role("link", name="Sign in").click()
    form.get_by_label("E-mail").fill(site.world.piet.email)
    form.get_by_label("Password", exact=True).fill(PASSWORD)
    form.get_by_role("button", name="Sign in").click()
    expect(form.locator("#lines-1-quantity")).to_have_value("12")
    assert values(form) == before


def test_a_double_click_makes_one_account(form: Page) -> None:
    form.get_by_label("Account name").fill("Pelican Freight")
    form.get_by_role("button", name="Create account").dblclick()
    form.wait_for_url(re.compile(r"/accounts/\d+/"))
    assert count(Account) == 1


def test_a_mistake_keeps_everything_and_can_be_corrected(form: Page) -> None:
    the_marina(form)
    form.locator("#employees-1-email").fill("tom@")
    form.get_by_role("button", name="Create account and submit order").click()
    problems = form.get_by_role("alert")
    expect(problems).to_be_focused()
    problems.get_by_role("link", name="Employee 2, e-mail").click()
    expect(form.locator("#employees-1-email")).to_be_focused()
    expect(form.locator("#employees-1-email")).to_have_value("tom@")
    expect(form.locator("#lines-1-units-1-employee option:checked")).to_have_text("Tom Hale")
    expect(form.locator("#lines-1-units-12-base option:checked")).to_have_text("W70B #1")
    expect(form.locator("#ship_to option:checked")).to_have_text("Harbour office")
    assert count(Account) == 0
    form.locator("#employees-1-email").fill("tom@example.com")
    form.get_by_role("button", name="Create account and submit order").click()
    form.wait_for_url(re.compile("/orders/HW-"))
    assert (count(Account), count(HardwareOrder)) == (1, 1)


def test_two_hundred_phones_stay_folded_and_are_planned_in_order(form: Page) -> None:
    for number, name in enumerate(("Aoife", "Tom", "Dana")):
        if number:
            add(form, "employee")
        form.locator(f"#employees-{number}-name").fill(name)
    form.get_by_label("Account name").fill("Oakridge School")
    choose(form, 0, PHONE, 200)
    expect(units_box(form, 0).locator(".unit:visible")).to_have_count(0)
    expect(units_box(form, 0).locator("summary")).to_contain_text("0 of 200 planned")
    open_units(form, 0)
    expect(units_box(form, 0).locator(".unit")).to_have_count(50)
    form.get_by_role("button", name="Show more units").click()
    expect(units_box(form, 0).locator(".unit")).to_have_count(100)
    form.locator("#lines-0-units-90-employee").select_option(label="Tom")
    book(form, "lines-0-units-90", ("4711", ""))
    form.get_by_role("button", name="One per employee, in order").click()
    expect(units_box(form, 0).locator("summary")).to_contain_text("3 of 200 planned")
    # Fewer and more again: what was planned for the last ones comes back.
    form.locator("#lines-0-quantity").fill("10")
    expect(units_box(form, 0).locator(".unit")).to_have_count(10)
    form.locator("#lines-0-quantity").fill("200")
    expect(form.locator("#lines-0-units-90-employee option:checked")).to_have_text("Tom")
    expect(form.locator("#lines-0-units-90-code-0")).to_have_value("4711")
    form.get_by_role("button", name="Create account and submit order").click()
    form.wait_for_url(re.compile("/orders/HW-"))
    (order,) = db.session.scalars(select(HardwareOrder))
    planned = {unit.number: unit.employee_name for unit in units_of(order.id) if unit.employee_name}
    assert planned == {1: "Aoife", 2: "Dana", 90: "Tom"}


def test_enter_goes_on_and_sends_nothing(form: Page) -> None:
    form.get_by_label("Account name").fill("Half typed")
    form.keyboard.press("Enter")
    expect(form.locator("#locations-0-name")).to_be_focused()
    assert form.url.endswith(NEW)
    assert count(Account) == 0


def test_another_platform_brings_its_catalog_and_keeps_what_was_typed(site: Site, page: Page) -> None:
    world = site.world
    world.an_item(Kind.DESKPHONE, world.northwind, sku="N1", model="T31")
    world.an_item(Kind.DESKPHONE, world.blue_harbor, sku="B1", model="T57W")
    site.open_session(
        page, world.a_person("Mia Okoro", Role.PLATFORM_ADMIN, world.northwind, world.blue_harbor)
    )
    page.goto(site.url + NEW)
    page.get_by_label("Account name").fill("Pelican Freight")
    page.locator("#employees-0-name").fill("Dana")
    page.get_by_label("Platform").select_option(label="Blue Harbor Telecom")
    expect(page.locator("#lines-0-sku option")).to_have_text(["Choose an item…", "Yealink T57W · € 100.00"])
    expect(page.get_by_label("Account name")).to_have_value("Pelican Freight")
    expect(page.locator("#employees-0-name")).to_have_value("Dana")


def test_all_of_it_works_without_scripts(site: Site, form: Page, browser: Browser) -> None:
    context = browser.new_context(java_script_enabled=False, storage_state=form.context.storage_state())
    page = context.new_page()
    page.goto(site.url + NEW)
    page.get_by_label("Account name").fill("Plain Ltd")
    page.locator("#employees-0-name").fill("Dana")
    add(page, "employee")
    expect(page.locator("#employees-1-name")).to_be_focused()
    page.locator("#employees-1-name").fill("Tom")
    page.locator("#lines-0-sku").select_option(HANDSET)
    page.locator("#lines-0-quantity").fill("2")
    page.locator("#lines-0-quantity").press("Enter")
    expect(page.locator("[data-sum-now]")).to_have_text("€ 200.00")
    expect(page.locator("[data-warnings]")).to_contain_text("2 handsets, but no base")
    page.locator("#lines-0-units-1-employee").select_option(label="Tom")
    page.get_by_role("button", name="One per employee, in order").click()
    expect(page.locator("#lines-0-units-2-employee option:checked")).to_have_text("Dana")
    page.get_by_role("button", name="Create account and submit order").click()
    page.wait_for_url(re.compile("/orders/HW-"))
    assert count(HardwareOrder) == 1
    context.close()


def test_the_form_is_accessible_and_fits(form: Page, looks: set[int]) -> None:
    the_marina(form)
    form.locator("#employees-1-email").fill("tom@")
    assert faults_in_turn(form, looks, "filled") == []
    form.get_by_role("button", name="Create account and submit order").click()
    expect(form.get_by_role("alert")).to_be_visible()
    assert faults_in_turn(form, looks, "refused") == []


def test_on_a_small_screen_a_line_is_read_from_its_item_to_its_total(form: Page) -> None:
    form.set_viewport_size({"width": 390, "height": 900})
    choose(form, 0, PHONE, 200)

    def box(selector: str) -> Any:
        return form.locator(f"#lines-0 {selector}").bounding_box()

    item, quantity, price, total = map(box, ("[id$=-sku]", ".stepper", "[data-price]", "[data-total]"))
    assert item["y"] + item["height"] < quantity["y"]
    assert quantity["x"] + quantity["width"] < price["x"] < total["x"]
    assert abs(quantity["y"] - price["y"]) < quantity["height"] > abs(quantity["y"] - total["y"])
    # The whole total stays in sight, wherever one types.
    expect(form.locator(".total-bar")).to_be_in_viewport()
    expect(form.locator(".total-bar")).to_contain_text("€ 20,000.00")
