"""Names that may be one person's, however they are written."""

from __future__ import annotations

import pytest

from hwadmin.domain.people.similar_names import NamesByWord, may_be_one, mixed_word, words_of_name

KNOWN = {
    1: "Dana Reed",
    2: "Dana Maria Reed",
    3: "Kim Lee",
    4: "Jürgen Groß",
    5: "D. R.",
    6: "Reed",
}


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("Dana Reed", [1, 2]),
        ("REED, Dana", [1, 2]),
        ("D. Reed", [1]),
        ("Dana M. Reed", [1, 2]),
        ("Dana Maria Sofia Reed", [1, 2]),
        ("Lee Kim", [3]),
        ("K. Lee", [3]),
        ("Juergen Gross", [4]),
        ("Jurgen Gross", [4]),
        ("Dana", []),
        ("Dana Miller", []),
        ("", []),
    ],
)
def test_people_are_found_by_another_form_of_their_name(name: str, found: list[int]) -> None:
    names = NamesByWord()
    for key, known in KNOWN.items():
        names.add(key, known)
    assert list(names.like(name)) == found
    words = words_of_name(name)
    assert [key for key, known in KNOWN.items() if may_be_one(words, words_of_name(known))] == found


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [
        ("D. Reed", "Dan Reed", True),
        ("Dan Reed", "Dana Reed", False),
        ("D. M. Reed", "Dana Maria Reed", True),
        ("D. K. Reed", "Dana Maria Reed", False),
        ("D. M. Reed", "Dana Reed", False),
        ("Reed", "Reed", False),
        ("D. R.", "D. R.", False),
    ],
)
def test_an_initial_stands_for_a_word_where_both_have_as_many(one: str, other: str, alike: bool) -> None:
    for first, second in ((one, other), (other, one)):
        assert may_be_one(words_of_name(first), words_of_name(second)) is alike


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("D\u0430na Reed", "D\u0430na"),
        ("Reed D\u0430na 7", "D\u0430na"),
        ("\u0394ana", "\u0394ana"),
        ("Дана Reed", None),
        ("Müller-Łukasz", None),
        ("李 Dana", None),
        ("", None),
    ],
)
def test_a_word_of_two_alphabets_is_found(text: str, word: str | None) -> None:
    assert mixed_word(text) == word
