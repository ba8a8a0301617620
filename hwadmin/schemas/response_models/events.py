"""Responses about what happened."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from hwadmin.schemas.response_models.accounts import EmployeeResponse
from hwadmin.schemas.response_models.base import Moment, Page, ResponseModel
from hwadmin.schemas.response_models.devices import DeviceResponse
from hwadmin.schemas.response_models.orders import OrderResponse


class FeedItemResponse(ResponseModel):
    """One thing that happened, and the order, device or employee it happened to, as a webhook carries it."""

    id: Annotated[str, Field(description="Its place in the feed.")]
    type: str
    timestamp: Moment
    data: OrderResponse | DeviceResponse | EmployeeResponse


class FeedPage(Page):
    """One page of the feed, oldest first."""

    items: list[FeedItemResponse]
    last: Annotated[str, Field(description="Up to where this page goes: pass it as after the next time.")]
