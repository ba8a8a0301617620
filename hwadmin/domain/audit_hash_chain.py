"""The chain over the audit trail: what of an event is hashed, and how each link holds the one before.

Pure. An event's immutable facts are hashed as they are. Its words, which may name people, are hashed with a
random salt of their own: who is anonymized is taken out of both, and what remains in the chain cannot be
guessed back. The chain itself is one link per event; the database writes it, see ``migrations/``.
"""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

# Who, what and when, by reference: these never change and name nobody.
FACTS = (
    "at",
    "kind",
    "actor_id",
    "platform_id",
    "account_id",
    "order_id",
    "device_id",
    "request_id",
    "transaction_id",
)
# What it says to people; see above.
WORDS = ("actor_name", "platform_name", "account_name", "summary", "reason", "details")


def genesis(begins_after: int) -> str:
    """The hash before the first link, which says after which event the chain begins."""
    return _hash(f"The chain begins after event {begins_after}.")


def link(before: str, seq: int, event_id: int, digest: str) -> str:
    """The hash of a link. The database computes the same; see the migration that adds the chain."""
    return _hash(f"{before}:{seq}:{event_id}:{digest}")


def seal(event: Mapping[str, Any]) -> dict[str, str]:
    """The salt, commitment and digest of an event, once all of it is known."""
    salt = fresh_salt()
    committed = commitment(salt, event)
    return {"salt": salt, "commitment": committed, "digest": digest(event, committed)}


def fresh_salt() -> str:
    """A salt of 128 random bits, in hexadecimal."""
    return secrets.token_hex(16)


def commitment(salt: str, words: Mapping[str, Any]) -> str:
    """The salted hash of an event's words: it proves them, and they can be redacted all the same."""
    return _hash(f"{salt}:{_written({name: words[name] for name in WORDS})}")


def digest(facts: Mapping[str, Any], commitment: str) -> str:
    """The hash of an event's facts and of the commitment to its words: what its link covers."""
    return _hash(_written({name: facts[name] for name in FACTS} | {"words": commitment}))


def digest_of_redactions(rows: Iterable[tuple[int, int, str]]) -> str:
    """The hash of what an anonymization changed: key, event and new commitment of each row."""
    return _hash(_written([list(row) for row in sorted(rows)]))


def _written(value: Any) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=_moment)


def _moment(value: Any) -> str:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="microseconds")
    raise TypeError(f"{type(value).__name__} cannot be hashed.")


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
