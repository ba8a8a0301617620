"""Importing a list that a program sent: reading it in a process of its own, and telling what its rows do."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from hwadmin.api.calls import ApiRequest, call
from hwadmin.api.changes import platform_id_for
from hwadmin.api.lookups import get_account_or_404
from hwadmin.domain.permissions import Permission
from hwadmin.errors import FieldError, InvalidInput
from hwadmin.list_import.records.columns import ListFormat
from hwadmin.list_import.records.plan import ListPlan
from hwadmin.models import Platform
from hwadmin.queries.directory.known_names import names_of_account, names_of_platform
from hwadmin.queries.scope import find
from hwadmin.schemas import request_models, response_models, serializers
from hwadmin.web.http.person_limits import read_upload

if TYPE_CHECKING:
    from hwadmin.list_import.records.reading import ColumnQuestion, RecordList


@dataclass(frozen=True, slots=True)
class ListScope:
    """What a list is for: the currency of its amounts, and names that speak for an encoding, when asked."""

    currency: str
    known_names: Callable[[], Sequence[str]]


def import_call(
    path: str,
    permission: Permission,
    tag: str,
    list_format: ListFormat,
    scope_of: Callable[..., ListScope],
    query: type[request_models.ImportQuery] = request_models.ImportQuery,
    **more: Any,
) -> Callable[..., Any]:
    """Declare a call that imports a list, or says what it would do (dry_run); see ``reported``."""
    return call(
        "POST",
        path,
        permission,
        response_models.ListReportResponse,
        tag,
        query=query,
        takes_list=True,
        prepare=_records_reader(list_format, scope_of),
        conflicts=True,
        **more,
    )


def reported(
    request: ApiRequest,
    plan: Callable[..., ListPlan[Any]],
    write: Callable[..., ListPlan[Any]],
    owner_id: int,
    *answers: dict[int, str],
    **options: Any,
) -> response_models.ListReportResponse:
    """What the rows of a list do, or would do.

    Args:
        request: its body is the list as it was read.
        plan: the operation that says what the rows would do.
        write: the operation that does it; it takes the digest of a plan as well.
        owner_id: the account or platform the list is for.
        answers: by row, what the list leaves open, where the operations take it.
        options: what else both take.
    """
    query: request_models.ImportQuery = request.query
    records: RecordList = request.body
    given = (request.actor, owner_id, records.records, *answers)
    if not query.dry_run:
        plan, options = write, options | {"expected": query.expected}
    done = plan(*given, **options)
    return serializers.list_report(done, records, written=not query.dry_run and done.does_something)


def _records_reader(list_format: ListFormat, scope_of: Callable[..., ListScope]) -> Callable[..., RecordList]:
    """Makes the function that reads a list of this kind; see ``Call.prepare``.

    It raises InvalidInput where what was sent is no list, lacks a column that is needed, or leaves open what
    a column means.

    Args:
        list_format: what kind of list it is.
        scope_of: says for a request and the words of its address what the list is for.
    """

    def records_of(request: ApiRequest, **path: str) -> RecordList:
        # What reads lists is loaded by the first one, and before the process that reads it is forked.
        from hwadmin.list_import.file_reading import words_that_decide
        from hwadmin.list_import.records.reading import file_text, read_records

        scope, data = scope_of(request, **path), request.body
        known = words_that_decide(data, scope.known_names)
        query: request_models.ListQuery = request.query
        records = read_upload(
            data,
            lambda: read_records(
                file_text(data, list_format, known),
                list_format,
                columns=query.column_meanings,
                answers=query.answers,
                currency=scope.currency,
            ),
        )
        if records.missing:
            raise InvalidInput.at("list", f"{records.missing} {_columns(records)}".strip())
        blocking = [question for question in records.open_questions if question.blocks]
        if blocking:
            raise InvalidInput(FieldError(f"answers.{one.name}", _asked(one)) for one in blocking)
        return records

    return records_of


def for_platform(request: ApiRequest) -> ListScope:
    """A list for a platform."""
    platform = find(request.actor, Platform, platform_id_for(request.actor, request.query.platform))
    return ListScope(platform.currency, partial(names_of_platform, request.actor, platform.id))


def for_account(request: ApiRequest, account_id: str) -> ListScope:
    """A list for an account."""
    account = get_account_or_404(request.actor, account_id)
    return ListScope(account.platform.currency, partial(names_of_account, request.actor, account.id))


def _asked(question: ColumnQuestion) -> str:
    """What a column leaves open, and the answers there are."""
    options = ", ".join(f"{value} ({label})" for value, label in question.options)
    return f"{question.sentence} Answer one of: {options}."


def _columns(records: RecordList) -> str:
    """The columns there are, each with the number it is called by."""
    names = [
        f"{table.first_column + number} “{heading[:40]}”"
        for table in records.tables
        for number, heading in enumerate(table.titles)
    ][:50]
    return f"Columns by number: {', '.join(names)}." if names else ""
