"""Webhooks: the addresses of a platform's own programs, which get the events."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

from flask import current_app
from pydantic import Field

from hwadmin.api.calls import ApiRequest, call
from hwadmin.api.changes import changed, platform_id_for
from hwadmin.api.lookups import row_id
from hwadmin.api.paging import each, last_id_of, page_of
from hwadmin.config import Settings
from hwadmin.domain.event_kinds import EventType
from hwadmin.domain.permissions import Permission
from hwadmin.domain.webhook_urls import MOST_CHARACTERS
from hwadmin.errors import NotFound
from hwadmin.models import WebhookEndpoint
from hwadmin.operations.outgoing import webhooks
from hwadmin.queries.outgoing.messages import webhooks_of
from hwadmin.schemas.request_models import ChangedSince, Nothing, OneLine, RequestModel, RowId
from hwadmin.schemas.request_models.outgoing import SubscribedEvent
from hwadmin.schemas.response_models import Moment, NamedResponse, Page, ResponseModel

_OWN = Permission.WEBHOOKS_OWN
_TAG = "Webhooks"


Subscription = Annotated[
    list[Annotated[SubscribedEvent, Field(strict=False)]],
    Field(min_length=1, max_length=len(EventType) + 1),
]


class NewWebhook(RequestModel):
    """A webhook to create: the address that receives messages, and about what."""

    url: OneLine = Field(
        min_length=1,
        max_length=MOST_CHARACTERS,
        description="https, on the public Internet. Redirects are not followed.",
        examples=["https://example.com/hooks/hwadmin"],
    )
    event_types: Subscription | None = Field(
        None, description="The events it receives; null or *: everything."
    )
    description: OneLine | None = Field(None, max_length=200)
    platform_id: RowId | None = Field(None, description="Needed where the token is given several platforms.")


class WebhookChanges(RequestModel):
    """What is different about a webhook; what is left out stays."""

    url: OneLine | None = Field(None, min_length=1, max_length=MOST_CHARACTERS)
    event_types: Subscription | None = Field(
        None, description="The events it receives; null or *: everything."
    )
    description: OneLine | None = Field(None, max_length=200)
    enabled: bool | None = Field(
        None, description="False: it receives nothing more; true: it receives events again."
    )


class Webhook(ResponseModel):
    """An address that receives messages about what happens. While it is disabled, it receives none."""

    id: int
    platform: NamedResponse
    url: str
    event_types: list[SubscribedEvent] = Field(description="The events it receives; *: everything.")
    description: str
    disabled_at: Moment | None
    disabled_reason: str | None
    created_at: Moment


class MadeWebhook(Webhook):
    """A webhook that was made just now, with the secret its messages are signed with, shown this once."""

    secret: str


class WebhookPage(Page):
    """One page of webhooks, oldest first."""

    items: list[Webhook]


@call("GET", "/webhooks", _OWN, WebhookPage, _TAG, query=ChangedSince)
def list_webhooks(request: ApiRequest) -> WebhookPage:
    """List the webhooks of the platforms the token is given; those that were deleted are not listed."""
    limit = request.query.limit
    after = last_id_of("webhooks", request.query.cursor) or 0
    conditions = changed(request.query, WebhookEndpoint)
    rows = webhooks_of(request.actor, *conditions, after=after, limit=limit + 1)
    return page_of(WebhookPage, "webhooks", rows, limit, each(lambda row: Webhook(**_fields(row))))


@call(
    "POST",
    "/webhooks",
    _OWN,
    MadeWebhook,
    _TAG,
    body=NewWebhook,
    body_required=True,
    status=201,
    names_rows=True,
    conflicts=True,
)
def create_webhook(request: ApiRequest) -> MadeWebhook:
    """Create a webhook: an address that receives messages, signed as Standard Webhooks says.

    The response has the secret, which is never shown again.
    """
    new: NewWebhook = request.body
    settings: Settings = current_app.config["HWADMIN"]
    endpoint, secret = webhooks.create_webhook(
        request.actor,
        platform_id_for(request.actor, new.platform_id),
        url=new.url,
        event_types=_event_types(new.event_types),
        description=new.description,
        allow_loopback=settings.webhook_loopback,
    )
    return MadeWebhook(**_fields(endpoint), secret=secret)


@call("DELETE", "/webhooks/<webhook_id>", _OWN, Webhook, _TAG)
def delete_webhook(request: ApiRequest, webhook_id: str) -> Webhook:
    """Delete a webhook and its secret."""
    return Webhook(**_fields(webhooks.delete_webhook(request.actor, row_id(webhook_id))))


@call("PATCH", "/webhooks/<webhook_id>", _OWN, Webhook, _TAG, body=WebhookChanges)
def change_webhook(request: ApiRequest, webhook_id: str) -> Webhook:
    """Change a webhook's address, its types of events or its description; disable or enable it.

    Messages that wait for it go to the new address.
    """
    changes: WebhookChanges = request.body
    settings: Settings = current_app.config["HWADMIN"]
    row = _webhook_or_404(request, webhook_id)
    stated = changes.model_fields_set
    event_types = _event_types(changes.event_types) if "event_types" in stated else row.event_types
    endpoint = webhooks.change_webhook(
        request.actor,
        row.id,
        url=changes.url or row.url,
        event_types=event_types,
        description=changes.description if "description" in stated else row.description,
        allow_loopback=settings.webhook_loopback,
    )
    if changes.enabled and endpoint.disabled_at is not None:
        endpoint = webhooks.enable_webhook(request.actor, endpoint.id)
    if changes.enabled is False:
        webhooks.disable_webhook(request.actor, endpoint, f"{request.actor.name} disabled it.")
    return Webhook(**_fields(endpoint))


@call("POST", "/webhooks/<webhook_id>/rotate", _OWN, MadeWebhook, _TAG, body=Nothing, needs_proof=True)
def rotate(request: ApiRequest, webhook_id: str) -> MadeWebhook:
    """Give a webhook a new secret, never shown again; for a day the former one signs messages, too."""
    endpoint, secret = webhooks.rotate_secret(request.actor, row_id(webhook_id))
    return MadeWebhook(**_fields(endpoint), secret=secret)


def _webhook_or_404(request: ApiRequest, webhook_id: str) -> WebhookEndpoint:
    rows = webhooks_of(request.actor, WebhookEndpoint.id == row_id(webhook_id))
    if not rows:
        raise NotFound("There is no such webhook.")
    return rows[0]


def _event_types(stated: Sequence[str] | None) -> list[str] | None:
    """What is subscribed to; None is everything."""
    return None if stated is None or "*" in stated else list(stated)


def _fields(row: WebhookEndpoint) -> dict[str, Any]:
    return {
        "id": row.id,
        "platform": NamedResponse(id=row.platform.id, name=row.platform.name),
        "url": row.url,
        "event_types": [SubscribedEvent(kind) for kind in row.event_types or ["*"]],
        "description": row.description,
        "disabled_at": row.disabled_at,
        "disabled_reason": row.disabled_reason,
        "created_at": row.created_at,
    }
