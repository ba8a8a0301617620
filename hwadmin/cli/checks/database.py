"""Checks of the database: whether it answers, its schema, triggers, indexes, roles, grants and clock."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import func, make_url, select
from sqlalchemy.exc import SQLAlchemyError

from hwadmin.cli.checks.findings import Finding, fine, note, some, wrong
from hwadmin.clock import utcnow
from hwadmin.config import Settings
from hwadmin.db import dialects, health
from hwadmin.db.extensions import db
from hwadmin.db.failures import why_away
from hwadmin.db.schema_version import schema_problem
from hwadmin.domain.dates import format_datetime
from hwadmin.models import AuditEvent

_MOST_SECONDS = 5
_GRANT = "Run grants.sql as hwadmin_owner."


def database_answers(settings: Settings) -> Iterator[Finding]:
    """Whether the database answers and has this release's schema. The other checks need that."""
    try:
        problem = schema_problem()
    except SQLAlchemyError as error:
        db.session.rollback()
        yield wrong(
            "database",
            why_away(error),
            "Look at HWADMIN_DATABASE_URL and the server; in a new database run hwadmin upgrade.",
        )
        return
    if problem is not None:
        sentence, _, action = problem.partition(": ")
        yield wrong("schema", f"{sentence}.", action[0].upper() + action[1:])
        return
    yield fine("schema", "The database answers and has the schema of this release.")


def file_is_sound(settings: Settings) -> Iterator[Finding]:
    """Whether what lies in the embedded database's file can all be read; a server looks after its own."""
    if dialects.file_of(settings.database_url) is None:
        return
    damage = dialects.damage()
    if damage is None:
        yield fine("file", "The database's file is sound.")
    else:
        yield wrong("file", f"The database's file is damaged ({damage}).", "Restore the last backup.")


def schema_is_whole(settings: Settings) -> Iterator[Finding]:
    """Whether tables, triggers and indexes are all there."""
    server = dialects.file_of(settings.database_url) is None
    for check, missing, what in (
        ("tables", health.missing_tables(), "tables"),
        ("triggers", health.missing_triggers(server=server), "triggers"),
        ("indexes", health.missing_indexes(server=server), "indexes"),
    ):
        if missing:
            action = "Make them again as the migrations do, or restore a backup."
            if check == "triggers":
                action = "Find out who removed them, make them again, and run hwadmin audit verify."
            yield wrong(check, f"These {what} are missing or switched off: {some(missing)}.", action)
        else:
            yield fine(check, f"All {what} are there.")


def role_is_bounded(settings: Settings) -> Iterator[Finding]:
    """Whether the role the product runs as may do what it must, and no more."""
    if dialects.file_of(settings.database_url) is not None:
        return
    powers = health.powers_of_role()
    if powers:
        yield (wrong if settings.production else note)(
            "role",
            f"The role in HWADMIN_DATABASE_URL {some(powers)}.",
            "Run the product as hwadmin_runtime, made by roles.sql.",
        )
        return
    yield fine("role", "The role of the product is bounded.")
    grants = health.wrong_grants()
    if grants:
        yield wrong("grants", f"The role of the product {some(grants)}.", _GRANT)
    else:
        yield fine("grants", "The role may do what it must, and no more.")


def standby_confirms(settings: Settings) -> Iterator[Finding]:
    """Whether a write is confirmed by a standby first, where the address names several servers."""
    if dialects.file_of(settings.database_url) is not None or not _has_several_hosts(settings.database_url):
        return
    standbys = health.confirming_standbys()
    if standbys:
        yield fine("standby", f"A write counts when {standbys} has it too.")
    else:
        yield wrong(
            "standby",
            "Writes are confirmed without a standby: if this server is lost, so are they.",
            "Bring it back and set synchronous_standby_names, as docs/admin/several-machines.md says.",
        )


def clocks_agree(settings: Settings) -> Iterator[Finding]:
    """Whether this machine's clock is that of the database, and goes on from what was written."""
    now = utcnow()
    moment = dialects.database_clock()
    seconds = abs((moment - now).total_seconds()) if moment is not None else 0.0
    newest = db.session.scalar(select(func.max(AuditEvent.at)))
    action = "Look at the time synchronization of both machines (timedatectl)."
    if seconds > _MOST_SECONDS:
        yield wrong(
            "clock", f"The clocks of this machine and of the database differ by {seconds:,.0f} s.", action
        )
    elif newest is not None and (newest - now).total_seconds() > _MOST_SECONDS:
        yield wrong(
            "clock",
            f"The newest event of the audit trail is from the future ({format_datetime(newest)}).",
            action,
        )
    else:
        yield fine("clock", "The clock agrees with the database.")


def _has_several_hosts(url: str) -> bool:
    """Whether the address of a server's database names more than one server."""
    hosts = make_url(url).query.get("host", ())
    return len(hosts.split(",") if isinstance(hosts, str) else hosts) > 1
