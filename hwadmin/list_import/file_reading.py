"""What a file is, by what is in it and not by its name; the text of the list in it, a line for each row."""

from __future__ import annotations

from hwadmin.list_import.containers.archive import ZippedDocument
from hwadmin.list_import.containers.binary_excel import is_compound_file, read_binary_excel
from hwadmin.list_import.containers.encodings import older_encoding
from hwadmin.list_import.containers.grid import Grid, text_of_grids
from hwadmin.list_import.containers.html_tables import is_html, read_html
from hwadmin.list_import.containers.mail import is_mail, parts_of_mail
from hwadmin.list_import.containers.open_document import is_open_document, read_open_document
from hwadmin.list_import.containers.open_xml import read_open_xml
from hwadmin.list_import.containers.spreadsheet_xml import is_spreadsheet_xml, read_spreadsheet_xml
from hwadmin.list_import.lists import MAX_BYTES, MAX_ROWS, WHAT_TO_SEND, Sheet, refuse
from hwadmin.list_import.text_tables import read_text

_SIGNATURES = (
    (b"%PDF", "a PDF"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"GIF8", "a picture"),
    (b"{\\rtf", "a rich text document"),
    (b"\x1f\x8b", "a compressed file"),
    (b"7z\xbc\xaf", "a compressed file"),
    (b"Rar!", "a compressed file"),
    (b"SQLite format 3", "a database"),
)


def read_file(data: bytes) -> Sheet:
    """Read an uploaded file.

    Raises InvalidInput with a sentence for what is too large, or no list.
    """
    return read_text(text_of_file(data))


def text_of_file(data: bytes, *, most_bytes: int = MAX_BYTES, most_rows: int = MAX_ROWS) -> str:
    """The text of an uploaded file, as if it had been pasted.

    Raises InvalidInput with a sentence for what is too large, or no list.
    """
    if len(data) > most_bytes:
        raise refuse(f"This file is larger than {most_bytes // 1024 // 1024} MB; leave out what is no list.")
    for signature, what in _SIGNATURES:
        if data.startswith(signature):
            raise refuse(f"This is {what}. {WHAT_TO_SEND}")
    grids = _grids(data)
    if grids is not None:
        return text_of_grids(grids, most_rows)
    if is_mail(data):
        attached, text, html = parts_of_mail(data)
        if attached is not None and not is_mail(attached):
            return text_of_file(attached, most_bytes=most_bytes, most_rows=most_rows)
        return text_of_grids(read_html(text), most_rows) if html and is_html(text) else text
    text = decoded(data)
    return text_of_grids(read_html(text), most_rows) if is_html(text) else text


def _grids(data: bytes) -> list[Grid] | None:
    """The sheets of a spreadsheet; None for a file that is none."""
    if data.startswith(b"PK"):
        archive = ZippedDocument(data)
        return read_open_document(archive) if is_open_document(archive) else read_open_xml(archive)
    if is_compound_file(data):
        return read_binary_excel(data)
    if is_spreadsheet_xml(data):
        return read_spreadsheet_xml(data)
    return None


def decoded(data: bytes) -> str:
    """The text of a file: UTF-8 with or without its mark, UTF-16, else an older encoding, line by line.

    Files put together from several sources mix encodings; identifiers are plain ASCII in all of them.
    """
    for mark, encoding in ((b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be")):
        if data.startswith(mark):
            return data[2:].decode(encoding, errors="replace")
    start = data[:2000]
    if start.count(0) > len(start) // 4:
        even = start[::2].count(0) > start[1::2].count(0)
        return data.decode("utf-16-be" if even else "utf-16-le", errors="replace")
    data = data.removeprefix(b"\xef\xbb\xbf")
    if 0 in data:
        raise refuse(f"This file is no text. {WHAT_TO_SEND}")
    lines: list[str | bytes] = []
    for line in data.split(b"\n"):
        try:
            lines.append(line.decode("utf-8"))
        except UnicodeDecodeError:
            lines.append(line)
    older = [line for line in lines if isinstance(line, bytes)]
    encoding = older_encoding(b"\n".join(older)) if older else ""
    return "\n".join(
        line if isinstance(line, str) else line.decode(encoding, errors="replace") for line in lines
    )
