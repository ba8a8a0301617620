"""Requests about people, platforms and the audit trail."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from hwadmin.domain.orders.waiting import MAX_DAYS
from hwadmin.domain.permissions import Role
from hwadmin.schemas.request_models.base import Day, Digits, OneLine, Paged, RequestModel, RowId

_Role = Annotated[Role, Field(strict=False)]
_Currency = Annotated[str, Field(pattern="^[A-Z]{3}$", examples=["EUR"])]


class NewPersonRequest(RequestModel):
    """Somebody who shall sign in."""

    name: OneLine = Field(min_length=1, max_length=200)
    email: OneLine = Field(min_length=1, max_length=254)
    role: _Role
    platform_ids: list[RowId] = Field([], max_length=500, description="Those they are given.")
    all_platforms: bool = Field(False, description="Of support: every platform.")


class PersonChanges(RequestModel):
    """What is different about somebody who signs in; what is left out stays."""

    name: OneLine | None = Field(None, min_length=1, max_length=200)
    email: OneLine | None = Field(None, min_length=1, max_length=254)
    role: _Role | None = None
    platform_ids: list[RowId] | None = Field(None, max_length=500)
    all_platforms: bool | None = None
    disabled: bool | None = Field(None, description="True: they can no longer sign in.")


class NewPlatformRequest(RequestModel):
    """A telecom platform."""

    name: OneLine = Field(min_length=1, max_length=120)
    currency: _Currency = "EUR"
    forbids_self_approval: bool = Field(False, description="Nobody may approve their own order.")


class DeadlineRule(RequestModel):
    """In how many days something is due, and which super-admin sees to it; null: any of them."""

    days: int = Field(ge=1, le=MAX_DAYS)
    owner_id: RowId | None = None


class Deadlines(RequestModel):
    """When what waits is due. What is left out stays, null makes it as usual."""

    manager: DeadlineRule | None = None
    decision: DeadlineRule | None = None
    placement: DeadlineRule | None = None
    delivery: DeadlineRule | None = None
    fulfillment: DeadlineRule | None = None


class PlatformChanges(RequestModel):
    """What is different about a platform; what is left out stays."""

    name: OneLine | None = Field(None, min_length=1, max_length=120)
    currency: _Currency | None = None
    forbids_self_approval: bool | None = None
    deadlines: Deadlines | None = None


class AuditQuery(Paged):
    """Which audit events."""

    kind: OneLine | None = Field(None, max_length=60, description="Such as order.approved.")
    platform: Digits | None = None
    order: OneLine | None = Field(None, max_length=30, description="An order's reference.")
    device: Digits | None = None
    since: Day | None = Field(None, description="A day, in UTC.")
    until: Day | None = Field(None, description="A day, in UTC, included.")
    request_id: OneLine | None = Field(None, max_length=36)
