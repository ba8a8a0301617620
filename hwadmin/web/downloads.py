"""Downloads of tables. An export leaves an audit event, so it is a POST and never a GET."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from itertools import islice
from typing import Any

from flask import Response, abort, request

from hwadmin.clock import utcnow
from hwadmin.db.extensions import db
from hwadmin.db.unit_of_work import unit_of_work
from hwadmin.domain.permissions import Actor, Permission, require
from hwadmin.errors import InvalidInput
from hwadmin.models import Platform
from hwadmin.operations.audit.outgoing_events import record_table_exported
from hwadmin.rendering.spreadsheets import MAX_EXPORT_ROWS, csv_rows, xlsx_file
from hwadmin.web import access

_CONTENT_TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
# Fields of the export form that are not filters.
_NOT_FILTERS = frozenset({"csrf_token", "format"})


def download(
    format_: str | None, name: str, header: Sequence[str], rows: Iterable[Sequence[Any]]
) -> Response:
    """The table as a file, and the audit event that says who took what.

    Args:
        format_: ``csv`` or ``xlsx``; anything else is 404.
        name: the table in words, ``Hardware orders``; makes the filename and the sheet's title.
        header: the names of the columns.
        rows: tuples of plain values, moments as ``datetime`` and amounts as ``Decimal``. Ask the database for
            ``MAX_EXPORT_ROWS + 1`` of them at most; one too many is refused here.

    Raises:
        InvalidInput: where there are more rows than an export may have.
    """
    if format_ not in _CONTENT_TYPES:
        abort(404)
    actor = access.current_actor()
    require(actor, Permission.EXPORT)
    # Read to the end first: a file that breaks off half-way looks like a whole one to who opens it.
    table = list(islice(rows, MAX_EXPORT_ROWS + 1))
    if len(table) > MAX_EXPORT_ROWS:
        raise InvalidInput.at(
            "format", f"This is more than {MAX_EXPORT_ROWS:,} rows. Narrow the filter and export again."
        )
    with unit_of_work():
        record_table_exported(
            actor,
            name,
            file_format=format_,
            rows=len(table),
            filters=_filters(),
            platform=_only_platform(actor),
        )
    # After the commit, so that SQLite's write lock is not held while the file is made.
    body = csv_rows(header, table) if format_ == "csv" else xlsx_file(header, table, name)
    response = Response(body, content_type=_CONTENT_TYPES[format_])
    response.headers["Content-Disposition"] = f'attachment; filename="{_filename(name)}.{format_}"'
    return response


def _only_platform(actor: Actor) -> Platform | None:
    """The platform of an actor who is given just one: then its people see the event as well."""
    if actor.platform_ids is None or len(actor.platform_ids) != 1:
        return None
    return db.session.get(Platform, next(iter(actor.platform_ids)))


def _filters() -> dict[str, str]:
    # Cut and cleaned: it comes from the address bar, and PostgreSQL stores no NUL.
    return {
        field[:60].replace("\0", ""): value[:200].replace("\0", "")
        for field, value in list(request.form.items())[:30]
        if value and field not in _NOT_FILTERS
    }


def _filename(name: str) -> str:
    words = re.sub(r"[^a-z0-9]+", "-", name.lower().encode("ascii", "ignore").decode()).strip("-")
    return f"{words[:60] or 'table'}-{utcnow().date()}"
