"""What an identity provider's claims about a person give them here. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from hwadmin.domain.permissions import Role

# The one that may most comes first.
_RANK = (Role.SUPER_ADMIN, Role.PLATFORM_ADMIN, Role.SUPPORT)


@dataclass(frozen=True, slots=True)
class Rule:
    """One line of the table: whoever has this value of this claim is given role and platforms."""

    claim: str
    value: str
    role: Role
    platform_ids: frozenset[int] = frozenset()
    all_platforms: bool = False


@dataclass(frozen=True, slots=True)
class Access:
    """A role and the platforms it is for."""

    role: Role
    platform_ids: frozenset[int]
    all_platforms: bool


def claim_values(claims: Mapping[str, Any], name: str) -> frozenset[str]:
    """The values of a claim. ``realm_access.roles`` is a claim inside another one, as Keycloak has them."""
    value = claims.get(name)
    if value is None and "." in name:
        value = claims
        for part in name.split("."):
            value = value.get(part) if isinstance(value, Mapping) else None
    values = value if isinstance(value, list) else [value]
    return frozenset(one for one in values if isinstance(one, str))


def given_access(rules: Iterable[Rule], claims: Mapping[str, Any]) -> Access | None:
    """What the rules give for these claims; None where none of them applies.

    Of several roles the one that may most counts, with the platforms of all rules that give it.
    """
    fitting = [rule for rule in rules if rule.value in claim_values(claims, rule.claim)]
    role = next((role for role in _RANK if any(rule.role is role for rule in fitting)), None)
    if role is None:
        return None
    giving = [rule for rule in fitting if rule.role is role]
    everything = any(rule.all_platforms for rule in giving)
    single = frozenset[int]().union(*(rule.platform_ids for rule in giving))
    return Access(role, frozenset() if everything else single, everything)
