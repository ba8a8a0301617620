"""What nobody needs any more is deleted after so many days; what is on its way, and the trail, never."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select, update

from hwadmin import clock
from hwadmin.db.extensions import Base, db
from hwadmin.db.unit_of_work import transact
from hwadmin.domain.permissions import COMMAND_LINE
from hwadmin.errors import InvalidInput, NotAllowed
from hwadmin.models import (
    AccountNotice,
    AuditEvent,
    DeliveryAttempt,
    FailedSignIn,
    IdempotencyRecord,
    NoticeKind,
    OutboxEvent,
    OutgoingMessage,
    PasswordLink,
    SignInRequest,
)
from hwadmin.operations.outgoing.retention import RetentionPeriods, prune
from hwadmin.operations.people import idempotency
from hwadmin.operations.people.idempotency import RequestKey
from hwadmin.operations.people.sign_in import count_attempt
from hwadmin.outbox.queue import DeliveryResult
from hwadmin.outbox.webhook_client import WebhookClient
from hwadmin.outbox.worker import Worker
from tests.builders import World

pytestmark = pytest.mark.both_databases

NOW = datetime(2026, 11, 21, 4, 0, tzinfo=UTC)
KEPT = RetentionPeriods(messages_days=90, failed_sign_ins_days=30)


def rows(model: type[Base]) -> int:
    db.session.commit()
    return db.session.scalar(select(func.count()).select_from(model)) or 0


def days_ago(world: World, days: int, *, delivered: bool = True, final: bool = False) -> None:
    """A new order, its mail, a failed sign-in and a claimed key, so many days ago."""
    world.ada  # noqa: B018  (who is written to)
    result = DeliveryResult(delivered, None if delivered else "No.", final=final)
    with clock.at(NOW - timedelta(days=days)):
        world.an_order()
        transact(lambda: count_attempt("nobody@example.com", f"203.0.113.{days % 250}"))
        transact(lambda: idempotency.claim(RequestKey("person:1", f"key {days}", "hwa_secret"), "0" * 64))
        db.session.commit()
        Worker("one", WebhookClient(), deliver=lambda task, poster: result).drain()


def test_what_is_older_than_it_is_kept_for_is_deleted_and_nothing_else(world: World) -> None:
    for days in (200, 91, 89, 31, 1):
        days_ago(world, days)
    days_ago(world, 150, delivered=False, final=True)
    days_ago(world, 300, delivered=False)  # Tried again ever since: still on its way.
    assert (rows(OutgoingMessage), rows(DeliveryAttempt)) == (7, 7)
    events = rows(AuditEvent)
    with clock.at(NOW):
        counted = prune(COMMAND_LINE, KEPT, really=False)
        assert (rows(OutgoingMessage), rows(AuditEvent)) == (7, events)
        found = prune(COMMAND_LINE, KEPT)
    assert found["delivery attempts"] == found["messages"] == 3
    assert counted == found
    assert found["outgoing events"] == 3
    assert (rows(OutgoingMessage), rows(DeliveryAttempt), rows(OutboxEvent)) == (4, 4, 4)
    left = db.session.scalars(select(OutgoingMessage.created_at)).all()
    assert sorted((NOW - at).days for at in left) == [1, 31, 89, 300]
    # Some of these went by themselves when the next came.
    assert rows(FailedSignIn) == 1
    assert rows(IdempotencyRecord) == 1
    event = db.session.scalars(select(AuditEvent).order_by(AuditEvent.id.desc())).first()
    assert event is not None
    assert (rows(AuditEvent), event.kind) == (events + 1, "retention.pruned")
    assert event.summary.startswith("Pruned 3 delivery attempts, 3 messages, 3 outgoing events")
    with clock.at(NOW):
        assert not any(prune(COMMAND_LINE, KEPT).values())
    assert rows(AuditEvent) == events + 1


def test_what_signing_in_left_behind_goes_as_well(world: World) -> None:
    key = world.ada.id

    def left(days: float, next_at: datetime | None) -> None:
        at, mark = NOW - timedelta(days=days), f"{days}-{next_at}"
        db.session.add(AccountNotice(kind=NoticeKind.NEW_BROWSER, person_id=key, address="", browser=mark))
        db.session.add(PasswordLink(person_id=key, seed=mark))
        db.session.flush()
        for model in (AccountNotice, PasswordLink):
            newest = select(func.max(model.id)).scalar_subquery()
            db.session.execute(update(model).where(model.id == newest).values(created_at=at, next_at=next_at))

    for days, next_at in ((31, None), (29, None), (31, NOW)):
        left(days, next_at)
    for minutes in (14, 16):
        at = NOW - timedelta(minutes=minutes)
        visit = {"state_hash": str(minutes), "provider": "okta", "nonce": "n", "verifier": "v"}
        db.session.add(SignInRequest(**visit, created_at=at))
    db.session.commit()
    expected = {"notices of sign-ins": 1, "password links": 1, "unfinished sign-ins": 1}
    with clock.at(NOW):
        counted = prune(COMMAND_LINE, KEPT, really=False)
        assert {name: number for name, number in counted.items() if number} == expected
        assert {name: number for name, number in prune(COMMAND_LINE, KEPT).items() if number} == expected
    assert (rows(AccountNotice), rows(PasswordLink), rows(SignInRequest)) == (2, 2, 1)
    assert db.session.scalars(select(SignInRequest.state_hash)).one() == "14"


def test_many_are_deleted_a_few_at_a_time(world: World) -> None:
    for days in range(100, 105):
        days_ago(world, days)
    with clock.at(NOW):
        assert prune(COMMAND_LINE, KEPT, at_once=2)["messages"] == 5
    assert rows(OutgoingMessage) == 0


def test_who_may_not_may_not_and_days_are_days(world: World) -> None:
    with pytest.raises(NotAllowed):
        prune(world.piet.actor, KEPT)
    for kept in (RetentionPeriods(0, 30), RetentionPeriods(90, -1), RetentionPeriods(10**6, 30)):
        with pytest.raises(InvalidInput):
            prune(COMMAND_LINE, kept)


def test_the_command_says_what_it_did(app: Flask, world: World) -> None:
    days_ago(world, 120)
    run = app.test_cli_runner().invoke
    with clock.at(NOW):
        assert "1 messages would be deleted." in run(args=["retention", "prune", "--dry-run"]).output
        result = run(args=["retention", "prune"])
    assert result.exit_code == 0
    assert "1 messages were deleted.\n1 outgoing events were deleted." in result.output
