"""Importing a catalog."""

from __future__ import annotations

from hwadmin.api.calls import ApiRequest, call
from hwadmin.api.changes import platform_id_for
from hwadmin.api.list_reading import platform_currency, records_reader
from hwadmin.domain.permissions import Permission
from hwadmin.list_import.records.catalog import CATALOG
from hwadmin.list_import.records.reading import RecordList
from hwadmin.operations.catalog.catalog_import import import_catalog, plan_catalog
from hwadmin.schemas import request_models, response_models, serializers


@call(
    "POST",
    "/catalog/import",
    Permission.CATALOG_WRITE,
    response_models.ListReportResponse,
    "Catalog",
    query=request_models.PlatformImportQuery,
    takes_list=True,
    prepare=records_reader(CATALOG, platform_currency),
    names_rows=True,
    conflicts=True,
    uses_key=lambda request: not request.query.dry_run,
)
def import_catalog_list(request: ApiRequest) -> response_models.ListReportResponse:
    """Import a list of what a platform sells, or with dry_run only tell what it would do.

    An item is found by its SKU. A row with a term or a price per month sets that price of the item. An empty
    cell leaves what is known; nothing is removed.
    """
    query: request_models.PlatformImportQuery = request.query
    records: RecordList = request.body
    platform_id = platform_id_for(request.actor, query.platform)
    if query.dry_run:
        plan = plan_catalog(request.actor, platform_id, records.records)
    else:
        plan = import_catalog(request.actor, platform_id, records.records, expected=query.expected)
    return serializers.list_report(plan, records, written=not query.dry_run and plan.does_something)
