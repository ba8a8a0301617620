"""The text about ordering, item by item; each is the docstring of the test that proves it.

Piet orders for Northwind Voice's account Brightwater Marina; Ada decides.
"""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import func, select

from hwadmin.clock import utcnow
from hwadmin.db.extensions import db
from hwadmin.models import (
    AccessoryFit,
    AccountingCode,
    Basket,
    CatalogItem,
    CatalogPrice,
    Employee,
    HardwareOrder,
    PhoneLine,
    Unit,
)
from tests.acceptance.visitor import Visitor, classes, words
from tests.builders import World

NEW, UPGRADE, ACCESSORY = "Order New Device", "Upgrade Existing Device", "Order Accessory"
ADD, CREATE, CONFIRM = "Add to Basket", "Create Order", "Confirm Order Items"
ON, LAST = "Continue to Employee Information", "Continue to Confirm Order"
PHONE_NUMBER = "+31612345678"


class Shop:
    """Northwind Voice's catalog of mobiles, phones and accessories, and an account that orders from it."""

    def __init__(self, world: World, **settings: Any) -> None:
        self.world = world
        self.account = world.an_account(name="Brightwater Marina")
        for name, value in settings.items():
            setattr(self.account, name, value)
        colors = ["Black", "Sage"]
        self.iphone = world.an_item("mobile", sku="IP17", mobile_carrier="Meridian Mobile", colors=colors)
        for size, term, now, month in (
            ("256 GB", 0, "899.00", "0.00"),
            ("256 GB", 24, "99.00", "19.00"),
            ("512 GB", 0, "1129.00", "0.00"),
        ):
            self._add(
                CatalogPrice,
                catalog_item_id=self.iphone.id,
                size=size,
                term_months=term,
                unit_price=Decimal(now),
                monthly_price=Decimal(month),
            )
        self.galaxy = world.an_item(
            "mobile", sku="GA57", make="Samsung", model="Galaxy A57", mobile_carrier="Norda Mobile"
        )
        self.phone = world.an_item("deskphone", sku="T54W", unit_price=Decimal("149.00"))
        self.case = world.an_item(
            "accessory", sku="CASE", make="Apple", model="Silicone case", unit_price=Decimal("29.00")
        )
        self.headset = world.an_item("accessory", sku="WH62", make="Yealink", model="WH62 headset")
        self._add(AccessoryFit, accessory_id=self.case.id, device_item_id=self.iphone.id)
        self._add(AccessoryFit, accessory_id=self.headset.id, device_item_id=self.phone.id)
        self.page = f"/ordering/{self.account.id}/"

    def _add(self, model: Any, **values: Any) -> Any:
        return self.world._add(model(platform_id=self.account.platform_id, **values))

    def of_account(self, model: Any, **values: Any) -> Any:
        return self._add(model, account_id=self.account.id, **values)

    def codes(self, *codes: str) -> None:
        for code in codes:
            self.of_account(AccountingCode, code=code, description=f"About {code}")

    def employee(self, name: str = "Aoife Brennan", **values: Any) -> Employee:
        return self.world.an_employee(self.account, name, **values)

    def line(self, ends_in: int, **values: Any) -> PhoneLine:
        values = {
            "phone_number": PHONE_NUMBER,
            "mobile_carrier": "Meridian Mobile",
            "contract_term_months": 24,
            "contract_ends_on": utcnow().date() + timedelta(days=ends_in),
            "contract_balance": Decimal("240.00") if ends_in > 0 else Decimal(0),
            "currency": "EUR",
        } | values
        return self.of_account(PhoneLine, **values)


@pytest.fixture
def shop(world: World) -> Shop:
    return Shop(world)


def titles(visitor: Visitor) -> list[str]:
    """What the cards of the catalog show."""
    return [words(one) for one in visitor.main.iter("h3")]


def basket(visitor: Visitor) -> str:
    """What the side of the page says of the order."""
    (aside,) = [one for one in visitor.main.iter("aside") if "basket-panel" in classes(one)]
    return words(aside)


def orders() -> list[HardwareOrder]:
    return list(db.session.scalars(select(HardwareOrder).order_by(HardwareOrder.id)))


def units() -> list[Unit]:
    return list(db.session.scalars(select(Unit).order_by(Unit.id)))


def add(visitor: Visitor, shop: Shop, item: CatalogItem, **chosen: str) -> Visitor:
    """Put something into the basket by its card."""
    where = "accessories" if item in (shop.case, shop.headset) else "new"
    return visitor.open(f"{shop.page}{where}").press(f"{ADD}: {item.title}", chosen)


# ---- End-User Requests Menu


def test_the_requests_menu_is_only_for_customers_that_have_elected_it(world: World, piet: Visitor) -> None:
    """Select “Order New Device”, “Upgrade Existing Device” or “Order Accessory”. This step is only for
    customers that have elected to use the “End-User Requests Menu.” If not please proceed to “Ordering New
    Device”.
    """
    plain, elected = Shop(world), world.an_account(name="Halden Dental")
    elected.requests_menu = True
    db.session.commit()

    # Platform admins land on ordering, and choose the account.
    piet.open("/")
    assert (piet.url, piet.heading) == ("/ordering/", "Order hardware")
    piet.press("Continue", {"query": "brightwater"}).follow("Brightwater Marina")
    assert (piet.url, piet.heading) == (f"{plain.page}new", NEW)

    piet.open("/ordering/").press("Continue", {"query": "Halden Dental"})
    assert piet.heading == "End-User Requests Menu"
    menu = piet.url
    for choice in (NEW, UPGRADE, ACCESSORY):
        piet.open(menu)
        (link,) = [one for one in piet.main.iter("a") if "request" in classes(one) and choice in words(one)]
        assert piet.open(link.get("href", "")).heading == choice
    # What is in the basket stands beside the menu too.
    piet.open(f"{menu}new").press(f"{ADD}: {plain.phone.title}")
    assert plain.phone.title in basket(piet.open(menu))


# ---- Ordering New Device


def test_with_multiple_carriers_the_carrier_is_selected(shop: Shop, piet: Visitor) -> None:
    """If you’ve a multiple carriers you can select the carrier you want to choose for a ordering a device."""
    piet.open(f"{shop.page}new")
    assert piet.options("Mobile carrier") == ["All carriers", "Meridian Mobile", "Norda Mobile"]
    assert {"Apple iPhone 17", "Samsung Galaxy A57"} <= set(titles(piet))
    piet.press("Search", {"Mobile carrier": "Norda Mobile"})
    assert "Samsung Galaxy A57" in titles(piet)
    assert "Apple iPhone 17" not in titles(piet)


def test_an_unlocked_mobile_is_ordered_for_the_carrier_that_is_wanted(
    shop: Shop, world: World, piet: Visitor
) -> None:
    unlocked = world.an_item("mobile", sku="FP6", make="Fairphone", model="Fairphone 6")
    of_it = "Mobile carrier of Fairphone 6"
    piet.open(f"{shop.page}new")
    assert piet.options(of_it) == ["Unlocked, any carrier", "Meridian Mobile", "Norda Mobile"]
    # What is a carrier's own has none to choose.
    assert "Mobile carrier of Apple iPhone 17" not in piet.controls()
    add(piet, shop, unlocked)
    add(piet, shop, unlocked, **{of_it: "Norda Mobile"})
    # The list of one carrier's devices says which one is meant; it can be chosen anew with the accessories.
    piet.press("Search", {"Mobile carrier": "Norda Mobile"}).press("Select Fairphone 6")
    assert piet.control(of_it).find("option[@selected]").get("value") == "Norda Mobile"
    piet.press("Update prices", {of_it: "Meridian Mobile"})
    assert "1 × Fairphone 6 € 100.00 Meridian Mobile" in basket(piet)
    piet.press(ADD)
    assert "Norda Mobile" in basket(piet)
    piet.press(CREATE).press(ON).press(LAST).press(CONFIRM)
    (order,) = orders()
    assert [(line.sku, line.mobile_carrier) for line in order.lines] == [
        ("FP6", None),
        ("FP6", "Norda Mobile"),
        ("FP6", "Meridian Mobile"),
    ]


@pytest.mark.parametrize(
    ("sku", "carrier", "sentence"),
    [
        ("FP6", "Nowhere Mobile", "Fairphone 6 is not offered for Nowhere Mobile. Choose it unlocked, for"),
        (
            "IP17",
            "Norda Mobile",
            "in 256 GB is not offered for Norda Mobile. Choose it for Meridian Mobile.",
        ),
        ("T54W", "Norda Mobile", "Yealink T54W is not offered for Norda Mobile."),
    ],
)
def test_a_carrier_that_cannot_be_is_refused(
    shop: Shop, world: World, clients: Any, sku: str, carrier: str, sentence: str
) -> None:
    world.an_item("mobile", sku="FP6", make="Fairphone", model="Fairphone 6")
    size = "256 GB" if sku == "IP17" else ""
    sent = {"item": sku, "size": size, "carrier": carrier, "page": "device", "do": "add"}
    answer = clients.piet.post(f"{shop.page}choose", data=sent)
    assert answer.status_code == 422
    assert 'id="carrier-error"' in answer.text
    assert sentence in answer.text


def test_with_one_carrier_there_is_none_to_choose(shop: Shop, world: World, piet: Visitor) -> None:
    shop.galaxy.mobile_carrier = "Meridian Mobile"
    world.an_item("mobile", sku="FP6", make="Fairphone", model="Fairphone 6")
    assert not [one for one in piet.open(f"{shop.page}new").controls() if one.startswith("Mobile carrier")]


def test_tabs_switch_between_the_three(shop: Shop, piet: Visitor) -> None:
    """Click on the tabs to switch options between “Order New Device”, “Upgrade Existing Number” and “Order
    Accessory”.
    """
    piet.open(f"{shop.page}new")
    for tab in (UPGRADE, ACCESSORY, NEW):
        assert piet.follow(tab).heading == tab


def test_the_catalog_is_filtered_by_make_kind_price_and_text(shop: Shop, piet: Visitor) -> None:
    """This area allows you to filter by device make"""
    piet.open(f"{shop.page}new").follow("Samsung")
    assert titles(piet) == ["Samsung Galaxy A57"]
    piet.follow("All makes")
    assert titles(piet) == ["Apple iPhone 17", "Samsung Galaxy A57", "Yealink T54W"]
    assert titles(piet.press("Search", {"Kind": "Desk phone"})) == ["Yealink T54W"]
    piet.open(f"{shop.page}new").press("Search", {"Price now, up to": "99"})
    assert titles(piet) == ["Apple iPhone 17"]
    piet.open(f"{shop.page}new").press("Search", {"Search make, model or SKU": "galaxy"})
    assert titles(piet) == ["Samsung Galaxy A57"]
    piet.press("Search", {"Search make, model or SKU": "rotary"})
    assert "Nothing in the catalog fits" in piet.text
    assert len(titles(piet.follow("Clear the filter"))) == 3


def test_accessories_are_filtered_by_the_model_they_fit(shop: Shop, world: World, piet: Visitor) -> None:
    # Another color of the same model, as an item of its own, is no second model.
    sage = world.an_item("mobile", sku="IP17-SAGE", mobile_carrier="Meridian Mobile", color="Pine")
    pouch = world.an_item("accessory", sku="POUCH", make="Apple", model="Pouch")
    shop._add(AccessoryFit, accessory_id=pouch.id, device_item_id=sage.id)
    piet.open(f"{shop.page}accessories")
    offered = [words(one) for one in piet.control("fits").iter("option")]
    assert offered == ["Any device", "Apple iPhone 17", "Samsung Galaxy A57", "Yealink T54W"]
    piet.open(f"{shop.page}accessories?fits={shop.iphone.id}")
    assert titles(piet) == ["Apple Pouch", "Apple Silicone case"]


def test_spare_inventory_can_be_selected(shop: Shop, world: World, piet: Visitor, ada: Visitor) -> None:
    """If you have Spare Inventory you can select this option"""
    piet.open(f"{shop.page}new")
    assert "Spare Inventory" not in piet.text
    spare = world.a_device(shop.account, item=shop.phone)
    world.a_device(world.an_account(), item=shop.phone)

    piet.open(f"{shop.page}new").follow("1 spare on this account")
    row = piet.row("Yealink T54W")
    shown = row["Identifier"].split()[0]
    piet.press(f"{ADD}: Yealink T54W {shown}", within=row)
    assert f"spare {shown}" in basket(piet)
    assert piet.row("Yealink T54W").text.endswith("In the basket")
    assert "Now € 0.00" in basket(piet)
    piet.press(CREATE).press(ON).press(LAST).press(CONFIRM)
    (unit,) = units()
    assert (unit.reserved_device_id, unit.line.from_spare, unit.line.total) == (spare.id, True, 0)
    # It is reserved: nobody else can choose it.
    assert "Spare Inventory" not in piet.open(f"{shop.page}new").text


def test_term_and_size_are_selected(shop: Shop, piet: Visitor) -> None:
    """You will be able to select the term & size of the device you would like to purchase"""
    piet.open(f"{shop.page}new")
    assert {"256 GB", "512 GB", "No term", "24 months"} <= set(piet.controls())
    add(piet, shop, shop.iphone, **{"24 months": "24"})
    assert "256 GB · 24 months" in basket(piet)
    assert "Now € 99.00 A month € 19.00" in basket(piet)
    # What is not offered is refused on the page of the device, with what was chosen still there.
    piet.open(f"{shop.page}new")
    piet.press(f"{ADD}: Apple iPhone 17", {"512 GB": "512 GB", "24 months": "24"}, status=422)
    assert "is not offered for 24 months. Choose it without a term." in piet.text
    assert "Now € 1,129.00" in basket(piet)
    piet.press(ADD, {"No term": "0"})
    assert "Now € 1,228.00 A month € 19.00" in basket(piet)


def test_how_many_is_said_on_the_card(shop: Shop, piet: Visitor) -> None:
    add_phone, how_many = f"{ADD}: Yealink T54W", "How many: Yealink T54W"
    piet.open(f"{shop.page}new").press(add_phone, {how_many: "40"})
    assert piet.messages[0].startswith("Added 40 × Yealink T54W to the basket.")
    piet.press("Select Yealink T54W", {how_many: "12"})
    assert piet.control("quantity").get("value") == "12"
    piet.open(f"{shop.page}new").press(add_phone, {how_many: "none"}, status=422)
    assert "Give a quantity from 1 to 2,000." in piet.text
    piet.open(f"{shop.page}accessories").press(
        f"{ADD}: Apple Silicone case", {"How many: Apple Silicone case": "0"}
    )
    assert piet.messages[0] == "Give a quantity from 1 to 2,000."


# ---- Select Accessories & Confirm Order


def test_accessories_are_added_after_selecting_the_device(shop: Shop, piet: Visitor) -> None:
    """After you select your device you will be able to add Accessories to the order"""
    piet.open(f"{shop.page}new").press("Select Apple iPhone 17", {"24 months": "24", "Sage": "Sage"})
    assert piet.heading == "Select Accessories & Confirm Order"
    # Those that fit, and no others.
    assert "Apple Silicone case" in piet.text
    assert "WH62 headset" not in piet.text
    piet.press("Update prices", {"Quantity of Apple Silicone case": "2", "Quantity": "2"})
    assert "Now € 256.00 A month € 38.00" in basket(piet)
    piet.press(ADD)
    assert piet.messages[0].startswith("Added 2 × Apple iPhone 17 · 256 GB · Sage · 24 months")
    assert "Apple Silicone case € 58.00" in basket(piet)
    # Later too: from the basket, for this device.
    (more,) = [one for one in piet.main.iter("a") if "basket-more" in classes(one)]
    assert titles(piet.open(more.get("href", ""))) == ["Apple Silicone case"]
    piet.press(CREATE).press(ON).press(LAST).press(CONFIRM)
    (order,) = orders()
    device, extra = order.lines
    assert (device.title, device.quantity, device.color) == ("Apple iPhone 17", 2, "Sage")
    assert (extra.title, extra.quantity, extra.accessory_of_id) == ("Apple Silicone case", 2, device.id)


def test_the_color_of_an_accessory_is_chosen_where_it_is_picked(shop: Shop, piet: Visitor) -> None:
    shop.case.colors = ["Black", "Clear"]
    db.session.commit()
    of_case = "Color of Apple Silicone case"
    piet.open(f"{shop.page}new").press("Select Apple iPhone 17")
    assert piet.options(of_case) == ["Black", "Clear"]
    # What it comes to says it, and it stays chosen.
    piet.press("Update prices", {"Quantity of Apple Silicone case": "2", of_case: "Clear"})
    assert "2 × Apple Silicone case · Clear" in basket(piet)
    piet.press(ADD)
    # On its own it is a card with its colors, for a device of the basket too.
    add(piet, shop, shop.case, Clear="Clear")
    (more,) = [one for one in piet.main.iter("a") if "basket-more" in classes(one)]
    piet.open(more.get("href", "")).press(f"{ADD}: Apple Silicone case")
    piet.press(CREATE).press(ON).press(LAST).press(CONFIRM)
    device, *extras = orders()[0].lines
    assert {(one.color, one.quantity, one.accessory_of_id) for one in extras} == {
        ("Clear", 2, device.id),
        ("Clear", 1, None),
        ("Black", 1, device.id),
    }


def test_a_color_an_accessory_is_not_had_in_is_refused_at_its_field(shop: Shop, clients: Any) -> None:
    shop.case.colors = ["Black", "Clear"]
    db.session.commit()
    fields = {"item": "IP17", "size": "256 GB", "page": "device", "do": "add", f"acc-{shop.case.id}": "1"}
    answer = clients.piet.post(f"{shop.page}choose", data=fields | {f"acc-{shop.case.id}-color": "Puce"})
    assert answer.status_code == 422
    assert f'id="acc-{shop.case.id}-color-error"' in answer.text
    assert "Apple Silicone case is not offered in this color. Choose another." in answer.text


def test_an_upgrade_shows_current_device_contract_balance_and_eligibility(
    shop: Shop, world: World, piet: Visitor
) -> None:
    """If you’re upgrading an existing device you will be able to see information like Current Device,
    Contract Balance and whether the device is eligible for an Upgrade.
    """
    user = shop.employee(employee_number="E-17")
    old = world.a_device(shop.account, item=shop.galaxy)
    line = shop.line(-10, employee_id=user.id, device_id=old.id)
    later = shop.line(200, phone_number="+31699999999")

    piet.open(f"{shop.page}upgrade")
    assert piet.row(PHONE_NUMBER)["Current Device"] == "Samsung Galaxy A57"
    assert piet.row(PHONE_NUMBER)["Employee"] == "Aoife Brennan"
    assert piet.row(PHONE_NUMBER)["Upgrade"] == "Eligible"
    assert piet.row("+31699999999")["Contract Balance"] == "€ 240.00"
    piet.open(f"{shop.page}upgrade?line={line.id}")
    for sentence in (
        "Current Device Samsung Galaxy A57",
        "Contract Balance € 0.00",
        "Eligible for an upgrade",
    ):
        assert sentence in piet.text
    # Only mobiles of the number's carrier.
    assert titles(piet) == ["Apple iPhone 17"]
    piet.press("Select Apple iPhone 17")
    assert "Current Device Samsung Galaxy A57" in piet.text
    piet.press(ADD)
    assert f"256 GB · Meridian Mobile · upgrade of {PHONE_NUMBER}" in basket(piet)
    # Not eligible and no override allowed: said, and blocked.
    piet.open(f"{shop.page}upgrade")
    assert [piet.row(number).text.split()[-1] for number in (PHONE_NUMBER, "+31699999999")] == [
        "basket",
        "Details",
    ]
    piet.open(f"{shop.page}upgrade?line={later.id}").press("Select Apple iPhone 17")
    assert "Not eligible until" in piet.text
    assert ADD not in [words(one) for one in piet.main.iter("button")]
    refused = piet.client.post(
        f"{shop.page}choose", data={"item": "IP17", "line": later.id, "size": "256 GB"}
    )
    assert refused.status_code == 422

    piet.open(shop.page).press(CREATE).press(ON).press(LAST, {"Reason for the upgrade": "Battery is worn."})
    piet.press(CONFIRM)
    (unit,) = units()
    assert (unit.line_of_service_id, unit.employee_id) == (line.id, user.id)
    assert (unit.user_name, unit.user_number) == ("Aoife Brennan", "E-17")
    assert unit.upgrade_reason == "Battery is worn."


def test_an_upgrade_that_is_not_eligible_needs_an_account_that_allows_it_and_a_reason(
    world: World, piet: Visitor
) -> None:
    """… and whether the device is eligible for an Upgrade."""
    shop = Shop(world, allows_upgrade_override=True)
    line = shop.line(200)
    piet.open(f"{shop.page}upgrade?line={line.id}").press("Select Apple iPhone 17", {"Sage": "Sage"})
    piet.press(ADD, status=422)
    assert "Say why it is upgraded although it is not eligible." in piet.text
    piet.press(ADD, {"Reason for upgrading before it is eligible": "Fell into the dock."})
    piet.press(CREATE).press(ON).press(LAST)
    assert "Although not eligible: Fell into the dock." in piet.text
    piet.press(CONFIRM)
    (unit,) = units()
    assert (unit.override_reason, unit.line.color) == ("Fell into the dock.", "Sage")


def test_order_items_are_broken_down_accessories_removed_and_the_color_changed(
    shop: Shop, piet: Visitor
) -> None:
    """Your order items will easily be able broken down, you can remove accessories from the order as well as
    change the color of the device you’r ordering.
    """
    piet.open(f"{shop.page}new").press("Select Apple iPhone 17")
    piet.press(ADD, {"Quantity of Apple Silicone case": "1"})
    for sentence in ("Apple iPhone 17 € 899.00", "Apple Silicone case € 29.00", "Now € 928.00"):
        assert sentence in basket(piet)
    piet.press("Update basket", {"Color of Apple iPhone 17": "Sage"})
    assert piet.control("Color of Apple iPhone 17").get("id") == "color-1"
    piet.press("Remove Apple Silicone case")
    assert "Silicone" not in basket(piet)
    assert "Now € 899.00" in basket(piet)
    piet.press("Update basket", {"Quantity of Apple iPhone 17": "3"})
    assert "Now € 2,697.00" in basket(piet)
    piet.press("Update basket", {"Quantity of Apple iPhone 17": "many"})
    assert "stays at 3" in piet.messages[0]
    piet.press(CREATE).press(ON).press(LAST).press(CONFIRM)
    (line,) = orders()[0].lines
    assert (line.color, line.quantity, line.total) == ("Sage", 3, Decimal("2697.00"))


def test_add_to_basket_then_create_order(shop: Shop, piet: Visitor) -> None:
    """Once you’re decided you can then select “Add to Basket” then select “Create Order”"""
    add(piet, shop, shop.phone)
    assert orders() == []
    # It is kept across sessions, for this person and this account.
    assert "Yealink T54W" in basket(piet.open(f"{shop.page}upgrade"))
    piet.press(CREATE)
    assert piet.heading == "Ordering Information & Notes"
    assert piet.open("/ordering/").row("Brightwater Marina")["Items"] == "1"


# ---- Ordering Information & Notes


def test_the_ordering_information_goes_into_the_order(shop: Shop, world: World, piet: Visitor) -> None:
    """This shows you a breakdown of your order · Who is requesting the order · Individuals who would like to
    be notified during the order process · Shipping Location · For shipping purposes who the shipment will be
    attention to · Any additional notes for the dealer
    """
    site = world.a_location(shop.account, "Harbour office", address="Quay 1")
    world.a_location(shop.account, "Workshop")
    add(piet, shop, shop.phone).press(CREATE)
    assert "1 × Yealink T54W € 149.00" in basket(piet)
    assert piet.control("Requester").get("value") == "Piet Jansen"
    piet.press(
        ON,
        {
            "Requester": "Aoife Brennan",
            "Notify": "tom@example.com, dana@example.com\nno-address",
            "Shipping Location": "Harbour office, Quay 1",
            "Attention": "Front desk",
            "Notes for the distributor": "Ring twice.",
        },
        status=422,
    )
    # What is wrong is said at its field; everything typed is kept, also after leaving.
    assert "“no-address” is not an e-mail address." in piet.text
    piet.open(f"{shop.page}information")
    assert piet.control("Attention").get("value") == "Front desk"
    piet.press(ON, {"Notify": "tom@example.com; dana@example.com"}).press(LAST)
    for sentence in ("Requester Aoife Brennan", "Attention Front desk", "for the distributor Ring twice."):
        assert sentence in piet.text
    piet.press(CONFIRM)
    (order,) = orders()
    assert (order.requester, order.ship_to_location_id) == ("Aoife Brennan", site.id)
    assert order.notify == ["tom@example.com", "dana@example.com"]
    assert (order.attention, order.notes) == ("Front desk", "Ring twice.")


# ---- Employee Information


def test_selecting_the_employee_fills_in_name_number_and_accounting_codes(shop: Shop, piet: Visitor) -> None:
    """If you’ve HR integrations within our system, you can select the employee in here and it will autofill
    the Employee Name, Number and Accounting Codes. · This will be the employee who the phone will belong to ·
    Accounting codes that belong to the users device, this will autofill if it’s an existing user.
    """
    shop.codes("4711", "4720")
    booked = [{"code": "4711", "percent": "60"}, {"code": "4720", "percent": "40"}]
    aoife = shop.employee(employee_number="E-17", accounting_codes=booked)
    shop.employee("Aoife Byrne")
    add(piet, shop, shop.iphone).press(CREATE).press(ON)
    assert piet.heading == "Employee Information"
    # The type-ahead of the browser, and what it fills in.
    found = piet.client.get(f"/ordering/{shop.account.id}/directory/?query=brenn").json
    assert found == [[aoife.id, "Aoife Brennan · E-17"]]
    facts = piet.client.get(f"/ordering/{shop.account.id}/directory/{aoife.id}").json
    assert facts == {"id": aoife.id, "name": "Aoife Brennan", "number": "E-17", "codes": booked}
    # Without scripts: two are called so; one of them is pressed.
    piet.press("Fill in", {"Select the employee": "Aoife"})
    piet.press("Aoife Brennan · E-17")
    assert piet.control("Employee Name").get("value") == "Aoife Brennan"
    assert piet.control("Employee Number").get("value") == "E-17"
    assert piet.control("Share of code 2 in percent").get("value") == "40"
    # All of it can be changed; shares must make 100 %.
    piet.press(LAST, {"Employee Number": "E-18", "Share of code 1 in percent": "50"}, status=422)
    assert "The shares make 90 %; they must make 100 %." in piet.text
    piet.press(LAST, {"Share of code 1 in percent": "60"})
    assert piet.row("Apple iPhone 17", "Employee Information")["For"] == "Aoife Brennan · E-18"
    piet.press(CONFIRM)
    (unit,) = units()
    assert (unit.employee_id, unit.user_name, unit.user_number) == (aoife.id, "Aoife Brennan", "E-18")
    assert unit.accounting_codes == booked
    # The directory is not touched, and a submitted order is never synchronized again.
    assert db.session.get(Employee, aoife.id).employee_number == "E-17"


def test_employee_numbers_are_for_companies_who_require_them(world: World, piet: Visitor) -> None:
    """This is for companies who require employee numbers"""
    shop = Shop(world, requires_employee_number=True)
    add(piet, shop, shop.phone).press(CREATE).press(ON)
    piet.press(LAST, {"Employee Name": "Dana Reed"}, status=422)
    assert "Brightwater Marina needs the employee number." in piet.text
    assert piet.control("Employee Name").get("value") == "Dana Reed"
    piet.press(LAST, {"Employee Number": "E-20"}).press(CONFIRM)
    assert units()[0].user_number == "E-20"


def test_the_reason_for_the_upgrade_is_asked_where_a_manager_has_to_agree(
    world: World, piet: Visitor
) -> None:
    """The reason for the upgrade (this will show up in the Manager Approval request if Approvals are
    required).
    """
    shop = Shop(world, requires_manager_approval=True, approver_email="boss@example.com")
    line = shop.line(-10)
    piet.open(f"{shop.page}upgrade?line={line.id}").press("Select Apple iPhone 17").press(ADD)
    piet.press(CREATE).press(ON).press(LAST, status=422)
    assert "Give the reason for the upgrade" in piet.text
    piet.press(LAST, {"Reason for the upgrade": "The screen is broken."})
    assert "A manager is asked to agree first." in piet.text
    piet.press(CONFIRM)
    assert piet.messages[0].endswith("It is pending approval; a manager is asked first.")
    assert units()[0].upgrade_reason == "The screen is broken."


# ---- Confirm Order


def test_the_order_can_be_deleted_entirely(shop: Shop, piet: Visitor) -> None:
    """If you would like to delete the order entirely"""
    add(piet, shop, shop.phone).press(CREATE).press(ON, {"Attention": "Front desk"}).press(LAST)
    # Whoever has no scripts is asked by a page of its own.
    piet.press("Delete Order")
    assert piet.heading == "Delete this order?"
    assert "Everything in the basket of Brightwater Marina is deleted" in piet.text
    assert "1 × Yealink T54W" in piet.text
    assert "Yealink T54W" in basket(piet.follow("Go back"))
    piet.press("Delete basket").press("Delete Order")
    assert piet.messages == ["Deleted the basket of Brightwater Marina. Nothing was ordered."]
    assert "Nothing in it yet" in basket(piet)
    assert orders() == []
    # Nothing of it comes back with the next one.
    add(piet, shop, shop.phone).press(CREATE)
    assert piet.control("Attention").get("value") == ""


def test_the_order_can_be_modified(shop: Shop, piet: Visitor) -> None:
    """If you need to make modifications to the order"""
    add(piet, shop, shop.phone).press(CREATE).press(ON).press(LAST, {"Employee Name": "Dana Reed"})
    piet.follow("Modify Order").press("Update basket", {"Quantity of Yealink T54W": "2"})
    piet.open(f"{shop.page}confirm")
    assert "€ 298.00" in piet.text
    assert "Dana Reed" in piet.text
    for part, heading in (
        ("information", "Ordering Information & Notes"),
        ("employees", "Employee Information"),
    ):
        assert piet.open(f"{shop.page}{part}").heading == heading


def test_confirm_order_items_sends_the_order_off_to_be_approved(
    shop: Shop, piet: Visitor, ada: Visitor
) -> None:
    """If you’re satisfied with the order clicking on “Confirm Order Items” will then send the order off to be
    Approved and sent to the Dealer.
    """
    add(piet, shop, shop.phone)
    add(piet, shop, shop.headset).press(CREATE).press(ON).press(LAST, {"u-1-1-name": "Dana Reed"})
    piet.press(CONFIRM)
    (order,) = orders()
    assert piet.messages[0] == f"Submitted {order.reference} for Brightwater Marina. It is pending approval."
    assert piet.url == f"/orders/{order.reference}"
    assert ada.open("/orders/").row("Brightwater Marina")["Line items"] == (
        "1 × Yealink T54W, 1 × Yealink WH62 headset"
    )
    # The basket is empty again; what was sent once is not made twice.
    assert "Nothing in it yet" in basket(piet.open(f"{shop.page}new"))


# ---- What else must hold


def test_a_double_click_makes_one_order(shop: Shop, piet: Visitor) -> None:
    add(piet, shop, shop.phone).press(CREATE).press(ON).press(LAST)
    sent = {name: piet.control_value(name) for name in ("submission_key", "seen")}
    first = piet.client.post(f"{shop.page}confirm", data=sent)
    again = piet.client.post(f"{shop.page}confirm", data=sent)
    assert (first.status_code, again.status_code) == (302, 302)
    assert first.location == again.location
    assert len(orders()) == 1


def test_a_price_that_changed_meanwhile_is_shown_before_anything_is_sent(shop: Shop, piet: Visitor) -> None:
    add(piet, shop, shop.phone).press(CREATE).press(ON).press(LAST)
    db.session.get(CatalogItem, shop.phone.id).unit_price = Decimal("159.00")
    db.session.commit()
    piet.press(CONFIRM, status=409)
    assert "a price has changed" in piet.messages[0]
    assert "€ 159.00" in basket(piet)
    assert orders() == []
    piet.press(CONFIRM)
    assert orders()[0].lines[0].unit_price == Decimal("159.00")


def test_what_can_no_longer_be_ordered_is_said_and_never_a_fault(
    shop: Shop, world: World, piet: Visitor
) -> None:
    spare = world.a_device(shop.account, item=shop.phone)
    add(piet, shop, shop.iphone)
    piet.client.post(f"{shop.page}choose", data={"spare": spare.id, "do": "add"})
    db.session.get(CatalogItem, shop.iphone.id).archived_at = utcnow()
    spare.employee_id = shop.employee().id
    db.session.commit()
    piet.open(f"{shop.page}new")
    assert "Apple iPhone 17 is archived and can no longer be ordered. Remove it." in basket(piet)
    assert "This spare device has been taken meanwhile." in basket(piet)
    piet.open(f"{shop.page}confirm")
    sent = {name: piet.control_value(name) for name in ("submission_key", "seen")}
    assert piet.client.post(f"{shop.page}confirm", data=sent).status_code == 422
    assert orders() == []


def test_a_basket_that_makes_no_sense_any_more_is_read_as_far_as_it_does(shop: Shop, piet: Visitor) -> None:
    add(piet, shop, shop.phone)
    kept = db.session.scalars(select(Basket)).one()
    kept.content = kept.content | {
        "lines": [*kept.content["lines"], {"key": 2, "sku": 5, "quantity": "x"}, "nonsense"],
        "information": [1],
    }
    db.session.commit()
    piet.open(f"{shop.page}new")
    assert "2 lines of this basket could not be read any more." in basket(piet)
    piet.press(CREATE).press(ON).press(LAST).press(CONFIRM)
    assert [line.sku for line in orders()[0].lines] == ["T54W"]


def test_two_windows_do_not_undo_each_other(shop: Shop, piet: Visitor, clients: Any) -> None:
    other = Visitor(clients.piet)
    add(piet, shop, shop.iphone)
    add(other, shop, shop.phone)
    # The first window still shows one line; what it changes is laid over what is there by now.
    piet.press("Update basket", {"Color of Apple iPhone 17": "Sage"})
    assert "Yealink T54W" in basket(piet)
    other.open(f"{shop.page}new")
    piet.press("Update basket", {"Quantity of Yealink T54W": "4"})
    other.press("Update basket", {"Quantity of Yealink T54W": "7"})
    assert "The quantity of Yealink T54W became 4 in another window meanwhile" in other.messages[0]
    # Ordering information of two windows: the later one is asked, and keeps what was typed.
    piet.open(f"{shop.page}information")
    other.open(f"{shop.page}information")
    piet.press(ON, {"Attention": "Front desk"})
    other.press(ON, {"Attention": "Workshop"}, status=422)
    assert "changed in another window" in other.text
    assert other.control("Attention").get("value") == "Workshop"
    other.press(ON)
    assert other.open(f"{shop.page}information").control("Attention").get("value") == "Workshop"
    # Two units, each planned in a window of its own.
    piet.open(f"{shop.page}employees")
    other.open(f"{shop.page}employees")
    piet.press(LAST, {"u-1-1-name": "Dana Reed"})
    other.press(LAST, {"u-2-1-name": "Tom Hale"})
    assert "Dana Reed" in other.text
    assert "Tom Hale" in other.text


def test_desk_phones_bases_and_handsets_are_ordered_alike(shop: Shop, world: World, piet: Visitor) -> None:
    site = world.a_location(shop.account, "Harbour office")
    base, handset = world.item("dect_base"), world.item("dect_handset")
    for item in (base, handset, shop.phone):
        add(piet, shop, item)
    piet.press("Update basket", {f"Quantity of {handset.title}": "2"})
    piet.press(CREATE).press(ON)
    piet.press(
        LAST,
        {
            "u-1-1-location": "Harbour office",
            "u-2-1-name": "Dana Reed",
            "u-2-2-base": f"{base.title} #1",
            "u-3-1-location": "Harbour office",
        },
    )
    piet.press(CONFIRM)
    planned = {f"{unit.line.sku} {unit.number}": unit for unit in units()}
    assert planned[f"{base.sku} 1"].location_id == planned["T54W 1"].location_id == site.id
    assert planned[f"{handset.sku} 1"].user_name == "Dana Reed"
    assert planned[f"{handset.sku} 2"].base_unit_id == planned[f"{base.sku} 1"].id


def test_many_units_are_planned_alike_page_by_page(shop: Shop, piet: Visitor) -> None:
    add(piet, shop, shop.phone)
    piet.press("Update basket", {"Quantity of Yealink T54W": "105"}).press(CREATE).press(ON)
    assert "Units 1–100 of 105" in piet.text
    piet.press("Fill employees down", {"u-1-1-name": "Reception"})
    assert "Filled 104 units." in piet.messages[0]
    piet.press("Next units", {"u-1-3-name": "Dana Reed"})
    assert "Units 101–105 of 105" in piet.text
    piet.press(LAST).press(CONFIRM)
    names = db.session.execute(select(Unit.user_name, func.count()).group_by(Unit.user_name)).all()
    assert dict(map(tuple, names)) == {"Reception": 104, "Dana Reed": 1}  # type: ignore[arg-type]


def test_a_few_units_are_planned_alike(shop: Shop, piet: Visitor) -> None:
    add(piet, shop, shop.phone)
    piet.press("Update basket", {"Quantity of Yealink T54W": "4"}).press(CREATE).press(ON)
    piet.press("The same for the other 3 T54W", {"u-1-1-name": "Reception"})
    assert "3 other units are planned the same now." in piet.messages[0]
    piet.press(LAST).press(CONFIRM)
    assert [unit.user_name for unit in units()] == ["Reception"] * 4


def test_nothing_of_another_account_gets_into_a_basket(shop: Shop, world: World, piet: Visitor) -> None:
    other = world.an_account(world.blue_harbor)
    theirs = world.an_item("deskphone", world.blue_harbor, sku="THEIRS")
    stranger, place = world.an_employee(other, "Stranger"), world.a_location(other, "Elsewhere")
    spare = world.a_device(other, item=theirs)
    line = world._add(
        PhoneLine(
            platform_id=other.platform_id,
            account_id=other.id,
            phone_number="+31600000000",
            mobile_carrier="X",
            currency="EUR",
        )
    )
    post = piet.client.post
    for sent in (
        {"item": "THEIRS"},
        {"spare": spare.id},
        {"item": "IP17", "size": "256 GB", "line": line.id},
    ):
        assert post(f"{shop.page}choose", data={**sent, "do": "add"}).status_code in (303, 404, 422)
    assert "Nothing in it yet" in basket(piet.open(f"{shop.page}new"))
    assert piet.client.get(f"/ordering/{other.id}/new").status_code == 404
    assert piet.client.get(f"{shop.page}directory/{stranger.id}").status_code == 404
    assert piet.client.get(f"{shop.page}device?item=THEIRS").status_code == 404
    add(piet, shop, shop.phone)
    mark = piet.open(f"{shop.page}employees").control_value("u-1-1-mark")
    plan = {"u-1-1-mark": mark, "u-1-1-name": "X", "u-1-1-employee": stranger.id, "u-1-1-location": place.id}
    assert post(f"{shop.page}employees", data=plan | {"go": "confirm"}).status_code == 422
    piet.open(f"{shop.page}confirm")
    assert "This is not an active employee of Brightwater Marina." in piet.text
    assert "This is not a location of Brightwater Marina." in piet.text
    assert orders() == []
