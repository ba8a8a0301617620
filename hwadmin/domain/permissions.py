"""Who may do what: one table, and the actor it is asked about.

Pure: no Flask, no database.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from hwadmin.domain.permission_phrases import describe_permission
from hwadmin.errors import NotAllowed


class Role(StrEnum):
    """What a person is here for."""

    SUPER_ADMIN = "super_admin"
    PLATFORM_ADMIN = "platform_admin"
    SUPPORT = "support"
    # An account's approver: answers for one order, by a link of their own, and never signs in.
    MANAGER = "manager"

    @property
    def label(self) -> str:
        """The role in the words of the pages."""
        return ROLE_LABELS[self]


ROLE_LABELS = {
    Role.SUPER_ADMIN: "Super-admin",
    Role.PLATFORM_ADMIN: "Platform admin",
    Role.SUPPORT: "Support",
    Role.MANAGER: "Manager",
}
# As they begin a sentence about all of them.
_PLURALS = {
    Role.SUPER_ADMIN: "Super-admins",
    Role.PLATFORM_ADMIN: "Platform admins",
    Role.SUPPORT: "Support",
    Role.MANAGER: "Managers",
}
# What a person who signs in can be.
SIGNING_IN = (Role.SUPER_ADMIN, Role.PLATFORM_ADMIN, Role.SUPPORT)


class Permission(StrEnum):
    """One thing that can be granted, as ``resource:action``."""

    OWN_ACCOUNT = "own_account:use"
    # One box for everything; what it finds is what the reader is given.
    SEARCH = "everything:search"
    SEARCHES_OWN = "searches:own"
    ORDERS_READ = "orders:read"
    ORDERS_SUBMIT = "orders:submit"
    ORDERS_COPY = "orders:copy"
    ORDERS_EDIT = "orders:edit"
    ORDERS_CANCEL = "orders:cancel"
    ORDERS_DECIDE = "orders:decide"
    ORDERS_FULFILL = "orders:fulfill"
    ORDERS_CLOSE_SHORT = "orders:close_short"
    ORDERS_UNLINK = "orders:unlink"
    # Internal notes on an order: never a platform's to see.
    NOTES_READ = "notes:read"
    NOTES_WRITE = "notes:write"
    # Anybody's, not only one's own.
    NOTES_REMOVE = "notes:remove"
    # Asking the account's manager once more, and answering as that manager.
    ORDERS_ASK = "orders:ask"
    ORDERS_ANSWER = "orders:answer"
    DEVICES_READ = "devices:read"
    DEVICES_REGISTER = "devices:register"
    DEVICES_MOVE = "devices:move"
    # Correcting an identifier, and letting another device take the place of a broken one.
    DEVICES_REPLACE = "devices:replace"
    # Seeing which other account holds an identifier, across platforms.
    HOLDERS_READ = "holders:read"
    ACCOUNTS_READ = "accounts:read"
    ACCOUNTS_WRITE = "accounts:write"
    # Writing an account's employees as its HR directory or an imported list says.
    DIRECTORY_WRITE = "directory:write"
    # Letting an identity provider do so, and ending it.
    DIRECTORY_CONNECT = "directory:connect"
    # Taking an employee's name out of everything, for good.
    EMPLOYEES_ANONYMIZE = "employees:anonymize"
    # Making one record of two that are one person's.
    EMPLOYEES_MERGE = "employees:merge"
    CATALOG_READ = "catalog:read"
    CATALOG_WRITE = "catalog:write"
    # Asking what a platform sells, to order it or to correct an order.
    CATALOG_CHOOSE = "catalog:choose"
    DISTRIBUTORS_READ = "distributors:read"
    DISTRIBUTORS_WRITE = "distributors:write"
    PLATFORMS_READ = "platforms:read"
    PLATFORMS_WRITE = "platforms:write"
    PEOPLE_READ = "people:read"
    PEOPLE_WRITE = "people:write"
    AUDIT_READ = "audit:read"
    # The whole of it, by a program.
    AUDIT_READ_ALL = "audit:read_all"
    DASHBOARD_READ = "dashboard:read"
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
        Permission.SEARCH,
        Permission.SEARCHES_OWN,
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
    # Support changes nothing of a platform's; what it notes is not theirs.
    Role.SUPPORT: _READERS | {Permission.NOTES_READ, Permission.NOTES_WRITE},
    Role.PLATFORM_ADMIN: _READERS
    | {
        Permission.ORDERS_SUBMIT,
        Permission.ORDERS_COPY,
        Permission.ORDERS_EDIT,
        Permission.ORDERS_CANCEL,
        Permission.DASHBOARD_READ,
        Permission.ORDERS_ASK,
        Permission.ACCOUNTS_WRITE,
        Permission.DIRECTORY_WRITE,
        Permission.DIRECTORY_CONNECT,
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
        Permission.ORDERS_CLOSE_SHORT,
        Permission.ORDERS_UNLINK,
        Permission.NOTES_READ,
        Permission.NOTES_WRITE,
        Permission.NOTES_REMOVE,
        Permission.DASHBOARD_READ,
        Permission.ORDERS_ASK,
        Permission.DEVICES_REGISTER,
        Permission.DEVICES_MOVE,
        Permission.DEVICES_REPLACE,
        Permission.HOLDERS_READ,
        Permission.ACCOUNTS_WRITE,
        Permission.DIRECTORY_WRITE,
        Permission.DIRECTORY_CONNECT,
        Permission.EMPLOYEES_ANONYMIZE,
        Permission.EMPLOYEES_MERGE,
        Permission.CATALOG_CHOOSE,
        Permission.CATALOG_WRITE,
        Permission.TOKENS_WRITE,
        Permission.DISTRIBUTORS_READ,
        Permission.DISTRIBUTORS_WRITE,
        Permission.PLATFORMS_READ,
        Permission.PLATFORMS_WRITE,
        Permission.PEOPLE_READ,
        Permission.PEOPLE_WRITE,
        Permission.AUDIT_READ_ALL,
        Permission.WEBHOOKS_WRITE,
        Permission.OUTGOING_READ,
        Permission.OUTGOING_REPLAY,
        Permission.NEW_ORDER_MAIL,
    },
    Role.MANAGER: frozenset({Permission.ORDERS_ANSWER}),
}


@dataclass(frozen=True, slots=True)
class Actor:
    """Somebody who does something: a person at a page, a token, or the command line.

    ``platform_ids`` is the set of platforms they are given; ``None`` means all of them. ``only`` narrows what
    the role is granted, for a token that is good for one thing.
    """

    id: int | None
    name: str
    role: Role
    platform_ids: frozenset[int] | None
    only: frozenset[Permission] | None = None

    @property
    def permissions(self) -> frozenset[Permission]:
        """Everything this actor is granted."""
        return GRANTS[self.role] if self.only is None else GRANTS[self.role] & self.only

    def can(self, permission: Permission) -> bool:
        """Whether this actor is granted the permission."""
        return permission in GRANTS[self.role] and (self.only is None or permission in self.only)

    @property
    def sees_several_platforms(self) -> bool:
        """Whether this actor is given more than one platform, so that pages name them."""
        return self.platform_ids is None or len(self.platform_ids) > 1

    def sees(self, platform_id: int) -> bool:
        """Whether this actor is given the platform."""
        return self.platform_ids is None or platform_id in self.platform_ids


COMMAND_LINE = Actor(None, "Command line", Role.SUPER_ADMIN, None)


def require(actor: Actor, permission: Permission) -> None:
    """Refuse an actor who is not granted the permission.

    Raises:
        NotAllowed: with a sentence naming the role and what it may not do.
    """
    if not actor.can(permission):
        who = "This token" if actor.only is not None else _PLURALS[actor.role]
        raise NotAllowed(f"{who} may not {describe_permission(permission)}.")
