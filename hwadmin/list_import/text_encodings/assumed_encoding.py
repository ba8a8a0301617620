"""A text whose file does not name its encoding: how it is read, what is told of it, and what is asked.

The encoding that was assumed stands in the first line of the text, with others that can be meant. So the text
can be read in another one when it comes back with somebody's answer.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from hwadmin.list_import.lists import ENCODING_MARK
from hwadmin.list_import.text_encodings.encodings import (
    ENCODINGS,
    Reading,
    bytes_in,
    differing_words,
    readings_of,
    text_in,
    words_of,
)

ENCODING_QUESTION = "question-encoding"
_SURE, _OPEN, _MIXED = "sure", "open", "mixed"
_SHOWN = 60


@dataclass(frozen=True, slots=True)
class AssumedText:
    """A text, read as somebody chose or as it was assumed, without the line that tells of its encoding.

    `note`: what is told of it. `sentence`, `options`: what is asked. `open`: whether two readings are as
    likely, and nobody has chosen.
    """

    text: str
    note: str = ""
    sentence: str = ""
    options: tuple[tuple[str, str], ...] = ()
    answer: str = ""
    open: bool = False
    name: str = ENCODING_QUESTION


def known_words(names: Iterable[str]) -> frozenset[str]:
    """The words of names that can tell one encoding from another."""
    return frozenset(word.casefold() for name in names for word in words_of(name))


def marked_text(data: bytes, known: Collection[str] = ()) -> str:
    """The text of bytes that may be in an older encoding, line by line, with a first line that tells which.

    Files put together from several sources mix encodings; identifiers are plain ASCII in all of them.
    """
    lines: list[str | bytes] = []
    for line in data.split(b"\n"):
        try:
            lines.append(line.decode("utf-8"))
        except UnicodeDecodeError:
            lines.append(line)
    older = [line for line in lines if isinstance(line, bytes)]
    if not older:
        return "\n".join(line for line in lines if isinstance(line, str))
    readings = readings_of(b"\n".join(older), known)
    encoding = readings.best.encoding
    text = "\n".join(line if isinstance(line, str) else text_in(line, encoding) for line in lines)
    mixed = any(isinstance(line, str) and not line.isascii() for line in lines)
    state = _MIXED if mixed else _SURE if readings.sure else _OPEN
    others = " ".join(one.encoding for one in readings.others)
    return f"{ENCODING_MARK}{state} {encoding} {others}".rstrip() + f"\n{text}"


def split_mark(text: str) -> tuple[str, str]:
    """The line that tells of the encoding, with its end, and the text without it."""
    if not text.startswith(ENCODING_MARK):
        return "", text
    line, end, rest = text.partition("\n")
    return line + end, rest


def read_as_assumed(text: str, answer: str = "") -> AssumedText:
    """The text to read, and what is told and asked of its encoding; `answer`: what somebody chose."""
    mark, rest = split_mark(text)
    state, encoding, *others = mark.removeprefix(ENCODING_MARK).split() or ("", "")
    if encoding not in ENCODINGS or rest.isascii():
        return AssumedText(rest)
    name = ENCODINGS[encoding][0]
    best = Reading(encoding, words_of(rest))
    if state == _MIXED:
        note = f"This file mixes encodings; what is not UTF-8 is read as {name}. Look at names with accents."
        return AssumedText(rest, note)
    data = bytes_in(rest, encoding)
    readings = [best]
    for other in others:
        if other in ENCODINGS:
            readings.append(Reading(other, words_of(text_in(data, other))))
    options = tuple((one.encoding, _option(one, best, readings)) for one in readings) if others else ()
    answer = answer if answer in dict(options) else ""
    chosen = next((one for one in readings if one.encoding == answer), best)
    shown = differing_words(chosen, readings[1] if chosen is best and others else best)[:_SHOWN]
    name = ENCODINGS[chosen.encoding][0]
    note = f"The file does not say how its letters are written. They are read as {name}: {shown}."
    asked = f"{note} Which way are they right?" if options else ""
    return AssumedText(
        text_in(data, answer) if answer else rest, note, asked, options, answer, state == _OPEN and not answer
    )


def _option(one: Reading, best: Reading, readings: list[Reading]) -> str:
    words = differing_words(one, best if one is not best else readings[1])
    return f"{words[:_SHOWN]} \u2013 {ENCODINGS[one.encoding][0]}"
