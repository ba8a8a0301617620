"""When a phone line may get a new device."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hwadmin.domain.ordering.upgrade_eligibility import Eligibility, contract_end, eligibility

TODAY = date(2026, 11, 22)
YESTERDAY, TOMORROW = TODAY - timedelta(days=1), TODAY + timedelta(days=1)


def asked(**facts: Any) -> Eligibility:
    known: dict[str, Any] = {
        "ended": False,
        "eligible_from": None,
        "contract_ends_on": None,
        "contract_balance": None,
        "currency": "EUR",
        "today": TODAY,
    }
    return eligibility(**{**known, **facts})


@pytest.mark.parametrize(
    ("facts", "eligible", "since", "why"),
    [
        ({}, True, None, "Eligible: there is no contract."),
        (
            {"contract_ends_on": YESTERDAY},
            True,
            TODAY,
            "Eligible: the contract ended on 21 Nov 2026.",
        ),
        ({"contract_ends_on": TODAY}, False, TOMORROW, "The contract runs until 22 Nov 2026."),
        (
            {"contract_ends_on": TOMORROW, "contract_balance": Decimal("212.40")},
            False,
            TOMORROW + timedelta(days=1),
            "The contract runs until 23 Nov 2026, and € 212.40 is owed.",
        ),
        (
            {"contract_ends_on": YESTERDAY, "contract_balance": Decimal("0.01")},
            False,
            None,
            "€ 0.01 of the contract is still owed.",
        ),
        ({"contract_balance": Decimal("5")}, False, None, "€ 5.00 of the contract is still owed."),
        ({"eligible_from": TOMORROW}, False, TOMORROW, "Eligible from 23 Nov 2026, says the carrier."),
        ({"eligible_from": TODAY, "contract_ends_on": TOMORROW}, True, TODAY, "Eligible since 22 Nov 2026."),
        (
            {"eligible_from": YESTERDAY, "contract_balance": Decimal("9")},
            True,
            YESTERDAY,
            "Eligible since 21 Nov 2026; € 9.00 of the contract is still owed.",
        ),
        ({"ended": True, "eligible_from": YESTERDAY}, False, None, "The line is no longer in service."),
        ({"contract_ends_on": date.max}, False, None, "The contract runs until 31 Dec 9999."),
    ],
)
def test_a_line_is_eligible_by_its_carriers_date_or_else_by_its_contract(
    facts: dict[str, Any], eligible: bool, since: date | None, why: str
) -> None:
    assert asked(**facts) == Eligibility(eligible, since, why)


@given(
    st.none() | st.dates(),
    st.none() | st.dates(),
    st.none() | st.integers(0, 10**6).map(lambda cents: Decimal(cents) / 100),
    st.dates(max_value=date.max - timedelta(days=400)),
)
def test_a_day_that_is_named_decides_and_once_eligible_a_line_stays_so(
    carrier: date | None, ends: date | None, balance: Decimal | None, today: date
) -> None:
    facts = {"eligible_from": carrier, "contract_ends_on": ends, "contract_balance": balance}
    now, later = (asked(**facts, today=day) for day in (today, today + timedelta(days=400)))
    assert not now.eligible or later.eligible
    if now.since is not None and not balance:
        assert now.eligible == (now.since <= today)


@pytest.mark.parametrize(
    ("begins", "months", "ends"),
    [
        (date(2026, 11, 22), 24, date(2028, 11, 21)),
        (date(2026, 1, 1), 12, date(2026, 12, 31)),
        (date(2026, 1, 31), 1, date(2026, 2, 27)),
        (date(2027, 8, 31), 6, date(2028, 2, 28)),
        (date(2026, 12, 1), 1, date(2026, 12, 31)),
    ],
)
def test_a_contract_ends_the_day_before_its_day_comes_around(begins: date, months: int, ends: date) -> None:
    assert contract_end(begins, months) == ends
