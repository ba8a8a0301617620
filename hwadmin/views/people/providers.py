"""The identity providers in the settings, and whose password counts where there are some."""

from __future__ import annotations

from flask import current_app
from flask_login import current_user

from hwadmin.config import IdentityProvider, Settings
from hwadmin.errors import NotFound
from hwadmin.web.openid.http_client import ProviderHttp
from hwadmin.web.openid.provider_client import ProviderClient

_CLIENTS = "hwadmin_provider_clients"


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


def client_of(provider: IdentityProvider) -> ProviderClient:
    """What talks with a provider, and remembers what it tells of itself."""
    clients: dict[IdentityProvider, ProviderClient] = current_app.extensions.setdefault(_CLIENTS, {})
    return clients.setdefault(provider, ProviderClient(provider, ProviderHttp()))


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
