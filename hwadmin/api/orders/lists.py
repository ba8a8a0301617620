"""A list of identifiers for the units of an order."""

from __future__ import annotations

from hwadmin.api.calls import ApiRequest, ApiResponse, call
from hwadmin.api.lookups import get_order_or_404
from hwadmin.api.orders.orders import etag, order_id_as_seen
from hwadmin.db.extensions import db
from hwadmin.domain.permissions import Permission
from hwadmin.errors import InvalidInput
from hwadmin.list_import.file_reading import text_of_file
from hwadmin.list_import.item_names import Names
from hwadmin.list_import.matching.matching_report import ListReport
from hwadmin.list_import.matching.unit_matching import matched
from hwadmin.list_import.meaning.columns import mapped, recognised
from hwadmin.list_import.planned_units import known_names
from hwadmin.list_import.text_encodings.assumed_encoding import (
    ENCODING_QUESTION,
    AssumedText,
    known_words,
    read_as_assumed,
)
from hwadmin.list_import.text_tables import read_text
from hwadmin.operations.fulfillment.drafts import list_units
from hwadmin.operations.fulfillment.fulfillment import fulfill_order
from hwadmin.queries.fulfillment.list_facts import order_numbers
from hwadmin.queries.units.units import units_of
from hwadmin.schemas import request_models, response_models, serializers
from hwadmin.web.http.person_limits import read_upload


def _matches(request: ApiRequest, reference: str) -> tuple[list[str], ListReport]:
    """What is to be told of how the list was read, and what of it is whose.

    Raises:
        InvalidInput: it is no list, or leaves open what a column means.
    """
    order = get_order_or_404(request.actor, reference)
    known = [unit for unit in list_units(units_of(order.id)) if not unit.closed]
    numbers, data = order_numbers(request.actor, order), request.body
    query: request_models.FulfillListQuery = request.query

    def read() -> tuple[list[str], ListReport] | str:
        text = text_of_file(data, known=known_words(known_names(known)))
        assumed = read_as_assumed(text, (query.answers or {}).get(ENCODING_QUESTION, ""))
        columns = recognised(read_text(assumed.text), Names(known))
        if query.columns:
            columns = mapped(columns, query.column_meanings)
        if columns.unclear:
            return " ".join(columns.unclear)
        report = matched(columns, known, reference=reference, answers=query.answers, numbers=numbers)
        return [*_of_encoding(assumed), *filter(None, (columns.not_used,))], report

    result = read_upload(data, read)
    if isinstance(result, str):
        raise InvalidInput.at(
            "columns", f"{result} Give the columns headings, or say here what they mean, by number from 0."
        )
    return result


@call(
    "POST",
    "/orders/<reference>/fulfill/list",
    Permission.ORDERS_FULFILL,
    response_models.ListFulfillmentResponse,
    "Fulfillment",
    query=request_models.FulfillListQuery,
    takes_list=True,
    prepare=_matches,
    order=True,
    conditional=True,
)
def fulfill_by_list(request: ApiRequest, reference: str) -> ApiResponse:
    """Fulfill an order by a list of identifiers in any shape: what is whose, and what comes of it.

    With dry_run nothing is written. With any refused unit nothing is written either, unless only_valid says
    to write the others. What the list leaves open is left out, and told, until answers decides it.
    """
    query: request_models.FulfillListQuery = request.query
    notes: list[str]
    report: ListReport
    notes, report = request.body
    # What has come already is skipped, so that the same list again changes nothing.
    matches = [*report.matched, *report.done]
    if not matches and not report.open_questions:
        raise InvalidInput.at("list", _nothing(report))
    result = fulfill_order(
        request.actor,
        order_id_as_seen(request, reference),
        {match.unit.id: match.value for match in matches},
        only_valid=query.only_valid,
        dry_run=query.dry_run,
    )
    db.session.flush()
    response = response_models.ListFulfillmentResponse(
        order=serializers.order(result.order),
        written=result.written,
        matches=[
            response_models.ListMatchResponse(
                row=match.row,
                unit_id=match.unit.id,
                label=match.unit.label,
                identifier=match.identifier.value,
            )
            for match in matches
        ],
        questions=[
            f"{question.reason} ({', '.join(str(candidate.row) for candidate in question.candidates)})"
            for question in report.questions
            if not question.answer
        ],
        choices=serializers.list_choices(report),
        not_matched=_not_matched(report),
        units=serializers.outcomes(result),
        warnings=[*notes, *result.warnings],
    )
    return ApiResponse(response, headers={"ETag": etag(result.order)})


def _of_encoding(assumed: AssumedText) -> list[str]:
    """What is told of the encoding a list does not name, and how to state another one."""
    if not assumed.options:
        return [assumed.note] if assumed.note else []
    options = ", ".join(f"{value} ({label})" for value, label in assumed.options)
    return [f"{assumed.note} Where they are wrong, answer {assumed.name} with one of: {options}."]


def _not_matched(report: ListReport) -> list[str]:
    rows = (*report.duplicates, *report.unused, *report.aside)
    return [f"Row {unused.row}: {unused.reason}" for unused in rows]


def _nothing(report: ListReport) -> str:
    reasons = _not_matched(report)
    return " ".join(["Nothing of this list is for an open unit of the order.", *reasons[:3]])
