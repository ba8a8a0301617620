"""What every call shares: reading the request, the transaction, repeated requests, the response.

A call is declared once, by ``@call``; routing, permissions, checks and the OpenAPI document follow from it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

from flask import Blueprint, Flask, Response, g
from flask import request as http_request

from hwadmin.api import csv_lists, problems
from hwadmin.api.addresses import install_converters, rule_of
from hwadmin.api.request_parsing import (
    Conditions,
    fingerprint,
    read_body,
    read_conditions,
    read_idempotency_key,
    read_list,
    read_query,
)
from hwadmin.db.extensions import db
from hwadmin.db.unit_of_work import transact
from hwadmin.domain.permissions import Actor, Permission
from hwadmin.errors import DomainError, NotAllowed
from hwadmin.operations.people import idempotency
from hwadmin.operations.people.idempotency import RequestKey, StoredResponse
from hwadmin.schemas.request_models import Query, RequestModel
from hwadmin.schemas.response_models import Page, ResponseModel
from hwadmin.web import access

BASE_PATH = "/api/v1"
REPLAYED = "Idempotency-Replayed"

blueprint = Blueprint("api", __name__, url_prefix=BASE_PATH)


@dataclass(frozen=True, slots=True)
class ApiRequest:
    """One request: its actor, parameters and body, already checked for their shape."""

    actor: Actor
    query: Any
    body: Any
    conditions: Conditions = field(default_factory=Conditions)


@dataclass(frozen=True, slots=True)
class ApiResponse:
    """The body of a response, and its status and headers where they are not the usual ones."""

    body: ResponseModel
    status: int | None = None
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class File:
    """A response that is a file, such as a purchase order."""

    content: bytes
    content_type: str
    name: str


Result = ApiResponse | ResponseModel | File


@dataclass(frozen=True, slots=True)
class Call:
    """The declaration of one call."""

    method: str
    path: str
    name: str
    permission: Permission
    handler: Callable[..., Result]
    # None: it responds with a file.
    response: type[ResponseModel] | None
    status: int
    tag: str
    summary: str
    query: type[Query] | None = None
    body: type[RequestModel] | None = None
    body_required: bool = False
    # Takes a file or a text instead of JSON.
    takes_list: bool = False
    # Makes of the body what the handler gets, before the transaction: nobody's writing waits for it.
    prepare: Callable[..., Any] | None = None
    # Responds with an order and its ETag.
    order: bool = False
    # Responds with something else that has a version, and its ETag.
    versioned: bool = False
    # Takes If-Match.
    conditional: bool = False
    # Is refused in no state: where it is conditional, only another version is.
    stateless: bool = False
    # Has a Location header with the address of what was created.
    locates: bool = False
    # Creates what it does not find, and responds with 201 then.
    creates: bool = False
    # Its body names rows that may not exist.
    names_rows: bool = False
    # May conflict with what exists.
    conflicts: bool = False
    # Other responses than problems, by status.
    other_responses: Mapping[int, type[ResponseModel]] = field(default_factory=dict)
    # The types of the files it responds with.
    files: tuple[str, ...] = ()
    # On the pages people prove again who they are for it; here the token needs the right.
    needs_proof: bool = False
    # Commits by itself, in parts: what was done stays done where a later part fails.
    in_parts: bool = False

    @property
    def writes(self) -> bool:
        """Whether the call changes anything."""
        return self.method != "GET"

    @property
    def is_list(self) -> bool:
        """Whether it responds with a page of a list, as CSV too."""
        return self.response is not None and issubclass(self.response, Page)


CALLS: list[Call] = []
Handler = TypeVar("Handler", bound=Callable[..., Result])


def call(
    method: str,
    path: str,
    permission: Permission,
    response: type[ResponseModel] | None,
    tag: str,
    **more: Any,
) -> Callable[[Handler], Handler]:
    """Declare a call of the API; see ``Call``. Its docstring is its summary."""

    def declare(handler: Handler) -> Handler:
        declared = Call(
            method=method,
            path=path,
            name=handler.__name__,
            permission=permission,
            handler=handler,
            response=response,
            status=more.pop("status", 200),
            tag=tag,
            summary=(handler.__doc__ or "").strip(),
            **more,
        )
        CALLS.append(declared)
        blueprint.add_url_rule(
            rule_of(path), declared.name, lambda **parameters: _serve(declared, parameters), methods=[method]
        )
        return handler

    return declare


def install(app: Flask) -> None:
    """Register the calls and the permissions they need."""
    install_converters(app)
    app.register_blueprint(blueprint)
    for declared in CALLS:
        access.declare(app, f"{blueprint.name}.{declared.name}", declared.permission)


# ---- Serving


class _Rejected(Exception):
    """Carries the response out of a unit of work that must not be committed."""

    def __init__(self, response: StoredResponse) -> None:
        super().__init__()
        self.response = response


def _read_request(declared: Call) -> ApiRequest:
    return ApiRequest(
        actor=access.current_actor(),
        query=read_query(declared.query, form=declared.takes_list),
        body=read_list() if declared.takes_list else read_body(declared.body, declared.body_required),
        conditions=read_conditions() if declared.conditional else Conditions(),
    )


def _serve(declared: Call, path: Mapping[str, str]) -> Response:
    if declared.needs_proof and not g.token_acts_without_proof:
        raise NotAllowed(
            "People prove again who they are before this. It is done only by a token that was made for it."
        )
    request = _read_request(declared)
    if not declared.writes:
        return _shown(declared, declared.handler(request, **path))
    # A dry run writes nothing: its key stays free for the real request.
    key = None if getattr(request.query, "dry_run", False) else read_idempotency_key()
    mark = fingerprint(request.actor, request.query, request.body) if key is not None else ""
    request = _prepared(declared, request, path)

    if declared.in_parts:
        return _serve_in_parts(declared, request, path, key)

    def work() -> tuple[StoredResponse, bool]:
        if key is not None:
            earlier = idempotency.claim(key, mark)
            if earlier is not None:
                return earlier, True
        rendered = _rendered(declared, declared.handler(request, **path))
        if rendered.status >= 400:
            raise _Rejected(rendered)
        if key is not None:
            idempotency.keep(key, rendered)
        return rendered, False

    try:
        rendered, replayed = transact(work)
    except _Rejected as rejected:
        rendered, replayed = rejected.response, False
    return _http_response(rendered, replayed)


def _serve_in_parts(
    declared: Call, request: ApiRequest, path: Mapping[str, str], key: RequestKey | None
) -> Response:
    """The key is claimed first and the answer kept last; a request that was cut off between is done anew."""
    if key is not None:
        mark = fingerprint(request.actor, request.query, request.body)
        earlier = transact(lambda: idempotency.claim(key, mark))
        if earlier is not None:
            return _http_response(earlier, True)
    try:
        rendered = _rendered(declared, declared.handler(request, **path))
    except DomainError:
        if key is not None:
            transact(lambda: idempotency.release(key))
        raise
    if key is not None:
        transact(lambda: idempotency.keep(key, rendered))
    return _http_response(rendered)


def _prepared(declared: Call, request: ApiRequest, path: Mapping[str, str]) -> ApiRequest:
    if declared.prepare is None:
        return request
    prepared = replace(request, body=declared.prepare(request, **path))
    db.session.rollback()
    return prepared


def _shown(declared: Call, result: Result) -> Response:
    if isinstance(result, File):
        response = Response(result.content, content_type=result.content_type)
        response.headers["Content-Disposition"] = f'attachment; filename="{result.name}"'
        return response
    if declared.is_list and csv_lists.is_preferred(http_request.accept_mimetypes):
        assert isinstance(result, Page)
        return csv_lists.response(result)
    return _http_response(_rendered(declared, result))


def _rendered(declared: Call, result: Result) -> StoredResponse:
    assert not isinstance(result, File)
    response = result if isinstance(result, ApiResponse) else ApiResponse(result)
    status = response.status or declared.status
    expected = declared.other_responses.get(status, declared.response)
    # The fields were checked when the model was made; here we check that it is the right model.
    if type(response.body) is not expected:
        raise TypeError(f"{declared.name} answered {status} with {type(response.body).__name__}.")
    return StoredResponse(status, response.body.model_dump_json(), dict(response.headers))


def _http_response(rendered: StoredResponse, replayed: bool = False) -> Response:
    media_type = "application/json" if rendered.status < 400 else problems.MEDIA_TYPE
    response = Response(
        rendered.body, status=rendered.status, content_type=media_type, headers=dict(rendered.headers)
    )
    if replayed:
        response.headers[REPLAYED] = "true"
    return response
