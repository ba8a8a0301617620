"""Every kind of action, done once: each stands in the timeline with who, when and, where given, why."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from hwadmin import clock
from hwadmin.config import IdentityProvider
from hwadmin.db.extensions import db
from hwadmin.db.unit_of_work import transact
from hwadmin.domain.dates import format_datetime
from hwadmin.domain.event_kinds import AuditKind
from hwadmin.domain.people.one_time_codes import code_at, new_secret
from hwadmin.domain.people.passwords import Hasher
from hwadmin.domain.permissions import COMMAND_LINE, Role
from hwadmin.list_import.matching.scan_session import Scan
from hwadmin.list_import.records.record import ListRecord
from hwadmin.models import AuditEvent, HardwareOrder, WebhookEndpoint, reference
from hwadmin.operations.accounts import accounts
from hwadmin.operations.catalog import distributors, items
from hwadmin.operations.devices import devices, transfers
from hwadmin.operations.directory import anonymization, employee_import, employees, entry_checks, pushes
from hwadmin.operations.fulfillment import drafts, fulfillment, takeovers
from hwadmin.operations.fulfillment.corrections import (
    device_links,
    identifier_corrections,
    replacements,
    retirements,
    short_closures,
)
from hwadmin.operations.orders import claims, decisions, notes, placements, sending
from hwadmin.operations.orders.approvals import answers, requests
from hwadmin.operations.orders.edits import lines
from hwadmin.operations.orders.submission.new_order import NewLine, NewOrder
from hwadmin.operations.orders.submission.submission import submit_order
from hwadmin.operations.outgoing import messages, retention, webhooks
from hwadmin.operations.people import (
    access_rules,
    password_links,
    people,
    person_checks,
    platforms,
    second_factor,
    sessions,
    tokens,
)
from hwadmin.operations.people import sign_in as signing_in
from hwadmin.operations.people.staff.access import close_staff_push, open_staff_push
from hwadmin.operations.people.staff.entries import StaffFacts, add_staff_entry
from hwadmin.operations.people.staff.tokens import create_staff_token
from hwadmin.queries.orders.approvals import last_request
from hwadmin.queries.units.units import units_of
from tests.builders import Clients, World, an_identifier
from tests.guards.source_tree import MODULES, PACKAGE, nodes_of, tree_of
from tests.seeded_site import QUICK

WHEN = datetime(2026, 11, 20, 9, 41, 7, tzinfo=UTC)
WHY = "Because the customer rang."
PASSWORD = "violet-anvil-under-the-larch"

# What does the action; it gives back the reason it was done for, where there is one.
Action = Callable[[World], "str | None"]
ACTIONS: dict[str, Action] = {}


def does(kind: str) -> Callable[[Action], Action]:
    def note(action: Action) -> Action:
        ACTIONS[kind] = action
        return action

    return note


def order_with(world: World, status: str = "submitted") -> int:
    with clock.at(WHEN.replace(hour=8)):
        return world.an_order(status, [("deskphone", 2), ("dect_base", 1), ("dect_handset", 1)]).id


@does("order.submitted")
def _(world: World) -> None:
    new = NewOrder(world.an_account().id, [NewLine(world.item("deskphone").sku, 2)])
    transact(lambda: submit_order(world.piet.actor, new))


@does("order.edited")
def _(world: World) -> None:
    order = order_with(world)
    transact(lambda: lines.edit_lines(world.piet.actor, order, {world.item("deskphone").sku: 3}))


@does("order.approved")
def _(world: World) -> None:
    order = order_with(world)
    transact(lambda: decisions.approve_order(world.ada.actor, order))


@does("order.marked_ordered")
def _(world: World) -> None:
    order = order_with(world)
    transact(lambda: decisions.mark_ordered(world.ada.actor, order, distributor="Siewert"))


@does("order.sent")
def _(world: World) -> None:
    order = order_with(world, "approved")
    facts = distributors.DistributorFacts("Siewert", "orders@siewert.example")
    transact(lambda: distributors.create_distributor(world.ada.actor, facts))
    transact(lambda: sending.send_order(world.ada.actor, order, distributor="Siewert"))


@does("order.placement_corrected")
def _(world: World) -> None:
    order = order_with(world, "approved")
    with clock.at(WHEN.replace(hour=8)):
        transact(lambda: decisions.mark_ordered(world.ada.actor, order, distributor="Siewert"))
    transact(lambda: placements.correct_placement(world.ada.actor, order, {"distributor": "Voxport"}))


@does("distributor.changed")
def _(world: World) -> None:
    facts = distributors.DistributorFacts("Voxport")
    transact(lambda: distributors.create_distributor(world.ada.actor, facts))


@does("order.rejected")
def _(world: World) -> str:
    order = order_with(world)
    transact(lambda: decisions.reject_order(world.ada.actor, order, reason=WHY))
    return WHY


@does("order.cancelled")
def _(world: World) -> str:
    order = order_with(world)
    transact(lambda: decisions.cancel_order(world.piet.actor, order, reason=WHY))
    return WHY


@does("order.reopened")
def _(world: World) -> str:
    order = order_with(world, "approved")
    transact(lambda: decisions.reopen_order(world.ada.actor, order, reason=WHY))
    return WHY


@does("order.fulfilled")
def _(world: World) -> None:
    with clock.at(WHEN.replace(hour=8)):
        order = world.an_order("approved")
    identifiers = world.identifiers_for(order)
    transact(lambda: fulfillment.fulfill_order(world.ada.actor, order.id, identifiers))


def fulfilled_order(world: World) -> tuple[int, int, int]:
    """An order with one unit, that unit, and its device."""
    with clock.at(WHEN.replace(hour=8)):
        order = world.an_order("fulfilled", [("deskphone", 1)])
    unit = units_of(order.id)[0]
    assert unit.device_id is not None
    return order.id, unit.id, unit.device_id


@does("order.unlinked")
def _(world: World) -> str:
    order, unit, device = fulfilled_order(world)
    transact(lambda: device_links.unlink_device(world.ada.actor, order, unit, device_id=device, reason=WHY))
    return WHY


@does("order.closed_short")
def _(world: World) -> str:
    order = order_with(world, "approved")
    unit = units_of(order)[0].id
    transact(lambda: short_closures.close_short(world.ada.actor, order, [unit], reason=WHY))
    return WHY


@does("device.corrected")
def _(world: World) -> str:
    device, identifier = fulfilled_order(world)[2], an_identifier("deskphone")
    ada = world.ada.actor
    transact(
        lambda: identifier_corrections.correct_identifier(ada, device, identifier=identifier, reason=WHY)
    )
    return WHY


@does("device.replaced")
def _(world: World) -> str:
    device, identifier = fulfilled_order(world)[2], an_identifier("deskphone")
    ada = world.ada.actor
    transact(lambda: replacements.replace_device(ada, device, identifier=identifier, reason=WHY))
    return WHY


@does("device.registered")
def _(world: World) -> None:
    world.a_device()


@does("order.draft_taken_over")
def _draft_taken_over(world: World) -> None:
    order = world.an_order("approved").id
    bo = world.a_person("Bo Lindqvist", Role.SUPER_ADMIN).actor
    transact(lambda: drafts.keep_draft(bo, order, [Scan("805ec0000001")]))
    transact(lambda: takeovers.take_over_draft(world.ada.actor, order, person_id=bo.id))


@does("order.claimed")
def _claimed(world: World) -> None:
    order = world.an_order("approved").id
    lasting = timedelta(minutes=30)
    transact(lambda: claims.claim_order(world.ada.actor, order, lasting=lasting))


@does("order.claim_released")
def _claim_released(world: World) -> None:
    order = world.an_order("approved").id
    lasting = timedelta(minutes=30)
    transact(lambda: claims.claim_order(world.ada.actor, order, lasting=lasting))
    transact(lambda: claims.release_claim(world.ada.actor, order))


@does("device.retired")
def _(world: World) -> str:
    with clock.at(WHEN.replace(hour=8)):
        device = world.a_device().id
    transact(lambda: retirements.retire_device(world.ada.actor, device, reason="Fell into the harbor"))
    return "Fell into the harbor"


@does("device.changed")
def _(world: World) -> None:
    account = world.an_account()
    employee = world.an_employee(account).id
    with clock.at(WHEN.replace(hour=8)):
        device = world.a_device(account).id
    transact(
        lambda: devices.change_device(
            world.ada.actor, device, employee_id=employee, location_id=None, base_device_id=None
        )
    )


@does("device.moved")
def _(world: World) -> str:
    with clock.at(WHEN.replace(hour=8)):
        device = world.a_device().id
    target = world.an_account().id
    transact(lambda: transfers.move_device(world.ada.actor, device, target, reason=WHY))
    return WHY


@does("account.created")
def _(world: World) -> None:
    platform = world.northwind.id
    transact(lambda: accounts.create_account(world.piet.actor, platform_id=platform, name="Clinic"))


@does("account.changed")
def _(world: World) -> None:
    account = world.an_account().id
    transact(lambda: accounts.rename_account(world.piet.actor, account, "Riverside Clinics"))


@does("employee.anonymized")
def _(world: World) -> str:
    employee = world.an_employee(world.an_account()).id
    transact(lambda: anonymization.anonymize_employee(world.ada.actor, employee, reason=WHY))
    return WHY


@does("directory.changed")
def _(world: World) -> None:
    account = world.an_account().id
    entry = entry_checks.DirectoryEntry(user_name="dana@example.com", name="Dana Reed", active=True)

    def push() -> None:
        push = pushes.open_push(world.ada.actor, account)
        employees.add_entry(push, entry)
        pushes.close_push(push)

    transact(push)


@does("catalog.changed")
def _(world: World) -> None:
    item = world.an_item("mobile").id
    transact(lambda: items.archive_item(world.ada.actor, item))


@does("platform.changed")
def _(world: World) -> None:
    transact(lambda: platforms.create_platform(world.ada.actor, name="Cedar Mobile"))


@does("person.created")
def _(world: World) -> None:
    facts = person_checks.PersonFacts(
        name="Nia Grant", email="nia@example.com", role=Role.SUPPORT, all_platforms=True
    )
    transact(lambda: people.create_person(world.ada.actor, facts, PASSWORD, QUICK))


@does("person.changed")
def _(world: World) -> None:
    person = world.sam.id
    transact(lambda: people.disable_person(world.ada.actor, person))


@does("person.password_changed")
def _(world: World) -> None:
    person = world.sam.id
    transact(lambda: people.reset_password(world.ada.actor, person, PASSWORD, QUICK))


@does("person.password_link_requested")
def _(world: World) -> None:
    attempt = transact(lambda: signing_in.count_attempt(world.sam.email, "203.0.113.7"))
    attempt = transact(lambda: signing_in.weigh_attempt(attempt))
    transact(lambda: password_links.request_password_link(attempt))


@does("person.second_factor_changed")
def _(world: World) -> None:
    actor, secret = world.sam.actor, new_secret()
    code = code_at(secret, int(clock.utcnow().timestamp()) // 30)
    transact(lambda: second_factor.set_up(actor, secret, code))


def sign_in(world: World, right: bool, hasher: Hasher = QUICK) -> None:
    person = world.a_person("Ines Roth", Role.SUPER_ADMIN, password_hash=hasher.hash(PASSWORD))
    attempt = transact(lambda: signing_in.count_attempt(person.email, "203.0.113.7"))
    attempt = transact(lambda: signing_in.weigh_attempt(attempt))
    transact(lambda: signing_in.conclude_attempt(attempt, right, PASSWORD, hasher=hasher))


@does("person.break_glass_used")
def _(world: World) -> None:
    person = world.a_person("Ines Roth", Role.SUPER_ADMIN, password_hash=QUICK.hash(PASSWORD))
    attempt = transact(lambda: signing_in.count_attempt(person.email, "203.0.113.7"))
    attempt = replace(transact(lambda: signing_in.weigh_attempt(attempt)), is_break_glass=True)
    transact(lambda: signing_in.conclude_attempt(attempt, True, PASSWORD, hasher=QUICK))


@does("staff_directory.changed")
def _(world: World) -> None:
    okta = IdentityProvider("okta", "Okta", "https://okta.example.com", "id", "secret", ("example.com",))
    ada = world.ada.actor
    transact(lambda: create_staff_token(ada, "okta", name="Okta", providers=[okta]))

    def pushed() -> None:
        push = open_staff_push(ada, okta, "")
        add_staff_entry(push, StaffFacts("noor", "Noor", "noor@example.com", True, None, {}))
        close_staff_push(push)

    transact(pushed)


@does("access_rule.changed")
def _(world: World) -> None:
    facts = access_rules.AccessRuleFacts("okta", "groups", "deciders", Role.SUPER_ADMIN)
    transact(lambda: access_rules.create_access_rule(world.ada.actor, facts, ["okta"]))


@does("person.signed_in")
def _(world: World) -> None:
    sign_in(world, right=True)


@does("person.sign_in_failed")
def _(world: World) -> None:
    sign_in(world, right=False)


@does("person.signed_out")
def _(world: World) -> None:
    person = world.piet
    transact(lambda: sessions.open_session(person))
    transact(lambda: sessions.sign_out_everywhere(person))


@does("token.created")
def _(world: World) -> None:
    person = world.piet.id
    transact(lambda: tokens.create_token(world.ada.actor, person, name="Billing"))


@does("token.revoked")
def _(world: World) -> None:
    person = world.piet.id
    token, _secret = transact(lambda: tokens.create_token(world.ada.actor, person, name="Billing"))
    transact(lambda: tokens.revoke_token(world.ada.actor, token.id))


def a_webhook(world: World) -> int:
    actor, platform = world.piet.actor, world.northwind.id
    return transact(lambda: webhooks.create_webhook(actor, platform, url="https://example.com/hooks"))[0].id


@does("webhook.created")
def _(world: World) -> None:
    a_webhook(world)


@does("webhook.changed")
def _(world: World) -> None:
    hook = a_webhook(world)
    transact(lambda: webhooks.rotate_secret(world.piet.actor, hook))


@does("webhook.disabled")
def _(world: World) -> str:
    hook = db.session.get_one(WebhookEndpoint, a_webhook(world))
    transact(lambda: webhooks.disable_webhook(world.ada.actor, hook, WHY))
    return WHY


@does("webhook.deleted")
def _(world: World) -> None:
    hook = a_webhook(world)
    transact(lambda: webhooks.delete_webhook(world.piet.actor, hook))


@does("message.replayed")
def _(world: World) -> None:
    hook = a_webhook(world)
    message = transact(lambda: webhooks.ping_webhook(world.piet.actor, hook))
    message.next_at, message.delivered_at = None, clock.utcnow()
    db.session.commit()
    transact(lambda: messages.replay_message(world.ada.actor, message.id))


def awaiting(world: World) -> int:
    """An order that waits for its account's manager."""
    account = world.an_account()
    account.requires_manager_approval = True
    account.approver_name, account.approver_email = "Mona Grau", "mona@example.com"
    db.session.commit()
    with clock.at(WHEN.replace(hour=8)):
        return world.an_order(account=account).id


@does("order.manager_asked")
def _(world: World) -> None:
    order = awaiting(world)
    transact(lambda: requests.resend_request(world.piet.actor, order))


@does("order.manager_answered")
def _(world: World) -> str:
    request = last_request(world.ada.actor, awaiting(world))
    assert request is not None
    manager = answers.manager_actor(request)
    transact(lambda: answers.decide_as_manager(manager, request, agrees=False, reason=WHY))
    return WHY


@does("order.manager_overridden")
def _(world: World) -> str:
    order = awaiting(world)
    transact(lambda: answers.override_manager(world.ada.actor, order, reason=WHY))
    return WHY


@does("order.note_added")
def _(world: World) -> None:
    order = order_with(world)
    transact(lambda: notes.add_note(world.ada.actor, order, "Ring before noon."))


@does("order.note_removed")
def _(world: World) -> None:
    order = order_with(world)
    note = transact(lambda: notes.add_note(world.ada.actor, order, "Ring before noon."))
    transact(lambda: notes.remove_note(world.ada.actor, note.id))


@does("directory.imported")
def _(world: World) -> None:
    account = world.an_account().id
    records = [ListRecord(2, {"name": "Dana Reed"})]
    transact(lambda: employee_import.import_employees(world.ada.actor, account, records))


@does("retention.pruned")
def _(world: World) -> None:
    with clock.at(WHEN.replace(year=2020)):
        transact(lambda: signing_in.count_attempt("nobody@example.com", "203.0.113.7"))
    retention.prune(COMMAND_LINE, retention.RetentionPeriods(90, 30))


@does("order.exported")
def _(world: World) -> None:
    """By its page; see below."""
    with clock.at(WHEN.replace(hour=8)):
        world.an_order("approved")


@does("table.exported")
def _(world: World) -> None:
    """By its page; see below."""


def written(modules: Iterable[str] = MODULES) -> Iterator[str]:
    """Every kind some code of the product writes."""
    for module in modules:
        if module.endswith("audit/recording.py") or "AuditKind." not in (PACKAGE / module).read_text():
            continue
        for node in nodes_of(tree_of(module)):
            if not isinstance(node, ast.Attribute) or not isinstance(node.value, ast.Name):
                continue
            if node.value.id == "AuditKind" and node.attr in AuditKind.__members__:
                yield AuditKind[node.attr].value


def test_there_is_an_action_here_for_every_kind_that_is_written() -> None:
    assert set(written()) - set(ACTIONS) == set(), "Do each of these once, above."


@pytest.mark.parametrize("kind", sorted(ACTIONS))
def test_every_action_stands_in_the_timeline_with_who_when_and_why(
    clients: Clients, world: World, kind: str
) -> None:
    clients.ada.get("/")  # Signed in now, so that her own sign-in is not the action.
    before = db.session.scalar(select(func.max(AuditEvent.id))) or 0
    with clock.at(WHEN):
        why = ACTIONS[kind](world)
        if kind == "table.exported":
            clients.ada.post("/audit/export", data={"format": "csv"})
        if kind == "order.exported":
            order = db.session.scalars(select(HardwareOrder)).one()
            clients.ada.post(f"/orders/{order.reference}/purchase-order", data={"format": "csv"})
    event = db.session.scalars(
        select(AuditEvent).where(AuditEvent.id > before, AuditEvent.kind == kind).order_by(AuditEvent.id)
    ).first()
    assert event is not None
    assert event.reason == why
    assert event.at == WHEN
    page = clients.ada.get("/audit/", query_string={"kind": kind}).text
    pages = [page]
    if event.order_id is not None:
        pages.append(clients.ada.get(f"/orders/{reference(event.order_id)}/history").text)
    for text in pages:
        expected: list[Any] = [
            AuditKind(kind).label,
            event.actor_name,
            format_datetime(WHEN),
            event.summary,
            why or "",
        ]
        for words in expected:
            assert str(words).replace("'", "&#39;") in text or str(words) in text
    assert event.order_id is not None or not kind.startswith("order.")


def test_a_kind_without_an_action_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(ACTIONS, "order.approved")
    assert "order.approved" in set(written(["operations/audit/order_events.py"])) - set(ACTIONS)
