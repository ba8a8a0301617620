"""Rows of a list that are about one device: it is used once, with what they agree on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from hwadmin.list_import.matching.matching_report import ListReport
from hwadmin.list_import.row_reading import Candidate, Unused


def each_once(candidates: Sequence[Candidate], report: ListReport) -> list[tuple[Candidate, list[Candidate]]]:
    """Each identifier once, with the further rows that have it; those are told in the report."""
    by_key: dict[str, list[Candidate]] = {}
    for candidate in candidates:
        by_key.setdefault(candidate.key, []).append(candidate)
    for same in by_key.values():
        for candidate in same[1:]:
            reason = f"The same as in {same[0].place}; it is used once."
            report.duplicates.append(Unused(candidate.row, candidate.text, reason, candidate.sheet))
    report.duplicates.sort(key=lambda duplicate: duplicate.row)
    return [(_whole(same, report), same[1:]) for same in by_key.values()]


def rows_of(same: Sequence[Candidate]) -> str:
    """The rows of one device in words."""
    return f"Rows {', '.join(str(one.row) for one in same)}"


def _whole(same: Sequence[Candidate], report: ListReport) -> Candidate:
    """The first of several rows of one device, with the serial number they agree on."""
    first, *again = same
    serials = {read.serial.casefold(): read.serial for one in same for read in one.readings if read.serial}
    if not again or not serials:
        return first
    serial = next(iter(serials.values())) if len(serials) == 1 else None
    if serial is None:
        reason = f"Serial number: not stored. {rows_of(same)} state different ones."
        report.aside.append(Unused(first.row, " \u00b7 ".join(serials.values()), reason, first.sheet))
    return replace(first, readings=tuple(replace(read, serial=serial) for read in first.readings))
