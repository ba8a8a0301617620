"""Publishing how far the audit trail's chain has come, so that no new chain passes for the old one."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path

from flask import current_app
from sqlalchemy import select

from hwadmin.clock import utcnow
from hwadmin.config import Settings
from hwadmin.db.extensions import db
from hwadmin.db.lookup import insert_or_ignore
from hwadmin.db.tenancy import acting_as
from hwadmin.db.unit_of_work import transact
from hwadmin.domain.permissions import Role
from hwadmin.models import OutgoingMessage, Person
from hwadmin.outbox.fanout import mail_row
from hwadmin.outbox.mail_templates import MailContent, render_mail
from hwadmin.outbox.queue import DELIVERY
from hwadmin.queries.audit.chain_verification import Head, head

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
    match = _LINE.fullmatch(text)
    if match is None:
        raise UnreadableHeads(
            f"{where} is no published head: write “2026-11-21 1234 0123…”, day, number, hash."
        )
    return Head(int(match[2]), match[3], match[1])


def publish_head() -> tuple[Head, int]:
    """Write the head of today to the file and to every super-admin.

    The file gets one line a day: published again on the same day, it is the head of that line. Whoever got a
    mail today gets no second one.

    Returns:
        The head that the file has for today, and how many mails were written.

    Raises:
        UnreadableHeads: the file holds something else.
        OSError: the file cannot be written.
    """
    with acting_as(db.session, DELIVERY):
        return transact(_publish)


def _publish() -> tuple[Head, int]:
    today = utcnow().date()
    path = heads_file()
    published = next((row for row in read_heads(path) if row.published_on == today.isoformat()), None)
    if published is None:
        published = head()
        with path.open("a") as file:
            file.write(f"{today} {published.seq} {published.hash}\n")
            file.flush()
            os.fsync(file.fileno())
    line = f"{today} {published.seq} {published.hash}"
    people = db.session.scalars(
        select(Person)
        .where(Person.role == Role.SUPER_ADMIN, Person.disabled_at.is_(None))
        .order_by(Person.id)
    )
    return published, sum(_mail(person.email, today, published, line) for person in people)


def _mail(recipient: str, today: date, published: Head, line: str) -> bool:
    content = MailContent(
        headline=f"The audit trail had {published.seq:,} chained events on {today}.",
        facts=[("Head", line)],
        why="You get this daily as a super-admin. Keep it: with this line, “flask audit verify --head” finds "
        "an audit trail that was rewritten as a whole.",
    )
    mail = render_mail(recipient, TYPE, f"Head of the audit trail, {today}", content)
    # Where two workers write at the same moment, one of them inserts nothing.
    return insert_or_ignore(OutgoingMessage, **mail_row(mail, f"audit head {today}")) is not None
