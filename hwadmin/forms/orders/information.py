"""The form of an order's ordering information."""

from __future__ import annotations

from collections.abc import Sequence

from wtforms import StringField, TextAreaField

from hwadmin.forms.fields import chosen_row
from hwadmin.forms.orders.orders import DecisionForm


class OrderingInformationForm(DecisionForm):
    """Where an order goes, who is told, and why it was ordered; what is fixed by now is taken out."""

    ship_to_location_id = chosen_row("Ship to")
    attention = StringField("Attention")
    notes = TextAreaField("Notes")
    requester = StringField("Requester")
    notify = TextAreaField("Notify", description="E-mail addresses, one per line.")
    reason = TextAreaField("Reason")
    accounting_codes = TextAreaField("Accounting codes", description="One per line.")


def one_a_line(values: Sequence[object] | None) -> str:
    """The values of a list as a text with a line for each."""
    return "\n".join(map(str, values or ()))


def lines_of(text: str | None) -> list[str]:
    """The lines of a text that have something in them; commas and semicolons part them too."""
    parts = (text or "").replace(";", "\n").replace(",", "\n").splitlines()
    return [part.strip() for part in parts if part.strip()]
