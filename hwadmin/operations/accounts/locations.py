"""The locations of an account."""

from __future__ import annotations

from dataclasses import asdict, dataclass

from hwadmin.db.extensions import db
from hwadmin.db.lookup import flush_or_try_again, refuse_taken_key
from hwadmin.domain.permissions import Actor, Permission, require
from hwadmin.domain.text_validation import Problems, refuse
from hwadmin.models import Account, Location
from hwadmin.operations.audit.account_events import record_account_changed
from hwadmin.operations.audit.changes import archive, assign, restore
from hwadmin.queries.scope import find


@dataclass(frozen=True, slots=True)
class NewLocation:
    """A location of an account, as typed."""

    name: str
    address: str = ""
    # The key another program knows it by.
    external_id: str | None = None


def checked_location(problems: Problems, new: NewLocation, at: str = "") -> NewLocation:
    """A location tidied; its problems are added at fields that begin with ``at``."""
    # One line: it is printed on labels and shown in tables.
    address = ", ".join(line.strip(" ,") for line in new.address.splitlines() if line.strip(" ,"))
    return NewLocation(
        name=problems.text(f"{at}name", new.name, most=120, required="Give the location a name.") or "",
        address=problems.text(f"{at}address", address, most=300) or "",
        external_id=problems.external_key(f"{at}external_id", new.external_id),
    )


def add_location(actor: Actor, account_id: int, new: NewLocation) -> Location:
    """Add a location to an account."""
    require(actor, Permission.ACCOUNTS_WRITE)
    account = find(actor, Account, account_id)
    problems = Problems()
    site = checked_location(problems, new)
    refuse_taken_key(problems, site.external_id, Location.external_id, Location.account_id == account.id)
    refuse(problems)
    location = Location(account_id=account.id, platform_id=account.platform_id, **asdict(site))
    db.session.add(location)
    flush_or_try_again()
    record_account_changed(actor, account, f"Added the location “{site.name}”")
    return location


def change_location(actor: Actor, location_id: int, new: NewLocation) -> Location:
    """Correct the name or the address of a location."""
    require(actor, Permission.ACCOUNTS_WRITE)
    location = find(actor, Location, location_id)
    problems = Problems()
    site = checked_location(problems, new)
    refuse(problems)
    before = location.name
    if changes := assign(location, {}, name=site.name, address=site.address):
        record_account_changed(
            actor, location.account, f"Changed the location “{before}”: {', '.join(changes)}"
        )
    return location


def archive_location(actor: Actor, location_id: int) -> Location:
    """Take a location off the lists to choose from. Devices that are there keep it.

    Raises:
        WrongState: where it is archived already.
    """
    require(actor, Permission.ACCOUNTS_WRITE)
    location = find(actor, Location, location_id, lock=True)
    archive(location, f"“{location.name}”")
    record_account_changed(actor, location.account, f"Archived the location “{location.name}”")
    return location


def restore_location(actor: Actor, location_id: int) -> Location:
    """Offer an archived location again.

    Raises:
        WrongState: where it is not archived.
    """
    require(actor, Permission.ACCOUNTS_WRITE)
    location = find(actor, Location, location_id, lock=True)
    restore(location, f"“{location.name}”")
    record_account_changed(actor, location.account, f"Restored the location “{location.name}”")
    return location
