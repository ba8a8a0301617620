"""In which encoding a text is that is no Unicode: the one in which its words are words of some language.

Names that are known decide. Otherwise the letters of languages do, and whether they stand where they can.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Set
from dataclasses import dataclass

from hwadmin.domain.text_folding import spellings
from hwadmin.list_import.text_encodings.words_of_languages import oddness_of, share_of_one_language

# What each is called by people, and how much less likely it is than the first, as the oddness of a word.
ENCODINGS = {
    "cp1252": ("Western European (Windows)", 0.0),
    "cp1250": ("Central European (Windows)", 0.01),
    "cp1251": ("Cyrillic (Windows)", 0.01),
    "cp1253": ("Greek (Windows)", 0.01),
    "cp1254": ("Turkish (Windows)", 0.01),
    "cp1255": ("Hebrew (Windows)", 0.01),
    "cp1256": ("Arabic (Windows)", 0.01),
    "cp1257": ("Baltic (Windows)", 0.03),
    "cp932": ("Japanese (Shift-JIS)", 0.02),
    "gb18030": ("Chinese, simplified (GBK)", 0.02),
    "big5": ("Chinese, traditional (Big5)", 0.02),
    "cp949": ("Korean (Windows)", 0.02),
    "euc_jp": ("Japanese (EUC)", 0.05),
    "cp874": ("Thai (Windows)", 0.02),
    "mac_roman": ("Western European (Mac)", 0.03),
    "mac_latin2": ("Central European (Mac)", 0.15),
    "mac_cyrillic": ("Cyrillic (Mac)", 0.15),
    "iso8859_2": ("Central European (ISO)", 0.1),
    "koi8_r": ("Cyrillic (KOI8-R)", 0.2),
    "cp866": ("Cyrillic (DOS)", 0.15),
    "cp850": ("Western European (DOS)", 0.04),
    "cp852": ("Central European (DOS)", 0.5),
}
_OF_SEVERAL_BYTES = frozenset(("cp932", "gb18030", "big5", "cp949", "euc_jp"))
_WORD = re.compile(r"[^\s;,|\"<>()0-9@:/=\[\]{}\u3000\u3001\uff0c]+")
_SAMPLE = 20_000
# By how much a word may be odder on average in a reading that is offered, and in one that is as likely: in
# that more the fewer words there are.
_OFFERED, _AS_LIKELY, _OF_ONE_WORD = 1.2, 0.08, 1.0
_WORDS_SHOWN = 3
_ASCII_WORD = re.compile(rb"(?<![A-Za-z\x80-\xff])[A-Za-z]{3,}(?![A-Za-z\x80-\xff])")
# A word odder than this is none.
_NO_WORD = 1.5


@dataclass(frozen=True, slots=True)
class Reading:
    """One way to read the bytes. `oddness`: how little its words look like words, on average."""

    encoding: str
    words: tuple[str, ...]
    oddness: float = 0.0


@dataclass(frozen=True, slots=True)
class Readings:
    """The likeliest way to read bytes, and others that can be meant. `sure`: whether none is as likely."""

    best: Reading
    others: tuple[Reading, ...] = ()
    sure: bool = True


def readings_of(data: bytes, known: Collection[str] = ()) -> Readings:
    """How the text can be read.

    Args:
        data: bytes that are no UTF-8.
        known: words of names that are known, in lower case. A reading with more of them is believed, and so
            is one whose words stand in the text without accents as well: in an e-mail address.
    """
    sample = data[:_SAMPLE]
    found: dict[tuple[str, ...], Reading] = {}
    for encoding, (_name, unlikely) in ENCODINGS.items():
        words = _words(sample, encoding)
        if words is not None and words not in found:
            found[words] = Reading(encoding, words, _oddness(words) + unlikely)
    plain = {word.decode().lower() for word in _ASCII_WORD.findall(sample)}
    counts = {words: sum(_is_known(word, known, plain) for word in words) for words in found}
    most = max(counts.values())
    ranked = sorted(found.values(), key=lambda one: (counts[one.words] < most, one.oddness))
    best, *rest = ranked
    others = [one for one in rest if one.oddness < best.oddness + _OFFERED][: _WORDS_SHOWN + 1]
    proven = most > 0 and sum(count == most for count in counts.values()) == 1
    margin = _AS_LIKELY + _OF_ONE_WORD / max(1, len(set(best.words)))
    rivals = [one for one in others if counts[one.words] == most and one.oddness < best.oddness + margin]
    return Readings(best, tuple(others), proven or not (rivals or best.oddness > _NO_WORD))


def _is_known(word: str, known: Collection[str], plain: Set[str]) -> bool:
    return word.casefold() in known or (oddness_of(word) < _NO_WORD and not plain.isdisjoint(spellings(word)))


def differing_words(one: Reading, other: Reading) -> str:
    """Some words that the first reading has and the other one has not."""
    words = [word for word in dict.fromkeys(one.words) if word not in other.words]
    return ", ".join((words or list(dict.fromkeys(one.words)))[:_WORDS_SHOWN])


def text_in(data: bytes, encoding: str) -> str:
    """The text of bytes. What an encoding does not know stays a sign of its own, so that nothing is lost."""
    if encoding in _OF_SEVERAL_BYTES:
        return data.decode(encoding, errors="replace")
    try:
        return data.decode(encoding)
    except UnicodeDecodeError:
        return "".join(_sign(byte, encoding) for byte in data)


def _sign(byte: int, encoding: str) -> str:
    return bytes([byte]).decode(encoding, errors="ignore") or chr(byte)


def bytes_in(text: str, encoding: str) -> bytes:
    """The bytes that `text_in` read."""
    try:
        return text.encode(encoding)
    except UnicodeEncodeError:
        parts = (character.encode(encoding, errors="ignore") or _byte(character) for character in text)
        return b"".join(parts)


def _byte(character: str) -> bytes:
    return bytes([ord(character)]) if ord(character) < 256 else b"?"


def _words(sample: bytes, encoding: str) -> tuple[str, ...] | None:
    """The words that tell encodings apart; None where the bytes cannot be in this one."""
    if encoding in _OF_SEVERAL_BYTES:
        try:
            text = sample[: sample.rfind(b"\n") + 1 or None].decode(encoding)
        except UnicodeDecodeError:
            return None
    else:
        text = text_in(sample, encoding)
    return words_of(text)


def words_of(text: str) -> tuple[str, ...]:
    """The words of a text with other letters than ASCII's."""
    return tuple(word for word in _WORD.findall(text) if not word.isascii())


def _oddness(words: tuple[str, ...]) -> float:
    if not words:
        return 0.0
    odd = sum(map(oddness_of, words)) / len(words)
    return odd + 1.0 - share_of_one_language(words)
