"""Saving a search under a name, and letting go of it. No order is touched, so nothing goes on record."""

from __future__ import annotations

from urllib.parse import parse_qsl, urlencode

from sqlalchemy import func, select

from hwadmin.db.extensions import db
from hwadmin.db.lookup import insert_or_ignore
from hwadmin.domain.permissions import Actor, Permission, require
from hwadmin.domain.row_ids import is_valid_id
from hwadmin.domain.text_validation import Problems
from hwadmin.errors import InvalidInput, NotFound, WrongState
from hwadmin.models import SavedSearch
from hwadmin.models.search import SearchedPage

MOST_SAVED = 100
_MOST_NAME, _MOST_QUERY, _MOST_PARTS = 80, 1500, 40
# Where one was in a list is no part of the search.
_PLACES = frozenset({"page", "after", "before", "near", "rows"})


def save_search(
    actor: Actor, page: str, query: str, name: str | None, *, shared: bool = False
) -> SavedSearch:
    """Keep a search of a page under a name, for oneself or for colleagues too.

    Args:
        actor: who saves it.
        page: which page was searched.
        query: what stood behind the question mark of its address.
        name: what to call it; each of one's searches has another.
        shared: whether colleagues may open it: those of the same role who are given all of one's platforms.

    Raises:
        NotAllowed, InvalidInput, WrongState: nothing was saved.
    """
    require(actor, Permission.SEARCHES_OWN)
    problems = Problems()
    called = problems.text("name", name, most=_MOST_NAME, required="Give the search a name.")
    if page not in set(SearchedPage):
        problems.add("page", "This page cannot be saved as a search.")
    stored = _stored_query(query)
    if stored is None:
        problems.add("query", "This search is too long to be saved.")
    if problems.errors:
        raise InvalidInput(problems.errors)
    own = select(func.count(SavedSearch.id)).where(SavedSearch.person_id == actor.id)
    if db.session.execute(own).scalar_one() >= MOST_SAVED:
        raise WrongState(f"You have saved {MOST_SAVED} searches, and there is no room for more; remove some.")
    saved = insert_or_ignore(
        SavedSearch,
        person_id=actor.id,
        name=called,
        page=SearchedPage(page),
        query=stored,
        shared=shared,
    )
    if saved is None:
        raise InvalidInput.at("name", "You have a search of this name already; give it another.")
    return saved


def _stored_query(query: str) -> str | None:
    """The search as an address carries it, without where one was in the list; None where it is too long."""
    try:
        parts = parse_qsl(query, max_num_fields=_MOST_PARTS)
    except ValueError:
        return None
    stored = urlencode([(name, value) for name, value in parts if name not in _PLACES])
    return stored if len(stored) <= _MOST_QUERY else None


def remove_search(actor: Actor, key: int) -> SavedSearch:
    """Let go of a search of one's own; colleagues it was shared with lose it too.

    Raises:
        NotAllowed, NotFound: nothing was removed.
    """
    require(actor, Permission.SEARCHES_OWN)
    saved = (
        db.session.scalars(
            select(SavedSearch).where(SavedSearch.id == key, SavedSearch.person_id == actor.id)
        ).one_or_none()
        if is_valid_id(key)
        else None
    )
    if saved is None:
        raise NotFound("There is no such saved search of yours.")
    db.session.delete(saved)
    return saved
