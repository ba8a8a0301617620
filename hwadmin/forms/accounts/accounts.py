"""The shape of what is typed about an account, its locations and its employees."""

from __future__ import annotations

from flask_wtf import FlaskForm
from wtforms import BooleanField, EmailField, StringField, TextAreaField
from wtforms.validators import InputRequired

from hwadmin.forms.fields import Needed, chosen_row
from hwadmin.operations.accounts.employees import NewEmployee
from hwadmin.operations.accounts.locations import NewLocation


class AccountForm(FlaskForm):  # type: ignore[misc]
    """The name of an account."""

    name = StringField("Name", [Needed()], render_kw={"maxlength": 200})


class LocationForm(FlaskForm):  # type: ignore[misc]
    """A site."""

    name = StringField("Name", [Needed()], render_kw={"maxlength": 120})
    address = StringField("Address", render_kw={"maxlength": 300})

    @property
    def entry(self) -> NewLocation:
        """What was typed, for the operation."""
        return NewLocation(self.name.data or "", self.address.data or "")


class EmployeeForm(FlaskForm):  # type: ignore[misc]
    """A person on an account."""

    name = StringField("Name", [Needed()], render_kw={"maxlength": 200})
    email = EmailField("E-mail", render_kw={"maxlength": 254})
    employee_number = StringField("Employee number", render_kw={"maxlength": 60})

    @property
    def entry(self) -> NewEmployee:
        """What was typed, for the operation."""
        return NewEmployee(self.name.data or "", self.email.data, self.employee_number.data)


class NewEmployeeForm(EmployeeForm):
    """The same of somebody new, of whom it may be asked whether they are known by this name."""

    somebody_else = BooleanField("It is somebody else of this name")


class AnonymizeForm(FlaskForm):  # type: ignore[misc]
    """Why somebody is anonymized, and that it is meant."""

    reason = TextAreaField(
        "Reason",
        [Needed()],
        description="Who asked for it, and when. Do not name the person.",
        render_kw={"maxlength": 1000, "rows": 3},
    )
    meant = BooleanField(
        "I know that this cannot be undone", [InputRequired("Say that you know it cannot be undone.")]
    )


class MergeForm(FlaskForm):  # type: ignore[misc]
    """Which record of the same person goes over into this one, and how that is known."""

    other = chosen_row("The other record", "The most alike come first.")
    reason = TextAreaField(
        "Reason",
        [Needed()],
        description="How you know that they are the same person.",
        render_kw={"maxlength": 1000, "rows": 3},
    )
