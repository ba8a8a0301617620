"""Whose the units will be, what they are booked on, and which phone lines they upgrade."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select

from hwadmin.clock import utcnow
from hwadmin.db.extensions import db
from hwadmin.domain.ordering.cost_allocation import Share
from hwadmin.errors import InvalidInput
from hwadmin.models import Account, CatalogItem, Employee, HardwareOrder
from hwadmin.operations.orders.decisions import cancel_order
from hwadmin.operations.orders.edits.intents import Intent, edit_intents
from hwadmin.operations.orders.edits.lines import edit_lines
from hwadmin.operations.orders.edits.plans import PlannedUnitsWouldGo
from hwadmin.operations.orders.submission.new_order import NewIntent, NewLine, NewOrder
from hwadmin.operations.orders.submission.submission import submit_order
from hwadmin.queries.accounts.phone_lines import phone_line_details
from hwadmin.queries.units.units import UnitRow, units_of
from tests.builders import World
from tests.operations.orders.copying import copy_order
from tests.operations.refusals import by, changes_nothing, events, refused

TOMORROW = utcnow().date() + timedelta(days=1)


@pytest.fixture
def account(world: World) -> Account:
    return world.an_account(name="Brightwater")


@pytest.fixture
def mobile(world: World) -> CatalogItem:
    return world.item("mobile")


def ordered(world: World, account: Account, *intents: NewIntent, **values: Any) -> HardwareOrder:
    line = NewLine(values.pop("sku", world.item("mobile").sku), len(intents), intents)
    return by(world.piet, lambda piet: submit_order(piet, NewOrder(account.id, [line], **values)))


def only(order: HardwareOrder) -> UnitRow:
    db.session.expire_all()
    (unit,) = units_of(order.id)
    return unit


def sentences(
    world: World, account: Account, *intents: NewIntent, item: CatalogItem | None = None
) -> dict[str, str]:
    """What is refused, by field behind the line."""
    line = NewLine((item or world.item("mobile")).sku, len(intents), intents)
    error = refused(InvalidInput, world.piet, lambda piet: submit_order(piet, NewOrder(account.id, [line])))
    return {one.field.removeprefix("lines.0.intents."): one.message for one in error.errors}


def shares(*parts: tuple[str, str]) -> list[Share]:
    return [Share(code, Decimal(percent)) for code, percent in parts]


# ---- Names and numbers


def test_what_the_directory_knows_is_copied_and_never_read_again(world: World, account: Account) -> None:
    world.a_code(account, "4711")
    dana = world.an_employee(
        account,
        "Dana Reed",
        employee_number="B-17",
        accounting_codes=[{"code": "4711", "percent": "100"}],
    )
    order = ordered(world, account, NewIntent(dana.id))
    dana.name, dana.employee_number, dana.accounting_codes = "Dana Vos", "B-18", None
    db.session.commit()
    unit = only(order)
    assert (unit.user_name, unit.user_number) == ("Dana Reed", "B-17")
    assert unit.shares == tuple(shares(("4711", "100")))


def test_what_is_typed_over_the_directory_goes_into_the_order_only(world: World, account: Account) -> None:
    world.a_code(account, "4711")
    dana = world.an_employee(account, "Dana Reed", employee_number="B-17")
    order = ordered(
        world,
        account,
        NewIntent(
            dana.id,
            user_name="D. Reed",
            user_number="B-17a",
            accounting_codes=shares(("4711", "100")),
        ),
    )
    unit = only(order)
    assert (unit.employee_id, unit.user_name, unit.user_number) == (dana.id, "D. Reed", "B-17a")
    assert db.session.get_one(Employee, dana.id).name == "Dana Reed"


def test_somebody_who_is_typed_is_added_to_the_directory_once(world: World, account: Account) -> None:
    order = ordered(
        world,
        account,
        NewIntent(user_name=" Eli Marsh ", user_number="B-20"),
        NewIntent(user_name="Eli Marsh", user_number="B-20"),
        NewIntent(user_name="Noa Lind"),
    )
    people = db.session.execute(
        select(Employee.name, Employee.employee_number)
        .where(Employee.account_id == account.id)
        .order_by(Employee.id)
    ).all()
    assert [tuple(row) for row in people] == [("Eli Marsh", "B-20"), ("Noa Lind", None)]
    first, second, third = units_of(order.id)
    assert first.employee_id == second.employee_id != third.employee_id
    (event,) = events(kind="account.changed")
    assert event.summary == "Added the employees Eli Marsh, Noa Lind, named in an order"


def test_somebody_typed_who_is_in_the_directory_is_that_person(world: World, account: Account) -> None:
    dana = world.an_employee(account, "Dana Reed", employee_number="B-17")
    noa = world.an_employee(account, "Noa Lind")
    world.an_employee(account, "Gone Away", deactivated_at=utcnow())
    order = ordered(
        world,
        account,
        NewIntent(user_name="dana reed", user_number="B-17"),
        NewIntent(user_name="Dana Reed"),
        NewIntent(user_name="Noa Lind", user_number="B-30"),
    )
    assert [unit.employee_id for unit in units_of(order.id)] == [dana.id, dana.id, noa.id]
    # Who has left is the same person, and not added once more.
    assert sentences(world, account, NewIntent(user_name="Gone Away")) == {
        "0.user_name": "Gone Away has left Brightwater: restore them, or choose somebody else."
    }
    assert len(db.session.scalars(select(Employee.id)).all()) == 3


def test_what_is_ambiguous_about_somebody_typed_is_asked(world: World, account: Account) -> None:
    world.an_employee(account, "Dana Reed", employee_number="B-17")
    world.an_employee(account, "Eli Marsh", employee_number="B-20")
    world.an_employee(account, "Eli Marsh", employee_number="B-21")
    assert sentences(
        world,
        account,
        NewIntent(user_name="Somebody Else", user_number="B-17"),
        NewIntent(user_name="Eli Marsh"),
        NewIntent(user_number="B-99"),
        NewIntent(user_name="x" * 201),
    ) == {
        "0.user_number": "B-17 is the number of Dana Reed.",
        "1.user_name": "Brightwater has several people named Eli Marsh; choose one, or give the number.",
        "2.user_name": "Say whose number this is.",
        "3.user_name": "Use 200 characters at most; these are 201.",
    }


def test_nobody_of_another_account_or_platform_is_meant_by_a_name_or_number(
    world: World, account: Account
) -> None:
    for elsewhere in (world.an_account(), world.an_account(world.blue_harbor)):
        world.an_employee(elsewhere, "Dana Reed", employee_number="B-17")
    unit = only(ordered(world, account, NewIntent(user_name="Dana Reed", user_number="B-17")))
    assert db.session.get_one(Employee, unit.employee_id or 0).account_id == account.id


def test_an_account_that_asks_for_numbers_gets_one_for_every_user(world: World, account: Account) -> None:
    account.requires_employee_number = True
    db.session.commit()
    dana = world.an_employee(account, "Dana Reed")
    missing = {"0.user_number": "Brightwater needs the employee number."}
    assert sentences(world, account, NewIntent(dana.id)) == missing
    assert sentences(world, account, NewIntent(user_name="Eli Marsh")) == missing
    assert only(ordered(world, account, NewIntent(dana.id, user_number="B-17"))).user_number == "B-17"
    assert only(ordered(world, account, NewIntent())).user_number is None


def test_a_base_is_nobodys(world: World, account: Account) -> None:
    problems = sentences(world, account, NewIntent(user_name="Eli"), item=world.item("dect_base"))
    assert problems == {"0.user_name": "A base serves a site and is never assigned to anybody."}


def test_planning_a_unit_for_somebody_else_copies_their_name_number_and_codes(
    world: World, account: Account
) -> None:
    world.a_code(account, "A")
    world.a_code(account, "B")
    dana = world.an_employee(account, "Dana Reed", employee_number="B-17")
    eli = world.an_employee(
        account, "Eli", employee_number="B-20", accounting_codes=[{"code": "B", "percent": "100"}]
    )
    order = ordered(world, account, NewIntent(dana.id, accounting_codes=shares(("A", "100"))))
    unit = only(order).id
    by(world.ada, lambda ada: edit_intents(ada, order.id, {unit: Intent(eli.id)}))
    assert (only(order).user_name, only(order).user_number) == ("Eli", "B-20")
    assert only(order).shares == tuple(shares(("B", "100")))
    by(world.ada, lambda ada: edit_intents(ada, order.id, {unit: Intent()}))
    assert (only(order).user_name, only(order).user_number) == (None, None)
    account.requires_employee_number = True
    noa = world.an_employee(account, "Noa")
    error = refused(InvalidInput, world.ada, lambda ada: edit_intents(ada, order.id, {unit: Intent(noa.id)}))
    assert error.errors[0].message == "Brightwater needs the employee number, and Noa has none."


# ---- Accounting codes


def test_codes_are_the_accounts_own_and_make_a_hundred_percent(world: World, account: Account) -> None:
    world.a_code(account, "A")
    world.a_code(account, "OLD", archived_at=utcnow())
    world.a_code(world.an_account(), "X")
    assert sentences(
        world,
        account,
        NewIntent(accounting_codes=shares(("A", "60"))),
        NewIntent(accounting_codes=shares(("X", "100"))),
        NewIntent(accounting_codes=shares(("OLD", "100"))),
    ) == {
        "0.accounting_codes": "The shares make 60 %; they must make 100 %.",
        "1.accounting_codes": "Brightwater has no accounting code X.",
        "2.accounting_codes": "OLD is archived; choose another code.",
    }
    world.a_code(account, "B")
    unit = only(ordered(world, account, NewIntent(accounting_codes=shares(("A", "33.33"), ("B", "66.67")))))
    assert unit.accounting_codes == [{"code": "A", "percent": "33.33"}, {"code": "B", "percent": "66.67"}]


def test_usual_codes_that_hold_no_more_are_not_copied_and_none_may_be_said(
    world: World, account: Account
) -> None:
    world.a_code(account, "A")
    old = world.an_employee(account, accounting_codes=[{"code": "GONE", "percent": "100"}])
    half = world.an_employee(account, accounting_codes=[{"code": "A", "percent": "50"}])
    usual = world.an_employee(account, accounting_codes=[{"code": "A", "percent": "100"}])
    order = ordered(
        world,
        account,
        NewIntent(old.id),
        NewIntent(half.id),
        NewIntent(usual.id),
        NewIntent(usual.id, accounting_codes=()),
    )
    assert [unit.shares for unit in units_of(order.id)] == [(), (), (Share("A", Decimal(100)),), ()]


# ---- Upgrades


def test_an_eligible_line_is_upgraded_with_its_reason(world: World, account: Account) -> None:
    line = world.a_phone_line(account)
    item = world.an_item("mobile", mobile_carrier=None)
    order = ordered(
        world,
        account,
        NewIntent(line_of_service_id=line.id, upgrade_reason="Battery.", override_reason="Not needed."),
        sku=item.sku,
    )
    unit = only(order)
    assert (unit.line_of_service_id, unit.phone_number) == (line.id, line.phone_number)
    assert (unit.upgrade_reason, unit.override_reason) == ("Battery.", None)
    assert order.lines[0].mobile_carrier == "KPN"
    shown = phone_line_details(world.piet.actor, account, line.id)
    assert shown is not None
    assert shown.open_order == order.reference


def test_a_line_is_upgraded_by_one_open_order_at_a_time(world: World, account: Account) -> None:
    line = world.a_phone_line(account)
    intent = NewIntent(line_of_service_id=line.id)
    order = ordered(world, account, intent)
    assert sentences(world, account, intent) == {
        "0.line_of_service_id": f"{line.phone_number} is already being upgraded by {order.reference}."
    }
    by(world.piet, lambda piet: cancel_order(piet, order.id))
    assert sentences(world, account, intent, intent) == {
        "1.line_of_service_id": f"{line.phone_number} is upgraded twice in this order."
    }
    copy = by(world.piet, lambda piet: copy_order(piet, order.id))
    assert only(copy).line_of_service_id == line.id


def test_a_line_that_is_not_eligible_needs_the_accounts_leave_and_a_reason(
    world: World, account: Account
) -> None:
    line = world.a_phone_line(account, contract_ends_on=TOMORROW)
    why = f"The contract runs until {TOMORROW.day} {TOMORROW:%b %Y}."
    intent = NewIntent(line_of_service_id=line.id, override_reason="Stolen.")
    assert sentences(world, account, intent) == {
        "0.line_of_service_id": f"{line.phone_number} cannot be upgraded yet. {why}"
    }
    account.allows_upgrade_override = True
    db.session.commit()
    assert sentences(world, account, NewIntent(line_of_service_id=line.id, override_reason=" ")) == {
        "0.override_reason": f"Say why {line.phone_number} is upgraded all the same. {why}"
    }
    order = ordered(world, account, intent)
    assert only(order).override_reason == "Stolen."
    (event,) = events(order.id)
    assert event.details["upgraded_before_eligible"] == ["Stolen."]


def test_the_manager_is_told_why_something_is_upgraded(world: World, account: Account) -> None:
    account.requires_manager_approval, account.approver_email = True, "boss@example.com"
    db.session.commit()
    line = world.a_phone_line(account)
    assert sentences(world, account, NewIntent(line_of_service_id=line.id)) == {
        "0.upgrade_reason": "Give the reason for the upgrade; it is what the manager decides on."
    }


def test_only_a_mobile_of_the_right_carrier_upgrades_a_line_of_the_account(
    world: World, account: Account, mobile: CatalogItem
) -> None:
    line = world.a_phone_line(account)
    ended = world.a_phone_line(account, ended_at=utcnow())
    elsewhere = world.a_phone_line(world.an_account())
    theirs = world.a_phone_line(world.an_account(world.blue_harbor))
    for other in (elsewhere, theirs):
        assert sentences(world, account, NewIntent(line_of_service_id=other.id)) == {
            "0.line_of_service_id": "This is not a phone line of Brightwater."
        }
    assert sentences(world, account, NewIntent(line_of_service_id=ended.id)) == {
        "0.line_of_service_id": f"{ended.phone_number} is no longer in service."
    }
    intent = NewIntent(line_of_service_id=line.id)
    assert sentences(world, account, intent, item=world.item("deskphone")) == {
        "0.line_of_service_id": "Only a mobile upgrades a phone line."
    }
    assert sentences(world, account, intent, item=world.an_item("mobile", mobile_carrier="Telia")) == {
        "0.line_of_service_id": f"{line.phone_number} is with KPN; this Apple iPhone 17 is for Telia."
    }


def test_reasons_without_a_line_are_dropped(world: World, account: Account) -> None:
    unit = only(ordered(world, account, NewIntent(upgrade_reason="Why not", override_reason="Because")))
    assert (unit.upgrade_reason, unit.override_reason) == (None, None)


def test_lowering_asks_before_an_upgrade_is_dropped(world: World, account: Account) -> None:
    line = world.a_phone_line(account)
    order = ordered(world, account, NewIntent(line_of_service_id=line.id), NewIntent())
    sku = world.item("mobile").sku
    by(world.ada, lambda ada: edit_lines(ada, order.id, {sku: 1}))
    assert only(order).line_of_service_id == line.id
    other = world.item("deskphone").sku
    question = refused(PlannedUnitsWouldGo, world.ada, lambda ada: edit_lines(ada, order.id, {other: 1}))
    assert f"iPhone 17 #1 (upgrading {line.phone_number})" in question.message


def test_the_same_submission_again_keeps_nothing_twice(world: World, account: Account) -> None:
    line = world.a_phone_line(account)
    intent = NewIntent(user_name="Eli Marsh", line_of_service_id=line.id)
    order = ordered(world, account, intent, submission_key="one")
    again = changes_nothing(lambda: ordered(world, account, intent, submission_key="one"))
    assert again.id == order.id


@pytest.mark.parametrize(
    ("name", "number"),
    [
        ("Jurgen Gross", None),
        ("JUERGEN GROSS", None),
        ("Groß, Jürgen", None),
        ("Gross, Jurgen", "00815"),
        ("Jürgen Groß", "815"),
    ],
)
def test_a_name_in_other_letters_or_a_number_without_its_zeros_is_who_is_known(
    world: World, account: Account, name: str, number: str | None
) -> None:
    known = world.an_employee(account, "Jürgen Groß", employee_number="00815")
    order = ordered(world, account, NewIntent(user_name=name, user_number=number))
    assert only(order).employee_id == known.id
    assert len(db.session.scalars(select(Employee.id).where(Employee.account_id == account.id)).all()) == 1


@pytest.mark.parametrize(
    ("name", "number", "sentence"),
    [
        ("Lee Park", None, "has left"),
        ("PARK, Lee", "77", "has left"),
        ("Kofi Mensah", "815", "00815"),
        ("twin", None, "2 employees"),
    ],
)
def test_who_has_left_or_may_be_several_is_not_added_once_more(
    world: World, account: Account, name: str, number: str | None, sentence: str
) -> None:
    world.an_employee(account, "Jürgen Groß", employee_number="00815")
    world.an_employee(account, "Lee Park", employee_number="77", deactivated_at=utcnow())
    for _ in range(2):
        world.an_employee(account, "Twin")
    (found,) = sentences(world, account, NewIntent(user_name=name, user_number=number)).values()
    assert sentence in found
