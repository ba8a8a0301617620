"""Mails about signing in: from a new browser, and that the account for emergencies was used."""

from __future__ import annotations

from sqlalchemy import select

from hwadmin.clock import utcnow
from hwadmin.db.extensions import db
from hwadmin.domain.dates import format_datetime
from hwadmin.domain.event_kinds import MailType
from hwadmin.domain.people.browser_names import browser_name
from hwadmin.domain.permissions import Role
from hwadmin.models import AccountNotice, NoticeKind, Person
from hwadmin.outbox.fanout import insert_messages, mail_row
from hwadmin.outbox.mail_templates import Mail, MailContent, render_mail
from hwadmin.outbox.polling import process_next, row_failures


def write_next_notice() -> bool:
    """Write the mails of the oldest notice that has none yet; False where there is none."""
    return process_next(_write_oldest, AccountNotice)


def _write_oldest() -> bool:
    notice = db.session.scalars(
        select(AccountNotice)
        .where(AccountNotice.next_at <= utcnow())
        .order_by(AccountNotice.next_at, AccountNotice.id)
        .limit(1)
        .with_for_update(skip_locked=True)
        .execution_options(populate_existing=True)
    ).first()
    if notice is None:
        return False
    with row_failures(notice.id):
        rows = [mail_row(mail, f"notice {notice.id}") for mail in _mails(notice)]
        insert_messages(rows)
    notice.next_at = None
    return True


def _super_admins() -> list[str]:
    active = select(Person.email).where(Person.role == Role.SUPER_ADMIN, Person.disabled_at.is_(None))
    return list(db.session.scalars(active.order_by(Person.id)))


def _mails(notice: AccountNotice) -> list[Mail]:
    person = notice.person
    facts = (
        ("When", format_datetime(notice.created_at)),
        ("Address", notice.address),
        ("Browser", browser_name(notice.browser)),
    )
    if notice.kind is NoticeKind.BREAK_GLASS:
        content = MailContent(
            headline=f"{person.name} signed in with the break-glass account of Hardware Orders.",
            facts=facts,
            why="This account is for when the identity provider cannot be reached. Every super-admin is told "
            "when it is used. If none of you knows why, disable it and read the audit log.",
        )
        subject = "The break-glass account was used"
        return [
            render_mail(address, MailType.BREAK_GLASS_USED, subject, content) for address in _super_admins()
        ]
    content = MailContent(
        headline=f"Hello {person.name}, you signed in to Hardware Orders from a new browser.",
        facts=facts,
        why="If it was you, there is nothing to do. If it was not, change your password and end all sessions "
        "on “My account”, and tell a super-admin.",
    )
    return [render_mail(person.email, MailType.NEW_BROWSER, "A sign-in from a new browser", content)]
