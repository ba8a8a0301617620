"""Reading what an account is offered by model."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Select, or_, select
from sqlalchemy.orm import aliased

from hwadmin.domain.permissions import Actor
from hwadmin.domain.text_validation import problem
from hwadmin.models import CatalogItem
from hwadmin.queries.devices.spares import spare_counts
from hwadmin.queries.ordering.items import OfferedItem, carriers_sold, offered_rows, sold_items
from hwadmin.queries.ordering.model_choices import OfferedModel


def models_of(items: Iterable[OfferedItem], carriers: Sequence[str] = ()) -> list[OfferedModel]:
    """Items as models, in the order of the items.

    Items of one make and model that can be had in the very same are no choice of each other by anything but
    their SKU: they stay models of their own.
    """
    groups: list[list[OfferedItem]] = []
    by_name: dict[tuple[Any, ...], list[list[OfferedItem]]] = {}
    for item in items:
        name = item.kind, item.make, item.model, item.currency, item.max_handsets, item.archived
        group = next((group for group in by_name.get(name, ()) if not _clashes(item, group)), None)
        if group is None or item.archived:
            group = []
            groups.append(group)
            by_name.setdefault(name, []).append(group)
        group.append(item)
    return [OfferedModel(tuple(group), tuple(carriers)) for group in groups]


def _clashes(item: OfferedItem, group: Iterable[OfferedItem]) -> bool:
    own = _had_in(item)
    return any(own & _had_in(other) for other in group)


def _had_in(item: OfferedItem) -> set[tuple[str, int, str, str]]:
    return {
        (option.size, option.term_months, color, item.mobile_carrier or "")
        for option in item.options
        for color in item.all_colors
    }


def models_by_sku(
    actor: Actor,
    platform_id: int,
    skus: Iterable[str],
    *,
    account_id: int | None = None,
) -> dict[str, OfferedModel]:
    """The models that these items belong to, by SKU; archived items by themselves.

    Args:
        actor: who chooses.
        platform_id: whose catalog.
        skus: SKUs, of anything.
        account_id: for whom, to know of their spares.
    """
    known = {sku for sku in skus if sku and problem(sku, most=60) is None}
    if not known:
        return {}
    named = aliased(CatalogItem)
    of_one_model = select(named.id).where(
        named.platform_id == CatalogItem.platform_id,
        named.make == CatalogItem.make,
        named.model == CatalogItem.model,
        named.sku.in_(known),
    )
    query = sold_items(actor, platform_id).where(
        of_one_model.exists(), or_(CatalogItem.archived_at.is_(None), CatalogItem.sku.in_(known))
    )
    models = _read(actor, platform_id, query, spare_counts(actor, account_id) if account_id else {})
    return {item.sku: model for model in models for item in model.items if item.sku in known}


def models_sold(actor: Actor, platform_id: int) -> list[OfferedModel]:
    """Everything a platform sells today, by make and model."""
    query = sold_items(actor, platform_id).where(CatalogItem.archived_at.is_(None))
    return _read(actor, platform_id, query, {})


def _read(
    actor: Actor, platform_id: int, query: Select[CatalogItem], spares: Mapping[int, int]
) -> list[OfferedModel]:
    items = offered_rows(query, spares)
    unlocked = any(item.unlocked for item in items)
    return models_of(items, carriers_sold(actor, platform_id) if unlocked else ())
