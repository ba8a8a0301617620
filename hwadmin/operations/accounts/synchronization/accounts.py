"""Changing some of what is known of an account, and keeping accounts in step by another program's keys."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, fields
from typing import Any

from hwadmin.db.lookup import checked_key, flush_or_try_again, insert_or_try_again
from hwadmin.domain.permissions import Actor, Permission, require
from hwadmin.domain.text_validation import Problems, refuse
from hwadmin.errors import InvalidInput
from hwadmin.models import Account
from hwadmin.operations.accounts.accounts import platform_of_new_account
from hwadmin.operations.accounts.settings import OrderingSettings, change_ordering_settings
from hwadmin.operations.accounts.synchronization.upserting import changed_row, required_key
from hwadmin.operations.audit.account_events import record_account_changed, record_account_created
from hwadmin.operations.audit.changes import assign
from hwadmin.queries.accounts.by_external_key import accounts_by_key

_SETTINGS = tuple(field.name for field in fields(OrderingSettings))


def change_account_fields(actor: Actor, account_id: int, values: Mapping[str, Any]) -> Account:
    """Change the stated fields of an account; the others stay.

    Args:
        actor: who changes them.
        account_id: the account's key.
        values: of ``name, external_id`` and ``settings``, a mapping of some of the ordering settings.

    Raises:
        NotAllowed, NotFound, InvalidInput: nothing was done.
    """
    require(actor, Permission.ACCOUNTS_WRITE)
    return changed_row(actor, Account, account_id, values, _write)


def upsert_account(
    actor: Actor, external_id: str, platform_id: int | None, values: Mapping[str, Any]
) -> tuple[Account, bool]:
    """Create the account another program knows by a key, or change the stated fields of the one there is.

    The same again changes nothing, and costs one statement.

    Args:
        actor: who keeps it in step.
        external_id: the program's key.
        platform_id: the platform; None: the only one the actor is given.
        values: as ``change_account_fields`` takes them.

    Returns the account, and whether it was created.

    Raises:
        NotAllowed, NotFound, InvalidInput: nothing was done.
    """
    require(actor, Permission.ACCOUNTS_WRITE)
    key = required_key(external_id)
    existing = accounts_by_key(actor, key, platform_id)
    if len(existing) > 1:
        raise InvalidInput.at("platform_id", "Say for which platform: several have an account with this key.")
    if existing:
        account = existing[0]
        if _is_different(account, values):
            account = changed_row(actor, Account, account.id, values, _write)
        return account, False
    account = _created(actor, key, platform_id, values)
    _write(actor, account, values)
    return account, True


def _created(actor: Actor, key: str, platform_id: int | None, values: Mapping[str, Any]) -> Account:
    if platform_id is None:
        if actor.platform_ids is None or len(actor.platform_ids) != 1:
            raise InvalidInput.at("platform_id", "Name the platform.")
        [platform_id] = actor.platform_ids
    platform = platform_of_new_account(actor, platform_id)
    problems = Problems()
    name = _name(problems, values.get("name"))
    refuse(problems)
    account = insert_or_try_again(Account, platform_id=platform.id, external_id=key, name=name)
    record_account_created(actor, account, f"Created {name}", locations=(), employees=())
    return account


def _name(problems: Problems, name: str | None) -> str:
    return problems.text("name", name, most=200, required="Give the account a name.") or ""


def _is_different(account: Account, values: Mapping[str, Any]) -> bool:
    problems = Problems()
    if "name" in values and (_name(problems, values["name"]) != account.name or problems.errors):
        return True
    settings = values.get("settings") or {}
    return any(getattr(account, name) != value for name, value in settings.items())


def _write(actor: Actor, account: Account, values: Mapping[str, Any]) -> None:
    """Write the stated values of a locked account, with audit events where anything is different."""
    problems = Problems()
    columns: dict[str, Any] = {}
    if "name" in values:
        columns["name"] = _name(problems, values["name"])
    if "external_id" in values:
        stated = values["external_id"]
        columns["external_id"] = checked_key(
            problems, account, stated, Account.external_id, Account.platform_id
        )
    refuse(problems)
    if changes := assign(account, {"external_id": "external id"}, **columns):
        flush_or_try_again()
        record_account_changed(actor, account, f"Changed the account: {', '.join(changes)}")
    if values.get("settings"):
        present = OrderingSettings(**{name: getattr(account, name) for name in _SETTINGS})
        settings = OrderingSettings(**asdict(present) | dict(values["settings"]))
        if settings != present:
            change_ordering_settings(actor, account.id, settings)
