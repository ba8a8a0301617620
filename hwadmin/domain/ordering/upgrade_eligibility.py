"""Whether a phone line may get a new device: the one place that knows the rule. Pure."""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from hwadmin.domain.dates import format_date
from hwadmin.domain.money import money


@dataclass(frozen=True, slots=True)
class Eligibility:
    """Whether a line may be upgraded today, the day that decides it, and the whole of it in a sentence."""

    eligible: bool
    # Eligible since, or from, that day; None where no day decides it.
    since: date | None
    why: str


def eligibility(
    *,
    ended: bool,
    eligible_from: date | None,
    contract_ends_on: date | None,
    contract_balance: Decimal | None,
    currency: str,
    today: date,
) -> Eligibility:
    """Whether a line may be upgraded.

    The carrier's own date decides where there is one. Otherwise the contract must have come to its end and
    nothing be owed on it. A line without a contract may be upgraded at any time.

    Args:
        ended: whether the line is no longer in service.
        eligible_from: the day from which the carrier allows it.
        contract_ends_on: the last day of the contract.
        contract_balance: what is still owed on it.
        currency: of the balance.
        today: the day the question is asked.
    """
    if ended:
        return Eligibility(False, None, "The line is no longer in service.")
    owed = money(contract_balance, currency) if contract_balance else ""
    if eligible_from is not None:
        if today < eligible_from:
            return Eligibility(
                False, eligible_from, f"Eligible from {format_date(eligible_from)}, says the carrier."
            )
        still = f"; {owed} of the contract is still owed" if owed else ""
        return Eligibility(True, eligible_from, f"Eligible since {format_date(eligible_from)}{still}.")
    if contract_ends_on is not None:
        after = contract_ends_on + timedelta(days=1) if contract_ends_on < date.max else None
        if today <= contract_ends_on:
            still = f", and {owed} is owed" if owed else ""
            return Eligibility(
                False, after, f"The contract runs until {format_date(contract_ends_on)}{still}."
            )
        if not owed:
            return Eligibility(
                True, after, f"Eligible: the contract ended on {format_date(contract_ends_on)}."
            )
    if owed:
        return Eligibility(False, None, f"{owed} of the contract is still owed.")
    return Eligibility(True, None, "Eligible: there is no contract.")


def contract_end(begins: date, months: int) -> date:
    """The last day of a contract, from its first day and its term."""
    years, month = divmod(begins.month - 1 + months, 12)
    year, month = begins.year + years, month + 1
    day = min(begins.day, monthrange(year, month)[1])
    return date(year, month, day) - timedelta(days=1)
