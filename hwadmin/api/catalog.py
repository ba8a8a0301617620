"""What can be ordered."""

from __future__ import annotations

from hwadmin.api import answers, represent
from hwadmin.api.asked import CatalogQuery
from hwadmin.api.calls import Asking, call
from hwadmin.api.paging import cursor_after, key_of, one_page
from hwadmin.models import CatalogItem
from hwadmin.permissions import Permission
from hwadmin.queries.api_lists import catalog_items
from hwadmin.queries.catalog import item_search
from hwadmin.queries.choosing import prices_of


@call("GET", "/catalog", Permission.CATALOG_CHOOSE, answers.CatalogPage, "Catalog", query=CatalogQuery)
def list_catalog(asking: Asking) -> answers.CatalogPage:
    """List what can be ordered: the active items of the platforms the token is given."""
    query: CatalogQuery = asking.query
    conditions = []
    if query.kind is not None:
        conditions.append(CatalogItem.kind == query.kind)
    if query.make is not None:
        conditions.append(CatalogItem.make == query.make)
    if query.platform is not None:
        conditions.append(CatalogItem.platform_id == query.platform)
    if query.q and query.q.strip():
        conditions.append(item_search(query.q))
    found = catalog_items(
        asking.actor, *conditions, after=key_of("catalog", query.cursor) or 0, limit=query.limit + 1
    )
    items, more = one_page(found, query.limit)
    prices = prices_of([item.id for item in items])
    return answers.CatalogPage(
        items=[represent.catalog_item(item, prices.get(item.id, ())) for item in items],
        next_cursor=cursor_after("catalog", items[-1].id) if more else None,
    )
