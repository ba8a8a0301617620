"""“I am placing this”: who is placing an order just now; a platform never learns of it."""

from __future__ import annotations

from datetime import timedelta

from flask import current_app

from hwadmin.api.calls import ApiRequest, call
from hwadmin.api.lookups import get_order_or_404, order_id_or_404
from hwadmin.api.orders.orders import expected_version
from hwadmin.config import Settings
from hwadmin.domain.permissions import Permission
from hwadmin.models import OrderClaim
from hwadmin.operations.orders import claims
from hwadmin.queries.orders.waiting.claims import claims_of
from hwadmin.schemas import request_models, response_models

_CLAIM = "/orders/<reference>/claim"


@call("GET", _CLAIM, Permission.NOTES_READ, response_models.ClaimResponse, "Orders")
def show_claim(request: ApiRequest, reference: str) -> response_models.ClaimResponse:
    """Show who is placing an order; nobody is where placing is null."""
    order = get_order_or_404(request.actor, reference)
    claim = claims_of(request.actor, [order.id] if order.facts.to_be_placed else []).get(order.id)
    return _shown(reference, claim)


@call(
    "POST",
    _CLAIM,
    Permission.ORDERS_DECIDE,
    response_models.ClaimResponse,
    "Orders",
    body=request_models.Nothing,
    conditional=True,
    conflicts=True,
)
def claim_order(request: ApiRequest, reference: str) -> response_models.ClaimResponse:
    """Tell the others that you are placing an order. It lapses by itself; the same again extends it.

    It keeps nobody from placing the order. Who is placing what somebody else places already is refused.
    """
    settings: Settings = current_app.config["HWADMIN"]
    order_id = order_id_or_404(reference)
    claim = claims.claim_order(
        request.actor,
        order_id,
        lasting=timedelta(minutes=settings.claim_minutes),
        expected_version=expected_version(request, order_id),
    )
    return _shown(reference, claim)


@call(
    "DELETE",
    _CLAIM,
    Permission.ORDERS_DECIDE,
    response_models.ClaimResponse,
    "Orders",
    conditional=True,
    conflicts=True,
)
def release_claim(request: ApiRequest, reference: str) -> response_models.ClaimResponse:
    """Say that one is not placing an order any more."""
    order_id = order_id_or_404(reference)
    claims.release_claim(request.actor, order_id, expected_version=expected_version(request, order_id))
    return _shown(reference, None)


def _shown(reference: str, claim: OrderClaim | None) -> response_models.ClaimResponse:
    return response_models.ClaimResponse(
        reference=reference,
        placing=response_models.PlacingResponse(
            name=claim.person_name, since=claim.claimed_at, until=claim.lapses_at
        )
        if claim
        else None,
    )
