"""What the rules give somebody whom an identity provider pushes, and making them so."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from sqlalchemy import false, or_, select

from hwadmin.config import IdentityProvider
from hwadmin.db.extensions import db
from hwadmin.domain.people.granted_access import Access, Rule, given_access
from hwadmin.domain.permissions import Actor, Permission, require
from hwadmin.errors import NotAllowed, WrongState
from hwadmin.models import Person, StaffEntry, StaffToken
from hwadmin.operations.audit.staff_events import record_staff_directory_changed
from hwadmin.operations.people import people
from hwadmin.operations.people.access_rules import rules_of
from hwadmin.operations.people.person_checks import PersonFacts


@dataclass(slots=True)
class StaffPush:
    """One request of an identity provider, with what it has done so far."""

    actor: Actor
    provider: IdentityProvider
    # The address of the account for emergencies, which no provider changes.
    break_glass: str
    rules: list[Rule]
    done: list[str] = field(default_factory=list)


def open_staff_push(actor: Actor, provider: IdentityProvider, break_glass: str) -> StaffPush:
    """Begin to write the staff of a provider; others who would wait until this is done.

    Raises:
        NotAllowed: unless the actor may change people; the provider has no token any more.
    """
    require(actor, Permission.PEOPLE_WRITE)
    if not wait_for_pushes(provider):
        raise NotAllowed(f"{provider.name} pushes nobody any more: its tokens are revoked.")
    return StaffPush(actor, provider, break_glass, rules_of(provider.key))


def wait_for_pushes(provider: IdentityProvider) -> bool:
    """Let whoever pushes people of a provider, changes its rules or signs in by it go one after another.

    What they look at to decide what somebody is given, rules and directory, is to be read after this.

    Returns:
        Whether the provider has a token, and so may push.
    """
    tokens = db.session.scalars(
        select(StaffToken.id)
        .where(StaffToken.provider == provider.key, StaffToken.revoked_at.is_(None))
        .order_by(StaffToken.id)
        .with_for_update()
    ).all()
    return bool(tokens)


def close_staff_push(push: StaffPush) -> None:
    """Write the one event of a push; none where nothing was done."""
    if push.done:
        record_staff_directory_changed(push.actor, push.provider.key, push.done)


def entry_for_sign_in(
    provider: IdentityProvider, person: Person | None, email: str | None
) -> StaffEntry | None:
    """The directory entry that decides what somebody who signs in is given; None where there is none.

    Args:
        provider: who vouches for them.
        person: who they are here, if anybody.
        email: their address, if the provider has verified it.
    """
    whose = [StaffEntry.person_id == person.id] if person is not None else []
    if email is not None and is_vouched(provider, email):
        whose.append(StaffEntry.person_id.is_(None) & (StaffEntry.email == email))
    return db.session.scalars(
        select(StaffEntry)
        .where(StaffEntry.provider == provider.key, or_(false(), *whose))
        .order_by(StaffEntry.person_id.is_(None), StaffEntry.id)
    ).first()


def is_vouched(provider: IdentityProvider, email: str) -> bool:
    """Whether the address is within the domains that the settings bind to the provider."""
    name, _, domain = email.rpartition("@")
    return bool(name) and domain in provider.domains


def directory_access(entry: StaffEntry, rules: Iterable[Rule]) -> Access | None:
    """What the rules give for an entry of the directory; None where it is inactive or none fits.

    Its groups, by name and by the provider's own id, are the claim ``groups``; its roles are ``roles``.
    """
    if not entry.active:
        return None
    groups = [name for group in entry.groups for name in (group.name, group.external_id) if name]
    roles = [str(role["value"]) for role in entry.record.get("roles", ()) if role.get("value")]
    return given_access(rules, {"groups": groups, "roles": roles, "email": entry.email})


def apply_access(push: StaffPush, entry: StaffEntry) -> None:
    """Create or change the person of an entry by what the rules give it, or let them in no more.

    An address counts only within the domains bound to the provider: whoever could enter another's address
    at the provider would be recognised as them.

    Raises:
        WrongState: the person is the account for emergencies, another provider's, another entry's, or the
            last active super-admin.
        InvalidInput: the person cannot be as the entry says.
    """
    access = directory_access(entry, push.rules)
    vouched = is_vouched(push.provider, entry.email)
    person = entry.person
    if person is None and access is not None and vouched:
        person = _person_with(push, entry)
    _keep_break_glass(push, entry, person)
    if access is None:
        _withdraw(push, person)
    elif person is not None or vouched:
        _give(push, entry, person, access, vouched)
    else:
        push.done.append(
            f"{entry.name} is given nothing: {entry.email} is outside the domains of {push.provider.name}"
        )


def reapply_access(actor: Actor, provider: IdentityProvider, break_glass: str) -> None:
    """After a rule was changed: give everybody in the directory what the rules give them now.

    Raises:
        WrongState, InvalidInput: as for ``apply_access``.
    """
    wait_for_pushes(provider)
    push = StaffPush(actor, provider, break_glass, rules_of(provider.key))
    entries = select(StaffEntry).where(StaffEntry.provider == provider.key).order_by(StaffEntry.id)
    for entry in db.session.scalars(entries).all():
        apply_access(push, entry)


def withdraw_access(push: StaffPush, entry: StaffEntry) -> None:
    """Let the person of an entry in no more.

    Raises:
        WrongState: they are the account for emergencies, or the last active super-admin.
    """
    _keep_break_glass(push, entry, entry.person)
    _withdraw(push, entry.person)


def _keep_break_glass(push: StaffPush, entry: StaffEntry, person: Person | None) -> None:
    if push.break_glass and push.break_glass in (entry.email, person.email if person else None):
        raise WrongState("The break-glass account is changed by no identity provider.")


def _person_with(push: StaffPush, entry: StaffEntry) -> Person | None:
    """The person with the address of the entry, locked."""
    person = people.lock_person(Person.email == entry.email)
    if person is None:
        return None
    if person.managed_by not in (None, push.provider.key):
        raise WrongState(f"{person.email} signs in by another identity provider here.")
    other = select(StaffEntry.id).where(StaffEntry.person_id == person.id, StaffEntry.id != entry.id)
    if db.session.scalars(other).first() is not None:
        raise WrongState(f"{person.email} is the address of another user.")
    return person


def _withdraw(push: StaffPush, person: Person | None) -> None:
    if person is not None and person.disabled_at is None:
        people.disable_person(push.actor, person.id)
        person.access_withdrawn = True


def _give(push: StaffPush, entry: StaffEntry, person: Person | None, access: Access, vouched: bool) -> None:
    email = entry.email if vouched or person is None else person.email
    facts = PersonFacts(entry.name, email, access.role, access.platform_ids, access.all_platforms)
    if person is None:
        person = people.create_person_without_password(push.actor, facts)
    elif person.disabled_at is None or person.access_withdrawn:
        if person.disabled_at is not None:
            people.enable_person(push.actor, person.id)
        people.change_person(push.actor, person.id, facts)
    # Otherwise a super-admin disabled them, and they stay so.
    person.managed_by = push.provider.key
    entry.person = person
    db.session.flush()
