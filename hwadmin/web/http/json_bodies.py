"""What a program sends as JSON, before it is parsed: of a bounded size, and no transaction waits for it."""

from __future__ import annotations

from flask import request
from werkzeug.exceptions import RequestEntityTooLarge

from hwadmin.db.extensions import db

# Shorter ones are read in a few milliseconds.
_SHORT_BYTES = 16 * 1024


def received_json(most_parts: int) -> bytes:
    """The body of the present request, which is safe to parse.

    Args:
        most_parts: how many objects and lists it may have, so that parsing it takes a second at most.

    Raises:
        RequestEntityTooLarge: it has more.
    """
    body = request.get_data()
    if body.count(b"{") + body.count(b"[") > most_parts:
        raise RequestEntityTooLarge(f"Send {most_parts:,} objects and lists at most in one request.")
    if len(body) > _SHORT_BYTES:
        # Authentication has read; nobody's writing waits while a long body is parsed.
        db.session.rollback()
    return body
