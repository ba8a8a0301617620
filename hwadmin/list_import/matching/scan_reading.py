"""What one scan holds: the identifier it can hardly fail to be, or why it is none."""

from __future__ import annotations

import re
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace

from stdnum import ean

from hwadmin.identifiers import (
    Identifier,
    IdentifierError,
    IdentifierKind,
    normalise_serial,
    parse,
    same_make,
    vendor,
)
from hwadmin.identifiers.barcodes import label_text, on_another_keyboard
from hwadmin.identifiers.harvest import harvest, is_serial_label
from hwadmin.list_import.item_names import Names
from hwadmin.list_import.planned_units import ListUnit

MAC, IPEI = IdentifierKind.MAC, IdentifierKind.IPEI
_ECHO = 60


class ScanRefused(Exception):
    """The reason why a scan is not taken."""


class ScanReader:
    """Reads scans for an order: which identifiers it waits for, its makers and its part numbers."""

    def __init__(self, units: Sequence[ListUnit], named: Sequence[ListUnit]) -> None:
        """Note what the order waits for.

        Args:
            units: its units that become devices.
            named: all its units, whose part numbers a scan may be.
        """
        self._units = units
        self._names = Names(named)

    def read(self, text: str) -> tuple[Identifier, str]:
        """The identifier a scan can hardly fail to be, and a warning where it could be something else."""
        kinds = list(dict.fromkeys(unit.kind.identifier_kind for unit in self._units))
        kinds_awaited = [kind for kind in IdentifierKind if kind in kinds]
        if reason := self._item(text):
            raise ScanRefused(reason)
        found = self.identifiers(text)
        if not found:
            reason = self.explain_rejection(text, kinds_awaited) or _no_identifier(text, kinds_awaited)
            raise ScanRefused(reason)
        if len(found) == 1:
            return found[0], self._may_be_else(text, found[0])
        if len({one.value for one in found}) > 1 and not _plain_digits(text, 12):
            raise ScanRefused("There are several identifiers in this code; scan the label of one device.")
        fitting = [one for one in found if one.kind in kinds_awaited]
        # Twelve digits: of a maker this order waits for they are a MAC address, unless handsets wait as well.
        if len(fitting) == 1 and (fitting[0].kind is IPEI or self._maker_fits(fitting[0])):
            return fitting[0], self._may_be_else(text, fitting[0])
        if len(fitting) < 2:
            raise ScanRefused(self.explain_rejection(text, kinds_awaited) or _UNPROVEN.format(_digits(text)))
        raise ScanRefused(
            "These digits may be a MAC address or an IPEI without its check digit; "
            "choose the unit, then scan it again."
        )

    def identifiers(self, text: str) -> list[Identifier]:
        """The identifiers in a scan; serial number and second IMEI of the label belong to the same device."""
        text = label_text(text)
        read = harvest(text)
        reads = [one for found in read.identifiers if found.label != "imei2" for one in found.readings]
        if len(reads) != 1:
            return reads
        whole = reads[0]
        # Together with what stands behind it: the serial number, a second IMEI.
        with suppress(IdentifierError):
            behind = parse(whole.kind, text)
            whole = behind if behind.value == whole.value else whole
        # And with what the label names anywhere else.
        serials = {one.text for one in read.aside if is_serial_label(one.label)}
        if whole.serial is None and len(serials) == 1:
            with suppress(IdentifierError):
                whole = replace(whole, serial=normalise_serial(serials.pop()))
        seconds = {found.readings[0].value for found in read.identifiers if found.label == "imei2"}
        if whole.second_imei is None and len(seconds) == 1 and seconds != {whole.value}:
            whole = replace(whole, second_imei=seconds.pop())
        return [whole]

    def _maker_fits(self, read: Identifier) -> bool:
        maker = vendor(read.value)
        return bool(maker) and any(
            same_make(maker or "", unit.make) for unit in self._units if unit.kind.identifier_kind is MAC
        )

    def _may_be_else(self, text: str, read: Identifier) -> str:
        """Why it may be something else all the same. Raises where that is as likely."""
        if read.kind is MAC and _plain_digits(text, 12) and not self._maker_fits(read):
            raise ScanRefused(self.explain_rejection(text, [MAC]) or _UNPROVEN.format("12"))
        if read.kind is IPEI and _plain_digits(text, 10):
            raise ScanRefused(_UNPROVEN.format("10"))
        if read.kind is IPEI and _plain_digits(text, 12):
            if ean.is_valid(text.strip()):
                raise ScanRefused(self.explain_rejection(text, [IPEI]))
            return "There is no check digit, so it may be another number; compare it with the label."
        if read.kind is IPEI and _plain_digits(text, 13) and ean.is_valid(text.strip()):
            return "It may also be the article's bar code (EAN); compare it with the label."
        return ""

    def explain_rejection(self, text: str, kinds: Sequence[IdentifierKind]) -> str:
        """What a scan is that holds no identifier; empty where nothing can be reason."""
        if reason := self._item(text):
            return reason
        if address := on_another_keyboard(text):
            return (
                f"This is the MAC address {address.upper()} typed on another keyboard layout; "
                "set the layout of the scanner and of this computer to the same."
            )
        nouns = join_or([kind.noun for kind in kinds])
        plain = text.strip()
        if plain.isascii() and plain.isdecimal() and len(plain) in (8, 12, 13, 14) and ean.is_valid(plain):
            return f"This is the article's bar code (EAN), the same on every box; scan the {nouns}."
        read = harvest(text)
        if read.aside:
            return f"This is a {_labelled(read.aside[0].label)}; scan the {nouns}."
        # Of a bare value, the reason is given for the kinds this order waits for.
        return read.damaged[0].reason if read.damaged and read.damaged[0].text != plain else ""

    def _item(self, text: str) -> str:
        """That it names an item, on the label of the box, and no device."""
        named = self._names.by_sku(text).lines if len(text) <= _ECHO else frozenset()
        if not named:
            return ""
        items = [self._names.items[line_id].model for line_id in sorted(named)]
        return f"This is the part number of {join_and(items)}, the same on every box; scan the device's own."


_UNPROVEN = (
    "{} plain digits may be any number, such as a serial or article number; "
    "if this is the identifier, choose the unit and scan it again."
)


def _no_identifier(text: str, kinds: Sequence[IdentifierKind]) -> str:
    """The reason why a text is none of the wanted identifiers."""
    reasons = []
    for kind in kinds:
        try:
            parse(kind, text)
        except IdentifierError as error:
            reasons.append(str(error))
        else:
            return _UNPROVEN.format(_digits(text))
    if len(reasons) == 1:
        return reasons[0]
    if read := harvest(text).damaged:
        return read[0].reason
    nouns = join_or([kind.noun for kind in kinds])
    return f"This is no {nouns}; it may be a serial or part number. Scan the label that names the {nouns}."


def _plain_digits(text: str, count: int) -> bool:
    return re.fullmatch(f"[0-9]{{{count}}}", text.strip()) is not None


def _digits(text: str) -> str:
    return str(sum(character.isdecimal() for character in text))


def _labelled(label: str) -> str:
    word = re.sub(r"[\W_]", "", label).lower()
    return "serial number" if word in ("sn", "serial", "serialno", "serialnumber", "serialnr") else label


def join_and(words: Sequence[str]) -> str:
    return f"{', '.join(words[:-1])} and {words[-1]}" if len(words) > 1 else "".join(words)


def join_or(words: Sequence[str]) -> str:
    return f"{', '.join(words[:-1])} or {words[-1]}" if len(words) > 1 else "".join(words)
