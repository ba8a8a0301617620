"""``flask retention``: letting go of what is older than it is kept for."""

from __future__ import annotations

import click
from flask import Flask, current_app
from flask.cli import AppGroup

from hwadmin.config import Settings
from hwadmin.errors import DomainError
from hwadmin.extensions import db
from hwadmin.operations.retention import Kept, prune
from hwadmin.permissions import COMMAND_LINE
from hwadmin.tenancy import acting_as

retention_commands = AppGroup("retention", help="How long things are kept.", short_help="How long to keep.")


@retention_commands.command("prune")
@click.option("--dry-run", is_flag=True, help="Only say how much it would be.")
def prune_old(dry_run: bool) -> None:
    """Delete ended messages, answers to repeated requests and failed sign-ins that are too old. For cron."""
    settings: Settings = current_app.config["HWADMIN"]
    kept = Kept(settings.keep_messages_days, settings.keep_failed_sign_ins_days)
    try:
        with acting_as(db.session, COMMAND_LINE):
            found = prune(COMMAND_LINE, kept, really=not dry_run)
    except DomainError as refusal:
        raise click.ClickException(refusal.message) from refusal
    for name, number in found.items():
        click.echo(f"{number:,} {name} {'would be' if dry_run else 'were'} deleted.")


def install(app: Flask) -> None:
    """Offer these commands under ``flask``."""
    app.cli.add_command(retention_commands)
