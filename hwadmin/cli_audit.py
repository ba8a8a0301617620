"""``flask audit``: whether the audit trail is what was written."""

from __future__ import annotations

from pathlib import Path

import click
from flask import Flask
from flask.cli import AppGroup

from hwadmin.extensions import db
from hwadmin.outbox.heads import UnreadableHeads, heads_file, publish_head, read_head, read_heads
from hwadmin.permissions import COMMAND_LINE
from hwadmin.queries.audit_chain import Fault, Head, Verdict, verify
from hwadmin.tenancy import acting_as

audit_commands = AppGroup("audit", help="The audit trail.", short_help="The audit trail.")


@audit_commands.command("verify")
@click.option("--head", "heads", multiple=True, metavar="LINE", help="A head from a daily mail; repeatable.")
@click.option(
    "--heads-file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A file of published heads, instead of the one in the instance folder.",
)
def verify_trail(heads: tuple[str, ...], heads_file: Path | None) -> None:
    """Recompute every event and follow the chain; name the first event nothing can be vouched for from.

    Ends with 1 where something was changed, removed, or put in.
    """
    published = _published(heads, heads_file)
    with acting_as(db.session, COMMAND_LINE):
        verdict = verify(published)
    for line in _said(verdict, len(published)):
        click.echo(line)
    if verdict.fault is not None:
        raise SystemExit(1)


@audit_commands.command("publish")
def publish() -> None:
    """Write the head of today to the file and to the super-admins; `outbox run` does it daily by itself."""
    try:
        now, mails = publish_head()
    except (UnreadableHeads, OSError) as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"Link {now.seq}, {now.hash}: in {heads_file()}, and {mails} mails written.")


def _published(heads: tuple[str, ...], path: Path | None) -> list[Head]:
    try:
        return [*(read_head(text.strip()) for text in heads), *read_heads(path or heads_file())]
    except (UnreadableHeads, OSError) as error:
        raise click.ClickException(str(error)) from error


def _said(verdict: Verdict, published: int) -> list[str]:
    lines = []
    if verdict.begins_after:
        lines.append(
            f"Events up to {verdict.begins_after} are older than the chain; nothing vouches for them."
        )
    if verdict.fault is not None:
        return [*lines, *_broken(verdict.fault, verdict.vouched)]
    redacted = f" In {verdict.redacted:,} of them a person was anonymized." if verdict.redacted else ""
    lines.append(f"All {verdict.vouched:,} events are what was written.{redacted}")
    if published:
        lines.append(f"The chain passes through all {published:,} published heads.")
    else:
        lines.append("No head was published yet, so a chain rewritten as a whole would not be found.")
    lines.append(f"Head: link {verdict.head.seq}, {verdict.head.hash}")
    return lines


def _broken(fault: Fault, vouched: int) -> list[str]:
    if fault.event_id is None:
        return [f"BROKEN after link {vouched}.", fault.why]
    what = f"BROKEN from event {fault.event_id} on"
    if fault.at is not None:
        what += f": {fault.kind}, {fault.at:%Y-%m-%d %H:%M:%S} UTC, by {fault.actor_name}"
    return [f"{what}.", fault.why]


def install(app: Flask) -> None:
    """Offer these commands under ``flask``."""
    app.cli.add_command(audit_commands)
