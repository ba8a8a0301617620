"""Publishing how far the audit trail's chain has come, so that no new chain passes for the old one."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path

from flask import current_app
from sqlalchemy import select

from hwadmin.clock import utcnow
from hwadmin.config import Settings
from hwadmin.extensions import db
from hwadmin.models import OutgoingMessage, Person
from hwadmin.operations.platforms import insert_or_ignore
from hwadmin.outbox.expanding import mail_of
from hwadmin.outbox.letters import Content, written
from hwadmin.outbox.queue import DELIVERY
from hwadmin.permissions import Role
from hwadmin.queries.audit_chain import Head, head
from hwadmin.tenancy import acting_as
from hwadmin.uow import transact

TYPE = "audit.head"
_LINE = re.compile(r"(\d{4}-\d{2}-\d{2}) (\d{1,18}) ([0-9a-f]{64})", re.ASCII)


class UnreadableHeads(ValueError):
    """A file that should hold published heads holds something else."""


def heads_file() -> Path:
    """Where the heads are kept beside the database: a line a day."""
    settings: Settings = current_app.config["HWADMIN"]
    return settings.instance / "audit-heads.txt"


def read_heads(path: Path) -> list[Head]:
    """The heads a file holds; none where there is no file.

    Raises:
        UnreadableHeads: naming the first line that is none.
    """
    return list(_heads(path)) if path.exists() else []


def _heads(path: Path) -> Iterator[Head]:
    for number, line in enumerate(path.read_text(errors="replace").splitlines(), 1):
        if line.strip():
            yield read_head(line.strip(), f"Line {number} of {path}")


def read_head(text: str, where: str = "This") -> Head:
    """A head as the file and the mail write it: day, number of links, hash.

    Raises:
        UnreadableHeads: where it is none.
    """
    found = _LINE.fullmatch(text)
    if found is None:
        raise UnreadableHeads(
            f"{where} is no published head: write “2026-11-21 1234 0123…”, day, number, hash."
        )
    return Head(int(found[2]), found[3], found[1])


def publish_head() -> tuple[Head, int]:
    """Write the head of today to the file and to every super-admin; the head, and the number of mails.

    Whoever got one today gets no second, and the file gets one line a day.
    """
    with acting_as(db.session, DELIVERY):
        return transact(_publish)


def _publish() -> tuple[Head, int]:
    today, now = utcnow().date(), head()
    line = f"{today} {now.seq} {now.hash}"
    path = heads_file()
    if not any(kept.said == today.isoformat() for kept in read_heads(path)):
        with path.open("a") as file:
            file.write(f"{line}\n")
    people = db.session.scalars(
        select(Person)
        .where(Person.role == Role.SUPER_ADMIN, Person.disabled_at.is_(None))
        .order_by(Person.id)
    )
    return now, sum(_mail(person.email, today, now, line) for person in people)


def _mail(recipient: str, today: date, now: Head, line: str) -> bool:
    content = Content(
        headline=f"The audit trail had {now.seq:,} chained events on {today}.",
        facts=[("Head", line)],
        why="You get this daily as a super-admin. Keep it: with this line, “flask audit verify --head” finds "
        "an audit trail that was rewritten as a whole.",
    )
    letter = written(recipient, TYPE, f"Head of the audit trail, {today}", content)
    # Of two workers writing at the same moment, one finds it there.
    return insert_or_ignore(OutgoingMessage, **mail_of(letter, f"audit head {today}")) is not None
