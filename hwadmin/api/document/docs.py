"""The docs pages: the OpenAPI document flattened into tables a person reads."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from hwadmin.api import problems
from hwadmin.api.calls import BASE_PATH


@dataclass(frozen=True, slots=True)
class DocRow:
    """One field or parameter."""

    name: str
    type: str
    required: bool
    note: str


@dataclass(frozen=True, slots=True)
class Shape:
    """The fields of a request or response body, and an example."""

    rows: list[DocRow]
    example: str | None


@dataclass(frozen=True, slots=True)
class Refusal:
    """One way a call is refused: the status, and the kind of problem."""

    status: str
    name: str
    title: str


@dataclass(frozen=True, slots=True)
class CallAnswer:
    """What a call answers: an object that is described beside the calls, or a file."""

    status: str
    name: str
    described: bool


@dataclass(frozen=True, slots=True)
class Operation:
    """One call."""

    anchor: str
    method: str
    path: str
    summary: str
    description: str
    parameters: list[DocRow]
    body: Shape | None
    answer: CallAnswer
    refusals: list[Refusal]
    # The call as a command, with $TOKEN for the token.
    curl: str


@dataclass(frozen=True, slots=True)
class AnswerObject:
    """What calls answer with: its fields, and an example."""

    name: str
    shape: Shape


@dataclass(frozen=True, slots=True)
class Chapter:
    """Calls that belong together, and what they answer with."""

    name: str
    slug: str
    operations: list[Operation]
    objects: list[AnswerObject]


def chapters(document: dict[str, Any], address: str) -> list[Chapter]:
    """The calls of the document, by tag.

    Args:
        document: the OpenAPI document.
        address: where the product is served, for the commands.
    """
    by_tag: dict[str, list[Operation]] = {tag["name"]: [] for tag in document["tags"]}
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            by_tag[operation["tags"][0]].append(_operation(document, address, method, path, operation))
    return [
        Chapter(name, name.lower(), operations, _objects(document, operations))
        for name, operations in by_tag.items()
    ]


def _objects(document: dict[str, Any], operations: Iterable[Operation]) -> list[AnswerObject]:
    """What the calls answer with, each once."""
    names = dict.fromkeys(one.answer.name for one in operations if one.answer.described)
    schemas = document["components"]["schemas"]
    return [AnswerObject(name, _shape(document, schemas[name])) for name in sorted(names)]


def _operation(
    document: dict[str, Any], address: str, method: str, path: str, operation: dict[str, Any]
) -> Operation:
    responses = operation["responses"]
    status = next(status for status in responses if status.startswith("2"))
    body = operation.get("requestBody")
    return Operation(
        anchor=operation["operationId"],
        method=method.upper(),
        path=BASE_PATH + path,
        summary=operation["summary"],
        description=operation.get("description", ""),
        parameters=[_parameter(document, parameter) for parameter in operation["parameters"]],
        body=_body(document, body),
        answer=_answer(status, responses[status]["content"]),
        refusals=list(_refusals(responses)),
        curl=curl(document, address + BASE_PATH, method.upper(), path, operation),
    )


def _refusals(responses: dict[str, Any]) -> Iterator[Refusal]:
    by_status = {str(kind.status): kind for kind in reversed(problems.KINDS.values())}
    for status, response in responses.items():
        if status.isdigit() and not status.startswith("2"):
            name = response.get("$ref", "").rpartition("/")[2] or by_status[status].name
            yield Refusal(status, name, problems.KINDS[name].title)


def _body(document: dict[str, Any], body: dict[str, Any] | None) -> Shape | None:
    """The fields of a request body; a list has none."""
    if body is None:
        return None
    if "application/json" not in body["content"]:
        row = DocRow(" or ".join(body["content"]), "file", True, body["description"])
        return Shape([row], body["content"]["text/plain"]["example"])
    return _shape(document, body["content"]["application/json"]["schema"])


def _answer(status: str, contents: dict[str, Any]) -> CallAnswer:
    if "application/json" not in contents:
        return CallAnswer(status, " or ".join(contents), False)
    return CallAnswer(status, contents["application/json"]["schema"]["$ref"].rpartition("/")[2], True)


# What stands for a word of an address in a command.
_WORDS = {"reference": "HW-000123", "sku": "AP-IP17", "external_id": "customer-12"}


def curl(document: dict[str, Any], base: str, method: str, path: str, operation: dict[str, Any]) -> str:
    """A call as a command with the example of its body; $TOKEN stands for the token."""
    url = base + re.sub(r"{(\w+)}", lambda match: _WORDS.get(match[1], "7"), path)
    parts = ["curl", *([] if method == "GET" else ["-X", method]), f'"{url}"']
    parts.append('-H "Authorization: Bearer $TOKEN"')
    contents = operation.get("requestBody", {}).get("content", {})
    if "application/json" in contents:
        schema = _resolved(document, contents["application/json"]["schema"])
        example = json.dumps((schema.get("examples") or [{}])[0], ensure_ascii=False)
        parts += ['-H "Content-Type: application/json"', "-d " + shlex.quote(example)]
    elif contents:
        parts += ['-H "Content-Type: application/octet-stream"', "--data-binary @list.xlsx"]
    if any("application/pdf" in response.get("content", {}) for response in operation["responses"].values()):
        parts += ['-H "Accept: application/pdf"', "-o purchase-order.pdf"]
    return " ".join(parts)


def _parameter(document: dict[str, Any], parameter: dict[str, Any]) -> DocRow:
    parameter = _resolved(document, parameter)
    schema = _resolved(document, parameter["schema"])
    where = "" if parameter["in"] == "query" else f" ({parameter['in']})"
    return DocRow(
        parameter["name"] + where,
        _type(document, schema),
        parameter["required"],
        _note(parameter.get("description", ""), schema),
    )


def _shape(document: dict[str, Any], schema: dict[str, Any]) -> Shape:
    schema = _resolved(document, schema)
    examples = schema.get("examples")
    return Shape(
        list(_rows(document, schema)),
        json.dumps(examples[0], ensure_ascii=False, indent=2) if examples else None,
    )


def _rows(document: dict[str, Any], schema: dict[str, Any], prefix: str = "") -> Iterator[DocRow]:
    required = schema.get("required", ())
    for name, field in schema.get("properties", {}).items():
        inner = _inner(document, field)
        yield DocRow(
            prefix + name,
            _type(document, field),
            name in required,
            _note(field.get("description", ""), _resolved(document, field)),
        )
        if inner is not None:
            mark = "[]" if _plain(document, field).get("type") == "array" else ""
            yield from _rows(document, inner, f"{prefix}{name}{mark}.")


def _resolved(document: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    while "$ref" in schema:
        target: Any = document
        for step in schema["$ref"].removeprefix("#/").split("/"):
            target = target[step]
        schema = target
    return schema


def _plain(document: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    """The schema itself, past a reference and past "or null"."""
    schema = _resolved(document, schema)
    for option in schema.get("anyOf", ()):
        if option.get("type") != "null":
            return _resolved(document, option)
    return schema


def _inner(document: dict[str, Any], field: dict[str, Any]) -> dict[str, Any] | None:
    schema = _plain(document, field)
    if schema.get("type") == "array":
        schema = _plain(document, schema.get("items", {}))
    return schema if "properties" in schema else None


def _type(document: dict[str, Any], field: dict[str, Any]) -> str:
    schema = _plain(document, field)
    word = str(schema.get("type", "any"))
    if "enum" in schema:
        word = " | ".join(schema["enum"])
    elif "const" in schema:
        word = json.dumps(schema["const"])
    elif word == "array":
        word = f"list of {_type(document, schema.get('items', {}))}"
    elif schema.get("format"):
        word = str(schema["format"])
    null = any(option.get("type") == "null" for option in _resolved(document, field).get("anyOf", ()))
    return f"{word} or null" if null else word


def _note(description: str, schema: dict[str, Any]) -> str:
    notes = [description.strip()] if description.strip() else []
    if "default" in schema and schema["default"] not in (None, [], ""):
        notes.append(f"Default {json.dumps(schema['default'])}.")
    if "maximum" in schema and schema["maximum"] < 10**6:
        notes.append(f"{schema['minimum']} to {schema['maximum']:,}.")
    return " ".join(notes)
