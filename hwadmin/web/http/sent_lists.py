"""What somebody sent as a list: a file, or a text that was pasted."""

from __future__ import annotations

from flask import request

from hwadmin.list_import.lists import refuse


def sent_list(pasted: str, max_bytes: int) -> tuple[bytes | None, str]:
    """The bytes of the file that was sent, or what was pasted; one of the two.

    Raises InvalidInput where there is neither, or both.
    """
    file = request.files.get("file")
    if file is None or not file.filename:
        if not pasted.strip():
            raise refuse("Paste a list, or choose a file.")
        return None, pasted
    with file.stream as stream:  # a large one is a temporary file
        data = stream.read(max_bytes + 1)
    if pasted.strip():
        raise refuse("There is both a pasted text and a file; send one of them.")
    if not data:
        raise refuse("This file is empty.")
    return data, ""
