"""What a file is, by what is in it and not by its name; the text of the list in it, a line for each row."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable
from contextlib import suppress

from hwadmin.errors import InvalidInput
from hwadmin.list_import.containers.archive import PACKED, ZippedDocument, packed_list
from hwadmin.list_import.containers.binary_excel import is_compound_file, read_binary_excel
from hwadmin.list_import.containers.grid import Grid, text_of_grids
from hwadmin.list_import.containers.html_tables import is_html, read_html
from hwadmin.list_import.containers.mail import is_mail, parts_of_mail
from hwadmin.list_import.containers.open_document import is_open_document, read_open_document
from hwadmin.list_import.containers.open_xml import read_open_xml
from hwadmin.list_import.containers.spreadsheet_xml import is_spreadsheet_xml, read_spreadsheet_xml
from hwadmin.list_import.lists import MAX_BYTES, MAX_ROWS, NOTE_MARK, WHAT_TO_SEND, refuse
from hwadmin.list_import.text_encodings.assumed_encoding import known_words, marked_text, split_mark

_SIGNATURES = (
    (b"%PDF", "a PDF"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"GIF8", "a picture"),
    (b"{\\rtf", "a rich text document"),
    (b"7z\xbc\xaf", "a compressed file"),
    (b"Rar!", "a compressed file"),
    (b"SQLite format 3", "a database"),
)


_BYTE_ORDER_MARKS = (
    (b"\xff\xfe\0\0", "utf-32-le"),
    (b"\0\0\xfe\xff", "utf-32-be"),
    (b"\xff\xfe", "utf-16-le"),
    (b"\xfe\xff", "utf-16-be"),
    (b"\xef\xbb\xbf", "utf-8"),
)
# The encoding a page or an XML file names.
_NAMED = re.compile(
    rb"""<(?:meta|\?xml)[^>]{1,200}?(?:charset|encoding)\s*=\s*["']?([A-Za-z0-9_-]{3,20})""", re.IGNORECASE
)
# What every list has, whatever script its names are in.
_OF_LISTS = frozenset("0123456789\n\t,;|: .@-")

# Characters or bytes.
MAX_SHORT_TEXT = 8_000
# Bytes: of a workbook of some dozen rows, and of all that is packed in it.
MAX_SHORT_WORKBOOK, MAX_SHORT_UNPACKED = 32_000, 100_000


def is_short_list(sent: bytes | str) -> bool:
    """Whether a list is so short that it is read in milliseconds, and in half a second at worst.

    A text in which nothing unfolds to more than it is: no mail with attachments, no markup. A workbook, where
    what is packed in it is as little, and so is the text that comes of it.
    """
    if isinstance(sent, bytes) and sent.startswith(b"PK"):
        return len(sent) <= MAX_SHORT_WORKBOOK and _is_short_workbook(sent)
    if len(sent) > MAX_SHORT_TEXT or isinstance(sent, str):
        return len(sent) <= MAX_SHORT_TEXT
    return not (b"<" in sent or sent.startswith(PACKED) or is_compound_file(sent) or is_mail(sent))


def _is_short_workbook(data: bytes) -> bool:
    try:
        archive = ZippedDocument(data, most_unpacked=MAX_SHORT_UNPACKED)
        if is_open_document(archive):
            return False
        return len(text_of_grids(read_open_xml(archive), MAX_ROWS)) <= MAX_SHORT_TEXT
    except InvalidInput:
        # Whoever reads it within limits tells why it is refused.
        return False


def text_of_file(
    data: bytes, *, most_bytes: int = MAX_BYTES, most_rows: int = MAX_ROWS, known: Collection[str] = ()
) -> str:
    """The text of an uploaded file, as if it had been pasted.

    `known`: words of names that are known, by which an encoding is told that the file does not name.

    Raises InvalidInput with a sentence for what is too large, or no list.
    """
    if len(data) > most_bytes:
        raise refuse(
            f"This file is larger than {most_bytes // 1024 // 1024} MB; leave out everything but the list."
        )
    if (within := packed_list(data, most_bytes)) is not None:
        name, packed = within
        if packed_list(packed, most_bytes) is not None:
            raise refuse(f"This is a compressed file in a compressed file. {WHAT_TO_SEND}")
        read = text_of_file(packed, most_bytes=most_bytes, most_rows=most_rows, known=known)
        return f"{read.rstrip(chr(10))}\n{NOTE_MARK}{name}" if name else read
    for signature, what in _SIGNATURES:
        if data.startswith(signature):
            raise refuse(f"This is {what}. {WHAT_TO_SEND}")
    grids = _grids(data)
    if grids is not None:
        return text_of_grids(grids, most_rows)
    if is_mail(data):
        mail = parts_of_mail(data)
        notes = "".join(f"\n{NOTE_MARK}{note}" for note in mail.not_read)
        if mail.attached is not None and not is_mail(mail.attached):
            read = text_of_file(mail.attached, most_bytes=most_bytes, most_rows=most_rows, known=known)
            return read.rstrip("\n") + notes
        mark, text = split_mark(mail.text)
        is_page = mail.is_html and is_html(text)
        return mark + (text_of_grids(read_html(text), most_rows) if is_page else text)
    mark, text = split_mark(decoded(data, known))
    return mark + (text_of_grids(read_html(text), most_rows) if is_html(text) else text)


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


def words_that_decide(data: bytes | None, names: Callable[[], Iterable[str]]) -> frozenset[str]:
    """Words of known names where a file is a text in an older encoding; nothing is asked for other files."""
    return known_words(names()) if data and _names_no_encoding(data) else frozenset()


def _names_no_encoding(data: bytes) -> bool:
    if data.startswith(b"PK") or is_compound_file(data):
        return False
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return not data.startswith(tuple(mark for mark, _ in _BYTE_ORDER_MARKS))
    return False


def decoded(data: bytes, known: Collection[str] = ()) -> str:
    """The text of a file: UTF-8, UTF-16 or UTF-32, the encoding a page names, or else an older one.

    Of an older one the first line tells; see ``read_as_assumed``. `known`: words of names that are known.
    """
    for mark, encoding in _BYTE_ORDER_MARKS:
        if data.startswith(mark):
            return data[len(mark) :].decode(encoding, errors="replace")
    if 0 in data:
        return _without_mark(data)
    named = _NAMED.search(data[:2_000])
    if named and _names_no_encoding(data):
        with suppress(LookupError, UnicodeDecodeError):
            return data.decode(named[1].decode())
    return marked_text(data, known)


def _without_mark(data: bytes) -> str:
    """UTF-16 without its mark: in one order of bytes its signs, digits and line ends are those of a list."""
    start = data[: min(len(data), 4_000) // 2 * 2]
    counts = {
        encoding: sum(character in _OF_LISTS for character in start.decode(encoding, errors="replace"))
        for encoding in ("utf-16-le", "utf-16-be")
    }
    encoding = max(counts, key=lambda one: counts[one])
    if counts[encoding] * 40 < len(start) or min(counts.values()) * 4 > counts[encoding]:
        raise refuse(f"This file is not text. {WHAT_TO_SEND}")
    return data.decode(encoding, errors="replace")
