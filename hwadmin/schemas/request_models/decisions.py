"""Requests that decide on orders and fulfill them."""

from __future__ import annotations

from pydantic import Field

from hwadmin.schemas.request_models.base import Day, Flag, Lines, OneLine, Query, RequestModel, RowId


class NewPlacementRequest(RequestModel):
    """What is known of the order at the distributor."""

    distributor: OneLine | None = Field(None, max_length=120)
    distributor_reference: OneLine | None = Field(None, max_length=120)
    ordered_on: Day | None = None


class Reason(RequestModel):
    """Why, in words the platform will read."""

    reason: Lines = Field(min_length=1, max_length=2000, examples=["Ordered twice."])


class OptionalReason(RequestModel):
    """Why, where there is something to say."""

    reason: Lines | None = Field(None, max_length=2000)


class ClosedUnits(RequestModel):
    """Units that will not come, and why."""

    unit_ids: list[RowId] = Field(min_length=1, max_length=5000)
    reason: Lines = Field(min_length=1, max_length=2000)


class UnitIdentifier(RequestModel):
    """The identifier of a unit, in any writing; blank or null where it has not come yet."""

    unit_id: RowId
    identifier: OneLine | None = Field(max_length=200)


class Identifiers(RequestModel):
    """Identifiers by unit; a unit not stated is left alone. Accessories need none."""

    units: list[UnitIdentifier] = Field([], max_length=5000)


class FulfillQuery(Query):
    """How to fulfill."""

    dry_run: Flag = Field(False, description="Check only; nothing is written.")
    only_valid: Flag = Field(False, description="Write the right units even where others are refused.")
