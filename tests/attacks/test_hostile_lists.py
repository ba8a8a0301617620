"""Hostile lists of a few kilobytes get an answer within the limits, whatever they unfold to."""

from __future__ import annotations

import contextlib
import io
import time
import zipfile
from collections.abc import Callable

import pytest

from hwadmin.errors import InvalidInput
from hwadmin.list_import.file_reading import (
    MAX_SHORT_TEXT,
    MAX_SHORT_WORKBOOK,
    is_short_list,
    text_of_file,
)
from hwadmin.list_import.isolation import isolated
from tests.running import slowness

_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_PARTS = {
    "[Content_Types].xml": f'<Types xmlns="{_PACKAGE}/content-types"><Default Extension="xml"'
    ' ContentType="application/xml"/></Types>',
    "_rels/.rels": f'<Relationships xmlns="{_PACKAGE}/relationships"><Relationship Id="rId1"'
    f' Type="{_OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
    "xl/workbook.xml": f'<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><sheets>'
    '<sheet name="A" sheetId="1" r:id="rId1"/></sheets></workbook>',
    "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{_PACKAGE}/relationships">'
    f'<Relationship Id="rId1" Type="{_OFFICE}/worksheet" Target="worksheets/sheet1.xml"/>'
    f'<Relationship Id="rId2" Type="{_OFFICE}/sharedStrings" Target="sharedStrings.xml"/>'
    f'<Relationship Id="rId3" Type="{_OFFICE}/styles" Target="styles.xml"/></Relationships>',
}
_ROW = '<row r="1"><c r="A1" t="inlineStr"><is><t>805EC0A00001</t></is></c></row>'
_MERGED = '<mergeCell ref="A1:XFD1048576"/>'
_ENTITIES = (("a", "x"), ("b", "&a;"), ("c", "&b;"), ("d", "&c;"))
_BOMB = "".join(f'<!ENTITY {name} "{inner * 10}">' for name, inner in _ENTITIES)


def _workbook(
    sheet: str, strings: str = "", styles: str = "", *, method: int = zipfile.ZIP_DEFLATED
) -> bytes:
    parts = {
        **_PARTS,
        "xl/worksheets/sheet1.xml": f'<worksheet xmlns="{_MAIN}">{sheet}</worksheet>',
        "xl/sharedStrings.xml": f'<sst xmlns="{_MAIN}">{strings}</sst>',
        "xl/styles.xml": f'<styleSheet xmlns="{_MAIN}"><cellXfs>{styles}</cellXfs></styleSheet>',
    }
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", method) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return stream.getvalue()


# Made when they are asked for: each unfolds to tens of megabytes.
HOSTILE: dict[str, Callable[[], bytes]] = {
    "merged cells": lambda: _workbook(
        f"<sheetData>{_ROW}</sheetData><mergeCells>{_MERGED * 100_000}</mergeCells>"
    ),
    "cells": lambda: _workbook(f"<sheetData><row>{'<c><v>1</v></c>' * 1_000_000}</row></sheetData>"),
    "rows": lambda: _workbook(f"<sheetData>{'<row><c><v>1</v></c></row>' * 1_000_000}</sheetData>"),
    "a cell far away": lambda: _workbook(
        '<sheetData><row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>'
    ),
    "strings": lambda: _workbook(f"<sheetData>{_ROW}</sheetData>", "<si><t>x</t></si>" * 2_000_000),
    "styles": lambda: _workbook(f"<sheetData>{_ROW}</sheetData>", styles="<xf/>" * 4_000_000),
    "nesting": lambda: _workbook(f"<sheetData>{'<a>' * 500_000}{'</a>' * 500_000}</sheetData>"),
    "spans of a web page": lambda: b"<html><table>" + b"<tr><td colspan=1000 rowspan=1000>1" * 20_000,
    "tables in tables": lambda: b"<table><tr><td>" * 100_000,
    "mails in mails": lambda: b"From: a@b\nSubject: x\n" + b"Content-Type: message/rfc822\n\n" * 40_000,
    "entities": lambda: f'<?xml version="1.0"?><!DOCTYPE a [{_BOMB}]><Workbook>&d;</Workbook>'.encode(),
}


@pytest.mark.slow
@pytest.mark.parametrize("hostile", HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_list_gets_an_answer(hostile: Callable[[], bytes]) -> None:
    """Within isolated()'s eight seconds and 400 MB, or its refusal; anything else is raised here."""
    data = hostile()
    assert len(data) < 2 * 1024 * 1024
    text = ""
    with contextlib.suppress(InvalidInput):
        text = isolated(lambda: text_of_file(data))
    assert len(text) < 10_000_000


def test_only_a_short_list_in_which_little_unfolds_is_read_without_limits() -> None:
    short = b"MAC\n805EC0A00001\n"
    assert is_short_list(short)
    assert is_short_list(_workbook(f"<sheetData>{_ROW}</sheetData>"))
    mail = b"From: a@example.com\nSubject: list\n\n" + short
    for long_or_foldable in (
        short * 1_000,
        _workbook(f"<sheetData>{_ROW * 1_500}</sheetData>"),
        _open_document(f"<table:table-row>{_CELL}</table:table-row>"),
        b"<table><tr><td>1",
        mail,
        b"PK\x03\x04 and nothing behind it",
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
    ):
        assert not is_short_list(long_or_foldable)
    assert not is_short_list("a" * (MAX_SHORT_TEXT + 1))


_FAR = '<row r="9999"><c r="BH9999"><v>1</v></c></row>'
# What might take long of what is short: it is looked at in the worker.
SHORT: dict[str, Callable[[], bytes]] = {
    "long text in many cells": lambda: _workbook(
        "<sheetData>" + '<row><c t="s"><v>0</v></c></row>' * 1_500 + "</sheetData>",
        f"<si><t>{'x ' * 20_000}</t></si>",
    ),
    "far away": lambda: _workbook(f"<sheetData>{_FAR}</sheetData>"),
    "merged to a cell far away": lambda: _workbook(
        f"<sheetData>{_ROW}{_FAR}</sheetData><mergeCells>{_MERGED * 3_000}</mergeCells>"
    ),
    "cells": lambda: _workbook(f"<sheetData><row>{'<c/>' * 24_000}</row></sheetData>"),
    "rows": lambda: _workbook(f"<sheetData>{'<row><c><v>1</v></c></row>' * 3_600}</sheetData>"),
    "columns hidden from far before the first": lambda: _workbook(
        f'<cols><col min="-999999999" max="5" hidden="1"/></cols><sheetData>{_ROW}</sheetData>'
    ),
    "packed in another way": lambda: _workbook(f"<sheetData>{_ROW}</sheetData>", method=zipfile.ZIP_LZMA),
    "formats": lambda: _workbook(
        "<sheetData><row>" + '<c s="0"><v>7</v></c>' * 4_000 + "</row></sheetData>",
        styles=f'<numFmt numFmtId="164" formatCode="{"[" * 255}"/><xf numFmtId="164"/>',
    ),
}


@pytest.mark.parametrize("hostile", SHORT.values(), ids=SHORT)
def test_whether_a_workbook_is_short_is_told_in_no_time(hostile: Callable[[], bytes]) -> None:
    """In processor seconds, whatever else the machine does."""
    data, began = hostile(), time.process_time()
    assert len(data) <= MAX_SHORT_WORKBOOK
    is_short_list(data)
    assert time.process_time() - began < 0.5 * slowness()


_CELL = "<table:table-cell><text:p>805EC0A00001</text:p></table:table-cell>"


def _open_document(rows: str) -> bytes:
    kind = "application/vnd.oasis.opendocument.spreadsheet"
    content = f'<content><table:table table:name="A">{rows}</table:table></content>'
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", kind)
        archive.writestr("content.xml", content)
    return stream.getvalue()


@pytest.mark.parametrize(
    "data",
    [
        _workbook(f'<cols><col min="-999999999" max="-9" hidden="1"/></cols><sheetData>{_ROW}</sheetData>'),
        _open_document(
            f"<table:table-row>{_CELL}</table:table-row>"
            + '<table:table-row table:visibility="collapse" table:number-rows-repeated="20000"/>' * 1_000
        ),
        _open_document(
            '<table:table-row table:number-rows-repeated="4000"><table:table-cell><text:p>'
            f"{'805EC0A00001 ' * 20_000}</text:p></table:table-cell></table:table-row>"
        ),
    ],
    ids=["columns before the first", "a million hidden rows", "a long text in many rows"],
)
def test_what_one_element_unfolds_to_is_bounded(data: bytes) -> None:
    assert "805EC0A00001" in isolated(lambda: text_of_file(data), seconds=2 * slowness())


def test_a_format_of_numbers_is_read_in_linear_time() -> None:
    """Brackets that are never closed were looked for to the end from each of them, and for each cell."""
    row = "<row>" + '<c s="0"><v>7</v></c>' * 50 + "</row>"
    formats = f'<numFmt numFmtId="164" formatCode="{"[" * 500_000}"/><xf numFmtId="164"/>'
    data = _workbook(f"<sheetData>{row * 200}</sheetData>", styles=formats)
    assert isolated(lambda: text_of_file(data)).count("7") == 200 * 50
