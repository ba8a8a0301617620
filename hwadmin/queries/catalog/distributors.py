"""Distributors, and what they call our items."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import ColumnElement, select

from hwadmin.db.extensions import db
from hwadmin.domain.row_ids import is_valid_id
from hwadmin.errors import NotFound
from hwadmin.models import ArticleNumber, Distributor


def distributors(*, archived: bool = False) -> Sequence[Distributor]:
    """The distributors we buy from, by name; the archived ones too where wanted."""
    query = select(Distributor).order_by(Distributor.folded_name)
    if not archived:
        query = query.where(Distributor.archived_at.is_(None))
    return db.session.scalars(query).all()


def distributors_page(
    *conditions: ColumnElement[bool], archived: bool, after: int, limit: int
) -> Sequence[Distributor]:
    """Distributors under these conditions, by key; ``after`` is the last key seen."""
    query = select(Distributor).where(Distributor.id > after, *conditions)
    query = query.order_by(Distributor.id).limit(limit)
    if not archived:
        query = query.where(Distributor.archived_at.is_(None))
    return db.session.scalars(query).all()


def distributor_names() -> Sequence[str]:
    """The names of the distributors we buy from."""
    return [distributor.name for distributor in distributors()]


def get_distributor(distributor_id: int) -> Distributor:
    """One distributor.

    Raises:
        NotFound: there is none with this key.
    """
    row = db.session.get(Distributor, distributor_id) if is_valid_id(distributor_id) else None
    if row is None:
        raise NotFound("There is no such distributor.")
    return row


def distributor_named(folded_name: str) -> Distributor | None:
    """The distributor a typed name means, archived or not."""
    return db.session.scalars(select(Distributor).where(Distributor.folded_name == folded_name)).one_or_none()


def article_numbers(distributor_id: int, item_ids: Sequence[int]) -> dict[int, str]:
    """What a distributor calls catalog items, by the key of the item; those without a number are left out."""
    rows = db.session.execute(
        select(ArticleNumber.catalog_item_id, ArticleNumber.number).where(
            ArticleNumber.distributor_id == distributor_id, ArticleNumber.catalog_item_id.in_(item_ids)
        )
    )
    return {key: number for key, number in rows}  # noqa: C416


def numbers_of_item(item_id: int) -> dict[int, str]:
    """What each distributor calls a catalog item, by the key of the distributor."""
    rows = db.session.execute(
        select(ArticleNumber.distributor_id, ArticleNumber.number).where(
            ArticleNumber.catalog_item_id == item_id
        )
    )
    return {key: number for key, number in rows}  # noqa: C416
