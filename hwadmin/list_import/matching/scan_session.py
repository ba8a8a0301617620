"""One scan after the other: which unit of an order each value is for, or why it is for none.

A scanner sends whatever it is held to: the serial number, the article's bar code, the box before once more.
So a scan is taken only where it can hardly be anything but an identifier this order waits for. What is not
sure is refused with its reason; scanned into a unit that somebody chose, it is only read as that unit's.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum

from hwadmin.identifiers import (
    Identifier,
    IdentifierError,
    IdentifierKind,
    parse,
    same_make,
    vendor,
)
from hwadmin.identifiers.unit_code import read_unit_code
from hwadmin.list_import.matching.scan_reading import ScanReader, ScanRefused, join_and, join_or
from hwadmin.list_import.planned_units import ListUnit


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

    `value`: the identifier as it stands in the unit's field; `former`: what stood there before.
    `warning`: why one should look at where it went.
    """

    taken: Taken
    message: str = ""
    unit: ListUnit | None = None
    value: str = ""
    former: str = ""
    warning: str = ""


@dataclass(frozen=True, slots=True)
class _Holder:
    """Who has an identifier already."""

    unit: ListUnit
    # Empty for one's own; a name for somebody else's.
    name: str = ""
    registered: bool = False


class ScanSession:
    """The units of one order, what stands in each field, and which wait for a device.

    `chosen`: the unit the next scan goes into, and no other. `line`: the item that is being scanned, if any.
    """

    def __init__(
        self,
        order_id: int,
        units: Sequence[ListUnit],
        entered: Mapping[int, str],
        others: Iterable[tuple[int, str, str]] = (),
    ) -> None:
        """Lay out the units.

        Args:
            order_id: the order's key.
            units: all units, in unit order, with the keys of the devices they have.
            entered: what I entered, by unit.
            others: what others are entering: unit, their name, the text.
        """
        self.order_id = order_id
        self.units = [unit for unit in units if unit.kind.identifier_kind is not None]
        self.by_id = {unit.id: unit for unit in self.units}
        self.reader = ScanReader(self.units, units)
        self.chosen: int | None = None
        self.line: int | None = None
        self.entered: dict[int, str] = {}
        self._entered_by: dict[int, str] = {}
        self._holders: dict[str, _Holder] = {}
        for unit_id, name, text in others:
            if (unit := self.by_id.get(unit_id)) and text.strip():
                self._entered_by.setdefault(unit_id, name)
                self._hold(_Holder(unit, name), text)
        for unit_id, text in entered.items():
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
        former = self.entered.pop(unit_id, "")
        if former:
            self._holders = {key: one for key, one in self._holders.items() if one != _Holder(unit)}
        if text.strip():
            self.entered[unit_id] = text.strip()
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
                return self._assign_automatically(scan)
            taken = self._into(scan, self._open(self.chosen))
            self.chosen = None
        except ScanRefused as refusal:
            return Scanned(Taken.REFUSED, str(refusal))
        return taken

    # ---- A unit somebody chose

    def _coded(self, order_id: int, place: int) -> ListUnit:
        if order_id != self.order_id:
            raise ScanRefused("This is the code of a unit of another order.")
        if place > len(self.units):
            raise ScanRefused(f"This order has {len(self.units)} units; this is the code of unit {place}.")
        return self._open(self.units[place - 1].id)

    def _open(self, unit_id: int) -> ListUnit:
        unit = self.by_id.get(unit_id)
        if unit is None:
            raise ScanRefused("There is no such unit in this order.")
        if unit.key:
            raise ScanRefused(f"{unit.label} has its device already.")
        if unit.closed:
            raise ScanRefused(f"{unit.label} is not awaited any more.")
        return unit

    def _into(self, scan: Scan, unit: ListUnit) -> Scanned:
        kind = unit.kind.identifier_kind
        assert kind is not None
        try:
            read = parse(kind, scan.text)
        except IdentifierError as error:
            found = [one for one in self.reader.identifiers(scan.text) if one.kind is kind]
            if len(found) != 1:
                raise ScanRefused(self.reader.explain_rejection(scan.text, [kind]) or str(error)) from error
            read = found[0]
        holder = self._holders.get(read.key)
        if holder and holder.unit.id == unit.id and not holder.name:
            return Scanned(Taken.PLACED, unit=unit, value=self.entered.get(unit.id, ""))
        if holder and not holder.name:
            raise ScanRefused(self._held(holder))
        value = read.written
        return Scanned(
            Taken.PLACED,
            unit=unit,
            value=value,
            former=self.type(unit.id, value),
            warning=self._held(holder) if holder else "",
        )

    def _held(self, holder: _Holder) -> str:
        if holder.registered:
            return f"{holder.unit.label} of this order is this device already."
        if holder.name:
            return f"{holder.name} is entering it already, for {holder.unit.label}."
        return f"Scanned already: it is in {holder.unit.label}."

    # ---- The next open unit it fits

    def _assign_automatically(self, scan: Scan) -> Scanned:
        read, warning = self.reader.read(scan.text)
        holder = self._holders.get(read.key)
        if holder and scan.again and not holder.name and not holder.registered:
            return Scanned(Taken.PLACED, unit=holder.unit, value=self.entered[holder.unit.id])
        if holder:
            raise ScanRefused(self._held(holder))
        value = read.written
        spare = next((unit for unit in self.units if unit.reserved == read.key and not unit.key), None)
        if spare is not None:
            return Scanned(Taken.PLACED, unit=spare, value=value, former=self.type(spare.id, value))
        fitting = self._fitting(read)
        waiting = [unit for unit in fitting if self._waits(unit)]
        free = [unit for unit in waiting if unit.id not in self._entered_by]
        if not free:
            raise ScanRefused(self._full(fitting, waiting))
        unit = free[0]
        others = dict.fromkeys(one.model for one in free if one.line_id != unit.line_id)
        if others:
            warning = warning or f"It may also be for {join_or([*others])}; press the item to be sure."
        self.type(unit.id, value)
        return Scanned(Taken.PLACED, unit=unit, value=value, warning=warning)

    def _waits(self, unit: ListUnit) -> bool:
        return not (unit.key or unit.closed or unit.reserved or unit.id in self.entered)

    def _fitting(self, read: Identifier) -> list[ListUnit]:
        """The units it can be for: of its kind, of its maker where makes differ, of the item chosen."""
        of_kind = [unit for unit in self.units if unit.kind.identifier_kind is read.kind]
        if not of_kind:
            raise ScanRefused(f"Nothing in this order has {read.kind.with_article}.")
        chosen = [unit for unit in self.units if unit.line_id == self.line]
        if chosen and chosen[0].kind.identifier_kind is not read.kind:
            raise ScanRefused(f"This is {read.kind.with_article}; {chosen[0].model} is being scanned.")
        if chosen:
            return chosen
        makes = list(dict.fromkeys(unit.make for unit in of_kind))
        maker = vendor(read.value) if read.kind is IdentifierKind.MAC else None
        if len(makes) == 1 or read.kind is not IdentifierKind.MAC:
            return of_kind
        fits = [unit for unit in of_kind if maker and same_make(maker, unit.make)]
        if not fits:
            whose = f"is registered to {maker}" if maker else "has no known maker"
            raise ScanRefused(
                f"This MAC address {whose}; the order has {join_and(makes)}. "
                "Choose the unit, then scan again."
            )
        return fits

    def _full(self, fitting: Sequence[ListUnit], waiting: Sequence[ListUnit]) -> str:
        models = join_and(list(dict.fromkeys(unit.model for unit in fitting)))
        if waiting:
            names = join_and(sorted({self._entered_by[unit.id] for unit in waiting}))
            return f"{names} is entering every {models} that is left; choose a unit to enter it all the same."
        return f"One too many: every {models} has its identifier."
