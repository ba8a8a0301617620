"""Every identifier hidden in free text: a pasted mail, a column, a delivery note.

Found are whole words in a written form of an identifier, or what stands behind a label. What may as well be
something else (a phone number, a bar code) is found too, but not as certain; what is damaged is returned with
the reason, so that nobody wonders where it went. Nothing is repaired or put together.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from stdnum import ean

from hwadmin.identifiers import shapes, typed
from hwadmin.identifiers.identifier import Identifier, parse
from hwadmin.identifiers.kinds import IdentifierError, IdentifierKind
from hwadmin.identifiers.vendors import make_of_oui, vendor

MAC, IPEI, IMEI = IdentifierKind.MAC, IdentifierKind.IPEI, IdentifierKind.IMEI
# Longer lines are no list; the rest of one is not read.
LONGEST_LINE = 4000


@dataclass(frozen=True, slots=True)
class Found:
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

    found: tuple[Found, ...]
    damaged: tuple[Damaged, ...]
    aside: tuple[Aside, ...]


_FLAGS = re.IGNORECASE | re.ASCII
# Not inside a word of any script; an underscore joins names, not digits.
_START = r"(?:(?<=[\W_])|^)"
_END = r"(?:(?=[\W_])|$)"
_BETWEEN = r"""["'>\])]*(?: ?(?:no|nr|number|is)\b)?\.?[ \t]*[:=#-]*[ \t]*["'<\[(]*(?:%3A)?"""


def _whole(pattern: str) -> re.Pattern[str]:
    # Word characters of every script: é805ec… is one word.
    return re.compile(f"{_START}(?:{pattern}){_END}", re.IGNORECASE)


_D, _H = "[0-9]", "[0-9a-f]"
_PAIRS = rf"{_H}{{2}}(?P<p>[:. -]){_H}{{2}}(?:(?P=p){_H}{{2}}){{4}}"
_SHAPES: tuple[tuple[IdentifierKind, re.Pattern[str]], ...] = (
    (MAC, _whole(rf"(?:{_H}{{12}}|{_PAIRS}) ?- ?[0-9a-z]{{4}}")),
    (MAC, _whole(_PAIRS)),
    (MAC, _whole(rf"{_H}{{4}}(?P<p>[:. -]){_H}{{4}}(?P=p){_H}{{4}}")),
    (IMEI, _whole(rf"{_D}{{2}}(?P<p>[ ./-]){_D}{{6}}(?P=p){_D}{{6}}(?P=p){_D}")),
    (IMEI, _whole(rf"{_D}{{6}}(?P<p>[ ./-]){_D}{{2}}(?P=p){_D}{{6}}(?P=p){_D}")),
    (IMEI, _whole(rf"{_D}{{8}}(?P<p>[ ./-]){_D}{{6}}(?P=p){_D}")),
    # A star ends no word.
    (IPEI, re.compile(rf"{_START}{_D}{{5}}[ .:-]?{_D}{{7}}[ .:-]?(?:[0-9x]{_END}|\*)", re.IGNORECASE)),
    (IPEI, _whole(rf"{_D}{{5}}[ .:-]{_D}{{7}}")),
    (IPEI, _whole(rf"0x{_H}{{10}}")),
    (MAC, _whole(rf"{_H}{{6}}[:. -]{_H}{{6}}")),
    (IMEI, _whole(rf"{_D}{{15}}")),
    (MAC, _whole(rf"{_H}{{12}}")),
    (IPEI, _whole(rf"0{_H}{{9}}")),
)
# Behind a label the writings without a check digit count as well.
_LABELLED = {
    MAC: [pattern for kind, pattern in _SHAPES if kind is MAC],
    IPEI: [pattern for kind, pattern in _SHAPES if kind is IPEI] + [_whole(rf"{_D}{{12}}")],
    IMEI: [pattern for kind, pattern in _SHAPES if kind is IMEI] + [_whole(rf"{_D}{{14}}|{_D}{{16}}")],
}
_LABEL = re.compile(
    _START + r"(?:(?P<other>(?:wlan|wi-?fi|wireless|bluetooth|bt|ble)[ _-]*mac(?:[ _-]*(?:address|addr|id))?)"
    r"|(?P<mac>(?:(?:lan|ethernet|eth)[ _-]*)?mac(?:[ _-]*(?:addresses|address|adresse|addr|adr|id))?)"
    r"|(?P<ipei>(?:dect[ _-]*)?(?:ipei|ipui)(?: */ *(?:ipei|ipui))?|handset id)"
    r"|(?P<imei>imei(?:sv)?(?:[ _-]*\(?(?P<slot>[12])\)?(?= *[:=#\"'>]|[ -]+[0-9]{15}(?![0-9])"
    r"|[ -]+[0-9]{2}[ /-][0-9]{6}[ /-]))?)"
    r"|(?P<serial>s/n|sn|serial(?:[ _-]*(?:number|no|nr))?)"
    r"|(?P<sim>iccid|sim(?: card)?|eid|ean|upc|gtin|imsi)"
    r"|(?P<phone>tel|telephone|phone|fax|mobile|call)|(?P<number>order|po|invoice|tracking|ticket|vat|iban|uuid|"
    r"despatch|delivery|customer|account|ref|reference))" + _END,
    _FLAGS,
)
_GAP = re.compile(_BETWEEN, re.IGNORECASE)
_TOKEN = re.compile(r"""[^\s,;|"'<>()]{4,60}""")
# A telephone's digits stand in groups, fifteen at most; other numbers are one word.
_TELEPHONE = re.compile(r"\+?[0-9](?:[ ()./-]{0,2}[0-9]){5,14}")
_NUMBER = re.compile(r"[0-9]{2,}(?:[./-][0-9]+){0,5}")
_WORD_BEFORE = re.compile(r"([^\W_]+)([:.*-])$")
_WORD_AFTER = re.compile(r"([:.-])([^\W_]+)")
_SUSPECT = _whole(
    r"[0-9]+(?:[.,][0-9]+)?e\+[0-9]+|[1-9][.,][0-9]+e[0-9]{1,3}|[0-9a-f]{16}|[0-9]{13}|[0-9]{15}|"
    r"(?=[0-9a-f]*[0-9])[0-9a-f]{11}|[0-9a-f]{13}|(?:[0-9a-f]{1,2}[:-]){5}[0-9a-f]{1,2}|"
    r"(?=[0-9a-z]*[0-9])(?=[0-9a-z]*[oil])[0-9a-foil]{12}"
)
# A tab parts columns: what stands on both of its sides is not one value.
_ALIKE = str.maketrans(
    dict.fromkeys(typed._SPACES.replace("\t", ""), " ") | dict.fromkeys(typed._DASHES, "-")
)


def harvest(text: str) -> Harvest:
    """Find every identifier in a text. Never raises; the time grows with the length of the text."""
    found: list[Found] = []
    damaged: list[Damaged] = []
    aside: list[Aside] = []
    for number, line in enumerate(text.splitlines(), start=1):
        if len(line) < 8 or not any(character in "0123456789" for character in line):
            continue
        for one in _Line(number, line[:LONGEST_LINE].translate(_ALIKE)).read():
            if isinstance(one, Found):
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
        self.items: list[Found | Damaged | Aside] = []

    def read(self) -> Iterator[Found | Damaged | Aside]:
        for label in _LABEL.finditer(self.line):
            if not self._is_taken(label.start(), label.end()):
                self._labelled(label)
        for kind, pattern in _SHAPES:
            for match in pattern.finditer(self.line):
                if not self._is_taken(match.start(), match.end()):
                    self._unlabelled(kind, match)
        for match in _SUSPECT.finditer(self.line):
            if not self._is_taken(match.start(), match.end()) and not self._in_chain(match):
                self._suspect(match)
        yield from sorted(self.items, key=lambda item: item.start)

    def _is_taken(self, start: int, end: int) -> bool:
        return any(self.taken[start:end])

    def _take(self, start: int, end: int) -> None:
        self.taken[start:end] = b"\x01" * (end - start)

    def _labelled(self, label: re.Match[str]) -> None:
        gap = _GAP.match(self.line, label.end())
        at = gap.end() if gap else label.end()
        if at == label.end():
            return  # a word that merely begins like a label
        name = str(label.lastgroup if label.lastgroup != "slot" else "imei")
        if label["number"] or label["phone"]:
            # An order or a phone has a number; "Phone: 805EC0…" is a device all the same.
            if number := (_TELEPHONE if label["phone"] else _NUMBER).match(self.line, at):
                digits = number.group()
                if not re.match(r"[^\W_]|[:*]", self.line[at + len(digits) : at + len(digits) + 1]):
                    self._take(at, at + len(digits))
            return
        token = _TOKEN.match(self.line, at)
        if name in ("serial", "sim", "other"):
            shape = self._shape(MAC, at) if name == "other" else None
            end = shape.end() if shape else token.end() if token else at
            value = self.line[at:end]
            if any(character.isdigit() for character in value):
                self._take(label.start(), end)
                self.items.append(Aside(self.number, at, end, label.group(), value))
            return
        kind = MAC if label["mac"] else IPEI if label["ipei"] else IMEI
        shape = self._shape(kind, at)
        end = shape.end() if shape else token.end() if token else at
        value = self.line[at:end]
        if not shape and sum(character in "0123456789" for character in value) < 4:
            return  # "MAC address of the phone" labels nothing
        self._take(label.start(), end)
        try:
            read = parse(kind, value)
        except IdentifierError as error:
            self.items.append(Damaged(self.number, at, end, value, str(error)))
            return
        word = "imei2" if label["slot"] == "2" else kind.value
        self.items.append(Found(self.number, at, end, value, (read,), word))

    def _shape(self, kind: IdentifierKind, at: int) -> re.Match[str] | None:
        for pattern in _LABELLED[kind]:
            match = pattern.match(self.line, at)
            if match and self._reads(kind, match) and not self._in_chain(match):
                return match
        return None

    def _reads(self, kind: IdentifierKind, match: re.Match[str]) -> bool:
        try:
            parse(kind, match.group())
        except IdentifierError as error:
            # 805EC009ABDC-T54W: the address alone may still do. Every other refusal is the answer.
            return error.code != "code_without_gigaset"
        return True

    def _unlabelled(self, kind: IdentifierKind, match: re.Match[str]) -> None:
        written = match.group()
        compact = shapes.without_separators(written).replace("/", "")
        if self._in_chain(match) or not self._reads(kind, match):
            return
        if kind is MAC and compact.isdecimal() and len(written) != 12 and ":" not in written:
            return  # 1234-5678-9012 is any number
        if kind is MAC and " " in written and not any(character.isdigit() for character in compact):
            return  # "dead beef cafe" are words
        kinds = (MAC, IPEI) if kind is MAC and len(written) == 12 and compact.isdecimal() else (kind,)
        readings, reason = [], ""
        for each in kinds:
            try:
                readings.append(parse(each, written))
            except IdentifierError as error:
                reason = reason or str(error)
        self._take(match.start(), match.end())
        place = self.number, match.start(), match.end(), written
        if readings:
            self.items.append(Found(*place, tuple(readings), "", _certain(written, compact, readings)))
        elif not ean.is_valid(compact):
            self.items.append(Damaged(*place, reason))

    def _in_chain(self, match: re.Match[str]) -> bool:
        """Whether it is only a part of something longer: an EUI-64, a UUID, an address with a port."""
        written = match.group()
        separator = next((character for character in written if character in ":.- "), None)
        shortest = 1 if separator else 3
        before = _WORD_BEFORE.search(self.line[max(0, match.start() - 42) : match.start()])
        if before and shapes.is_hex(before[1]) and len(before[1]) >= shortest:
            return not (before[2] in ":." and before[1].isdecimal() and separator not in (before[2],))
        after = _WORD_AFTER.match(self.line, match.end())
        if after and shapes.is_hex(after[2]) and len(after[2]) >= shortest:
            return True
        if separator == " " and shapes.is_mac(written):
            # Six pairs out of seven are not six pairs.
            size = len(re.split(r"[ ]", written)[0])
            left = re.search(rf"(?:^|\W)[0-9a-f]{{{size}}} $", self.line[: match.start()], _FLAGS)
            right = re.match(rf" [0-9a-f]{{{size}}}(?:\W|$)", self.line[match.end() :], _FLAGS)
            return bool(left or right)
        return False

    def _suspect(self, match: re.Match[str]) -> None:
        written = match.group()
        if ean.is_valid(written):
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


def _certain(written: str, compact: str, readings: list[Identifier]) -> bool:
    """Whether a word without a label can hardly be anything but this identifier."""
    if len(readings) > 1:
        return False
    read = readings[0]
    if read.kind is MAC:
        if len(written) == 12 or not any(character in written for character in ":-"):
            if compact.isdecimal():
                return make_of_oui(read.value) is not None
            return vendor(read.value) is not None
        return True
    if read.kind is IPEI:
        if len(compact) == 12 and compact[:2].lower() != "0x":
            return False  # nothing proves it
        if len(written) == 13 and written.isdecimal():
            return not ean.is_valid(written)
        return not (len(written) == 10 and written.isdecimal())  # a phone number begins with 0, too
    return True
