"""The OpenAPI 3.1 document, from the declarations of the calls and their pydantic models.

Pydantic writes JSON Schema 2020-12, which is what OpenAPI 3.1 is made of, so nothing is translated here.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any

from pydantic import BaseModel

from hwadmin.api import problems
from hwadmin.api.calls import BASE_PATH, Call, File
from hwadmin.api.document.component_schemas import REF, schemas_of
from hwadmin.api.document.path_parameters import path_parameters
from hwadmin.api.document.request_examples import LIST_EXAMPLES
from hwadmin.domain.permissions import GRANTS, Role
from hwadmin.operations.people.idempotency import FIELD
from hwadmin.schemas import problem_models
from hwadmin.schemas.strict import public_name

# How a list is sent. Whatever it is called, it is read by its content.
_LIST_TYPES: dict[str, dict[str, str]] = {
    "text/plain": {"type": "string"},
    "application/octet-stream": {"type": "string", "format": "binary"},
}
# The tags of the calls, in the order of the docs.
CHAPTERS = (
    *("Orders", "Decisions", "Fulfillment", "Catalog", "Accounts", "Devices", "Webhooks"),
    *("Distributors", "People", "Audit"),
)

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
    schemas = schemas_of(calls)
    paths: dict[str, dict[str, Any]] = {}
    for call in calls:
        paths.setdefault(documented_path(call.path), {})[call.method.lower()] = _operation(call, calls)
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


def documented_path(rule: str) -> str:
    """The path of a call as the document writes it."""
    return re.sub(r"<(\w+)>", r"{\1}", rule)


# ---- One operation

_NEEDS_PROOF = "People prove again who they are before this; a token must have been made for it (403)."


def _operation(call: Call, calls: Sequence[Call]) -> dict[str, Any]:
    summary, _, description = call.summary.partition("\n")
    if call.needs_proof:
        description += "\n" + _NEEDS_PROOF
    operation: dict[str, Any] = {
        "operationId": call.name,
        "tags": [call.tag],
        "summary": summary.strip().rstrip("."),
        "parameters": [*_path_parameters(call), *_query_parameters(call), *_header_parameters(call)],
        "responses": _responses(call, calls),
    }
    if description.strip():
        operation["description"] = re.sub(r"\s*\n\s*", " ", description.strip())
    if call.takes_list:
        operation["requestBody"] = {
            "required": True,
            "description": "A CSV or XLSX file, or its text.",
            "content": {name: {"schema": schema} for name, schema in _LIST_TYPES.items()},
        }
        operation["requestBody"]["content"]["text/plain"]["example"] = LIST_EXAMPLES[call.name]
    if call.body is not None:
        operation["requestBody"] = {
            "required": call.body_required,
            "content": {"application/json": {"schema": _ref(call.body)}},
        }
    return operation


def _ref(model: type[BaseModel]) -> dict[str, str]:
    return {"$ref": REF.format(model=public_name(model))}


def _path_parameters(call: Call) -> list[dict[str, Any]]:
    return [
        {"name": name, "in": "path", "required": True, **path_parameters()[name]}
        for name in re.findall(r"<(\w+)>", call.path)
    ]


def _query_parameters(call: Call) -> list[dict[str, Any]]:
    if call.query is None:
        return []
    schema = call.query.model_json_schema(ref_template=REF)
    return [
        {"name": name, "in": "query", "required": name in schema.get("required", ())} | _parameter(parameter)
        for name, parameter in schema["properties"].items()
    ]


def _parameter(schema: dict[str, Any]) -> dict[str, Any]:
    """The schema of a parameter. It has no null: the parameter is left out instead."""
    schema = {key: value for key, value in schema.items() if key != "title"}
    description = schema.pop("description", None)
    if schema.get("default", 0) is None:
        del schema["default"]
    if "anyOf" in schema:
        (schema,) = (option for option in schema["anyOf"] if option != {"type": "null"})
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
            "description": "The ETag of what you saw. Absent or *: any version will do.",
            "schema": {"type": "string", "pattern": '^("[0-9]{1,9}"|[0-9]{1,9})$', "examples": ['"3"']},
        },
    }


# ---- Responses


def _responses(call: Call, calls: Sequence[Call]) -> dict[str, Any]:
    success: dict[str, Any] = {
        "description": ((call.response or File).__doc__ or "").strip(),
        "content": _contents(call),
    }
    headers = _response_headers(call)
    if headers:
        success["headers"] = headers
    links = _links(call, calls)
    if links:
        success["links"] = links
    responses: dict[str, Any] = {str(call.status): success}
    if call.creates:
        responses["201"] = success | {"description": f"{success['description']} It was created."}
    for name in _refusals(call):
        responses[str(problems.KINDS[name].status)] = {"$ref": f"#/components/responses/{name}"}
    for status, response in call.other_responses.items():
        responses[str(status)] = {
            "description": (response.__doc__ or "").strip(),
            "content": {
                problems.MEDIA_TYPE: {"schema": {"anyOf": [_ref(response), _ref(problem_models.Problem)]}}
            },
        }
    # A fault of ours, or a database that is busy for a moment.
    responses["default"] = {"$ref": "#/components/responses/fault"}
    return responses


def _contents(call: Call) -> dict[str, Any]:
    """The types of a successful response, each with its schema."""
    contents: dict[str, Any] = {}
    if call.response is not None:
        contents["application/json"] = {"schema": _ref(call.response)}
    if call.is_list:
        contents["text/csv"] = {"schema": {"type": "string"}}
    for media_type in call.files:
        contents[media_type] = {"schema": {"type": "string", "format": "binary"}}
    return contents


def _refusals(call: Call) -> Iterable[str]:
    """The kinds of problem a caller has to expect."""
    yield "malformed"
    yield "not-authenticated"
    if any(call.permission not in GRANTS[role] for role in Role if role is not Role.MANAGER):
        yield "not-allowed"
    if "<" in call.path or call.names_rows:
        yield "not-found"
    if call.conflicts or (call.conditional and not call.stateless):
        yield "wrong-state"
    if call.conditional:
        yield "changed-meanwhile"
    if call.body is not None or call.takes_list:
        yield "too-large"
    if call.body is not None:
        yield "wrong-media-type"
    yield "invalid-input"
    yield "too-many-requests"


def _response_headers(call: Call) -> dict[str, Any]:
    headers: dict[str, Any] = {}
    if call.order or call.versioned:
        headers["ETag"] = {"description": "The version of what is shown.", "schema": {"type": "string"}}
    if call.locates:
        headers["Location"] = {"description": "Where it is read.", "schema": {"type": "string"}}
    if call.writes:
        headers["Idempotency-Replayed"] = {
            "description": "Present where this is the answer to an earlier request with the same key.",
            "schema": {"type": "string", "enum": ["true"]},
        }
    return headers


def _links(call: Call, calls: Sequence[Call]) -> dict[str, Any]:
    """The calls that take what was just created."""
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
        "content": {problems.MEDIA_TYPE: {"schema": _ref(problem_models.Problem)}},
    }
    if kind.status in (429, 503):
        response["headers"] = {
            "Retry-After": {"description": "Seconds to wait.", "schema": {"type": "integer", "minimum": 1}}
        }
    if kind.status == 401:
        response["headers"] = {"WWW-Authenticate": {"schema": {"type": "string"}}}
    return response
