"""Deciding on orders, and fulfilling them."""

from __future__ import annotations

from hwadmin.api import answers, asked, problems, represent
from hwadmin.api.calls import Asking, Reply, call
from hwadmin.api.finding import order_key
from hwadmin.api.orders import etag, expected_version, with_etag
from hwadmin.errors import FieldError, InvalidInput
from hwadmin.extensions import db
from hwadmin.operations import decisions
from hwadmin.operations.fulfillment import fulfill_order
from hwadmin.operations.fulfillment_check import FulfillmentReport
from hwadmin.permissions import Permission
from hwadmin.queries.units import units_of

_DECIDE = Permission.ORDERS_DECIDE


@call(
    "POST",
    "/orders/<reference>/approve",
    _DECIDE,
    answers.Order,
    "Decisions",
    body=asked.Nothing,
    order=True,
    conditional=True,
)
def approve(asking: Asking, reference: str) -> Reply:
    """Approve an order.

    It decides; nothing is ever ordered automatically.
    """
    key = order_key(reference)
    return with_etag(
        decisions.approve_order(asking.actor, key, expected_version=expected_version(asking, key))
    )


@call(
    "POST",
    "/orders/<reference>/mark-ordered",
    _DECIDE,
    answers.Order,
    "Decisions",
    body=asked.NewPlacement,
    order=True,
    conditional=True,
)
def mark_ordered(asking: Asking, reference: str) -> Reply:
    """Say that an order was already placed with the distributor; a pending order is approved by it."""
    key, said = order_key(reference), asking.body
    return with_etag(
        decisions.mark_ordered(
            asking.actor,
            key,
            distributor=said.distributor,
            distributor_reference=said.distributor_reference,
            ordered_on=said.ordered_on,
            expected_version=expected_version(asking, key),
        )
    )


@call(
    "POST",
    "/orders/<reference>/reject",
    _DECIDE,
    answers.Order,
    "Decisions",
    body=asked.Reason,
    body_needed=True,
    order=True,
    conditional=True,
)
def reject(asking: Asking, reference: str) -> Reply:
    """Reject an order for good, with a reason the platform will see."""
    key = order_key(reference)
    return with_etag(
        decisions.reject_order(
            asking.actor,
            key,
            reason=asking.body.reason,
            expected_version=expected_version(asking, key),
        )
    )


@call(
    "POST",
    "/orders/<reference>/cancel",
    Permission.ORDERS_CANCEL,
    answers.Order,
    "Decisions",
    body=asked.OptionalReason,
    order=True,
    conditional=True,
)
def cancel(asking: Asking, reference: str) -> Reply:
    """Take back an order of the platform's own that is still pending."""
    key = order_key(reference)
    return with_etag(
        decisions.cancel_order(
            asking.actor,
            key,
            reason=asking.body.reason,
            expected_version=expected_version(asking, key),
        )
    )


@call(
    "POST",
    "/orders/<reference>/reopen",
    _DECIDE,
    answers.Order,
    "Decisions",
    body=asked.Reason,
    body_needed=True,
    order=True,
    conditional=True,
)
def reopen(asking: Asking, reference: str) -> Reply:
    """Put an approved order back to pending, so that it can be corrected; not once a unit has a device."""
    key = order_key(reference)
    return with_etag(
        decisions.reopen_order(
            asking.actor,
            key,
            reason=asking.body.reason,
            expected_version=expected_version(asking, key),
        )
    )


@call(
    "POST",
    "/orders/<reference>/fulfill",
    Permission.ORDERS_FULFILL,
    answers.Fulfillment,
    "Fulfillment",
    query=asked.FulfillQuery,
    body=asked.Identifiers,
    order=True,
    conditional=True,
    other_answers={422: answers.RefusedFulfillment},
    # A check writes nothing, so there is nothing to protect, and its key is free for the real thing.
    deed=lambda asking: not asking.query.dry_run,
)
def fulfill(asking: Asking, reference: str) -> Reply:
    """Enter the identifiers of an approved order's units; each becomes a device, or is linked to one.

    With any refused unit nothing is written, unless only_valid says to write the others.
    A unit that has a device is skipped, so sending the same again does nothing.
    """
    key = order_key(reference)
    query: asked.FulfillQuery = asking.query
    report = fulfill_order(
        asking.actor,
        key,
        _identifiers(asking.body),
        only_valid=query.only_valid,
        dry_run=query.dry_run,
        expected_version=expected_version(asking, key),
    )
    db.session.flush()
    headers = {"ETag": etag(report.order)}
    if report.refused and not query.only_valid:
        return Reply(_refused(report, asking.body), 422, headers)
    return Reply(
        answers.Fulfillment(
            order=represent.order(report.order, units_of(report.order.id)),
            written=report.written,
            units=represent.outcomes(report),
            warnings=list(report.warnings),
        ),
        headers=headers,
    )


def _identifiers(body: asked.Identifiers) -> dict[int, str]:
    """What was typed, by unit.

    Raises:
        InvalidInput: one unit is stated twice.
    """
    typed: dict[int, str] = {}
    twice = []
    for place, one in enumerate(body.units):
        if one.unit_id in typed:
            twice.append(FieldError(f"units.{place}.unit_id", "This unit is stated twice."))
        typed[one.unit_id] = one.identifier or ""
    if twice:
        raise InvalidInput(twice)
    return typed


def _refused(report: FulfillmentReport, body: asked.Identifiers) -> answers.RefusedFulfillment:
    """A problem document that also tells every unit's outcome."""
    places = {one.unit_id: place for place, one in enumerate(body.units)}
    kind = problems.KINDS["invalid-input"]
    refused = report.refused
    return answers.RefusedFulfillment(
        type=kind.type,
        title=kind.title,
        status=422,
        detail=f"{len(refused)} of the identifiers cannot be taken. Nothing was written.",
        errors=[
            answers.FieldProblem(field=f"units.{places[row.unit_id]}.identifier", message=row.message)
            for row in refused
        ],
        order=represent.order(report.order, units_of(report.order.id)),
        written=False,
        units=represent.outcomes(report),
        warnings=list(report.warnings),
    )
