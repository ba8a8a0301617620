"""Placements with distributors, and one decision on several orders."""

from __future__ import annotations

from decimal import Decimal

from flask import current_app, g

from hwadmin.api.calls import ApiRequest, ApiResponse, call
from hwadmin.api.lookups import order_id_or_404
from hwadmin.api.orders.orders import expected_version, with_etag
from hwadmin.api.problems import status_of
from hwadmin.config import Settings
from hwadmin.db.unit_of_work import transact
from hwadmin.domain.lifecycle import OrderAction
from hwadmin.domain.permissions import Permission
from hwadmin.operations.orders.bulk_decisions import ChosenOrder, DecisionDetails, decide_many
from hwadmin.operations.orders.placements import correct_placement
from hwadmin.operations.orders.sending import send_order
from hwadmin.schemas import request_models, response_models, serializers


@call(
    "PATCH",
    "/orders/<reference>/placement",
    Permission.ORDERS_DECIDE,
    response_models.OrderResponse,
    "Decisions",
    body=request_models.PlacementChange,
    body_required=True,
    order=True,
    conditional=True,
)
def patch_placement(request: ApiRequest, reference: str) -> ApiResponse:
    """Correct what was recorded of a placement, as long as the order is approved or fulfilled."""
    order_id = order_id_or_404(reference)
    return with_etag(
        correct_placement(
            request.actor,
            order_id,
            request.body.model_dump(exclude_unset=True),
            expected_version=expected_version(request, order_id),
        )
    )


@call(
    "POST",
    "/orders/<reference>/send",
    Permission.ORDERS_DECIDE,
    response_models.OrderResponse,
    "Decisions",
    body=request_models.ReceivingDistributor,
    body_required=True,
    order=True,
    conditional=True,
)
def send(request: ApiRequest, reference: str) -> ApiResponse:
    """Send an approved order to a distributor by mail, with its purchase order as PDF and CSV.

    The placement is recorded as sent. It is sent once: asked for again, the order says that it was. Above the
    amount at which people prove again who they are, only a token that was made for any amount may send (403).
    """
    order_id = order_id_or_404(reference)
    return with_etag(
        send_order(
            request.actor,
            order_id,
            distributor=request.body.distributor,
            buyer=_buyer(),
            most=_most(),
            expected_version=expected_version(request, order_id),
        )
    )


def _buyer() -> str:
    settings: Settings = current_app.config["HWADMIN"]
    return settings.buyer


def _most() -> Decimal | None:
    """What an order may cost that this token sends; None: whatever it costs."""
    settings: Settings = current_app.config["HWADMIN"]
    if not settings.send_proof_above or g.token_sends_any_amount:
        return None
    return Decimal(settings.send_proof_above)


@call(
    "POST",
    "/orders/decisions",
    Permission.ORDERS_DECIDE,
    response_models.DecisionResults,
    "Decisions",
    body=request_models.BulkDecision,
    body_required=True,
    conflicts=True,
    in_parts=True,
)
def decide_on_orders(request: ApiRequest) -> response_models.DecisionResults:
    """Make one decision on several orders; a refused one does not keep the others from it.

    Each order is decided on by itself and committed by itself. An order that was decided on before says so.
    """
    body: request_models.BulkDecision = request.body
    results = decide_many(
        request.actor,
        OrderAction(body.action.replace("-", "_")),
        [ChosenOrder(order_id_or_404(order.reference), order.version) for order in body.orders],
        details=DecisionDetails(
            reason=body.reason,
            buyer=_buyer(),
            most=_most(),
            **(body.placement.model_dump() if body.placement is not None else {}),
        ),
        run_each=transact,
    )
    return response_models.DecisionResults(
        results=[
            serializers.decision_result(result, status_of(result.refusal) if result.refusal else 200)
            for result in results
        ]
    )
