"""What every call shares: reading what is asked, the transaction, repeated requests, checked answers.

A call is declared by ``@call`` with everything there is to know of it; routing, the gate, the checks here and
the OpenAPI document all go by that one declaration.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

import pydantic
from flask import Blueprint, Flask, Response, g, request
from werkzeug.exceptions import BadRequest, UnsupportedMediaType

from hwadmin.api import problems
from hwadmin.api.answers import Answer
from hwadmin.api.asked import Asked, Query
from hwadmin.errors import FieldError, InvalidInput
from hwadmin.operations import idempotency
from hwadmin.operations.idempotency import KeptAnswer
from hwadmin.permissions import Actor, Permission
from hwadmin.uow import transact
from hwadmin.views import gate

BASE_PATH = "/api/v1"
REPLAYED = "Idempotency-Replayed"
_MOST_KEY = 255

blueprint = Blueprint("api", __name__, url_prefix=BASE_PATH)


@dataclass(frozen=True, slots=True)
class Conditions:
    """The If-Match header: the versions of the order the caller would act on; None where any will do."""

    versions: tuple[int, ...] | None = None

    def expected(self, present: Callable[[], int | None]) -> int | None:
        """The version an operation shall compare with.

        Args:
            present: reads the present version, needed only where the caller names several.
        """
        if self.versions is None:
            return None
        if len(self.versions) > 1 and (now := present()) in self.versions:
            return now
        return self.versions[0] if self.versions else 0  # No order ever has version 0.


@dataclass(frozen=True, slots=True)
class Asking:
    """One request: who asks, and what, already checked for its shape."""

    actor: Actor
    query: Any
    body: Any
    conditions: Conditions = field(default_factory=Conditions)


@dataclass(frozen=True, slots=True)
class Reply:
    """What a call answers, with what is beside the body."""

    answer: Answer
    status: int | None = None
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Call:
    """Everything there is to know of one call."""

    method: str
    path: str
    name: str
    permission: Permission
    handler: Callable[..., Reply | Answer]
    answer: type[Answer]
    status: int
    tag: str
    summary: str
    query: type[Query] | None = None
    body: type[Asked] | None = None
    body_needed: bool = False
    # Answers with an order and its ETag; and takes If-Match.
    order: bool = False
    conditional: bool = False
    # Tells by its Location header where what it made is read.
    locates: bool = False
    # Its body names rows that may not be there; it may clash with what is there.
    names_rows: bool = False
    conflicts: bool = False
    # Other answers than problems, by status.
    other_answers: Mapping[int, type[Answer]] = field(default_factory=dict)
    # Whether this asking writes anything that a key could protect.
    deed: Callable[[Asking], bool] = lambda _: True

    @property
    def writes(self) -> bool:
        """Whether the call changes anything."""
        return self.method != "GET"


CALLS: list[Call] = []
Handler = TypeVar("Handler", bound=Callable[..., Reply | Answer])


def call(
    method: str, path: str, permission: Permission, answer: type[Answer], tag: str, **more: Any
) -> Callable[[Handler], Handler]:
    """Declare a call of the API; see ``Call``. Its docstring is its summary."""

    def declare(handler: Handler) -> Handler:
        one = Call(
            method=method,
            path=path,
            name=handler.__name__,
            permission=permission,
            handler=handler,
            answer=answer,
            status=more.pop("status", 200),
            tag=tag,
            summary=(handler.__doc__ or "").strip(),
            **more,
        )
        CALLS.append(one)
        blueprint.add_url_rule(path, one.name, lambda **path: _serve(one, path), methods=[method])
        return handler

    return declare


def install(app: Flask) -> None:
    """Register the calls and tell the gate what each asks for."""
    app.register_blueprint(blueprint)
    for one in CALLS:
        gate.declare(app, f"{blueprint.name}.{one.name}", one.permission)


# ---- Serving


class _NotDone(Exception):
    """Carries an answer out of a unit of work that shall leave nothing behind."""

    def __init__(self, answer: KeptAnswer) -> None:
        super().__init__()
        self.answer = answer


def _serve(one: Call, path: Mapping[str, str]) -> Response:
    asking = Asking(
        actor=gate.current_actor(),
        query=_query(one.query),
        body=_body(one),
        conditions=_conditions() if one.conditional else Conditions(),
    )
    if not one.writes:
        return _response(_rendered(one, one.handler(asking, **path)))
    key = _key()
    if not one.deed(asking):
        key = None

    def deed() -> tuple[KeptAnswer, bool]:
        if key is not None:
            kept = idempotency.claim(g.token_owner, key, _fingerprint(asking))
            if kept is not None:
                return kept, True
        answer = _rendered(one, one.handler(asking, **path))
        if answer.status >= 400:
            raise _NotDone(answer)
        if key is not None:
            idempotency.keep(g.token_owner, key, answer)
        return answer, False

    try:
        answer, replayed = transact(deed)
    except _NotDone as refused:
        answer, replayed = refused.answer, False
    return _response(answer, replayed)


def _rendered(one: Call, result: Reply | Answer) -> KeptAnswer:
    reply = result if isinstance(result, Reply) else Reply(result)
    status = reply.status or one.status
    expected = one.other_answers.get(status, one.answer)
    # Its fields were checked when it was made; that it is the right kind of answer is checked here.
    if type(reply.answer) is not expected:
        raise TypeError(f"{one.name} answered {status} with {type(reply.answer).__name__}.")
    return KeptAnswer(status, reply.answer.model_dump_json(), dict(reply.headers))


def _response(answer: KeptAnswer, replayed: bool = False) -> Response:
    media_type = "application/json" if answer.status < 400 else problems.MEDIA_TYPE
    response = Response(
        answer.body, status=answer.status, content_type=media_type, headers=dict(answer.headers)
    )
    if replayed:
        response.headers[REPLAYED] = "true"
    return response


# ---- Reading what is asked


def _query(model: type[Query] | None) -> Query | None:
    given = request.args.to_dict(flat=False)
    twice = [name for name, values in given.items() if len(values) > 1]
    if twice:
        raise InvalidInput(FieldError(name, "Give this parameter once.") for name in twice)
    try:
        return (model or Query).model_validate({name: values[0] for name, values in given.items()})
    except pydantic.ValidationError as error:
        raise _as_invalid(error) from None


def _body(one: Call) -> Asked | None:
    if one.body is None:
        return None
    data = request.get_data()
    if not data and not one.body_needed:
        return one.body()
    if request.mimetype != "application/json":
        raise UnsupportedMediaType("Send JSON with the header Content-Type: application/json.")
    try:
        return one.body.model_validate_json(data)
    except pydantic.ValidationError as error:
        unread = next((one for one in error.errors() if one["type"] == "json_invalid"), None)
        if unread is not None:
            raise BadRequest(f"This is not JSON: {unread['ctx']['error']}.") from None
        raise _as_invalid(error) from None


# In plain words what pydantic says in its own.
_SAID = {
    "missing": "This field is required.",
    "extra_forbidden": "There is no such field.",
    "string_pattern_mismatch": "Remove the invisible control character from this text.",
}


def _as_invalid(error: pydantic.ValidationError) -> InvalidInput:
    return InvalidInput(
        FieldError(
            ".".join(str(place) for place in one["loc"]),
            _SAID.get(one["type"]) or one["msg"].removeprefix("Value error, ") + ".",
        )
        for one in error.errors(include_url=False, include_input=False)
    )


def _key() -> str | None:
    key = request.headers.get(idempotency.FIELD)
    if key is None:
        return None
    if not 1 <= len(key) <= _MOST_KEY or not all(" " <= character <= "~" for character in key):
        raise InvalidInput.at(idempotency.FIELD, f"Use 1 to {_MOST_KEY} printable ASCII characters.")
    return key


# An entity tag of RFC 9110; the number alone, without its quotes, is understood too.
_TAG = r'(?:(?:W/)?"[\x21\x23-\x7e]*"|[0-9]{1,9})'
_TAGS = re.compile(rf"{_TAG}(?:\s*,\s*{_TAG})*")
_VERSION = re.compile(r'"([0-9]{1,9})"|([0-9]{1,9})')


def _conditions() -> Conditions:
    """Which versions the caller would act on. A weak tag matches nothing, as RFC 9110 has it for If-Match."""
    header = request.headers.get("If-Match")
    if header is None or header.strip() == "*":
        return Conditions()
    tags = [tag.strip() for tag in header.split(",")]
    if not _TAGS.fullmatch(header.strip()):
        raise BadRequest('This is no ETag. Send the one of the order you saw: If-Match: "3".')
    numbers = (match for tag in tags if (match := _VERSION.fullmatch(tag)))
    return Conditions(tuple(int(match[1] or match[2]) for match in numbers))


def _fingerprint(asking: Asking) -> str:
    """What makes this request the one it is, whatever the order of its JSON's members and parameters."""
    actor = asking.actor
    return idempotency.fingerprint(
        (
            request.method,
            request.path,
            asking.query.model_dump_json() if asking.query else "",
            asking.body.model_dump_json() if asking.body else "",
            # Who is given something else by now is not told what was answered then.
            actor.role.value,
            "*" if actor.platform_ids is None else ",".join(map(str, sorted(actor.platform_ids))),
        )
    )
