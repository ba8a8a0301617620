"""As whom somebody does something, read as columns: every request asks for it."""

from __future__ import annotations

from functools import cache
from typing import Any

from sqlalchemy import String, cast, func, select

from hwadmin.domain.permissions import Actor, Role
from hwadmin.models import Person
from hwadmin.models.people import person_platform


@cache
def actor_columns() -> tuple[Any, ...]:
    """The columns of a person that ``actor_of`` takes, in its order."""
    # The keys, with a space between two; None for none.
    platform_ids = select(func.aggregate_strings(cast(person_platform.c.platform_id, String), " ")).where(
        person_platform.c.person_id == Person.id
    )
    return Person.id, Person.name, Person.role, Person.all_platforms, platform_ids.scalar_subquery()


def actor_of(person_id: int, name: str, role: Role, all_platforms: bool, platform_ids: str | None) -> Actor:
    """A person as one who does something, as ``Person.actor`` is."""
    everything = role is Role.SUPER_ADMIN or all_platforms
    given = None if everything else frozenset(map(int, (platform_ids or "").split()))
    return Actor(person_id, name, role, given)
