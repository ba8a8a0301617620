"""Requests about the catalog."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from hwadmin.schemas.request_models.base import (
    Amount,
    Changed,
    Digits,
    ExternalKey,
    ItemKind,
    OneLine,
    Query,
    RequestModel,
    RowId,
    Search,
    Sku,
)


class CatalogQuery(Changed):
    """What of a catalog."""

    kind: ItemKind | None = None
    make: OneLine | None = Field(None, max_length=60)
    q: Search | None = Field(
        None, description="Words of make, model and SKU. One letter alone finds nothing."
    )
    platform: Digits | None = Field(None, description="One platform of several.")


class ItemQuery(Query):
    """Which item, and of which platform."""

    platform: Digits | None = Field(None, description="Needed where several platforms sell such a SKU.")
    sku: Sku | None = Field(
        None,
        description="The SKU where the address cannot hold it, as A/fits; the address has - in its place.",
    )


class NewItemRequest(RequestModel):
    """Something a platform sells."""

    platform_id: RowId | None = Field(
        None, description="Needed where the token is given several platforms, or all."
    )
    sku: Sku
    make: OneLine = Field(min_length=1, max_length=60)
    model: OneLine = Field(min_length=1, max_length=120)
    kind: ItemKind
    unit_price: Amount
    max_handsets: Annotated[int, Field(ge=1, le=10_000)] | None = Field(
        None, description="How many handsets a base takes."
    )
    mobile_carrier: OneLine | None = Field(None, max_length=60)
    color: OneLine | None = Field(None, max_length=40)
    size: OneLine | None = Field(None, max_length=40)
    colors: list[Annotated[OneLine, Field(min_length=1, max_length=40)]] = Field([], max_length=20)
    external_id: ExternalKey | None = None


class ItemChanges(RequestModel):
    """What is different about an item; what is left out stays, null clears."""

    sku: Sku | None = None
    make: OneLine | None = Field(None, min_length=1, max_length=60)
    model: OneLine | None = Field(None, min_length=1, max_length=120)
    kind: ItemKind | None = None
    unit_price: Amount | None = None
    max_handsets: Annotated[int, Field(ge=1, le=10_000)] | None = None
    mobile_carrier: OneLine | None = Field(None, max_length=60)
    color: OneLine | None = Field(None, max_length=40)
    size: OneLine | None = Field(None, max_length=40)
    colors: list[Annotated[OneLine, Field(min_length=1, max_length=40)]] | None = Field(None, max_length=20)
    external_id: ExternalKey | None = None


class NewPriceRequest(RequestModel):
    """What an item costs in a size and with a term: now, and each month of the term."""

    size: OneLine | None = Field(None, max_length=40)
    term_months: Annotated[int, Field(ge=0, le=120)] | None = None
    unit_price: Amount
    monthly_price: Amount = "0.00"


class ItemPrices(RequestModel):
    """All prices of an item."""

    prices: list[NewPriceRequest] = Field(max_length=60)


class AccessoryFits(RequestModel):
    """The devices an accessory goes with."""

    skus: list[Sku] = Field(max_length=500)


class NewArticleNumber(RequestModel):
    """What a distributor calls an item; null where it has no number there."""

    distributor_id: RowId
    number: OneLine | None = Field(max_length=60)


class StatedArticleNumbers(RequestModel):
    """What distributors call an item."""

    numbers: list[NewArticleNumber] = Field(max_length=200)
