"""What of an Open XML workbook says how values are shown: formats of numbers, what is struck or not seen."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from hwadmin.errors import InvalidInput
from hwadmin.list_import.containers.archive import ZippedDocument
from hwadmin.list_import.containers.xml_reading import Attributes, read_xml
from hwadmin.list_import.lists import MAX_CELL

T = TypeVar("T")

_ESCAPED_BREAK = re.compile(r"_x000[AaDd]_")
# Excel takes no longer ones, and some of them would be read in quadratic time.
_MAX_FORMAT = 255
_DATE_FORMAT_IDS = frozenset((*range(14, 23), *range(27, 37), *range(50, 59)))


class TextReader:
    """The text of a rich string: its runs, without those that are struck out and how they are pronounced."""

    def __init__(self) -> None:
        self._parts: list[str] = []
        self._size = 0
        self._in_text = self._in_phonetic = self._struck = False
        self.has_struck = False

    def begin(self) -> None:
        """Begin with the next string."""
        self._parts, self._size = [], 0
        self.has_struck = self._struck = False

    def open(self, name: str, attributes: Attributes) -> None:
        """Take the beginning of an element."""
        if name == "t":
            self._in_text = True
        elif name == "rPh":
            self._in_phonetic = True
        elif name == "strike":
            self._struck = is_on(attributes)

    def close(self, name: str) -> None:
        """Take the end of an element."""
        if name == "t":
            self._in_text = False
        elif name == "rPh":
            self._in_phonetic = False
        elif name == "r":
            self._struck = False

    def add(self, text: str) -> None:
        """Take a piece of text."""
        if self._struck and self._in_text:
            self.has_struck = True
        elif self._in_text and not self._in_phonetic and self._size <= MAX_CELL:
            self._parts.append(text)
            self._size += len(text)

    @property
    def text(self) -> str:
        """What was read of the string."""
        return with_breaks("".join(self._parts))


def with_breaks(text: str) -> str:
    """The text with the line breaks that are written out in it."""
    return _ESCAPED_BREAK.sub("\n", text)


def is_on(attributes: Attributes) -> bool:
    """Whether an element that switches something on does so."""
    return attributes.get("val", "1").lower() not in ("0", "false", "off")


@dataclass(slots=True)
class CellStyles:
    """What the styles of a workbook say, by the number of the style.

    `formats`: of numbers. `struck`, `unseen`: the styles that strike out, and those whose text nobody sees:
    in the color of its ground, or of no size. `hiding`: the conditional formats that do either.
    """

    formats: list[str] = field(default_factory=list)
    struck: set[int] = field(default_factory=set)
    unseen: set[int] = field(default_factory=set)
    hiding: set[int] = field(default_factory=set)


def styles_of(archive: ZippedDocument, path: str) -> CellStyles:
    """The styles of a workbook. None where they cannot be read, which hurts no value."""
    reader = _StyleReader()
    try:
        read_xml(archive.read(path), reader.start)
    except InvalidInput:
        return CellStyles()
    return reader.styles


_WHITE, _BLACK = "FFFFFF", "000000"
# Black and white, as old workbooks number them.
_INDEXED = {"0": _BLACK, "8": _BLACK, "1": _WHITE, "9": _WHITE, "64": _BLACK, "65": _WHITE}
_LEAST_SIZE = 2.0


@dataclass(slots=True)
class _Font:
    color: str = _BLACK
    is_struck: bool = False
    is_tiny: bool = False


class _StyleReader:
    def __init__(self) -> None:
        self.styles = CellStyles()
        self.custom: dict[str, str] = {}
        self.fonts: list[_Font] = []
        # The color of each ground; empty for a pattern, which shows every text.
        self.fills: list[str] = []
        self.conditional = -1
        self.inside = ""

    def start(self, name: str, attributes: Attributes) -> None:
        """Take the beginning of an element."""
        if name in ("cellXfs", "cellStyleXfs", "fonts", "fills", "dxfs"):
            self.inside = name
        elif name == "numFmt":
            self.custom[attributes.get("numFmtId", "")] = attributes.get("formatCode", "")[:_MAX_FORMAT]
        elif self.inside == "fonts":
            self._font(name, attributes)
        elif self.inside == "fills":
            self._fill(name, attributes)
        elif self.inside == "dxfs":
            self._conditional(name, attributes)
        elif name == "xf" and self.inside == "cellXfs":
            self._style(attributes)

    def _font(self, name: str, attributes: Attributes) -> None:
        if name == "font":
            self.fonts.append(_Font())
        elif name == "strike" and self.fonts:
            self.fonts[-1].is_struck = is_on(attributes)
        elif name == "color" and self.fonts:
            self.fonts[-1].color = _color(attributes)
        elif name == "sz" and self.fonts:
            self.fonts[-1].is_tiny = _number(attributes.get("val", "")) < _LEAST_SIZE

    def _fill(self, name: str, attributes: Attributes) -> None:
        if name == "fill":
            self.fills.append(_WHITE)
        elif name in ("patternFill", "gradientFill") and self.fills:
            pattern = attributes.get("patternType", "none") if name == "patternFill" else "gradient"
            self.fills[-1] = _WHITE if pattern in ("none", "solid") else ""
        elif name == "fgColor" and self.fills and self.fills[-1]:
            self.fills[-1] = _color(attributes)

    def _conditional(self, name: str, attributes: Attributes) -> None:
        if name == "dxf":
            self.conditional += 1
        elif (name == "strike" and is_on(attributes)) or (name == "color" and _color(attributes) == _WHITE):
            self.styles.hiding.add(self.conditional)
        elif name in ("fgColor", "bgColor") and _color(attributes) != _WHITE:
            # White letters on a ground of its own are seen.
            self.styles.hiding.discard(self.conditional)

    def _style(self, attributes: Attributes) -> None:
        number = len(self.styles.formats)
        key = attributes.get("numFmtId", "0")
        builtin = "yyyy-mm-dd" if key.isdecimal() and int(key) in _DATE_FORMAT_IDS else ""
        self.styles.formats.append(self.custom.get(key, builtin))
        font = _at(self.fonts, attributes.get("fontId", "0"))
        if font is None:
            return
        if font.is_struck:
            self.styles.struck.add(number)
        if font.is_tiny or font.color == _at(self.fills, attributes.get("fillId", "0")):
            self.styles.unseen.add(number)


def _at(values: Sequence[T], index: str) -> T | None:
    return values[int(index)] if index.isdecimal() and int(index) < len(values) else None


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return _LEAST_SIZE


def _color(attributes: Attributes) -> str:
    """A color as six digits; those of themes by their number, of which the first is white."""
    if rgb := attributes.get("rgb", ""):
        return rgb[-6:].upper()
    if theme := attributes.get("theme", ""):
        tint = attributes.get("tint", "0")
        return {"0": _WHITE, "1": _BLACK}.get(theme, theme) if _number(tint) == 0 else f"{theme} {tint}"
    return _INDEXED.get(attributes.get("indexed", ""), attributes.get("indexed", _BLACK))
