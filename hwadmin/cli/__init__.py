"""The command line for whoever runs the server; audited like the pages."""

from __future__ import annotations

import click
from flask import Flask

from hwadmin.cli.audit import audit_commands
from hwadmin.cli.backup import backup, restore
from hwadmin.cli.demo import demo_commands
from hwadmin.cli.doctor import doctor, upgrade
from hwadmin.cli.outbox import outbox_commands
from hwadmin.cli.people import person_commands
from hwadmin.cli.retention import retention_commands
from hwadmin.cli.tokens import token_commands

COMMANDS: tuple[click.Command, ...] = (
    person_commands,
    token_commands,
    audit_commands,
    outbox_commands,
    retention_commands,
    demo_commands,
    backup,
    restore,
    doctor,
    upgrade,
)


def install(app: Flask) -> None:
    """Offer all commands under ``flask`` too."""
    for command in COMMANDS:
        app.cli.add_command(command)
