"""Reading the rows of a list that a program sent, in a process of its own."""

from __future__ import annotations

from collections.abc import Callable

from hwadmin.api.calls import ApiRequest
from hwadmin.api.changes import platform_id_for
from hwadmin.errors import FieldError, InvalidInput
from hwadmin.list_import.records.columns import ListFormat
from hwadmin.list_import.records.reading import ColumnQuestion, RecordList, file_text, read_records
from hwadmin.models import Platform
from hwadmin.queries.scope import find
from hwadmin.schemas import request_models
from hwadmin.web.http.person_limits import read_upload


def records_reader(list_format: ListFormat, currency_of: Callable[..., str]) -> Callable[..., RecordList]:
    """Makes the function that reads a list of this kind; see ``Call.prepare``.

    It raises InvalidInput where what was sent is no list, lacks a column that is needed, or leaves open what
    a column means.

    Args:
        list_format: what kind of list it is.
        currency_of: says for a request and the words of its address in which currency amounts are.
    """

    def records_of(request: ApiRequest, **path: str) -> RecordList:
        currency, data = currency_of(request, **path), request.body
        query: request_models.ListQuery = request.query
        records = read_upload(
            lambda: read_records(
                file_text(data, list_format),
                list_format,
                columns=query.column_meanings,
                answers=query.answers,
                currency=currency,
            )
        )
        if records.missing:
            raise InvalidInput.at("list", f"{records.missing} {_columns(records)}".strip())
        blocking = [question for question in records.open_questions if question.blocks]
        if blocking:
            raise InvalidInput(FieldError(f"answers.{one.name}", _asked(one)) for one in blocking)
        return records

    return records_of


def platform_currency(request: ApiRequest) -> str:
    """The currency of the platform that a list is for."""
    return find(request.actor, Platform, platform_id_for(request.actor, request.query.platform)).currency


def _asked(question: ColumnQuestion) -> str:
    """What a column leaves open, and the answers there are."""
    options = ", ".join(f"{value} ({label})" for value, label in question.options)
    return f"{question.sentence} Answer one of: {options}."


def _columns(records: RecordList) -> str:
    """The columns there are, each with the number it is called by."""
    names = [
        f"{table.first_column + number} “{heading[:40]}”"
        for table in records.tables
        for number, heading in enumerate(table.headings)
    ][:50]
    return f"Columns by number: {', '.join(names)}." if names else ""
