"""Data within data: JSON and XML, each record with what stands around it; and business cards (vCard).

A list within a record is a list of records where they are what the list is of: the devices of an order, the
people of a department. What the outer one says goes for each of them.
"""

from __future__ import annotations

import json
import quopri
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from hwadmin.errors import InvalidInput
from hwadmin.identifiers.harvest import harvest
from hwadmin.list_import.cells import clean_cell
from hwadmin.list_import.containers.xml_reading import Attributes, read_xml

IsHeading = Callable[[str], object]
Values = dict[str, str]

_MAX_DEPTH, _LONGEST_NAME = 6, 80
_DECLARATION = re.compile(r"\s*<\?xml[^>]*\?>")
_CARD = "BEGIN:VCARD"
_CARD_LINE = re.compile(r"(?:item[0-9]+\.)?([A-Z-]+)((?:;[^:]*)?):(.*)", re.IGNORECASE)


def nested_records(text: str, is_heading: IsHeading, *, identifiers: bool) -> list[Values] | None:
    """The records of a text that is JSON or XML, by the names of their values; None for every other text.

    Args:
        text: of the list.
        is_heading: which names are those of columns.
        identifiers: whether the records are devices.
    """
    begin = text.lstrip("\ufeff \t\n")[:1]
    value = _of_xml(text) if begin == "<" else _of_json(text) if begin in ("[", "{") else None
    if not isinstance(value, (list, dict)) or not any(
        isinstance(one, (list, dict)) for one in _inside(value)
    ):
        return None
    try:
        records = list(_Expansion(is_heading, identifiers).records(value, {}))
    except RecursionError:
        return None
    return records if any(records) else None


def _inside(value: list[Any] | dict[str, Any]) -> Iterable[Any]:
    return value if isinstance(value, list) else [value]


def _of_json(text: str) -> Any:
    try:
        return _parsed(text)
    except (ValueError, RecursionError):
        try:
            return [_parsed(line) for line in text.splitlines() if line.strip(" \t,")]
        except (ValueError, RecursionError):
            return None


def _parsed(text: str) -> Any:
    # Numbers stay as they are written: a serial number that lost its digits must be seen to have.
    return json.loads(text, parse_float=str)


@dataclass(slots=True)
class _Element:
    name: str
    values: dict[str, Any] = field(default_factory=dict)
    text: list[str] = field(default_factory=list)

    def take(self, name: str, value: Any) -> None:
        """Take a value within; several of one name are a list."""
        before = self.values.get(name)
        if before is None:
            self.values[name] = value
        elif isinstance(before, list):
            before.append(value)
        else:
            self.values[name] = [before, value]

    @property
    def value(self) -> Any:
        """The element as JSON would have it."""
        text = " ".join("".join(self.text).split())
        if not self.values:
            return text
        return {**self.values, "value": text} if text else self.values


def _of_xml(text: str) -> Any:
    open_elements = [_Element("")]

    def start(name: str, attributes: Attributes) -> None:
        open_elements.append(_Element(name, {key: value for key, value in attributes.items() if value}))

    def end(_name: str) -> None:
        done = open_elements.pop()
        open_elements[-1].take(done.name, done.value)

    def take_text(piece: str) -> None:
        open_elements[-1].text.append(piece)

    try:
        read_xml(_DECLARATION.sub("", text, count=1).encode(), start, end, take_text)
    except InvalidInput:
        return None
    return open_elements[0].values


@dataclass(frozen=True, slots=True)
class _Expansion:
    """Makes records of data: of each record within another one, with what the outer one says."""

    is_heading: IsHeading
    identifiers: bool

    def records(self, value: Any, outer: Values, depth: int = 0) -> Iterator[Values]:
        """The records of a list or an object."""
        if depth > _MAX_DEPTH:
            return
        if isinstance(value, list):
            if value and all(isinstance(one, list) for one in value):
                yield from self._of_rows(value, outer)
                return
            for one in value:
                yield from self.records(one, outer, depth + 1)
        elif isinstance(value, dict):
            yield from self._of_object(value, outer, depth)
        elif value is not None and (text := clean_cell(str(value))):
            yield {**outer, _name_of(text): text}

    def _of_rows(self, rows: Sequence[list[Any]], outer: Values) -> Iterator[Values]:
        """The rows of a table, the first of which may name its columns."""
        head, *others = [["" if cell is None else clean_cell(str(cell)) for cell in row] for row in rows]
        if sum(self.is_heading(cell) is not None for cell in head) < min(2, len(head)):
            head, others = [f"column {number}" for number in range(1, len(head) + 1)], [head, *others]
        for row in others:
            yield {**outer, **{name: cell for name, cell in zip(head, row, strict=False) if cell}}

    def _of_object(self, value: Mapping[str, Any], outer: Values, depth: int) -> Iterator[Values]:
        if self._is_keyed(value):
            for key, of in value.items():
                yield from self.records(of, {**outer, _name_of(key): clean_cell(key)}, depth + 1)
            return
        if isinstance(value.get("columns"), list) and isinstance(value.get("rows"), list):
            yield from self._of_rows([value["columns"], *value["rows"]], outer)
            return
        inner = {key: of for key, of in value.items() if self._holds_records(of, value)}
        own = dict(self._flat({key: of for key, of in value.items() if key not in inner}))
        stands_alone = self.identifiers and _has_identifier(own)
        if stands_alone or not inner:
            yield {**outer, **own}
        for of in inner.values():
            # What one device has, those within it have not.
            around = outer if stands_alone else {**outer, **own}
            yield from self.records(of, around, depth + 1)

    def _is_keyed(self, value: Mapping[str, Any]) -> bool:
        """Whether the keys are values themselves: addresses of devices, people, models."""
        return bool(value) and all(
            self.is_heading(key) is None and (harvest(key).identifiers or re.search(r"[0-9@ ]", key))
            for key in value
        )

    def _holds_records(self, of: Any, outer: Mapping[str, Any]) -> bool:
        """Whether what stands within an object is a list of records, or an object that holds one."""
        if isinstance(of, list):
            objects = [one for one in of if isinstance(one, dict) and not _is_value(one)]
            if self.identifiers and not objects:
                return len(of) > 1 and all(isinstance(one, str) and harvest(one).identifiers for one in of)
            if not objects or len(objects) < len(of):
                return bool(of) and all(isinstance(one, list) for one in of) and len(outer) < 3
            if self.identifiers:
                return any(_has_identifier(dict(self._flat(one))) or self._within(one) for one in objects)
            return any(self._known(one) > self._known(outer) or self._within(one) for one in objects)
        return isinstance(of, dict) and (self._within(of) or self._is_keyed(of))

    def _within(self, value: Mapping[str, Any]) -> bool:
        return any(self._holds_records(of, value) for of in value.values() if isinstance(of, (list, dict)))

    def _known(self, value: Mapping[str, Any]) -> int:
        """How many of its values have names of columns."""
        return sum(self.is_heading(key) is not None for key, of in value.items() if not isinstance(of, list))

    def _flat(self, value: Mapping[str, Any], outer: str = "", depth: int = 0) -> Iterator[tuple[str, str]]:
        """The values within an object, each with the name it goes by: its own, or that of what it is in."""
        for key, of in value.items():
            whole = f"{outer} {key}".strip()
            name = key if self.is_heading(whole) is None and self.is_heading(key) is not None else whole
            of = _first(of)
            if isinstance(of, dict):
                if depth < _MAX_DEPTH:
                    yield from self._flat(of, whole, depth + 1)
            elif of is not None:
                yield name[:_LONGEST_NAME], clean_cell(str(of))


def _first(of: Any) -> Any:
    """What counts of several values: the primary one, else the first; plain ones are put together."""
    if isinstance(of, list):
        if not (of and isinstance(of[0], dict)):
            return ", ".join(map(str, of))
        of = next((one for one in of if isinstance(one, dict) and one.get("primary") is True), of[0])
    return of["value"] if isinstance(of, dict) and _is_value(of) else of


def _is_value(of: Mapping[str, Any]) -> bool:
    return "value" in of and not isinstance(of["value"], (dict, list))


def _has_identifier(values: Values) -> bool:
    return any(harvest(text).identifiers for text in values.values())


def _name_of(text: str) -> str:
    """What a value without a name is: an identifier, an e-mail address, or else a name."""
    found = harvest(text).identifiers
    return found[0].readings[0].kind.value if found else "email" if "@" in text else "name"


# ---- Business cards


def card_records(lines: Sequence[str]) -> list[tuple[int, Values]] | None:
    """The line and the values of each business card, of which the first of each name counts."""
    if not lines or lines[0].lstrip("\ufeff ").upper().strip() != _CARD:
        return None
    records: list[tuple[int, Values]] = []
    for number, line in _unfolded(lines):
        if line.strip().upper() == _CARD:
            records.append((number, {}))
        elif (stated := _CARD_LINE.fullmatch(line.strip())) and records:
            name, written = stated[1].lower(), stated[3]
            if "quoted-printable" in stated[2].lower():
                written = quopri.decodestring(written.encode()).decode(errors="replace")
            parts = [clean_cell(part) for part in re.split(r"(?<!\\);", written.replace("\\,", ","))]
            value = " ".join(filter(None, (*parts[1:2], parts[0]))) if name == "n" else parts[0]
            if name not in ("version", "end"):
                records[-1][1].setdefault(name, value)
    for _number, values in records:
        # The parts of a name are one where it is not written whole.
        values.setdefault("fn", values.pop("n", ""))
    return records


def _unfolded(lines: Sequence[str]) -> Iterator[tuple[int, str]]:
    """The lines with what goes on in the next one: behind a blank, or a sign of quoted-printable."""
    begun, whole = 0, ""
    for number, line in enumerate(lines, start=1):
        if begun and line[:1] in (" ", "\t"):
            whole += line[1:]
        elif begun and whole.endswith("=") and "quoted-printable" in whole.lower():
            whole = whole[:-1] + line
        else:
            if begun:
                yield begun, whole
            begun, whole = number, line
    if begun:
        yield begun, whole
