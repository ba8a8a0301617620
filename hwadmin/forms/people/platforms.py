"""The shape of what is entered about a platform."""

from __future__ import annotations

from flask_wtf import FlaskForm
from wtforms import BooleanField, IntegerField, SelectField, StringField
from wtforms.validators import Optional

from hwadmin.domain.orders.waiting import DEFAULT_DAYS, MAX_DAYS, Deadline, WaitsFor
from hwadmin.forms.fields import Needed, chosen_row, options
from hwadmin.operations.people.platforms import CURRENCIES


class PlatformForm(FlaskForm):  # type: ignore[misc]
    """A platform and its rules."""

    name = StringField("Name", [Needed()], render_kw={"maxlength": 120})
    currency = SelectField(
        "Currency",
        [Needed()],
        default="EUR",
        choices=options((code, code) for code in CURRENCIES),
        description="All prices of the platform are in it. It cannot change once something is for sale.",
    )
    forbids_self_approval = BooleanField(
        "Nobody approves their own order",
        description="A super-admin who ordered something leaves the decision to another one.",
    )


def _days() -> IntegerField:
    return IntegerField("Days", [Optional()], render_kw={"min": 1, "max": MAX_DAYS})


class DeadlinesForm(FlaskForm):  # type: ignore[misc]
    """In how many days what waits is due, and who sees to it; a manager's answer is up to the manager."""

    manager_days = _days()
    decision_days = _days()
    decision_owner = chosen_row("Responsible")
    placement_days = _days()
    placement_owner = chosen_row("Responsible")
    delivery_days = _days()
    delivery_owner = chosen_row("Responsible")
    fulfillment_days = _days()
    fulfillment_owner = chosen_row("Responsible")

    def stated(self) -> dict[WaitsFor, Deadline | None]:
        """The rules; None where one is as usual."""
        rules: dict[WaitsFor, Deadline | None] = {}
        for what in WaitsFor:
            days, name = self[f"{what}_days"].data, f"{what}_owner"
            owner = self[name].data if name in self else None
            usual = Deadline(DEFAULT_DAYS[what])
            rule = Deadline(usual.days if days is None else days, owner)
            rules[what] = None if rule == usual else rule
        return rules
