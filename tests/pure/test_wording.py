"""Counts and lists in sentences."""

from __future__ import annotations

import pytest

from hwadmin.domain.wording import alternatives, describe_change, from_to, inflect, plural


@pytest.mark.parametrize(
    ("count", "expected"), [(0, "0 units"), (1, "1 unit"), (2, "2 units"), (1200, "1,200 units")]
)
def test_a_noun_takes_the_form_its_count_asks_for(count: int, expected: str) -> None:
    assert plural(count, "unit") == expected


def test_an_irregular_plural_and_a_verb_are_given_in_words() -> None:
    assert plural(2, "entry", "entries") == "2 entries"
    assert (inflect(1, "is", "are"), inflect(3, "is", "are")) == ("is", "are")


def test_the_last_of_several_alternatives_stands_behind_or() -> None:
    assert alternatives(["White"]) == "White"
    assert alternatives(["White", "Black", "Red"]) == "White, Black or Red"


def test_a_change_is_told_without_words_for_nothing() -> None:
    assert describe_change("color", "“Red”", "“White”") == "color “Red” → “White”"
    for nothing in ("none", "nothing", "nobody"):
        assert describe_change("color", nothing, "“White”") == "color set to “White”"
        assert describe_change("color", "“Red”", nothing) == "color “Red” removed"
        assert (from_to(nothing, "“White”"), from_to("“Red”", nothing)) == ("“White”", "“Red” → removed")
    # A text that is typed is in quotation marks, and never one of these words.
    assert describe_change("note", "“none”", "“nothing”") == "note “none” → “nothing”"
    assert from_to("no", "yes") == "no → yes"
