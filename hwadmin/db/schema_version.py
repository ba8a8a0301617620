"""Whether the database has the schema that this release was written for."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from sqlalchemy import column, select, table

from hwadmin.db.extensions import db

_MIGRATIONS = Path(__file__).resolve().parents[2] / "migrations" / "versions"
_ALEMBIC_VERSION = table("alembic_version", column("version_num"))


@cache
def expected_version() -> str:
    """The number of the newest migration of this release, such as ``0017``."""
    return max(path.name[:4] for path in _MIGRATIONS.glob("[0-9][0-9][0-9][0-9]_*.py"))


def later_versions(present: str | None) -> list[tuple[str, str]]:
    """The migrations of this release that come after a version: number and title; all of them after None."""
    names = sorted(path.stem for path in _MIGRATIONS.glob("[0-9][0-9][0-9][0-9]_*.py"))
    return [(name[:4], name[5:].replace("_", " ")) for name in names if present is None or name[:4] > present]


def present_version() -> str | None:
    """The number of the newest migration that the database has had; None where it has had none.

    Raises:
        SQLAlchemyError: the database cannot be asked, or was never migrated.
    """
    return db.session.execute(select(_ALEMBIC_VERSION.c.version_num)).scalar_one_or_none()


def schema_problem() -> str | None:
    """Why this release cannot work with the schema, as a sentence with what to do; None where it can.

    Raises:
        SQLAlchemyError: the database cannot be asked, or was never migrated.
    """
    found = present_version()
    expected = expected_version()
    if found == expected:
        return None
    if found is not None and found.isdecimal() and found < expected:
        return f"The schema is at {found}, this release needs {expected}: run hwadmin upgrade."
    return f"The schema is at {found}; this release knows {expected} at most: install a newer one."
