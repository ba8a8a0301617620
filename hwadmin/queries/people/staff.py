"""Reading the staff directory."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import selectinload

from hwadmin.db.extensions import db
from hwadmin.models import StaffEntry, StaffGroup, StaffToken, staff_group_entry


def staff_entries(provider: str, *conditions: ColumnElement[bool]) -> Sequence[StaffEntry]:
    """The users of a provider, by its key, with the people they are here."""
    return db.session.scalars(
        select(StaffEntry)
        .where(StaffEntry.provider == provider, *conditions)
        .options(selectinload(StaffEntry.person))
        .order_by(StaffEntry.id)
    ).all()


def staff_groups(provider: str, *conditions: ColumnElement[bool]) -> Sequence[StaffGroup]:
    """The groups of a provider, by its key, with their members."""
    return db.session.scalars(
        select(StaffGroup)
        .where(StaffGroup.provider == provider, *conditions)
        .options(selectinload(StaffGroup.members))
        .order_by(StaffGroup.name, StaffGroup.id)
    ).all()


def staff_tokens() -> Sequence[StaffToken]:
    """Every token, the newest first."""
    return db.session.scalars(select(StaffToken).order_by(StaffToken.id.desc())).all()


def group_sizes() -> Sequence[Any]:
    """Each group: ``provider``, ``name``, ``external_id``, and how many ``members`` it has; by name."""
    members = func.count(staff_group_entry.c.entry_id)
    return db.session.execute(
        select(StaffGroup.provider, StaffGroup.name, StaffGroup.external_id, members.label("members"))
        .outerjoin(staff_group_entry, staff_group_entry.c.group_id == StaffGroup.id)
        .group_by(StaffGroup.id)
        .order_by(StaffGroup.name, StaffGroup.id)
    ).all()


def people_without_access() -> Sequence[StaffEntry]:
    """The active users who are nobody here: no rule fits, or their address does not count."""
    return db.session.scalars(
        select(StaffEntry)
        .where(StaffEntry.active, StaffEntry.person_id.is_(None))
        .order_by(StaffEntry.name, StaffEntry.id)
        .limit(200)
    ).all()
