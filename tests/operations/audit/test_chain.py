"""The audit trail's chain: honest work verifies, and every way to change the past is found and named."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from flask import Flask, current_app
from sqlalchemy import Connection, func, select, text
from sqlalchemy.exc import DBAPIError

from hwadmin import clock
from hwadmin.db.extensions import db
from hwadmin.db.tenancy import acting_as
from hwadmin.db.unit_of_work import transact
from hwadmin.domain import audit_hash_chain
from hwadmin.domain.event_kinds import AuditKind
from hwadmin.domain.permissions import COMMAND_LINE
from hwadmin.models import AuditEvent
from hwadmin.operations.audit import recording
from hwadmin.outbox.audit_heads import publish_head
from hwadmin.queries.audit.chain_verification import Head, Verdict, head, verify
from hwadmin.queries.audit.published_heads import heads_file, read_heads
from tests.builders import World

pytestmark = pytest.mark.both_databases

WHEN = datetime(2026, 11, 21, 10, 30, 15, 123456, UTC)
DETAILS = {"names": ["Zoë", "李"], "count": 3, "ratio": 0.5, "none": None, "deep": {"b": 1, "a": [True]}}


@pytest.fixture
def trail(own_app: Flask) -> Iterator[list[int]]:
    """Ten events in a database of its own; their keys."""
    with own_app.app_context(), acting_as(db.session, COMMAND_LINE), clock.at(WHEN):
        kept_heads().unlink(missing_ok=True)  # Tests share the folder.
        yield [an_event(number) for number in range(1, 11)]
        db.session.remove()


def kept_heads() -> Path:
    return heads_file(current_app.config["HWADMIN"].instance)


def an_event(number: int, **values: Any) -> int:
    values = {"reason": f"Reason {number}", "details": DETAILS} | values

    def write() -> int:
        recording.record(COMMAND_LINE, AuditKind.TABLE_EXPORTED, f"Action {number}", **values)
        return db.session.scalars(select(func.max(AuditEvent.id))).one()

    return transact(write)


def verdict(*published: Head) -> Verdict:
    db.session.rollback()
    return verify(published)


@contextmanager
def past_the_rules() -> Iterator[Connection]:
    """What somebody can do who owns the database: the rules are switched off meanwhile."""
    db.session.rollback()
    with db.engine.connect() as connection, connection.begin():
        if connection.dialect.name == "postgresql":
            connection.execute(text("SET session_replication_role = replica"))
            yield connection
            connection.execute(text("SET session_replication_role = origin"))
            return
        triggers = connection.execute(
            text("SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name LIKE 'audit%'")
        ).all()
        for name, _ in triggers:
            connection.execute(text(f"DROP TRIGGER {name}"))
        yield connection
        for _, sql in triggers:
            connection.exec_driver_sql(sql)


def rewrite(connection: Connection) -> None:
    """Make a new chain over whatever the events say now, tail included: nobody's eye could tell it."""
    events = connection.execute(AuditEvent.__table__.select().order_by(AuditEvent.id)).mappings().all()
    connection.execute(text("DELETE FROM audit_link"))
    before = audit_hash_chain.genesis(0)
    for seq, event in enumerate(events, 1):
        commitment = audit_hash_chain.commitment(event["salt"], event)  # type: ignore[arg-type]
        digest = audit_hash_chain.digest(event, commitment)  # type: ignore[arg-type]
        before = audit_hash_chain.link(before, seq, event["id"], digest)
        connection.execute(
            text("UPDATE audit_event SET commitment = :c, digest = :d WHERE id = :id"),
            {"c": commitment, "d": digest, "id": event["id"]},
        )
        connection.execute(
            text("INSERT INTO audit_link (seq, event_id, hash) VALUES (:seq, :id, :hash)"),
            {"seq": seq, "id": event["id"], "hash": before},
        )
    connection.execute(
        text("UPDATE audit_tail SET seq = :seq, hash = :hash"), {"seq": len(events), "hash": before}
    )


# ---- Honest


def test_honest_work_verifies_in_every_writing(trail: list[int]) -> None:
    found = verdict()
    assert (found.fault, found.vouched, found.begins_after) == (None, 10, 0)
    assert found.head == head()
    assert found.head.seq == 10


def test_what_orders_go_through_verifies(own_app: Flask) -> None:
    with own_app.app_context(), acting_as(db.session, COMMAND_LINE):
        world = World()
        world.an_order("fulfilled", [("deskphone", 2), ("dect_base", 1), ("dect_handset", 2)])
        world.an_order("rejected")
        world.an_order("cancelled")
        found = verdict()
        assert found.fault is None
        assert found.vouched == db.session.query(AuditEvent).count() > 6


def test_what_is_rolled_back_leaves_no_link(trail: list[int]) -> None:
    recording.record(COMMAND_LINE, AuditKind.TABLE_EXPORTED, "Never")
    db.session.flush()
    db.session.rollback()
    an_event(11)
    found = verdict()
    assert (found.fault, found.vouched) == (None, 11)


def test_what_was_written_before_the_chain_is_declared_so(own_app: Flask) -> None:
    with own_app.app_context(), acting_as(db.session, COMMAND_LINE):
        with past_the_rules() as connection:
            connection.execute(
                text(
                    "INSERT INTO audit_event (id, at, kind, actor_name, summary, details)"
                    " VALUES (7, '2026-01-01 00:00:00', 'order.approved', 'Ada', 'Approved', '{}')"
                )
            )
            connection.execute(
                text("UPDATE audit_tail SET begins_after = 7, hash = :hash"),
                {"hash": audit_hash_chain.genesis(7)},
            )
            if connection.dialect.name == "postgresql":
                connection.execute(text("SELECT setval('audit_event_id_seq', 7)"))
        an_event(1)
        found = verdict()
        assert (found.fault, found.vouched, found.begins_after) == (None, 1, 7)
        # Moving the beginning on, so that less has to hold, moves every link.
        with past_the_rules() as connection:
            connection.execute(text("UPDATE audit_tail SET begins_after = 6"))
        assert verdict().fault is not None


# ---- Changed, removed, put in


CHANGES = {
    "a fact": "UPDATE audit_event SET actor_id = 99 WHERE id = :fifth",
    "the time": "UPDATE audit_event SET at = '2025-01-01 00:00:00' WHERE id = :fifth",
    "the kind": "UPDATE audit_event SET kind = 'order.approved' WHERE id = :fifth",
    "the words": "UPDATE audit_event SET summary = 'Nothing happened' WHERE id = :fifth",
    "the reason": "UPDATE audit_event SET reason = NULL WHERE id = :fifth",
    "the details": "UPDATE audit_event SET details = '{}' WHERE id = :fifth",
    "who": "UPDATE audit_event SET actor_name = 'Somebody else' WHERE id = :fifth",
    "the salt": "UPDATE audit_event SET salt = NULL, summary = 'x' WHERE id = :fifth",
    "an excuse that is none": "UPDATE audit_event SET redaction_id = 1, summary = 'x' WHERE id = :fifth",
    "a link": "UPDATE audit_link SET hash = '0' WHERE event_id = :fifth",
}


@pytest.mark.parametrize("change", CHANGES)
def test_what_was_changed_is_found_and_named(trail: list[int], change: str) -> None:
    with past_the_rules() as connection:
        connection.execute(text(CHANGES[change]), {"fifth": trail[4]} if ":fifth" in CHANGES[change] else {})
    fault = verdict().fault
    assert fault is not None
    assert fault.event_id == trail[4]


def test_an_event_changed_together_with_its_digest_is_found(trail: list[int]) -> None:
    with past_the_rules() as connection:
        event = (
            connection.execute(AuditEvent.__table__.select().where(AuditEvent.id == trail[4]))
            .mappings()
            .one()
        )
        words = dict(event) | {"summary": "Nothing happened"}
        commitment = audit_hash_chain.commitment(event["salt"], words)
        connection.execute(
            text(
                "UPDATE audit_event SET summary = 'Nothing happened', commitment = :c, digest = :d"
                " WHERE id = :id"
            ),
            {"c": commitment, "d": audit_hash_chain.digest(event, commitment), "id": trail[4]},  # type: ignore[arg-type]
        )
    fault = verdict().fault
    assert fault is not None
    assert (fault.event_id, fault.why) == (trail[4], "Its link does not hold the event before it.")


@pytest.mark.parametrize(
    ("with_link", "named", "why"),
    [(False, 4, "The event was removed."), (True, 5, "An event before it was removed, with its link.")],
)
def test_an_event_removed_from_the_middle_is_found(
    trail: list[int], with_link: bool, named: int, why: str
) -> None:
    with past_the_rules() as connection:
        connection.execute(text("DELETE FROM audit_event WHERE id = :id"), {"id": trail[4]})
        if with_link:
            connection.execute(text("DELETE FROM audit_link WHERE event_id = :id"), {"id": trail[4]})
    fault = verdict().fault
    assert fault is not None
    assert (fault.event_id, fault.why) == (trail[named], why)


def test_the_last_events_removed_with_their_links_are_missed(trail: list[int]) -> None:
    with past_the_rules() as connection:
        for table, key in (("audit_event", "id"), ("audit_link", "event_id")):
            connection.execute(text(f"DELETE FROM {table} WHERE {key} > :id"), {"id": trail[7]})
    found = verdict()
    assert found.vouched == 8
    assert found.fault is not None
    assert found.fault.why == "The chain ends with link 8, but 10 were made: the last were removed."


def test_an_event_put_in_past_the_chain_is_found(trail: list[int]) -> None:
    with db.engine.begin() as connection:
        connection.execute(
            text(
                "INSERT INTO audit_event (at, kind, actor_name, summary, details)"
                " VALUES ('2026-11-21 10:31:00', 'order.approved', 'Ada', 'Approved', '{}')"
            )
        )
    fault = verdict().fault
    assert fault is not None
    assert (fault.kind, fault.why) == ("order.approved", "It was put in past the chain: no link holds it.")


def test_an_event_forged_with_a_made_up_digest_is_found(trail: list[int]) -> None:
    """The database links whatever comes with a digest; but the digest must be that of the event."""
    with db.engine.begin() as connection:
        connection.execute(
            text(
                "INSERT INTO audit_event (at, kind, actor_name, summary, details, salt, commitment, digest)"
                " VALUES ('2026-11-21 10:31:00', 'order.approved', 'Ada', 'Approved', '{}', 'a', 'b', 'c')"
            )
        )
    fault = verdict().fault
    assert fault is not None
    assert (fault.kind, fault.why) == ("order.approved", "It is not what was written.")


def test_two_events_that_swapped_their_places_are_found(trail: list[int]) -> None:
    with past_the_rules() as connection:
        for before, after in ((trail[3], -1), (trail[5], trail[3]), (-1, trail[5])):
            connection.execute(
                text("UPDATE audit_event SET id = :after WHERE id = :before"),
                {"before": before, "after": after},
            )
    fault = verdict().fault
    assert fault is not None
    assert fault.event_id == trail[3]


def test_an_excuse_made_up_together_with_its_event_excuses_nothing(trail: list[int]) -> None:
    """Words changed, a redaction put in for them, and an anonymization forged that says so."""
    batch = "forged"
    with past_the_rules() as connection:
        event = (
            connection.execute(AuditEvent.__table__.select().where(AuditEvent.id == trail[4]))
            .mappings()
            .one()
        )
        commitment = audit_hash_chain.commitment("salt", dict(event) | {"summary": "x"})
        connection.execute(
            text("INSERT INTO audit_redaction (id, event_id, batch, commitment) VALUES (1, :e, :b, :c)"),
            {"e": trail[4], "b": batch, "c": commitment},
        )
        connection.execute(
            text("UPDATE audit_event SET summary = 'x', salt = 'salt', redaction_id = 1 WHERE id = :e"),
            {"e": trail[4]},
        )
    digest = audit_hash_chain.digest_of_redactions([(1, trail[4], commitment)])
    details = {"batch_id": batch, "redactions_digest": digest}
    with past_the_rules() as connection:
        forged = AuditEvent(
            at=WHEN, kind="employee.anonymized", actor_name="Ada", summary="Anonymized", details=details
        )
        values = {
            column.name: getattr(forged, column.name)
            for column in AuditEvent.__table__.columns
            if column.name != "id"
        }
        connection.execute(AuditEvent.__table__.insert().values(values | audit_hash_chain.seal(values)))
        connection.execute(
            text("INSERT INTO audit_link (seq, event_id, hash) SELECT 11, max(id), 'forged' FROM audit_event")
        )
    fault = verdict().fault
    assert fault is not None
    assert fault.event_id == trail[4]


# ---- Rewritten as a whole


def test_a_whole_new_chain_is_found_by_the_published_heads_only(trail: list[int]) -> None:
    with clock.at(WHEN.replace(day=22)):
        first = publish_head().head
    an_event(11)
    an_event(12)
    with clock.at(WHEN.replace(day=23)):
        publish_head()
    heads = read_heads(kept_heads())
    assert [(one.seq, one.published_on) for one in heads] == [(10, "2026-11-22"), (12, "2026-11-23")]
    assert first.hash == heads[0].hash
    assert verdict(*heads).fault is None
    assert verdict(*heads).heads_met == 2
    with past_the_rules() as connection:
        connection.execute(
            text("UPDATE audit_event SET summary = 'Nothing happened' WHERE id = :id"), {"id": trail[-1] + 1}
        )
        rewrite(connection)
    assert verdict().fault is None
    fault = verdict(*heads).fault
    assert fault is not None
    assert fault.event_id == trail[-1] + 1  # The first after the head that still fits.
    assert "link 12 was published on 2026-11-23" in fault.why


def test_a_trail_cut_off_before_a_published_head_is_found(trail: list[int]) -> None:
    publish_head()
    heads = read_heads(kept_heads())
    with past_the_rules() as connection:
        connection.execute(text("DELETE FROM audit_event WHERE id > :id"), {"id": trail[7]})
        rewrite(connection)
    assert verdict().fault is None
    fault = verdict(*heads).fault
    assert fault is not None
    assert fault.why.startswith("The chain ends with link 8, but link 10 was published on 2026-11-21 as ")


# ---- On the command line, and out of the house


def test_verify_says_what_it_found_and_ends_with_1_where_that_is_bad(
    own_app: Flask, trail: list[int]
) -> None:
    run = own_app.test_cli_runner().invoke
    result = run(args=["audit", "verify"])
    assert result.exit_code == 0
    assert result.output.startswith("All 10 events are what was written.\nNo head was published yet")
    line = f"2026-11-21 {head().seq} {head().hash}"
    db.session.rollback()
    result = run(args=["audit", "verify", "--head", line])
    assert "The chain passes through the published head." in result.output
    with past_the_rules() as connection:
        connection.execute(text("UPDATE audit_event SET reason = 'Because' WHERE id = :id"), {"id": trail[2]})
    result = run(args=["audit", "verify"])
    assert result.exit_code == 1
    assert result.output.splitlines() == [
        f"BROKEN from event {trail[2]} on: table.exported, 2026-11-21 10:30:15 UTC, by Command line.",
        "Its words are not those that were written.",
    ]


@pytest.mark.parametrize("line", ["", "12 abc", "2026-11-21 12 xyz", "2026-11-21 12 " + "0" * 63])
def test_a_head_that_is_none_is_refused_in_a_sentence(own_app: Flask, line: str, tmp_path: Path) -> None:
    result = own_app.test_cli_runner().invoke(args=["audit", "verify", "--head", line])
    assert result.exit_code == 1
    assert "This is no published head" in result.output
    (tmp_path / "heads").write_text(f"2026-11-21 1 {'0' * 64}\n\n{line or 'nothing'}\n")
    result = own_app.test_cli_runner().invoke(
        args=["audit", "verify", "--heads-file", str(tmp_path / "heads")]
    )
    assert result.exit_code == 1
    assert re.search(r"Line 3 of .* is no published head", result.output)


def test_the_head_goes_to_every_super_admin_and_the_file_once_a_day(own_app: Flask, trail: list[int]) -> None:
    world = World()
    ada, piet = world.ada, world.piet
    run = own_app.test_cli_runner().invoke
    mails = text("SELECT recipient, subject, payload FROM outgoing_message")
    sentences = (
        "Link 11 is published as the head of today.",
        "The head of today was published before, at link 11: the 1 link since then is",
    )
    an_event(11)
    for expected, sentence in zip((1, 0), sentences, strict=True):
        result = run(args=["audit", "publish"])
        assert result.exit_code == 0, result.output
        assert sentence in result.output
        assert f"and {expected} mails written." in result.output
        an_event(12)
    [mail] = db.session.connection().execute(mails).all()
    [kept] = read_heads(kept_heads())
    assert (mail.recipient, mail.subject) == (ada.email, "Head of the audit trail, 21 Nov 2026")
    assert f"Head: 2026-11-21 {kept.seq} {kept.hash}" in mail.payload
    assert piet.email not in mail.payload
    db.session.rollback()
    kept_heads().write_text("not a head\n")
    result = run(args=["audit", "publish"])
    assert result.exit_code == 1
    assert "Line 1 of" in result.output


# ---- The rules of the database


def test_links_and_the_tail_are_neither_changed_nor_removed(trail: list[int]) -> None:
    statements = [
        "UPDATE audit_link SET hash = '0'",
        "DELETE FROM audit_link",
        "DELETE FROM audit_tail",
        "UPDATE audit_tail SET seq = 3",
        "UPDATE audit_tail SET begins_after = 3, seq = seq + 1",
        "UPDATE audit_event SET summary = 'x'",
        "UPDATE audit_event SET summary = 'x', salt = 'y', redaction_id = 1",
        "DELETE FROM audit_event",
    ]
    if db.engine.dialect.name == "postgresql":
        statements += ["TRUNCATE audit_link", "TRUNCATE audit_tail", "TRUNCATE audit_redaction"]
    db.session.rollback()
    for statement in statements:
        with pytest.raises(DBAPIError, match="append-only"), db.engine.begin() as connection:
            connection.execute(text(statement))
    assert verdict().fault is None


def test_a_redaction_lets_the_words_of_its_own_event_be_changed_once(trail: list[int]) -> None:
    words = "UPDATE audit_event SET redaction_id = 1, summary = 'x' WHERE id = :event"
    facts = words.replace("summary = 'x'", "kind = 'order.rejected'")
    db.session.rollback()
    with db.engine.begin() as connection:
        connection.execute(
            text(
                "INSERT INTO audit_redaction (id, event_id, batch, commitment) VALUES (1, :event, 'b', '0')"
            ),
            {"event": trail[4]},
        )

    def refused(statement: str, event: int) -> None:
        with pytest.raises(DBAPIError, match="append-only"), db.engine.begin() as connection:
            connection.execute(text(statement), {"event": event})

    refused(words, trail[3])
    refused(facts, trail[4])
    with db.engine.begin() as connection:
        connection.execute(text(words), {"event": trail[4]})
    refused(words, trail[4])
