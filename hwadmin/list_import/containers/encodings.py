"""Which encoding of one byte a letter a text is in, where it is no Unicode: the one whose words are words.

Western Windows is what most such files are; another one is only believed where it leaves fewer odd words.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

# In this order where two read as well: Western and Central European Windows, old Macintosh, DOS, Cyrillic,
# Greek, Turkish, Hebrew and Arabic Windows.
ENCODINGS = (*("cp1252", "cp1250", "mac_roman", "cp850", "cp1251", "cp1253", "cp1254", "cp1255", "cp1256"),)
_WORD = re.compile(r"[^\s;,|\"<>()0-9@:/]+")
_SAMPLE = 20_000
# What stands within or beside a word without being a letter of it.
# What may touch a word without being a letter of it, and what may stand between two of its letters.
_SIGNS = frozenset("\u2019\u2018\u201c\u201d\u201e\u00ab\u00bb\u2026\u2013\u2014\u20ac\u00b0\u00ba\u00aa")
_JOINTS = frozenset("\u2019\u2010\u00b7")
_VOWELS = frozenset(
    "aeiouy\u00e6\u0153\u00f8\u0131"
    "\u0430\u0435\u0438\u043e\u0443\u044b\u044d\u044e\u044f\u0456\u0457\u0454"
    "\u03b1\u03b5\u03b7\u03b9\u03bf\u03c5\u03c9"
)
_ALPHABETS = (
    re.compile("[A-Za-z\u00aa\u00ba\u00c0-\u024f]"),
    re.compile("[\u0370-\u03ff]"),
    re.compile("[\u0400-\u04ff]"),
)
# What an alphabet hardly knows in this place: Hungarian, Polish and Turkish letters read as Western ones, and
# Icelandic words read as Turkish.
_UNUSUAL = re.compile(
    r"\u00f5(?!e)|\u00ea$|[\u00fe\u00de\u00f0\u00d0\u00fd\u00dd]"
    r"|(?=.*[\u00e1\u00ed\u00f3\u00fa\u00e6])(?=.*[\u011f\u015f\u0130\u0131\u015e\u011e]).+"
)
_RUN = 3


def older_encoding(data: bytes) -> str:
    """The encoding in which the words of a text are the least odd; Python's name of it."""
    sample = data[:_SAMPLE]
    return min(ENCODINGS, key=lambda encoding: _oddness(sample.decode(encoding, errors="replace")))


def _oddness(text: str) -> int:
    return sum(_odd(word) for word in _WORD.findall(text) if not word.isascii())


@lru_cache(maxsize=4096)
def _odd(word: str) -> int:
    """How little a word looks like one: signs and capitals within it, letters of two scripts, no vowel."""
    padded = f" {word} "
    odd = sum(_odd_place(*padded[at - 1 : at + 2]) for at in range(1, len(padded) - 1))
    letters = [character for character in word if character.isalpha()]
    scripts = [[bool(alphabet.match(letter)) for letter in letters] for alphabet in _ALPHABETS]
    if any(any(script) and not all(script) for script in scripts):
        odd += 2
    cased = len(letters) > 1 and any(all(script) for script in scripts)
    plain = unicodedata.normalize("NFD", word.casefold())
    if cased and len(letters) > 2 and not any(character in _VOWELS for character in plain):
        odd += 1
    strange = "".join(" " if letter.isascii() else "x" for letter in letters)
    if letters and all(scripts[0]) and "x" * _RUN in strange:
        odd += len(strange.strip())
    return odd + len(_UNUSUAL.findall(word))


def _odd_place(before: str, character: str, after: str) -> int:
    """How odd a character is where it stands: a sign between letters, a capital beside small ones."""
    if character.isascii():
        return 0
    if character.isalpha():
        return 2 * (character.isupper() and before.isalpha() and (before.islower() or after.islower()))
    within = before.isalpha() and after.isalpha()
    return 0 if character in (_JOINTS if within else _SIGNS) else 2
