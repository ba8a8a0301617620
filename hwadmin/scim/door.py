"""The door of the directories: a token of the very account in the address, and of no other."""

from __future__ import annotations

from flask import current_app, request

from hwadmin.api.door import count, not_valid, note_use, secret_sent
from hwadmin.operations import directory_tokens
from hwadmin.permissions import Actor

LIMIT = "hwadmin_scim_limit"


def recognise() -> Actor:
    """Who pushes, by the token the request bears.

    Raises:
        Unauthorized: without a token, or with one that is unknown, revoked, or another account's. Whether
            there is such an account is nobody's to learn.
        TooManyRequests: with the seconds to wait.
    """
    holder = directory_tokens.holder_of(secret_sent())
    if holder is None or str(holder.account_id) != (request.view_args or {}).get("account"):
        raise not_valid()
    count(current_app.extensions[LIMIT], holder.prefix)
    if not holder.use_is_noted:
        note_use(lambda: directory_tokens.note_use(holder.token_id))
    return holder.actor
