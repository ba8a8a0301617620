"""What a unit is booked on and why it upgrades a phone line: corrected while its order is pending."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from hwadmin.domain.ordering.cost_allocation import Share, parse_shares
from hwadmin.errors import ChangedMeanwhile, InvalidInput
from hwadmin.models import HardwareOrder
from hwadmin.operations.orders.decisions import approve_order
from hwadmin.operations.orders.edits.intents import Intent, edit_intents
from hwadmin.operations.orders.submission.new_order import NewIntent
from hwadmin.queries.units.units import UnitRow, units_of
from tests.builders import Clients, World
from tests.operations.refusals import by, changes_nothing, events, fields, refused


@pytest.fixture
def order(world: World) -> HardwareOrder:
    """Two mobiles: one upgrades a phone line, and is booked on 4711."""
    account = world.an_account_that_asks()
    for code in ("4711", "4712"):
        world.a_code(account, code)
    world.a_code(account, "4713", archived_at=account.created_at)
    upgrade = NewIntent(
        world.an_employee(account, "Dana").id,
        accounting_codes=(Share("4711", Decimal(100)),),
        line_of_service_id=world.a_phone_line(account).id,
        upgrade_reason="The battery is worn out.",
    )
    return world.an_order(lines=[("mobile", 1)], account=account, intents={0: [upgrade]})


def unit_of(order: HardwareOrder) -> UnitRow:
    return units_of(order.id)[0]


def corrected(order: HardwareOrder, codes: str | None = None, reason: str | None = None, **rest: Any) -> Any:
    unit = unit_of(order)
    shares = None if codes is None else parse_shares(codes)
    intent = Intent(unit.employee_id, unit.location_id, unit.base_unit_id, shares, reason)
    return lambda actor: edit_intents(actor, order.id, {unit.id: intent}, **rest)


def test_codes_and_reason_are_corrected_and_recorded_in_words(world: World, order: HardwareOrder) -> None:
    version = order.version
    by(world.piet, corrected(order, "4711 60, 4712 40 %", "The screen is broken."))
    unit = unit_of(order)
    assert [str(share) for share in unit.shares] == ["4711 60 %", "4712 40 %"]
    assert (unit.upgrade_reason, unit.employee_name) == ("The screen is broken.", "Dana")
    assert order.version == version + 1
    (plan,) = events(order.id)[-1].details["plans"]
    assert plan["before"].endswith("booked on 4711 100 %, because “The battery is worn out.”")
    assert plan["after"].endswith("booked on 4711 60 %, 4712 40 %, because “The screen is broken.”")
    # Somebody else's correction; the employee stays.
    by(world.ada, corrected(order, ""))
    assert (unit_of(order).shares, unit_of(order).upgrade_reason) == ((), "The screen is broken.")


def test_stating_the_same_again_changes_nothing(world: World, order: HardwareOrder) -> None:
    changes_nothing(lambda: by(world.piet, corrected(order, "4711", "The battery is worn out.")))


def test_what_cannot_be_booked_or_says_nothing_is_refused_at_its_field(
    world: World, order: HardwareOrder
) -> None:
    place = f"units.{unit_of(order).id}"
    for codes in ("4711 60", "4713", "9999", "4711 x, 4712 y"):
        assert set(fields(refused(InvalidInput, world.piet, corrected(order, codes)))) == {
            f"{place}.accounting_codes"
        }
    for reason in (" ", "x" * 2001):
        error = refused(InvalidInput, world.piet, corrected(order, None, reason))
        assert fields(error) == [f"{place}.upgrade_reason"]
    refused(ChangedMeanwhile, world.piet, corrected(order, "4712", expected_version=order.version - 1))
    phone = world.an_order()
    error = refused(InvalidInput, world.piet, corrected(phone, None, "It is old."))
    assert error.message == "It upgrades no phone line."


def test_once_it_is_approved_they_stay(world: World, order: HardwareOrder) -> None:
    plain = world.an_order(account=world.an_account())
    by(world.ada, lambda ada: approve_order(ada, plain.id))
    assert "only while it is pending" in refused(InvalidInput, world.ada, corrected(plain, "4711")).message


def test_the_page_of_plans_corrects_them_and_brings_two_people_together(
    world: World, clients: Clients, order: HardwareOrder
) -> None:
    address, unit = f"/orders/{order.reference}/plan", unit_of(order)
    page = clients.piet.get(address).text
    assert "The battery is worn out.</textarea>" in page
    seen = {f"seen-codes-{unit.id}": "4711 100", f"seen-reason-{unit.id}": "The battery is worn out."}
    typed = {f"codes-{unit.id}": "4711 60", f"reason-{unit.id}": "The battery is worn out."}
    stale = {"version": str(order.version), **seen}
    wrong = clients.piet.post(address, data={**stale, **typed})
    assert wrong.status_code == 422
    assert f'<a href="#codes-{unit.id}">' in wrong.text
    assert clients.piet.post(address, data={**stale, **typed, f"codes-{unit.id}": "4712"}).status_code == 302
    assert [str(share) for share in unit_of(order).shares] == ["4712 100 %"]
    # Whoever saw the former codes and changes the reason keeps the codes of the other.
    late = {f"codes-{unit.id}": "4711 100", f"reason-{unit.id}": "It is broken."}
    conflict = clients.ada.post(address, data={**stale, **late})
    assert conflict.status_code == 409
    assert "4712 100</textarea>" in conflict.text
    assert "It is broken.</textarea>" in conflict.text
