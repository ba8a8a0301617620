"""The mail on a sign-in from a new browser."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select

from hwadmin import clock
from hwadmin.clock import utcnow
from hwadmin.db.extensions import db
from hwadmin.db.unit_of_work import transact
from hwadmin.models import OutgoingMessage, Person
from hwadmin.operations.people.sign_in import Attempt, let_in
from hwadmin.outbox.account_notices import write_next_notice
from tests.builders import World

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:147.0) Gecko/20100101 Firefox/{}.0"
SAFARI = "Mozilla/5.0 (iPhone; CPU iPhone OS 26_1 like Mac OS X) Version/26.1 Mobile Safari/604.1"


def sign_in(person: Person, browser: str) -> list[str]:
    """The mails there are once somebody has signed in."""
    attempt = Attempt(0, person.email, "203.0.113.7")
    transact(lambda: let_in(person, attempt, browser, None))
    while write_next_notice():
        pass
    return list(db.session.scalars(select(OutgoingMessage.payload).order_by(OutgoingMessage.id)))


def test_a_browser_that_was_not_used_for_long_is_told_of_once(world: World) -> None:
    sam = world.sam
    with clock.at(utcnow() - timedelta(days=100)):
        # The very first one is no news.
        assert sign_in(sam, SAFARI) == []
        assert sign_in(sam, FIREFOX.format(147)) == sign_in(sam, SAFARI)
    with clock.at(utcnow() - timedelta(days=20)):
        before = len(sign_in(sam, FIREFOX.format(148)))
    # A newer version is the same browser; one that was not used for 90 days is told of again.
    assert len(sign_in(sam, FIREFOX.format(149))) == before
    mails = sign_in(sam, SAFARI)
    assert len(mails) == before + 1
    assert "Safari 26 on iPhone" in mails[-1]
    assert "203.0.113.7" in mails[-1]
    row = db.session.scalars(select(OutgoingMessage).order_by(OutgoingMessage.id.desc())).first()
    assert row is not None
    assert (row.recipient, row.subject) == (sam.email, "A sign-in from a new browser")
    assert len(sign_in(sam, SAFARI)) == len(mails)
