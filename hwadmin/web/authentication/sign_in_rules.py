"""What the settings say of signing in: providers, whose password counts, who needs a second factor."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from flask import current_app
from flask_login import current_user

from hwadmin.clock import utcnow
from hwadmin.config import IdentityProvider, Settings
from hwadmin.domain.permissions import Role
from hwadmin.errors import NotFound


class SignsIn(Protocol):
    """What the rules must know of a person."""

    @property
    def email(self) -> str: ...

    @property
    def role(self) -> Role: ...

    @property
    def second_factor_since(self) -> datetime | None: ...

    @property
    def second_factor_awaited_from(self) -> datetime | None: ...


def settings() -> Settings:
    """What the deployment decides."""
    found: Settings = current_app.config["HWADMIN"]
    return found


def provider_named(key: str | None) -> IdentityProvider | None:
    """The provider with this key; None where the settings have none such."""
    return next((provider for provider in settings().providers if provider.key == key), None)


def get_provider(key: str) -> IdentityProvider:
    """The provider with this key.

    Raises:
        NotFound: the settings have none such.
    """
    provider = provider_named(key)
    if provider is None:
        raise NotFound("There is no such identity provider.")
    return provider


def provider_of_domain(email: str) -> IdentityProvider | None:
    """The provider that the domain of an address is bound to, whoever has the address, or nobody."""
    domain = email.strip().lower().rpartition("@")[2]
    return next((provider for provider in settings().providers if domain in provider.domains), None)


def is_break_glass(email: str) -> bool:
    """Whether this is the address of the account for emergencies."""
    return bool(settings().break_glass) and email.strip().lower() == settings().break_glass


def signs_in_elsewhere(email: str, managed_by: str | None) -> IdentityProvider | None:
    """The provider by which this person signs in, so that no password of theirs counts here."""
    if is_break_glass(email):
        return None
    return provider_of_domain(email) or provider_named(managed_by)


def vouching_provider() -> IdentityProvider | None:
    """The provider by which the present session was opened."""
    return provider_named(current_user.provider)


def must_have_second_factor(person: SignsIn, vouching: IdentityProvider | None) -> bool:
    """Whether a person must have a second factor here.

    Args:
        person: who.
        vouching: the provider that says who they are, which may ask for a second factor itself.
    """
    if is_break_glass(person.email):
        return True
    if vouching is not None and vouching.second_factor:
        return False
    return settings().second_factor_required and person.role is Role.SUPER_ADMIN


def is_second_factor_due(person: SignsIn, vouching: IdentityProvider | None) -> bool:
    """Whether a person has no second factor, must have one, and the time to set one up is over."""
    if person.second_factor_since is not None or not must_have_second_factor(person, vouching):
        return False
    awaited_from = person.second_factor_awaited_from
    if is_break_glass(person.email) or awaited_from is None:
        return True
    return (utcnow() - awaited_from).days >= settings().second_factor_grace_days
