"""The words of addresses: an id is digits, so that a fixed word in its place is nobody's id."""

from __future__ import annotations

import re

from flask import Flask
from werkzeug.routing import BaseConverter, PathConverter

# What an address may have behind an SKU.
WORDS_BEHIND = ("archive", "article-numbers", "fits", "prices", "restore")
# In the place of an SKU that no address can hold; the parameter ``sku`` has it then.
NO_SKU = "-"


class _RowId(BaseConverter):
    regex = "[0-9]+"


class _Reference(BaseConverter):
    regex = "HW-[0-9]+"


class _Sku(PathConverter):
    """May have slashes, and be "import": only a list is posted there. It does not end as addresses do."""

    regex = r"[^/].*?" + "".join(f"(?<!/{word})" for word in WORDS_BEHIND)


def is_addressable(sku: str) -> bool:
    """Whether an SKU can stand in an address: it is read as it was meant, and no program shortens it."""
    first, *others = sku.split("/")
    return not ({"", ".", ".."} & {first, *others} or (others and others[-1] in WORDS_BEHIND))


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
