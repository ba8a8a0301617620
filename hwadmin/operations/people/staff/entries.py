"""Writing the users of the staff directory."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from hwadmin.clock import utcnow
from hwadmin.db.extensions import db
from hwadmin.domain.text_validation import Problems, refuse
from hwadmin.errors import DomainError
from hwadmin.models import StaffEntry
from hwadmin.operations.people.staff.access import StaffPush, apply_access, withdraw_access


class StaffUserNameTaken(DomainError):
    """Another user of the provider has the user name."""


@dataclass(frozen=True, slots=True)
class StaffFacts:
    """What an identity provider sends of somebody."""

    user_name: str
    name: str
    email: str
    active: bool
    external_id: str | None
    # What is sent back.
    record: dict[str, Any]


def add_staff_entry(push: StaffPush, facts: StaffFacts) -> StaffEntry:
    """Add somebody, and let them in if the rules give them access.

    Raises:
        StaffUserNameTaken: somebody else of the provider has the user name.
        InvalidInput: at ``userName``, ``displayName``, ``emails``, ``externalId``; as for ``apply_access``.
        WrongState: as for ``apply_access``.
    """
    now = utcnow()
    entry = StaffEntry(provider=push.provider.key, scim_id=str(uuid.uuid4()), created_at=now, updated_at=now)
    _assign(entry, facts)
    db.session.add(entry)
    db.session.flush()
    push.done.append(f"{entry.name} added")
    apply_access(push, entry)
    return entry


def change_staff_entry(push: StaffPush, entry: StaffEntry, facts: StaffFacts) -> None:
    """Change somebody, and what they are given for it.

    Raises:
        StaffUserNameTaken, InvalidInput, WrongState: as for ``add_staff_entry``.
    """
    before = (entry.record, entry.active)
    _assign(entry, facts)
    if before != (entry.record, entry.active):
        entry.version, entry.updated_at = entry.version + 1, utcnow()
        db.session.flush()
        push.done.append(f"{entry.name} changed")
    # Also where nothing is new: what a refusal kept away may be possible now.
    apply_access(push, entry)


def remove_staff_entry(push: StaffPush, entry: StaffEntry) -> None:
    """Remove somebody; their person stays, and is let in no more.

    Raises:
        WrongState: they are the account for emergencies, or the last active super-admin.
    """
    withdraw_access(push, entry)
    push.done.append(f"{entry.name} removed")
    db.session.delete(entry)
    db.session.flush()


def _assign(entry: StaffEntry, facts: StaffFacts) -> None:
    problems = Problems()
    user_name = problems.text("userName", facts.user_name, most=254, required="Send a user name.") or ""
    name = problems.text("displayName", facts.name, most=200) or user_name[:200]
    email = problems.text("emails", facts.email, most=254) or ""
    external_id = problems.text("externalId", facts.external_id, most=255)
    refuse(problems)
    key = user_name.lower()
    with db.session.no_autoflush:
        other = select(StaffEntry.id).where(
            StaffEntry.provider == entry.provider,
            StaffEntry.user_name_key == key,
            StaffEntry.scim_id != entry.scim_id,
        )
        if db.session.scalars(other).first() is not None:
            raise StaffUserNameTaken(f"There is a user {user_name} already.")
    entry.user_name_key, entry.name, entry.email = key, name, email.lower()
    entry.active, entry.external_id, entry.record = facts.active, external_id, facts.record
