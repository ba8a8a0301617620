"""The words of addresses: an id is digits, so that a fixed word in its place is nobody's id."""

from __future__ import annotations

import re

from flask import Flask
from werkzeug.routing import BaseConverter, PathConverter

from hwadmin.operations.catalog.skus import WORDS_BEHIND


class _RowId(BaseConverter):
    regex = "[0-9]+"


class _Reference(BaseConverter):
    regex = "HW-[0-9]+"


class _Sku(PathConverter):
    """May have slashes, and be "import": only a list is posted there. No SKU ends as addresses do."""

    regex = r"[^/].*?" + "".join(f"(?<!/{word})" for word in WORDS_BEHIND)


def install_converters(app: Flask) -> None:
    """Make the words known to the application's addresses."""
    app.url_map.converters |= {"row": _RowId, "reference": _Reference, "sku": _Sku}


def rule_of(path: str) -> str:
    """The path of a call as the application routes it: ``/orders/<reference:reference>``."""
    return re.sub(r"<(\w+)>", lambda word: f"<{_kind(word[1])}{word[1]}>", path)


def _kind(word: str) -> str:
    if word in ("reference", "sku"):
        return f"{word}:"
    return "row:" if word.endswith("_id") and word != "external_id" else ""
