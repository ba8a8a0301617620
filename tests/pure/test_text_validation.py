"""Free text: what is tidied away, what cannot be stored, and the sentence that says so."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hwadmin.domain.text_validation import Problems, problem, refuse, tidied
from hwadmin.errors import InvalidInput


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        (None, ""),
        ("", ""),
        ("  a  b ", "a  b"),
        ("a\r\nb\rc\n", "a\nb\nc"),
        ("\u00a0a\u3000", "a"),
        ("👩‍💻", "👩‍💻"),
        ("\u202eabc", "\u202eabc"),
    ],
)
def test_blanks_around_a_text_go_and_line_ends_become_one_character(typed: str | None, kept: str) -> None:
    assert tidied(typed) == kept


@pytest.mark.parametrize("typed", ["\u200b", "\u200b \n \u2060", "\ufeff", "\u3164", "\u2800\u00ad"])
def test_a_text_in_which_nothing_can_be_seen_is_no_text(typed: str) -> None:
    assert tidied(typed) == ""


@pytest.mark.parametrize("typed", ["\x00", "a\x1bb", "a\x7f", "a\u0085b", "\ud800", "\u202eabc", "a\u2066"])
def test_what_cannot_be_stored_or_deceives_the_eye_is_refused(typed: str) -> None:
    assert problem(typed, most=100, lines=True) == "Remove the invisible control character from this text."


def test_a_refused_character_alone_is_refused_and_not_taken_for_nothing() -> None:
    problems = Problems()
    problems.text("reason", "\x00", most=10)
    problems.text("notes", "\u202e", most=10)
    assert [error.field for error in problems.errors] == ["reason", "notes"]


def test_several_lines_are_fine_only_where_they_are_asked_for() -> None:
    assert problem("a\nb\tc", most=10, lines=True) is None
    assert problem("a\nb", most=10) == "Keep this on one line."


def test_a_text_is_measured_in_characters() -> None:
    assert problem("😀" * 10, most=10) is None
    assert problem("x" * 1_000_000, most=1000) == "Use 1,000 characters at most; these are 1,000,000."


def test_a_missing_text_is_a_problem_only_where_it_is_required() -> None:
    problems = Problems()
    assert problems.text("notes", " ", most=10) is None
    assert not problems.errors
    assert problems.text("reason", " ", most=10, required="Please give a reason.") is None
    assert [(error.field, error.message) for error in problems.errors] == [
        ("reason", "Please give a reason.")
    ]


@pytest.mark.parametrize(
    ("typed", "kept", "message"),
    [
        (" K-1 ", "K-1", None),
        (None, None, None),
        ("a.b", "a.b", None),
        ("a/b", "a/b", "Use a key without a slash: it stands in addresses."),
        (".", ".", "Use a key without a slash: it stands in addresses."),
        ("..", "..", "Use a key without a slash: it stands in addresses."),
        ("k" * 121, "k" * 121, "Use 120 characters at most; these are 121."),
    ],
)
def test_a_key_of_another_program_can_stand_in_an_address(
    typed: str | None, kept: str | None, message: str | None
) -> None:
    problems = Problems()
    assert problems.external_key("key", typed) == kept
    assert [error.message for error in problems.errors] == ([message] if message else [])


def test_an_input_is_refused_with_all_that_is_wrong_with_it() -> None:
    problems = Problems()
    refuse(problems)
    problems.add("one", "First.")
    problems.add("two", "Second.")
    with pytest.raises(InvalidInput) as refusal:
        refuse(problems)
    assert [error.field for error in refusal.value.errors] == ["one", "two"]


@given(st.text(st.characters(), max_size=30))
def test_an_accepted_text_can_be_stored_by_every_database(typed: str) -> None:
    text = tidied(typed)
    if problem(text, most=30, lines=True) is None:
        text.encode()
        assert not any(unicodedata.category(one) == "Cc" for one in text if one not in "\n\t\r")
        assert tidied(text) == text
