"""Who may do what: the one table, read aloud."""

from __future__ import annotations

import dataclasses

import pytest

from hwadmin.domain.permission_phrases import PHRASES
from hwadmin.domain.permissions import COMMAND_LINE, GRANTS, SIGNING_IN, Actor, Permission, Role, require
from hwadmin.errors import NotAllowed

# What each role does to orders and devices.
ACTIONS = {
    Role.SUPPORT: set(),
    Role.PLATFORM_ADMIN: {
        "orders:submit",
        "orders:copy",
        "orders:edit",
        "orders:cancel",
        "orders:ask",
        "devices:register",
    },
    Role.MANAGER: {"orders:answer"},
    Role.SUPER_ADMIN: {
        "orders:copy",
        "orders:edit",
        "orders:decide",
        "orders:fulfill",
        "orders:close_short",
        "orders:unlink",
        "orders:ask",
        "devices:register",
        "devices:move",
        "devices:replace",
    },
}


def an_actor(role: Role, platforms: set[int] | None = None) -> Actor:
    return Actor(1, "Somebody", role, None if platforms is None else frozenset(platforms))


@pytest.mark.parametrize("role", list(Role))
def test_each_role_does_what_is_its_own_and_no_more(role: Role) -> None:
    granted = {one for one in GRANTS[role] if one.startswith(("orders:", "devices:"))}
    assert granted - {"orders:read", "devices:read"} == ACTIONS[role]


def test_whoever_signs_in_reads_what_concerns_their_orders() -> None:
    reading = {"orders:read", "devices:read", "accounts:read", "catalog:read", "audit:read"}
    assert all(reading <= GRANTS[role] for role in SIGNING_IN)


def test_a_manager_never_signs_in_and_only_answers() -> None:
    assert set(Role) - set(SIGNING_IN) == {Role.MANAGER}
    assert GRANTS[Role.MANAGER] == {Permission.ORDERS_ANSWER}
    assert [role for role in Role if Permission.ORDERS_ANSWER in GRANTS[role]] == [Role.MANAGER]


@pytest.mark.parametrize(
    "permission", ["orders:decide", "orders:fulfill", "devices:move", "holders:read", "employees:anonymize"]
)
def test_only_a_super_admin(permission: str) -> None:
    assert [role for role in Role if permission in GRANTS[role]] == [Role.SUPER_ADMIN]


def test_every_role_has_its_grants_and_its_name() -> None:
    assert set(GRANTS) == set(Role)
    assert [role.label for role in Role] == ["Super-admin", "Platform admin", "Support", "Manager"]


def test_a_refusal_names_the_role_and_what_it_may_not() -> None:
    with pytest.raises(NotAllowed, match=r"^Support may not approve, reject or place orders\.$"):
        require(an_actor(Role.SUPPORT), Permission.ORDERS_DECIDE)
    require(an_actor(Role.SUPER_ADMIN), Permission.ORDERS_DECIDE)


def test_every_permission_is_put_into_words_for_refusals() -> None:
    assert set(PHRASES) == set(Permission), "Complete PHRASES of hwadmin/domain/permission_phrases.py."


def test_an_actor_sees_the_platforms_they_are_given_and_none_means_all() -> None:
    assert an_actor(Role.SUPPORT, {1, 2}).sees(2)
    assert not an_actor(Role.SUPPORT, {1, 2}).sees(3)
    assert not an_actor(Role.PLATFORM_ADMIN, set()).sees(1)
    assert an_actor(Role.SUPPORT).sees(99)


def test_an_actor_cannot_be_altered() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        an_actor(Role.SUPPORT).role = Role.SUPER_ADMIN


def test_the_command_line_is_a_super_admin_without_a_person() -> None:
    assert (COMMAND_LINE.id, COMMAND_LINE.role, COMMAND_LINE.platform_ids) == (None, Role.SUPER_ADMIN, None)


def test_a_token_for_one_thing_is_granted_that_alone_and_only_what_its_role_has() -> None:
    reader = dataclasses.replace(COMMAND_LINE, only=frozenset({Permission.ORDERS_READ}))
    assert reader.permissions == {Permission.ORDERS_READ}
    assert reader.can(Permission.ORDERS_READ)
    assert not reader.can(Permission.ACCOUNTS_READ)
    beyond = dataclasses.replace(an_actor(Role.SUPPORT), only=frozenset({Permission.PEOPLE_WRITE}))
    assert beyond.permissions == frozenset()
    assert not beyond.can(Permission.PEOPLE_WRITE)
    assert COMMAND_LINE.permissions == GRANTS[Role.SUPER_ADMIN]


@pytest.mark.parametrize(
    ("platforms", "several"), [(None, True), ({1, 2}, True), ({1}, False), (set[int](), False)]
)
def test_platforms_are_named_only_to_whoever_is_given_several(
    platforms: set[int] | None, several: bool
) -> None:
    assert an_actor(Role.PLATFORM_ADMIN, platforms).sees_several_platforms is several
