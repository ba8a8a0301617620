"""Texts as people type them when they search: without accents, case, and typographic signs."""

from __future__ import annotations

import re
import unicodedata
from itertools import pairwise

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

_SIGN_WITHIN = re.compile("[^ ]['.][^ ]")


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


def is_wide(letter: str) -> bool:
    """Whether a letter is of a script in which two are a word: Chinese, Japanese, Hebrew, Arabic, Thai."""
    return "\u0530" <= letter < "\u1d00" or "\u2e80" <= letter < "\U00040000"


def pair_key(pair: str) -> str:
    """What is kept of two letters side by side of which one is wide: the indexes know pieces of three."""
    return f"z{pair}"


def joined(word: str) -> str:
    """A word without the signs within it that people leave out: ``o'brien`` is ``obrien``."""
    return word.replace("'", "").replace(".", "") if _SIGN_WITHIN.search(word) and "@" not in word else word


def search_text(text: str) -> str:
    """What searches compare with: the spellings of a text, one behind the other, and what is found besides.

    Those are words without the signs within them, and pairs of wide letters. The database computes the same
    of what it keeps: SQLite by this function, PostgreSQL by its own of this name
    (``migrations/versions``, 0038 and 0041), which must follow a change here.
    """
    several = spellings(text)
    plain = several[0]
    without_signs = [joined(word) for word in plain.split(" ") if joined(word) != word]
    return " ".join((*several, *without_signs, *([] if plain.isascii() else _pairs(plain))))


def _pairs(plain: str) -> list[str]:
    return [
        pair_key(one + other)
        for one, other in pairwise(plain)
        if " " not in (one, other) and (is_wide(one) or is_wide(other))
    ]
