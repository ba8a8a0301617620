"""The comments on cells of an Open XML workbook: what stands there of a device may say that it is none."""

from __future__ import annotations

import re
from collections.abc import Mapping

from hwadmin.list_import.containers.archive import ZippedDocument
from hwadmin.list_import.containers.grid import Grid
from hwadmin.list_import.containers.open_xml_styles import TextReader
from hwadmin.list_import.containers.xml_reading import Attributes, read_xml

_ADDRESS = re.compile(r"[A-Za-z]{1,3}([0-9]{1,7})")
# Who wrote it, and what old programs are told of comments that can be answered.
_AUTHOR = re.compile(r"[^\n:]{1,60}:\n")
_THREADED = re.compile(r"\[.{1,40}\].*?\n\s*\w[^\n:]{1,30}:\n", re.DOTALL)


def read_notes(archive: ZippedDocument, related: Mapping[str, tuple[str, str]], grid: Grid) -> None:
    """Put the comments of a sheet, of which `related` names the parts, beside its rows."""
    for kind, target in related.values():
        if kind == "comments" and target in archive:
            _read(archive.read(target), grid)


def _read(data: bytes, grid: Grid) -> None:
    reader = TextReader()
    row = 0

    def start(name: str, attributes: Attributes) -> None:
        nonlocal row
        if name == "comment":
            address = _ADDRESS.fullmatch(attributes.get("ref", ""))
            row = int(address[1]) if address else 0
            reader.begin()
        reader.open(name, attributes)

    def end(name: str) -> None:
        reader.close(name)
        if name == "comment":
            grid.add_note(row, without_author(_THREADED.sub("", reader.text, count=1)))

    read_xml(data, start, end, reader.add)


def without_author(text: str) -> str:
    """A comment without the line that says who wrote it."""
    return _AUTHOR.sub("", text, count=1)
