"""What is chosen of a model: size, color, term and carrier. Pure."""

from __future__ import annotations

from dataclasses import dataclass


def term_in_words(months: int | None) -> str:
    """A term as people say it."""
    return f"{months} months" if months else "No term"


def variant_words(
    size: str | None, color: str | None, term_months: int | None, mobile_carrier: str | None
) -> list[str]:
    """Size, color, term and carrier, as far as they are chosen, always in this order."""
    term = term_in_words(term_months) if term_months else None
    return [word for word in (size, color, term, mobile_carrier) if word]


# The columns of a line item that ``with_variant`` takes, in this order.
VARIANT_COLUMNS = ("size", "color", "term_months", "mobile_carrier", "from_spare")


def with_variant(
    title: str,
    size: str | None,
    color: str | None,
    term_months: int | None,
    mobile_carrier: str | None,
    from_spare: bool = False,
) -> str:
    """A model with what was chosen of it: ``Apple iPhone 17 (512 GB, Blue, 24 months)``."""
    words = variant_words(size, color, term_months, mobile_carrier)
    if from_spare:
        words.append("from spares")
    return f"{title} ({', '.join(words)})" if words else title


@dataclass(frozen=True, slots=True)
class VariantChoice:
    """What somebody chose of a model; None where nothing was chosen, empty for none."""

    size: str | None = None
    color: str | None = None
    mobile_carrier: str | None = None
    term_months: int | None = None


NO_CHOICE = VariantChoice()
