"""Whether this process lives, and whether the product is ready to serve: for whatever keeps it running."""

from __future__ import annotations

from flask import Flask
from flask.typing import ResponseReturnValue
from sqlalchemy.exc import SQLAlchemyError

from hwadmin.db.extensions import db
from hwadmin.db.failures import why_away
from hwadmin.db.schema_version import schema_problem
from hwadmin.web import access


def _livez() -> ResponseReturnValue:
    """200 as long as this process answers. The database is not asked: restarting would not bring it back."""
    return {"status": "ok"}


def _readyz() -> ResponseReturnValue:
    """200 when the product is ready to serve: the database answers and has the schema of this release."""
    try:
        problem = schema_problem()
    except SQLAlchemyError as error:
        db.session.rollback()
        problem = why_away(error)
    return {"status": problem or "ok"}, 503 if problem else 200


def install(app: Flask) -> None:
    """Answer /livez and /readyz, and /healthz, which is an older name of the latter."""
    for name, answer in (("livez", _livez), ("readyz", _readyz), ("healthz", _readyz)):
        app.add_url_rule(f"/{name}", name, answer)
        access.declare(app, name, access.PUBLIC)
        access.leave_cookies_alone(app, f"/{name}")
