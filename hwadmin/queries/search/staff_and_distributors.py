"""Searching what belongs to no platform: who signs in here, and distributors."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Select, literal, null, select, union_all

from hwadmin.db.extensions import db
from hwadmin.domain.permissions import Actor, Permission
from hwadmin.models import Distributor, Person
from hwadmin.queries.search.hits import MAX_HITS, DistributorHit, PersonHit
from hwadmin.queries.text_match import SearchWord, part_of


def matching_staff_and_distributors(
    actor: Actor, terms: Sequence[SearchWord]
) -> tuple[Sequence[PersonHit], Sequence[DistributorHit]]:
    """The people who sign in here and the distributors that hold every word, each for who may read them.

    People are found by words of name and e-mail address, distributors by those of our customer number too.
    Both tables are small and in no index of words; they are read by one statement.
    """
    selections: list[Select[*tuple[Any, ...]]] = []
    if actor.can(Permission.PEOPLE_READ):
        selections.append(_first(_people(terms)))
    if actor.can(Permission.DISTRIBUTORS_READ):
        selections.append(_first(_distributors(terms)))
    rows = db.session.execute(union_all(*selections)).all() if selections else ()
    return (
        [PersonHit(row.id, row.name, row.email, row.role, row.ended_at) for row in rows if row.role],
        [
            DistributorHit(row.id, row.name, row.email, row.customer_number, row.ended_at)
            for row in rows
            if not row.role
        ],
    )


def _people(terms: Sequence[SearchWord]) -> Select[*tuple[Any, ...]]:
    return (
        select(
            Person.role,
            Person.id,
            Person.name,
            Person.email,
            literal("").label("customer_number"),
            Person.disabled_at.label("ended_at"),
        )
        .where(*(part_of(term, Person.name, Person.email) for term in terms))
        .order_by(Person.name, Person.id)
    )


def _distributors(terms: Sequence[SearchWord]) -> Select[*tuple[Any, ...]]:
    searched = (Distributor.name, Distributor.email, Distributor.customer_number)
    return (
        select(
            null().label("role"),
            Distributor.id,
            Distributor.name,
            Distributor.email,
            Distributor.customer_number,
            Distributor.archived_at.label("ended_at"),
        )
        .where(*(part_of(term, *searched) for term in terms))
        .order_by(Distributor.folded_name)
    )


def _first(query: Select[*tuple[Any, ...]]) -> Select[*tuple[Any, ...]]:
    """As many as are shown, and one more; in parentheses of its own, which SQLite wants a name for."""
    return select(query.limit(MAX_HITS + 1).subquery())
