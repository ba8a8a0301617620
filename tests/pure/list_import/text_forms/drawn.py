"""Writes the same table as the texts it comes in: drawn with signs, within data, in a compressed file."""

from __future__ import annotations

import gzip
import io
import json
import zipfile
from collections.abc import Callable
from html import escape

from tests.pure.list_import.containers import as_csv, as_xlsx

Rows = list[list[str]]


def _padded(rows: Rows) -> Rows:
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return [[cell.ljust(width) for cell, width in zip(row, widths, strict=True)] for row in rows]


def _barred(rows: Rows, bar: str = "|") -> list[str]:
    return [f"{bar} {f' {bar} '.join(row)} {bar}" for row in rows]


def _ruled(rows: Rows, every: bool, rule: str = "+-+", head: str = "-") -> str:
    """A table in a frame; `every`: with a line below each row."""
    rows = _padded(rows)
    left, dash, right = rule[0], rule[1], rule[2]
    line = left + f"{dash}".join(dash * (len(cell) + 2) for cell in rows[0]) + right
    lines = _barred(rows, "│" if dash == "─" else "|")
    lines[1:1] = [line.replace(dash, head)]
    if every:
        lines = [lines[0], lines[1], *(part for row in lines[2:] for part in (row, line))]
    return "\n".join([line, *lines, line][: None if not every else -1])


def _markdown(rows: Rows) -> str:
    marked = [
        [f"`{cell}`" if column == 1 and cell else cell for column, cell in enumerate(row)] for row in rows
    ]
    return "\n".join([_barred(rows)[0], "|" + ":--|" * len(rows[0]), *_barred(marked)[1:]])


def _jira(rows: Rows) -> str:
    return "\n".join(
        [f"||{'||'.join(rows[0])}||", *(f"|{'|'.join(cell or ' ' for cell in row)}|" for row in rows[1:])]
    )


def _media_wiki(rows: Rows) -> str:
    lines = ['{| class="wikitable"', "! " + " !! ".join(rows[0])]
    for row in rows[1:]:
        lines += ["|-", *(f'| style="x" | {cell}' for cell in row)]
    return "\n".join([*lines, "|}"])


def _latex(rows: Rows) -> str:
    lines = [
        " & ".join(cell.replace("_", r"\_").replace("#", r"\#") for cell in row) + r" \\" for row in rows
    ]
    return "\n".join([r"\begin{tabular}{lll}", r"\hline", lines[0], r"\hline", *lines[1:], r"\end{tabular}"])


def _ascii_doc(rows: Rows) -> str:
    head = "|" + " |".join(rows[0])
    return "\n".join(["|===", head, "", *(f"|{cell}" for row in rows[1:] for cell in row), "|==="])


def _xml(rows: Rows) -> str:
    names = [
        f"{'_' if head[0].isdigit() else ''}{head.replace(' ', '_').replace('/', '_')}" for head in rows[0]
    ]
    records = [
        "<line>"
        + "".join(f"<{name}>{escape(cell)}</{name}>" for name, cell in zip(names, row, strict=True))
        + "</line>"
        for row in rows[1:]
    ]
    return f'<?xml version="1.0"?>\n<despatch>{"".join(records)}</despatch>'


def _zipped(name: str, data: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("folder/", "")
        archive.writestr(f"folder/{name}", data)
        archive.writestr(f"__MACOSX/folder/._{name}", b"\0\5\x16\7")
    return file.getvalue()


FORMS: dict[str, Callable[[Rows], bytes | str]] = {
    "markdown": _markdown,
    "a database's frame": lambda rows: _ruled(rows, every=False),
    "restructured text": lambda rows: _ruled(rows, every=True, head="="),
    "box characters": lambda rows: _ruled(rows, every=False, rule="┌─┐"),
    "jira": _jira,
    "dokuwiki": lambda rows: "\n".join([_barred(rows, "^")[0], *_barred(rows)[1:]]),
    "mediawiki": _media_wiki,
    "latex": _latex,
    "asciidoc": _ascii_doc,
    "carets": lambda rows: "\n".join("^".join(row) for row in rows),
    "tildes": lambda rows: "\n".join("~".join(row) for row in rows),
    "single quotes": lambda rows: "\n".join(",".join(f"'{cell}'" for cell in row) for row in rows),
    "json": lambda rows: json.dumps([dict(zip(rows[0], row, strict=True)) for row in rows[1:]]),
    "json rows": lambda rows: json.dumps({"columns": rows[0], "rows": rows[1:]}),
    "json in json": lambda rows: json.dumps(
        {
            "result": {
                "lists": [{"note": "x", "items": [dict(zip(rows[0], row, strict=True))]} for row in rows[1:]]
            }
        }
    ),
    "xml": _xml,
    "zip": lambda rows: _zipped("list.csv", as_csv(rows)),
    "zipped workbook": lambda rows: _zipped("list.xlsx", as_xlsx(rows)),
    "gz": lambda rows: gzip.compress(as_csv(rows), mtime=0),
}
