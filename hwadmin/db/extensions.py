"""The database, unbound; the factory binds it. Versioning is set up before any model exists."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar

from flask_sqlalchemy import SQLAlchemy
from flask_sqlalchemy.session import Session
from sqlalchemy import Connection, Engine, MetaData, Table
from sqlalchemy.orm import DeclarativeBase
from sqlalchemy_continuum import make_versioned

from hwadmin.db import engines, statements


class Base(DeclarativeBase):
    """The declarative base of all models."""

    if TYPE_CHECKING:
        # Every model is one table; SQLAlchemy allows for joins and subqueries.
        __table__: ClassVar[Table]

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


engines.install()
statements.install()
# "subquery": a version row is written once and never updated, which spares every decision two statements.
# The composite index is what the primary key of a version is already.
make_versioned(user_cls=None, options={"strategy": "subquery", "create_composite_index": False})


class _Session(Session):
    """There is one database, so that nothing need be found out before each statement to know which."""

    @cached_property
    def _engine(self) -> Engine:
        return self._db.engine

    def get_bind(self, *_of_what: Any, bind: Engine | Connection | None = None, **_options: Any) -> Any:
        """The engine, or the connection the caller has."""
        return bind or self._engine


db = SQLAlchemy(model_class=Base, session_options={"class_": _Session, "expire_on_commit": False})
