"""``hwadmin doctor`` and ``hwadmin upgrade``: whether all is as it should be, and bringing it there."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import asdict

import click
from flask import current_app
from flask.cli import with_appcontext
from sqlalchemy.exc import SQLAlchemyError

from hwadmin.cli import output
from hwadmin.cli.checks import database, sign_in, surroundings, work
from hwadmin.cli.checks.findings import Finding, Level, wrong
from hwadmin.config import Settings
from hwadmin.db import engines
from hwadmin.db.extensions import db
from hwadmin.db.failures import is_damaged, why_away
from hwadmin.db.schema_version import expected_version, later_versions, present_version
from hwadmin.db.tenancy import acting_as
from hwadmin.domain.permissions import COMMAND_LINE

Check = Callable[[Settings], Iterator[Finding]]
_WITHOUT_DATABASE: tuple[Check, ...] = (
    surroundings.settings_fit,
    surroundings.folder_is_safe,
    surroundings.disk_has_room,
    surroundings.mail_server_answers,
    surroundings.address_leads_here,
    sign_in.providers_answer,
)
_WITH_DATABASE: tuple[Check, ...] = (
    database.file_is_sound,
    database.schema_is_whole,
    database.role_is_bounded,
    database.standby_confirms,
    database.clocks_agree,
    sign_in.break_glass_is_ready,
    sign_in.rules_fit,
    work.outbox_moves,
    work.webhooks_answer,
    work.trail_holds,
)


def examine(settings: Settings) -> list[Finding]:
    """Look at everything, once, and change nothing."""
    with engines.reads_only(True):
        return _examined(settings)


def _examined(settings: Settings) -> list[Finding]:
    found = [finding for check in _WITHOUT_DATABASE for finding in check(settings)]
    with acting_as(db.session, COMMAND_LINE):
        of_database = list(database.database_answers(settings))
        found += of_database
        if any(finding.level is Level.WRONG for finding in of_database):
            return found
        for check in _WITH_DATABASE:
            try:
                found += check(settings)
            except SQLAlchemyError as error:
                db.session.rollback()
                name = check.__name__.replace("_", " ")
                found.append(
                    wrong(
                        name, f"This could not be looked at ({type(error).__name__}).", "Mend the rest first."
                    )
                )
    db.session.rollback()
    return found


@click.command("doctor", short_help="Look whether everything is as it should be.")
@click.option("--quiet", is_flag=True, help="Only what is wrong.")
@output.as_json
@with_appcontext
def doctor(quiet: bool, as_json: bool) -> None:
    """Look at settings, roles and grants, schema, disk, clock, mail, webhooks, audit trail and proxy.

    Each line says in a sentence what was found and, where needed, what to do. Nothing is changed. Ends with 1
    where something is wrong. Run it with the settings of the service, as its user.
    """
    found = examine(current_app.config["HWADMIN"])
    bad = [finding for finding in found if finding.level is Level.WRONG]
    shown = bad if quiet else found
    output.show([asdict(finding) for finding in shown], map(_line, shown), as_json=as_json)
    if bad:
        raise SystemExit(1)


def _line(finding: Finding) -> str:
    action = f" → {finding.action}" if finding.action else ""
    return f"{finding.level.value:5}  {finding.check}: {finding.sentence}{action}"


@click.command("upgrade", short_help="Bring the schema up to date.")
@click.option(
    "--check",
    "only_check",
    is_flag=True,
    help="Only say what would be done.",
)
@output.as_json
@with_appcontext
def upgrade(only_check: bool, as_json: bool) -> None:
    """Bring the schema up to date with this release, as the role that owns the tables.

    Running it twice, or on two machines at once, does no harm.
    """
    pending = later_versions(_present())
    lines = [f"{number}: {title}" for number, title in pending] or ["The schema is that of this release."]
    document = {
        "schema": _present(),
        "release": expected_version(),
        "pending": [list(row) for row in pending],
    }
    if not only_check and pending:
        from flask_migrate import upgrade as migrate

        db.session.rollback()
        migrate()
        lines.append(f"The schema is at {_present()} now. On a database server run grants.sql.")
    present = _present()
    if present is not None and present > expected_version():
        raise click.ClickException(
            f"The schema is at {present}, which this release does not know: install a newer one."
        )
    output.show(document, lines, as_json=as_json)


def _present() -> str | None:
    try:
        return present_version()
    except SQLAlchemyError as error:
        db.session.rollback()
        if is_damaged(error):
            raise click.ClickException(f"{why_away(error)} Nothing was changed.") from error
        return None
