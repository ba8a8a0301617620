"""One serial number on two devices of a list: printed once, it is one device's, so somebody says whose."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from hwadmin.list_import.matching.matching_report import Questions
from hwadmin.list_import.row_reading import Candidate

_NONE = "none"


def without_shared_serials(candidates: Sequence[Candidate], questions: Questions) -> list[Candidate]:
    """The candidates, those that share a serial number without it unless the answer says it is theirs."""
    by_serial: dict[str, dict[str, Candidate]] = {}
    for candidate in candidates:
        for read in candidate.readings:
            if read.serial:
                by_serial.setdefault(read.serial.casefold(), {}).setdefault(candidate.key, candidate)
    shared = {serial: list(owners.values()) for serial, owners in by_serial.items() if len(owners) > 1}
    if not shared:
        return list(candidates)
    owner_of: dict[str, str] = {}
    for serial, owners in shared.items():
        written = next(read.serial for read in owners[0].readings if read.serial)
        choices = tuple((owner.key, f"It is {owner.text}\u2019s ({owner.place})") for owner in owners[:20])
        choices = (*choices, (_NONE, "It is none of theirs"))
        reason = f"The serial number {written} is written beside {len(owners)} devices."
        for owner in owners:
            owner_of[serial] = questions.ask(replace(owner, concern=""), reason, choices, about=serial)
    return [_stripped(candidate, owner_of) for candidate in candidates]


def _stripped(candidate: Candidate, owner_of: dict[str, str]) -> Candidate:
    readings = tuple(
        replace(read, serial=None)
        if read.serial and owner_of.get(read.serial.casefold(), candidate.key) != candidate.key
        else read
        for read in candidate.readings
    )
    return replace(candidate, readings=readings)
