"""Writes the same table as every kind of file a list comes in, for the tests that read them."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Callable, Sequence
from email.message import EmailMessage
from html import escape
from typing import Any

from openpyxl import Workbook

_STRICT = {
    "http://schemas.openxmlformats.org/spreadsheetml/2006/main": "http://purl.oclc.org/ooxml/spreadsheetml/main",
    "http://schemas.openxmlformats.org/officeDocument/2006/relationships": (
        "http://purl.oclc.org/ooxml/officeDocument/relationships"
    ),
}


def as_csv(rows: list[list[str]], separator: str = ";", encoding: str = "utf-8-sig") -> bytes:
    text = io.StringIO()
    csv.writer(text, delimiter=separator).writerows(rows)
    return text.getvalue().encode(encoding)


def as_xlsx(
    rows: Sequence[Any],
    *,
    hidden_rows: tuple[Any, ...] = (),
    hidden_columns: tuple[str, ...] = (),
    other_sheets: list[tuple[str, list[list[Any]], str]] | tuple[Any, ...] = (),
    name: str = "Sheet1",
) -> bytes:
    book = Workbook()
    sheet = book.active
    sheet.title = name
    for row in rows:
        sheet.append(row)
    for row in hidden_rows:
        sheet.row_dimensions[row].hidden = True
    for column in hidden_columns:
        sheet.column_dimensions[column].hidden = True
    for title, more, state in other_sheets:
        other = book.create_sheet(title)
        other.sheet_state = state
        for row in more:
            other.append(row)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def repacked(
    data: bytes,
    rename: Callable[..., Any] = lambda name: name,
    replaced: Callable[..., Any] = lambda name, content: content,
) -> bytes:
    """An archive with other names of its parts, or other contents."""
    source, file = zipfile.ZipFile(io.BytesIO(data)), io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in source.namelist():
            archive.writestr(zipfile.ZipInfo(rename(name)), replaced(name, source.read(name)))
    return file.getvalue()


def as_strict_xlsx(rows: list[list[str]]) -> bytes:
    def strict(_name: str, content: bytes) -> bytes:
        for transitional, other in _STRICT.items():
            content = content.replace(transitional.encode(), other.encode())
        return content

    return repacked(as_xlsx(rows), replaced=strict)


def as_odd_xlsx(rows: list[list[str]]) -> bytes:
    """Backslashes, another name of the workbook, and styles that are damaged."""

    def replaced(name: str, content: bytes) -> bytes:
        if name == "xl/styles.xml":
            return b"<styleSheet><cellXfs><xf numFmtId='"
        return content.replace(b"xl/workbook.xml", b"xl/Book.xml")

    def rename(name: str) -> str:
        name = name.replace("xl/workbook.xml", "xl/Book.xml").replace("workbook.xml.rels", "Book.xml.rels")
        return name.replace("/", "\\")

    return repacked(as_xlsx(rows), rename, replaced)


def as_ods(rows: list[list[str]], *, hidden_rows: tuple[Any, ...] = ()) -> bytes:
    lines = []
    for number, row in enumerate(rows, 1):
        cells = "".join(
            f'<table:table-cell office:value-type="string"><text:p>{escape(cell)}</text:p></table:table-cell>'
            for cell in row
        )
        state = ' table:visibility="filter"' if number in hidden_rows else ""
        lines.append(
            f"<table:table-row{state}>{cells}"
            '<table:table-cell table:number-columns-repeated="16000"/></table:table-row>'
        )
    content = (
        '<office:document-content xmlns:office="o" xmlns:table="t" xmlns:text="x"><office:body>'
        f'<office:spreadsheet><table:table table:name="Sheet1">{"".join(lines)}'
        '<table:table-row table:number-rows-repeated="1048000"><table:table-cell/></table:table-row>'
        "</table:table></office:spreadsheet></office:body></office:document-content>"
    )
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("content.xml", content)
    return file.getvalue()


def as_html(rows: list[list[str]], *, hidden_rows: tuple[Any, ...] = ()) -> bytes:
    lines = []
    for number, row in enumerate(rows, 1):
        tag = "th" if number == 1 else "td"
        style = " style='display:none'" if number in hidden_rows else ""
        lines.append(
            f"<tr{style}>\n" + "\n".join(f"<{tag}>{escape(cell)}</{tag}>" for cell in row) + "\n</tr>"
        )
    return f"<html><body><table border=1>\n{''.join(lines)}</table></body></html>".encode()


def as_spreadsheet_xml(rows: list[list[str]], *, hidden_rows: tuple[Any, ...] = ()) -> bytes:
    lines = []
    for number, row in enumerate(rows, 1):
        cells = "".join(f'<Cell><Data ss:Type="String">{escape(cell)}</Data></Cell>' for cell in row)
        lines.append(
            f"<Row{' ss:Hidden=' + chr(34) + '1' + chr(34) if number in hidden_rows else ''}>{cells}</Row>"
        )
    return (
        '<?xml version="1.0"?>\n<?mso-application progid="Excel.Sheet"?>\n'
        '<Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet" '
        'xmlns:ss="urn:schemas-microsoft-com:office:spreadsheet">'
        f'<Worksheet ss:Name="Sheet1"><Table>{"".join(lines)}</Table></Worksheet></Workbook>'
    ).encode()


def as_mail(rows: list[list[str]], *, attached: bool = False) -> bytes:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "a@example.com", "b@example.com", "Your delivery"
    mail["Message-ID"], mail["MIME-Version"] = "<1@example.com>", "1.0"
    mail.set_content("The list is below.")
    if attached:
        mail.add_attachment(
            as_xlsx(rows), maintype="application", subtype="octet-stream", filename="list.xlsx"
        )
    else:
        mail.add_alternative(as_html(rows).decode(), subtype="html")
    mail.set_boundary("frontier")
    return mail.as_bytes()


CONTAINERS = {
    "semicolons": as_csv,
    "tabs in utf-16": lambda rows: as_csv(rows, "\t", "utf-16"),
    "xlsx": as_xlsx,
    "strict xlsx": as_strict_xlsx,
    "odd xlsx": as_odd_xlsx,
    "ods": as_ods,
    "html": as_html,
    "spreadsheet xml": as_spreadsheet_xml,
    "mail": as_mail,
    "mail with a file": lambda rows: as_mail(rows, attached=True),
}
