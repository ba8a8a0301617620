"""Accounting splits: what may be booked, and that nothing is lost between people, code and database."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hwadmin.domain.money import money, totals
from hwadmin.domain.ordering.cost_allocation import (
    Share,
    amounts_of,
    document_of,
    in_words,
    parse_shares,
    percent_of,
    shares_of,
    shares_text,
    why_not,
)

CODES = st.text("ABC0123456789-", min_size=1, max_size=8)


def share(code: str, percent: str) -> Share:
    return Share(code, Decimal(percent))


@given(st.lists(CODES, min_size=1, max_size=12, unique=True), st.data())
def test_a_whole_cut_into_hundredths_in_any_way_can_be_booked(codes: list[str], data: st.DataObject) -> None:
    cuts = sorted(
        data.draw(
            st.lists(st.integers(1, 9_999), min_size=len(codes) - 1, max_size=len(codes) - 1, unique=True)
        )
    )
    parts = [after - before for before, after in zip([0, *cuts], [*cuts, 10_000], strict=True)]
    shares = [Share(code, Decimal(part) / 100) for code, part in zip(codes, parts, strict=True)]
    assert why_not(shares) is None
    assert shares_of(document_of(shares)) == tuple(shares)
    assert sum(one.percent for one in shares_of(document_of(shares))) == 100


@given(st.integers(0, 10**9), st.lists(st.integers(1, 10_000), min_size=1, max_size=20))
def test_the_amounts_of_the_shares_make_the_amount_to_the_cent(cents: int, weights: list[int]) -> None:
    shares = [share(str(at), str(Decimal(weight) / 100)) for at, weight in enumerate(weights)]
    amount, whole = Decimal(cents).scaleb(-2), sum(weights)
    parts = amounts_of(amount, shares)
    assert sum(parts, Decimal(0)) == amount
    for part, weight in zip(parts, weights, strict=True):
        assert abs(part * whole - amount * weight) < Decimal("0.01") * whole
        assert part.as_tuple().exponent == -2


def test_left_over_cents_go_to_the_shares_that_were_cut_most() -> None:
    shares = [share("A", "33.33"), share("B", "33.33"), share("C", "33.34")]
    assert list(map(str, amounts_of(Decimal("100.00"), shares))) == ["33.33", "33.33", "33.34"]
    assert list(map(str, amounts_of(Decimal("0.01"), shares))) == ["0.00", "0.00", "0.01"]
    assert amounts_of(Decimal("1.00"), []) == []


@given(st.lists(st.tuples(CODES, st.integers(-100, 20_000)), max_size=6))
def test_shares_can_be_booked_only_if_they_make_a_hundred_percent_and_each_code_is_there_once(
    parts: list[tuple[str, int]],
) -> None:
    shares = [Share(code, Decimal(hundredths) / 100) for code, hundredths in parts]
    sound = (
        sum(part for _, part in parts) == 10_000
        and all(part > 0 for _, part in parts)
        and len({code for code, _ in parts}) == len(parts)
    )
    assert (why_not(shares) is None) == (sound or not parts)


@pytest.mark.parametrize(
    ("shares", "sentence"),
    [
        ([share("A", "60"), share("B", "30")], "The shares make 90 %; they must make 100 %."),
        ([share("A", "50"), share("A", "50")], "A is there twice; give each code once."),
        ([share("A", "0"), share("B", "100")], "Give A a share above 0 %."),
        ([share("A", "33.333"), share("B", "66.667")], "Give A a share with two decimals at most."),
        ([share("A", "120")], "A cannot have more than 100 %."),
        ([share("", "100")], "Choose an accounting code for each share."),
        ([share("A", "NaN")], "Give A a share above 0 %."),
        ([share(str(n), "1") for n in range(100)], "Split it among 20 codes at most."),
    ],
)
def test_what_cannot_be_booked_is_said_in_a_sentence(shares: list[Share], sentence: str) -> None:
    assert why_not(shares) == sentence


def test_twenty_codes_and_no_more_share_a_device_and_one_may_have_it_all() -> None:
    assert why_not([share(str(n), "5") for n in range(20)]) is None
    assert why_not([share(str(n), "5") for n in range(21)]) == "Split it among 20 codes at most."
    assert why_not([share("A", "100")]) is None
    assert why_not([share("A", "100.01")]) == "A cannot have more than 100 %."


@pytest.mark.parametrize(
    ("typed", "percent"),
    [
        *[("50", "50"), (" 33,33 % ", "33.33"), ("100%", "100"), ("", None), ("half", None), ("NaN", None)],
        # Ten characters at most are a number somebody means.
        *[("0033.33000", "33.33"), ("00033.33000", None)],
    ],
)
def test_a_percentage_is_read_as_people_write_it(typed: str, percent: str | None) -> None:
    assert percent_of(typed) == (None if percent is None else Decimal(percent))


def test_what_is_stored_by_others_is_read_as_far_as_it_is_understood() -> None:
    document = [{"code": "A", "percent": 60}, {"code": "B", "percent": "40"}, {"code": 3}, "C", None]
    assert shares_of(document) == (share("A", "60"), share("B", "40"))
    assert shares_of(None) == ()
    assert document_of(()) is None
    assert in_words(shares_of(document)) == "A 60 %, B 40 %"


PRICES = st.integers(0, 10_000_000).map(lambda cents: Decimal(cents) / 100)


@given(st.lists(st.tuples(PRICES, PRICES, st.integers(1, 2000)), max_size=20))
def test_totals_are_right_to_the_cent(parts: list[tuple[Decimal, Decimal, int]]) -> None:
    sums = totals(parts)
    assert int(sums.now * 100) == sum(int(unit * 100) * count for unit, _, count in parts)
    assert int(sums.monthly * 100) == sum(int(monthly * 100) * count for _, monthly, count in parts)


def test_an_amount_is_written_with_its_currency() -> None:
    assert money(Decimal("1068"), "EUR") == "€ 1,068.00"
    assert money(Decimal("0.5"), "SEK") == "SEK 0.50"


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("4711", [share("4711", "100")]),
        ("4711 100", [share("4711", "100")]),
        ("4711 60, 4712 40", [share("4711", "60"), share("4712", "40")]),
        ("Ward 7 60 %, 4712 40%,", [share("Ward 7", "60"), share("4712", "40")]),
        (" , ", []),
    ],
)
def test_shares_in_one_text_are_read_and_written(text: str, read: list[Share]) -> None:
    assert parse_shares(text) == tuple(read)
    assert parse_shares(shares_text(read)) == tuple(read)
    assert not read or why_not(read) is None


@pytest.mark.parametrize(("text", "code"), [("4711, 4712 40", "4711"), ("Ward B, 4712 40", "Ward B")])
def test_a_share_without_a_percentage_is_refused(text: str, code: str) -> None:
    assert why_not(parse_shares(text)) == f"Give {code} a share above 0 %."
