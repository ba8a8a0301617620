"""What was sent to a webhook, and sending it again."""

from __future__ import annotations

import json
from typing import Any, Literal

from hwadmin.api.calls import ApiRequest, call
from hwadmin.api.lookups import row_id
from hwadmin.api.paging import each, last_id_of, page_of
from hwadmin.db.extensions import db
from hwadmin.domain.permissions import Permission
from hwadmin.errors import NotFound
from hwadmin.models import OutgoingMessage, WebhookEndpoint
from hwadmin.operations.outgoing import webhooks
from hwadmin.operations.outgoing.messages import replay_message
from hwadmin.queries.outgoing.messages import MessageFilter, message, messages, webhooks_of
from hwadmin.schemas.request_models import Nothing, Paged
from hwadmin.schemas.response_models import Moment, Page, ResponseModel

_OWN = Permission.WEBHOOKS_OWN
_ONE = "/webhooks/<webhook_id>"


class AttemptResponse(ResponseModel):
    """One attempt to deliver a message."""

    at: Moment
    milliseconds: int
    status: int | None
    error: str | None


class DeliveryResponse(ResponseModel):
    """A message to a webhook, and how its delivery went."""

    id: int
    webhook_id: str
    type: str
    state: Literal["waiting", "delivered", "failed"]
    created_at: Moment
    next_at: Moment | None
    delivered_at: Moment | None
    failed_at: Moment | None
    last_error: str | None
    attempts: list[AttemptResponse]
    payload: dict[str, Any]


class DeliveryPage(Page):
    """One page of deliveries, newest first."""

    items: list[DeliveryResponse]


@call("GET", f"{_ONE}/deliveries", _OWN, DeliveryPage, "Webhooks", query=Paged)
def list_deliveries(request: ApiRequest, webhook_id: str) -> DeliveryPage:
    """List what was sent to a webhook, newest first, with every attempt."""
    endpoint = _endpoint_or_404(request, webhook_id)
    before, limit = last_id_of("deliveries", request.query.cursor), request.query.limit
    rows, _ = messages(request.actor, MessageFilter(endpoint_id=endpoint.id), before=before, size=limit + 1)
    return page_of(DeliveryPage, "deliveries", rows, limit, each(_delivery))


@call("POST", f"{_ONE}/ping", _OWN, DeliveryResponse, "Webhooks", body=Nothing, status=201, conflicts=True)
def ping(request: ApiRequest, webhook_id: str) -> DeliveryResponse:
    """Send a webhook a test message without content."""
    sent = webhooks.ping_webhook(request.actor, row_id(webhook_id))
    db.session.flush()
    return _delivery(sent)


@call(
    "POST",
    f"{_ONE}/deliveries/<delivery_id>/replay",
    _OWN,
    DeliveryResponse,
    "Webhooks",
    body=Nothing,
    conflicts=True,
)
def replay(request: ApiRequest, webhook_id: str, delivery_id: str) -> DeliveryResponse:
    """Send a message once more, the very same one; the receiver knows it by its webhook-id."""
    endpoint = _endpoint_or_404(request, webhook_id)
    sent = message(request.actor, row_id(delivery_id))
    if sent is None or sent.endpoint_id != endpoint.id:
        raise NotFound("There is no such delivery.")
    return _delivery(replay_message(request.actor, sent.id))


def _endpoint_or_404(request: ApiRequest, webhook_id: str) -> WebhookEndpoint:
    rows = webhooks_of(request.actor, WebhookEndpoint.id == row_id(webhook_id))
    if not rows:
        raise NotFound("There is no such webhook.")
    return rows[0]


def _delivery(row: OutgoingMessage) -> DeliveryResponse:
    return DeliveryResponse(
        id=row.id,
        webhook_id=row.uid,
        type=row.type,
        state=row.state,  # type: ignore[arg-type]
        created_at=row.created_at,
        next_at=row.next_at,
        delivered_at=row.delivered_at,
        failed_at=row.failed_at,
        last_error=row.last_error,
        attempts=[
            AttemptResponse(
                at=attempt.at, milliseconds=attempt.milliseconds, status=attempt.answer, error=attempt.error
            )
            for attempt in row.tries
        ],
        payload=json.loads(row.payload),
    )
