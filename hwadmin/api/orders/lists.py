"""A list of identifiers for the units of an order."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hwadmin.api.calls import ApiRequest, ApiResponse, call
from hwadmin.api.lookups import get_order_or_404
from hwadmin.api.orders.orders import etag, order_id_as_seen
from hwadmin.db.extensions import db
from hwadmin.domain.permissions import Permission
from hwadmin.errors import InvalidInput
from hwadmin.operations.fulfillment.drafts import list_units
from hwadmin.operations.fulfillment.fulfillment import fulfill_order
from hwadmin.queries.fulfillment.list_facts import order_numbers
from hwadmin.queries.units.units import units_of
from hwadmin.schemas import request_models, response_models, serializers
from hwadmin.web.http.person_limits import read_upload

if TYPE_CHECKING:
    from hwadmin.list_import.matching.matching_report import ListReport
    from hwadmin.list_import.text_encodings.assumed_encoding import AssumedText


def _matches(request: ApiRequest, reference: str) -> tuple[list[str], ListReport]:
    """What is to be told of how the list was read, and what of it is whose.

    Raises:
        InvalidInput: it is no list, or leaves open what a column means.
    """
    # Loaded by the first list, and before the process that reads it is forked.
    from hwadmin.list_import.matching.unit_lists import read_unit_list

    order = get_order_or_404(request.actor, reference)
    known = [unit for unit in list_units(units_of(order.id)) if not unit.closed]
    numbers, data = order_numbers(request.actor, order), request.body
    query: request_models.FulfillListQuery = request.query

    read = read_upload(
        data,
        lambda: read_unit_list(
            data, known, numbers, reference, columns=query.column_meanings, answers=query.answers
        ),
    )
    if read.columns.unclear:
        raise InvalidInput.at(
            "columns",
            f"{' '.join(read.columns.unclear)} Give the columns headings,"
            " or say here what they mean, by number from 0.",
        )
    return [*_of_encoding(read.assumed), *filter(None, (read.columns.not_used,))], read.report


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
