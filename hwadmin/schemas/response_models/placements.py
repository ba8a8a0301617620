"""Responses about distributors, and the results of a decision on several orders."""

from __future__ import annotations

from hwadmin.domain.lifecycle import OrderStatus
from hwadmin.schemas.response_models.base import Moment, Page, Reference, ResponseModel


class DistributorResponse(ResponseModel):
    """Who sells us the hardware."""

    id: int
    name: str
    email: str | None
    customer_number: str | None
    note: str | None
    expected_days: int | None
    archived: bool
    created_at: Moment


class DistributorPage(Page):
    """One page of distributors."""

    items: list[DistributorResponse]


class DecisionResultResponse(ResponseModel):
    """What became of one order: 200, or the status and the detail of the refusal it alone would have got."""

    reference: Reference
    done: bool
    status: int
    detail: str | None
    # The order as it is now, where it was decided on.
    order_status: OrderStatus | None
    version: int | None


class DecisionResults(ResponseModel):
    """What became of each order, in the order they were stated."""

    results: list[DecisionResultResponse]


class PlacingResponse(ResponseModel):
    """Who is placing an order, since when, and when that lapses."""

    name: str
    since: Moment
    until: Moment


class ClaimResponse(ResponseModel):
    """Whether somebody is placing an order just now."""

    reference: Reference
    placing: PlacingResponse | None
