"""Responses about people, platforms and tokens."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from hwadmin.domain.orders.waiting import WaitsFor
from hwadmin.domain.permissions import Permission, Role
from hwadmin.schemas.response_models.base import Moment, NamedResponse, Page, ResponseModel


class MyPersonResponse(ResponseModel):
    """The person a token belongs to."""

    id: int
    name: str
    email: str


class MeResponse(ResponseModel):
    """As whom a token acts, and what it may do."""

    kind: Literal["person", "service"]
    person: Annotated[MyPersonResponse | None, Field(description="Null for the token of a service account.")]
    name: str
    role: Role
    platforms: list[NamedResponse]
    all_platforms: Annotated[bool, Field(description="Whether platforms to come are included.")]
    permissions: list[Permission]
    version: Annotated[str, Field(description="The version of the product.")]


class PersonResponse(ResponseModel):
    """Somebody who signs in."""

    id: int
    name: str
    email: str
    role: Role
    platforms: list[NamedResponse]
    all_platforms: Annotated[bool, Field(description="Of support: every platform, those to come included.")]
    disabled_at: Moment | None
    created_at: Moment


class PersonWithPassword(PersonResponse):
    """Somebody who was just let in, with their first password, shown this once."""

    password: str


class PersonPage(Page):
    """One page of people."""

    items: list[PersonResponse]


class DeadlineResponse(ResponseModel):
    """In how many days something is due, and which super-admin sees to it; null: any of them."""

    days: int
    owner_id: int | None


class PlatformResponse(ResponseModel):
    """A telecom platform."""

    id: int
    name: str
    currency: str
    forbids_self_approval: bool
    deadlines: Annotated[
        dict[WaitsFor, DeadlineResponse], Field(description="When what waits is due, by what it waits for.")
    ]
    created_at: Moment


class PlatformPage(Page):
    """One page of platforms."""

    items: list[PlatformResponse]
