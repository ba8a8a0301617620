"""The fonts of our PDFs, and what they cannot print."""

from __future__ import annotations

import unicodedata
from functools import cache
from html import escape
from pathlib import Path
from typing import Any

_FONTS = Path(__file__).resolve().parent.parent / "static" / "fonts"
PLAIN, BOLD = "DejaVuSansCondensed", "DejaVuSansCondensed-Bold"
# Stands for what cannot be printed, so that nobody takes what is left for the whole.
MISSING = "\N{WHITE SQUARE}"


@cache
def register_fonts() -> None:
    """Make the font known to reportlab, once in a worker."""
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.ttfonts import TTFont

    for name in (PLAIN, BOLD):
        pdfmetrics.registerFont(TTFont(name, _FONTS / f"{name}.ttf"))
    pdfmetrics.registerFontFamily(PLAIN, normal=PLAIN, bold=BOLD, italic=PLAIN, boldItalic=BOLD)


@cache
def _printable() -> frozenset[int]:
    from reportlab.pdfbase import pdfmetrics

    fonts: list[Any] = [pdfmetrics.getFont(name) for name in (PLAIN, BOLD)]
    return frozenset.intersection(*(frozenset(font.face.charToGlyph) for font in fonts))


class Unprintable:
    """Replaces what cannot be printed, and remembers whether there was any."""

    def __init__(self) -> None:
        self.any = False

    def plain(self, text: str) -> str:
        return "".join(self._printed(character) for character in unicodedata.normalize("NFC", text))

    def marked(self, text: str) -> str:
        """The text as reportlab's markup, in which nothing of it is markup."""
        return escape(self.plain(text), quote=False)

    def _printed(self, character: str) -> str:
        if character in "\n\t" or character == MISSING:
            return " " if character == "\t" else character
        if unicodedata.category(character) in {"Cc", "Cf", "Cs"}:
            return ""
        # Written from right to left, the letters would stand in the wrong order.
        backwards = unicodedata.bidirectional(character) in {"R", "AL", "AN"}
        if backwards or ord(character) not in _printable():
            self.any = True
            return MISSING
        return character
