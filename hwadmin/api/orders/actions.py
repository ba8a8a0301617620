"""Deciding on orders, and fulfilling them."""

from __future__ import annotations

from collections.abc import Callable

from hwadmin.api import problems
from hwadmin.api.calls import ApiRequest, ApiResponse, call
from hwadmin.api.lookups import order_id_or_404
from hwadmin.api.orders.orders import etag, expected_version, with_etag
from hwadmin.db.extensions import db
from hwadmin.domain.permissions import Permission
from hwadmin.errors import FieldError, InvalidInput
from hwadmin.models import HardwareOrder
from hwadmin.operations.fulfillment.fulfillment import fulfill_order
from hwadmin.operations.fulfillment.report import FulfillmentReport
from hwadmin.operations.orders import decisions
from hwadmin.schemas import problem_models, request_models, response_models, serializers


def _declare_decision(
    name: str,
    operation: Callable[..., HardwareOrder],
    body: type[request_models.RequestModel],
    summary: str,
    *,
    permission: Permission = Permission.ORDERS_DECIDE,
) -> None:
    """Declare the call for a decision; the fields of its body are arguments of the operation.

    Args:
        name: the name of the call; its path ends with it.
        operation: what it does to the order.
        body: the model of the body. It may be left out where no field is required.
        summary: the call's summary in the docs, and its description after an empty line.
        permission: what the token's owner needs.
    """

    def decide(request: ApiRequest, reference: str) -> ApiResponse:
        order_id = order_id_or_404(reference)
        arguments = request.body.model_dump()
        expected = expected_version(request, order_id)
        return with_etag(operation(request.actor, order_id, **arguments, expected_version=expected))

    decide.__name__, decide.__doc__ = name, summary
    call(
        "POST",
        f"/orders/<reference>/{name.replace('_', '-')}",
        permission,
        response_models.OrderResponse,
        "Decisions",
        body=body,
        body_required=any(field.is_required() for field in body.model_fields.values()),
        order=True,
        conditional=True,
    )(decide)


_declare_decision(
    "approve",
    decisions.approve_order,
    request_models.Nothing,
    "Approve an order.\n\nIt decides; nothing is ever ordered automatically.",
)
_declare_decision(
    "mark_ordered",
    decisions.mark_ordered,
    request_models.NewPlacementRequest,
    "Say that an order was already placed with the distributor; a pending order is approved by it.",
)
_declare_decision(
    "reject",
    decisions.reject_order,
    request_models.Reason,
    "Reject an order for good, with a reason the platform will see.",
)
_declare_decision(
    "cancel",
    decisions.cancel_order,
    request_models.OptionalReason,
    "Take back an order of the platform's own that is still pending.",
    permission=Permission.ORDERS_CANCEL,
)
_declare_decision(
    "reopen",
    decisions.reopen_order,
    request_models.Reason,
    "Put an approved order back to pending, so that it can be corrected; not once a unit has a device.",
)


@call(
    "POST",
    "/orders/<reference>/fulfill",
    Permission.ORDERS_FULFILL,
    response_models.FulfillmentResponse,
    "Fulfillment",
    query=request_models.FulfillQuery,
    body=request_models.Identifiers,
    order=True,
    conditional=True,
    other_responses={422: problem_models.RefusedFulfillment},
)
def fulfill(request: ApiRequest, reference: str) -> ApiResponse:
    """Enter the identifiers of an approved order's units; each becomes a device, or is linked to one.

    With any refused unit nothing is written, unless only_valid says to write the others.
    A unit that has a device is skipped, so sending the same again does nothing.
    """
    order_id = order_id_or_404(reference)
    query: request_models.FulfillQuery = request.query
    report = fulfill_order(
        request.actor,
        order_id,
        _identifiers(request.body),
        only_valid=query.only_valid,
        dry_run=query.dry_run,
        expected_version=expected_version(request, order_id),
    )
    db.session.flush()
    headers = {"ETag": etag(report.order)}
    if report.refused and not query.only_valid:
        return ApiResponse(_refused(report, request.body), 422, headers)
    return ApiResponse(
        response_models.FulfillmentResponse(
            order=serializers.order(report.order),
            written=report.written,
            units=serializers.outcomes(report),
            warnings=list(report.warnings),
        ),
        headers=headers,
    )


def _identifiers(body: request_models.Identifiers) -> dict[int, str]:
    """The entered identifiers by unit.

    Raises:
        InvalidInput: one unit is stated twice.
    """
    identifiers: dict[int, str] = {}
    errors = []
    for index, unit in enumerate(body.units):
        if unit.unit_id in identifiers:
            errors.append(FieldError(f"units.{index}.unit_id", "This unit is stated twice."))
        identifiers[unit.unit_id] = unit.identifier or ""
    if errors:
        raise InvalidInput(errors)
    return identifiers


def _refused(
    report: FulfillmentReport, body: request_models.Identifiers
) -> problem_models.RefusedFulfillment:
    """A problem document that also tells every unit's outcome."""
    indexes = {unit.unit_id: index for index, unit in enumerate(body.units)}
    kind = problems.KINDS["invalid-input"]
    refused = report.refused
    return problem_models.RefusedFulfillment(
        type=kind.type,
        title=kind.title,
        status=422,
        detail=f"{len(refused)} of the identifiers cannot be taken. Nothing was written.",
        errors=[
            problem_models.FieldProblem(field=f"units.{indexes[row.unit_id]}.identifier", message=row.message)
            for row in refused
        ],
        order=serializers.order(report.order),
        written=False,
        units=serializers.outcomes(report),
        warnings=list(report.warnings),
    )
