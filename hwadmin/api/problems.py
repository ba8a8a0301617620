"""Refusals and faults as RFC 9457 problem documents: the one place where errors become statuses."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from flask import Response, current_app, g, request
from werkzeug.exceptions import HTTPException

from hwadmin.db.failures import is_unavailable
from hwadmin.db.unit_of_work import OutcomeUnknown, TryAgain
from hwadmin.errors import (
    ChangedMeanwhile,
    DomainError,
    FieldError,
    InvalidInput,
    NotAllowed,
    NotFound,
    WrongState,
)
from hwadmin.web.error_pages import of_changes

MEDIA_TYPE = "application/problem+json"


@dataclass(frozen=True, slots=True)
class ProblemKind:
    """One kind of problem: its stable name, its title, and what a caller should do about it."""

    name: str
    status: int
    title: str
    advice: str

    @property
    def type(self) -> str:
        """The URI that names the kind; the docs explain it there."""
        return f"/api/docs#problem-{self.name}"


def _kinds(*kinds: ProblemKind) -> dict[str, ProblemKind]:
    return {kind.name: kind for kind in kinds}


# In the order of the docs.
KINDS = _kinds(
    ProblemKind("malformed", 400, "The request cannot be read", "Send well-formed JSON in UTF-8."),
    ProblemKind(
        "not-authenticated",
        401,
        "A valid token is needed",
        "Send a token that is neither revoked nor expired: Authorization: Bearer TOKEN.",
    ),
    ProblemKind("not-allowed", 403, "You may not do this", "The token's owner is not granted this."),
    ProblemKind("not-found", 404, "Not found", "It does not exist, or it belongs to another platform."),
    ProblemKind("method-not-allowed", 405, "Not possible here", "Use a method named in the Allow header."),
    ProblemKind(
        "wrong-state",
        409,
        "Not possible now",
        "Look at the present state; the detail says who set it and when.",
    ),
    ProblemKind(
        "changed-meanwhile",
        412,
        "Changed meanwhile",
        "Somebody was faster. Read the order again and decide on what it is now.",
    ),
    ProblemKind("too-large", 413, "That is too much at once", "Send less in one request."),
    ProblemKind("wrong-media-type", 415, "Send JSON", "Use the header Content-Type: application/json."),
    ProblemKind("invalid-input", 422, "Something needs correcting", "Each problem is named at its field."),
    ProblemKind("too-many-requests", 429, "Too many requests", "Wait as long as Retry-After says."),
    ProblemKind("fault", 500, "Something broke on our side", "Nothing was changed. Tell us the request_id."),
    ProblemKind("busy", 503, "Busy just now", "Nothing was changed. Wait as long as Retry-After says."),
    ProblemKind(
        "outcome-unknown",
        503,
        "It may be done, or not",
        "The connection to the database was lost while this was being saved. With the same Idempotency-Key "
        "it is safe to send again; without one, look first.",
    ),
)
# Of two kinds with the same status, the first.
_BY_STATUS = {kind.status: kind for kind in reversed(KINDS.values())}

_DOMAIN: tuple[tuple[type[DomainError], str], ...] = (
    (NotAllowed, "not-allowed"),
    (NotFound, "not-found"),
    (ChangedMeanwhile, "changed-meanwhile"),
    (InvalidInput, "invalid-input"),
    (WrongState, "wrong-state"),
)
# Headers of Werkzeug's errors that callers need.
_KEPT_HEADERS = ("Allow", "WWW-Authenticate", "Retry-After")
_BUSY_SECONDS = "2"


def document(
    kind: ProblemKind,
    detail: str,
    errors: Iterable[FieldError] = (),
    *,
    status: int | None = None,
    **more: Any,
) -> dict[str, Any]:
    """The members of a problem document."""
    body: dict[str, Any] = {
        "type": kind.type,
        "title": kind.title,
        "status": status or kind.status,
        "detail": detail,
    }
    listed = [{"field": error.field, "message": error.message} for error in errors]
    if listed:
        body["errors"] = listed
    return body | more


def response(body: Mapping[str, Any], headers: Mapping[str, str] | None = None) -> Response:
    """The answer that carries a problem document."""
    return Response(
        json.dumps(body, ensure_ascii=False), status=body["status"], content_type=MEDIA_TYPE, headers=headers
    )


def respond(error: Exception) -> Response:
    """The answer to whatever was raised."""
    if isinstance(error, DomainError):
        return _refusal(error)
    if isinstance(error, HTTPException):
        return _http(error)
    if isinstance(error, OutcomeUnknown):
        kind = KINDS["outcome-unknown"]
        return response(document(kind, _look_first()), {"Retry-After": _BUSY_SECONDS})
    if isinstance(error, TryAgain) or is_unavailable(error):
        kind = KINDS["busy"]
        detail = f"{of_changes()} Wait as long as Retry-After says."
        return response(document(kind, detail), {"Retry-After": _BUSY_SECONDS})
    return _fault(error)


def status_of(error: DomainError) -> int:
    """The status a refusal is answered with."""
    name = next((name for of, name in _DOMAIN if isinstance(error, of)), "wrong-state")
    return KINDS[name].status


def _refusal(error: DomainError) -> Response:
    kind = KINDS[next((name for of, name in _DOMAIN if isinstance(error, of)), "wrong-state")]
    status = kind.status
    if isinstance(error, ChangedMeanwhile) and "If-Match" not in request.headers:
        # Found without a condition of the caller's: it is a conflict, not a condition that failed.
        status = 409
    errors = error.errors if isinstance(error, InvalidInput) else ()
    return response(document(kind, error.message, errors, status=status))


def _http(error: HTTPException) -> Response:
    if error.response is not None:
        return error.response  # type: ignore[return-value]
    status = error.code or 500
    if status >= 500 and status != 503:
        return _fault(error)
    kind = _BY_STATUS.get(status) or KINDS["malformed"]
    own = error.description if error.description != type(error).description else None
    headers = {name: value for name, value in error.get_headers() if name in _KEPT_HEADERS}
    return response(document(kind, own or kind.advice, status=status), headers)


def _fault(error: Exception) -> Response:
    kind = KINDS["fault"]
    current_app.logger.error("Request %s failed", g.get("request_id"), exc_info=error)
    detail = f"{of_changes()} Tell us the request_id."
    return response(document(kind, detail, request_id=g.get("request_id")))


def _look_first() -> str:
    if request.headers.get("Idempotency-Key"):
        return (
            "The connection to the database was lost while this was being saved: it may be done, or not. "
            "Send it again with the same Idempotency-Key: it is done once, whatever happened."
        )
    where = request.path.rsplit("/", 1)[0] if request.view_args else request.path
    return (
        "The connection to the database was lost while this was being saved: it may be done, or not. "
        f"Look before you send it again: GET {where}."
    )
