"""Checks of signing in: identity providers, and the account for when they cannot be reached."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import select

from hwadmin.cli.checks.findings import Finding, fine, note, some, wrong
from hwadmin.config import Settings
from hwadmin.db.extensions import db
from hwadmin.domain.permissions import Role
from hwadmin.models import AccessRule
from hwadmin.queries.people.people import person_by_email
from hwadmin.web.openid.http_client import ProviderAway, ProviderHttp
from hwadmin.web.openid.provider_client import ProviderClient

_CHECK = "sign-in"


def providers_answer(settings: Settings) -> Iterator[Finding]:
    """Whether each identity provider says of itself what is needed."""
    for provider in settings.providers:
        try:
            ProviderClient(provider, ProviderHttp()).metadata()
        except ProviderAway as failure:
            yield wrong(
                _CHECK,
                f"{provider.name} cannot be used: {failure}",
                f"Look at the issuer of [{provider.key}] in HWADMIN_SIGN_IN_PROVIDERS, and at the network.",
            )
        else:
            yield fine(_CHECK, f"{provider.name} answers.")


def break_glass_is_ready(settings: Settings) -> Iterator[Finding]:
    """Whether somebody can sign in when no identity provider can be reached."""
    if not settings.providers and not settings.break_glass:
        return
    email = settings.break_glass
    person = person_by_email(email) if email else None
    if not email:
        bound = any(provider.domains for provider in settings.providers)
        yield (wrong if bound else note)(
            _CHECK,
            "There is no break-glass account.",
            "Create a super-admin for emergencies and name them in HWADMIN_BREAK_GLASS.",
        )
    elif person is None or person.disabled_at is not None or person.role is not Role.SUPER_ADMIN:
        yield wrong(
            _CHECK,
            f"{email} is no active super-admin.",
            f"Run hwadmin person create-super-admin {email} --name NAME, or change HWADMIN_BREAK_GLASS.",
        )
    elif person.second_factor_since is None:
        yield wrong(
            _CHECK,
            f"The break-glass account {email} has no second factor.",
            "Sign in with it once and set up one-time codes; keep the recovery codes with its password.",
        )
    else:
        yield fine(_CHECK, f"The break-glass account {email} is ready.")


def rules_fit(settings: Settings) -> Iterator[Finding]:
    """Whether each rule is of a provider there is, and each provider has a rule."""
    known = {provider.key for provider in settings.providers}
    ruled = set(db.session.scalars(select(AccessRule.provider).distinct()))
    if ruled - known:
        yield note(
            _CHECK,
            f"There are rules of providers that are not in the settings: {some(sorted(ruled - known))}.",
            "Delete them, or name the providers in HWADMIN_SIGN_IN_PROVIDERS.",
        )
    if known - ruled:
        yield note(
            _CHECK,
            f"Nobody can sign in with {some(sorted(known - ruled))}: there is no rule.",
            "Write their rules on People, Rules of identity providers.",
        )
