"""The shape of what is entered about the staff directory."""

from __future__ import annotations

from flask_wtf import FlaskForm
from wtforms import SelectField, StringField

from hwadmin.forms.fields import Needed


class StaffTokenForm(FlaskForm):  # type: ignore[misc]
    """A token for an identity provider. Which there are is set by the view."""

    provider = SelectField("Identity provider", [Needed()], choices=[])
    name = StringField(
        "Name",
        [Needed()],
        description="What the audit log calls it, for example “Okta”.",
        render_kw={"maxlength": 120, "autocomplete": "off"},
    )
