"""What of an .xls workbook says how cells look, and what comments stand on them: records of BIFF8."""

from __future__ import annotations

import struct
from dataclasses import dataclass, field

_FORMAT, _FONT, _XF, _PALETTE = 0x41E, 0x31, 0xE0, 0x92
_OBJECT, _TEXT_OBJECT, _CONTINUE, _NOTE = 0x5D, 0x1B6, 0x3C, 0x1C
_IS_STRUCK = 0x08
# Of the font, in twentieths of a point.
_LEAST_HEIGHT = 40
_NO_PATTERN, _SOLID = 0, 1
_WHITE, _BLACK = b"\xff\xff\xff", b"\0\0\0"
# By number: those of every workbook, and what a window has for its text and its ground.
_COLORS = {0: _BLACK, 1: _WHITE, 8: _BLACK, 9: _WHITE, 64: _BLACK, 65: _WHITE, 0x7FFF: _BLACK}
_FIRST_OF_PALETTE = 8
_SHOWS_NOTHING = b";;;"
_PLAIN = (64, False, False)
_MAX_COMMENT = 2_000


@dataclass(slots=True)
class BinaryStyles:
    """The styles of a workbook by number: which strike out, and whose text nobody sees."""

    # Of each font its color, and whether it is struck out or tiny.
    _fonts: list[tuple[int, bool, bool]] = field(default_factory=list)
    _formats: set[int] = field(default_factory=set)
    _palette: dict[int, bytes] = field(default_factory=dict)
    _styles: list[bytes] = field(default_factory=list)

    def take(self, kind: int, body: bytes) -> None:
        """Take a record of the workbook itself, which come before those of its sheets."""
        if kind == _FONT:
            height, options, color = struct.unpack_from("<3H", body)
            self._fonts.append((color, bool(options & _IS_STRUCK), height < _LEAST_HEIGHT))
        elif kind == _FORMAT and body[5:].rstrip(b"\0") == _SHOWS_NOTHING:
            self._formats.add(struct.unpack_from("<H", body)[0])
        elif kind == _PALETTE:
            for place in range(struct.unpack_from("<H", body)[0]):
                self._palette[_FIRST_OF_PALETTE + place] = body[2 + 4 * place : 5 + 4 * place]
        elif kind == _XF and len(body) >= 20:
            self._styles.append(body)

    def is_struck(self, number: int) -> bool:
        """Whether a style strikes out what it shows."""
        return number < len(self._styles) and self._font(number)[1]

    def is_unseen(self, number: int) -> bool:
        """Whether nobody sees a text of a style."""
        if number >= len(self._styles):
            return False
        color, _is_struck, is_tiny = self._font(number)
        number_format = struct.unpack_from("<H", self._styles[number], 2)[0]
        in_its_ground = self._color(color) == self._ground(self._styles[number])
        return is_tiny or number_format in self._formats or in_its_ground

    def _font(self, number: int) -> tuple[int, bool, bool]:
        font = struct.unpack_from("<H", self._styles[number])[0]
        # No font has the number four.
        place = font - (font > 4)
        return self._fonts[place] if place < len(self._fonts) else _PLAIN

    def _ground(self, body: bytes) -> bytes:
        """The color of a cell's ground; nothing of a pattern, which shows every text."""
        borders, colors = struct.unpack_from("<IH", body, 14)
        pattern = borders >> 26
        if pattern == _NO_PATTERN:
            return _WHITE
        return self._color(colors & 0x7F) if pattern == _SOLID else b""

    def _color(self, number: int) -> bytes:
        return self._palette.get(number) or _COLORS.get(number) or number.to_bytes(2)


@dataclass(slots=True)
class BinaryComments:
    """The comments on the cells of a sheet: a text belongs to the object before it, a note names both."""

    by_row: dict[int, str] = field(default_factory=dict)
    _object: int = 0
    _left: int = 0
    _texts: dict[int, str] = field(default_factory=dict)

    def take(self, kind: int, body: bytes) -> None:
        """Take a record of the sheet."""
        if kind == _OBJECT:
            self._object = struct.unpack_from("<H", body, 6)[0]
        elif kind == _TEXT_OBJECT:
            self._left = min(struct.unpack_from("<H", body, 10)[0], _MAX_COMMENT)
        elif kind == _CONTINUE and self._left > 0:
            # Each piece says of itself whether its letters take two bytes.
            text = body[1:].decode("utf-16-le" if body[:1] == b"\1" else "latin-1", errors="replace")
            self._texts[self._object] = self._texts.get(self._object, "") + text[: self._left]
            self._left -= len(text)
        elif kind == _NOTE:
            row, _column, _options, number = struct.unpack_from("<4H", body)
            if text := self._texts.get(number, ""):
                self.by_row[row + 1] = f"{self.by_row.get(row + 1, '')} {text}".strip()
