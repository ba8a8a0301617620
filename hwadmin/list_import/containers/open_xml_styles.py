"""What of an Open XML workbook says how values are shown: formats of numbers, and what is struck out."""

from __future__ import annotations

import re

from hwadmin.errors import InvalidInput
from hwadmin.list_import.containers.archive import ZippedDocument
from hwadmin.list_import.containers.xml_reading import Attributes, read_xml
from hwadmin.list_import.lists import MAX_CELL

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


def styles_of(archive: ZippedDocument, path: str) -> tuple[list[str], set[int]]:
    """The format of numbers by style, and the styles that strike out.

    Nothing where the styles cannot be read, which hurts no value.
    """
    reader = _StyleReader()
    try:
        read_xml(archive.read(path), reader.start)
    except InvalidInput:
        return [], set()
    return reader.formats, reader.struck


class _StyleReader:
    def __init__(self) -> None:
        self.custom: dict[str, str] = {}
        self.formats: list[str] = []
        self.struck: set[int] = set()
        self.struck_fonts: set[str] = set()
        self.fonts = -1
        self.inside = ""

    def start(self, name: str, attributes: Attributes) -> None:
        """Take the beginning of an element."""
        if name in ("cellXfs", "cellStyleXfs", "fonts", "dxfs"):
            self.inside = name
        elif name == "numFmt":
            self.custom[attributes.get("numFmtId", "")] = attributes.get("formatCode", "")[:_MAX_FORMAT]
        elif name == "font" and self.inside == "fonts":
            self.fonts += 1
        elif name == "strike" and self.inside == "fonts" and is_on(attributes):
            self.struck_fonts.add(str(self.fonts))
        elif name == "xf" and self.inside == "cellXfs":
            key = attributes.get("numFmtId", "0")
            builtin = "yyyy-mm-dd" if key.isdecimal() and int(key) in _DATE_FORMAT_IDS else ""
            if attributes.get("fontId", "0") in self.struck_fonts:
                self.struck.add(len(self.formats))
            self.formats.append(self.custom.get(key, builtin))
