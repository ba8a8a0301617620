"""A saved mail (.eml) or a page saved as one file (.mht): its text, its tables, or a list attached to it."""

from __future__ import annotations

import email
import email.policy
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from hwadmin.identifiers.harvest import harvest
from hwadmin.list_import.text_encodings.assumed_encoding import marked_text

_HEADER = re.compile(rb"(?:[A-Za-z][A-Za-z0-9-]{0,60}:[^\r\n]*\r?\n(?:[ \t][^\r\n]*\r?\n)*){2,}")
_KNOWN = re.compile(
    rb"^(?:mime-version|received|message-id|return-path|from|subject|delivered-to):", re.I | re.M
)
_LISTS = (".csv", ".tsv", ".txt", ".xlsx", ".xlsm", ".xls", ".ods", ".zip")
_MAX_PARTS = 40
_TEXT_SEARCHED = 20_000


def is_mail(data: bytes) -> bool:
    """Whether a file begins with the headers of a mail."""
    start = data[:4000].lstrip()
    return _HEADER.match(start) is not None and len(_KNOWN.findall(start)) >= 2 and data.count(b"--") < 20_000


@dataclass(frozen=True, slots=True)
class MailParts:
    """A list attached to a mail, or else its text, and whether that is HTML; and what of it is not read."""

    attached: bytes | None
    text: str = ""
    is_html: bool = False
    not_read: tuple[str, ...] = ()


def parts_of_mail(data: bytes) -> MailParts:
    """The list in a mail."""
    message = email.message_from_bytes(data, policy=email.policy.default)
    text, html = "", ""
    attached: list[tuple[str, bytes]] = []
    for number, part in enumerate(message.walk()):
        if number > _MAX_PARTS:
            break
        if part.is_multipart():
            continue
        content = part.get_payload(decode=True)
        if not isinstance(content, bytes):
            continue
        name = part.get_filename() or ""
        if name.lower().endswith(_LISTS):
            attached.append((name, content))
            continue
        kind = part.get_content_type()
        if kind == "text/html":
            html = html or _decoded(content, part.get_content_charset())
        elif kind == "text/plain":
            text = text or _decoded(content, part.get_content_charset())
    if attached:
        return MailParts(attached[0][1], not_read=tuple(_not_read(attached[1:], text or html)))
    is_html = "<table" in html.lower() or not text
    return MailParts(None, html if is_html else text, is_html)


def _not_read(others: Sequence[tuple[str, bytes]], text: str) -> Iterator[str]:
    """What of a mail with a list attached is not read: further lists, and identifiers in its text."""
    for name, _content in others:
        yield f"The mail has a further list attached, {' '.join(name.split())[:80]}; upload it on its own."
    words = " ".join(text[:_TEXT_SEARCHED].split())
    if found := harvest(words).identifiers:
        yield f"The text of the mail names {found[0].text}; it is not read beside the list attached."


def _decoded(content: bytes, charset: str | None) -> str:
    try:
        return content.decode(charset or "utf-8")
    except (LookupError, UnicodeDecodeError):
        return marked_text(content)
