"""One scan after the other: which unit of an order each value is for, or why it is for none.

A scanner sends whatever it is held to: the serial number, the article's bar code, the box before once more.
So a scan is taken only where it can hardly be anything but an identifier this order waits for. What is not
sure is refused with its reason; scanned into a unit that somebody chose, it is only read as that unit's.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum

from stdnum import ean

from hwadmin.identifiers import (
    Identifier,
    IdentifierError,
    IdentifierKind,
    parse,
    same_make,
    vendor,
)
from hwadmin.identifiers.harvest import harvest
from hwadmin.identifiers.unit_code import read_unit_code
from hwadmin.lists.names import ListUnit, Names

MAC, IPEI, IMEI = IdentifierKind.MAC, IdentifierKind.IPEI, IdentifierKind.IMEI
_ECHO = 60


class Taken(StrEnum):
    """What became of a scan."""

    PLACED = "placed"
    CHOSEN = "chosen"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Scan:
    """A scanned value. `again`: it may have arrived before, and only the answer been lost."""

    text: str
    again: bool = False


@dataclass(frozen=True, slots=True)
class Scanned:
    """What became of a scan: the unit it went to or chose, or the reason why it went nowhere.

    `value`: the identifier as it stands in the unit's field; `former`: what stood there before. `doubt`: why
    one should look at where it went.
    """

    taken: Taken
    said: str = ""
    unit: ListUnit | None = None
    value: str = ""
    former: str = ""
    doubt: str = ""


class _Refused(Exception):
    """The reason why a scan is not taken."""


@dataclass(frozen=True, slots=True)
class _Holder:
    """Who has an identifier already."""

    unit: ListUnit
    # Empty for one's own; a name for somebody else's.
    name: str = ""
    registered: bool = False


class Desk:
    """The units of one order, what stands in each field, and which wait for a device.

    `chosen`: the unit the next scan goes into, and no other. `line`: the item that is being scanned, where
    somebody said so.
    """

    def __init__(
        self,
        order_id: int,
        units: Sequence[ListUnit],
        mine: Mapping[int, str],
        theirs: Iterable[tuple[int, str, str]] = (),
    ) -> None:
        """Lay out the units.

        Args:
            order_id: the order's key.
            units: all units, in unit order, with the keys of the devices they have.
            mine: what I entered, by unit.
            theirs: what others are entering: unit, their name, the text.
        """
        self.order_id = order_id
        self.units = [unit for unit in units if unit.kind.identifier_kind is not None]
        self.by_id = {unit.id: unit for unit in self.units}
        self.names = Names(units)
        self.chosen: int | None = None
        self.line: int | None = None
        self.mine: dict[int, str] = {}
        self._theirs: dict[int, str] = {}
        self._holders: dict[str, _Holder] = {}
        for unit_id, name, text in theirs:
            if (unit := self.by_id.get(unit_id)) and text.strip():
                self._theirs.setdefault(unit_id, name)
                self._hold(_Holder(unit, name), text)
        for unit_id, text in mine.items():
            self.type(unit_id, text)
        for unit in self.units:
            if unit.key:
                self._holders[unit.key] = _Holder(unit, registered=True)

    def type(self, unit_id: int, text: str) -> str:
        """Put a text into a unit's field, whatever it is, and say what stood there before.

        What is wrong with it, the check says; a unit that has a device keeps it.
        """
        unit = self.by_id.get(unit_id)
        if unit is None or unit.key or unit.closed:
            return ""
        former = self.mine.pop(unit_id, "")
        if former:
            self._holders = {key: one for key, one in self._holders.items() if one != _Holder(unit)}
        if text.strip():
            self.mine[unit_id] = text.strip()
            self._hold(_Holder(unit), text)
        return former

    def _hold(self, holder: _Holder, text: str) -> None:
        kind = holder.unit.kind.identifier_kind
        assert kind is not None
        # What is no identifier nobody else can mean.
        with suppress(IdentifierError):
            self._holders.setdefault(parse(kind, text).key, holder)

    def scan(self, scan: Scan) -> Scanned:
        """Take one scan: choose the unit whose code it is, or put it into the unit it is for.

        A chosen unit waits until something was put into it; what is refused leaves it chosen.
        """
        try:
            if code := read_unit_code(scan.text):
                unit = self._coded(*code)
                self.chosen = unit.id
                return Scanned(Taken.CHOSEN, unit=unit)
            if self.chosen is None:
                return self._wherever_it_fits(scan)
            taken = self._into(scan, self._open(self.chosen))
            self.chosen = None
        except _Refused as refusal:
            return Scanned(Taken.REFUSED, str(refusal))
        return taken

    # ---- A unit somebody chose

    def _coded(self, order_id: int, place: int) -> ListUnit:
        if order_id != self.order_id:
            raise _Refused("This is the code of a unit of another order.")
        if place > len(self.units):
            raise _Refused(f"This order has {len(self.units)} units; this is the code of unit {place}.")
        return self._open(self.units[place - 1].id)

    def _open(self, unit_id: int) -> ListUnit:
        unit = self.by_id.get(unit_id)
        if unit is None:
            raise _Refused("There is no such unit in this order.")
        if unit.key:
            raise _Refused(f"{unit.label} has its device already.")
        if unit.closed:
            raise _Refused(f"{unit.label} is not awaited any more.")
        return unit

    def _into(self, scan: Scan, unit: ListUnit) -> Scanned:
        kind = unit.kind.identifier_kind
        assert kind is not None
        try:
            read = parse(kind, scan.text)
        except IdentifierError as error:
            found = [one for one in self._found(scan.text) if one.kind is kind]
            if len(found) != 1:
                raise _Refused(self._what_it_is(scan.text, [kind]) or str(error)) from error
            read = found[0]
        holder = self._holders.get(read.key)
        if holder and holder.unit.id == unit.id and not holder.name:
            return Scanned(Taken.PLACED, unit=unit, value=self.mine.get(unit.id, ""))
        if holder and not holder.name:
            raise _Refused(self._held(holder))
        value = read.written
        return Scanned(
            Taken.PLACED,
            unit=unit,
            value=value,
            former=self.type(unit.id, value),
            doubt=self._held(holder) if holder else "",
        )

    def _held(self, holder: _Holder) -> str:
        if holder.registered:
            return f"{holder.unit.label} of this order is this device already."
        if holder.name:
            return f"{holder.name} is entering it already, for {holder.unit.label}."
        return f"Scanned already: it is in {holder.unit.label}."

    # ---- The next open unit it fits

    def _wherever_it_fits(self, scan: Scan) -> Scanned:
        read, doubt = self._read(scan.text)
        holder = self._holders.get(read.key)
        if holder and scan.again and not holder.name and not holder.registered:
            return Scanned(Taken.PLACED, unit=holder.unit, value=self.mine[holder.unit.id])
        if holder:
            raise _Refused(self._held(holder))
        value = read.written
        spare = next((unit for unit in self.units if unit.reserved == read.key and not unit.key), None)
        if spare is not None:
            return Scanned(Taken.PLACED, unit=spare, value=value, former=self.type(spare.id, value))
        fitting = self._fitting(read)
        waiting = [
            unit for unit in fitting if not (unit.key or unit.closed or unit.reserved or unit.id in self.mine)
        ]
        free = [unit for unit in waiting if unit.id not in self._theirs]
        if not free:
            raise _Refused(self._full(fitting, waiting))
        unit = free[0]
        others = dict.fromkeys(one.model for one in free if one.line_id != unit.line_id)
        if others:
            doubt = doubt or f"It may be for {_either([*others])} as well; press the item to be sure."
        self.type(unit.id, value)
        return Scanned(Taken.PLACED, unit=unit, value=value, doubt=doubt)

    def _fitting(self, read: Identifier) -> list[ListUnit]:
        """The units it can be for: of its kind, of its maker where makes differ, of the item chosen."""
        of_kind = [unit for unit in self.units if unit.kind.identifier_kind is read.kind]
        if not of_kind:
            raise _Refused(f"Nothing in this order is known by {read.kind.with_article}.")
        said = [unit for unit in self.units if unit.line_id == self.line]
        if said and said[0].kind.identifier_kind is not read.kind:
            raise _Refused(f"This is {read.kind.with_article}; {said[0].model} is being scanned.")
        if said:
            return said
        makes = list(dict.fromkeys(unit.make for unit in of_kind))
        maker = vendor(read.value) if read.kind is MAC else None
        if len(makes) == 1 or read.kind is not MAC:
            return of_kind
        fits = [unit for unit in of_kind if maker and same_make(maker, unit.make)]
        if not fits:
            whose = f"is registered to {maker}" if maker else "has no known maker"
            raise _Refused(
                f"This MAC address {whose}; the order has {_both(makes)}. Choose the unit, then scan again."
            )
        return fits

    def _full(self, fitting: Sequence[ListUnit], waiting: Sequence[ListUnit]) -> str:
        models = _both(list(dict.fromkeys(unit.model for unit in fitting)))
        if waiting:
            names = _both(sorted({self._theirs[unit.id] for unit in waiting}))
            return f"{names} is entering every {models} that is left; choose a unit to enter it all the same."
        return f"More than the order waits for: every {models} has its identifier."

    # ---- What it is

    def _read(self, text: str) -> tuple[Identifier, str]:
        """The identifier a scan can hardly fail to be, and a doubt where it could be something else."""
        kinds = list(dict.fromkeys(unit.kind.identifier_kind for unit in self.units))
        wanted = [kind for kind in IdentifierKind if kind in kinds]
        if said := self._item(text):
            raise _Refused(said)
        found = self._found(text)
        if not found:
            raise _Refused(self._what_it_is(text, wanted) or _no_identifier(text, wanted))
        if len(found) == 1:
            return found[0], self._may_be_else(text, found[0])
        if len({one.value for one in found}) > 1 and not _plain_digits(text, 12):
            raise _Refused("There are several identifiers in this code; scan the label of one device.")
        fitting = [one for one in found if one.kind in wanted]
        # Twelve digits: of a maker this order waits for they are a MAC address, unless handsets wait as well.
        if len(fitting) == 1 and (fitting[0].kind is IPEI or self._maker_fits(fitting[0])):
            return fitting[0], self._may_be_else(text, fitting[0])
        if len(fitting) < 2:
            raise _Refused(self._what_it_is(text, wanted) or _UNPROVEN.format(_digits(text)))
        raise _Refused(
            "These digits may be a MAC address or an IPEI without its check digit; "
            "choose the unit, then scan it again."
        )

    def _found(self, text: str) -> list[Identifier]:
        """The identifiers in a scan; a second IMEI belongs to the same phone."""
        found = [one for one in harvest(text).found if one.label != "imei2"]
        reads = [read for one in found for read in one.readings]
        if len(reads) == 1:
            # Together with what stands behind it: the serial number, a second IMEI.
            with suppress(IdentifierError):
                whole = parse(reads[0].kind, text)
                return [whole] if whole.value == reads[0].value else reads
        return reads

    def _maker_fits(self, read: Identifier) -> bool:
        maker = vendor(read.value)
        return bool(maker) and any(
            same_make(maker or "", unit.make) for unit in self.units if unit.kind.identifier_kind is MAC
        )

    def _may_be_else(self, text: str, read: Identifier) -> str:
        """Why it may be something else all the same. Raises where that is as likely."""
        if read.kind is MAC and _plain_digits(text, 12) and not self._maker_fits(read):
            raise _Refused(self._what_it_is(text, [MAC]) or _UNPROVEN.format("12"))
        if read.kind is IPEI and _plain_digits(text, 10):
            raise _Refused(_UNPROVEN.format("10"))
        if read.kind is IPEI and _plain_digits(text, 12):
            if ean.is_valid(text.strip()):
                raise _Refused(self._what_it_is(text, [IPEI]))
            return "There is no check digit, so it may be another number; compare it with the label."
        if read.kind is IPEI and _plain_digits(text, 13) and ean.is_valid(text.strip()):
            return "It may be the article's bar code (EAN) as well; compare it with the label."
        return ""

    def _what_it_is(self, text: str, wanted: Sequence[IdentifierKind]) -> str:
        """What a scan is that holds no identifier; empty where nothing can be said."""
        if said := self._item(text):
            return said
        nouns = _either([kind.noun for kind in wanted])
        plain = text.strip()
        if plain.isascii() and plain.isdecimal() and len(plain) in (8, 12, 13, 14) and ean.is_valid(plain):
            return f"This is the article's bar code (EAN), the same on every box; scan the {nouns}."
        read = harvest(text)
        if read.aside:
            return f"This is a {_labelled(read.aside[0].label)}; scan the {nouns}."
        # Of a bare value, what is wrong is said for the kinds this order waits for.
        return read.damaged[0].reason if read.damaged and read.damaged[0].text != plain else ""

    def _item(self, text: str) -> str:
        """That it names an item, on the label of the box, and no device."""
        named = self.names.by_sku(text).lines if len(text) <= _ECHO else frozenset()
        if not named:
            return ""
        items = [self.names.items[line_id].model for line_id in sorted(named)]
        return f"This is the part number of {_both(items)}, the same on every box; scan the device's own."


_UNPROVEN = (
    "{} plain digits may be any number, a serial or an article's; "
    "if this is the identifier, choose the unit and scan it again."
)


def _no_identifier(text: str, wanted: Sequence[IdentifierKind]) -> str:
    """The reason why a text is none of the wanted identifiers."""
    reasons = []
    for kind in wanted:
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
    nouns = _either([kind.noun for kind in wanted])
    return f"This is no {nouns}; it may be a serial or part number. Scan the label that names the {nouns}."


def _plain_digits(text: str, count: int) -> bool:
    return re.fullmatch(f"[0-9]{{{count}}}", text.strip()) is not None


def _digits(text: str) -> str:
    return str(sum(character.isdecimal() for character in text))


def _labelled(label: str) -> str:
    word = re.sub(r"[\W_]", "", label).lower()
    return "serial number" if word in ("sn", "serial", "serialno", "serialnumber", "serialnr") else label


def _both(words: Sequence[str]) -> str:
    return f"{', '.join(words[:-1])} and {words[-1]}" if len(words) > 1 else "".join(words)


def _either(words: Sequence[str]) -> str:
    return f"{', '.join(words[:-1])} or {words[-1]}" if len(words) > 1 else "".join(words)
