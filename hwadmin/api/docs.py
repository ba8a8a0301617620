"""The docs page: the OpenAPI document flattened into tables a person reads."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from hwadmin.api.calls import BASE_PATH


@dataclass(frozen=True, slots=True)
class Row:
    """One field or parameter."""

    name: str
    type: str
    required: bool
    note: str


@dataclass(frozen=True, slots=True)
class Shape:
    """What a body or an answer is made of, and an example of it."""

    rows: list[Row]
    example: str | None


@dataclass(frozen=True, slots=True)
class Operation:
    """One call."""

    anchor: str
    method: str
    path: str
    summary: str
    description: str
    parameters: list[Row]
    body: Shape | None
    status: str
    answer: Shape
    refusals: list[str]


@dataclass(frozen=True, slots=True)
class Chapter:
    """Calls that belong together."""

    name: str
    operations: list[Operation]


def chapters(document: dict[str, Any]) -> list[Chapter]:
    """The calls of the document, by tag."""
    found: dict[str, list[Operation]] = {tag["name"]: [] for tag in document["tags"]}
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            found[operation["tags"][0]].append(_operation(document, method, path, operation))
    return [Chapter(name, operations) for name, operations in found.items()]


def _operation(document: dict[str, Any], method: str, path: str, operation: dict[str, Any]) -> Operation:
    responses = operation["responses"]
    status = next(status for status in responses if status.startswith("2"))
    body = operation.get("requestBody")
    return Operation(
        anchor=operation["operationId"],
        method=method.upper(),
        path=BASE_PATH + path,
        summary=operation["summary"],
        description=operation.get("description", ""),
        parameters=[_parameter(document, one) for one in operation["parameters"]],
        body=_shape(document, body["content"]["application/json"]["schema"]) if body else None,
        status=status,
        answer=_shape(document, responses[status]["content"]["application/json"]["schema"]),
        refusals=[one for one in responses if one.isdigit() and not one.startswith("2")],
    )


def _parameter(document: dict[str, Any], parameter: dict[str, Any]) -> Row:
    parameter = _resolved(document, parameter)
    schema = _resolved(document, parameter["schema"])
    where = "" if parameter["in"] == "query" else f" ({parameter['in']})"
    return Row(
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


def _rows(document: dict[str, Any], schema: dict[str, Any], prefix: str = "") -> Iterator[Row]:
    required = schema.get("required", ())
    for name, field in schema.get("properties", {}).items():
        inner = _inner(document, field)
        yield Row(
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
    for one in schema.get("anyOf", ()):
        if one.get("type") != "null":
            return _resolved(document, one)
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
    null = any(one.get("type") == "null" for one in _resolved(document, field).get("anyOf", ()))
    return f"{word} or null" if null else word


def _note(description: str, schema: dict[str, Any]) -> str:
    notes = [description.strip()] if description.strip() else []
    if "default" in schema and schema["default"] not in (None, [], ""):
        notes.append(f"Default {json.dumps(schema['default'])}.")
    if "maximum" in schema and schema["maximum"] < 10**6:
        notes.append(f"{schema['minimum']} to {schema['maximum']:,}.")
    return " ".join(notes)
