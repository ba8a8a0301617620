"""Which passwords are taken, and how they are hashed."""

from __future__ import annotations

import gzip
from typing import Literal

import pytest
from argon2 import PasswordHasher, extract_parameters
from hypothesis import given
from hypothesis import strategies as st

from hwadmin.domain.people import passwords
from hwadmin.domain.people.passwords import (
    HASHER,
    LONGEST,
    NO_PASSWORD,
    SHORTEST,
    Hasher,
    generate,
    problem_with,
)

QUICK = Hasher(time_cost=1, memory_cost=8, parallelism=1)
ABOUT = ("Piet Jansen", "piet.jansen@northwind.example.com")


@pytest.mark.parametrize(
    "password",
    [
        "tall walnut under bridge",
        "  tall walnut under  ",
        "fünf große Nüsse im Baum",
        "五匹の猫が屋根の上で踊りながら歌う",
        "x9$Lq!t2@Vb#7&w",
        "!$%&/()=?*+#-_.:,;<>|",
        "🍐🚲🌋🧲🪀🎻🦔🧵🪁🧊🎷🛶🪵🦑🪗",
    ],
)
def test_a_long_password_is_taken_whatever_its_characters(password: str) -> None:
    assert problem_with(password, about=ABOUT) is None


@pytest.mark.parametrize(
    ("password", "why"),
    [
        ("", "15 characters or more"),
        ("x9$Lq!t2@Vb#7&", "15 characters or more"),
        ("ab cd ef gh ij " * 14, f"at most {LONGEST}"),
        ("correct horse battery staple", "tried first"),
        ("Correct-Horse-Battery-Staple-1", "tried first"),
        ("PasswordPassword", "repeats"),
        ("1q2w3e4r5t6y7u8i9o", "tried first"),
        ("aaaaaaaaaaaaaaaaaaaa", "repeats"),
        ("demo-demo-demo-demo", "repeats"),
        ("walnutwalnutwalnut2026", "repeats"),
        ("abcdefghijklmnopqrst", "alphabet or the keyboard"),
        ("98765432109876543210", "alphabet or the keyboard"),
        ("poiuytrewqlkjhgfdsa", "alphabet or the keyboard"),
        ("piet.jansen@northwind", "too close"),
        ("Jansen-Piet-hwadmin-1", "too close"),
        ("hardware-password-1", "too close"),
    ],
)
def test_a_short_common_or_guessable_password_is_refused_with_the_reason(password: str, why: str) -> None:
    assert why in problem_with(password, about=ABOUT)


def test_the_most_common_breached_passwords_of_this_length_are_refused_however_they_are_written() -> None:
    breached = gzip.decompress(passwords._BREACHED.read_bytes()).decode().split()
    assert len({password for password in breached if len(password) >= SHORTEST}) >= 3000
    for password in breached[::300]:
        assert problem_with(password.ljust(SHORTEST, ".")) is not None, password
    for password in ("DontWorryBeHappy", "dont-worry, be happy!", "dontworrybehappy2026"):
        assert "tried first" in (problem_with(password) or "")


def test_the_borders_of_the_length_are_taken() -> None:
    text = "kq7wzn2xvd5mhbt" + "r3yp8" * 100
    assert problem_with(text[:SHORTEST]) is None
    assert problem_with(text[: SHORTEST - 1]) is not None
    long = "".join(generate() for _ in range(10))
    assert problem_with(long[:LONGEST]) is None
    assert problem_with(long[: LONGEST + 1]) is not None


@given(st.text(max_size=300))
def test_any_text_is_judged_without_a_fault(password: str) -> None:
    problem = problem_with(password, about=(password[:5], ""))
    assert problem is None or problem.endswith(".")


def test_made_up_passwords_are_long_legible_and_never_the_same() -> None:
    made = {generate() for _ in range(200)}
    assert len(made) == 200
    assert all(len(password) >= 24 and problem_with(password, about=ABOUT) is None for password in made)
    assert not set("".join(made)) & set("0O1lIo")


def test_a_password_fits_its_own_hash_only() -> None:
    stored = QUICK.hash("tall walnut under bridge")
    assert QUICK.verify(stored, "tall walnut under bridge")
    assert not QUICK.verify(stored, "tall walnut under bridges")
    assert "walnut" not in stored


def test_a_password_typed_in_other_code_points_still_fits() -> None:
    assert QUICK.verify(QUICK.hash("große Äpfel am Baum"), "große A\u0308pfel am Baum")


@pytest.mark.parametrize("stored", [None, "!", "", "argon2id$nonsense"])
def test_no_password_fits_a_missing_or_meaningless_hash(stored: str | None) -> None:
    assert not QUICK.verify(stored, "tall walnut under bridge")


def test_comparing_costs_the_same_whoever_has_the_address() -> None:
    compared: list[str] = []

    class Counting(PasswordHasher):
        def verify(self, hash: str | bytes, password: str | bytes) -> Literal[True]:  # noqa: A002 - of the library
            extract_parameters(str(hash))
            compared.append(str(hash))
            return super().verify(hash, password)

    hasher = Hasher(time_cost=1, memory_cost=8, parallelism=1)
    hasher._argon2 = Counting(time_cost=1, memory_cost=8, parallelism=1)
    for count, stored in enumerate((hasher.hash("known"), None, NO_PASSWORD, ""), start=1):
        assert not hasher.verify(stored, "another")
        assert len(compared) == count


def test_the_strong_parameters_are_the_default_and_others_are_outdated() -> None:
    assert "m=65536,t=3,p=4" in HASHER.hash("tall walnut under bridge")
    assert HASHER.is_outdated(QUICK.hash("tall walnut under bridge"))
    assert not QUICK.is_outdated(QUICK.hash("tall walnut under bridge"))
