"""``hwadmin retention``: letting go of what is older than it is kept for."""

from __future__ import annotations

import click
from flask import current_app
from flask.cli import AppGroup

from hwadmin.cli import output
from hwadmin.config import Settings
from hwadmin.db.extensions import db
from hwadmin.db.tenancy import acting_as
from hwadmin.domain.permissions import COMMAND_LINE
from hwadmin.errors import DomainError
from hwadmin.operations.outgoing.retention import RetentionPeriods, prune

retention_commands = AppGroup("retention", help="How long things are kept.", short_help="How long to keep.")


@retention_commands.command("prune")
@click.option("--dry-run", is_flag=True, help="Only say how much it would be.")
@output.as_json
def prune_old(dry_run: bool, as_json: bool) -> None:
    """Delete ended messages, answers to repeated requests and failed sign-ins that are too old. For cron."""
    settings: Settings = current_app.config["HWADMIN"]
    periods = RetentionPeriods(settings.keep_messages_days, settings.keep_failed_sign_ins_days)
    try:
        with acting_as(db.session, COMMAND_LINE):
            found = prune(COMMAND_LINE, periods, really=not dry_run)
    except DomainError as refusal:
        raise click.ClickException(refusal.message) from refusal
    verb = "would be" if dry_run else "were"
    output.show(
        {"dry_run": dry_run, "deleted": found},
        [f"{number:,} {name} {verb} deleted." for name, number in found.items()],
        as_json=as_json,
    )
