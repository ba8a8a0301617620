"""Publishing how far the audit trail's chain has come, so that no new chain passes for the old one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from flask import current_app
from sqlalchemy import select

from hwadmin.config import Settings
from hwadmin.db.extensions import db
from hwadmin.db.lookup import insert_or_ignore
from hwadmin.db.tenancy import acting_as
from hwadmin.db.unit_of_work import transact
from hwadmin.domain.dates import format_date
from hwadmin.domain.permissions import Role
from hwadmin.models import OutgoingMessage, Person
from hwadmin.operations.audit.publication import keep_head_of_today
from hwadmin.outbox.fanout import mail_row
from hwadmin.outbox.mail_templates import MailContent, render_mail
from hwadmin.outbox.queue import DELIVERY
from hwadmin.queries.audit.chain_verification import Head
from hwadmin.queries.audit.published_heads import heads_file, written

TYPE = "audit.head"


@dataclass(frozen=True, slots=True)
class Publication:
    """The head of today, whether it was published just now, and how many mails were written."""

    head: Head
    added: bool
    mails: int


def publish_head() -> Publication:
    """Write the head of today to the file and to every super-admin.

    The file gets one line a day: published again on the same day, it is the head of that line. Whoever got a
    mail today gets no second one.

    Raises:
        UnreadableHeads: the file holds something else.
        OSError: the file cannot be written.
    """
    with acting_as(db.session, DELIVERY):
        return transact(_publish)


def _publish() -> Publication:
    settings: Settings = current_app.config["HWADMIN"]
    published, added = keep_head_of_today(heads_file(settings.instance))
    people = db.session.scalars(
        select(Person)
        .where(Person.role == Role.SUPER_ADMIN, Person.disabled_at.is_(None))
        .order_by(Person.id)
    )
    return Publication(published, added, sum(_mail(person.email, published) for person in people))


def _mail(recipient: str, published: Head) -> bool:
    today = published.published_on
    day = format_date(date.fromisoformat(today))
    content = MailContent(
        headline=f"The audit trail held {published.seq:,} events on {day}.",
        facts=[("Head", written(published))],
        why="You get this daily as a super-admin. Keep it: given this line, the page “Verify the audit "
        "trail” or “hwadmin audit verify --head” notices when the whole trail was written anew.",
    )
    mail = render_mail(recipient, TYPE, f"Head of the audit trail, {day}", content)
    # Where two workers write at the same moment, one of them inserts nothing.
    return insert_or_ignore(OutgoingMessage, **mail_row(mail, f"audit head {today}")) is not None
