"""Taking a person's name, e-mail address and number out of texts and documents. Pure."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any
from urllib.parse import quote, quote_plus

GONE = "(removed)"
# A shorter number is a quantity or a slot more often than somebody's.
_SHORTEST_NUMBER = 4


class Redactor:
    """Puts a stand-in for a name, and nothing for addresses and numbers, wherever they are written."""

    def __init__(
        self, stand_in: str, names: Iterable[str], emails: Iterable[str] = (), numbers: Iterable[str] = ()
    ) -> None:
        self.stand_in = stand_in
        self.names = _longest_first(names)
        self.emails = _longest_first(emails)
        self.numbers = _longest_first(numbers)
        rules = [(email, GONE, r"[\w.+-]", r"[\w-]") for email in self.emails]
        rules += [(name, stand_in, r"\w", r"\w") for one in self.names for name in _writings(one)]
        rules += [
            (number, GONE, r"[\w-]", r"[\w-]") for number in self.numbers if len(number) >= _SHORTEST_NUMBER
        ]
        self._rules = [
            (re.compile(f"(?<!{before}){re.escape(word)}(?!{after})", re.IGNORECASE), new)
            for text, new, before, after in rules
            for word in dict.fromkeys((text, *_escaped(text)))
        ]
        # As it stands in an address somebody kept.
        self._rules += [
            (re.compile(re.escape(word), re.IGNORECASE), quote_plus(new))
            for text, new, _, _ in rules
            for word in {quote(text), quote_plus(text)} - {text}
        ]

    @property
    def words(self) -> list[str]:
        """Everything that is looked for, as it may be written in the clear."""
        return [word for one in self.names for word in _writings(one)] + self.emails + self.numbers

    def text(self, text: str) -> str:
        """The text without the person."""
        if text in self.numbers:
            return GONE
        for pattern, new in self._rules:
            text = pattern.sub(_always(new), text)
        return text

    def document(self, value: Any) -> Any:
        """The same for every text in a document; an address in a list of them is left out."""
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, Mapping):
            return {self.text(name): self.document(one) for name, one in value.items()}
        if isinstance(value, list | tuple):
            emails = {email.lower() for email in self.emails}
            return [
                self.document(one) for one in value if not (isinstance(one, str) and one.lower() in emails)
            ]
        return value

    def written_document(self, text: str) -> str:
        """The same for a document that is stored as text; any other text is taken as it is."""
        try:
            value = json.loads(text)
        except ValueError:
            return self.text(text)
        changed = self.document(value)
        return text if changed == value else json.dumps(changed, ensure_ascii=False)


def _always(new: str) -> Callable[[Any], str]:
    return lambda _match: new


def _escaped(text: str) -> tuple[str, str]:
    """As HTML writes it, with the apostrophe of either escaper."""
    return html.escape(text), html.escape(text).replace("&#x27;", "&#39;").replace("&quot;", "&#34;")


def _longest_first(words: Iterable[str]) -> list[str]:
    return sorted({word.strip() for word in words if word.strip()}, key=lambda word: (-len(word), word))


def _writings(name: str) -> list[str]:
    """A name as lists write it too: the last word first."""
    first, _, last = name.rpartition(" ")
    return [name, f"{last}, {first}", f"{last} {first}"] if first else [name]
