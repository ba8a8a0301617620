"""Links that are signed and not stored: no copy of the database and no log of outgoing mail opens them.

A link's token is made of the key of a row, its random seed and the secret key of the product. Pure.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re

_TOKEN = re.compile(r"([0-9]{1,18})-([a-z2-7]{52})")


def signed_token(secret_key: str, purpose: str, row_id: int, seed: str) -> str:
    """The token at the end of a link: the key of the row, and the signature over it.

    Args:
        secret_key: the product's.
        purpose: what the link is for, so that one kind of link is no other.
        row_id: the row's key.
        seed: random, kept in the row.
    """
    signed = hmac.new(secret_key.encode(), f"{purpose}:{row_id}:{seed}".encode(), hashlib.sha256).digest()
    # Only characters that mail programs do not mistake for the end of a sentence.
    return f"{row_id}-{base64.b32encode(signed).decode().rstrip('=').lower()}"


def row_id_of(token: str) -> int | None:
    """The key of the row that a token names, signed or not; None where it cannot be a token."""
    match = _TOKEN.fullmatch(token)
    return int(match[1]) if match else None


def is_token_of(secret_key: str, purpose: str, row_id: int, seed: str, token: str) -> bool:
    """Whether exactly this token was made for the row."""
    return hmac.compare_digest(signed_token(secret_key, purpose, row_id, seed).encode(), token.encode())
