"""Free text as people type it: what can be stored, and the sentence where it cannot. Pure."""

from __future__ import annotations

import unicodedata

from hwadmin.errors import FieldError, InvalidInput

_LINE_BREAKS = frozenset("\n\r\t")
_OVERRIDES = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
# Letters by name, blank on every screen.
_FILLERS = frozenset("\u115f\u1160\u2800\u3164\uffa0")


MAX_EXTERNAL_KEY = 120
# Keys stand in addresses, whose words it divides.
NOT_IN_A_KEY = "/"


def tidied(value: str | None) -> str:
    """The text without the blanks around it, line ends as one character; empty where nothing can be seen."""
    if not value:
        return ""
    text = value.replace("\r\n", "\n").replace("\r", "\n").strip()
    return text if any(map(can_be_seen, text)) else ""


def can_be_seen(character: str) -> bool:
    """Whether a text of it alone is no empty one; what is refused outright must not vanish unnoticed."""
    if character in _OVERRIDES:
        return True
    unseen = character in _LINE_BREAKS or character in _FILLERS
    return not unseen and unicodedata.category(character) not in {"Cf", "Zs", "Zl", "Zp"}


def problem(value: str, *, most: int, lines: bool = False) -> str | None:
    """Why the text cannot be stored, as a sentence, or None.

    Args:
        value: the tidied text.
        most: how many characters there may be.
        lines: whether it may have several lines.
    """
    if len(value) > most:
        return f"Use {most:,} characters at most; these are {len(value):,}."
    for character in value:
        if character in _LINE_BREAKS:
            if lines:
                continue
            return "Keep this on one line."
        if is_refused(character):
            return "Remove the invisible control character from this text."
    return None


def is_refused(character: str) -> bool:
    """Whether no text of one line holds it.

    Control characters (NUL among them) and lone surrogates cannot be stored by every database; direction
    overrides make one text look like another.
    """
    return unicodedata.category(character) in {"Cc", "Cs"} or character in _OVERRIDES


class Problems:
    """Collects what is wrong with an input, each problem at its field, so that all are told at once."""

    def __init__(self) -> None:
        self.errors: list[FieldError] = []

    def add(self, field: str, message: str) -> None:
        """One more problem."""
        self.errors.append(FieldError(field, message))

    def external_key(self, field: str, value: str | None, required: str | None = None) -> str | None:
        """A key another program knows a row by, tidied; it must be able to stand in an address."""
        key = self.text(field, value, most=MAX_EXTERNAL_KEY, required=required)
        if key is not None and (NOT_IN_A_KEY in key or key in {".", ".."}):
            self.add(field, "Use a key without a slash: it stands in addresses.")
        return key

    def text(
        self,
        field: str,
        value: str | None,
        *,
        most: int,
        required: str | None = None,
        lines: bool = False,
    ) -> str | None:
        """The tidied text, or None where there is none.

        Args:
            field: where a problem is reported.
            value: what was typed.
            most: how many characters there may be.
            required: the sentence where nothing was typed; None where that is fine.
            lines: whether several lines are fine.
        """
        text = tidied(value)
        if not text:
            if required:
                self.add(field, required)
            return None
        why = problem(text, most=most, lines=lines)
        if why:
            self.add(field, why)
        return text


def refuse(problems: Problems) -> None:
    """Refuse the input, if there was any problem with it."""
    if problems.errors:
        raise InvalidInput(problems.errors)
