"""The shape of what is entered about what an identity provider's claims give."""

from __future__ import annotations

from flask_wtf import FlaskForm
from wtforms import BooleanField, RadioField, SelectField, SelectMultipleField, StringField

from hwadmin.domain.permissions import SIGNING_IN
from hwadmin.forms.fields import Needed, options


class AccessRuleForm(FlaskForm):  # type: ignore[misc]
    """A rule. Which providers and platforms there are is set by the view."""

    provider = SelectField("Identity provider", [Needed()], choices=[])
    claim = StringField(
        "Claim",
        [Needed()],
        default="groups",
        description="What the provider says of a person, such as groups, or realm_access.roles.",
    )
    value = StringField(
        "Value",
        [Needed()],
        description="Such as a group, exactly as the provider writes it.",
    )
    role = RadioField("Role", [Needed()], choices=options((role.value, role.label) for role in SIGNING_IN))
    platform_ids = SelectMultipleField("Platforms", coerce=int, choices=[])
    all_platforms = BooleanField("All platforms, including future ones", description="For support only.")
