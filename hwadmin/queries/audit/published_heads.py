"""The published heads of the audit trail, as they are kept beside the database and in mails."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from hwadmin.queries.audit.chain_verification import Head

HEADS_FILE = "audit-heads.txt"
_LINE = re.compile(r"(\d{4}-\d{2}-\d{2}) (\d{1,18}) ([0-9a-f]{64})", re.ASCII)


class UnreadableHeads(ValueError):
    """A file that should hold published heads holds something else."""


def heads_file(instance: Path) -> Path:
    """Where heads are kept, in the instance folder: a line a day."""
    return instance / HEADS_FILE


def read_heads(path: Path) -> list[Head]:
    """The heads a file holds; none where there is no file.

    Raises:
        UnreadableHeads: naming the first line that is none.
        OSError: the file cannot be read.
    """
    return list(heads_of(path.read_text(errors="replace"), str(path))) if path.exists() else []


def heads_of(text: str, place: str) -> Iterator[Head]:
    """The heads a text holds, a line each; ``place`` names the text where a line is none.

    Raises:
        UnreadableHeads: naming the first line that is none.
    """
    for number, line in enumerate(text.splitlines(), 1):
        if line.strip():
            yield read_head(line.strip(), f"Line {number} of {place}")


def read_head(text: str, where: str = "This") -> Head:
    """A head as the file and the mail write it: day, number of links, hash.

    Raises:
        UnreadableHeads: where it is none.
    """
    match = _LINE.fullmatch(text)
    if match is None:
        raise UnreadableHeads(
            f"{where} is no published head: write “2026-11-21 1234 0123…”, day, number, hash."
        )
    return Head(int(match[2]), match[3], match[1])


def written(head: Head) -> str:
    """A head as the file and the mail write it."""
    return f"{head.published_on} {head.seq} {head.hash}"
