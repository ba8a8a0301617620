"""One item of a catalog, its prices by size and term, and what an accessory fits."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields
from typing import Any
from urllib.parse import urlencode

from flask import url_for

from hwadmin.api.addresses import NO_SKU, is_addressable
from hwadmin.api.calls import ApiRequest, ApiResponse, Handler, call
from hwadmin.api.changes import platform_id_for
from hwadmin.db.extensions import db
from hwadmin.domain.permissions import Permission
from hwadmin.errors import InvalidInput, NotFound
from hwadmin.models import CatalogItem
from hwadmin.operations.catalog import distributors, items, prices
from hwadmin.operations.catalog.items import NewItem
from hwadmin.operations.catalog.prices import NewPrice
from hwadmin.queries.catalog.distributors import numbers_of_item
from hwadmin.queries.catalog.items import fitted_devices, items_by_sku, items_where
from hwadmin.queries.catalog.prices import prices_of
from hwadmin.schemas import request_models, response_models, serializers
from hwadmin.schemas.response_models import ResponseModel

_WRITE = Permission.CATALOG_WRITE
_FIELDS = tuple(field.name for field in fields(NewItem))


def _item_call(
    method: str, path: str, response: type[ResponseModel] = response_models.CatalogItemResponse, **more: Any
) -> Callable[[Handler], Handler]:
    """Declare a call about one item: of the catalog of a platform, which is stated where several have it."""
    return call(
        method,
        f"/catalog/<sku>{path}",
        more.pop("permission", _WRITE),
        response,
        "Catalog",
        query=request_models.ItemQuery,
        **more,
    )


@_item_call("GET", "", permission=Permission.CATALOG_READ)
def show_item(request: ApiRequest, sku: str) -> response_models.CatalogItemResponse:
    """Show an item, also one that is archived."""
    return _shown(_item_or_404(request, sku))


@call(
    "POST",
    "/catalog",
    _WRITE,
    response_models.CatalogItemResponse,
    "Catalog",
    body=request_models.NewItemRequest,
    body_required=True,
    status=201,
    names_rows=True,
)
def create_item(request: ApiRequest) -> ApiResponse:
    """Add an item to a platform's catalog, in the platform's currency."""
    new: request_models.NewItemRequest = request.body
    platform_id = platform_id_for(request.actor, new.platform_id)
    values = new.model_dump(exclude={"platform_id", "external_id"})
    item = items.create_item(request.actor, platform_id, NewItem(**values))
    if new.external_id is not None:
        items.set_external_key(request.actor, item.id, new.external_id)
    db.session.flush()
    return ApiResponse(_shown(item), headers={"Location": _address(item.sku, new.platform_id)})


def _address(sku: str, platform_id: int | None) -> str:
    if is_addressable(sku):
        return url_for(".show_item", sku=sku, platform=platform_id)
    query = {"sku": sku} | ({} if platform_id is None else {"platform": str(platform_id)})
    return f"{url_for('.show_item', sku=NO_SKU)}?{urlencode(query)}"


@_item_call("PATCH", "", body=request_models.ItemChanges)
def change_item(request: ApiRequest, sku: str) -> response_models.CatalogItemResponse:
    """Change an item; what is left out stays, null clears. Orders keep what they were submitted with."""
    stated = request.body.model_dump(exclude_unset=True)
    item = _item_or_404(request, sku)
    if "external_id" in stated:
        items.set_external_key(request.actor, item.id, stated.pop("external_id"))
    present: dict[str, Any] = {name: getattr(item, name) for name in _FIELDS}
    values = present | {name: value for name, value in stated.items() if name in _FIELDS}
    values["colors"] = values["colors"] or ()
    for name in ("sku", "make", "model"):
        values[name] = values[name] or ""
    for name in ("kind", "unit_price"):
        values[name] = present[name] if values[name] is None else values[name]
    item = items.change_item(request.actor, item.id, NewItem(**values))
    db.session.flush()
    return _shown(item)


@_item_call("DELETE", "", conflicts=True)
def delete_item(request: ApiRequest, sku: str) -> response_models.CatalogItemResponse:
    """Delete an item that nobody has ordered; others can only be archived (409)."""
    item = _item_or_404(request, sku)
    shown = _shown(item)
    items.delete_item(request.actor, item.id)
    return shown


@_item_call("POST", "/archive", body=request_models.Nothing, conflicts=True)
def archive_item(request: ApiRequest, sku: str) -> response_models.CatalogItemResponse:
    """Archive an item, so that it is no longer sold. Orders that have it keep it."""
    return _shown(items.archive_item(request.actor, _item_or_404(request, sku).id))


@_item_call("POST", "/restore", body=request_models.Nothing, conflicts=True)
def restore_item(request: ApiRequest, sku: str) -> response_models.CatalogItemResponse:
    """Sell an archived item again."""
    return _shown(items.restore_item(request.actor, _item_or_404(request, sku).id))


@_item_call("POST", "/prices", body=request_models.ItemPrices, body_required=True)
def set_prices(request: ApiRequest, sku: str) -> response_models.CatalogItemResponse:
    """Say what an item costs by size and term: these prices and no others. They show as its options."""
    stated: request_models.ItemPrices = request.body
    item = prices.set_prices(
        request.actor,
        _item_or_404(request, sku).id,
        [
            NewPrice(price.size or "", price.term_months or 0, price.unit_price, price.monthly_price)
            for price in stated.prices
        ],
    )
    db.session.flush()
    return _shown(item)


@_item_call("GET", "/fits", response_models.FitsResponse, permission=Permission.CATALOG_READ)
def show_fits(request: ApiRequest, sku: str) -> response_models.FitsResponse:
    """List the devices an accessory goes with; none is everything."""
    return _fits(request, _item_or_404(request, sku))


@_item_call(
    "POST",
    "/fits",
    response_models.FitsResponse,
    body=request_models.AccessoryFits,
    body_required=True,
    conflicts=True,
)
def set_fits(request: ApiRequest, sku: str) -> response_models.FitsResponse:
    """Say which devices of the same catalog an accessory goes with, and no others; none is everything."""
    stated: request_models.AccessoryFits = request.body
    item = _item_or_404(request, sku)
    devices = items_by_sku(item.platform_id, stated.skus)
    missing = [place for place, name in enumerate(stated.skus) if name not in devices]
    if missing:
        raise InvalidInput.at(f"skus.{missing[0]}", "This is not in the catalog of the item's platform.")
    prices.set_fits(request.actor, item.id, [device.id for device in devices.values()])
    db.session.flush()
    return _fits(request, item)


@_item_call("GET", "/article-numbers", response_models.ArticleNumbersResponse)
def show_article_numbers(request: ApiRequest, sku: str) -> response_models.ArticleNumbersResponse:
    """List what distributors call an item."""
    return _article_numbers(_item_or_404(request, sku))


@_item_call(
    "POST",
    "/article-numbers",
    response_models.ArticleNumbersResponse,
    body=request_models.StatedArticleNumbers,
    body_required=True,
)
def set_article_numbers(request: ApiRequest, sku: str) -> response_models.ArticleNumbersResponse:
    """Say what distributors call an item; one that is not stated stays, null where it has no number."""
    stated: request_models.StatedArticleNumbers = request.body
    item = _item_or_404(request, sku)
    numbers = {entry.distributor_id: entry.number for entry in stated.numbers}
    distributors.set_article_numbers(request.actor, item.id, numbers)
    db.session.flush()
    return _article_numbers(item)


def _article_numbers(item: CatalogItem) -> response_models.ArticleNumbersResponse:
    return response_models.ArticleNumbersResponse(
        numbers=[
            response_models.ArticleNumberResponse(distributor_id=key, number=number)
            for key, number in sorted(numbers_of_item(item.id).items())
        ]
    )


def _fits(request: ApiRequest, item: CatalogItem) -> response_models.FitsResponse:
    ids = fitted_devices(item.id)
    rows = items_where(request.actor, CatalogItem.id.in_(ids)) if ids else ()
    return response_models.FitsResponse(skus=sorted(row.sku for row in rows))


def _item_or_404(request: ApiRequest, sku: str) -> CatalogItem:
    """The item with the SKU of the address, or of the parameter in its stead.

    Raises:
        NotFound: there is none in the catalogs the actor is given.
        InvalidInput: several platforms have one, and none is named; or two SKUs are stated.
    """
    query: request_models.ItemQuery = request.query
    if query.sku is not None:
        if sku != NO_SKU:
            raise InvalidInput.at(
                "sku", f"The address has a SKU already; with this parameter it has {NO_SKU}."
            )
        sku = query.sku
    conditions = [CatalogItem.sku == sku] if "\0" not in sku else []
    if query.platform is not None:
        conditions.append(CatalogItem.platform_id == query.platform)
    rows = items_where(request.actor, *conditions) if "\0" not in sku else ()
    if not rows:
        raise NotFound("There is no such item.")
    if len(rows) > 1:
        raise InvalidInput.at("platform", "Name the platform: several sell an item with this SKU.")
    return rows[0]


def _shown(item: CatalogItem) -> response_models.CatalogItemResponse:
    return serializers.catalog_item(item, prices_of([item.id]).get(item.id, ()))
