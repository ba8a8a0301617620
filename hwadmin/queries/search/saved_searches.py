"""Reading saved searches: one's own, and what colleagues share."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import ColumnElement, and_, or_, select, true
from sqlalchemy.orm import contains_eager, raiseload

from hwadmin.db.extensions import db
from hwadmin.domain.permissions import Actor
from hwadmin.domain.row_ids import is_valid_id
from hwadmin.models import Person, SavedSearch, person_platform


def saved_searches(actor: Actor) -> Sequence[SavedSearch]:
    """One's own by name, then those of colleagues."""
    return db.session.scalars(
        select(SavedSearch)
        .join(SavedSearch.person)
        .where(_may_open(actor))
        .options(contains_eager(SavedSearch.person), raiseload("*"))
        .order_by(SavedSearch.person_id != actor.id, SavedSearch.name, SavedSearch.id)
    ).all()


def saved_search(actor: Actor, key: int) -> SavedSearch | None:
    """One that the actor may open; None where there is none for them."""
    if not is_valid_id(key):
        return None
    return db.session.scalars(
        select(SavedSearch).join(SavedSearch.person).where(SavedSearch.id == key, _may_open(actor))
    ).one_or_none()


def _may_open(actor: Actor) -> ColumnElement[bool]:
    """One's own; and what is shared by somebody of the same role who is given no platform that one is not.

    So nobody reads in a name or a filter of platforms that are not theirs. What somebody shared who is
    disabled by now is gone with them.
    """
    given: ColumnElement[bool] = true()
    if actor.platform_ids is not None:
        theirs = person_platform.c
        beyond = select(theirs.person_id).where(
            theirs.person_id == Person.id, theirs.platform_id.not_in(sorted(actor.platform_ids))
        )
        given = and_(Person.all_platforms.is_(False), ~beyond.exists())
    colleague = and_(
        SavedSearch.shared.is_(True), Person.role == actor.role, Person.disabled_at.is_(None), given
    )
    return or_(SavedSearch.person_id == actor.id, colleague)
