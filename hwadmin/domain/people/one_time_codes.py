"""One-time codes of an authenticator app (RFC 6238), and the recovery codes for when it is lost.

Pure: no Flask, no database. Six digits, SHA-1, a new code every 30 seconds: what every app understands.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import secrets
from urllib.parse import quote, urlencode

SECONDS = 30
DIGITS = 6
# A clock may be one step off either way.
_STEPS_OFF = 1
_SECRET_BYTES = 20
RECOVERY_CODES = 10
# No letter or digit that looks like another one: four groups of six, about 118 bits. From 112 bits on nobody
# can try all codes against what is stored, so that it may be a plain hash (OWASP ASVS 6.5.2).
_LEGIBLE = "abcdefghjkmnpqrstuvwxyz23456789"
_GROUPS = 4
_GROUP = 6


def new_secret() -> str:
    """A secret to share with an app, in base 32 as apps take it."""
    return base64.b32encode(secrets.token_bytes(_SECRET_BYTES)).decode()


def code_at(secret: str, step: int) -> str:
    """The code of a step of half a minute.

    Args:
        secret: in base 32.
        step: how many steps since 1970 (RFC 6238, T).
    """
    digest = hmac.new(base64.b32decode(secret), step.to_bytes(8, "big"), hashlib.sha1).digest()
    offset = digest[-1] & 0x0F
    number = int.from_bytes(digest[offset : offset + 4], "big") & 0x7FFFFFFF
    return f"{number % 10**DIGITS:0{DIGITS}d}"


def matching_step(secret: str, code: str, now: float, last_step: int = -1) -> int | None:
    """The step a code is of, if it is a new one of about now.

    Args:
        secret: in base 32.
        code: as typed.
        now: seconds since 1970.
        last_step: the step of the last code taken; none up to it counts again.
    """
    typed = "".join(code.split())
    if len(typed) != DIGITS or not (typed.isascii() and typed.isdigit()):
        return None
    this_step = int(now) // SECONDS
    found = None
    for step in range(this_step - _STEPS_OFF, this_step + _STEPS_OFF + 1):
        if hmac.compare_digest(code_at(secret, step), typed) and step > last_step:
            found = step
    return found


def app_address(secret: str, person: str, issuer: str = "hwadmin") -> str:
    """What the QR code for an app says (the Key URI format of Google Authenticator)."""
    label = f"{quote(issuer)}:{quote(person)}"
    return f"otpauth://totp/{label}?{urlencode({'secret': secret, 'issuer': issuer})}"


def is_secret(text: str) -> bool:
    """Whether a text is a secret as ``new_secret`` makes them."""
    try:
        return len(base64.b32decode(text)) == _SECRET_BYTES
    except (binascii.Error, ValueError):
        return False


def new_recovery_codes() -> list[str]:
    """Codes that each stand in for one code of the app, once."""

    def group() -> str:
        return "".join(secrets.choice(_LEGIBLE) for _ in range(_GROUP))

    return ["-".join(group() for _ in range(_GROUPS)) for _ in range(RECOVERY_CODES)]


def recovery_code_hash(person_id: int, code: str) -> str:
    """What is stored of a recovery code, however it is typed."""
    plain = "".join(character for character in code.lower() if character.isalnum())
    return hashlib.sha256(f"{person_id}:{plain}".encode("utf-8", "replace")).hexdigest()
