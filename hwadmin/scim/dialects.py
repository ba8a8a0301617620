"""Requests as Okta and Entra really send them, put into the words of the RFC before anybody judges them.

What is repaired here was seen on the wire or in the vendors' own documentation:

* the manager as a plain string, as a list of one, or with ``$ref`` and ``displayName``, ours to say;
* a value for one thing wrapped in a list of objects: ``[{"value": "Dana"}]``;
* a PATCH without a path whose value has keys such as ``emails[type eq "work"].value``;
* numbers where a text is meant;
* empty strings and empty entries where nothing is meant;
* ``id``, ``meta`` and ``schemas`` sent back in a PATCH;
* one operation for each member of a group: the library looks at all members for each.

Capitalised operations, booleans in strings, removal by value, and attributes in any case are the library's to
understand.
"""

from __future__ import annotations

from typing import Any

from hwadmin.scim.schema import ENTERPRISE

_MANAGER = "manager"
_ENTRIES = frozenset({"emails", "phonenumbers", "members", "roles"})
_NOT_THEIRS = frozenset({"id", "meta", "schemas", "groups"})
_MANAGER_PATHS = frozenset({f"{ENTERPRISE}:{_MANAGER}".lower(), f"{ENTERPRISE}.{_MANAGER}".lower()})


def resource(payload: Any) -> Any:
    """A user as the RFC would have it sent, from one as it was sent."""
    if not isinstance(payload, dict):
        return payload
    return {name: _attribute(name, value) for name, value in payload.items()}


def _attribute(name: str, value: Any) -> Any:
    lower = name.lower()
    if lower == ENTERPRISE.lower() and isinstance(value, dict):
        return {part: manager(of) if part.lower() == _MANAGER else scalar(of) for part, of in value.items()}
    if lower in _MANAGER_PATHS:
        return manager(value)
    if lower in _ENTRIES:
        return entries(value)
    return scalar(value)


def scalar(value: Any) -> Any:
    """A number as the text it was meant to be: no attribute of a user is a number."""
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else value


def manager(value: Any) -> Any:
    """The manager by nothing but the value; None where nobody is named."""
    if isinstance(value, list):
        value = value[0] if value else None
    if isinstance(value, dict):
        value = next((of for name, of in value.items() if name.lower() == "value"), None)
    if isinstance(value, bool) or not isinstance(value, str | int):
        return None
    return {"value": str(value).strip()} if str(value).strip() else None


def entries(value: Any) -> Any:
    """Addresses, numbers, members or roles without those that say nothing; a single one may come alone."""
    if isinstance(value, dict):
        value = [value]
    if not isinstance(value, list):
        return value
    return [
        one
        for one in value
        if not (isinstance(one, dict) and _value_of(one) in (None, "") and "value" in map(str.lower, one))
    ]


def _value_of(entry: dict[str, Any]) -> Any:
    return next((of for name, of in entry.items() if name.lower() == "value"), None)


def patch(payload: Any) -> Any:
    """A PATCH as the RFC would have it sent."""
    if not isinstance(payload, dict):
        return payload
    return {
        name: _together([part for one in value for part in _operations(one)])
        if name.lower() == "operations" and isinstance(value, list)
        else value
        for name, value in payload.items()
    }


def _together(operations: list[Any]) -> list[Any]:
    """The operations, those that follow each other and add to, or take from, the same members as one."""
    found: list[Any] = []
    for operation in operations:
        kind = _kind_of_members(operation)
        if kind and found and kind == _kind_of_members(found[-1]):
            found[-1]["value"] += operation["value"]
        else:
            found.append({**operation, "value": [*operation["value"]]} if kind else operation)
    return found


def _kind_of_members(operation: Any) -> str:
    """What an operation does to the members it lists, "add" or "remove"; empty for any other operation."""
    if not isinstance(operation, dict) or not isinstance(operation.get("value"), list):
        return ""
    op, path = str(operation.get("op", "")).lower(), str(operation.get("path", "")).strip().lower()
    return op if path == "members" and op in ("add", "remove") else ""


def _operations(operation: Any) -> list[Any]:
    if not isinstance(operation, dict):
        return [operation]
    attributes = {name.lower(): value for name, value in operation.items()}
    path, value = attributes.get("path"), attributes.get("value")
    if path in (None, "") and isinstance(value, dict):
        return _without_path(operation, value)
    if isinstance(path, str):
        return [_with_path(operation, path, value, "value" in attributes)]
    return [operation]


def _without_path(operation: dict[str, Any], value: dict[str, Any]) -> list[Any]:
    """One operation for everything plain, and one for each key that selects among several values."""
    plain = {
        name: _attribute(name, of)
        for name, of in value.items()
        if "[" not in name and name.lower() not in _NOT_THEIRS
    }
    rest = {name: of for name, of in operation.items() if name.lower() not in {"path", "value"}}
    parts: list[Any] = [{**rest, "value": plain}]
    parts += [_with_path(rest, name, of, True) for name, of in value.items() if "[" in name]
    return parts if plain or len(parts) == 1 else parts[1:]


def _with_path(operation: dict[str, Any], path: str, value: Any, has_value: bool) -> dict[str, Any]:
    rest = {name: of for name, of in operation.items() if name.lower() not in {"path", "value"}}
    lower = path.strip().lower()
    removes = str(rest.get("op", "")).lower() == "remove"
    if lower in _MANAGER_PATHS:
        # Whoever it is: nobody has two managers.
        named = None if removes else manager(value)
        return {**rest, "path": path, "value": named} if named else {**rest, "op": "remove", "path": path}
    if not has_value:
        return {**rest, "path": path}
    if lower in _ENTRIES:
        value = entries(value) if not removes else value
    elif isinstance(value, list) and len(value) == 1 and isinstance(value[0], dict) and not removes:
        value = value[0] if lower.endswith("]") else _value_of(value[0])
    if value == "" and not removes:
        # Nothing is nothing, however it is spelled.
        return {**rest, "op": "remove", "path": path}
    return {**rest, "path": path, "value": scalar(value)}


def bulk(payload: Any) -> Any:
    """A bulk request, each of its operations as if it came alone."""
    if not isinstance(payload, dict):
        return payload
    return {
        name: [_bulk_operation(one) for one in value]
        if name.lower() == "operations" and isinstance(value, list)
        else value
        for name, value in payload.items()
    }


def _bulk_operation(operation: Any) -> Any:
    if not isinstance(operation, dict):
        return operation
    method = next((str(of).upper() for name, of in operation.items() if name.lower() == "method"), "")
    tidy = patch if method == "PATCH" else resource
    return {name: tidy(of) if name.lower() == "data" else of for name, of in operation.items()}
