"""Webhooks: the addresses of a platform's own programs, which are told what happens."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any

from flask import current_app
from pydantic import Field

from hwadmin.api.accounts import platform_id_for
from hwadmin.api.answers import Answer, Moment, Named, Page
from hwadmin.api.asked import Asked, OneLine, Paged, RowId
from hwadmin.api.calls import Asking, call
from hwadmin.api.finding import row_key
from hwadmin.api.paging import cursor_after, key_of, one_page
from hwadmin.config import Settings
from hwadmin.destinations import MOST_CHARACTERS
from hwadmin.errors import NotFound
from hwadmin.models import WebhookEndpoint
from hwadmin.operations import webhooks
from hwadmin.operations.announcements import TYPES
from hwadmin.permissions import Permission
from hwadmin.queries.outgoing import webhooks_of

_OWN = Permission.WEBHOOKS_OWN
_TAG = "Webhooks"

WebhookEvent = StrEnum("WebhookEvent", {kind.replace(".", "_").upper(): kind for kind in TYPES})  # type: ignore[misc]


class NewWebhook(Asked):
    """An address to be told what happens."""

    url: OneLine = Field(
        min_length=1,
        max_length=MOST_CHARACTERS,
        description="https, on the public Internet. Redirects are not followed.",
        examples=["https://example.com/hooks/hwadmin"],
    )
    event_types: Annotated[list[Annotated[WebhookEvent, Field(strict=False)]], Field(min_length=1)] | None = (
        Field(None, max_length=len(TYPES), description="What it is told of; null: everything.")
    )
    description: OneLine | None = Field(None, max_length=200)
    platform_id: RowId | None = Field(None, description="Needed where the token is given several platforms.")


class Webhook(Answer):
    """An address that is told what happens. While it is disabled, it is told nothing."""

    id: int
    platform: Named
    url: str
    event_types: list[WebhookEvent] | None
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


@call("GET", "/webhooks", _OWN, WebhookPage, _TAG, query=Paged)
def list_webhooks(asking: Asking) -> WebhookPage:
    """List the webhooks of the platforms the token is given."""
    limit = asking.query.limit
    after = key_of("webhooks", asking.query.cursor) or 0
    rows, more = one_page(webhooks_of(asking.actor, after=after, limit=limit + 1), limit)
    return WebhookPage(
        items=[Webhook(**_fields(row)) for row in rows],
        next_cursor=cursor_after("webhooks", rows[-1].id) if more else None,
    )


@call(
    "POST",
    "/webhooks",
    _OWN,
    MadeWebhook,
    _TAG,
    body=NewWebhook,
    body_needed=True,
    status=201,
    names_rows=True,
    conflicts=True,
)
def create_webhook(asking: Asking) -> MadeWebhook:
    """Have an address told what happens, signed as Standard Webhooks says.

    The secret is in this answer and in no other.
    """
    new: NewWebhook = asking.body
    settings: Settings = current_app.config["HWADMIN"]
    endpoint, secret = webhooks.create_webhook(
        asking.actor,
        platform_id_for(asking.actor, new.platform_id),
        url=new.url,
        event_types=new.event_types,
        description=new.description,
        allow_loopback=settings.webhook_loopback,
    )
    return MadeWebhook(**_fields(endpoint), secret=secret)


@call("DELETE", "/webhooks/<webhook_id>", _OWN, Webhook, _TAG)
def delete_webhook(asking: Asking, webhook_id: str) -> Webhook:
    """Tell an address nothing more, and forget its secret."""
    key = row_key(webhook_id)
    if not key:
        raise NotFound("There is no such webhook.")
    return Webhook(**_fields(webhooks.delete_webhook(asking.actor, key)))


def _fields(row: WebhookEndpoint) -> dict[str, Any]:
    return {
        "id": row.id,
        "platform": Named(id=row.platform.id, name=row.platform.name),
        "url": row.url,
        "event_types": [WebhookEvent(kind) for kind in row.event_types] if row.event_types else None,
        "description": row.description,
        "disabled_at": row.disabled_at,
        "disabled_reason": row.disabled_reason,
        "created_at": row.created_at,
    }
