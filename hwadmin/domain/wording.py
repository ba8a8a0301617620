"""Counts and lists of things in a sentence."""

from __future__ import annotations

from collections.abc import Sequence


def inflect(count: int, singular: str, plural: str | None = None) -> str:
    """The form of a word that goes with a count: ``unit`` or ``units``, ``is`` or ``are``.

    Args:
        count: how many there are.
        singular: the form for exactly one.
        plural: the form for any other number; the singular with an "s" if left out.
    """
    return singular if count == 1 else plural or f"{singular}s"


def plural(count: int, singular: str, plural: str | None = None) -> str:
    """A count with its noun: ``1 unit``, ``1,200 units``."""
    return f"{count:,} {inflect(count, singular, plural)}"


# What a value is called that is not there.
_NO_VALUE = frozenset({"none", "nothing", "nobody"})


def describe_change(name: str, before: str, after: str) -> str:
    """What became of a value in a sentence: ``color “Red” → “White”``, ``color set to “White”``.

    Args:
        name: what it is the value of.
        before: the former value in words; ``none``, ``nothing`` or ``nobody`` where there was none.
        after: the new one, likewise.
    """
    if before in _NO_VALUE:
        return f"{name} set to {after}"
    return f"{name} {before} removed" if after in _NO_VALUE else f"{name} {before} → {after}"


def from_to(before: str, after: str) -> str:
    """The same behind a name and a colon: ``“Red” → “White”``, ``“White”``, ``“Red” → removed``."""
    if before in _NO_VALUE:
        return after
    return f"{before} → {'removed' if after in _NO_VALUE else after}"


def alternatives(words: Sequence[str]) -> str:
    """Several things to choose from: ``White, Black or Red``."""
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} or {words[-1]}"
