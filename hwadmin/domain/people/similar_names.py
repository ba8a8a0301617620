"""Names that may be one person's: with more words or fewer, in another order, or with initials."""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import combinations

from hwadmin.domain.text_folding import spellings

_WORD = re.compile(r"[^\W\d_]+")
# Latin, Greek and Cyrillic have letters that look the same and are not.
_ALPHABETS = (re.compile("[A-Za-zÀ-ɏ]"), re.compile("[Ͱ-Ͽ]"), re.compile("[Ѐ-ӿ]"))


def words_of_name(name: str) -> frozenset[str]:
    """The words of a name as they are compared, initials among them."""
    return frozenset(word for spelling in spellings(name) for word in _WORD.findall(spelling))


def may_be_one(one: frozenset[str], other: frozenset[str]) -> bool:
    """Whether two names may be one person's: each word of the shorter is one of the other's.

    Where they have equally many words, a word may be an initial of another one. One word must be whole, and
    there must be two: a first name alone is many people's.
    """
    fewer, more = sorted((one, other), key=len)
    if len(fewer) < 2 or not any(len(word) > 1 for word in fewer & more):
        return False
    rest, others = fewer - more, more - fewer
    if not rest:
        return True
    return len(one) == len(other) and all(
        any(1 in (len(word), len(of)) and word[0] == of[0] for of in others) for word in rest
    )


def mixed_word(text: str) -> str | None:
    """A word with letters of two alphabets that look alike, as “Dana” with a Cyrillic а; None without one."""
    words: list[str] = _WORD.findall(text)
    for word in words:
        if sum(bool(alphabet.search(word)) for alphabet in _ALPHABETS) > 1:
            return word
    return None


class NamesByWord:
    """Keys of people by the words of their names, to find who may have a name in another form."""

    def __init__(self) -> None:
        self._words: dict[int, frozenset[str]] = {}
        self._keys: dict[str, set[int]] = {}

    def add(self, key: int, name: str) -> None:
        """Take in a name."""
        self._words[key] = words = words_of_name(name)
        for word in {*words, *(word[0] for word in words)}:
            self._keys.setdefault(word, set()).add(key)

    def like(self, name: str) -> Iterable[int]:
        """The keys of those who may have this name."""
        words = words_of_name(name)
        found: set[int] = set()
        # Each shares a whole word with it, and another one or its initial.
        for one, other in combinations(sorted(words), 2):
            for first, second in ((one, other), (one, other[0]), (one[0], other)):
                if max(len(first), len(second)) > 1:
                    found |= self._keys.get(first, set()) & self._keys.get(second, set())
        return sorted(key for key in found if may_be_one(words, self._words[key]))
