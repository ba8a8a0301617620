"""Employee information for many units: a table, with names pasted once and columns filled down."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from sqlalchemy import select

from hwadmin.db.extensions import db
from hwadmin.domain.ordering.basket import Plan, read
from hwadmin.models import Account, Basket, HardwareOrder, Unit
from tests.acceptance.visitor import Visitor
from tests.builders import Clients, World

FILL, ALL_NEW = "Fill in", "They are all new"
ON = "Continue to Confirm Order"


@dataclass
class Marina:
    """An account with five people and a site, and a basket of 1 base, 4 handsets and 3 phones for it."""

    account: Account
    piet: Visitor

    def page(self) -> Visitor:
        return self.piet.open(f"/ordering/{self.account.id}/employees")

    def paste(self, text: str, first: str = "The units that are for nobody yet") -> Visitor:
        return self.page().press(FILL, {"paste": text, "paste_from": first})

    def plans(self) -> list[Plan]:
        """The plans of all units but the base, in the order of the basket."""
        db.session.expire_all()
        content, _ = read(db.session.scalars(select(Basket)).one().content)
        plans = [line.plan(number) for line in content.lines for number in range(1, line.quantity + 1)]
        return plans[1:]

    def names(self) -> list[str]:
        return [plan.name for plan in self.plans()]


@pytest.fixture
def marina(world: World, clients: Clients) -> Marina:
    account = world.an_account(name="Brightwater Marina")
    site = world.a_location(account, "Harbour office")
    world.a_code(account, "4711")
    for name, number in (
        ("Aoife Brennan", "0017"),
        ("Tom Hale", "20"),
        ("Dana Fox", "18"),
        ("Ida Krüger", "19"),
        ("Tom Hale", "21"),
    ):
        world.an_employee(account, name, employee_number=number)
    for kind, quantity in (("dect_base", 1), ("dect_handset", 4), ("deskphone", 3)):
        form = {"item": world.item(kind).sku, "quantity": str(quantity), "do": "add"}
        clients.piet.post(f"/ordering/{account.id}/choose", data=form)
    piet = Visitor(clients.piet)
    piet.open(f"/ordering/{account.id}/information").press(
        "Continue to Employee Information", {"ship_to": site.name}
    )
    return Marina(account, piet)


def test_pasted_names_and_numbers_go_to_the_units_in_order(marina: Marina) -> None:
    page = marina.paste("Brennan, Aoife\r\n18\r\n\r\nida kruger\r\n21")
    assert page.messages[0] == "Found 4 people in the directory."
    # A blank line leaves its unit out.
    assert marina.names() == ["Aoife Brennan", "Dana Fox", "", "Ida Krüger", "Tom Hale", "", ""]
    assert [plan.number for plan in marina.plans()][:2] == ["0017", "18"]
    assert all(plan.employee_id for plan in marina.plans() if plan.name)
    # What was filled in stays; the next ones go to who is left.
    page = marina.paste("17\n17\n17\n17")
    assert page.messages[0] == "Found 3 people in the directory. 1 name has no unit left."
    assert marina.names()[2] == "Aoife Brennan"
    assert marina.names()[3] == "Ida Krüger"


def test_pasting_says_whether_anybody_was_found(marina: Marina) -> None:
    assert marina.paste("").messages == ["Paste names or employee numbers first."]
    for text, notice in (("Nobody Here", "warning>Found nobody"), ("18", "success>Found 1 person")):
        kind, words = notice.split(">")
        html = f'<div class="notice notice-{kind}" role="status">{words} in the directory.'
        assert html in marina.paste(text).answer.text


def test_names_are_pasted_from_a_unit_on(marina: Marina, world: World) -> None:
    marina.paste("18", f"From {world.item('deskphone').title} #1 on")
    assert marina.names() == ["", "", "", "", "Dana Fox", "", ""]
    # As a script sends what was pasted into a field of the third handset.
    marina.page()
    fields = {"go": "paste-u-2-3", "paste": "19\n17"}
    marina.piet.client.post(f"/ordering/{marina.account.id}/employees", data=fields)
    assert marina.names() == ["", "", "Ida Krüger", "Aoife Brennan", "Dana Fox", "", ""]


def test_who_fits_nobody_for_certain_is_asked_before_the_order_is_confirmed(marina: Marina) -> None:
    page = marina.paste("Jon Smth\nTom Hale\nDana")
    assert "3 pasted names do not clearly match anybody in the directory." in page.text
    assert "Not in the directory. Somebody new" in page.text
    assert "There are 2 employees with this name." in page.text
    page.press(ON, status=422)
    assert "“Dana” does not clearly match anybody in the directory." in page.text
    marina.piet.open(f"/ordering/{marina.account.id}/confirm")
    assert "Say who it is, or keep them as new." in marina.piet.text
    # Chosen, typed anew, and kept as somebody new.
    marina.page().press("Tom Hale · 21")
    marina.page().press(ON, {"u-2-3-name": "Dana Fox", "u-2-3-number": "18"}, status=422)
    marina.page().press("Somebody new")
    marina.page().press(ON).press("Confirm Order Items")
    (order,) = db.session.scalars(select(HardwareOrder))
    units = db.session.scalars(select(Unit).where(Unit.order_id == order.id).order_by(Unit.id))
    users = [(unit.user_name, unit.user_number) for unit in units]
    assert users[1:4] == [("Jon Smth", None), ("Tom Hale", "21"), ("Dana Fox", "18")]
    directory = [person.name for person in marina.account.employees]
    assert sorted(directory).count("Jon Smth") == 1
    assert len(directory) == 6


def test_names_of_an_empty_directory_are_all_new_at_one_press(marina: Marina) -> None:
    page = marina.paste("Ann Bell\nBob Cole")
    page.press(ALL_NEW)
    assert "not clearly match" not in page.text
    page.press(ON)
    assert "These have to be corrected" not in page.text


def test_somebody_who_left_is_asked_about(marina: Marina, world: World) -> None:
    gone = world.an_employee(marina.account, "Gil Ashe", employee_number="30")
    gone.deactivated_at = marina.account.created_at
    db.session.commit()
    assert "Gil Ashe has left Brightwater Marina." in marina.paste("Gil Ashe").text


def test_a_column_is_filled_down_where_it_is_empty(marina: Marina) -> None:
    page = marina.page().press(
        "Fill accounting codes down", {"u-2-2-code-0": "4711", "u-2-2-name": "Dana Fox", "u-3-1-code-0": "9"}
    )
    assert page.messages[0] == "Filled 4 units."
    assert [[split.code for split in plan.codes] for plan in marina.plans()] == [
        [],
        *[["4711"]] * 3,
        *[["9"]] * 3,
    ]
    page.press("Fill employees down")
    assert marina.names() == ["", *["Dana Fox"] * 6]


def test_the_shipping_location_is_where_units_stand_unless_somebody_says_otherwise(
    marina: Marina, world: World
) -> None:
    world.a_location(marina.account, "Workshop")
    (harbour,) = (site.id for site in marina.account.locations if site.name == "Harbour office")
    marina.page().press(ON, {"u-3-2-location": "–"})
    assert [plan.location_id for plan in marina.plans()] == [*[None] * 4, harbour, None, harbour]
    # Said once, it is not filled in again.
    marina.page().press(ON)
    assert marina.plans()[5].location_id is None


def test_a_few_units_have_a_card_each(marina: Marina) -> None:
    assert FILL in marina.page().text
    marina.piet.open(f"/ordering/{marina.account.id}/new").press("Remove Yealink W73H")
    page = marina.page()
    assert "Paste names or" not in page.text
    assert "Select the employee" in page.text


def test_where_a_manager_is_asked_the_order_says_why(world: World, clients: Clients) -> None:
    account = world.an_account_that_asks()
    clients.piet.post(
        f"/ordering/{account.id}/choose", data={"item": world.item("deskphone").sku, "do": "add"}
    )
    piet = Visitor(clients.piet).open(f"/ordering/{account.id}/information")
    go_on = "Continue to Employee Information"
    piet.press(go_on, {"reason": " ", "attention": "x" * 201}, status=422)
    assert "Say why: the manager who is asked to approve reads it." in piet.text
    assert db.session.scalars(select(HardwareOrder)).all() == []
    piet.press(go_on, {"reason": "The shop opens.", "attention": ""}).press(ON).press("Confirm Order Items")
    assert db.session.scalars(select(HardwareOrder)).one().reason == "The shop opens."
