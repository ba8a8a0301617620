"""Who may do what: one table, and the actor it is asked about.

Pure: no Flask, no database.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from hwadmin.errors import NotAllowed


class Role(StrEnum):
    """What a person is here for."""

    SUPER_ADMIN = "super_admin"
    PLATFORM_ADMIN = "platform_admin"
    SUPPORT = "support"

    @property
    def label(self) -> str:
        """The role in the words of the pages."""
        return ROLE_LABELS[self]


ROLE_LABELS = {
    Role.SUPER_ADMIN: "Super-admin",
    Role.PLATFORM_ADMIN: "Platform admin",
    Role.SUPPORT: "Support",
}


class Permission(StrEnum):
    """One thing that can be granted, as ``resource:action``."""

    OWN_ACCOUNT = "own_account:use"
    ORDERS_READ = "orders:read"
    ORDERS_SUBMIT = "orders:submit"
    ORDERS_COPY = "orders:copy"
    ORDERS_EDIT = "orders:edit"
    ORDERS_CANCEL = "orders:cancel"
    ORDERS_DECIDE = "orders:decide"
    ORDERS_FULFILL = "orders:fulfill"
    DEVICES_READ = "devices:read"
    DEVICES_REGISTER = "devices:register"
    DEVICES_MOVE = "devices:move"
    # Seeing which other account holds an identifier, across platforms.
    HOLDERS_READ = "holders:read"
    ACCOUNTS_READ = "accounts:read"
    ACCOUNTS_WRITE = "accounts:write"
    CATALOG_READ = "catalog:read"
    CATALOG_WRITE = "catalog:write"
    # Asking what a platform sells, to order it or to correct an order.
    CATALOG_CHOOSE = "catalog:choose"
    PLATFORMS_READ = "platforms:read"
    PLATFORMS_WRITE = "platforms:write"
    PEOPLE_READ = "people:read"
    PEOPLE_WRITE = "people:write"
    AUDIT_READ = "audit:read"
    EXPORT = "tables:export"
    TOKENS_OWN = "tokens:own"
    TOKENS_WRITE = "tokens:write"
    # Telling a platform's own programs what happens; by the API, a platform its own only.
    WEBHOOKS_WRITE = "webhooks:write"
    WEBHOOKS_OWN = "webhooks:own"
    # Everything that was sent to whom, on every platform, and sending it again.
    OUTGOING_READ = "outgoing:read"
    OUTGOING_REPLAY = "outgoing:replay"
    NEW_ORDER_MAIL = "new_order_mail:choose"


_READERS = frozenset(
    {
        Permission.OWN_ACCOUNT,
        Permission.ORDERS_READ,
        Permission.DEVICES_READ,
        Permission.ACCOUNTS_READ,
        Permission.CATALOG_READ,
        Permission.AUDIT_READ,
        Permission.EXPORT,
        Permission.TOKENS_OWN,
    }
)

GRANTS: dict[Role, frozenset[Permission]] = {
    Role.SUPPORT: _READERS,
    Role.PLATFORM_ADMIN: _READERS
    | {
        Permission.ORDERS_SUBMIT,
        Permission.ORDERS_COPY,
        Permission.ORDERS_EDIT,
        Permission.ORDERS_CANCEL,
        Permission.ACCOUNTS_WRITE,
        Permission.DEVICES_REGISTER,
        Permission.CATALOG_CHOOSE,
        Permission.WEBHOOKS_WRITE,
        Permission.WEBHOOKS_OWN,
    },
    # A super-admin corrects, decides and fulfills; ordering and cancelling are the platform's own.
    Role.SUPER_ADMIN: _READERS
    | {
        Permission.ORDERS_EDIT,
        Permission.ORDERS_COPY,
        Permission.ORDERS_DECIDE,
        Permission.ORDERS_FULFILL,
        Permission.DEVICES_REGISTER,
        Permission.DEVICES_MOVE,
        Permission.HOLDERS_READ,
        Permission.ACCOUNTS_WRITE,
        Permission.CATALOG_CHOOSE,
        Permission.CATALOG_WRITE,
        Permission.TOKENS_WRITE,
        Permission.PLATFORMS_READ,
        Permission.PLATFORMS_WRITE,
        Permission.PEOPLE_READ,
        Permission.PEOPLE_WRITE,
        Permission.WEBHOOKS_WRITE,
        Permission.OUTGOING_READ,
        Permission.OUTGOING_REPLAY,
        Permission.NEW_ORDER_MAIL,
    },
}


@dataclass(frozen=True, slots=True)
class Actor:
    """Somebody who does something: a person at a page, a token, or the command line.

    ``platform_ids`` is the set of platforms they are given; ``None`` means all of them.
    """

    id: int | None
    name: str
    role: Role
    platform_ids: frozenset[int] | None

    @property
    def permissions(self) -> frozenset[Permission]:
        """Everything this actor is granted."""
        return GRANTS[self.role]

    def can(self, permission: Permission) -> bool:
        """Whether this actor is granted the permission."""
        return permission in GRANTS[self.role]

    def sees(self, platform_id: int) -> bool:
        """Whether this actor is given the platform."""
        return self.platform_ids is None or platform_id in self.platform_ids


COMMAND_LINE = Actor(None, "Command line", Role.SUPER_ADMIN, None)


def require(actor: Actor, permission: Permission) -> None:
    """Refuse an actor who is not granted the permission.

    Raises:
        NotAllowed: with a sentence naming the role.
    """
    if not actor.can(permission):
        raise NotAllowed(f"A {actor.role.label.lower()} may not do this ({permission}).")
