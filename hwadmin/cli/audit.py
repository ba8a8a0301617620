"""``hwadmin audit``: whether the audit trail is what was written."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click
from flask import current_app
from flask.cli import AppGroup

from hwadmin.cli import output
from hwadmin.config import Settings
from hwadmin.db.extensions import db
from hwadmin.db.tenancy import acting_as
from hwadmin.domain.permissions import COMMAND_LINE
from hwadmin.operations.audit.publication import describe_published_head
from hwadmin.outbox.audit_heads import publish_head
from hwadmin.queries.audit.chain_verification import Head, Verdict, verdict_sentences, verify
from hwadmin.queries.audit.published_heads import UnreadableHeads, heads_file, read_head, read_heads

audit_commands = AppGroup("audit", help="The audit trail.", short_help="The audit trail.")


@audit_commands.command("verify")
@click.option("--head", "heads", multiple=True, metavar="LINE", help="A head from a daily mail; repeatable.")
@click.option(
    "--heads-file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A file of published heads, instead of the one in the instance folder.",
)
@output.as_json
def verify_trail(heads: tuple[str, ...], heads_file: Path | None, as_json: bool) -> None:
    """Recompute every event and follow the chain; name the first event that cannot be trusted.

    Ends with 1 where something was changed, removed, or put in.
    """
    published = _published(heads, heads_file)
    with acting_as(db.session, COMMAND_LINE):
        verdict = verify(published)
    output.show(
        _described(verdict, len(published)), verdict_sentences(verdict, len(published)), as_json=as_json
    )
    if verdict.fault is not None:
        raise SystemExit(1)


@audit_commands.command("publish")
@output.as_json
def publish(as_json: bool) -> None:
    """Write the head of today to the file and to the super-admins; `outbox run` does it daily by itself."""
    try:
        published = publish_head()
    except (UnreadableHeads, OSError) as error:
        raise click.ClickException(str(error)) from error
    kept = published.head
    with acting_as(db.session, COMMAND_LINE):
        sentence = describe_published_head(kept, added=published.added)
    document = {
        "head": {"link": kept.seq, "hash": kept.hash},
        "published_before": not published.added,
        "file": str(_heads_file()),
        "mails": published.mails,
    }
    where = f"Its hash {kept.hash} is in {_heads_file()}, and {published.mails} mails written."
    output.show(document, [sentence, where], as_json=as_json)


def _heads_file() -> Path:
    settings: Settings = current_app.config["HWADMIN"]
    return heads_file(settings.instance)


def _published(heads: tuple[str, ...], path: Path | None) -> list[Head]:
    try:
        return [*(read_head(text.strip()) for text in heads), *read_heads(path or _heads_file())]
    except (UnreadableHeads, OSError) as error:
        raise click.ClickException(str(error)) from error


def _described(verdict: Verdict, published: int) -> dict[str, Any]:
    fault = verdict.fault
    return {
        "whole": fault is None,
        "events": verdict.vouched,
        "redacted": verdict.redacted,
        "older_than_the_chain": verdict.begins_after,
        "published_heads": published,
        "head": {"link": verdict.head.seq, "hash": verdict.head.hash},
        "fault": None
        if fault is None
        else {"event": fault.event_id, "kind": fault.kind, "at": fault.at, "why": fault.why},
    }
