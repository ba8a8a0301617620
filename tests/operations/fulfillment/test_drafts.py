"""Entering identifiers before they are written: what is kept, for whom, until when, and what never is."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from hwadmin import clock
from hwadmin.db.extensions import db
from hwadmin.db.tenancy import acting_as
from hwadmin.domain.permissions import COMMAND_LINE, Actor, Role
from hwadmin.domain.units import UnitOutcome
from hwadmin.errors import NotAllowed, NotFound, WrongState
from hwadmin.identifiers.unit_code import unit_code
from hwadmin.list_import.matching.scan_session import Scan, Taken
from hwadmin.models import AuditEvent, Device, FulfillmentDraft, HardwareOrder, Person, Unit
from hwadmin.operations.fulfillment.corrections.short_closures import close_short
from hwadmin.operations.fulfillment.drafts import Choice, Drafted, TextInput, keep_draft, keep_unwritten_texts
from hwadmin.operations.fulfillment.fulfillment import fulfill_order
from hwadmin.operations.fulfillment.takeovers import take_over_draft
from hwadmin.operations.orders.decisions import reopen_order
from hwadmin.operations.orders.submission.new_order import NewIntent
from hwadmin.queries.fulfillment.drafts import drafts_of
from hwadmin.queries.units.units import units_of
from tests.builders import World, an_identifier
from tests.operations.refusals import all_rows, by, changes_nothing, events, refused

EAN = "6938818306356"


def enter(person: Person, order: HardwareOrder, *steps: TextInput | Scan | Choice) -> Drafted:
    return by(person, lambda actor: keep_draft(actor, order.id, steps))


def scanned(person: Person, order: HardwareOrder, *texts: str) -> list[str]:
    """Scan, and say where each went: the label of its unit, or the reason why nowhere."""
    found = enter(person, order, *map(Scan, texts)).results
    return [one.unit.label if one and one.unit else one.message if one else "" for one in found]


def kept(order: HardwareOrder, person: Person) -> dict[str, str]:
    labels = {unit.id: unit.label for unit in units_of(order.id)}
    return {labels[unit]: text for unit, text in drafts_of(order.id, person.id).own.items()}


def drafts() -> int:
    return db.session.execute(select(func.count()).select_from(FulfillmentDraft)).scalar_one()


@pytest.fixture
def bo(world: World) -> Person:
    """A second super-admin at the same order."""
    return world.a_person("Bo Lindqvist", Role.SUPER_ADMIN)


# ---- What is kept


def test_what_is_scanned_and_typed_is_there_again_and_nothing_else_has_changed(world: World) -> None:
    order = world.an_order("approved", [("deskphone", 3), ("dect_handset", 1)])
    first, second, _third, handset = (unit.id for unit in units_of(order.id))
    before = {table: rows for table, rows in all_rows().items() if table != "fulfillment_draft"}
    enter(
        world.ada,
        order,
        Scan("805ec0000001"),
        TextInput(handset, "nonsense"),
        TextInput(second, "805ec0000002"),
        Scan("805ec0000003"),
    )
    assert kept(order, world.ada) == {
        "T54W #1": "80:5e:c0:00:00:01",
        "T54W #2": "805ec0000002",
        "T54W #3": "80:5e:c0:00:00:03",
        "W73H #1": "nonsense",
    }
    # No device, no event, no version: it is entered, not written.
    assert {table: rows for table, rows in all_rows().items() if table != "fulfillment_draft"} == before
    enter(world.ada, order, TextInput(first, ""), TextInput(handset, " 02C3C00001 "))
    assert kept(order, world.ada) == {
        "T54W #2": "805ec0000002",
        "T54W #3": "80:5e:c0:00:00:03",
        "W73H #1": "02C3C00001",
    }


def test_the_same_again_changes_nothing(world: World) -> None:
    order = world.an_order("approved", [("deskphone", 2)])
    steps = [Scan("805ec0000001", again=True), TextInput(units_of(order.id)[1].id, "805ec0000002")]
    enter(world.ada, order, *steps)  # type: ignore[arg-type]
    before = all_rows()
    again = enter(world.ada, order, *steps)  # type: ignore[arg-type]
    assert all_rows() == before
    assert again.results[0] is not None
    assert (again.results[0].taken, again.results[0].value) == (Taken.PLACED, "80:5e:c0:00:00:01")


def test_the_check_is_that_of_fulfilling(world: World) -> None:
    account = world.an_account(name="Harborgate Clinics")
    dana = world.an_employee(account, "Dana")
    order = world.an_order(
        "approved",
        [("deskphone", 4), ("dect_base", 1), ("dect_handset", 1)],
        account=account,
        intents={0: [NewIntent(employee_id=dana.id)]},
    )
    elsewhere = world.a_device(world.an_account(name="Halden Dental"), "deskphone", "805ec0aa0001")
    mine = world.a_device(account, "deskphone", "805ec0bb0001")
    units = [unit.id for unit in units_of(order.id)]
    texts = [
        "805ec0cc0001",
        elsewhere.identifier,
        mine.identifier,
        "805ec0cc000",
        "805ec0cc0002",
        "02C3C00001",
    ]
    entered = enter(world.ada, order, *[TextInput(*one) for one in zip(units, texts, strict=True)])
    dry = by(
        world.ada,
        lambda ada: fulfill_order(ada, order.id, dict(zip(units, texts, strict=True)), dry_run=True),
    )
    assert entered.report.units == dry.units
    rows = entered.report.units
    assert [row.outcome for row in rows] == [
        UnitOutcome.CREATED,
        UnitOutcome.REFUSED,
        UnitOutcome.LINKED,
        UnitOutcome.REFUSED,
        UnitOutcome.CREATED,
        UnitOutcome.CREATED,
    ]
    assert rows[0].applied == ["assigned as planned"]
    assert rows[0].maker == "Yealink"
    assert "Halden Dental" in rows[1].message
    assert rows[1].held_elsewhere
    assert (rows[2].device_id, rows[2].known_device.id if rows[2].known_device else None) == (
        mine.id,
        mine.id,
    )
    assert (rows[5].paired_label, rows[5].slot) == ("W70B #1", 1)


# ---- What is not kept


def test_a_scan_of_what_is_a_device_of_another_unit_is_refused_and_not_kept(world: World) -> None:
    other = world.an_order("fulfilled", [("deskphone", 1)])
    order = world.an_order("approved", [("deskphone", 2)], account=other.account)
    taken = units_of(other.id)[0].identifier_shown
    assert scanned(world.ada, order, taken, "805ec0000001") == [
        f"Already T54W #1 of {other.reference}.",
        "T54W #2",
    ]
    assert kept(order, world.ada) == {"T54W #2": "80:5e:c0:00:00:01"}
    # The gap it left is the next to be filled.
    assert scanned(world.ada, order, "805ec0000002") == ["T54W #1"]


def test_a_chosen_unit_gets_back_what_it_held_where_a_scan_into_it_is_refused(world: World) -> None:
    other = world.an_order("fulfilled", [("deskphone", 1)])
    order = world.an_order("approved", [("deskphone", 2)], account=other.account)
    first = units_of(order.id)[0].id
    enter(world.ada, order, Scan("805ec0000001"))
    entered = enter(world.ada, order, Choice(first), Scan(units_of(other.id)[0].identifier_shown))
    assert entered.results[1] is not None
    assert entered.results[1].taken is Taken.REFUSED
    assert entered.report.units[0].outcome is UnitOutcome.CREATED
    assert kept(order, world.ada) == {"T54W #1": "80:5e:c0:00:00:01"}


def test_an_identifier_another_account_holds_stays_to_be_decided_on(world: World) -> None:
    order = world.an_order("approved", [("deskphone", 2)])
    held = world.a_device(world.an_account(name="Halden Dental"), "deskphone", "805ec0aa0001")
    assert scanned(world.ada, order, held.identifier) == ["T54W #1"]
    assert kept(order, world.ada) == {"T54W #1": "80:5e:c0:aa:00:01"}


def test_a_device_of_the_account_that_is_no_units_yet_is_taken(world: World) -> None:
    order = world.an_order("approved", [("deskphone", 1)])
    world.a_device(order.account, "deskphone", "805ec0aa0001")
    entered = enter(world.ada, order, Scan("805ec0aa0001"))
    assert entered.report.units[0].outcome is UnitOutcome.LINKED


@pytest.mark.parametrize("text", ["x" * 251, "80\x005e", "80\ud8005e"])
def test_what_cannot_be_stored_is_not_kept(world: World, text: str) -> None:
    order = world.an_order("approved", [("deskphone", 1)])
    unit = units_of(order.id)[0].id
    entered = enter(world.ada, order, TextInput(unit, text), Scan(text), Choice(unit), Scan(text))
    assert [one.taken for one in entered.results if one] == [Taken.REFUSED] * 2
    assert drafts() == 0


def test_units_of_other_orders_and_units_that_are_done_take_nothing(world: World) -> None:
    other = world.an_order("approved", [("deskphone", 1)])
    order = world.an_order("approved", [("deskphone", 2), ("accessory", 1)])
    first, _second, accessory = (unit.id for unit in units_of(order.id))
    by(world.ada, lambda ada: fulfill_order(ada, order.id, {first: "805ec0000001"}))
    strangers = (units_of(other.id)[0].id, first, accessory, 0, 2**62)
    enter(world.ada, order, *[TextInput(unit, "805ec0000002") for unit in strangers])
    assert drafts() == 0


# ---- A chosen unit, a chosen item


def test_a_units_code_and_a_label_bind_exactly_those_two(world: World) -> None:
    order = world.an_order("approved", [("deskphone", 5)])
    entered = enter(world.ada, order, Scan(unit_code(order.reference, 4)), Scan("805ec0000001"), Scan(EAN))
    assert entered.choice == Choice()
    assert kept(order, world.ada) == {"T54W #4": "80:5e:c0:00:00:01"}


def test_what_was_chosen_is_said_until_something_is_scanned_into_it(world: World) -> None:
    order = world.an_order("approved", [("deskphone", 5)])
    third = units_of(order.id)[2].id
    entered = enter(world.ada, order, Scan(unit_code(order.reference, 3)), Scan(EAN))
    assert entered.choice == Choice(third)
    # The page says it again with what it sends next.
    entered = enter(world.ada, order, entered.choice, Scan("805ec0000001"))
    assert entered.choice == Choice()
    assert kept(order, world.ada) == {"T54W #3": "80:5e:c0:00:00:01"}


# ---- Two people


def test_two_people_see_each_other_and_do_not_fill_the_same_unit(world: World, bo: Person) -> None:
    order = world.an_order("approved", [("deskphone", 4)])
    assert scanned(world.ada, order, "805ec0000001", "805ec0000002") == ["T54W #1", "T54W #2"]
    assert scanned(bo, order, "805ec0000003", "805ec0000002") == [
        "T54W #3",
        "Ada Okafor is entering it already, for T54W #2.",
    ]
    entered = enter(world.ada, order)
    assert [(row.name, row.text) for row in entered.drafts.others] == [("Bo Lindqvist", "80:5e:c0:00:00:03")]
    assert entered.drafts.other_editors == [("Bo Lindqvist", 1)]
    assert set(entered.drafts.own.values()) == {"80:5e:c0:00:00:01", "80:5e:c0:00:00:02"}


def test_what_somebody_left_half_a_day_ago_holds_nobody_up_and_is_theirs_to_find(
    world: World, bo: Person
) -> None:
    order = world.an_order("approved", [("deskphone", 2)])
    with clock.at(clock.utcnow() - timedelta(hours=13)):
        scanned(bo, order, "805ec0000001")
    assert scanned(world.ada, order, "805ec0000002") == ["T54W #1"]
    assert kept(order, bo) == {"T54W #1": "80:5e:c0:00:00:01"}


# ---- Taking over


def take(person: Person, order: HardwareOrder, **chosen: int) -> list[str]:
    return [row.text for row in by(person, lambda actor: take_over_draft(actor, order.id, **chosen))]


def test_what_a_colleague_entered_is_taken_over_and_recorded(world: World, bo: Person) -> None:
    order = world.an_order("approved", [("deskphone", 3)])
    first, second, third = (unit.id for unit in units_of(order.id))
    enter(bo, order, TextInput(first, "805ec0000001"), TextInput(second, "805ec0000002"))
    enter(world.ada, order, TextInput(third, "805ec0000003"))
    assert take(world.ada, order, unit_id=first) == ["805ec0000001"]
    assert kept(order, world.ada) == {"T54W #1": "805ec0000001", "T54W #3": "805ec0000003"}
    assert kept(order, bo) == {"T54W #2": "805ec0000002"}
    event = events(order.id, "order.draft_taken_over")[-1]
    assert event.summary == f"Took over what Bo Lindqvist had entered for T54W #1 of {order.reference}"
    assert event.details["units"] == [
        {"unit": "T54W #1", "entered_by": "Bo Lindqvist", "text": "805ec0000001"}
    ]
    # It is the operator's own business.
    assert event.platform_id is None
    # Who lost it is told, also after it was corrected.
    enter(world.ada, order, TextInput(first, "805ec0000009"))
    row = drafts_of(order.id, bo.id).to_take_over[first]
    assert (row.text, row.taken_over_from_id) == ("805ec0000009", bo.id)
    # All of it at once; and back again.
    assert take(world.ada, order, person_id=bo.id) == ["805ec0000002"]
    assert kept(order, bo) == {}
    assert sorted(take(bo, order, person_id=world.ada.id)) == ["805ec0000002", "805ec0000003", "805ec0000009"]


def test_taking_over_twice_takes_once_and_never_what_one_entered_oneself(world: World, bo: Person) -> None:
    order = world.an_order("approved", [("deskphone", 2)])
    first = units_of(order.id)[0].id
    enter(bo, order, TextInput(first, "805ec0000001"))
    enter(world.ada, order, TextInput(first, "805ec0000002"))
    for chosen in ({"unit_id": first}, {"person_id": bo.id}, {"unit_id": first, "person_id": world.ada.id}):
        assert changes_nothing(lambda chosen=chosen: take(world.ada, order, **chosen)) == []
    assert take(world.a_person("Cem Ay", Role.SUPER_ADMIN), order, unit_id=first) == ["805ec0000001"]
    assert changes_nothing(lambda: take(world.ada, order, person_id=bo.id)) == []
    # What the third person entered for the same unit is still theirs.
    assert kept(order, world.ada) == {"T54W #1": "805ec0000002"}


def test_what_somebody_left_long_ago_can_be_taken_over(world: World, bo: Person) -> None:
    order = world.an_order("approved", [("deskphone", 2)])
    with clock.at(clock.utcnow() - timedelta(days=2)):
        scanned(bo, order, "805ec0000001")
    assert drafts_of(order.id, world.ada.id).others == ()
    assert take(world.ada, order, person_id=bo.id) == ["80:5e:c0:00:00:01"]
    assert kept(order, bo) == {}


def test_what_must_not_be_taken_over_is_not(world: World, bo: Person) -> None:
    order = world.an_order("approved", [("deskphone", 2)])
    first, second = (unit.id for unit in units_of(order.id))
    enter(bo, order, TextInput(first, "805ec0000001"))
    for person in (world.piet, world.bea, world.sam):
        refused(NotAllowed, person, lambda actor: take_over_draft(actor, order.id, unit_id=first))
    with acting_as(db.session, COMMAND_LINE), pytest.raises(NotAllowed):
        take_over_draft(COMMAND_LINE, order.id, unit_id=first)
    refused(NotFound, world.ada, lambda ada: take_over_draft(ada, order.id + 1, unit_id=first))
    assert take(world.ada, order, unit_id=second) == []
    done = world.an_order("fulfilled", [("deskphone", 1)])
    refused(WrongState, world.ada, lambda ada: take_over_draft(ada, done.id, unit_id=first))
    assert events(order.id, "order.draft_taken_over") == []


# ---- Until when


def test_what_has_a_device_by_now_is_forgotten_and_the_rest_stays(world: World, bo: Person) -> None:
    order = world.an_order("approved", [("deskphone", 3)])
    first, second, third = (unit.id for unit in units_of(order.id))
    enter(world.ada, order, TextInput(first, "805ec0000001"), TextInput(second, "805ec0000002"))
    enter(bo, order, TextInput(first, "805ec0000009"), TextInput(third, "805ec0000003"))
    by(world.ada, lambda ada: fulfill_order(ada, order.id, {first: "805ec0000001"}))
    assert kept(order, world.ada) == {"T54W #2": "805ec0000002"}
    assert kept(order, bo) == {"T54W #3": "805ec0000003"}


def test_an_order_that_is_open_no_more_keeps_nothing(world: World, bo: Person) -> None:
    done, reopened = (world.an_order("approved", [("deskphone", 1)]) for _ in range(2))
    for order in (done, reopened):
        enter(bo, order, Scan(an_identifier("deskphone")))
    by(world.ada, lambda ada: fulfill_order(ada, done.id, world.identifiers_for(done)))
    by(world.ada, lambda ada: reopen_order(ada, reopened.id, reason="One too many."))
    assert drafts() == 0


def test_a_refused_form_is_kept_and_what_was_written_of_it_is_not(world: World) -> None:
    order = world.an_order("approved", [("deskphone", 4)])
    first, second, third, fourth = (unit.id for unit in units_of(order.id))
    enter(world.ada, order, TextInput(third, "805ec0000007"), TextInput(fourth, "805ec0000008"))
    form = {first: "805ec0000001", second: "nonsense", third: ""}

    def write(only_valid: bool) -> None:
        def action(ada: Actor) -> None:
            report = fulfill_order(ada, order.id, form, only_valid=only_valid)
            keep_unwritten_texts(ada, report, form)

        by(world.ada, action)

    write(only_valid=False)
    assert kept(order, world.ada) == {
        "T54W #1": "805ec0000001",
        "T54W #2": "nonsense",
        "T54W #4": "805ec0000008",
    }
    write(only_valid=True)
    assert kept(order, world.ada) == {"T54W #2": "nonsense", "T54W #4": "805ec0000008"}


def test_what_was_entered_is_written_as_checked_or_linked_if_it_was_registered_meanwhile(
    world: World,
) -> None:
    order = world.an_order("approved", [("deskphone", 2)])
    entered = enter(world.ada, order, Scan("805ec0000001"), Scan("805ec0000002"))
    assert entered.report.count(UnitOutcome.CREATED) == 2
    device = world.a_device(order.account, "deskphone", "805ec0000001")
    report = by(world.ada, lambda ada: fulfill_order(ada, order.id, entered.drafts.own))
    assert [row.outcome for row in report.units] == [UnitOutcome.LINKED, UnitOutcome.CREATED]
    assert report.units[0].device_id == device.id
    assert db.session.execute(select(func.count(Device.id))).scalar_one() == 2
    assert len(events(order.id, "order.fulfilled")) == 1
    assert drafts() == 0


# ---- Refusals


@pytest.mark.parametrize("status", ["submitted", "fulfilled", "rejected", "cancelled"])
def test_an_order_that_is_not_approved_takes_nothing(world: World, status: str) -> None:
    order = world.an_order(status, [("deskphone", 1)])
    error = refused(WrongState, world.ada, lambda ada: keep_draft(ada, order.id, [Scan("805ec0000001")]))
    assert order.status.label in error.message


def test_only_who_fulfills_enters_and_only_what_is_there(world: World) -> None:
    order = world.an_order("approved", [("deskphone", 1)])
    for person in (world.piet, world.bea, world.sam):
        refused(NotAllowed, person, lambda actor: keep_draft(actor, order.id, [Scan("805ec0000001")]))
    for nothing in (order.id + 1, 0, -1, 10**22):
        refused(NotFound, world.ada, lambda ada, key=nothing: keep_draft(ada, key, []))


def test_a_program_is_answered_and_keeps_nothing(world: World) -> None:
    order = world.an_order("approved", [("deskphone", 1)])
    entered = keep_draft(COMMAND_LINE, order.id, [Scan("805ec0000001")])
    assert entered.report.count(UnitOutcome.CREATED) == 1
    assert drafts() == 0
    assert db.session.execute(select(func.count(AuditEvent.id))).scalar_one() == 2


# ---- Spares, and units nobody waits for


@pytest.fixture
def spared(world: World) -> HardwareOrder:
    """Three phones, one of them the account's spare 80:5e:c0:55:00:01."""
    account = world.an_account()
    spare = world.a_device(account, "deskphone", "805ec0550001")
    order = world.an_order("approved", [("deskphone", 3)], account=account)
    unit = db.session.get_one(Unit, units_of(order.id)[0].id)
    unit.reserved_device_id = spare.id
    db.session.commit()
    return order


def test_a_spare_stands_in_the_field_of_its_unit_and_has_only_to_be_confirmed(
    world: World, spared: HardwareOrder
) -> None:
    entered = enter(world.ada, spared, Scan("805ec0000001"))
    assert [row.outcome for row in entered.report.units] == [
        UnitOutcome.LINKED,
        UnitOutcome.CREATED,
        UnitOutcome.EMPTY,
    ]
    assert entered.results[0] is not None
    assert entered.results[0].unit is not None
    assert entered.results[0].unit.label == "T54W #2"
    # It is there by itself; only what somebody entered is kept.
    assert kept(spared, world.ada) == {"T54W #2": "80:5e:c0:00:00:01"}
    by(world.ada, lambda ada: fulfill_order(ada, spared.id, entered.drafts.own))
    assert [unit.outcome for unit in units_of(spared.id)] == ["linked", "created", None]


def test_a_spare_that_was_taken_out_of_its_field_stays_out_until_it_is_scanned(
    world: World, spared: HardwareOrder
) -> None:
    first = units_of(spared.id)[0].id
    enter(world.ada, spared, TextInput(first, ""))
    assert first not in enter(world.ada, spared).drafts.own
    # Nothing else goes there.
    assert scanned(world.ada, spared, "805ec0000001", "805ec0000002", "805ec0000003") == [
        "T54W #2",
        "T54W #3",
        "One too many: every T54W has its identifier.",
    ]
    assert scanned(world.ada, spared, "805ec0550001") == ["T54W #1"]
    assert enter(world.ada, spared).drafts.own[first] == "80:5e:c0:55:00:01"


def test_a_unit_that_will_not_come_is_passed_over(world: World) -> None:
    order = world.an_order("approved", [("deskphone", 3)])
    first, second, _third = (unit.id for unit in units_of(order.id))
    by(world.ada, lambda ada: close_short(ada, order.id, [first], reason="Sold out."))
    assert scanned(world.ada, order, "805ec0000001", unit_code(order.reference, 1)) == [
        "T54W #2",
        "T54W #1 is not awaited any more.",
    ]
    enter(world.ada, order, TextInput(first, "805ec0000003"))
    assert list(drafts_of(order.id, world.ada.id).own) == [second]
