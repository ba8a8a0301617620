"""Refusals and faults as the API answers them (RFC 9457)."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import ConfigDict, Field

from hwadmin.schemas.response_models import FulfilledUnit, OrderResponse, ResponseModel


class FieldProblem(ResponseModel):
    """One problem, at the field it belongs to: a dotted path, list places counted from 0."""

    field: str
    message: str


class Problem(ResponseModel):
    """A refusal or fault (RFC 9457)."""

    model_config = ConfigDict(extra="allow")

    type: str
    title: str
    status: int
    detail: str
    errors: Annotated[list[FieldProblem], Field(default_factory=list)]


class RefusedFulfillment(Problem):
    """A fulfillment in which units were refused, with every unit's outcome. Nothing was changed."""

    order: OrderResponse
    written: Literal[False]
    units: list[FulfilledUnit]
    warnings: list[str]
