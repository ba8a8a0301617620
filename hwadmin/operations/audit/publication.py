"""Keeping the head of the audit trail's chain beside the database, so that no new chain passes for it."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

from hwadmin.clock import utcnow
from hwadmin.queries.audit.chain_verification import Head, head
from hwadmin.queries.audit.published_heads import read_heads, written


def keep_head_of_today(path: Path) -> Head:
    """Add the head to a file of heads. It gets one line a day: the first of the day stays.

    Returns:
        The head that the file has for today.

    Raises:
        UnreadableHeads: the file holds something else.
        OSError: the file cannot be written.
    """
    today = utcnow().date().isoformat()
    kept = next((row for row in read_heads(path) if row.published_on == today), None)
    if kept is not None:
        return kept
    new = replace(head(), published_on=today)
    with path.open("a") as file:
        file.write(f"{written(new)}\n")
        file.flush()
        os.fsync(file.fileno())
    return new
