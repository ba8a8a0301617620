"""Importing a catalog."""

from __future__ import annotations

from hwadmin.api.calls import ApiRequest
from hwadmin.api.changes import platform_id_for
from hwadmin.api.list_reading import for_platform, import_call, reported
from hwadmin.domain.permissions import Permission
from hwadmin.list_import.records.catalog import CATALOG
from hwadmin.operations.catalog.catalog_import import import_catalog, plan_catalog
from hwadmin.schemas import request_models, response_models


@import_call(
    "/catalog/import",
    Permission.CATALOG_WRITE,
    "Catalog",
    CATALOG,
    for_platform,
    query=request_models.PlatformImportQuery,
    names_rows=True,
)
def import_catalog_list(request: ApiRequest) -> response_models.ListReportResponse:
    """Import a list of what a platform sells, or say what it would do (dry_run).

    An item is found by its SKU. A row with a term or a price per month sets that price of the item. An empty
    cell leaves what is known; nothing is removed.
    """
    platform_id = platform_id_for(request.actor, request.query.platform)
    return reported(request, plan_catalog, import_catalog, platform_id)
