"""Writes .xls workbooks of Excel 97-2003 as far as lists need them: texts, fonts, grounds, comments."""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence

WHITE, STRUCK, TINY, ON_BLACK = 1, 2, 3, 4
_FONTS = [(200, 0, 0x7FFF)] * 4 + [(200, 0, 9), (200, 8, 0x7FFF), (20, 0, 0x7FFF)]
# Style by number: the font as files count them (there is no fourth), pattern and color of the ground.
_STYLES = [(0, 0, 64), (5, 0, 64), (6, 0, 64), (7, 0, 64), (5, 1, 8)]


def _record(kind: int, body: bytes) -> bytes:
    return struct.pack("<HH", kind, len(body)) + body


def _bof(kind: int) -> bytes:
    return _record(0x809, struct.pack("<HHHHII", 0x600, kind, 0x0DBB, 0x07CC, 0, 6))


def _text(text: str) -> bytes:
    return struct.pack("<HB", len(text), 1) + text.encode("utf-16-le")


def as_xls(
    rows: Sequence[Sequence[str]],
    *,
    styles: Mapping[tuple[int, int], int] | None = None,
    comments: Mapping[tuple[int, int], str] | None = None,
    heights: Mapping[int, int] | None = None,
) -> bytes:
    """A workbook of one sheet; rows and columns are counted from 1, heights are twentieths of a point."""
    book = _bof(5)
    for height, options, color in _FONTS:
        book += _record(
            0x31, struct.pack("<HHHHHBBBBBB", height, options, color, 400, 0, 0, 0, 0, 0, 1, 0) + b"A"
        )
    for font, pattern, color in _STYLES:
        ground = struct.pack("<IH", pattern << 26, color | 65 << 7)
        book += _record(0xE0, struct.pack("<HHH", font, 0, 1) + bytes(8) + ground)
    sheet = _bof(0x10)
    for row, cells in enumerate(rows, start=1):
        height = (heights or {}).get(row, 255)
        sheet += _record(0x208, struct.pack("<HHHHIHH", row - 1, 0, len(cells), height, 0, 0x140, 0x0F))
        for column, cell in enumerate(cells, start=1):
            style = (styles or {}).get((row, column), 0)
            if cell:
                sheet += _record(0x204, struct.pack("<HHH", row - 1, column - 1, style) + _text(cell))
    for number, ((row, column), comment) in enumerate((comments or {}).items(), start=1):
        sheet += _record(0x5D, struct.pack("<HHHH", 0x15, 18, 0x19, number) + bytes(14) + bytes(4))
        sheet += _record(0x1B6, struct.pack("<HH6xHHI", 0x212, 0, len(comment), 16, 0))
        sheet += _record(0x3C, b"\1" + comment.encode("utf-16-le")) + _record(0x3C, bytes(16))
        sheet += _record(0x1C, struct.pack("<HHHH", row - 1, column - 1, 0, number) + _text("Kim") + b"\0")
    sheet += _record(0x0A, b"")
    name = b"\6\0List-1"
    begins = len(book) + 4 + 6 + len(name) + 4
    book += _record(0x85, struct.pack("<IBB", begins, 0, 0) + name) + _record(0x0A, b"")
    return _compound_file(book + sheet)


def _compound_file(stream: bytes) -> bytes:
    """The stream as the workbook of an OLE file: a table of sectors, a directory, the stream."""
    stream = stream.ljust(max(4096, -(-len(stream) // 512) * 512), b"\0")
    count = len(stream) // 512
    table = [0xFFFFFFFD, 0xFFFFFFFE, *range(3, 2 + count), 0xFFFFFFFE]
    assert len(table) <= 128
    header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16) + struct.pack("<HHHHH6x", 0x3E, 3, 0xFFFE, 9, 6)
    header += struct.pack("<IIIIIIIII", 0, 1, 1, 0, 4096, 0xFFFFFFFE, 0, 0xFFFFFFFE, 0)
    header += struct.pack("<109I", 0, *[0xFFFFFFFF] * 108)
    directory = b"".join(
        name.encode("utf-16-le").ljust(64, b"\0")
        + struct.pack("<HBBIII", 2 * len(name) + 2, kind, 1, 0xFFFFFFFF, 0xFFFFFFFF, child)
        + bytes(36)
        + struct.pack("<IQ", start, size)
        for name, kind, child, start, size in (
            ("Root Entry", 5, 1, 0xFFFFFFFE, 0),
            ("Workbook", 2, 0xFFFFFFFF, 2, len(stream)),
        )
    )
    sectors = struct.pack(f"<{len(table)}I", *table).ljust(512, b"\xff")
    return header + sectors + directory.ljust(512, b"\0") + stream
