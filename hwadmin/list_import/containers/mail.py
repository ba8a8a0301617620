"""A saved mail (.eml) or a page saved as one file (.mht): its text, its tables, or a list attached to it."""

from __future__ import annotations

import email
import email.policy
import re

from hwadmin.list_import.text_encodings.assumed_encoding import marked_text

_HEADER = re.compile(rb"(?:[A-Za-z][A-Za-z0-9-]{0,60}:[^\r\n]*\r?\n(?:[ \t][^\r\n]*\r?\n)*){2,}")
_KNOWN = re.compile(
    rb"^(?:mime-version|received|message-id|return-path|from|subject|delivered-to):", re.I | re.M
)
_LISTS = (".csv", ".tsv", ".txt", ".xlsx", ".xlsm", ".xls", ".ods")
_MAX_PARTS = 40


def is_mail(data: bytes) -> bool:
    """Whether a file begins with the headers of a mail."""
    start = data[:4000].lstrip()
    return _HEADER.match(start) is not None and len(_KNOWN.findall(start)) >= 2 and data.count(b"--") < 20_000


def parts_of_mail(data: bytes) -> tuple[bytes | None, str, bool]:
    """A list attached to the mail, or else its text, and whether that is HTML."""
    message = email.message_from_bytes(data, policy=email.policy.default)
    text, html = "", ""
    for number, part in enumerate(message.walk()):
        if number > _MAX_PARTS:
            break
        if part.is_multipart():
            continue
        content = part.get_payload(decode=True)
        if not isinstance(content, bytes):
            continue
        if (part.get_filename() or "").lower().endswith(_LISTS):
            return content, "", False
        kind = part.get_content_type()
        if kind == "text/html":
            html = html or _decoded(content, part.get_content_charset())
        elif kind == "text/plain":
            text = text or _decoded(content, part.get_content_charset())
    return (None, html, True) if "<table" in html.lower() or not text else (None, text, False)


def _decoded(content: bytes, charset: str | None) -> str:
    try:
        return content.decode(charset or "utf-8")
    except (LookupError, UnicodeDecodeError):
        return marked_text(content)
