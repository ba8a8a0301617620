"""An employee is anonymized: nothing kept says who it was, the history reads on, and the chain holds."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import inspect, text

from hwadmin import clock
from hwadmin.db.extensions import Base, db
from hwadmin.db.tenancy import acting_as
from hwadmin.db.unit_of_work import transact
from hwadmin.domain.event_kinds import AuditKind
from hwadmin.domain.permissions import COMMAND_LINE
from hwadmin.errors import InvalidInput, NotAllowed, NotFound, WrongState
from hwadmin.models import AuditEvent, Employee, HardwareOrder
from hwadmin.models.accounts import Source
from hwadmin.operations.accounts.employees import (
    NewEmployee,
    change_employee,
    deactivate_employee,
    restore_employee,
)
from hwadmin.operations.audit import recording
from hwadmin.operations.devices.devices import change_device
from hwadmin.operations.directory.anonymization import anonymize_employee
from hwadmin.operations.directory.copies import NOBODY
from hwadmin.operations.directory.redaction import GONE, Redactor
from hwadmin.operations.fulfillment.fulfillment import fulfill_order
from hwadmin.operations.orders.decisions import approve_order, cancel_order, reject_order
from hwadmin.operations.orders.edits.intents import Intent, edit_intents
from hwadmin.operations.orders.edits.lines import edit_lines
from hwadmin.operations.orders.submission.new_order import NewIntent
from hwadmin.operations.outgoing.webhooks import create_webhook
from hwadmin.operations.people import idempotency
from hwadmin.outbox.queue import DeliveryResult
from hwadmin.outbox.webhook_client import WebhookClient
from hwadmin.outbox.worker import Worker
from hwadmin.queries.audit.chain_verification import verify
from hwadmin.queries.orders.history.as_of import snapshot_at
from hwadmin.queries.orders.history.timeline import timeline
from hwadmin.queries.units.units import units_of
from tests.builders import World

pytestmark = pytest.mark.both_databases

# Words that are nowhere else.
NAME, FORMER_NAME = "Zoë Quintavalle-O'Hara", "Zoë Umberstone"
EMAIL, FORMER_EMAIL = "zoe.quintavalle@quux.example", "zoe.umberstone@quux.example"
NUMBER = "ZQ-48151623"
PLANTED = ("Quintavalle", "Umberstone", "48151623")
REASON = "Asked for by letter of 3 March."
KEY = idempotency.RequestKey("person:1", "key", "hwa_secret")


@pytest.fixture
def world(own_app: Flask) -> Iterator[World]:
    with own_app.app_context(), acting_as(db.session, COMMAND_LINE):
        yield World()
        db.session.remove()


def a_life(world: World) -> tuple[Employee, HardwareOrder]:
    """An employee who left a trace wherever the product keeps one."""
    account = world.an_account(name="Halden Dental")
    site = world.a_location(account, f"Home of {NAME}", address=f"c/o {NAME}, 1 Quay")
    zoe = world.an_employee(account, FORMER_NAME, email=FORMER_EMAIL, employee_number=NUMBER)
    ada, piet = world.ada.actor, world.piet.actor
    transact(lambda: change_employee(piet, zoe.id, NewEmployee(NAME, EMAIL, NUMBER)))
    transact(lambda: create_webhook(piet, world.northwind.id, url="https://example.com/hooks"))
    order = world.an_order(
        lines=[("deskphone", 2), ("mobile", 1)],
        account=account,
        intents={0: [NewIntent(employee_id=zoe.id)], 1: [NewIntent(employee_id=zoe.id)]},
        requester=NAME,
        attention=f"{NAME.upper()}, reception",
        notes=f"Quintavalle-O'Hara, Zoë will collect it; number {NUMBER}. Or write to {EMAIL}.",
        reason=f"For {FORMER_NAME}",
        notify=[EMAIL, "desk@quux.example"],
        ship_to_location_id=site.id,
    )
    phones, mobile = units_of(order.id)[:2], world.item("mobile").sku
    plans = {phones[0].id: Intent(), phones[1].id: Intent(employee_id=zoe.id)}
    transact(lambda: edit_intents(piet, order.id, plans))
    transact(
        lambda: edit_lines(piet, order.id, {world.item("deskphone").sku: 1, mobile: 1}, drop_planned=True)
    )
    transact(lambda: approve_order(ada, order.id))
    transact(lambda: deactivate_employee(piet, zoe.id))
    # Who has left cannot be given a device: the plan is not applied, and says so with the name.
    transact(lambda: fulfill_order(ada, order.id, world.identifiers_for(order)))
    transact(lambda: restore_employee(piet, zoe.id))
    device = next(unit.device_id for unit in units_of(order.id) if unit.device_id)
    transact(lambda: change_device(ada, device, employee_id=zoe.id, location_id=None, base_device_id=None))
    why = f"{NAME} left."
    for status, action, actor in (("rejected", reject_order, ada), ("cancelled", cancel_order, piet)):
        ended = world.an_order(account=account)
        assert status
        transact(lambda action=action, actor=actor, ended=ended: action(actor, ended.id, reason=why))
    transact(
        lambda: recording.record(
            piet,
            AuditKind.TABLE_EXPORTED,
            "Exported Devices",
            recording.Subject(platform=world.northwind),
            details={"filters": {"q": NAME}},
        )
    )
    transact(lambda: idempotency.claim(KEY, "0" * 64))
    kept = idempotency.StoredResponse(200, f'{{"employee": {{"name": "{NAME}"}}}}', {})
    transact(lambda: idempotency.keep(KEY, kept))
    zoe.scim_id, zoe.source, zoe.user_name, zoe.user_name_key = "5f", Source.SCIM, EMAIL, EMAIL
    zoe.external_id, zoe.title, zoe.phone_numbers = NUMBER, f"Head of {NAME}", [{"value": NUMBER}]
    zoe.directory_record = {"core": {"displayName": NAME}}
    world.an_employee(account, "Kofi Mensah", manager_reference=EMAIL, manager_id=zoe.id)
    worker = Worker(
        "one", WebhookClient(), deliver=lambda task, poster: DeliveryResult(True, excerpt=f"Hello {NAME}")
    )
    db.session.commit()
    worker.drain()
    return zoe, order


def traces() -> dict[str, int]:
    """In which tables, read to the last cell, the planted words still are."""
    db.session.rollback()
    found: dict[str, int] = {}
    connection = db.session.connection()
    for table in inspect(connection).get_table_names():
        for row in connection.execute(text(f'SELECT * FROM "{table}"')):
            row_text = repr(tuple(row)).lower()
            if any(word.lower() in row_text for word in PLANTED):
                found[table] = found.get(table, 0) + 1
    db.session.rollback()
    return found


def anonymized(world: World, employee_id: int) -> Employee:
    ada = world.ada.actor
    return transact(lambda: anonymize_employee(ada, employee_id, reason=REASON))


def test_nothing_that_is_kept_says_who_it_was(world: World) -> None:
    zoe, order = a_life(world)
    before = traces()
    # Wherever a copy can be there is one, else this test would prove little.
    assert set(before) >= {
        "audit_event",
        "delivery_attempt",
        "device",
        "employee",
        "hardware_order",
        "hardware_order_version",
        "location",
        "outgoing_message",
    }
    events = db.session.query(AuditEvent).count()
    changed = anonymized(world, zoe.id)
    assert traces() == {}
    # What cannot be read cannot be redacted.
    with pytest.raises(InvalidInput, match="nothing was done again"):
        idempotency.claim(KEY, "0" * 64)
    assert (changed.name, changed.email, changed.employee_number) == ("Former employee 1", None, None)
    # The audit trail has one event more, and its chain holds.
    verdict = verify()
    assert verdict.fault is None
    assert verdict.vouched == events + 1
    assert verdict.redacted > 5
    stored = db.session.get_one(HardwareOrder, order.id, populate_existing=True)
    assert stored.requester == "Former employee 1"
    assert stored.notes == f"Former employee 1 will collect it; number {GONE}. Or write to {GONE}."
    assert stored.notify == ["desk@quux.example"]
    assert stored.version == order.version
    assert not changed.in_directory


def test_the_history_keeps_its_sense(world: World) -> None:
    zoe, order = a_life(world)
    ada = world.ada.actor
    before = timeline(ada, order.id)
    then = snapshot_at(ada, order.id, clock.utcnow())
    anonymized(world, zoe.id)
    after = timeline(ada, order.id)
    assert [(one.at, one.kind, one.actor_name) for one in after] == [
        (one.at, one.kind, one.actor_name) for one in before
    ]
    plans = [plan for one in after for plan in one.details.get("plans", ())]
    assert {(plan["before"], plan["after"]) for plan in plans} == {
        ("Former employee 1", "nothing"),
        ("nothing", "Former employee 1"),
    }
    now = snapshot_at(ada, order.id, clock.utcnow())
    assert then is not None
    assert now is not None
    assert now.lines == then.lines
    assert now.facts["Requester"] == "Former employee 1"
    # Who else was named is still.
    assert now.facts["Ordered by"] == then.facts["Ordered by"]
    [event] = db.session.query(AuditEvent).filter_by(kind="employee.anonymized").all()
    assert (event.actor_name, event.reason) == (world.ada.name, REASON)
    assert event.summary == "Anonymized an employee, now Former employee 1"


def test_a_reason_that_names_them_is_kept_without_the_name(world: World) -> None:
    zoe = world.an_employee(world.an_account(), NAME)
    ada = world.ada.actor
    transact(lambda: anonymize_employee(ada, zoe.id, reason=f"{NAME} wrote to us."))
    [event] = db.session.query(AuditEvent).filter_by(kind="employee.anonymized").all()
    assert event.reason == "Former employee 1 wrote to us."


def test_a_second_one_is_told_apart_and_the_first_ones_event_may_change_too(world: World) -> None:
    account = world.an_account()
    one, two = (world.an_employee(account, name) for name in ("Kofi Mensah", NAME))
    ada = world.ada.actor
    transact(lambda: anonymize_employee(ada, one.id, reason=f"Asked for by {NAME}."))
    transact(lambda: anonymize_employee(ada, two.id, reason=REASON))
    assert traces() == {}
    events = db.session.query(AuditEvent).filter_by(kind="employee.anonymized").order_by(AuditEvent.id)
    assert [event.reason for event in events] == ["Asked for by Former employee 2.", REASON]
    verdict = verify()
    assert (verdict.fault, verdict.redacted) == (None, 1)


def test_words_changed_beside_a_redaction_are_still_found(world: World) -> None:
    zoe, _ = a_life(world)
    anonymized(world, zoe.id)
    event = db.session.query(AuditEvent).filter(AuditEvent.redaction_id.is_not(None)).first()
    assert event is not None
    key = event.id
    db.session.rollback()
    with db.engine.begin() as connection:
        # What the rules of the database let through, since it is declared; the chain does not.
        connection.execute(
            text("INSERT INTO audit_redaction (event_id, batch, commitment) VALUES (:key, 'x', 'y')"),
            {"key": key},
        )
        connection.execute(
            text(
                "UPDATE audit_event SET summary = 'Nothing',"
                " redaction_id = (SELECT max(id) FROM audit_redaction) WHERE id = :key"
            ),
            {"key": key},
        )
    fault = verify().fault
    assert fault is not None
    assert (fault.event_id, fault.why) == (key, "Its words were changed, and no anonymization says so.")


def test_other_accounts_and_colleagues_keep_their_names(world: World) -> None:
    zoe, _ = a_life(world)
    account = world.an_account()
    namesake = world.an_employee(account, NAME)
    colleague = world.an_employee(zoe.account, "Zoë Quintavalle-O'Haraday", email="other@quux.example")
    other = world.an_order(account=account, requester=NAME)
    anonymized(world, zoe.id)
    db.session.expire_all()
    assert namesake.name == NAME
    assert other.requester == NAME
    assert (colleague.name, colleague.email) == ("Zoë Quintavalle-O'Haraday", "other@quux.example")


# ---- Refused


def test_who_may_not_may_not(world: World) -> None:
    zoe = world.an_employee(world.an_account(), NAME)
    for person in (world.piet, world.sam, world.bea):
        with pytest.raises(NotAllowed):
            anonymize_employee(person.actor, zoe.id, reason=REASON)
    with pytest.raises(NotFound):
        anonymize_employee(world.ada.actor, 987654321, reason=REASON)
    for reason in (None, " ", "x" * 1001):
        with pytest.raises(InvalidInput):
            anonymize_employee(world.ada.actor, zoe.id, reason=reason)
    assert zoe.name == NAME


def test_it_is_done_once_and_for_good(world: World) -> None:
    zoe = world.an_employee(world.an_account(), NAME, email=EMAIL)
    anonymized(world, zoe.id)
    for action in (
        lambda: anonymize_employee(world.ada.actor, zoe.id, reason=REASON),
        lambda: restore_employee(world.piet.actor, zoe.id),
        lambda: change_employee(world.piet.actor, zoe.id, NewEmployee(NAME)),
    ):
        with pytest.raises(WrongState):
            transact(action)
    assert traces() == {}


def test_who_approves_the_accounts_orders_is_replaced_first(world: World) -> None:
    account = world.an_account()
    account.approver_email = EMAIL
    zoe = world.an_employee(account, NAME, email=EMAIL)
    with pytest.raises(WrongState, match="approves the orders of"):
        anonymized(world, zoe.id)


# ---- Where copies may be


def test_who_is_asked_to_approve_an_order_answers_first(world: World) -> None:
    account = world.an_account_that_asks()
    account.approver_email = EMAIL
    db.session.commit()
    zoe = world.an_employee(account, NAME, email=EMAIL)
    order = world.an_order(account=account)
    account.approver_email = "else@quux.example"
    db.session.commit()
    with pytest.raises(WrongState, match=f"is asked to approve {order.reference} and has not answered"):
        anonymized(world, zoe.id)


def test_every_table_is_looked_through_or_declared_to_hold_nobody() -> None:
    reached = {
        name
        for name, table in Base.metadata.tables.items()
        if {"account_id", "order_id", "platform_id", "owner", "message_id"} & set(table.c.keys())
        # What somebody may have typed into it is looked for in all of it.
        or name == "saved_search"
    }
    assert set(Base.metadata.tables) - reached - NOBODY == set()
    assert set(Base.metadata.tables) >= NOBODY


@pytest.mark.parametrize(
    ("written", "left"),
    [
        ("q=Dana+Reed&page=2", "q=X&page=2"),
        ("q=Dana%20Reed", "q=X"),
        ("q=dana%40example.com", f"q={GONE.replace('(', '%28').replace(')', '%29')}"),
        ("Dana Reed", "X"),
        ("dana reed's phone", "X's phone"),
        ("Reed, Dana and Reed Dana", "X and X"),
        ("Dana Reedy, Jordana Reed", "Dana Reedy, Jordana Reed"),
        ("Write to dana@example.com.", f"Write to {GONE}."),
        ("bdana@example.com, dana@example.community", "bdana@example.com, dana@example.community"),
        ("number 10012, not 100123", f"number {GONE}, not 100123"),
        ("10012", GONE),
        ("", ""),
    ],
)
def test_a_person_is_found_whole_and_in_any_writing(written: str, left: str) -> None:
    redactor = Redactor("X", ["Dana Reed"], ["dana@example.com"], ["10012"])
    assert redactor.text(written) == left


def test_a_short_number_is_taken_out_only_where_it_stands_alone() -> None:
    redactor = Redactor("X", ["Dana Reed"], [], ["12"])
    assert redactor.document({"employee_number": "12", "lines": "12 × T54W"}) == {
        "employee_number": GONE,
        "lines": "12 × T54W",
    }


def test_documents_are_changed_to_their_depths(world: World) -> None:
    redactor = Redactor("X", ["Dana O'Reed"], ["dana@example.com"])
    before: Any = {
        "a": [{"Dana O'Reed": "dana o'reed"}, 3, None, True],
        "notify": ["dana@example.com", "b@c.de"],
    }
    assert redactor.document(before) == {"a": [{"X": "X"}, 3, None, True], "notify": ["b@c.de"]}
    assert redactor.written_document('{"html": "<b>Dana O&#x27;Reed</b>"}') == '{"html": "<b>X</b>"}'
    assert redactor.written_document("not { json, Dana O'Reed") == "not { json, X"
