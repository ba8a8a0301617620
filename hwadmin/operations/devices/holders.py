"""Which device has an identifier already, anywhere; and what an actor may be told of its holder.

A mobile with two SIMs has two IMEIs, and neither may be another device's, first or second. The database sees
to it among first and among second ones; between the two a lock does, on PostgreSQL: who writes a second IMEI
waits for everybody who writes any. SQLite has one writer at a time.
"""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import func, select

from hwadmin.db import dialects
from hwadmin.db.extensions import db
from hwadmin.db.tenancy import EVERYWHERE
from hwadmin.domain.permissions import Actor, Permission
from hwadmin.errors import WrongState
from hwadmin.identifiers import Identifier, IdentifierKind
from hwadmin.models import Account, Device, Platform
from hwadmin.queries.devices.conditions import has_one_of

# A number of our own among the locks of the database: "IMEI".
_IMEIS = 0x494D4549


class DeviceHolder(NamedTuple):
    """A device that has an identifier, and whose it is."""

    id: int
    account_id: int
    account_name: str
    platform_id: int
    platform_name: str
    make: str
    model: str
    created_at: datetime
    unit_id: int | None


def lock_imeis(*, second: bool) -> None:
    """Before IMEIs are looked for and written: let nobody write the same one as the other kind meanwhile.

    To be taken behind the locks of orders and before those of devices.

    Args:
        second: whether a second IMEI is going to be written, and not only the identifiers of mobiles.
    """
    if dialects.is_postgresql():
        lock = func.pg_advisory_xact_lock if second else func.pg_advisory_xact_lock_shared
        db.session.connection().execute(select(lock(_IMEIS)))


def device_holder(key: str, but: int | None = None) -> DeviceHolder | None:
    """The device in service that has the identifier with this key, whoever's it is.

    Args:
        key: what is unique of the identifier.
        but: a device that does not count.
    """
    row = db.session.execute(
        select(
            Device.id,
            Device.account_id,
            Account.name.label("account_name"),
            Device.platform_id,
            Platform.name.label("platform_name"),
            Device.make,
            Device.model,
            Device.created_at,
            Device.unit_id,
        )
        .join(Account, Account.id == Device.account_id)
        .join(Platform, Platform.id == Device.platform_id)
        .where(has_one_of([key]), Device.id != (but or 0))
        .execution_options(**{EVERYWHERE: True})
    ).first()
    return None if row is None else DeviceHolder(**row._asdict())


def refuse_if_held(actor: Actor, account: Account, identifier: Identifier, but: int | None = None) -> None:
    """Refuse an identifier that is a device already, and say only what is the actor's to know.

    Raises:
        WrongState: with a sentence that names the holder to those it concerns only.
    """
    why = why_held(actor, account, identifier, but)
    if why:
        raise WrongState(why)


def why_held(actor: Actor, account: Account, identifier: Identifier, but: int | None = None) -> str | None:
    """The sentence why an identifier cannot be taken for a device of the account; None where it is free."""
    holder = device_holder(identifier.key, but)
    if holder is None:
        return None
    text = identifier.display
    if holder.account_id == account.id:
        return f"{text} is registered on this account already, as {holder.make} {holder.model}."
    if holder.platform_id == account.platform_id:
        return f"{text} is already in use at {holder.account_name}."
    if actor.can(Permission.HOLDERS_READ):
        return f"{text} is already in use at {holder.account_name} of {holder.platform_name}."
    return f"{text} is already in use."


def second_imei_of(value: str) -> Identifier:
    """A stored second IMEI, to be looked for like any identifier."""
    return Identifier(IdentifierKind.IMEI, value)
