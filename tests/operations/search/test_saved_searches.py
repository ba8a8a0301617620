"""Saving a search under a name: what is refused, and that each name is there once."""

from __future__ import annotations

from collections.abc import Callable

from hwadmin.db.extensions import db
from hwadmin.domain.permissions import Actor
from hwadmin.errors import InvalidInput, NotFound, WrongState
from hwadmin.models import SavedSearch
from hwadmin.operations.search.saved_searches import MOST_SAVED, remove_search, save_search
from tests.builders import World
from tests.operations.refusals import by, fields, refused


def saving(
    name: str = "Late ones", page: str = "orders", query: str = "late=true"
) -> Callable[[Actor], SavedSearch]:
    return lambda actor: save_search(actor, page, query, name)


def test_a_name_is_there_once_and_every_problem_is_told(world: World) -> None:
    saved = by(world.ada, saving(query="late=true&page=3"))
    # Where one was in the list is no part of it.
    assert saved.query == "late=true"
    assert fields(refused(InvalidInput, world.ada, saving())) == ["name"]
    assert fields(refused(InvalidInput, world.ada, saving(" ", "elsewhere", "q=" + "x" * 9000))) == [
        *("name", "page", "query")
    ]
    # Somebody else's names are theirs.
    by(world.piet, saving())


def test_there_is_room_for_some_and_each_is_removed_once(world: World) -> None:
    saved = [by(world.ada, saving(f"Search {number}")).id for number in range(MOST_SAVED)]
    refused(WrongState, world.ada, saving("One more"))
    refused(NotFound, world.piet, lambda piet: remove_search(piet, saved[0]))
    by(world.ada, lambda ada: remove_search(ada, saved[0]))
    refused(NotFound, world.ada, lambda ada: remove_search(ada, saved[0]))
    by(world.ada, saving("One more"))
    assert db.session.query(SavedSearch).count() == MOST_SAVED
