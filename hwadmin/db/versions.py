"""Continuum's unit of work, which writes the versions of rows, without finding out the same each time.

Continuum asks each object of the session which of its columns have versions, and looks at all of them, at
each flush.
"""

from __future__ import annotations

from collections.abc import Hashable
from functools import cache
from itertools import chain
from typing import Any

from sqlalchemy.orm import Session
from sqlalchemy_continuum.unit_of_work import UnitOfWork
from sqlalchemy_continuum.utils import is_modified, is_versioned, versioned_column_properties


class VersionWriter(UnitOfWork):  # type: ignore[misc]
    """Writes the same versions as Continuum's own."""

    def is_modified(self, session: Session) -> bool:
        """Whether a row with versions is new, deleted or changed. What nobody touched is not looked at."""
        return any(map(is_versioned, chain(session.new, session.deleted))) or any(
            is_versioned(row) and is_modified(row) for row in session.dirty
        )

    def assign_attributes(self, parent_obj: Any, version_obj: Any) -> None:
        """Copy the columns that have versions."""
        model: Any = type(parent_obj)
        for name in _names(model):
            setattr(version_obj, name, getattr(parent_obj, name))


@cache
def _names(model: Hashable) -> tuple[str, ...]:
    """The attributes of a model that its versions have."""
    return tuple(column.key for column in versioned_column_properties(model))
