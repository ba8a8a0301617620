"""Super-admins verify the audit trail and publish its head on a page."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import text

from hwadmin import clock
from hwadmin.config import Settings
from hwadmin.db.extensions import db
from hwadmin.db.tenancy import acting_as
from hwadmin.domain.permissions import COMMAND_LINE
from hwadmin.queries.audit.chain_verification import Head, head
from hwadmin.queries.audit.published_heads import read_heads
from hwadmin.views.audit import verification
from tests.borrowed_apps import borrowed_app
from tests.builders import Browser, Clients, World
from tests.operations.audit.test_chain import past_the_rules

PAGE = "/audit/verification/"
WHEN = datetime(2026, 11, 21, 10, 30, tzinfo=UTC)


@pytest.fixture
def heads_file(tmp_path: Path) -> Path:
    return tmp_path / "audit-heads.txt"


@pytest.fixture
def ada(own_database: Settings, tmp_path: Path) -> Iterator[Browser]:
    """A super-admin's browser, on a database whose chain has a few links."""
    with (
        borrowed_app(replace(own_database, instance=tmp_path)) as app,
        app.app_context(),
        acting_as(db.session, COMMAND_LINE),
        clock.at(WHEN),
    ):
        world = World()
        world.an_order("approved")
        db.session.commit()
        yield Clients(app, world).ada
        db.session.remove()


def chain_end() -> Head:
    end = head()
    db.session.rollback()  # SQLite has one writer, and the page is one.
    return end


def test_a_trail_that_is_what_was_written_is_said_to_be(ada: Browser, heads_file: Path) -> None:
    events = chain_end().seq
    assert events > 0
    page = ada.post(PAGE)
    assert page.status_code == 200
    assert f"All {events} events are what was written." in page.text
    assert "No head was published yet" in page.text
    assert not heads_file.exists()


def test_a_changed_event_is_named(ada: Browser) -> None:
    with past_the_rules() as connection:
        connection.execute(text("UPDATE audit_event SET summary = 'Nothing happened' WHERE id = 1"))
    page = ada.post(PAGE)
    assert "BROKEN from event 1 on" in page.text
    assert "notice-danger" in page.text


def test_heads_from_mails_are_compared(ada: Browser) -> None:
    first = chain_end()
    good, forged = f"2026-11-20 {first.seq} {first.hash}", f"2026-11-20 {first.seq} {'0' * 64}"
    assert "The chain passes through the published head." in ada.post(PAGE, data={"heads": good}).text
    page = ada.post(PAGE, data={"heads": f"\n{forged}\n"}).text
    assert "The history was rewritten" in page


def test_what_is_no_head_is_refused_and_kept(ada: Browser) -> None:
    page = ada.post(PAGE, data={"heads": "2026-11-20 1 abc"})
    assert page.status_code == 422
    assert "Line 1 of the text is no published head" in page.text
    assert "2026-11-20 1 abc</textarea>" in page.text


def test_more_heads_than_are_read_are_refused_and_not_lost(ada: Browser) -> None:
    typed = "x" * 100_001
    page = ada.post(PAGE, data={"heads": typed})
    assert page.status_code == 422
    assert "Enter 100,000 characters at most." in page.text
    assert f"{typed}</textarea>" in page.text


def test_a_trail_too_long_for_a_page_is_for_the_command_line(
    ada: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(verification, "MAX_EVENTS", chain_end().seq - 1)
    assert "hwadmin audit verify" in ada.get(PAGE).text
    assert ada.post(PAGE).status_code == 422


def test_the_head_of_today_is_kept_once(ada: Browser, heads_file: Path) -> None:
    assert "Publish now" in ada.get(PAGE).text
    for _ in range(2):
        assert ada.post(f"{PAGE}publish").status_code == 303
    [kept] = read_heads(heads_file)
    assert (kept.published_on, kept.seq, kept.hash) == ("2026-11-21", chain_end().seq, chain_end().hash)
    page = ada.get(PAGE).text
    assert "Publish now" not in page
    assert kept.hash[:16] in page


def test_a_file_that_holds_something_else_is_named_and_left_alone(ada: Browser, heads_file: Path) -> None:
    heads_file.write_text("not a head\n")
    assert "is no published head" in ada.get(PAGE).text
    for answer in (ada.post(PAGE), ada.post(f"{PAGE}publish")):
        assert answer.status_code == 422
    assert heads_file.read_text() == "not a head\n"


def test_only_super_admins_are_led_there(world: World, clients: Clients) -> None:
    assert PAGE in clients.ada.get("/audit/").text
    assert PAGE not in clients.sam.get("/audit/").text
