"""An account's manager is asked, answers once, and only what they saw."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select

from hwadmin import clock
from hwadmin.clock import utcnow
from hwadmin.db.extensions import db
from hwadmin.db.unit_of_work import transact
from hwadmin.domain.lifecycle import ManagerApproval, OrderStatus
from hwadmin.domain.permissions import Actor
from hwadmin.errors import ChangedMeanwhile, InvalidInput, NotAllowed, NotFound, WrongState
from hwadmin.models import Account, ApprovalRequest, Basket, HardwareOrder
from hwadmin.operations.accounts.employees import deactivate_employee
from hwadmin.operations.orders.approvals.answers import decide_as_manager, manager_actor, override_manager
from hwadmin.operations.orders.approvals.links import is_signed, link_token, request_id_of
from hwadmin.operations.orders.approvals.requests import LINK_LIFETIME, resend_request
from hwadmin.operations.orders.decisions import approve_order, cancel_order, reject_order
from hwadmin.operations.orders.edits.lines import edit_lines
from hwadmin.operations.orders.submission.new_order import NewIntent, NewLine, NewOrder
from hwadmin.operations.orders.submission.submission import submit_order
from hwadmin.outbox.approval_reminders import follow_up_next
from hwadmin.queries.orders.orders import waiting_counts
from tests.builders import World
from tests.operations.orders.copying import copy_order
from tests.operations.refusals import by, events, fields, refused

AGREED, AWAITING = ManagerApproval.AGREED, ManagerApproval.AWAITING
DECLINED, OVERRIDDEN = ManagerApproval.DECLINED, ManagerApproval.OVERRIDDEN


def asked_about(order: HardwareOrder) -> ApprovalRequest:
    """The newest request about the order."""
    found = db.session.scalars(
        select(ApprovalRequest)
        .where(ApprovalRequest.order_id == order.id)
        .order_by(ApprovalRequest.id.desc())
        .execution_options(populate_existing=True)
    ).first()
    assert found is not None
    return found


def answered(order: HardwareOrder, agrees: bool = True, **values: Any) -> HardwareOrder:
    """The order once its manager has answered."""
    asked = asked_about(order)
    actor = manager_actor(asked)
    return transact(lambda: decide_as_manager(actor, asked, agrees=agrees, **values))


def refused_answer(error: type[Any], order: HardwareOrder, **values: Any) -> Any:
    """The refusal of an answer, which changed nothing."""
    asked = asked_about(order)

    class Manager:
        actor = manager_actor(asked)

    return refused(error, Manager, lambda actor: decide_as_manager(actor, asked, **values))  # type: ignore[arg-type]


@pytest.fixture
def account(world: World) -> Account:
    return world.an_account_that_asks("Quay Clinic")


@pytest.fixture
def order(world: World, account: Account) -> HardwareOrder:
    return world.an_order(account=account)


# ---- Who is asked


def test_an_order_of_an_account_that_asks_awaits_its_manager_and_does_not_count(
    world: World, order: HardwareOrder
) -> None:
    assert (order.status, order.manager_approval) == (OrderStatus.SUBMITTED, AWAITING)
    asked = asked_about(order)
    assert (asked.approver_name, asked.approver_email) == ("Maria Lopez", "maria@example.com")
    assert asked.expires_at - asked.sent_at == LINK_LIFETIME
    assert waiting_counts(world.ada.actor)[0] == 0
    assert "Maria Lopez is asked to approve it first" in events(order.id)[-1].summary


def test_an_account_that_does_not_ask_asks_nobody(world: World) -> None:
    order = world.an_order()
    assert order.manager_approval is ManagerApproval.NOT_REQUIRED
    assert db.session.scalars(select(ApprovalRequest)).all() == []


def planned_for(world: World, account: Account, *employees: Any) -> HardwareOrder:
    intents = [NewIntent(employee_id=employee.id) for employee in employees]
    return world.an_order(
        "submitted", [("deskphone", len(employees) + 1)], account=account, intents={0: intents}
    )


def test_the_one_manager_of_everybody_is_asked(world: World, account: Account) -> None:
    boss = world.an_employee(account, "Nadia Petrova", email="nadia@example.com")
    staff = [world.an_employee(account, manager_id=boss.id) for _ in range(2)]
    asked = asked_about(planned_for(world, account, *staff))
    assert (asked.approver_name, asked.approver_email) == ("Nadia Petrova", "nadia@example.com")


@pytest.mark.parametrize(
    "case", ["two managers", "one has none", "no e-mail", "has left", "their own manager"]
)
def test_the_accounts_approver_is_asked_where_no_one_manager_can_be(
    world: World, account: Account, case: str
) -> None:
    boss = world.an_employee(account, email="boss@example.com")
    other = world.an_employee(account, email="other@example.com")
    silent = world.an_employee(account)
    one = world.an_employee(account, manager_id=boss.id)
    staff = {
        "two managers": [one, world.an_employee(account, manager_id=other.id)],
        "one has none": [one, world.an_employee(account)],
        "no e-mail": [world.an_employee(account, manager_id=silent.id)],
        "has left": [one],
        "their own manager": [one],
    }[case]
    if case == "has left":
        by(world.piet, lambda piet: deactivate_employee(piet, boss.id))
    if case == "their own manager":
        one.manager_id = one.id
        db.session.commit()
    assert asked_about(planned_for(world, account, *staff)).approver_email == "maria@example.com"


def test_an_order_nobody_could_approve_is_refused_with_what_to_do(world: World, account: Account) -> None:
    account.approver_email = account.approver_name = None
    db.session.commit()
    lines = [NewLine(world.item("deskphone").sku, 1)]
    error = refused(InvalidInput, world.piet, lambda piet: submit_order(piet, NewOrder(account.id, lines)))
    assert fields(error) == ["manager_approval"]
    assert "Name an approver in the account’s settings" in error.message


def test_a_copy_asks_anew(world: World, order: HardwareOrder) -> None:
    answered(order)
    # On the pages the reason is asked wherever a manager is.
    with pytest.raises(InvalidInput) as refusal:
        by(world.piet, lambda piet: copy_order(piet, order.id))
    assert fields(refusal.value) == ["reason"]
    db.session.query(Basket).delete()
    order.reason = "Three people start on Monday."
    copy = by(world.piet, lambda piet: copy_order(piet, order.id))
    assert copy.manager_approval is AWAITING
    assert asked_about(copy).used_at is None


# ---- The answer


def test_a_manager_approves_once_and_then_it_counts(world: World, order: HardwareOrder) -> None:
    version = order.version
    answered(order, expected_version=version)
    assert (order.status, order.manager_approval, order.version) == (
        OrderStatus.SUBMITTED,
        AGREED,
        version + 1,
    )
    asked = asked_about(order)
    assert (asked.answer, asked.next_at, asked.cost) == (AGREED, None, {"EUR": ["200.00", "0.00"]})
    assert asked.used_at is not None
    assert waiting_counts(world.ada.actor)[0] == 1
    event = events(order.id)[-1]
    assert (event.kind, event.actor_name, event.actor_id) == ("order.manager_answered", "Maria Lopez", None)
    assert event.summary == f"Approved {order.reference} as manager of Quay Clinic"
    by(world.ada, lambda ada: approve_order(ada, order.id))


def test_a_decline_cancels_the_order_with_the_reason(world: World, order: HardwareOrder) -> None:
    answered(order, agrees=False, reason="  Not this year. ")
    assert (order.status, order.manager_approval) == (OrderStatus.CANCELLED, DECLINED)
    assert (order.cancellation_reason, order.status_by_name) == ("Not this year.", "Maria Lopez")
    event = events(order.id)[-1]
    assert (event.kind, event.actor_name, event.reason) == (
        "order.manager_answered",
        "Maria Lopez",
        "Not this year.",
    )
    assert "declined" in event.details["answer"]


@pytest.mark.parametrize("reason", [None, " ", "a\x00b", "x" * 2001])
def test_a_decline_needs_a_reason_that_can_be_kept(order: HardwareOrder, reason: str | None) -> None:
    assert fields(refused_answer(InvalidInput, order, agrees=False, reason=reason)) == ["reason"]


@pytest.mark.parametrize("agrees", [True, False])
def test_an_answer_is_given_once(order: HardwareOrder, agrees: bool) -> None:
    answered(order, agrees=agrees, reason="No.")
    error = refused_answer(WrongState, order, agrees=True)
    assert f"You have {'approved' if agrees else 'declined'} this order already" in error.message


def test_an_answer_comes_too_late(order: HardwareOrder) -> None:
    end = asked_about(order).expires_at
    with clock.at(end):
        assert "This link was good until" in refused_answer(WrongState, order, agrees=True).message
    with clock.at(end - timedelta(seconds=5)):
        answered(order)


@pytest.mark.parametrize("action", ["cancel", "reject", "override"])
@pytest.mark.parametrize("agrees", [True, False])
def test_an_answer_to_what_was_decided_meanwhile_is_refused(
    world: World, order: HardwareOrder, action: str, agrees: bool
) -> None:
    {
        "cancel": lambda: by(world.piet, lambda piet: cancel_order(piet, order.id)),
        "reject": lambda: by(world.ada, lambda ada: reject_order(ada, order.id, reason="No.")),
        "override": lambda: by(world.ada, lambda ada: override_manager(ada, order.id, reason="Urgent.")),
    }[action]()
    refused_answer(WrongState, order, agrees=agrees, reason="No.")


def test_what_was_edited_since_they_looked_is_not_answered(world: World, order: HardwareOrder) -> None:
    seen = order.version
    by(world.piet, lambda piet: edit_lines(piet, order.id, {world.item("deskphone").sku: 9}))
    refused_answer(ChangedMeanwhile, order, agrees=True, expected_version=seen)
    answered(order, expected_version=order.version)


def test_only_the_manager_answers_and_only_on_their_platform(world: World, order: HardwareOrder) -> None:
    asked = asked_about(order)
    for person in (world.ada, world.piet):
        refused(NotAllowed, person, lambda actor: decide_as_manager(actor, asked, agrees=True))
    theirs = world.an_order(account=world.an_account_that_asks(platform=world.blue_harbor))

    class Stranger:
        actor = manager_actor(asked_about(theirs))

    refused(NotFound, Stranger, lambda actor: decide_as_manager(actor, asked, agrees=True))  # type: ignore[arg-type]


# ---- A new link


def test_a_new_link_goes_to_whoever_is_the_approver_now_and_ends_the_former(
    world: World, order: HardwareOrder
) -> None:
    former = asked_about(order)
    order.account.approver_name, order.account.approver_email = "Noel Shaw", "noel@example.com"
    db.session.commit()
    by(world.piet, lambda piet: resend_request(piet, order.id))
    now = asked_about(order)
    assert (now.id != former.id, now.approver_name) == (True, "Noel Shaw")
    db.session.refresh(former)
    assert (former.closed_at is not None, former.next_at) == (True, None)
    actor = manager_actor(former)
    with pytest.raises(WrongState, match="A newer link was sent to you"):
        transact(lambda: decide_as_manager(actor, former, agrees=True))
    assert events(order.id)[-1].kind == "order.manager_asked"


def test_who_presses_twice_sends_one_link(world: World, order: HardwareOrder) -> None:
    with clock.at(utcnow() + timedelta(hours=1)):
        one = by(world.ada, lambda ada: resend_request(ada, order.id))
        two = by(world.ada, lambda ada: resend_request(ada, order.id))
    assert one.id == two.id
    assert [event.kind for event in events(order.id)].count("order.manager_asked") == 1


def test_a_link_that_ran_out_can_be_sent_anew(world: World, order: HardwareOrder) -> None:
    with clock.at(utcnow() + LINK_LIFETIME + timedelta(days=1)):
        by(world.piet, lambda piet: resend_request(piet, order.id))
        answered(order)
    assert order.manager_approval is AGREED


def test_a_link_is_sent_for_what_waits_and_by_whom_it_concerns(world: World, order: HardwareOrder) -> None:
    refused(NotAllowed, world.sam, lambda sam: resend_request(sam, order.id))
    refused(NotFound, world.bea, lambda bea: resend_request(bea, order.id))
    answered(order)
    error = refused(WrongState, world.piet, lambda piet: resend_request(piet, order.id))
    assert "does not wait for a manager’s answer: the manager has approved it" in error.message
    other = world.an_order()
    error = refused(WrongState, world.ada, lambda ada: resend_request(ada, other.id))
    assert "the account asks for none" in error.message


def test_no_link_is_sent_where_nobody_can_be_asked_any_more(world: World, order: HardwareOrder) -> None:
    order.account.approver_email = None
    db.session.commit()
    error = refused(InvalidInput, world.piet, lambda piet: resend_request(piet, order.id))
    assert fields(error) == ["manager_approval"]


# ---- Overriding


def test_a_super_admin_overrides_with_a_reason(world: World, order: HardwareOrder) -> None:
    by(world.ada, lambda ada: override_manager(ada, order.id, reason="Maria is on leave."))
    assert order.manager_approval is OVERRIDDEN
    assert waiting_counts(world.ada.actor)[0] == 1
    assert asked_about(order).closed_at is not None
    event = events(order.id)[-1]
    assert (event.kind, event.reason) == ("order.manager_overridden", "Maria is on leave.")
    by(world.ada, lambda ada: approve_order(ada, order.id))


def test_nobody_else_overrides_and_nobody_without_a_reason(world: World, order: HardwareOrder) -> None:
    refused(NotAllowed, world.piet, lambda piet: override_manager(piet, order.id, reason="Now."))
    refused(InvalidInput, world.ada, lambda ada: override_manager(ada, order.id, reason=" "))
    stale = order.version - 1
    refused(
        ChangedMeanwhile,
        world.ada,
        lambda ada: override_manager(ada, order.id, reason="Now.", expected_version=stale),
    )


def test_an_order_is_let_past_its_manager_once(world: World, order: HardwareOrder) -> None:
    def override(actor: Actor) -> HardwareOrder:
        return override_manager(actor, order.id, reason="Urgent.")

    by(world.ada, override)
    refused(WrongState, world.ada, override)
    assert [event.kind for event in events(order.id)].count("order.manager_overridden") == 1


# ---- Editing what was approved


@pytest.mark.parametrize(("quantity", "again"), [(1, False), (2, False), (3, True)])
def test_what_costs_more_than_approved_is_asked_again(
    world: World, order: HardwareOrder, quantity: int, again: bool
) -> None:
    sku, cheap = world.item("deskphone").sku, world.an_item("accessory", unit_price=Decimal(0))
    answered(order)
    by(world.ada, lambda ada: edit_lines(ada, order.id, {sku: quantity, cheap.sku: 1}))
    assert order.manager_approval is (AWAITING if again else AGREED)
    sentence = "it costs more than Maria Lopez approved, who is asked again"
    assert (sentence in events(order.id)[-1].summary) is again
    assert (asked_about(order).used_at is None) is again


def mailed(order: HardwareOrder) -> ApprovalRequest:
    """The open request about the order, once the mail with its cost is written."""
    while follow_up_next():
        pass
    return asked_about(order)


@pytest.mark.parametrize(("quantity", "again"), [(1, False), (2, False), (3, True)])
def test_what_costs_more_than_the_mail_said_is_asked_again(
    world: World, order: HardwareOrder, quantity: int, again: bool
) -> None:
    first = mailed(order)
    by(world.piet, lambda piet: edit_lines(piet, order.id, {world.item("deskphone").sku: quantity}))
    sentence = "it costs more than Maria Lopez was asked about, who is asked again"
    assert (sentence in events(order.id)[-1].summary) is again
    assert (mailed(order).id != first.id) is again
    assert order.manager_approval is AWAITING
    assert (asked_about(order).cost or {})["EUR"][0] == ("300.00" if again else "200.00")


def test_a_dearer_order_of_which_no_mail_was_written_is_asked_about_once(
    world: World, order: HardwareOrder
) -> None:
    first = asked_about(order)
    by(world.piet, lambda piet: edit_lines(piet, order.id, {world.item("deskphone").sku: 3}))
    assert mailed(order).id == first.id


def test_lowering_and_raising_again_to_what_was_approved_asks_nobody(
    world: World, order: HardwareOrder
) -> None:
    sku = world.item("deskphone").sku
    answered(order)
    for quantity in (1, 2):
        by(world.piet, lambda piet, quantity=quantity: edit_lines(piet, order.id, {sku: quantity}))
    assert order.manager_approval is AGREED


def test_what_was_overridden_stays_so_when_it_is_edited(world: World, order: HardwareOrder) -> None:
    by(world.ada, lambda ada: override_manager(ada, order.id, reason="Urgent."))
    by(world.ada, lambda ada: edit_lines(ada, order.id, {world.item("deskphone").sku: 9}))
    assert order.manager_approval is OVERRIDDEN


# ---- The link


def test_a_link_is_signed_over_its_request_and_nothing_less(order: HardwareOrder) -> None:
    asked = asked_about(order)
    token = link_token("a secret", asked)
    assert request_id_of(token) == asked.id
    assert is_signed("a secret", asked, token)
    assert not is_signed("another secret", asked, token)
    for place in range(len(token)):
        other = "b" if token[place] != "b" else "c"
        assert not is_signed("a secret", asked, token[:place] + other + token[place + 1 :])
    asked.seed = "0" * 64
    assert not is_signed("a secret", asked, token)


@pytest.mark.parametrize(
    "token", ["", "-", "1", "1-", "a-" + "a" * 52, "1-" + "a" * 51, "1-" + "1" * 52, "٣-" + "a" * 52]
)
def test_what_cannot_be_a_link_names_nothing(token: str) -> None:
    assert request_id_of(token) is None
