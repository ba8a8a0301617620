"""Requests about what happened."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from hwadmin.domain.event_kinds import EventType
from hwadmin.schemas.request_models.base import OneLine, Paged

WebhookEvent = StrEnum("WebhookEvent", {kind.name: kind.value for kind in EventType})  # type: ignore[misc]
# What a webhook subscribes to; the star is everything.
SubscribedEvent = StrEnum(  # type: ignore[misc]
    "SubscribedEvent", {"EVERYTHING": "*"} | {kind.name: kind.value for kind in EventType}
)


class FeedQuery(Paged):
    """Which part of the feed."""

    after: OneLine | None = Field(
        None, min_length=1, max_length=60, description="The last of the former page, or an item's id."
    )
    type: Annotated[WebhookEvent, Field(strict=False)] | None = Field(None, description="Only these events.")
