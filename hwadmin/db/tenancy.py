"""The first wall between platforms: every ORM statement is filtered by what its actor is given.

The second wall is the scoped selects in ``queries/``. Each alone would leave holes: this one cannot stop
an insert into somebody else's account, that one can be forgotten.

A session whose scope was never stated refuses to read tenant data at all (fail closed).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, Select, TextClause, TextualSelect, bindparam, column, event
from sqlalchemy.orm import ORMExecuteState, Session, scoped_session, with_loader_criteria
from sqlalchemy.orm.context import FromStatement
from sqlalchemy.sql import visitors

from hwadmin.domain.permissions import Actor


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
# The parameter of a statement that is made once for everybody: the platforms its reader is given.
VISIBLE = "visible_platform_ids"


class UnknownScope(RuntimeError):
    """Tenant data was asked for before act_as() named on whose behalf."""


class Unfiltered(RuntimeError):
    """On behalf of somebody with platforms, tenant data was asked for in a way that would show them all."""


def act_as(session: Session | scoped_session[Any], actor: Actor | None) -> None:
    """State on whose behalf the session reads from now on; ``None`` withdraws it.

    State it before anything of a tenant is read: what a session holds already it does not read again.
    """
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


def _tables(model: type[Any]) -> Iterator[Any]:
    for heir in model.__subclasses__():
        if "__table__" in vars(heir):
            yield heir.__table__
        yield from _tables(heir)


def _names_tenant_data(statement: Any) -> bool:
    """Whether a tenant's table is anywhere in the statement, in a count, a subquery or a condition too."""
    tables = set(_tables(Tenanted))
    for part in visitors.iterate(statement):
        if part in tables or getattr(part, "table", None) in tables:
            return True
        # A join along a relationship names its target by the relationship only.
        mapper = getattr(getattr(part, "property", None), "mapper", None)
        if mapper is not None and issubclass(mapper.class_, Tenanted):
            return True
    return False


def _passes_models_by(statement: Any) -> bool:
    """Whether the statement names a tenant's table itself, where no model leads to it."""
    tables = set(_tables(Tenanted))
    bare, modelled = set(), set()
    for part in visitors.iterate(statement):
        table = part if part in tables else getattr(part, "table", None)
        if table not in tables:
            continue
        if "parententity" in part._annotations:
            modelled.add(table)
        elif table is part:
            bare.add(table)
        else:
            return True
    return bool(bare - modelled)


def _escapes_the_filter(state: ORMExecuteState) -> bool:
    """Whether the filter cannot be put into the statement: it goes into what speaks of models only."""
    statement: Any = state.statement
    if state.is_insert:
        return statement.select is not None and _names_tenant_data(statement.select)
    if state.is_update and isinstance(state.parameters, list):
        return _names_tenant_data(statement)  # By primary key, a row each: no condition is added to these.
    if state.is_orm_statement and not isinstance(statement, FromStatement):
        return False
    # What plain SQL asks for cannot be known.
    return isinstance(statement, FromStatement | TextClause | TextualSelect) or _passes_models_by(statement)


@event.listens_for(Session, "do_orm_execute")
def _filter_by_platform(state: ORMExecuteState) -> None:
    if state.is_column_load or state.execution_options.get(EVERYWHERE):
        return
    owner = state.lazy_loaded_from if state.is_select else None
    if state.is_relationship_load and owner is None:
        return  # Read along with a statement that was seen here, and by its criteria.
    # Of a person, who is nobody's tenant, the platforms they are given must be known first.
    if _SCOPE not in state.session.info and (
        issubclass(owner.class_, Shared) if owner is not None else not _reads(state)
    ):
        return
    platform_ids = _given(state.session)
    if platform_ids is None:
        return
    if _escapes_the_filter(state):
        raise Unfiltered(
            "This statement cannot be filtered by platform; say EVERYWHERE where all platforms are meant."
        )
    if state.is_insert:
        return
    state.statement = state.statement.options(_only_of(tuple(sorted(platform_ids))))


def _given(session: Session) -> frozenset[int] | None:
    """The platforms the session reads for; ``None`` means all of them."""
    if _SCOPE not in session.info:
        raise UnknownScope("Tenant data read before act_as() named on whose behalf.")
    platform_ids: frozenset[int] | None = session.info[_SCOPE]
    return platform_ids


def _filter(of_platforms: Callable[[Any], ColumnElement[bool]], **options: bool) -> Any:
    """The filter. SQLAlchemy keeps a lambda by its code: each way of giving platforms needs its own."""
    return with_loader_criteria(Tenanted, of_platforms, include_aliases=True, **options)


@lru_cache(maxsize=256)
def _only_of(platform_ids: tuple[int, ...]) -> Any:
    """The filter of these platforms, made once: it goes into every statement."""
    return _filter(lambda cls: cls.platform_id.in_(platform_ids))


def platforms_of(session: Session, statement: Select[*tuple[Any, ...]]) -> frozenset[int] | None:
    """The platforms whose rows a statement may read in this session; ``None`` means all of them.

    Raises:
        UnknownScope: nobody has stated on whose behalf.
    """
    if statement.get_execution_options().get(EVERYWHERE):
        return None
    return _given(session)


def filtered(statement: Select[*tuple[Any, ...]]) -> Select[*tuple[Any, ...]]:
    """The statement with the same filter, its platforms given each time as the parameter ``VISIBLE``."""
    if _passes_models_by(statement):
        raise Unfiltered("This statement cannot be filtered by platform.")
    visible: Any = bindparam(VISIBLE, expanding=True)
    return statement.options(_filter(lambda cls: cls.platform_id.in_(visible), track_closure_variables=False))


def _reads(state: ORMExecuteState) -> bool:
    """Whether the statement reads or changes tenant data; writing a new row is not reading."""
    statement: Any = state.statement
    if state.is_insert:
        return statement.select is not None and _names_tenant_data(statement.select)
    return any(not issubclass(mapper.class_, Shared) for mapper in state.all_mappers) or _names_tenant_data(
        statement
    )
