"""What a device is booked on: accounting codes, each with its share in percent. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

WHOLE = Decimal(100)
MOST_SHARES = 20
_SMALLEST = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class Share:
    """One code of an account's ledger and the percentage of a device that is booked on it."""

    code: str
    percent: Decimal

    def __str__(self) -> str:
        return f"{self.code} {plain(self.percent)} %"


def plain(percent: Decimal) -> str:
    """A percentage without zeros nobody needs: ``50``, ``33.33``."""
    return f"{percent.normalize():f}"


def percent_of(text: str) -> Decimal | None:
    """A percentage as somebody typed it (``50``, ``33.33``, ``33,33 %``), or None where it is none."""
    number = text.strip().removesuffix("%").strip().replace(",", ".")
    if not number or len(number) > 10:
        return None
    try:
        value = Decimal(number)
    except InvalidOperation:
        return None
    return value if value.is_finite() else None


def why_not(shares: Sequence[Share]) -> str | None:
    """Why the shares cannot be booked, as a sentence, or None. None at all is fine."""
    if not shares:
        return None
    if len(shares) > MOST_SHARES:
        return f"Split it among {MOST_SHARES} codes at most."
    seen: set[str] = set()
    for share in shares:
        if not share.code:
            return "Choose an accounting code for each share."
        if share.code in seen:
            return f"{share.code} is there twice; give each code once."
        seen.add(share.code)
        percent = share.percent
        if not percent.is_finite() or percent <= 0:
            return f"Give {share.code} a share above 0 %."
        if percent > WHOLE:
            return f"{share.code} cannot have more than 100 %."
        if percent != percent.quantize(_SMALLEST):
            return f"Give {share.code} a share with two decimals at most."
    total = sum((share.percent for share in shares), Decimal(0))
    if total != WHOLE:
        return f"The shares make {plain(total)} %; they must make 100 %."
    return None


def shares_of(document: Any) -> tuple[Share, ...]:
    """The shares as they are stored; what is not understood is passed over."""
    if not isinstance(document, list):
        return ()
    shares = []
    for entry in document:
        if isinstance(entry, Mapping):
            code, percent = entry.get("code"), percent_of(str(entry.get("percent", "")))
            if isinstance(code, str) and code and percent is not None:
                shares.append(Share(code, percent))
    return tuple(shares)


def document_of(shares: Iterable[Share]) -> list[dict[str, str]] | None:
    """The shares as they are stored; a percentage as text, since JSON has no decimals."""
    return [{"code": share.code, "percent": plain(share.percent)} for share in shares] or None


def in_words(shares: Iterable[Share]) -> str:
    """The shares in a sentence: ``4711 60 %, 4712 40 %``; empty where there are none."""
    return ", ".join(map(str, shares))


def parse_shares(text: str) -> tuple[Share, ...]:
    """The shares as somebody typed them, such as ``4711 60, 4712 40``; a single code alone is all of it.

    A share that is none has no percent, and is refused for that.
    """
    parts = [part.split() for part in text.replace("%", " ").split(",") if part.strip()]
    shares = []
    for words in parts:
        percent = percent_of(words[-1]) if len(words) > 1 else None
        if percent is None and len(parts) == 1 and len(words) == 1:
            percent = WHOLE
        code = " ".join(words[:-1] if len(words) > 1 and percent is not None else words)
        shares.append(Share(code, Decimal("NaN") if percent is None else percent))
    return tuple(shares)


def shares_text(shares: Iterable[Share]) -> str:
    """The shares as somebody would type them."""
    return in_words(shares).replace(" %", "")


def amounts_of(amount: Decimal, shares: Sequence[Share]) -> list[Decimal]:
    """What each share comes to in whole cents; together exactly the amount, whatever the percentages.

    Cents that rounding down leaves over go to the shares it cut most, the first of them first.
    """
    if not shares:
        return []
    cents = int(amount * 100)
    whole = sum((share.percent for share in shares), Decimal(0))
    exact = [cents * share.percent / whole for share in shares]
    parts = [int(part) for part in exact]
    cut_most = sorted(range(len(parts)), key=lambda at: parts[at] - exact[at])
    for at in cut_most[: cents - sum(parts)]:
        parts[at] += 1
    return [Decimal(part).scaleb(-2) for part in parts]
