"""Checks of what goes on: mail and webhooks on their way out, and the audit trail."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from sqlalchemy import select

from hwadmin.cli.checks.findings import Finding, fine, note, some, wrong
from hwadmin.clock import utcnow
from hwadmin.config import Settings
from hwadmin.db.extensions import db
from hwadmin.models import AuditLink, WebhookEndpoint
from hwadmin.queries.audit.chain_verification import head
from hwadmin.queries.audit.published_heads import UnreadableHeads, heads_file, read_heads
from hwadmin.queries.outgoing.backlog import backlog

_LATE_SECONDS = 900
_HEAD_DAYS = 2
_HEADS_COMPARED = 400


def outbox_moves(settings: Settings) -> Iterator[Finding]:
    """Whether mail and webhooks leave."""
    waiting = backlog()
    if waiting.late_seconds > _LATE_SECONDS:
        yield wrong(
            "outbox",
            f"Something has been due to be sent for {waiting.late_seconds / 60:,.0f} minutes.",
            "See that hwadmin outbox run is running, and look at its log.",
        )
    else:
        number = waiting.events + waiting.mails + waiting.webhooks
        yield fine("outbox", f"{number:,} messages and events wait, none of them for long.")
    if waiting.failed:
        yield note(
            "outbox",
            f"{waiting.failed:,} messages failed for good.",
            "Look at Outgoing messages, failed; they can be sent again there.",
        )


def webhooks_answer(settings: Settings) -> Iterator[Finding]:
    """Whether the receivers of webhooks answer."""
    rows = db.session.scalars(select(WebhookEndpoint).where(WebhookEndpoint.deleted_at.is_(None))).all()
    disabled = [f"webhook {row.id}" for row in rows if row.disabled_at is not None]
    silent = [f"webhook {row.id}" for row in rows if row.disabled_at is None and row.silent_since is not None]
    if disabled:
        yield wrong(
            "webhooks",
            f"Disabled, because nobody answered or by hand: {some(disabled)}.",
            "Tell the platform; enable it again under Webhooks when its receiver answers.",
        )
    if silent:
        yield wrong("webhooks", f"Nobody answers at {some(silent)}.", "Tell the platform whose it is.")
    if not disabled and not silent:
        yield fine("webhooks", f"{len(rows):,} webhooks, none of them silent.")


def trail_holds(settings: Settings) -> Iterator[Finding]:
    """Whether the audit trail ends as its chain says and still passes through what was published."""
    tail = head()
    verify = (
        "Keep what is there, and run hwadmin audit verify: it names the first event that cannot be trusted."
    )
    last = db.session.execute(
        select(AuditLink.seq, AuditLink.hash).order_by(AuditLink.seq.desc()).limit(1)
    ).first()
    if tail.seq and (last is None or (last.seq, last.hash) != (tail.seq, tail.hash)):
        yield wrong("audit trail", "The last link of the chain is not the one its end names.", verify)
        return
    try:
        heads = read_heads(heads_file(settings.instance))
    except (UnreadableHeads, OSError):
        yield wrong(
            "audit trail",
            f"{heads_file(settings.instance)} holds something else than heads.",
            "Look who wrote to it.",
        )
        return
    compared = heads[-_HEADS_COMPARED:]
    links = select(AuditLink.seq, AuditLink.hash).where(AuditLink.seq.in_([row.seq for row in compared]))
    hashes = {row.seq: row.hash for row in db.session.execute(links)}
    if any(row.seq and hashes.get(row.seq) != row.hash for row in compared):
        yield wrong("audit trail", "The chain does not pass through a head that was published.", verify)
        return
    newest = max((date.fromisoformat(row.published_on) for row in heads if row.published_on), default=None)
    if tail.seq and (newest is None or (utcnow().date() - newest).days > _HEAD_DAYS):
        yield note(
            "audit trail",
            f"No head was published since {newest}." if newest else "No head was ever published.",
            "The worker publishes it daily: see that hwadmin outbox run is running.",
        )
    yield fine("audit trail", f"The chain has {tail.seq:,} links and ends as it should.")
