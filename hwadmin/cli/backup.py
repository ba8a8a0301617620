"""``hwadmin backup`` and ``hwadmin restore``: the whole database, consistent under load, with proof."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import click
from flask import current_app
from flask.cli import with_appcontext

from hwadmin import __version__
from hwadmin.cli import output
from hwadmin.cli.backup_files import (
    DATABASE,
    MANIFEST,
    DamagedBackup,
    Manifest,
    copy_companions,
    read_backup,
    write_manifest,
)
from hwadmin.clock import utcnow
from hwadmin.config import Settings
from hwadmin.db import backups, dialects
from hwadmin.db.backups import CannotCopy
from hwadmin.db.extensions import db
from hwadmin.db.schema_version import expected_version, present_version
from hwadmin.db.tenancy import acting_as
from hwadmin.domain.permissions import COMMAND_LINE
from hwadmin.queries.audit.chain_verification import verify
from hwadmin.queries.audit.published_heads import UnreadableHeads, heads_file, read_heads


@click.command("backup", short_help="Back up the database.")
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@output.as_json
@with_appcontext
def backup(folder: Path, as_json: bool) -> None:
    """Write a backup into a new folder within FOLDER, named by the moment.

    FOLDER is made where it is missing; what it is in must be there. Others may go on working meanwhile. The
    backup holds a copy of the database, the secret key and published heads of the audit trail where they lie
    in the instance folder, and a manifest with row counts and checksums.
    """
    settings: Settings = current_app.config["HWADMIN"]
    now = utcnow()
    moment = now.isoformat(timespec="seconds").partition("+")[0]
    target = folder / f"hwadmin-{moment.replace('-', '').replace(':', '')}Z"
    part = target.with_name(f"{target.name}.part")
    try:
        # Above it nothing is made: a mistyped path, or a disk that is not mounted, would fill another one.
        folder.mkdir(exist_ok=True, mode=0o700)
        part.mkdir(mode=0o700)
        rows = backups.dump(settings.database_url, part / DATABASE)
        copy_companions(settings.instance, part)
        facts = {
            "made_at": now.isoformat(timespec="seconds"),
            "version": __version__,
            "schema": present_version() or "",
            "kind": _kind(settings),
            "rows": rows,
            "links": rows.get("audit_link", 0),
        }
        manifest = write_manifest(part, facts)
        part.rename(target)
    except (CannotCopy, OSError) as error:
        shutil.rmtree(part, ignore_errors=True)
        raise click.ClickException(f"No backup was made. {error}") from error
    size = sum(int(file["bytes"]) for file in manifest.files.values())
    output.show(
        {"folder": str(target), "bytes": size, **_facts(manifest)},
        [f"{target}: {sum(rows.values()):,} rows, {size / 1e6:,.1f} MB, {manifest.links:,} audit links."],
        as_json=as_json,
    )


@click.command("restore", short_help="Put a backup into an empty database.")
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--verify", "prove", is_flag=True, help="Then compare row counts and follow the audit trail.")
@output.as_json
@with_appcontext
def restore(folder: Path, prove: bool, as_json: bool) -> None:
    """Put the backup in FOLDER into the empty database that HWADMIN_DATABASE_URL names.

    A damaged backup is refused before anything is written. The secret key and the published heads are put
    into the instance folder where there are none.
    """
    settings: Settings = current_app.config["HWADMIN"]
    try:
        manifest = read_backup(folder)
        _refuse_other_kind(manifest, settings)
        backups.load(settings.database_url, folder / DATABASE)
        _restore_companions(folder, settings.instance)
    except (DamagedBackup, CannotCopy, OSError) as error:
        raise click.ClickException(f"Nothing was restored. {error}") from error
    problems = list(_differences(manifest, folder)) if prove else []
    lines = [f"Restored {sum(manifest.rows.values()):,} rows, as they were at {manifest.made_at}."]
    if prove and not problems:
        lines.append(f"Verified: every table has its rows; {manifest.links:,} links of the audit trail.")
    if manifest.schema != expected_version():
        lines.append(f"The schema is at {manifest.schema}: run hwadmin upgrade, then hwadmin audit verify.")
    output.show({**_facts(manifest), "verified": prove, "problems": problems}, lines, as_json=as_json)
    if problems:
        raise click.ClickException("What was restored is not what was backed up. " + " ".join(problems))


def _kind(settings: Settings) -> str:
    return "server" if dialects.file_of(settings.database_url) is None else "file"


def _facts(manifest: Manifest) -> dict[str, Any]:
    return {name: getattr(manifest, name) for name in ("made_at", "version", "schema", "rows", "links")}


def _refuse_other_kind(manifest: Manifest, settings: Settings) -> None:
    if manifest.kind != _kind(settings):
        raise CannotCopy("This backup is of another kind of database than HWADMIN_DATABASE_URL names.")
    if manifest.schema > expected_version():
        raise CannotCopy(
            f"This backup has schema {manifest.schema}, this release knows {expected_version()} at most: "
            "install a newer one."
        )


def _restore_companions(folder: Path, instance: Path) -> None:
    instance.mkdir(parents=True, exist_ok=True)
    for path in folder.iterdir():
        if path.name not in {DATABASE, MANIFEST} and not (instance / path.name).exists():
            shutil.copyfile(path, instance / path.name)
            (instance / path.name).chmod(0o600)


def _differences(manifest: Manifest, folder: Path) -> Iterator[str]:
    """What the restored database has otherwise than the backup says."""
    with db.engine.connect() as connection:
        yield from _other_counts(manifest.rows, backups.row_counts(connection))
    if present_version() != manifest.schema:
        yield f"The schema is at {present_version()}, not at {manifest.schema}."
    if manifest.schema != expected_version():
        # Of an older schema this release can count the rows only.
        return
    try:
        heads = read_heads(heads_file(folder))
    except UnreadableHeads as error:
        yield str(error)
        heads = []
    with acting_as(db.session, COMMAND_LINE):
        verdict = verify(heads)
    if verdict.fault is not None:
        yield f"The audit trail is broken after link {verdict.vouched}: {verdict.fault.why}"


def _other_counts(expected: Mapping[str, int], found: Mapping[str, int]) -> Iterator[str]:
    for table, number in expected.items():
        if found.get(table) != number:
            yield f"{table} has {found.get(table, 0):,} rows, not {number:,}."
