"""Fulfilling as it is done: boxes, a scanner that types, and no hand free for the mouse."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, Route, expect
from sqlalchemy import func, select

from hwadmin.db.extensions import db
from hwadmin.domain.device_kinds import Kind
from hwadmin.domain.permissions import Role
from hwadmin.identifiers import parse
from hwadmin.identifiers.unit_code import unit_code
from hwadmin.models import AuditEvent, Device, HardwareOrder, Person
from hwadmin.operations.orders.submission.new_order import NewIntent
from hwadmin.queries.units.units import units_of
from tests.browser.conftest import PASSWORD, Site, no_complaint
from tests.browser.inspection import faults_in_turn
from tests.builders import an_identifier

EAN = "6938818306356"
KEYSTROKE = 1  # milliseconds: no wedge scanner types quicker


@pytest.fixture
def ada(site: Site, page_of: Callable[[Person], Page]) -> Page:
    """Ada's browser."""
    return page_of(site.world.ada)


def open_form(site: Site, page: Page, order: HardwareOrder) -> None:
    page.goto(f"{site.url}/orders/{order.reference}/fulfill")
    expect(page.get_by_label("Scan or type")).to_be_focused()


def scan(page: Page, *texts: str) -> None:
    """As a scanner does: every character, then Enter, wherever the page has its focus."""
    for text in texts:
        page.keyboard.type(text, delay=KEYSTROKE)
        page.keyboard.press("Enter")


def settled(page: Page) -> None:
    expect(page.get_by_text("Everything is saved.")).to_be_visible()


def field(page: Page, label: str) -> Locator:
    return page.get_by_role("row", name=label).locator("input.code")


def checked(page: Page, label: str) -> Locator:
    return page.get_by_role("row", name=label).locator("td").last


def result(page: Page) -> Locator:
    """What the page says of the last scan."""
    return page.locator("[data-result]")


def not_taken(page: Page) -> Locator:
    return page.locator("[data-refused] li")


def count(key: Any, *conditions: Any) -> int:
    """How many there are; looking must not keep the site's writers waiting."""
    try:
        return db.session.execute(select(func.count(key)).where(*conditions)).scalar_one()
    finally:
        db.session.rollback()


def identifiers(order: HardwareOrder) -> dict[str, str]:
    try:
        return {unit.label: unit.identifier_shown for unit in units_of(order.id) if unit.device_id}
    finally:
        db.session.rollback()


def shown(kind: str, text: str) -> str:
    identifier_kind = Kind(kind).identifier_kind
    assert identifier_kind is not None
    return parse(identifier_kind, text).display


# ---- Two hundred boxes


# Phones, bases, handsets and mobiles.
@pytest.mark.slow
@pytest.mark.parametrize(
    "numbers",
    [
        (8, 2, 6, 5),
        *(pytest.param(more, marks=pytest.mark.full) for more in ((34, 4, 12, 10), (130, 10, 40, 20))),
    ],
    ids=sum,
)
def test_many_boxes_are_scanned_without_a_mouse_and_all_are_right(
    site: Site, ada: Page, numbers: tuple[int, ...]
) -> None:
    kinds = list(zip(("deskphone", "dect_base", "dect_handset", "mobile"), numbers, strict=True))
    order = site.world.an_order("approved", kinds)
    # Asked once: after a look into the database it would be read anew, and SQLite's writer would wait.
    reference = order.reference
    values = {kind: [an_identifier(kind) for _ in range(number)] for kind, number in kinds}
    sku = site.world.item("deskphone").sku
    phones = values["deskphone"]
    imei = values["mobile"][3][:-1] + str((int(values["mobile"][3][-1]) + 1) % 10)
    wrong = [
        *(EAN, "S/N: 3146019110012345", sku, "3146019110012345", "8931089310893108931"),
        *("610807845126", "ffffffffffff", "0123456789", "https://example.com/setup", imei),
    ]
    # The scans of phones fall into four parts.
    quarter = len(phones) // 4
    twice = phones[quarter]
    repeats = [phones[0], phones[quarter + 1].upper(), ":".join(twice[n : n + 2] for n in range(0, 12, 2))]
    repeats += [values["dect_handset"][0], values["mobile"][0]]
    open_form(site, ada, order)

    scan(ada, *phones[:quarter], *wrong[:3], *phones[quarter : 2 * quarter], *repeats[:3])
    scan(ada, *phones[2 * quarter : 3 * quarter])
    # The battery of the scanner is changed, and somebody reloads the page while answers are on their way.
    ada.reload()
    expect(ada.get_by_label("Scan or type")).to_be_focused()
    scan(ada, *phones[3 * quarter :], wrong[3])
    # The bases are of the same make as the phones: only a person knows which is which.
    ada.keyboard.press("Alt+2")
    scan(ada, *values["dect_base"][:-1], wrong[6], values["dect_base"][-1])
    ada.keyboard.press("Alt+0")
    rest = [*values["dect_handset"], *values["mobile"]]
    scan(ada, *rest[:6], wrong[4], wrong[5], *rest[6:-5], *repeats[3:], *wrong[7:], *rest[-5:])
    settled(ada)

    bar = ada.get_by_role("region", name="Scanning")
    expect(bar).to_contain_text(f"{sum(numbers)} of {sum(numbers)}")
    models = {"deskphone": "T54W", "dect_base": "W70B", "dect_handset": "W73H", "mobile": "iPhone 17"}
    for kind, number in kinds:
        done = f"{models[kind]} {number}/{number}"
        expect(bar.get_by_role("button", name=done)).to_be_visible()
    # Every wrong one and every repeat is named, with the reason.
    named = ada.locator("[data-refused] li code").all_inner_texts()
    assert sorted(named) == sorted([*wrong, *repeats])
    expect(not_taken(ada).filter(has_text=sku)).to_contain_text("part number of T54W")
    expect(not_taken(ada).filter(has_text=repeats[2])).to_contain_text(f"it is in T54W #{quarter + 1}")
    # Nothing was submitted by any Enter.
    assert count(Device.id) == 0
    assert count(AuditEvent.id, AuditEvent.kind == "order.fulfilled") == 0

    ada.keyboard.press("Control+Enter")
    expect(ada.get_by_role("status").first).to_contain_text(
        f"{reference} is fulfilled: {sum(numbers)} devices created"
    )
    assert identifiers(order) == {
        f"{models[kind]} #{number}": shown(kind, value)
        for kind, _ in kinds
        for number, value in enumerate(values[kind], 1)
    }
    assert count(AuditEvent.id, AuditEvent.kind == "order.fulfilled") == 1


# ---- Where a scan goes


def test_a_scan_goes_into_the_box_wherever_the_focus_is(site: Site, ada: Page) -> None:
    order = site.world.an_order("approved", [("deskphone", 3)])
    open_form(site, ada, order)
    ada.get_by_role("heading", level=1).click()
    scan(ada, "805ec0000001")
    ada.get_by_role("button", name="Check", exact=True).focus()
    scan(ada, "805ec0000002")
    # Some scanners end with Tab.
    ada.keyboard.type("805ec0000003", delay=KEYSTROKE)
    ada.keyboard.press("Tab")
    settled(ada)
    for number in (1, 2, 3):
        expect(field(ada, f"T54W #{number}")).to_have_value(f"80:5e:c0:00:00:0{number}")
    expect(result(ada)).to_have_text("✓ 80:5e:c0:00:00:03 → T54W #3")
    expect(ada.get_by_label("Scan or type")).to_have_value("")
    assert ada.url.endswith("/fulfill")


def test_enter_in_a_units_own_field_checks_it_goes_back_to_the_box_and_sends_nothing(
    site: Site, ada: Page
) -> None:
    order = site.world.an_order("approved", [("deskphone", 3)])
    open_form(site, ada, order)
    field(ada, "T54W #2").click()
    scan(ada, "805ec0000002")
    expect(ada.get_by_label("Scan or type")).to_be_focused()
    expect(checked(ada, "T54W #2")).to_contain_text("new device · Yealink")
    # What stood there is replaced, as the label is what counts; what is wrong stays, with the reason.
    field(ada, "T54W #2").click()
    scan(ada, "805ec00000")
    expect(checked(ada, "T54W #2")).to_contain_text("10 hexadecimal digits")
    expect(field(ada, "T54W #2")).to_have_value("805ec00000")
    assert count(Device.id) == 0


def test_a_chosen_unit_takes_the_next_scan_by_name_or_by_its_code(site: Site, ada: Page) -> None:
    account = site.world.an_account()
    dana = site.world.an_employee(account, "Dana Reed")
    order = site.world.an_order(
        "approved",
        [("deskphone", 6)],
        account=account,
        intents={0: [NewIntent()] * 3 + [NewIntent(employee_id=dana.id)]},
    )
    open_form(site, ada, order)
    ada.get_by_role("button", name="Scan into T54W #3").click()
    expect(ada.get_by_role("button", name="Scan into T54W #3")).to_have_attribute("aria-pressed", "true")
    # A wrong bar code leaves it chosen; the code of another unit and its label come faster than any answer.
    scan(ada, EAN, "805ec0000003", unit_code(order.reference, 4), "805ec0000004", "805ec0000001")
    settled(ada)
    for number in (1, 3, 4):
        expect(field(ada, f"T54W #{number}")).to_have_value(f"80:5e:c0:00:00:0{number}")
    expect(checked(ada, "T54W #4")).to_contain_text("assigned as planned")
    scan(ada, unit_code("HW-000999", 1))
    expect(result(ada)).to_contain_text("another order")
    scan(ada, unit_code(order.reference, 6))
    expect(result(ada)).to_contain_text("The next scan goes into T54W #6.")
    ada.keyboard.press("Escape")
    expect(ada.get_by_role("button", name="Scan into T54W #6")).to_have_attribute("aria-pressed", "false")
    scan(ada, "805ec0000002")
    settled(ada)
    expect(field(ada, "T54W #2")).to_have_value("80:5e:c0:00:00:02")


def test_a_scan_that_may_be_for_another_item_says_so(site: Site, ada: Page) -> None:
    order = site.world.an_order("approved", [("deskphone", 1), ("dect_base", 1)])
    open_form(site, ada, order)
    scan(ada, "805ec0000001")
    expect(result(ada)).to_contain_text("→ T54W #1. It may also be for W70B")
    # It was the base: undone, the item chosen, and scanned once more.
    ada.keyboard.press("Alt+z")
    ada.get_by_role("button", name="W70B 0/1").click()
    scan(ada, "805ec0000001")
    settled(ada)
    expect(field(ada, "T54W #1")).to_have_value("")
    expect(field(ada, "W70B #1")).to_have_value("80:5e:c0:00:00:01")


def test_undo_takes_back_the_last_scans_one_by_one_however_fast(site: Site, ada: Page) -> None:
    order = site.world.an_order("approved", [("deskphone", 5)])
    open_form(site, ada, order)
    scan(ada, "805ec0000001", "805ec0000002", "805ec0000003")
    ada.keyboard.press("Alt+z")
    scan(ada, "805ec0000004")
    ada.keyboard.press("Alt+z")
    ada.keyboard.press("Alt+z")
    settled(ada)
    expect(result(ada)).to_contain_text("Undone: 80:5e:c0:00:00:02")
    expect(field(ada, "T54W #1")).to_have_value("80:5e:c0:00:00:01")
    for number in (2, 3, 4):
        expect(field(ada, f"T54W #{number}")).to_have_value("")
    # Also after a reload.
    ada.reload()
    ada.get_by_role("button", name="Undo last scan").click()
    expect(field(ada, "T54W #1")).to_have_value("")


def test_a_column_pasted_into_the_box_is_scanned_line_by_line(site: Site, ada: Page) -> None:
    order = site.world.an_order("approved", [("deskphone", 3)])
    open_form(site, ada, order)
    ada.get_by_label("Scan or type").evaluate(
        """box => {
            const data = new DataTransfer();
            data.setData("text", "805ec0000001\\r\\n805ec0000002\\n\\n805ec0000003\\n");
            const how = {clipboardData: data, bubbles: true, cancelable: true};
            box.dispatchEvent(new ClipboardEvent("paste", how));
        }"""
    )
    settled(ada)
    expect(ada.get_by_role("region", name="Scanning")).to_contain_text("3 of 3")


# ---- What it would do


def test_the_check_of_every_unit_comes_with_its_value(site: Site, ada: Page) -> None:
    world = site.world
    account = world.an_account(name="Harborgate Clinics")
    order = world.an_order(
        "approved", [("deskphone", 6), ("dect_base", 1), ("dect_handset", 1)], account=account
    )
    held = world.a_device(world.an_account(name="Halden Dental"), "deskphone", "805ec0aa0001")
    mine = world.a_device(account, "deskphone", "805ec0bb0001")
    open_form(site, ada, order)
    scan(ada, "805ec0cc0001", held.identifier, mine.identifier, "000413cc0002", "805ec0c10001")
    expect(checked(ada, "T54W #1")).to_contain_text("new device · Yealink")
    expect(checked(ada, "T54W #2")).to_contain_text("Already in use by Halden Dental")
    expect(field(ada, "T54W #2")).to_have_attribute("aria-invalid", "true")
    expect(checked(ada, "T54W #3").get_by_role("link")).to_have_attribute("href", f"/devices/{mine.id}/")
    expect(checked(ada, "T54W #4")).to_contain_text("This is a Snom MAC address; the order says Yealink.")
    expect(checked(ada, "T54W #5")).to_contain_text("almost the same as 80:5e:c0:cc:00:01")
    # A base entered after its handset pairs it.
    scan(ada, "02C3C00001")
    expect(checked(ada, "W73H #1")).to_contain_text("To be paired once W70B #1 has its MAC address.")
    ada.keyboard.press("Alt+2")
    scan(ada, "805ec0dd0001")
    expect(checked(ada, "W73H #1")).to_contain_text("paired to W70B #1, slot 1")
    # What is wrong keeps nothing else back.
    ada.get_by_role("button", name="Write the 6 that are right").click()
    expect(ada.get_by_role("alert").filter(has_text="The others are written.")).to_contain_text("T54W #2")
    expect(field(ada, "T54W #2")).to_have_value("80:5e:c0:aa:00:01")
    assert len(identifiers(order)) == 6


def test_a_device_registered_between_check_and_write_is_linked_or_refused_by_name(
    site: Site, ada: Page
) -> None:
    world = site.world
    order = world.an_order("approved", [("deskphone", 2)])
    open_form(site, ada, order)
    scan(ada, "805ec0000001", "805ec0000002")
    expect(checked(ada, "T54W #2")).to_contain_text("new device")
    settled(ada)
    linked = world.a_device(order.account, "deskphone", "805ec0000001").id
    world.a_device(world.an_account(name="Halden Dental"), "deskphone", "805ec0000002")
    db.session.rollback()
    ada.keyboard.press("Control+Enter")
    alert = ada.get_by_role("alert").filter(has_text="Nothing was written.")
    expect(alert).to_contain_text("Already in use by Halden Dental")
    field(ada, "T54W #2").fill("805ec0000003")
    expect(checked(ada, "T54W #2")).to_contain_text("new device")
    ada.keyboard.press("Control+Enter")
    expect(ada.get_by_role("status").first).to_contain_text("is fulfilled: 1 device created, 1 linked")
    assert count(Device.id, Device.id == linked, Device.unit_id.is_not(None)) == 1


# ---- Nothing is lost


def test_what_was_entered_survives_a_closed_tab(site: Site, ada: Page) -> None:
    order = site.world.an_order("approved", [("deskphone", 3)])
    open_form(site, ada, order)
    scan(ada, "805ec0000001")
    field(ada, "T54W #3").fill("half a num")
    settled(ada)
    other = ada.context.new_page()
    ada.close()
    open_form(site, other, order)
    expect(field(other, "T54W #1")).to_have_value("80:5e:c0:00:00:01")
    expect(field(other, "T54W #3")).to_have_value("half a num")
    # The check comes without being asked for.
    expect(checked(other, "T54W #1")).to_contain_text("new device")


def test_what_was_scanned_after_the_end_of_the_session_is_there_after_signing_in_anew(
    site: Site, ada: Page
) -> None:
    order = site.world.an_order("approved", [("deskphone", 3)])
    open_form(site, ada, order)
    scan(ada, "805ec0000001")
    settled(ada)
    other = ada.context.new_page()
    other.goto(site.url)
    other.get_by_role("button", name="Sign out").click()
    other.wait_for_url("**/sign-in*")
    scan(ada, "805ec0000002", "805ec0000003")
    trouble = ada.get_by_role("alert").filter(has_text="Your session has ended.")
    expect(trouble).to_contain_text("Nothing is lost")
    # Fulfilling must wait for what is not there yet.
    ada.keyboard.press("Control+Enter")
    trouble.get_by_role("link", name="Sign in again").click()
    ada.get_by_label("E-mail").fill(site.world.ada.email)
    ada.get_by_label("Password", exact=True).fill(PASSWORD)
    ada.get_by_role("button", name="Sign in").click()
    for number in (1, 2, 3):
        expect(field(ada, f"T54W #{number}")).to_have_value(f"80:5e:c0:00:00:0{number}")
    settled(ada)
    ada.keyboard.press("Control+Enter")
    expect(ada.get_by_role("status").first).to_contain_text(
        f"{order.reference} is fulfilled: 3 devices created."
    )


def test_while_the_server_does_not_answer_scans_wait_and_arrive_in_their_order(
    site: Site, browser: Browser
) -> None:
    # A request that fails is noted by the browser; that is what this is about.
    context = browser.new_context()
    page = context.new_page()
    site.open_session(page, site.world.ada)
    order = site.world.an_order("approved", [("deskphone", 4)])
    open_form(site, page, order)
    arrived: list[str] = []

    def lose(route: Route) -> None:
        # The first time it arrives, and only the answer is lost.
        if not arrived:
            route.fetch()
        arrived.append(route.request.post_data or "")
        route.abort()

    page.route("**/draft", lose)
    scan(page, "805ec0000001", "805ec0000002")
    expect(page.locator("[data-trouble]")).to_contain_text("The server does not answer.")
    scan(page, "805ec0000003")
    page.unroute("**/draft")
    settled(page)
    for number in (1, 2, 3):
        expect(field(page, f"T54W #{number}")).to_have_value(f"80:5e:c0:00:00:0{number}")
    expect(page.locator("[data-trouble]")).to_be_hidden()
    expect(not_taken(page)).to_have_count(0)
    context.close()


def test_a_scan_goes_by_what_was_chosen_when_it_was_made(site: Site, ada: Page) -> None:
    order = site.world.an_order("approved", [("deskphone", 2), ("dect_base", 1)])
    open_form(site, ada, order)
    held: list[Route] = []
    ada.route("**/draft", lambda route: route.continue_() if held else held.append(route))
    # While the first one is on its way, another phone is scanned, and then bases are chosen.
    with ada.expect_request("**/draft"):
        scan(ada, "805ec0000001")
    scan(ada, "805ec0000002")
    ada.keyboard.press("Alt+2")
    scan(ada, "805ec0000003")
    held[0].continue_()
    settled(ada)
    for label, number in (("T54W #1", 1), ("T54W #2", 2), ("W70B #1", 3)):
        expect(field(ada, label)).to_have_value(f"80:5e:c0:00:00:0{number}")


def test_a_scan_that_is_answered_while_the_button_is_pressed_is_written_too(site: Site, ada: Page) -> None:
    order = site.world.an_order("approved", [("deskphone", 2)])
    open_form(site, ada, order)
    first, last = (an_identifier("deskphone") for _ in range(2))
    scan(ada, first)
    settled(ada)
    held: list[Route] = []
    ada.route("**/draft", lambda route: held.append(route))
    with ada.expect_request("**/draft"):
        scan(ada, last)
    button = ada.get_by_role("button", name="Fulfill", exact=True)
    button.hover()
    ada.mouse.down()
    held.pop().continue_()
    # The answer has been read once nothing is kept on this machine any more.
    ada.evaluate(
        """() => new Promise(done => {
            const look = () => Object.keys(localStorage).some(name => name.startsWith("entering"))
                ? setTimeout(look, 10) : done();
            look();
        })"""
    )
    ada.mouse.up()
    expect(ada.get_by_role("status").first).to_contain_text("is fulfilled: 2 devices created")


def test_two_people_at_one_order_see_each_other_and_fulfill_it_from_both_ends(
    site: Site, ada: Page, page_of: Callable[[Person], Page]
) -> None:
    world = site.world
    order = world.an_order("approved", [("deskphone", 4)])
    bo = page_of(world.a_person("Bo Lindqvist", Role.SUPER_ADMIN))
    open_form(site, ada, order)
    open_form(site, bo, order)
    scan(ada, "805ec0000001", "805ec0000002")
    settled(ada)
    # Whose box it is, the second one is told; and the next unit is one that nobody has.
    scan(bo, "805ec0000002", "805ec0000003")
    settled(bo)
    expect(not_taken(bo)).to_contain_text("Ada Okafor is entering it already, for T54W #2.")
    expect(field(bo, "T54W #3")).to_have_value("80:5e:c0:00:00:03")
    expect(checked(bo, "T54W #1")).to_contain_text("Ada Okafor is entering this one80:5e:c0:00:00:01")
    expect(bo.get_by_text("Also on this order: Ada Okafor, 2 units.")).to_be_visible()
    ada.keyboard.press("Control+Enter")
    expect(ada.get_by_role("status").first).to_contain_text("has 2 of 4 units")
    scan(bo, "805ec0000004")
    settled(bo)
    expect(checked(bo, "T54W #1")).to_contain_text("done by now")
    expect(bo.get_by_role("region", name="Scanning")).to_contain_text("4 of 4")
    bo.keyboard.press("Control+Enter")
    expect(bo.get_by_role("status").first).to_contain_text(
        f"{order.reference} is fulfilled: 2 devices created."
    )
    assert identifiers(order) == {f"T54W #{number}": f"80:5e:c0:00:00:0{number}" for number in (1, 2, 3, 4)}


def test_what_a_colleague_entered_is_taken_over_and_no_scan_is_lost(
    site: Site, ada: Page, page_of: Callable[[Person], Page]
) -> None:
    order = site.world.an_order("approved", [("deskphone", 3)])
    bo = page_of(site.world.a_person("Bo Lindqvist", Role.SUPER_ADMIN))
    open_form(site, ada, order)
    open_form(site, bo, order)
    scan(ada, "805ec0000001")
    settled(ada)
    scan(bo, "805ec0000002")
    settled(bo)
    # What is typed and not sent yet goes first.
    field(bo, "T54W #3").fill("805ec0000003")
    bo.get_by_role("button", name="Take over T54W #1").click()
    expect(bo.locator(".notice-success")).to_contain_text(
        "What Ada Okafor had entered for 1 unit is yours now"
    )
    for number, text in ((1, "80:5e:c0:00:00:01"), (2, "80:5e:c0:00:00:02"), (3, "805ec0000003")):
        expect(field(bo, f"T54W #{number}")).to_have_value(text)
    # Her next scan tells her, and goes nowhere: all three are his.
    scan(ada, "805ec0000004")
    settled(ada)
    expect(checked(ada, "T54W #1")).to_contain_text("Bo Lindqvist took this one over from you")
    expect(field(ada, "T54W #1")).to_have_value("")


def test_an_order_that_was_taken_away_says_so_at_the_next_scan(site: Site, ada: Page) -> None:
    order = site.world.an_order("approved", [("deskphone", 2)])
    open_form(site, ada, order)
    other = ada.context.new_page()
    other.goto(f"{site.url}/orders/{order.reference}/reopen")
    other.get_by_label("Reason").fill("One too many.")
    other.get_by_role("button", name="Reopen").click()
    expect(other.get_by_role("status").first).to_be_visible()
    scan(ada, "805ec0000001")
    trouble = ada.get_by_role("alert").filter(has_text="cannot be fulfilled")
    expect(trouble).to_contain_text("it is Pending approval, set by Ada Okafor")
    trouble.get_by_role("link", name="Open the order").click()
    ada.wait_for_url(f"**/orders/{order.reference}")


# ---- What one hears and sees

_LISTEN = """
    window.heard = [];
    const start = OscillatorNode.prototype.start;
    OscillatorNode.prototype.start = function (...when) {
        window.heard.push(this.frequency.value);
        return start.apply(this, when);
    };
"""


def test_taken_doubtful_and_refused_sound_different_and_can_be_silenced(site: Site, ada: Page) -> None:
    ada.add_init_script(_LISTEN)
    order = site.world.an_order("approved", [("deskphone", 3)])
    open_form(site, ada, order)

    def heard(*texts: str) -> list[int]:
        ada.evaluate("window.heard = []")
        scan(ada, *texts)
        settled(ada)
        return [round(frequency) for frequency in ada.evaluate("window.heard")]

    good, look, bad = heard("805ec0000001"), heard("000413a00002"), heard(EAN)
    assert len(good) == 1
    assert len(look) == 2
    assert len(bad) == 1
    assert len({*good, *look, *bad}) == 3
    ada.keyboard.press("Alt+s")
    assert heard(EAN) == []
    ada.reload()
    expect(ada.get_by_role("button", name="Sound")).to_have_attribute("aria-pressed", "false")
    assert heard(EAN) == []
    ada.get_by_role("button", name="Sound").click()
    assert heard(EAN) == bad


def test_screen_readers_are_told_and_nothing_is_wrong_on_a_phone_or_in_the_dark(
    site: Site, ada: Page, looks: set[int]
) -> None:
    order = site.world.an_order("approved", [("deskphone", 4), ("dect_handset", 1)])
    open_form(site, ada, order)
    ada.get_by_text("How scanning works").click()
    scan(ada, "805ec0000001", "nonsense", "000413a00002", EAN)
    expect(ada.get_by_role("alert").filter(has_text="EAN")).to_have_count(1)
    expect(ada.get_by_role("status").filter(has_text="T54W #1")).to_have_count(1)
    ada.get_by_role("button", name="Scan into T54W #4").click()
    field(ada, "T54W #3").fill("805ec0")
    settled(ada)
    assert faults_in_turn(ada, looks, "scanning") == []
    ada.set_viewport_size({"width": 390, "height": 844})
    # On the phone the box, the result and the unit that was filled are in sight together.
    ada.get_by_label("Scan or type").focus()
    scan(ada, "805ec0000004")
    settled(ada)
    for seen in (ada.get_by_label("Scan or type"), result(ada), field(ada, "T54W #4")):
        expect(seen).to_be_in_viewport()
    bar = ada.locator(".scanbar").bounding_box()
    row = field(ada, "T54W #4").bounding_box()
    assert bar is not None
    assert row is not None
    assert bar["y"] + bar["height"] <= row["y"]


def test_without_scripts_the_form_still_fulfills(site: Site, browser: Browser) -> None:
    context: BrowserContext = browser.new_context(java_script_enabled=False)
    with no_complaint(context):
        page = context.new_page()
        site.open_session(page, site.world.ada)
        order = site.world.an_order("approved", [("deskphone", 2)])
        page.goto(f"{site.url}/orders/{order.reference}/fulfill")
        expect(page.locator("#scan")).to_be_hidden()
        page.get_by_label("MAC address of T54W #1").fill("805ec0000001")
        page.get_by_role("button", name="Check", exact=True).click()
        expect(checked(page, "T54W #1")).to_contain_text("new device")
        # What was checked is kept as well.
        page.goto(f"{site.url}/orders/{order.reference}/fulfill")
        expect(page.get_by_label("MAC address of T54W #1")).to_have_value("805ec0000001")
        page.get_by_role("button", name="Fulfill", exact=True).click()
        expect(page.get_by_role("status").first).to_contain_text("has 1 of 2 units")
    context.close()


# ---- Lists


def test_a_pasted_list_is_reported_joins_what_was_scanned_and_is_written(site: Site, ada: Page) -> None:
    order = site.world.an_order("approved", [("deskphone", 3), ("dect_handset", 1)])
    open_form(site, ada, order)
    scan(ada, "805ec0000001")
    settled(ada)
    ada.get_by_role("link", name="Paste or upload a list").click()
    ada.get_by_label("Paste anything").fill(
        "MAC;Model;Serial\n805ec0000002;T54W;SN123456\n805ec000000;T54W;\n805ec0000002;T54W;\n000413a10001;D785;"
    )
    ada.get_by_role("button", name="Read the list").click()
    main = ada.get_by_role("main")
    expect(main).to_contain_text("nothing is written yet")
    expect(main).to_contain_text("was a leading zero lost in a spreadsheet?")
    expect(main).to_contain_text("The same as in row 2")
    expect(main).to_contain_text("The list says “D785”")
    ada.get_by_role("button", name="Use these 1").click()
    # It did not take the place of the box that was scanned.
    expect(field(ada, "T54W #1")).to_have_value("80:5e:c0:00:00:01")
    expect(field(ada, "T54W #2")).to_have_value("80:5e:c0:00:00:02; S/N: SN123456")
    expect(field(ada, "T54W #3")).to_have_value("")
    ada.keyboard.press("Control+Enter")
    expect(ada.get_by_role("status").first).to_contain_text("has 2 of 4 units")


# A file is read like what is pasted: tests/views/fulfillment uploads them without a browser.
@pytest.mark.full
def test_an_uploaded_file_is_read_and_used(site: Site, ada: Page) -> None:
    order = site.world.an_order("approved", [("deskphone", 2)])
    open_form(site, ada, order)
    ada.get_by_role("link", name="Paste or upload a list").click()
    ada.get_by_label("Or choose a file").set_input_files(
        {
            "name": "delivery.csv",
            "mimeType": "text/csv",
            "buffer": '"80:5E:C0:09:AB:DC","T54W"\n"80:5E:C0:09:AB:DD","T54W"'.encode("utf-16"),
        }
    )
    ada.get_by_role("button", name="Read the list").click()
    ada.get_by_role("button", name="Use these 2").click()
    settled(ada)
    ada.keyboard.press("Control+Enter")
    expect(ada.get_by_role("status").first).to_contain_text(
        f"{order.reference} is fulfilled: 2 devices created."
    )
    assert set(identifiers(order).values()) == {"80:5e:c0:09:ab:dc", "80:5e:c0:09:ab:dd"}


def test_on_paper_the_units_are_a_table_and_dark_on_white(site: Site, ada: Page) -> None:
    order = site.world.an_order("approved", [("deskphone", 2)])
    ada.emulate_media(media="print", color_scheme="dark")
    # What A4 has between its margins.
    ada.set_viewport_size({"width": 703, "height": 1000})
    ada.goto(f"{site.url}/orders/{order.reference}/units")
    expect(ada.locator("tbody td").first).to_have_css("display", "table-cell")
    expect(ada.locator(".sheet-facts")).to_have_css("color", "rgb(88, 97, 116)")
    expect(ada.get_by_role("button", name="Print")).to_be_hidden()
