"""Responses about the audit trail."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field

from hwadmin.schemas.response_models.base import (
    Moment,
    NamedResponse,
    Page,
    Reference,
    ResponseModel,
    SomebodyResponse,
)


class AuditEventResponse(ResponseModel):
    """Who did what, when and why, by the names things had then."""

    id: int
    at: Moment
    kind: str
    actor: SomebodyResponse
    platform: NamedResponse | None
    account: NamedResponse | None
    order_reference: Reference | None
    device_id: int | None
    summary: str
    reason: str | None
    details: dict[str, Any]
    request_id: Annotated[str | None, Field(description="All events of one request share it.")]


class AuditEventPage(Page):
    """One page of audit events, newest first."""

    items: list[AuditEventResponse]
