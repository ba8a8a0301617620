"""The command ``hwadmin``: everything that whoever runs the server does, without a browser.

It ends with 0 when what was wanted is done, 1 when it was refused or something is not as it should be, 2 when
the command was not understood, and 3 when the settings or the database do not let it work.
"""

from __future__ import annotations

import sys
from collections.abc import Callable

import click
from flask import Flask
from flask.cli import ScriptInfo
from flask_migrate.cli import db as migration_commands
from sqlalchemy.exc import SQLAlchemyError

from hwadmin import __version__, logs
from hwadmin.cli import COMMANDS
from hwadmin.config import ConfigurationError, Settings
from hwadmin.db.failures import is_unavailable
from hwadmin.db.schema_version import schema_problem

CANNOT_WORK = 3
# The factory stands above this package.
Factory = Callable[[Settings], Flask]


@click.group(
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Most commands take --json. Exit codes: 0 done, 1 refused or something found, 2 not understood, "
    "3 the settings or the database do not let it work.",
)
@click.version_option(__version__, message="hwadmin %(version)s")
def program() -> None:
    """Run and look after hwadmin: people, tokens, mail and webhooks, the audit trail, the database."""


for command in (*COMMANDS, migration_commands):
    program.add_command(command)


def run(create_app: Factory) -> None:
    """Run the command of the command line and end the process."""

    def create() -> Flask:
        settings = Settings.from_env()
        logs.configure(settings)
        return create_app(settings)

    try:
        program(prog_name="hwadmin", obj=ScriptInfo(create_app=create))
    except ConfigurationError as error:
        _give_up(str(error))
    except SQLAlchemyError as error:
        sentence = _why(error, create_app)
        if sentence is None:
            raise
        _give_up(sentence)


def _why(error: SQLAlchemyError, create_app: Factory) -> str | None:
    """Why the database does not let a command work; None where the fault is ours."""
    if is_unavailable(error):
        return (
            "The database does not answer, or is full or busy. Look at HWADMIN_DATABASE_URL and the server."
        )
    try:
        with create_app(Settings.from_env()).app_context():
            return schema_problem()
    except SQLAlchemyError:
        return "The database was never set up: run hwadmin upgrade."


def _give_up(sentence: str) -> None:
    click.echo(f"Error: {sentence}", err=True)
    sys.exit(CANNOT_WORK)
