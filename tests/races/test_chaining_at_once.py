"""Eight writers append to the audit trail's chain at once: no link is lost, doubled or out of place."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import text

from hwadmin.db.extensions import db
from hwadmin.db.unit_of_work import transact
from hwadmin.domain.event_kinds import AuditKind
from hwadmin.domain.permissions import COMMAND_LINE, Actor
from hwadmin.models import AuditEvent
from hwadmin.operations.audit import recording
from hwadmin.queries.audit.chain_verification import Verdict, verify
from tests.races.callers import Action, Callers, Result
from tests.races.rows import inside
from tests.running import FULL

pytestmark = pytest.mark.both_databases

EACH = 100 if FULL else 30

# Broken on purpose: the last link is read as it is, without taking the lock that makes the others wait.
NAIVE = """
    CREATE OR REPLACE FUNCTION audit_event_is_linked() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE
        last audit_tail;
    BEGIN
        SELECT * INTO STRICT last FROM audit_tail;
        INSERT INTO audit_link (seq, event_id, hash) VALUES (nextval('naive'), NEW.id, encode(
            sha256(convert_to(
                last.hash || ':' || (last.seq + 1) || ':' || NEW.id || ':' || NEW.digest, 'UTF8'
            )),
            'hex'
        ));
        UPDATE audit_tail SET seq = seq + 1, hash = (SELECT hash FROM audit_link ORDER BY seq DESC LIMIT 1);
        RETURN NULL;
    END $$
"""


def write_many(actor: Actor, caller: int) -> int:
    """Many actions of one caller, a transaction each; every tenth is two events in one."""
    for number in range(EACH):

        def action(number: int = number) -> None:
            for part in range(2 if number % 10 == 0 else 1):
                recording.record(
                    actor, AuditKind.TABLE_EXPORTED, f"Action {number} of {caller}", details={"part": part}
                )

        transact(action)
    return EACH


def all_write(app: Flask, eight: Callers) -> tuple[list[Result], Verdict]:
    results = eight.all_at_once([Action(COMMAND_LINE, write_many, (caller,)) for caller in range(8)])
    with inside(app):
        return results, verify()


def test_all_actions_of_8_writers_are_one_chain(own_app: Flask, eight: Callers) -> None:
    results, verdict = all_write(own_app, eight)
    assert [result.value for result in results] == [EACH] * 8, results
    assert (verdict.fault, verdict.vouched) == (None, 8 * EACH * 11 // 10)
    with inside(own_app):
        assert db.session.query(AuditEvent).count() == verdict.vouched


def test_without_the_lock_at_the_tail_the_chain_breaks(own_app: Flask, eight: Callers) -> None:
    """On PostgreSQL; SQLite has one writer at a time, whatever it does."""
    with own_app.app_context():
        if db.engine.dialect.name == "sqlite":
            return
        with db.engine.begin() as connection:
            connection.execute(text("CREATE SEQUENCE naive"))
            connection.execute(text(NAIVE.replace(":", "\\:")))
        db.engine.dispose()
    _, verdict = all_write(own_app, eight)
    assert verdict.fault is not None
