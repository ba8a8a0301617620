"""What each permission lets somebody do, as the end of a sentence: "Support may not …". Pure."""

from __future__ import annotations

from collections.abc import Mapping

# By the permission's own word; what is missing here is called "do this".
PHRASES: Mapping[str, str] = {
    "own_account:use": "use an account page",
    "everything:search": "search everything",
    "searches:own": "save searches",
    "orders:read": "see orders",
    "orders:submit": "order hardware",
    "orders:copy": "copy orders",
    "orders:edit": "edit orders",
    "orders:cancel": "cancel orders",
    "orders:decide": "approve, reject or place orders",
    "orders:fulfill": "fulfill orders",
    "orders:close_short": "close orders short",
    "orders:unlink": "take a device off an order",
    "notes:read": "read internal notes",
    "notes:write": "write internal notes",
    "notes:remove": "remove the notes of others",
    "orders:ask": "ask an account’s manager again",
    "orders:answer": "answer for an account’s manager",
    "devices:read": "see devices",
    "devices:register": "register devices",
    "devices:move": "move devices to another account",
    "devices:replace": "correct or replace devices",
    "holders:read": "see who has a device",
    "accounts:read": "see accounts",
    "accounts:write": "create or change accounts",
    "directory:write": "change an account’s directory",
    "directory:connect": "connect a directory",
    "employees:anonymize": "anonymize employees",
    "employees:merge": "merge two records of one person",
    "catalog:read": "see the catalog",
    "catalog:write": "change the catalog",
    "catalog:choose": "choose from the catalog",
    "distributors:read": "see the distributors",
    "distributors:write": "change the distributors",
    "platforms:read": "see the platforms",
    "platforms:write": "change platforms",
    "people:read": "see who can sign in",
    "people:write": "change who can sign in",
    "audit:read": "read the audit log",
    "audit:read_all": "read the whole audit log",
    "dashboard:read": "open the dashboard",
    "tables:export": "export tables",
    "tokens:own": "use tokens",
    "tokens:write": "change the tokens of others",
    "webhooks:write": "change webhooks",
    "webhooks:own": "change webhooks",
    "outgoing:read": "see outgoing messages",
    "outgoing:replay": "send messages again",
    "new_order_mail:choose": "choose how to be told of new orders",
}


def describe_permission(permission: str) -> str:
    """What the permission lets somebody do."""
    return PHRASES.get(permission, "do this")
