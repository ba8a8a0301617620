"""What an order warns of before it is sent or approved, in sentences."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from hwadmin.domain.device_kinds import Kind
from hwadmin.queries.orders.warnings import WarningLine, order_warnings


def base(
    quantity: int = 1, takes: int | None = 10, make: str = "Yealink", model: str = "W70B"
) -> WarningLine:
    return WarningLine(Kind.DECT_BASE, make, model, quantity, max_handsets=takes)


def handsets(
    quantity: int, chosen: Sequence[int | None] = (), make: str = "Yealink", model: str = "W73H"
) -> WarningLine:
    return WarningLine(Kind.DECT_HANDSET, make, model, quantity, chosen_bases=chosen)


def desk_phones(quantity: int, **values: Any) -> WarningLine:
    return WarningLine(Kind.DESKPHONE, "Yealink", "T54W", quantity, **values)


@pytest.mark.parametrize(
    "lines",
    [
        [],
        [desk_phones(200)],
        [base()],
        [base(3)],
        [base(), handsets(10)],
        [base(takes=None), handsets(500)],
        [base(2), handsets(2, [1, 2])],
        [base(), handsets(1, [1])],
        [base(make="Polycom", model="Rove B2"), handsets(1, make="Poly", model="Rove 30")],
    ],
    ids=str,
)
def test_an_order_that_fits_warns_of_nothing(lines: list[WarningLine]) -> None:
    assert order_warnings(lines) == []


@pytest.mark.parametrize(
    ("lines", "sentence"),
    [
        (
            [handsets(4)],
            "4 handsets, but no base: they will be left for on-site registration, or add a base.",
        ),
        (
            [handsets(1), desk_phones(3)],
            "1 handset, but no base: it will be left for on-site registration, or add a base.",
        ),
        (
            [base(), handsets(12)],
            "12 handsets, but Yealink W70B takes 10: two will be left for on-site registration, "
            "or add a second base.",
        ),
        (
            [handsets(31), base()],
            "31 handsets, but Yealink W70B takes 10: 21 will be left for on-site registration, "
            "or add three more bases.",
        ),
        (
            [base(), handsets(6), handsets(5, model="W59R")],
            "11 handsets, but Yealink W70B takes 10: one will be left for on-site registration, "
            "or add a second base.",
        ),
        (
            [base(), handsets(3, make="Gigaset", model="SL800H")],
            "3 × Gigaset SL800H with Yealink W70B: different makes are not paired.",
        ),
        (
            [base(2), handsets(3, [1, 2])],
            "1 handset without a chosen base, and two bases: it will be left for on-site registration, "
            "or choose a base for each.",
        ),
        (
            [base(2), handsets(3, [3, -1, 0])],
            "3 handsets without a chosen base, and two bases: they will be left for on-site registration, "
            "or choose a base for each.",
        ),
        (
            [base(2), handsets(12, [2] * 12)],
            "12 handsets for Yealink W70B #2, but it takes 10: two will be left for on-site registration, "
            "or choose another base for them.",
        ),
        (
            [base(), base(make="Gigaset", model="N610"), handsets(2, [2, 1])],
            "1 × Yealink W73H with Gigaset N610 #1: different makes are not paired.",
        ),
        (
            [desk_phones(3, archived=True)],
            "Yealink T54W is archived: it may be kept or lowered, not raised.",
        ),
    ],
    ids=str,
)
def test_an_order_that_does_not_fit_says_why(lines: list[WarningLine], sentence: str) -> None:
    assert order_warnings(lines) == [sentence]


def test_handsets_of_another_make_take_no_slot_of_the_base() -> None:
    warnings = order_warnings([base(), handsets(10), handsets(2, make="Snom", model="M65")])
    assert warnings == ["2 × Snom M65 with Yealink W70B: different makes are not paired."]


def test_bases_that_are_too_small_together_are_named_even_where_none_was_chosen() -> None:
    warnings = order_warnings([base(2), handsets(30), handsets(1, make="Snom", model="M65")])
    assert warnings == [
        "31 handsets without a chosen base, and two bases: they will be left for on-site registration, "
        "or choose a base for each.",
        "1 × Snom M65, but no base of that make: different makes are not paired.",
        "31 handsets, but the two bases take 20 together.",
    ]


def test_bases_of_unknown_size_are_not_added_up() -> None:
    assert len(order_warnings([base(), base(takes=None), handsets(30)])) == 1


def test_a_thousand_bases_that_are_too_small_warn_in_a_few_sentences() -> None:
    chosen = [number for number in range(1, 1001) for _ in range(2)]
    warnings = order_warnings([base(1000, takes=1), handsets(2000, chosen)])
    assert len(warnings) == 6
    assert warnings[-1] == "The same holds for 995 more."
