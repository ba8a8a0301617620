"""Writing the groups of the staff directory."""

from __future__ import annotations

import uuid
from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import select

from hwadmin.clock import utcnow
from hwadmin.db.extensions import db
from hwadmin.domain.text_validation import Problems, refuse
from hwadmin.models import StaffEntry, StaffGroup
from hwadmin.operations.people.staff.access import StaffPush, apply_access


@dataclass(frozen=True, slots=True)
class GroupFacts:
    """What an identity provider sends of a group."""

    name: str
    external_id: str | None
    # The ids of its users.
    members: Collection[str]


def add_staff_group(push: StaffPush, facts: GroupFacts) -> StaffGroup:
    """Add a group, and give its members what the rules give for it.

    Raises:
        InvalidInput: at ``displayName``, ``externalId``, ``members``, or as for ``apply_access``.
        WrongState: as for ``apply_access``.
    """
    now = utcnow()
    group = StaffGroup(
        provider=push.provider.key, scim_id=str(uuid.uuid4()), created_at=now, updated_at=now, members=[]
    )
    _assign(group, facts)
    db.session.add(group)
    db.session.flush()
    push.done.append(f"group {group.name} added with {len(group.members):,} members")
    _apply(push, group.members)
    return group


def change_staff_group(push: StaffPush, group: StaffGroup, facts: GroupFacts) -> None:
    """Change a group, and what its members of before and now are given.

    Raises:
        InvalidInput, WrongState: as for ``add_staff_group``.
    """
    before = (group.name, group.external_id, frozenset(group.members))
    members, was = {*group.members}, group.name
    _assign(group, facts)
    after = (group.name, group.external_id, frozenset(group.members))
    if before == after:
        return
    group.version, group.updated_at = group.version + 1, utcnow()
    db.session.flush()
    joined = [entry.name for entry in group.members if entry not in members]
    left = [entry.name for entry in sorted(members - after[2], key=lambda entry: entry.id)]
    push.done += [f"{name} joined {group.name}" for name in joined]
    push.done += [f"{name} left {group.name}" for name in left]
    if before[:2] != after[:2]:
        push.done.append(f"group {was} is {group.name}, {group.external_id or 'without an id of theirs'}")
    _apply(push, members | after[2])


def remove_staff_group(push: StaffPush, group: StaffGroup) -> None:
    """Remove a group; its members lose what it gave them.

    Raises:
        InvalidInput, WrongState: as for ``add_staff_group``.
    """
    members = list(group.members)
    group.members = []
    push.done.append(f"group {group.name} removed")
    db.session.flush()
    db.session.delete(group)
    db.session.flush()
    _apply(push, members)


def _apply(push: StaffPush, entries: Collection[StaffEntry]) -> None:
    # In one order, so that two who write the same people wait for each other.
    for entry in sorted(entries, key=lambda entry: entry.id):
        apply_access(push, entry)


def _assign(group: StaffGroup, facts: GroupFacts) -> None:
    problems = Problems()
    name = problems.text("displayName", facts.name, most=300, required="Send a name of the group.") or ""
    external_id = problems.text("externalId", facts.external_id, most=255)
    keys = set(facts.members)
    with db.session.no_autoflush:
        members = db.session.scalars(
            select(StaffEntry)
            .where(StaffEntry.provider == group.provider, StaffEntry.scim_id.in_(keys))
            .order_by(StaffEntry.id)
        ).all()
    if len(members) < len(keys):
        problems.add("members", "There is no such user among them; groups within groups are not understood.")
    refuse(problems)
    group.name, group.name_key, group.external_id = name, name.lower(), external_id
    group.members = list(members)
