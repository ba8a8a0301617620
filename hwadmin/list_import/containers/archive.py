"""The parts of a zipped document, by name, each unpacked only when it is read and within limits."""

from __future__ import annotations

import io
import posixpath
import zipfile
import zlib

from hwadmin.list_import.lists import damaged, refuse

# A list of 5,000 rows is some 3 MB of XML; what unpacks to much more is no list.
MAX_UNPACKED = 16 * 1024 * 1024
MAX_PARTS = 400
# How a file begins that is compressed alone (.gz).
PACKED = b"\x1f\x8b"
# The lists that may be sent, and what tells a document from an archive of files.
LISTS = (".csv", ".tsv", ".txt", ".xlsx", ".xlsm", ".xls", ".ods", ".json", ".xml", ".htm", ".html", ".eml")
_OF_DOCUMENTS = ("[content_types].xml", "mimetype", "content.xml", "xl/workbook.xml")
# An encrypted part is a RuntimeError, an unknown compression a NotImplementedError.
_FAILURES = (
    zipfile.BadZipFile,
    zlib.error,
    NotImplementedError,
    RuntimeError,
    EOFError,
    OSError,
    ValueError,
)


class ZippedDocument:
    """A zipped document. Names are compared without case; some programs write them with backslashes."""

    def __init__(self, data: bytes, *, most_unpacked: int = MAX_UNPACKED) -> None:
        """Look at the directory of the archive. Raises InvalidInput for what is damaged or far too large."""
        self._most = most_unpacked
        try:
            self._archive = zipfile.ZipFile(io.BytesIO(data))
        except _FAILURES as error:
            raise damaged() from error
        parts = self._archive.infolist()
        if len(parts) > MAX_PARTS or sum(part.file_size for part in parts) > most_unpacked:
            raise refuse("This spreadsheet is far larger than a list; copy the columns that matter.")
        self._parts = {_plain(part.filename): part for part in parts if not part.is_dir()}
        self._unpacked = 0

    @property
    def names(self) -> list[str]:
        """The names of all parts, in lower case."""
        return list(self._parts)

    def __contains__(self, name: str) -> bool:
        return _plain(name) in self._parts

    def read(self, name: str) -> bytes:
        """A part whole. Raises InvalidInput where it is missing, damaged, or larger than it claims to be."""
        part = self._parts.get(_plain(name))
        # No spreadsheet is packed in another way, and some of them may ask for gigabytes.
        if part is None or part.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise damaged()
        try:
            with self._archive.open(part) as file:
                # The sizes in the directory can lie: read no more than it says.
                data = file.read(part.file_size + 1)
        except _FAILURES as error:
            raise damaged() from error
        self._unpacked += len(data)
        if len(data) > part.file_size or self._unpacked > self._most:
            raise damaged()
        return data


def packed_list(data: bytes, most_bytes: int) -> tuple[str, bytes] | None:
    """The one list in a compressed file, and what is told of others in it; None for every other file.

    Raises InvalidInput where several files can be the list, or it is far too large, or cannot be unpacked.
    """
    if data.startswith(PACKED):
        return "", _gunzipped(data, most_bytes)
    if not data.startswith(b"PK"):
        return None
    archive = ZippedDocument(data, most_unpacked=max(most_bytes, MAX_UNPACKED))
    if any(name in archive for name in _OF_DOCUMENTS):
        return None
    names = [name for name in archive.names if not _is_of_system(name)]
    lists = [name for name in names if name.endswith(LISTS)]
    if not lists:
        return None
    if len(lists) > 1:
        shown = ", ".join(posixpath.basename(name) for name in lists[:3])
        raise refuse(f"This compressed file holds {len(lists)} lists: {shown}. Send one after the other.")
    others = ", ".join(posixpath.basename(name)[:60] for name in names if name not in lists)
    told = f"The compressed file also holds {others[:200]}; it is not read." if others else ""
    return told, archive.read(lists[0])


def _gunzipped(data: bytes, most_bytes: int) -> bytes:
    unpacking = zlib.decompressobj(wbits=31)
    try:
        unpacked = unpacking.decompress(data, most_bytes + 1)
    except _FAILURES as error:
        raise damaged() from error
    if not unpacking.eof and len(unpacked) <= most_bytes:
        raise damaged()
    return unpacked


def _is_of_system(name: str) -> bool:
    """Whether a file in an archive is one that a computer adds by itself."""
    return posixpath.basename(name).startswith(".") or name.startswith("__macosx/")


def _plain(name: str) -> str:
    return posixpath.normpath(name.replace("\\", "/")).lstrip("/").lower()
