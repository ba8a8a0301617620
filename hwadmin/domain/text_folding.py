"""Texts as people type them when they search: without accents, case, and typographic signs."""

from __future__ import annotations

import re
import unicodedata

# Letters that Unicode does not take apart into a letter and a mark.
_LETTERS = str.maketrans(
    {
        "ß": "ss", "ẞ": "ss", "ł": "l", "Ł": "l", "ø": "o", "Ø": "o", "đ": "d", "Đ": "d", "ð": "d", "Ð": "d",
        "þ": "th", "Þ": "th", "æ": "ae", "Æ": "ae", "œ": "oe", "Œ": "oe", "ı": "i", "ħ": "h", "Ħ": "h",
        "ŧ": "t", "Ŧ": "t", "ĸ": "k", "ŋ": "n", "Ŋ": "n", "ĳ": "ij", "Ĳ": "ij", "·": "",
        "’": "'", "‘": "'", "‛": "'", "ʼ": "'", "′": "'", "´": "'", "`": "'", "ʹ": "'", "＇": "'",
        "“": '"', "”": '"', "„": '"', "‟": '"', "″": '"', "«": '"', "»": '"',
        "‐": "-", "‑": "-", "‒": "-", "–": "-", "—": "-", "―": "-", "−": "-",
    }
)  # fmt: skip
_UMLAUTS = str.maketrans(
    {
        "ä": "ae",
        "ö": "oe",
        "ü": "ue",
        "Ä": "ae",
        "Ö": "oe",
        "Ü": "ue",
        "å": "aa",
        "Å": "aa",
        "ø": "oe",
        "Ø": "oe",
    }
)
_INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff]"
)


def folded(text: str) -> str:
    """The text without accents and case, with plain signs and single spaces: ``Müller`` is ``muller``."""
    if text.isascii():
        return " ".join(text.lower().replace("`", "'").split())
    text = _INVISIBLE.sub("", text).translate(_LETTERS)
    apart = unicodedata.normalize("NFKD", text)
    plain = "".join(character for character in apart if not unicodedata.combining(character))
    return " ".join(plain.casefold().translate(_LETTERS).split())


def spellings(text: str) -> tuple[str, ...]:
    """The ways the text is written without accents: ``Müller`` is ``muller`` and ``mueller``."""
    plain = folded(text)
    if text.isascii():
        return (plain,)
    # Decomposed letters are put together first, so that u and its dots are found as one.
    spelled_out = folded(unicodedata.normalize("NFC", text).translate(_UMLAUTS))
    return (plain,) if spelled_out == plain else (plain, spelled_out)


def search_text(text: str) -> str:
    """What searches compare with: the spellings of a text, one behind the other.

    The database computes the same of what it keeps: SQLite by this function, PostgreSQL by its own of this
    name (``migrations/versions/0020_search_as_people_type.py``), which must follow a change here.
    """
    return " ".join(spellings(text))
