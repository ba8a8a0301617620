"""Refusals and faults in SCIM's own error form."""

from __future__ import annotations

import json
from collections.abc import Mapping

from flask import Response, current_app, g
from scim2_models import Error, SCIMException
from werkzeug.exceptions import HTTPException

from hwadmin.db.failures import is_unavailable
from hwadmin.db.unit_of_work import OutcomeUnknown
from hwadmin.errors import ChangedMeanwhile, DomainError, InvalidInput, NotAllowed, NotFound, WrongState
from hwadmin.web.error_pages import of_changes

MEDIA_TYPE = "application/scim+json"
_STATUS_OF: dict[type[DomainError], int] = {
    NotAllowed: 403,
    NotFound: 404,
    WrongState: 409,
    ChangedMeanwhile: 409,
    InvalidInput: 400,
}
# Headers of Werkzeug's errors that callers need.
_KEPT_HEADERS = ("Allow", "WWW-Authenticate", "Retry-After")


def respond(error: Exception) -> Response:
    """The answer to whatever was raised."""
    if isinstance(error, SCIMException):
        found = error.to_error()
        return _response(found.status or 400, found.detail or "", scim_type=found.scim_type)
    if isinstance(error, DomainError):
        kind = "invalidValue" if isinstance(error, InvalidInput) else None
        return _response(_STATUS_OF.get(type(error), 409), error.message, scim_type=kind)
    if isinstance(error, HTTPException) and (error.code or 500) < 500:
        headers = {name: value for name, value in error.get_headers() if name in _KEPT_HEADERS}
        return _response(error.code or 400, error.description or error.name, headers)
    if isinstance(error, OutcomeUnknown) or is_unavailable(error):
        return _response(503, f"Busy just now. {of_changes()}")
    current_app.logger.error("Request %s failed", g.get("request_id"), exc_info=error)
    return _response(500, f"Something broke on our side. {of_changes()} Request {g.get('request_id')}.")


def _response(
    status: int, detail: str, headers: Mapping[str, str] | None = None, *, scim_type: str | None = None
) -> Response:
    body = Error(status=status, detail=detail, scim_type=scim_type).model_dump()
    return Response(json.dumps(body), status=status, content_type=MEDIA_TYPE, headers=headers)
