"""Catalog items as the API shows them."""

from __future__ import annotations

from collections.abc import Sequence

from hwadmin.models import CatalogItem, CatalogPrice
from hwadmin.queries.catalog.prices import options_of
from hwadmin.schemas import response_models
from hwadmin.schemas.serializers.base import amount


def catalog_item(
    item: CatalogItem, prices: Sequence[CatalogPrice] = ()
) -> response_models.CatalogItemResponse:
    """An item with the terms of its own size; ``prices`` has all its sizes and terms."""
    size = item.size or ""
    terms = sorted(
        (price.term_months, price.unit_price) for price in prices if price.term_months and price.size == size
    )
    return response_models.CatalogItemResponse(
        id=item.id,
        external_id=item.external_id,
        platform_id=item.platform_id,
        sku=item.sku,
        make=item.make,
        model=item.model,
        kind=item.kind,
        identifier_kind=item.kind.identifier_kind,
        unit_price=amount(item.unit_price),
        currency=item.currency,
        max_handsets=item.max_handsets,
        mobile_carrier=item.mobile_carrier,
        color=item.color,
        size=item.size,
        colors=list(item.colors or ()),
        options=[
            response_models.OptionResponse(
                size=option.size or None,
                term_months=option.term_months or None,
                unit_price=amount(option.unit_price),
                monthly_price=amount(option.monthly_price),
            )
            for option in options_of(item, prices)
        ],
        terms=[response_models.TermResponse(months=months, price=amount(price)) for months, price in terms],
        archived=item.archived_at is not None,
        updated_at=item.updated_at,
    )
