"""The shape of what is typed about a phone line."""

from __future__ import annotations

from flask_wtf import FlaskForm
from wtforms import DateField, IntegerField, StringField
from wtforms.validators import Optional

from hwadmin.forms.fields import Needed, chosen_row


class PhoneLineForm(FlaskForm):  # type: ignore[misc]
    """A mobile number and its contract."""

    phone_number = StringField("Phone number", [Needed()], render_kw={"maxlength": 40, "inputmode": "tel"})
    mobile_carrier = StringField(
        "Mobile carrier", [Needed()], render_kw={"maxlength": 60, "list": "carriers", "autocomplete": "off"}
    )
    rate_plan = StringField("Rate plan", render_kw={"maxlength": 120, "autocomplete": "off"})
    employee = StringField(
        "Employee",
        description="Name, number or e-mail address of somebody of this account.",
        render_kw={"maxlength": 254, "autocomplete": "off"},
    )
    device_id = chosen_row("Device it is used in")
    contract_term_months = IntegerField(
        "Contract term in months", [Optional()], render_kw={"min": 1, "max": 120, "inputmode": "numeric"}
    )
    contract_ends_on = DateField("Contract ends on", [Optional()])
    contract_balance = StringField(
        "Contract balance",
        description="What is still owed on it.",
        render_kw={"maxlength": 20, "inputmode": "decimal"},
    )
    eligible_from = DateField(
        "Eligible for an upgrade from",
        [Optional()],
        description="The carrier’s own date, where it names one. It alone decides.",
    )
