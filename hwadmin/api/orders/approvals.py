"""The account's manager: asking once more, and deciding without an answer."""

from __future__ import annotations

from hwadmin.api.calls import ApiRequest, ApiResponse, call
from hwadmin.api.lookups import get_order_or_404, order_id_or_404
from hwadmin.api.orders.orders import expected_version, order_id_as_seen, with_etag
from hwadmin.domain.permissions import Permission
from hwadmin.operations.orders.approvals.answers import override_manager
from hwadmin.operations.orders.approvals.requests import resend_request
from hwadmin.schemas import request_models, response_models


@call(
    "POST",
    "/orders/<reference>/ask-manager",
    Permission.ORDERS_ASK,
    response_models.OrderResponse,
    "Decisions",
    body=request_models.Nothing,
    order=True,
    conditional=True,
)
def ask_manager(request: ApiRequest, reference: str) -> ApiResponse:
    """Send the account's manager a new link to answer by; the earlier one ends.

    Called twice within a minute, the link stays the same.
    """
    resend_request(request.actor, order_id_as_seen(request, reference))
    return with_etag(get_order_or_404(request.actor, reference))


@call(
    "POST",
    "/orders/<reference>/override",
    Permission.ORDERS_DECIDE,
    response_models.OrderResponse,
    "Decisions",
    body=request_models.Reason,
    body_required=True,
    order=True,
    conditional=True,
)
def override(request: ApiRequest, reference: str) -> ApiResponse:
    """Decide that an order need not wait for its manager, with a reason."""
    reason: request_models.Reason = request.body
    order_id = order_id_or_404(reference)
    expected = expected_version(request, order_id)
    return with_etag(
        override_manager(request.actor, order_id, reason=reason.reason, expected_version=expected)
    )
