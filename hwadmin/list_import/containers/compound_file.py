"""OLE compound files, in which Excel 97-2003 kept a workbook: one stream out of them."""

from __future__ import annotations

import struct

SIGNATURE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_END = 0xFFFFFFFA  # this and above: no sector


def stream_of(data: bytes, names: tuple[str, ...]) -> bytes | None:
    """The first stream with one of the names; None where there is none, or the file is damaged."""
    try:
        return _stream(data, names)
    except (struct.error, IndexError, ValueError, UnicodeDecodeError):
        return None


def _stream(data: bytes, names: tuple[str, ...]) -> bytes | None:
    shift = struct.unpack_from("<H", data, 30)[0]
    if shift not in (9, 12):
        return None
    size = 1 << shift
    fat_count, directory = struct.unpack_from("<II", data, 44)
    cutoff = struct.unpack_from("<I", data, 56)[0]
    fat = _allocation_table(data, size, fat_count)
    entries = _chain(data, size, fat, directory)
    for at in range(0, len(entries) - 127, 128):
        length = struct.unpack_from("<H", entries, at + 64)[0]
        name = entries[at : at + max(length - 2, 0)].decode("utf-16-le")
        start, bytes_used = struct.unpack_from("<II", entries, at + 116)
        # What is smaller lies in a stream of its own; no workbook is.
        if name in names and bytes_used >= cutoff:
            return _chain(data, size, fat, start)[:bytes_used]
    return None


def _allocation_table(data: bytes, size: int, count: int) -> list[int]:
    """Which sector follows each."""
    sectors = list(struct.unpack_from("<109I", data, 76))
    more = struct.unpack_from("<I", data, 68)[0]
    while more < _END and len(sectors) * size < 4 * len(data):
        block = struct.unpack_from(f"<{size // 4}I", data, (more + 1) * size)
        sectors.extend(block[:-1])
        more = block[-1]
    table: list[int] = []
    for sector in sectors[: min(count, len(data) // size + 1)]:
        if sector < _END:
            table.extend(struct.unpack_from(f"<{size // 4}I", data, (sector + 1) * size))
    return table


def _chain(data: bytes, size: int, fat: list[int], start: int) -> bytes:
    """The sectors from the start on; a chain that goes in circles ends at the size of the file."""
    parts: list[bytes] = []
    sector = start
    while sector < _END and len(parts) <= len(data) // size:
        parts.append(data[(sector + 1) * size : (sector + 2) * size])
        sector = fat[sector]
    return b"".join(parts)
