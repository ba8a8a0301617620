"""The mail with the link to choose a new password."""

from __future__ import annotations

from sqlalchemy import select

from hwadmin.clock import utcnow
from hwadmin.db.extensions import db
from hwadmin.domain.event_kinds import MailType
from hwadmin.models import PasswordLink, Person
from hwadmin.outbox.fanout import insert_messages, mail_row
from hwadmin.outbox.mail_templates import OWN_LINK, Mail, MailContent, render_mail
from hwadmin.outbox.polling import process_next, row_failures


def write_next_password_mail() -> bool:
    """Write the mail of the oldest request that has none yet; False where there is none."""
    return process_next(_write_oldest, PasswordLink)


def _write_oldest() -> bool:
    link = db.session.scalars(
        select(PasswordLink)
        .where(PasswordLink.next_at <= utcnow())
        .order_by(PasswordLink.next_at, PasswordLink.id)
        .limit(1)
        .with_for_update(skip_locked=True)
        .execution_options(populate_existing=True)
    ).first()
    if link is None:
        return False
    with row_failures(link.id):
        if link.person is not None and link.person.disabled_at is None:
            signed_over = {"link": link.id, "seed": link.seed}
            insert_messages([mail_row(_mail(link.person), f"password {link.id}", password=signed_over)])
    link.next_at = None
    return True


def _mail(person: Person) -> Mail:
    content = MailContent(
        headline=f"Hello {person.name}, choose a new password for Hardware Orders.",
        link=OWN_LINK,
        link_text="Choose a new password",
        why="The link works once, within one hour. You get this because somebody asked for it on the "
        "sign-in page. If it was not you, do nothing: your password stays as it is.",
    )
    return render_mail(person.email, MailType.PASSWORD_LINK, "Choose a new password", content)
