"""The database, unbound; the factory binds it. Versioning is set up before any model exists."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import MetaData, Table
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

db = SQLAlchemy(model_class=Base, session_options={"expire_on_commit": False})
