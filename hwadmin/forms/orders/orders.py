"""The forms of an order: what a decision needs, line items, plans, identifiers."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from wtforms import DateField, Field, Form, IntegerField, SelectField, StringField, TextAreaField
from wtforms.validators import Optional
from wtforms.widgets import HiddenInput

_MOST_DIGITS = 18


class DecisionForm(Form):
    """A decision on what was seen: the order's version travels with it."""

    version = IntegerField(validators=[Optional()], widget=HiddenInput())


class ReasonForm(DecisionForm):
    """A decision with a reason; whether it is required is the lifecycle's to say."""

    reason = TextAreaField("Reason")


class PlacementForm(DecisionForm):
    """What is known of an order placed with the distributor; all of it may be unknown."""

    distributor = StringField("Distributor")
    distributor_reference = StringField("Their order number")
    ordered_on = DateField("Ordered on", validators=[Optional()])


class SendForm(DecisionForm):
    """With whom the orders are placed by mail; the view offers the distributors."""

    distributor = SelectField("Distributor", validate_choice=False, choices=[])


class NumberedTexts(Field):
    """One text per numbered thing, from inputs named ``prefix-<number>``, as one field.

    A WTForms field per unit costs a third of a second for a thousand of them; this one costs a loop. What the
    texts mean is checked by the operation, as for every other way they come in.
    """

    data: dict[int, str]

    def __init__(self, *args: Any, prefix: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.number_prefix = prefix + "-"

    def process(self, formdata: Any, data: Any = None, extra_filters: Any = None) -> None:
        """Collect the texts; a name that does not end in a number is not ours."""
        self.process_errors = []
        self.object_data = self.data = dict(data) if isinstance(data, Mapping) else {}
        if formdata is None:
            return
        start = len(self.number_prefix)
        for name in formdata:
            if not name.startswith(self.number_prefix):
                continue
            number = name[start:]
            if number.isascii() and number.isdigit() and len(number) <= _MOST_DIGITS:
                self.data[int(number)] = formdata.get(name, "")


class FulfillForm(Form):
    """One identifier per unit that becomes a device; blank where it has not come yet."""

    identifiers = NumberedTexts(prefix="unit")


class CloseShortForm(Form):
    """Which units will not come, and why."""

    units = NumberedTexts(prefix="unit")
    reason = TextAreaField("Reason")


class UnlinkForm(Form):
    """Why a device is taken off its unit."""

    device = IntegerField(validators=[Optional()])
    reason = TextAreaField("Reason")


class IdentifierConflictForm(Form):
    """What becomes of an identifier somebody else has: another one, or taking the device from there."""

    identifier = StringField("Identifier")
    right = StringField("The right one")
    reason = TextAreaField("Reason")


class PlanForm(DecisionForm):
    """For whom, where and with which base each unit is planned, what it is booked on, and why it upgrades."""

    employees = NumberedTexts(prefix="employee")
    locations = NumberedTexts(prefix="location")
    bases = NumberedTexts(prefix="base")
    codes = NumberedTexts(prefix="codes")
    reasons = NumberedTexts(prefix="reason")


def whole_number(text: str | None) -> int | None:
    """A key as a form sends it; None for blank, and 0, which no row has, for anything else."""
    text = (text or "").strip()
    if not text:
        return None
    return int(text) if text.isascii() and text.isdigit() and len(text) <= _MOST_DIGITS else 0


def iso_date(text: str | None) -> date | None:
    """A day as an address carries it; None for blank and for what is no day."""
    try:
        return date.fromisoformat((text or "").strip())
    except ValueError:
        return None
