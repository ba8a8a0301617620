"""The first wall between platforms: every ORM statement is filtered by what its actor is given.

The second wall is the scoped selects in ``queries/``. Each alone would leave holes: this one cannot stop
an insert into somebody else's account, that one can be forgotten.

A session whose scope was never stated refuses to read tenant data at all (fail closed).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import ColumnElement, column, event
from sqlalchemy.orm import ORMExecuteState, Session, scoped_session, with_loader_criteria

from hwadmin.permissions import Actor


class _PlatformColumn:
    """Stands for the column every marked model maps itself: the filter is analysed on the mark first."""

    def in_(self, values: Any) -> ColumnElement[bool]:
        return column("platform_id").in_(values)


class Tenanted:
    """Marks a model whose rows belong to one platform, named by its ``platform_id`` column.

    Version classes inherit the mark, so what a row looked like is no more visible than the row.
    """

    platform_id: Any = _PlatformColumn()


class Shared:
    """Marks a model whose rows belong to no platform: people, their sessions, bookkeeping."""


_SCOPE = "hwadmin_scope"
# Execution option for the few look-ups that must see every platform, such as "is this identifier taken?".
EVERYWHERE = "hwadmin_everywhere"


class UnknownScope(RuntimeError):
    """Tenant data was asked for before anybody said on whose behalf."""


def act_as(session: Session | scoped_session[Any], actor: Actor | None) -> None:
    """State on whose behalf the session reads from now on; ``None`` withdraws it."""
    if actor is None:
        session.info.pop(_SCOPE, None)
    else:
        session.info[_SCOPE] = actor.platform_ids


@contextmanager
def acting_as(session: Session | scoped_session[Any], actor: Actor) -> Iterator[None]:
    """State the scope for a block, and restore what was stated before."""
    before = session.info.get(_SCOPE, _SCOPE)
    act_as(session, actor)
    try:
        yield
    finally:
        if before == _SCOPE:
            session.info.pop(_SCOPE, None)
        else:
            session.info[_SCOPE] = before


def _is_shared(state: ORMExecuteState) -> bool:
    return all(issubclass(mapper.class_, Shared) for mapper in state.all_mappers)


@event.listens_for(Session, "do_orm_execute")
def _filter_by_platform(state: ORMExecuteState) -> None:
    if state.is_column_load or state.is_relationship_load or state.is_insert:
        # Relationship loads carry the criteria of the statement that asked for them.
        return
    if state.execution_options.get(EVERYWHERE):
        return
    info = state.session.info
    if _SCOPE not in info:
        if _is_shared(state):
            return
        raise UnknownScope("Tenant data read before act_as() said on whose behalf.")
    platform_ids = info[_SCOPE]
    if platform_ids is None:
        return
    visible = tuple(sorted(platform_ids))
    state.statement = state.statement.options(
        with_loader_criteria(Tenanted, lambda cls: cls.platform_id.in_(visible), include_aliases=True)
    )
