"""An upgrade in two steps, under many writers: first the schema, then the processes; nobody is refused."""

from __future__ import annotations

import re
import signal

import psycopg
import pytest

from tests.faults.conftest import Site
from tests.faults.load import WRITERS, Writers
from tests.faults.processes import OUTBOX, WEB
from tests.faults.whole_history import last_order, problems

pytestmark = pytest.mark.slow

# What an expanding migration does, as the next release would bring it.
EXPANSION = (
    "ALTER TABLE hardware_order ADD COLUMN next_release_note text",
    "ALTER TABLE audit_event ADD COLUMN next_release_word text",
    "CREATE TABLE next_release (id bigserial PRIMARY KEY, order_id bigint REFERENCES hardware_order)",
    "CREATE INDEX CONCURRENTLY next_release_index ON hardware_order (next_release_note)",
)


def test_an_expanded_schema_and_new_processes_refuse_nobody(site: Site) -> None:
    owner = site.installed.settings(site.installed.folder / "etc" / "owner")["HWADMIN_DATABASE_URL"]
    before = last_order(site.app)
    with Writers(site.address, site.cast, WRITERS) as writers:
        writers.wait_for(WRITERS)
        with psycopg.connect(owner, autocommit=True) as connection:
            # A migration gives way rather than make everybody wait behind it; see docs/admin/upgrade.md.
            connection.execute("SET lock_timeout = '2s'")
            for statement in EXPANSION:
                connection.execute(statement.encode())
        # Those of the release before go on serving with what is new.
        writers.wait_for(WRITERS)
        site.installed.processes.send(WEB, signal.SIGTERM)
        site.installed.processes.send(OUTBOX, signal.SIGTERM)
        writers.wait_for(WRITERS)
    assert problems(site.app, writers.history, site.receiver, before) == []
    assert set(writers.history.answers) <= {200, 201}, writers.history.answers
    with psycopg.connect(owner, autocommit=True) as connection:
        for statement in reversed(EXPANSION):
            connection.execute(_undone(statement).encode())


def _undone(statement: str) -> str:
    added = re.match(r"ALTER TABLE (\w+) ADD COLUMN (\w+)", statement)
    if added:
        return f"ALTER TABLE {added[1]} DROP COLUMN {added[2]}"
    made = re.match(r"CREATE (TABLE|INDEX) (?:CONCURRENTLY )?(\w+)", statement)
    assert made is not None
    return f"DROP {made[1]} IF EXISTS {made[2]}"
