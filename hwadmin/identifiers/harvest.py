"""Every identifier hidden in free text: a pasted mail, a column, a delivery note.

Found are whole words in a written form of an identifier, or what stands behind a label. What may as well be
something else (a phone number, a bar code) is found too, but not as certain; what is damaged is returned with
the reason, so that nobody wonders where it went. Nothing is repaired or put together.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from hwadmin.identifiers import entry, shapes
from hwadmin.identifiers.identifier import Identifier, parse
from hwadmin.identifiers.kinds import IdentifierError, IdentifierKind
from hwadmin.identifiers.vendors import make_of_oui, vendor
from hwadmin.identifiers.written_forms import (
    ALONE,
    BARE,
    GAP,
    IMEI,
    IPEI,
    LABELLED,
    MAC,
    NUMBER,
    TELEPHONE,
    TOKEN,
    WORD_AFTER,
    WORD_BEFORE,
    WrittenForms,
)

# Longer lines are no list; the rest of one is not read.
LONGEST_LINE = 4000


@dataclass(frozen=True, slots=True)
class TextIdentifier:
    """An identifier in the text.

    `readings`: what it can be; more than one for twelve decimal digits. `label`: "mac", "ipei", "imei",
    "imei2" where one stands in front. `certain`: whether it can hardly be anything else.
    """

    line: int
    start: int
    end: int
    text: str
    readings: tuple[Identifier, ...]
    label: str = ""
    certain: bool = True


@dataclass(frozen=True, slots=True)
class Damaged:
    """Something that was meant as an identifier, or looks like one, and is none."""

    line: int
    start: int
    end: int
    text: str
    reason: str


@dataclass(frozen=True, slots=True)
class Aside:
    """A labelled value beside the identifier: a serial number, another address of the same device."""

    line: int
    start: int
    end: int
    label: str
    text: str


@dataclass(frozen=True, slots=True)
class Harvest:
    """What was found in a text, each in the order of the text."""

    identifiers: tuple[TextIdentifier, ...]
    damaged: tuple[Damaged, ...]
    aside: tuple[Aside, ...]


_KINDS = {"mac": MAC, "ipei": IPEI, "imei": IMEI}
_SERIAL_LABEL = re.compile(r"s/?n\b|serial", re.IGNORECASE)
_JOINTS = frozenset(":.*-")
# A tab parts columns: what stands on both of its sides is not one value.
_BLANKS = entry._SPACES.replace("\t", "")
_ALIKE = str.maketrans(dict.fromkeys(_BLANKS, " ") | dict.fromkeys(entry._DASHES, "-"))


def harvest(text: str) -> Harvest:
    """Find every identifier in a text. Never raises; the time grows with the length of the text."""
    found: list[TextIdentifier] = []
    damaged: list[Damaged] = []
    aside: list[Aside] = []
    for number, line in enumerate(text.splitlines(), start=1):
        if len(line) < 8 or not any(character in "0123456789" for character in line):
            continue
        line = line[:LONGEST_LINE]
        read = _Line(number, line if line.isascii() else line.translate(_ALIKE))
        alone = ALONE.fullmatch(line)
        for one in read.read_alone(alone) if alone else read.read():
            if isinstance(one, TextIdentifier):
                found.append(one)
            elif isinstance(one, Damaged):
                damaged.append(one)
            else:
                aside.append(one)
    return Harvest(tuple(found), tuple(damaged), tuple(aside))


class _Line:
    """One line being read; what was understood is not read a second time."""

    def __init__(self, number: int, line: str) -> None:
        self.number, self.line = number, line
        self.taken = bytearray(len(line))
        self.items: list[TextIdentifier | Damaged | Aside] = []

    def read(self) -> Iterator[TextIdentifier | Damaged | Aside]:
        forms = WrittenForms(self.line)
        for label in forms.labels():
            if not self._is_taken(label.start(), label.end()):
                self._labelled(label)
        for kind, match in forms.shapes():
            if not self._is_taken(match.start(), match.end()):
                self._unlabelled(kind, match)
        if self.taken.count(1) >= forms.characters and "+" not in self.line:
            yield from sorted(self.items, key=_start)
            return
        for match in forms.suspects():
            if not self._is_taken(match.start(), match.end()) and not self._in_chain(match):
                self._suspect(match)
        yield from sorted(self.items, key=_start)

    def read_alone(self, match: re.Match[str]) -> list[TextIdentifier | Damaged | Aside]:
        """The line as the one identifier it may be: most lists are a column of them."""
        self._unlabelled(_KINDS[str(match.lastgroup)], match)
        return self.items

    def _is_taken(self, start: int, end: int) -> bool:
        return self.taken.find(1, start, end) >= 0

    def _take(self, start: int, end: int) -> None:
        self.taken[start:end] = b"\x01" * (end - start)

    def _labelled(self, label: re.Match[str]) -> None:
        gap = GAP.match(self.line, label.end())
        at = gap.end() if gap else label.end()
        if at == label.end():
            return  # a word that merely begins like a label
        name = str(label.lastgroup if label.lastgroup != "slot" else "imei")
        if label["number"] or label["phone"]:
            # An order or a phone has a number; "Phone: 805EC0…" is a device all the same.
            if number := (TELEPHONE if label["phone"] else NUMBER).match(self.line, at):
                digits = number.group()
                if not re.match(r"[^\W_]|[:*]", self.line[at + len(digits) : at + len(digits) + 1]):
                    self._take(at, at + len(digits))
            return
        token = TOKEN.match(self.line, at)
        if name in ("serial", "sim", "other", "secret"):
            shape, _ = self._shape(MAC, at) if name == "other" else (None, None)
            end = shape.end() if shape else token.end() if token else at
            value = self.line[at:end]
            if any(character.isdigit() for character in value):
                self._take(label.start(), end)
                self.items.append(Aside(self.number, at, end, label.group(), value))
            return
        kind = MAC if label["mac"] else IPEI if label["ipei"] else IMEI
        shape, read = self._shape(kind, at)
        end = shape.end() if shape else token.end() if token else at
        value = self.line[at:end]
        if not shape and sum(character in "0123456789" for character in value) < 4:
            return  # "MAC address of the phone" labels nothing
        self._take(label.start(), end)
        read = read or _parsed(kind, value)
        if isinstance(read, IdentifierError):
            self.items.append(Damaged(self.number, at, end, value, str(read)))
            return
        word = "imei2" if label["slot"] == "2" else kind.value
        self.items.append(TextIdentifier(self.number, at, end, value, (read,), word))

    def _shape(
        self, kind: IdentifierKind, at: int
    ) -> tuple[re.Match[str] | None, Identifier | IdentifierError | None]:
        """What is written here as an identifier of the kind can be, and what it reads as."""
        if bare := BARE[kind].match(self.line, at):
            return bare, _parsed(kind, bare.group())
        for pattern in LABELLED[kind]:
            match = pattern.match(self.line, at)
            if match and not self._in_chain(match) and not _only_begins(read := _parsed(kind, match.group())):
                return match, read
        return None, None

    def _unlabelled(self, kind: IdentifierKind, match: re.Match[str]) -> None:
        written = match.group()
        compact = shapes.without_separators(written).replace("/", "")
        if self._in_chain(match):
            return
        if kind is MAC and compact.isdecimal() and len(written) != 12 and ":" not in written:
            return  # 1234-5678-9012 is any number
        if kind is MAC and " " in written and not any(character.isdigit() for character in compact):
            return  # "dead beef cafe" are words
        results = [_parsed(kind, written)]
        if _only_begins(results[0]):
            return
        if kind is MAC and len(written) == 12 and compact.isdecimal():
            results.append(_parsed(IPEI, written))
        self._take(match.start(), match.end())
        place = self.number, match.start(), match.end(), written
        readings = [result for result in results if isinstance(result, Identifier)]
        if readings:
            certain = _certain(written, compact, readings)
            self.items.append(TextIdentifier(*place, tuple(readings), "", certain))
        elif not shapes.is_article_number(compact):
            self.items.append(Damaged(*place, str(results[0])))

    def _in_chain(self, match: re.Match[str]) -> bool:
        """Whether it is only a part of something longer: an EUI-64, a UUID, an address with a port."""
        written = match.group()
        separator = next((one for one in written if one in ":.- "), None)
        shortest = 1 if separator else 3
        alike = 0 if separator or len(written) < 12 else len(written)  # several in a row are several
        start, end = match.span()
        near = self.line[start - 1 : start] in _JOINTS
        before = WORD_BEFORE.search(self.line[max(0, start - 42) : start]) if near else None
        if before and shapes.is_hex(before[1]) and shortest <= len(before[1]) != alike:
            return not (before[2] in ":." and before[1].isdecimal() and separator not in (before[2],))
        after = WORD_AFTER.match(self.line, end)
        if after and shapes.is_hex(after[2]) and shortest <= len(after[2]) != alike:
            return True
        if separator == " " and shapes.is_mac(written):
            # Six pairs out of seven are not six pairs.
            size, flags = written.index(" "), re.IGNORECASE | re.ASCII
            left = re.search(
                rf"(?:^|\W)[0-9a-f]{{{size}}} $", self.line[max(0, start - size - 2) : start], flags
            )
            right = re.match(rf" [0-9a-f]{{{size}}}(?:\W|$)", self.line[end : end + size + 2], flags)
            return bool(left or right)
        return False

    def _suspect(self, match: re.Match[str]) -> None:
        written = match.group()
        if shapes.is_article_number(written):
            return
        if shapes.is_spreadsheet_number(written):
            kinds = (MAC,)
        elif len(written) == 15 and written.isdecimal():
            kinds = (IMEI,)
        else:
            kinds = (IPEI,) if len(written) == 13 and written.isdecimal() else (MAC,)
        try:
            parse(kinds[0], written)
        except IdentifierError as error:
            self._take(match.start(), match.end())
            self.items.append(Damaged(self.number, match.start(), match.end(), written, str(error)))


def is_serial_label(label: str) -> bool:
    """Whether the label of what stands beside an identifier is that of a serial number."""
    return _SERIAL_LABEL.match(label) is not None


def _start(item: TextIdentifier | Damaged | Aside) -> int:
    return item.start


def _parsed(kind: IdentifierKind, text: str) -> Identifier | IdentifierError:
    try:
        return parse(kind, text)
    except IdentifierError as error:
        return error


def _only_begins(read: Identifier | IdentifierError) -> bool:
    """Whether only the beginning is an identifier: 805EC009ABDC-T54W. Every other refusal is the answer."""
    return isinstance(read, IdentifierError) and read.code == "code_without_gigaset"


def _certain(written: str, compact: str, readings: list[Identifier]) -> bool:
    """Whether a word without a label can hardly be anything but this identifier."""
    if len(readings) > 1:
        return False
    read = readings[0]
    if read.kind is MAC:
        if not any(character in written for character in ":-"):
            if compact.isdecimal():
                return make_of_oui(read.value) is not None
            return vendor(read.value) is not None
        return True
    if read.kind is IPEI:
        if len(compact) == 12 and compact[:2].lower() != "0x":
            return False  # nothing proves it
        if len(written) == 13 and written.isdecimal():
            return not shapes.is_article_number(written)
        return not (len(written) == 10 and written.isdecimal())  # a phone number begins with 0, too
    return True
