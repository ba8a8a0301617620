"""Links that nobody can make who does not have the secret key."""

from __future__ import annotations

import pytest

from hwadmin.domain.people.signed_links import is_token_of, row_id_of, signed_token

TOKEN = signed_token("secret", "password", 42, "seed")


def test_a_token_names_its_row_and_is_the_token_of_that_row_alone() -> None:
    assert row_id_of(TOKEN) == 42
    assert is_token_of("secret", "password", 42, "seed", TOKEN)


@pytest.mark.parametrize(
    "other",
    [
        ("other", "password", 42, "seed"),
        ("secret", "approval", 42, "seed"),
        ("secret", "password", 43, "seed"),
        ("secret", "password", 42, "other"),
    ],
)
def test_a_token_opens_nothing_else(other: tuple[str, str, int, str]) -> None:
    assert not is_token_of(*other, TOKEN)


@pytest.mark.parametrize(
    "text",
    ["", "42", "42-", TOKEN[:-1], TOKEN + "a", TOKEN.upper(), "x" + TOKEN, TOKEN + "\n", "9" * 17 + TOKEN],
)
def test_what_cannot_be_a_token_names_no_row(text: str) -> None:
    assert row_id_of(text) is None
    assert not is_token_of("secret", "password", 42, "seed", text)


def test_a_token_has_only_characters_that_no_mail_program_cuts_off() -> None:
    number, signature = TOKEN.split("-")
    assert number == "42"
    assert signature.isalnum()
    assert len(signature) == 52
