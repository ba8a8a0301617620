"""Lists as CSV, for whoever asks for it by Accept: one row per item, nested fields as ``account.name``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, get_args, get_origin
from urllib.parse import urlencode

import pydantic
from flask import Response
from flask import request as http_request
from werkzeug.datastructures import MIMEAccept

from hwadmin.rendering.spreadsheets import csv_rows
from hwadmin.schemas.response_models import Page, ResponseModel

MEDIA_TYPE = "text/csv"
_JSON = pydantic.TypeAdapter(Any)


def is_preferred(accepted: MIMEAccept) -> bool:
    """Whether the Accept header prefers CSV to JSON."""
    return accepted.best_match(["application/json", MEDIA_TYPE], "application/json") == MEDIA_TYPE


def response(page: Page) -> Response:
    """A page of a list as CSV; the next page is named by the Link header.

    The columns are all fields of the item's model, also where there is no item. Lists and maps within an item
    are JSON. What a spreadsheet would take for a formula is neutralized.
    """
    [item_model] = get_args(type(page).model_fields["items"].annotation)
    columns = list(_columns(item_model))
    rows = ([_value(item, path) for path in columns] for item in page.items)
    header = [".".join(path) for path in columns]
    body = b"".join(csv_rows(header, rows))
    answer = Response(body, content_type=f"{MEDIA_TYPE}; charset=utf-8")
    if page.next_cursor is not None:
        query = http_request.args.to_dict() | {"cursor": page.next_cursor}
        answer.headers["Link"] = f'<{http_request.path}?{urlencode(query)}>; rel="next"'
    return answer


def _columns(model: type[ResponseModel], path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """The fields of a model, each by its path; one that holds a model is its fields."""
    for name, field in model.model_fields.items():
        options = [field.annotation, *get_args(field.annotation)]
        inner = [
            option for option in options if isinstance(option, type) and issubclass(option, ResponseModel)
        ]
        if len(inner) == 1 and get_origin(field.annotation) not in (list, dict):
            yield from _columns(inner[0], (*path, name))
        else:
            yield (*path, name)


def _value(item: ResponseModel, path: tuple[str, ...]) -> Any:
    value: Any = item
    for name in path:
        value = getattr(value, name) if value is not None else None
    if isinstance(value, list | dict | ResponseModel):
        return _JSON.dump_json(value).decode() if value else ""
    return value
