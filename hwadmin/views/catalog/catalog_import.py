"""Importing a list of what a platform sells."""

from __future__ import annotations

from collections.abc import Sequence

from hwadmin.domain.permissions import Permission
from hwadmin.list_import.records.catalog import CATALOG
from hwadmin.list_import.records.plan import ListPlan
from hwadmin.list_import.records.record import ListRecord
from hwadmin.operations.catalog.catalog_import import PlannedItem, import_catalog, plan_catalog
from hwadmin.web.access import current_actor
from hwadmin.web.list_import_views import HANDLERS, ListChoices, ListWords
from hwadmin.web.platform_list_views import PlatformListImportView


class CatalogImportView(PlatformListImportView):
    """Items and prices for a platform."""

    permissions = dict.fromkeys(("index_view", *HANDLERS), Permission.CATALOG_WRITE)
    list_format = CATALOG
    list_page = ("catalog.index_view", "Catalog")
    list_words = ListWords(
        heading="Import a catalog",
        help="An item is matched by its SKU. A row with a term or a price per month sets that price of the "
        "item. Colors to choose from and the SKUs an accessory fits stand in one cell, with commas between "
        "them. An empty cell changes nothing, and nothing is removed.",
    )

    def __init__(self) -> None:
        super().__init__(name="Catalog", endpoint="catalog_import", url="/catalog/platform")

    def plan_list(
        self, key: int, records: Sequence[ListRecord], choices: ListChoices
    ) -> ListPlan[PlannedItem]:
        """What the list would do to the catalog."""
        return plan_catalog(current_actor(), key, records)

    def write_list(
        self, key: int, records: Sequence[ListRecord], choices: ListChoices, expected: str | None
    ) -> ListPlan[PlannedItem]:
        """Write items and prices."""
        return import_catalog(current_actor(), key, records, expected=expected)
