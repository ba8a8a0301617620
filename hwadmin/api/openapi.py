"""The OpenAPI 3.1 document, from the declarations of the calls and their pydantic models.

Pydantic writes JSON Schema 2020-12, which is what OpenAPI 3.1 is made of, so nothing is translated here.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any, Literal

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from hwadmin.api import answers, problems
from hwadmin.api.calls import BASE_PATH, Call
from hwadmin.api.examples import EXAMPLES
from hwadmin.operations.idempotency import FIELD
from hwadmin.permissions import GRANTS

# The tags of the calls, in the order of the docs.
CHAPTERS = ("Orders", "Decisions", "Fulfillment", "Catalog", "Accounts", "Devices", "Webhooks")
_REF = "#/components/schemas/{model}"
_LARGEST_KEY = 2**63 - 1

_PATH_PARAMETERS = {
    "reference": {
        "description": "The order's reference.",
        "schema": {"type": "string", "pattern": "^HW-[0-9]{6,18}$", "examples": ["HW-000123"]},
    },
    "webhook_id": {
        "description": "The webhook's id.",
        "schema": {"type": "integer", "minimum": 1, "maximum": _LARGEST_KEY},
    },
    "account_id": {
        "description": "The account's id.",
        "schema": {"type": "integer", "minimum": 1, "maximum": _LARGEST_KEY},
    },
}
_DESCRIPTION = f"""
Order, approve and fulfill telecom hardware. Every call asks for `Authorization: Bearer TOKEN`; a token has
exactly the rights of its owner, a person or a platform's service account. What belongs to another platform is
not there.

Lists are read by `limit` and `cursor`: pass `next_cursor` on as it was given, until it is null.
Any write may be repeated under the same `{FIELD}`: it is done once, and both get the same answer.
Order writes take `If-Match` with the order's ETag, so that nobody decides on what they have not seen.
Refusals are problem documents (RFC 9457). Unknown fields are refused. Times are UTC.
"""


def document(calls: Sequence[Call]) -> dict[str, Any]:
    """The whole document."""
    schemas = _schemas(calls)
    paths: dict[str, dict[str, Any]] = {}
    for call in calls:
        paths.setdefault(_path(call.path), {})[call.method.lower()] = _operation(call, calls)
    return {
        "openapi": "3.1.0",
        "info": {"title": "hwadmin API", "version": "1", "description": _DESCRIPTION.strip()},
        "servers": [{"url": BASE_PATH}],
        "security": [{"token": []}],
        "tags": [{"name": tag} for tag in CHAPTERS],
        "paths": paths,
        "components": {
            "schemas": schemas,
            "responses": {kind.name: _problem(kind) for kind in problems.KINDS.values()},
            "parameters": _shared_parameters(),
            "securitySchemes": {
                "token": {"type": "http", "scheme": "bearer", "description": "An API token: hwa_…"}
            },
        },
    }


def _path(rule: str) -> str:
    return re.sub(r"<(\w+)>", r"{\1}", rule)


def _schemas(calls: Sequence[Call]) -> dict[str, Any]:
    models: dict[type[BaseModel], Literal["validation", "serialization"]] = {}
    for call in calls:
        if call.body is not None:
            models[call.body] = "validation"
        for answer in (call.answer, *call.other_answers.values()):
            models[answer] = "serialization"
        if call.query is not None:
            models[call.query] = "validation"
    models[answers.Problem] = "serialization"
    _, definitions = models_json_schema(list(models.items()), ref_template=_REF)
    schemas: dict[str, Any] = definitions["$defs"]
    # Queries are told parameter by parameter.
    for call in calls:
        if call.query is not None:
            schemas.pop(call.query.__name__, None)
    for model, example in EXAMPLES.items():
        if model.__name__ in schemas:
            schemas[model.__name__]["examples"] = [example]
    return schemas


# ---- One operation


def _operation(call: Call, calls: Sequence[Call]) -> dict[str, Any]:
    summary, _, description = call.summary.partition("\n")
    operation: dict[str, Any] = {
        "operationId": call.name,
        "tags": [call.tag],
        "summary": summary.strip().rstrip("."),
        "parameters": [*_path_parameters(call), *_query_parameters(call), *_header_parameters(call)],
        "responses": _responses(call, calls),
    }
    if description.strip():
        operation["description"] = re.sub(r"\s*\n\s*", " ", description.strip())
    if call.body is not None:
        operation["requestBody"] = {
            "required": call.body_needed,
            "content": {"application/json": {"schema": _ref(call.body)}},
        }
    return operation


def _ref(model: type[BaseModel]) -> dict[str, str]:
    return {"$ref": _REF.format(model=model.__name__)}


def _path_parameters(call: Call) -> list[dict[str, Any]]:
    return [
        {"name": name, "in": "path", "required": True, **_PATH_PARAMETERS[name]}
        for name in re.findall(r"<(\w+)>", call.path)
    ]


def _query_parameters(call: Call) -> list[dict[str, Any]]:
    if call.query is None:
        return []
    schema = call.query.model_json_schema(ref_template=_REF)
    return [
        {"name": name, "in": "query", "required": False} | _parameter(one)
        for name, one in schema["properties"].items()
    ]


def _parameter(schema: dict[str, Any]) -> dict[str, Any]:
    """A parameter is left out instead of being null."""
    schema = {key: value for key, value in schema.items() if key != "title"}
    description = schema.pop("description", None)
    if schema.get("default", 0) is None:
        del schema["default"]
    if "anyOf" in schema:
        (schema,) = (one for one in schema["anyOf"] if one != {"type": "null"})
    return ({"description": description} if description else {}) | {"schema": schema}


def _header_parameters(call: Call) -> list[dict[str, Any]]:
    names = [FIELD] * call.writes + ["If-Match"] * call.conditional
    return [{"$ref": f"#/components/parameters/{name}"} for name in names]


def _shared_parameters() -> dict[str, Any]:
    return {
        FIELD: {
            "name": FIELD,
            "in": "header",
            "required": False,
            "description": "Your name for this request, kept for a day: a repetition gets the same answer.",
            "schema": {"type": "string", "pattern": "^[ -~]{1,255}$"},
        },
        "If-Match": {
            "name": "If-Match",
            "in": "header",
            "required": False,
            "description": "The ETag of the order you saw. Absent or *: any version will do.",
            "schema": {"type": "string", "pattern": '^("[0-9]{1,9}"|[0-9]{1,9})$', "examples": ['"3"']},
        },
    }


# ---- Answers


def _responses(call: Call, calls: Sequence[Call]) -> dict[str, Any]:
    success: dict[str, Any] = {
        "description": (call.answer.__doc__ or "").strip(),
        "content": {"application/json": {"schema": _ref(call.answer)}},
    }
    headers = _answer_headers(call)
    if headers:
        success["headers"] = headers
    links = _links(call, calls)
    if links:
        success["links"] = links
    responses: dict[str, Any] = {str(call.status): success}
    for name in _refusals(call):
        responses[str(problems.KINDS[name].status)] = {"$ref": f"#/components/responses/{name}"}
    for status, answer in call.other_answers.items():
        responses[str(status)] = {
            "description": (answer.__doc__ or "").strip(),
            "content": {problems.MEDIA_TYPE: {"schema": {"anyOf": [_ref(answer), _ref(answers.Problem)]}}},
        }
    # A fault of ours, or a database that is busy for a moment.
    responses["default"] = {"$ref": "#/components/responses/fault"}
    return responses


def _refusals(call: Call) -> Iterable[str]:
    """The kinds of refusal a caller of it should be ready for."""
    yield "malformed"
    yield "not-authenticated"
    if any(call.permission not in granted for granted in GRANTS.values()):
        yield "not-allowed"
    if "<" in call.path or call.names_rows:
        yield "not-found"
    if call.conditional or call.conflicts:
        yield "wrong-state"
    if call.conditional:
        yield "changed-meanwhile"
    if call.body is not None:
        yield "too-large"
        yield "wrong-media-type"
    yield "invalid-input"
    yield "too-many-requests"


def _answer_headers(call: Call) -> dict[str, Any]:
    headers: dict[str, Any] = {}
    if call.order:
        headers["ETag"] = {"description": "The order's version.", "schema": {"type": "string"}}
    if call.locates:
        headers["Location"] = {"description": "Where it is read.", "schema": {"type": "string"}}
    if call.writes:
        headers["Idempotency-Replayed"] = {
            "description": "Present where this is the answer to an earlier request with the same key.",
            "schema": {"type": "string", "enum": ["true"]},
        }
    return headers


def _links(call: Call, calls: Sequence[Call]) -> dict[str, Any]:
    """What can be done with what was just made."""
    if not call.locates:
        return {}
    parameter, field = ("reference", "reference") if call.order else ("account_id", "id")
    return {
        other.name: {
            "operationId": other.name,
            "parameters": {f"path.{parameter}": f"$response.body#/{field}"},
        }
        for other in calls
        if f"<{parameter}>" in other.path
    }


def _problem(kind: problems.ProblemKind) -> dict[str, Any]:
    response: dict[str, Any] = {
        "description": f"{kind.title}. {kind.advice}",
        "content": {problems.MEDIA_TYPE: {"schema": _ref(answers.Problem)}},
    }
    if kind.status in (429, 503):
        response["headers"] = {
            "Retry-After": {"description": "Seconds to wait.", "schema": {"type": "integer", "minimum": 1}}
        }
    if kind.status == 401:
        response["headers"] = {"WWW-Authenticate": {"schema": {"type": "string"}}}
    return response
