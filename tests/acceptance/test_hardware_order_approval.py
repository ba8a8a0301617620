"""The text "Hardware Order Approval", sentence by sentence; each is the docstring of the test that proves it.

Ada decides for all platforms; Piet orders for Northwind Voice, Bea for Blue Harbor Telecom.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from hwadmin.clock import utcnow
from hwadmin.models import Account, HardwareOrder
from hwadmin.operations.orders.submission.new_order import NewIntent
from tests.acceptance.visitor import Visitor, words
from tests.api.callers import Callers
from tests.builders import World, an_identifier

LIST, NEW_ACCOUNT = "/orders/", "/accounts/new-with-hardware"
MARK, REJECT = "Mark as ordered manually", "Reject"
REASON = "Ordered twice; HW-000001 holds the same phones."


def page_of(order: HardwareOrder) -> str:
    return f"/orders/{order.reference}"


def devices_page(account: Account) -> str:
    return f"/accounts/{account.id}/"


def just_now(moment: str) -> bool:
    """Whether an exact time on a page is of this very test."""
    parsed = datetime.fromisoformat(moment)
    return utcnow() - timedelta(minutes=5) < parsed <= utcnow() + timedelta(seconds=1)


# The one box above the fields, for a scanner: what is scanned there goes into one of them.
SCAN_BOX = "Scan or type"


def type_in(visitor: Visitor, **identifiers: str) -> dict[str, str]:
    """What to type for each field of the page: fresh identifiers, or those given by the unit's label.
    Fields are called ``MAC address of T54W #1``.
    """
    kinds = {"T54W": "deskphone", "W70B": "dect_base", "W73H": "dect_handset", "iPhone": "mobile"}
    typed = {}
    for called in visitor.controls():
        if called == SCAN_BOX:
            continue
        unit = called.split(" of ", 1)[1]
        typed[called] = identifiers.get(unit) or an_identifier(kinds[unit.split()[0]])
    return typed


# ---- Hardware Order Approval


def test_hardware_orders_are_created_when_a_platform_admin_selects_hardware_on_the_account_creation_form(
    world: World, piet: Visitor, ada: Visitor
) -> None:
    """Hardware orders are created when a platform admin selects hardware on the account creation form."""
    phone, base = world.item("deskphone"), world.item("dect_base")
    piet.open("/accounts/").follow("New account")
    assert piet.url == NEW_ACCOUNT
    assert f"{phone.title} · € 100.00" in piet.options("lines-0-sku")
    piet.press(
        "Add another line item",
        {
            "Account name": "Brightwater Marina",
            "locations-0-name": "Harbour office",
            "employees-0-name": "Aoife Brennan",
            "lines-0-sku": phone.title,
            "lines-0-quantity": "2",
        },
    )
    piet.press("Update prices and units", {"lines-1-sku": base.title})
    piet.press(
        "Create account and submit order",
        {
            "lines-0-units-1-employee": "Aoife Brennan",
            "lines-0-units-1-location": "Harbour office",
            "lines-1-units-1-location": "Harbour office",
        },
    )
    assert "Created Brightwater Marina and submitted HW-" in piet.messages[0]
    assert "Brightwater Marina" in piet.heading
    assert piet.row("T54W #1", "Units")["For"] == "Aoife Brennan"

    # The super-admin finds it.
    row = ada.open(LIST).row("Brightwater Marina")
    assert row["Line items"] == f"2 × {phone.title}, 1 × {base.title}"

    # Without hardware there is an account and no order.
    piet.open(NEW_ACCOUNT).press("Create account", {"Account name": "No hardware yet"})
    assert piet.messages[0] == "Created No hardware yet."
    assert [row["Account"] for row in ada.open(f"{LIST}?status=all").rows()] == ["Brightwater Marina"]


def test_every_order_starts_in_pending_approval_and_waits_for_a_decision_before_anything_is_purchased(
    world: World, piet: Visitor, sam: Visitor, ada: Visitor, api: Callers
) -> None:
    """Every order starts in Pending approval and waits for a super-admin decision before anything is
    purchased.
    """
    account = world.an_account(name="Halden Dental Group")
    phone = world.item("deskphone")
    # Every way there is to order: by the account form (above), by the steps, by the API, by a copy.
    piet.open(f"/accounts/{account.id}/").follow("Order for this account").press(
        f"Add to Basket: {phone.title}"
    )
    piet.press("Create Order")
    piet.press("Continue to Employee Information").press("Continue to Confirm Order")
    piet.press("Confirm Order Items")
    first = piet.heading.split(" · ")[0]
    piet.press("Copy to a new order").press("Confirm Order Items")
    second = piet.heading.split(" · ")[0]
    made = api.service.post(
        "/orders", {"account_id": account.id, "lines": [{"sku": phone.sku, "quantity": 1}]}
    )
    assert made.status_code == 201
    third = made.json["reference"]

    assert len({first, second, third}) == 3
    for reference in (first, second, third):
        seen = api.service.get(f"/orders/{reference}").json
        assert (seen["status"], seen["status_label"]) == ("submitted", "Pending approval")
        assert seen["placement"] is None
        # Nobody but a super-admin can decide, whatever they send …
        for client in (piet.client, sam.client):
            for action in ("approve", "mark-ordered", "reject", "fulfill"):
                data = {"version": 1, "reason": "Because"}
                answer = client.post(f"/orders/{reference}/{action}", data=data)
                assert answer.status_code == 403
        assert api.service.post(f"/orders/{reference}/approve").status_code == 403
        # … and a super-admin not fulfill what is not decided.
        assert ada.client.get(f"/orders/{reference}/fulfill").status_code == 409
        assert ada.client.post(f"/orders/{reference}/fulfill", data={}).status_code == 409
        assert "Pending approval" in ada.open(f"/orders/{reference}").text

    # So nothing is on order and nothing has come.
    assert ada.open("/devices/ordered/").rows() == []
    assert ada.open("/devices/").rows() == []


def test_the_hardware_orders_page_lists_orders_across_all_platforms(
    world: World, ada: Visitor, piet: Visitor
) -> None:
    """The Hardware Orders page (super-admin menu) lists orders across all platforms."""
    world.an_order(platform=world.northwind)
    world.an_order(platform=world.blue_harbor)
    world.an_order(platform=world.a_platform("Vantage Connect"), by=world.ada)
    ada.open("/devices/").follow("Hardware Orders 3 waiting")
    assert ada.heading == "Hardware Orders"
    assert {row["Platform"] for row in ada.rows()} == {
        "Northwind Voice",
        "Blue Harbor Telecom",
        "Vantage Connect",
    }
    # Nobody else does: a platform admin sees the orders of their own.
    # Who has one platform sees its orders only, and no column that says so.
    assert len(piet.open(LIST).rows()) == 1
    assert "Platform" not in piet.rows()[0].cells


def test_filter_by_status_or_platform_or_search_by_account_and_platform_name(
    world: World, ada: Visitor
) -> None:
    """Filter by status or platform, or search by account and platform name."""
    halden = world.an_account(world.northwind, "Halden Dental Group")
    pelican = world.an_account(world.blue_harbor, "Pelican Freight")
    world.an_order("submitted", account=halden)
    world.an_order("submitted", account=pelican)
    world.an_order("approved", account=halden)
    world.an_order("rejected", account=pelican)

    def shown() -> list[tuple[str, str]]:
        return sorted((row["Account"].split(" 2 open")[0], row["Platform"]) for row in ada.rows())

    at_halden, at_pelican = (
        ("Halden Dental Group", "Northwind Voice"),
        ("Pelican Freight", "Blue Harbor Telecom"),
    )
    # By status.
    assert tabs(ada.open(LIST)) == [
        "Pending approval 2",
        "Approved 1",
        "Fulfilled 0",
        "Rejected 1",
        "Cancelled 0",
        "All 4",
    ]
    assert shown() == [at_halden, at_pelican]
    assert (ada.follow("Approved 1"), shown())[1] == [at_halden]
    assert (ada.follow("Rejected 1"), shown())[1] == [at_pelican]
    assert (ada.follow("Fulfilled 0"), shown())[1] == []
    # By platform; the status stays.
    ada.open(LIST).press("Search", {"Platform": "Blue Harbor Telecom"})
    assert shown() == [at_pelican]
    ada.follow("All 2")
    assert shown() == [at_pelican, at_pelican]
    # By account and platform name.
    search = "Search account, platform, reference or identifier"
    for words_of_search, found in (
        ("halden", [at_halden]),
        ("Pelican Freight", [at_pelican]),
        ("northwind", [at_halden]),
        ("harbor pelican", [at_pelican]),
        ("northwind pelican", []),
    ):
        ada.open(LIST).press("Search", {search: words_of_search})
        assert shown() == found, words_of_search
    assert "No order matches" in ada.text
    ada.follow("Clear the filter")
    assert shown() == [at_halden, at_pelican]


def tabs(visitor: Visitor) -> list[str]:
    (nav,) = [one for one in visitor.main.iter("nav") if one.get("aria-label") == "Status"]
    return [words(link) for link in nav.iter("a")]


def test_a_badge_shows_how_many_orders_are_waiting(world: World, ada: Visitor, piet: Visitor) -> None:
    """A badge shows how many orders are waiting."""
    assert "Hardware Orders" in ada.open("/accounts/").menu
    first = world.an_order()
    world.an_order()
    world.an_order(platform=world.blue_harbor)
    for status in ("approved", "fulfilled", "rejected", "cancelled"):
        world.an_order(status)
    # On every page.
    for url in (LIST, "/devices/", "/accounts/", "/catalog/", "/audit/", "/people/", page_of(first)):
        assert ada.open(url).menu[0] == "Hardware Orders 3 waiting"
    assert "Orders 2 waiting" in piet.open(LIST).menu
    ada.open(page_of(first)).press("Approve")
    assert ada.menu[0] == "Hardware Orders 2 waiting"


# ---- Reviewing an order


def test_each_row_shows_the_platform_account_line_items_and_order_date(world: World, ada: Visitor) -> None:
    """Each row shows the platform, account, line items, and order date."""
    account = world.an_account(world.northwind, "Halden Dental Group")
    order = world.an_order(lines=[("deskphone", 12), ("dect_base", 1), ("accessory", 3)], account=account)
    row = ada.open(LIST).row(order.reference)
    assert row["Platform"] == "Northwind Voice"
    assert row["Account"] == "Halden Dental Group"
    assert row["Line items"] == "12 × Yealink T54W, 1 × Yealink W70B, 3 × Jabra Engage 50"
    today = utcnow()
    assert row["Ordered"].startswith(f"{today.day} {today:%b} ")
    assert datetime.fromisoformat(row.moment("Ordered")) == order.created_at.replace(microsecond=0)


def test_for_orders_in_pending_approval_click_the_row_to_edit_the_items(world: World, ada: Visitor) -> None:
    """For orders in Pending approval, click the row to edit the items — adjust quantities, add, or remove
    line items before deciding (items come from the order's own platform catalog).
    """
    phone, handset, case = world.item("deskphone"), world.item("dect_handset"), world.item("accessory")
    foreign = world.an_item("dect_base", world.blue_harbor)
    order = world.an_order(lines=[("deskphone", 2), ("accessory", 1)])

    row = ada.open(LIST).row(order.reference)
    assert row.opens == page_of(order)
    ada.open(row.opens)
    # Adjust.
    ada.press("Save items", {f"Quantity of {phone.title}": "5"})
    assert "are saved" in ada.messages[0]
    # Add: what is offered is the order's own platform's catalog.
    offered = [option.get("value", "") for option in ada.main.iter("option")]
    assert f"{handset.sku} · {handset.title}" in offered
    assert not any(foreign.sku in text for text in offered)
    adding = {"add_sku": f"{handset.sku} · {handset.title}", "Quantity to add": "3"}
    ada.press("Save items", adding)
    # Remove.
    ada.press(f"Remove {case.title}")
    now = f"5 × {phone.title}, 3 × {handset.title} no base"
    assert ada.open(LIST).row(order.reference)["Line items"] == now
    # An item of another platform's catalog is refused, with what was typed kept, and nothing is saved.
    ada.open(page_of(order)).press("Save items", {"add_sku": foreign.sku}, status=422)
    assert "Nothing was saved." in ada.messages[0]
    assert ada.control("add_sku").get("value") == foreign.sku
    assert ada.open(LIST).row(order.reference)["Line items"] == now

    # Before deciding, not after it.
    ada.open(page_of(order)).press("Approve")
    assert ada.row(phone.title, "Line items")["Approved"] == "5"
    assert ada.controls() == ["Add a note"]
    late = ada.client.post(f"{page_of(order)}/lines", data={"line": ["1"], "quantity": ["9"]})
    assert late.status_code == 409


def test_two_row_actions_appear_on_hover(world: World, ada: Visitor) -> None:
    """Two row actions appear on hover:"""
    # That they appear on hover, and on focus, is shown in a real browser: tests/browser/test_walks.py.
    order = world.an_order()
    assert ada.open(LIST).row(order.reference).hover_actions == [MARK, REJECT]


def test_mark_as_ordered_manually_is_an_after_the_fact_confirmation(
    world: World, ada: Visitor, piet: Visitor
) -> None:
    """Mark as ordered manually — an after-the-fact confirmation: you have already placed the order with
    the distributor yourself.
    """
    order = world.an_order()
    ada.open(LIST).follow(MARK, within=ada.row(order.reference))
    assert "You have already placed this order with the distributor yourself." in ada.text
    ada.press(MARK, {"Distributor": "Comstor", "Their order number": "PO-77120", "Ordered on": "2026-11-20"})
    assert ada.messages == [f"{order.reference} is marked as ordered."]
    # What was confirmed stands on the order, for its platform too.
    for visitor in (ada, piet.open(page_of(order))):
        assert "With the distributor Comstor · PO-77120, 20 Nov 2026 Marked by Ada Okafor" in visitor.text
    # It happened once.
    ada.open(f"{page_of(order)}/mark-ordered", status=409)


def test_the_order_is_marked_approved(world: World, ada: Visitor, api: Callers) -> None:
    """The order is marked approved."""
    order = world.an_order()
    ada.open(LIST).follow(MARK, within=ada.row(order.reference))
    ada.press(MARK)
    assert ada.open(f"{LIST}?status=all").row(order.reference).status == "Approved"
    assert ada.open(LIST).rows() == []
    assert api.service.get(f"/orders/{order.reference}").json["status"] == "approved"


@pytest.mark.parametrize("decision", ["Approve", MARK])
def test_nothing_is_ordered_automatically(world: World, ada: Visitor, decision: str) -> None:
    """Nothing is ordered automatically."""
    # A test may talk to this machine only (conftest.py): an order sent out anywhere would fail here.
    order = world.an_order(lines=[("deskphone", 2)])
    ada.open(page_of(order))
    if decision == MARK:
        ada.follow(f"{MARK}…")
        assert "Nothing is ordered automatically." in ada.text
        ada.press(MARK)
    else:
        ada.press("Approve")
        assert ada.messages == [f"{order.reference} is approved. Nothing is ordered automatically."]
        assert "With the distributor" not in ada.text
    # No unit has become a device; each is still awaited.
    state = "ordered" if "With the distributor" in ada.text else "approved, to be placed"
    assert [row["Device"] for row in ada.rows("Units")] == [state, state]
    assert ada.open("/devices/").rows() == []


def test_reject_requires_a_reason(world: World, ada: Visitor) -> None:
    """Reject — requires a reason."""
    order = world.an_order()
    ada.open(LIST).follow(REJECT, within=ada.row(order.reference))
    assert ada.control("Reason").get("required") is not None
    for nothing in ("", "   ", "\u200b"):
        ada.press(REJECT, {"Reason": nothing}, status=422)
        assert "Please give a reason." in ada.text
    assert ada.open(LIST).row(order.reference)
    ada.follow(REJECT, within=ada.row(order.reference))
    ada.press(REJECT, {"Reason": REASON})
    assert ada.messages[0] == f"{order.reference} is rejected. The platform sees the reason."
    assert ada.open(f"{LIST}?status=rejected").row(order.reference)


def test_the_reason_is_stored_on_the_order_and_visible_to_the_platform_through_the_api(
    world: World, ada: Visitor, piet: Visitor, api: Callers
) -> None:
    """The reason is stored on the order and visible to the platform through the API."""
    order = world.an_order()
    ada.open(f"{page_of(order)}/reject").press(REJECT, {"Reason": REASON})
    for program in (api.service, api.piet, api.ada):
        seen = program.get(f"/orders/{order.reference}").json
        assert (seen["status"], seen["rejection_reason"]) == ("rejected", REASON)
    assert api.service.get("/orders?status=rejected").json["items"][0]["rejection_reason"] == REASON
    # Another platform cannot even tell that there is such an order.
    assert api.bea.get(f"/orders/{order.reference}").status_code == 404
    # On the page of the order it stands too.
    assert any(REASON in message for message in piet.open(page_of(order)).messages)


@pytest.mark.parametrize(
    ("decision", "text"),
    [
        ("approve", "Order approved"),
        ("mark", "Order marked as ordered Marked {} as ordered manually and so approved it"),
        ("reject", "Order rejected"),
    ],
)
def test_approve_and_reject_decisions_are_recorded_in_the_audit_log(
    world: World, ada: Visitor, decision: str, text: str
) -> None:
    """Approve and reject decisions are recorded in the audit log with the acting super-admin, timestamp,
    and (for rejections) the reason.
    """
    order = world.an_order()
    ada.open(page_of(order))
    if decision == "approve":
        ada.press("Approve")
    elif decision == "mark":
        ada.follow(f"{MARK}…").press(MARK)
    else:
        ada.follow(f"{REJECT}…").press(REJECT, {"Reason": REASON})
    rows = ada.open(f"/audit/?order={order.reference}").rows()
    # The decision, and before it the order itself: nothing more.
    assert len(rows) == 2
    assert rows[0]["Who"] == "Ada Okafor"
    assert just_now(rows[0].moment("When"))
    assert rows[0]["What"].startswith(text.format(order.reference))
    assert rows[0]["Order"] == order.reference
    assert (REASON in rows[0]["What"]) == (decision == "reject")
    assert rows[1]["Who"] == "Piet Jansen"


# ---- Fulfilling an order


def test_once_you_have_placed_an_approved_order_and_the_units_ship_their_device_identifiers_are_known(
    world: World, ada: Visitor
) -> None:
    """Once you have placed an approved order with the distributor and the units ship, their device
    identifiers are known.
    """
    # Neither approving nor placing asks for an identifier; they are entered as they become known.
    order = world.an_order("approved", [("deskphone", 2)])
    ada.open(page_of(order)).follow(f"{MARK}…")
    ada.press(MARK, {"Distributor": "Comstor"})
    ada.follow("Fulfill order")
    one = dict(list(type_in(ada).items())[:1])
    ada.press("Fulfill", one)
    assert ada.messages == [f"{order.reference} has 1 of 2 units: 1 device created."]
    row = ada.open(f"{LIST}?status=approved").row(order.reference)
    assert row["Units"] == "1/2"
    assert [row["State"] for row in ada.open("/devices/ordered/").rows()] == ["ordered"]


def test_use_the_fulfill_order_action_on_an_approved_row_to_enter_them(world: World, ada: Visitor) -> None:
    """Use the Fulfill order action on an approved row to enter them:"""
    pending, order = world.an_order(), world.an_order("approved")
    ada.open(f"{LIST}?status=approved").follow("Fulfill order", within=ada.row(order.reference))
    assert ada.heading == "Fulfill order"
    assert ada.url == f"{page_of(order)}/fulfill"
    ada.press("Fulfill", type_in(ada))
    # It is offered on approved rows only.
    for row in ada.open(f"{LIST}?status=all").rows():
        assert "Fulfill order" not in row.text, row.text
    assert ada.row(pending.reference).status == "Pending approval"
    assert ada.row(order.reference).status == "Fulfilled"


def test_each_unit_on_the_order_gets_its_own_field(world: World, ada: Visitor) -> None:
    """Each unit on the order gets its own field — a MAC address for deskphones and DECT bases, or an IPEI
    for DECT handsets.
    """
    lines = [("deskphone", 3), ("dect_base", 2), ("dect_handset", 2), ("accessory", 4)]
    order = world.an_order("approved", lines)
    ada.open(f"{page_of(order)}/fulfill")
    assert ada.controls() == [
        SCAN_BOX,
        *(f"MAC address of T54W #{number}" for number in (1, 2, 3)),
        *(f"MAC address of W70B #{number}" for number in (1, 2)),
        *(f"IPEI of W73H #{number}" for number in (1, 2)),
    ]
    # Each takes what belongs there, and nothing else.
    typed = type_in(ada)
    crossed = typed | {
        "MAC address of T54W #1": typed["IPEI of W73H #1"],
        "MAC address of W70B #1": "nonsense",
        "IPEI of W73H #1": typed["MAC address of T54W #1"],
    }
    ada.press("Fulfill", crossed, status=422)
    assert "Nothing was written. 3 of 7 units need correcting" in ada.messages[0]
    for called, value in crossed.items():
        assert ada.control(called).get("value") == value
        assert (ada.control(called).get("aria-invalid") == "true") == (value != typed[called])
    ada.press("Fulfill", typed)
    assert ada.messages[0].startswith(f"{order.reference} is fulfilled: 7 devices created")


def an_office(world: World, name: str = "Brightwater Marina") -> tuple[Account, int, int]:
    """An account with a location and an employee: Quay office and Tom Hale."""
    account = world.an_account(name=name)
    return account, world.a_location(account, "Quay office").id, world.an_employee(account, "Tom Hale").id


def test_if_a_unit_was_pre_assigned_that_intent_is_shown_beside_the_field(world: World, ada: Visitor) -> None:
    """If a unit was pre-assigned to a user or location at order time, that intent is shown beside the
    field.
    """
    account, office, tom = an_office(world)
    order = world.an_order(
        "approved",
        [("deskphone", 4), ("dect_base", 1)],
        account=account,
        intents={
            0: [NewIntent(employee_id=tom), NewIntent(location_id=office), NewIntent(tom, office)],
            1: [NewIntent(location_id=office)],
        },
    )
    ada.open(f"{page_of(order)}/fulfill")
    beside = {row["Unit"]: row["For"] for row in ada.rows() if list(row.cells["Identifier"].iter("input"))}
    assert beside == {
        "T54W #1": "Tom Hale",
        "T54W #2": "Quay office",
        "T54W #3": "Tom Hale · Quay office",
        "T54W #4": "–",
        "W70B #1": "Quay office",
    }


def test_submitting_creates_a_real_device_record_for_every_unit_and_marks_the_order_fulfilled(
    world: World, ada: Visitor, api: Callers
) -> None:
    """Submitting creates a real device record for every unit under the account and marks the order
    Fulfilled.
    """
    account = world.an_account(name="Halden Dental Group")
    lines = [("deskphone", 2), ("dect_base", 1), ("dect_handset", 2), ("mobile", 1), ("accessory", 5)]
    order = world.an_order("approved", lines, account=account)
    ada.open(f"{page_of(order)}/fulfill")
    typed = type_in(ada)
    ada.press("Fulfill", typed)
    assert ada.open(f"{LIST}?status=all").row(order.reference).status == "Fulfilled"
    assert api.service.get(f"/orders/{order.reference}").json["status"] == "fulfilled"

    devices = ada.open(devices_page(account)).rows("Devices")
    assert sorted(row["Device"] for row in devices) == sorted(
        [
            *["Yealink T54W Desk phone"] * 2,
            "Yealink W70B DECT base",
            *["Yealink W73H DECT handset"] * 2,
            "Apple iPhone 17 Mobile",
        ]
    )
    # Each has a page of its own, with what was typed.
    shown = []
    for row in devices:
        ada.open(row.opens)
        assert account.name in ada.text
        assert order.reference in ada.text
        shown.append(ada.text.replace(" ", "").replace(":", "").lower())
    for value in typed.values():
        assert any(value.lower() in text for text in shown), value


def test_the_pre_assignment_intents_are_applied(world: World, ada: Visitor) -> None:
    """The pre-assignment intents are applied: the destined user is assigned to the device, and the
    location is set on deskphones and bases.
    """
    account, office, tom = an_office(world)
    dana = world.an_employee(account, "Dana Brooks").id
    order = world.an_order(
        "approved",
        [("deskphone", 3), ("dect_base", 2), ("dect_handset", 1), ("mobile", 1)],
        account=account,
        intents={
            0: [NewIntent(tom, office), NewIntent(employee_id=dana)],
            1: [NewIntent(location_id=office)],
            2: [NewIntent(employee_id=dana)],
            3: [NewIntent(employee_id=tom)],
        },
    )
    ada.open(f"{page_of(order)}/fulfill")
    typed = type_in(ada)
    ada.press("Fulfill", typed)
    ada.open(devices_page(account))

    def given(unit: str) -> tuple[str, str]:
        (value,) = [value for called, value in typed.items() if called.endswith(f" of {unit}")]
        (row,) = [
            row
            for row in ada.rows()
            if value.lower() in row["Identifier"].replace(" ", "").replace(":", "").lower()
        ]
        return row["Employee"], row["Location"]

    assert given("T54W #1") == ("Tom Hale", "Quay office")
    assert given("T54W #2") == ("Dana Brooks", "")
    assert given("T54W #3") == ("", "")
    assert given("W70B #1") == ("", "Quay office")
    assert given("W70B #2") == ("", "")
    assert given("W73H #1")[0] == "Dana Brooks"
    assert given("iPhone 17 #1") == ("Tom Hale", "")


@pytest.mark.parametrize("bases", [0, 1, 2])
def test_when_the_order_contains_a_single_base_plus_handsets_the_handsets_are_paired_to_it_automatically(
    world: World, ada: Visitor, bases: int
) -> None:
    """When the order contains a single base plus handsets, the handsets are paired to that base
    automatically; otherwise handsets are left for on-site registration.
    """
    account, office, _ = an_office(world)
    lines = [("dect_handset", 3), *([("dect_base", bases)] if bases else [])]
    order = world.an_order(
        "approved", lines, account=account, intents={1: [NewIntent(location_id=office)]} if bases else None
    )
    ada.open(f"{page_of(order)}/fulfill")
    typed = type_in(ada)
    ada.press("Fulfill", typed)
    handsets = [row for row in ada.open(devices_page(account)).rows() if "W73H" in row["Device"]]
    if bases == 1:
        base = next(value for called, value in typed.items() if "W70B" in called)
        assert sorted(row["Base and slot"].split(" slot ")[1] for row in handsets) == ["1", "2", "3"]
        assert {row["Base and slot"].split(" slot ")[0].replace(":", "").lower() for row in handsets} == {
            base
        }
        assert {row["Location"] for row in handsets} == {"Quay office"}
    else:
        assert [row["Base and slot"] for row in handsets] == ["", "", ""]
        assert "Not paired" in ada.open(handsets[0].opens).text


def test_fulfillment_is_safe_to_retry(world: World, ada: Visitor) -> None:
    """Fulfillment is safe to retry: a unit that already has a device is skipped, and an identifier that
    was registered by other means is linked rather than duplicated.
    """
    account = world.an_account(name="Halden Dental Group")
    order = world.an_order("approved", [("deskphone", 3)], account=account)

    # Registered by other means: somebody wrote the second phone down by hand, in another way of writing.
    by_hand = an_identifier("deskphone")
    pairs = "-".join(by_hand[place : place + 2] for place in range(0, 12, 2)).upper()
    phone = world.item("deskphone").title
    ada.open(devices_page(account)).follow("Register a device")
    ada.press("Register", {"Device": phone, "Identifier": pairs})
    assert len(ada.open(devices_page(account)).rows("Devices")) == 1

    # A first try enters one unit, and the same form is sent once more with everything in it.
    ada.open(f"{page_of(order)}/fulfill")
    typed = type_in(ada)
    typed["MAC address of T54W #2"] = by_hand
    names = {called: ada.control(called).get("name", "") for called in typed}
    ada.press("Fulfill", {"MAC address of T54W #1": typed["MAC address of T54W #1"]})
    assert ada.messages == [f"{order.reference} has 1 of 3 units: 1 device created."]
    whole = {names[called]: value for called, value in typed.items()}
    assert ada.client.post(f"{page_of(order)}/fulfill", data=whole).status_code == 302
    assert ada.open(page_of(order)).messages == [
        f"{order.reference} is fulfilled: 1 device created, 1 linked."
    ]

    # Once more, by an impatient hand: nothing changes.
    assert ada.client.post(f"{page_of(order)}/fulfill", data=whole).status_code == 302
    assert ada.open(page_of(order)).messages == [f"{order.reference} was fulfilled already; nothing changed."]

    devices = ada.open(devices_page(account)).rows("Devices")
    assert len(devices) == 3
    assert {row["Order"] for row in devices} == {order.reference}
    assert "linked" in ada.open(page_of(order)).row("T54W #2", "Units")["Device"]
    log = ada.open(f"/audit/?kind=order.fulfilled&order={order.reference}").rows()
    assert len(log) == 2


def test_fulfillment_is_recorded_in_the_audit_log_with_the_acting_super_admin_and_timestamp(
    world: World, ada: Visitor
) -> None:
    """Fulfillment is recorded in the audit log with the acting super-admin and timestamp."""
    order = world.an_order("approved", [("dect_base", 1), ("dect_handset", 2)])
    ada.open(f"{page_of(order)}/fulfill").press("Fulfill", type_in(ada))
    (row,) = ada.open("/audit/?kind=order.fulfilled").rows()
    assert row["Who"] == "Ada Okafor"
    assert just_now(row.moment("When"))
    assert f"Fulfilled {order.reference}: 3 devices created, 2 paired" in row["What"]
    assert row["Order"] == order.reference


def test_the_new_devices_appear_on_the_accounts_devices_page(
    world: World, ada: Visitor, piet: Visitor, sam: Visitor
) -> None:
    """The new devices appear on the account's Devices page."""
    account = world.an_account(name="Halden Dental Group")
    order = world.an_order("approved", [("deskphone", 2)], account=account)
    assert "No device yet" in piet.open(devices_page(account)).text
    ada.open(f"{page_of(order)}/fulfill").press("Fulfill", type_in(ada))
    for visitor in (ada, piet, sam):
        visitor.open("/accounts/").open(visitor.row("Halden Dental Group").opens)
        assert visitor.url == devices_page(account)
        assert [row["Device"] for row in visitor.rows("Devices")] == ["Yealink T54W Desk phone"] * 2
        assert {row["Order"] for row in visitor.rows("Devices")} == {order.reference}


# ---- Lifecycle


def test_submitted_approved_fulfilled_with_terminal_rejected_or_cancelled(
    world: World, ada: Visitor, piet: Visitor, api: Callers
) -> None:
    """submitted → approved → fulfilled, with terminal rejected (super-admin) or cancelled (customer)."""

    def status(order: HardwareOrder) -> str:
        return str(api.service.get(f"/orders/{order.reference}").json["status"])

    fulfilled, rejected, cancelled = world.an_order(), world.an_order(), world.an_order()
    assert status(fulfilled) == "submitted"
    ada.open(page_of(fulfilled)).press("Approve")
    assert status(fulfilled) == "approved"
    ada.follow("Fulfill order").press("Fulfill", type_in(ada))
    assert status(fulfilled) == "fulfilled"

    # A super-admin rejects and does not cancel; the customer's platform cancels and does not reject.
    assert ada.client.post(f"{page_of(cancelled)}/cancel", data={"reason": "No"}).status_code == 403
    assert piet.client.post(f"{page_of(rejected)}/reject", data={"reason": "No"}).status_code == 403
    ada.open(page_of(rejected)).follow("Reject…").press("Reject", {"Reason": REASON})
    assert status(rejected) == "rejected"
    piet.open(page_of(cancelled)).follow("Cancel order…").press("Cancel order")
    assert status(cancelled) == "cancelled"

    # Terminal: nothing is offered but a copy, and nothing that is sent moves it.
    for order in (fulfilled, rejected, cancelled):
        before = status(order)
        for visitor in (ada.open(page_of(order)), piet.open(page_of(order))):
            assert set(visitor.actions) <= {"Copy to a new order", "Purchase order"}
            assert visitor.controls() == (["Add a note"] if visitor is ada else [])
        assert ada.open(f"{LIST}?status=all").row(order.reference).hover_actions == []
        for visitor, actions in (
            (ada, ("approve", "mark-ordered", "reject", "reopen", "fulfill", "lines", "plan")),
            (piet, ("cancel", "lines", "plan")),
        ):
            for action in actions:
                answer = visitor.client.post(f"{page_of(order)}/{action}", data={"reason": "Once more"})
                already = action == "fulfill" and order is fulfilled
                assert answer.status_code == (302 if already else 409), (before, action)
        assert status(order) == before
