"""XML read by events, in time that grows with its length alone: no document types, bounded depth."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any
from xml.parsers import expat

from hwadmin.list_import.lists import WHAT_TO_SEND, damaged, refuse

_MAX_DEPTH = 60
_MEASURE = re.compile("([0-9]*[.,]?[0-9]*)(?:[a-z]{2})?")
Attributes = Mapping[str, str]


def local(name: str) -> str:
    """A name without its namespace or prefix: Strict and Transitional files differ in nothing else."""
    return name.rpartition(":")[2]


def shows_nothing(written: str | None, least: float = 0.0) -> bool:
    """Whether a height or width is written with which nothing is seen: ``0``, ``0cm``, or below the least."""
    measure = _MEASURE.fullmatch(written.strip()) if written is not None else None
    if measure is None:
        return False
    number = measure[1].replace(",", ".")
    return number in ("", ".") or float(number) == 0 or float(number) < least


def read_xml(
    data: bytes,
    start: Callable[[str, Attributes], None],
    end: Callable[[str], None] | None = None,
    text: Callable[[str], None] | None = None,
) -> None:
    """Read a document; names of elements and attributes come without prefixes.

    Raises InvalidInput for what is no XML, or declares entities, which is how XML explodes.
    """
    parser = expat.ParserCreate()
    parser.buffer_text = True
    depth = 0

    def open_element(name: str, attributes: Any) -> None:
        nonlocal depth
        depth += 1
        if depth > _MAX_DEPTH:
            raise damaged()
        start(local(name), {local(key): value for key, value in attributes.items()} if attributes else {})

    def close_element(name: str) -> None:
        nonlocal depth
        depth -= 1
        if end is not None:
            end(local(name))

    def refuse_document_type(*_declaration: object) -> None:
        raise refuse(f"This spreadsheet is not written as Office writes them. {WHAT_TO_SEND}")

    parser.StartElementHandler = open_element
    parser.EndElementHandler = close_element
    parser.StartDoctypeDeclHandler = refuse_document_type
    parser.EntityDeclHandler = refuse_document_type
    if text is not None:
        parser.CharacterDataHandler = text
    try:
        parser.Parse(data, True)
    except (expat.ExpatError, ValueError) as error:
        raise damaged() from error
