"""Requests about distributors, placements and decisions on several orders."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from hwadmin.schemas.request_models.base import ChangedSince, Day, Flag, Lines, OneLine, RequestModel
from hwadmin.schemas.request_models.decisions import NewPlacementRequest


class PlacementChange(RequestModel):
    """What is corrected of a placement; what is left out stays as it is, null clears it."""

    distributor: OneLine | None = Field(None, max_length=120)
    distributor_reference: OneLine | None = Field(None, max_length=120)
    ordered_on: Day | None = None


class ReceivingDistributor(RequestModel):
    """To which distributor an order is sent."""

    distributor: OneLine = Field(
        min_length=1, max_length=120, description="The name of one with an e-mail address."
    )


class NewDistributorRequest(RequestModel):
    """Who sells us the hardware."""

    name: OneLine = Field(min_length=1, max_length=120, examples=["Voxport"])
    email: OneLine | None = Field(None, max_length=254, description="Where orders are sent.")
    customer_number: OneLine | None = Field(None, max_length=60, description="Ours, with them.")
    note: Lines | None = Field(None, max_length=2000)
    expected_days: Annotated[int, Field(ge=1, le=365)] | None = Field(
        None, description="Within how many days an order usually arrives."
    )


class DistributorChange(RequestModel):
    """What is changed of a distributor; what is left out stays as it is."""

    name: OneLine = Field("", min_length=1, max_length=120)
    email: OneLine | None = Field(None, max_length=254)
    customer_number: OneLine | None = Field(None, max_length=60)
    note: Lines | None = Field(None, max_length=2000)
    expected_days: Annotated[int, Field(ge=1, le=365)] | None = None
    archived: bool = False


class DistributorQuery(ChangedSince):
    """Which distributors."""

    archived: Flag = Field(False, description="The archived ones too.")


class ChosenOrderRequest(RequestModel):
    """An order, and the version it was seen at; without one any will do."""

    reference: Annotated[OneLine, StringConstraints(pattern=r"^HW-[0-9]{6,18}$")]
    version: Annotated[int, Field(ge=1)] | None = None


class BulkDecision(RequestModel):
    """One decision on several orders."""

    action: Literal["approve", "mark-ordered", "reject", "send"]
    orders: list[ChosenOrderRequest] = Field(min_length=1, max_length=200)
    reason: Lines | None = Field(None, max_length=2000, description="Needed to reject.")
    placement: NewPlacementRequest | None = Field(
        None, description="What is known of it, to mark as ordered."
    )
