"""What a manager answers."""

from __future__ import annotations

from wtforms import RadioField, TextAreaField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]

from hwadmin.forms.orders.orders import DecisionForm

AGREE, DECLINE = "agree", "decline"


class AnswerForm(DecisionForm):
    """Approve or decline what was seen; a decline says why."""

    answer = RadioField(choices=[SelectChoice(AGREE, "Approve"), SelectChoice(DECLINE, "Decline")])
    reason = TextAreaField("Reason", description="Whoever asked for it sees this.")
