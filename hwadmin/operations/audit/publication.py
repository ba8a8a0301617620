"""Keeping the head of the audit trail's chain beside the database, so that no new chain passes for it."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

from hwadmin.clock import utcnow
from hwadmin.domain.wording import inflect, plural
from hwadmin.queries.audit.chain_verification import Head, head
from hwadmin.queries.audit.published_heads import read_heads, written


def keep_head_of_today(path: Path) -> tuple[Head, bool]:
    """Add the head to a file of heads. It gets one line a day: the first of the day stays.

    Returns:
        The head that the file has for today, and whether it was added just now.

    Raises:
        UnreadableHeads: the file holds something else.
        OSError: the file cannot be written.
    """
    today = utcnow().date().isoformat()
    kept = next((row for row in read_heads(path) if row.published_on == today), None)
    if kept is not None:
        return kept, False
    new = replace(head(), published_on=today)
    with path.open("a") as file:
        file.write(f"{written(new)}\n")
        file.flush()
        os.fsync(file.fileno())
    return new, True


def describe_published_head(kept: Head, *, added: bool) -> str:
    """What came of publishing the head of today, in a sentence."""
    if added:
        return f"Link {kept.seq:,} is published as the head of today."
    later = head().seq - kept.seq
    return (
        f"The head of today was published before, at link {kept.seq:,}: "
        f"the {plural(later, 'link')} since then {inflect(later, 'is', 'are')} in the head of tomorrow."
    )
