"""Responses about the catalog."""

from __future__ import annotations

from hwadmin.domain.device_kinds import Kind
from hwadmin.identifiers.kinds import IdentifierKind
from hwadmin.schemas.response_models.base import ExternalKey, Moment, Page, Price, ResponseModel


class TermResponse(ResponseModel):
    """A contract term, and the price of the item with it."""

    months: int
    price: Price


class OptionResponse(ResponseModel):
    """A size and a term an item is sold in, and the price of one: paid now, and each month of the term."""

    size: str | None
    term_months: int | None
    unit_price: Price
    monthly_price: Price


class CatalogItemResponse(ResponseModel):
    """What a platform sells."""

    id: int
    external_id: ExternalKey
    platform_id: int
    sku: str
    make: str
    model: str
    kind: Kind
    identifier_kind: IdentifierKind | None
    unit_price: Price
    currency: str
    max_handsets: int | None
    mobile_carrier: str | None
    color: str | None
    size: str | None
    colors: list[str]
    terms: list[TermResponse]
    options: list[OptionResponse]
    archived: bool
    updated_at: Moment | None


class CatalogPage(Page):
    """One page of the catalog."""

    items: list[CatalogItemResponse]


class FitsResponse(ResponseModel):
    """The devices an accessory goes with, by SKU; none is everything."""

    skus: list[str]


class ArticleNumberResponse(ResponseModel):
    """What a distributor calls an item."""

    distributor_id: int
    number: str


class ArticleNumbersResponse(ResponseModel):
    """What distributors call an item."""

    numbers: list[ArticleNumberResponse]
