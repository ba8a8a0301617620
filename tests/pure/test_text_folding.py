"""Texts as people type them when they search."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hwadmin.domain.text_folding import folded, is_wide, joined, search_text, spellings


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("  Dana \t REED ", "dana reed"),
        ("O`Brien", "o'brien"),
        ("O’Brien", "o'brien"),
        ("Łódź Straße", "lodz strasse"),
        ("ﬁn\u00adal\u200b", "final"),
        ("Ｗ７３Ｈ", "w73h"),
        ("„Zoë–Œuvre“", '"zoe-oeuvre"'),
        ("Çağrı İnan", "cagri inan"),
    ],
)
def test_accents_case_and_typographic_signs_are_left_out(text: str, plain: str) -> None:
    assert folded(text) == plain


@pytest.mark.parametrize(
    ("text", "several"),
    [
        ("Muller", ("muller",)),
        ("Müller", ("muller", "mueller")),
        (unicodedata.normalize("NFD", "Müller"), ("muller", "mueller")),
        ("Håkon Bjørn", ("hakon bjorn", "haakon bjoern")),
        ("Zoë", ("zoe",)),
    ],
)
def test_an_umlaut_has_two_spellings(text: str, several: tuple[str, ...]) -> None:
    assert spellings(text) == several


@pytest.mark.parametrize(
    ("word", "without"),
    [
        ("o'brien", "obrien"),
        ("w.73.h", "w73h"),
        ("'quoted'", "'quoted'"),
        ("end.", "end."),
        ("dana.reed@example.com", "dana.reed@example.com"),
    ],
)
def test_signs_within_a_word_can_be_left_out_but_not_those_of_an_address(word: str, without: str) -> None:
    assert joined(word) == without


@pytest.mark.parametrize(
    ("text", "searched"),
    [
        ("Dana Reed", "dana reed"),
        ("O'Brien", "o'brien obrien"),
        ("Müller", "muller mueller"),
        ("東京 都", "東京 都 z東京"),
        ("A東", "a東 za東"),
        ("東b", "東b z東b"),
    ],
)
def test_a_search_compares_with_every_spelling_and_with_pairs_of_wide_letters(
    text: str, searched: str
) -> None:
    assert search_text(text) == searched


@pytest.mark.parametrize(
    ("letter", "wide"),
    [("a", False), ("я", False), ("\u052f", False), ("\u0531", True), ("ש", True), ("ก", True), ("東", True)],
)
def test_two_letters_are_a_word_in_some_scripts(letter: str, wide: bool) -> None:
    assert is_wide(letter) is wide


@given(st.text(max_size=20))
def test_folding_again_changes_nothing(text: str) -> None:
    assert folded(folded(text)) == folded(text)
