"""What can be ordered."""

from __future__ import annotations

from collections.abc import Sequence

from hwadmin.api.calls import ApiRequest, call
from hwadmin.api.changes import changed
from hwadmin.api.paging import last_id_of, page_of
from hwadmin.domain.permissions import Permission
from hwadmin.models import CatalogItem
from hwadmin.queries.catalog.items import item_search, orderable_items
from hwadmin.queries.catalog.prices import prices_of
from hwadmin.schemas import response_models, serializers
from hwadmin.schemas.request_models import CatalogQuery


@call(
    "GET", "/catalog", Permission.CATALOG_CHOOSE, response_models.CatalogPage, "Catalog", query=CatalogQuery
)
def list_catalog(request: ApiRequest) -> response_models.CatalogPage:
    """List what can be ordered: the active items of the platforms the token is given."""
    query: CatalogQuery = request.query
    conditions = changed(query, CatalogItem)
    if query.kind is not None:
        conditions.append(CatalogItem.kind == query.kind)
    if query.make is not None:
        conditions.append(CatalogItem.make == query.make)
    if query.platform is not None:
        conditions.append(CatalogItem.platform_id == query.platform)
    if query.q and query.q.strip():
        conditions.append(item_search(query.q))
    after = last_id_of("catalog", query.cursor) or 0
    archived = query.updated_since is not None
    rows = orderable_items(request.actor, *conditions, after=after, limit=query.limit + 1, archived=archived)
    return page_of(response_models.CatalogPage, "catalog", rows, query.limit, _serialized)


def _serialized(items: Sequence[CatalogItem]) -> list[response_models.CatalogItemResponse]:
    prices = prices_of([item.id for item in items])
    return [serializers.catalog_item(item, prices.get(item.id, ())) for item in items]
