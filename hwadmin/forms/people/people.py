"""The shape of what is typed about people and passwords."""

from __future__ import annotations

from flask_wtf import FlaskForm
from wtforms import BooleanField, PasswordField, RadioField, SelectMultipleField, StringField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]
from wtforms.validators import InputRequired, Length
from wtforms.widgets import PasswordInput

from hwadmin.domain.people.passwords import LONGEST, SHORTEST
from hwadmin.domain.permissions import SIGNING_IN

_MANY = 4 * LONGEST


def _keep(value: str | None) -> str:
    return (value or "").strip()


class SignInForm(FlaskForm):  # type: ignore[misc]
    """E-mail and password."""

    email = StringField(
        "E-mail",
        [InputRequired("Enter your e-mail address."), Length(max=_MANY, message="That is too long.")],
        filters=[_keep],
        render_kw={"type": "email", "autocomplete": "username"},
    )
    password = PasswordField(
        "Password",
        [InputRequired("Enter your password."), Length(max=_MANY, message="That is too long.")],
        render_kw={"autocomplete": "current-password"},
    )


class PasswordForm(FlaskForm):  # type: ignore[misc]
    """A new password for oneself."""

    current_password = PasswordField(
        "Current password",
        [InputRequired("Enter the password you use now."), Length(max=_MANY, message="That is too long.")],
        render_kw={"autocomplete": "current-password"},
    )
    new_password = PasswordField(
        "New password",
        [InputRequired("Enter a new password.")],
        description=f"{SHORTEST} characters or more. A few words in a row are fine, and so is pasting.",
        widget=PasswordInput(),
        render_kw={"autocomplete": "new-password", "minlength": SHORTEST},
    )
    repeated = PasswordField(
        "New password again",
        [InputRequired("Enter the new password a second time.")],
        render_kw={"autocomplete": "new-password"},
    )


class ForgottenForm(FlaskForm):  # type: ignore[misc]
    """Whose password is forgotten."""

    email = StringField(
        "E-mail",
        [InputRequired("Enter your e-mail address."), Length(max=_MANY, message="That is too long.")],
        filters=[_keep],
        render_kw={"type": "email", "autocomplete": "username"},
    )


class ChosenPasswordForm(FlaskForm):  # type: ignore[misc]
    """A new password, by a mailed link."""

    new_password = PasswordField(
        "New password",
        [InputRequired("Enter a new password.")],
        description=f"{SHORTEST} characters or more. A few words in a row are fine, and so is pasting.",
        render_kw={"autocomplete": "new-password", "minlength": SHORTEST},
    )
    repeated = PasswordField(
        "New password again",
        [InputRequired("Enter the new password a second time.")],
        render_kw={"autocomplete": "new-password"},
    )


class PersonForm(FlaskForm):  # type: ignore[misc]
    """Somebody who signs in. Which platforms there are is set by the view."""

    name = StringField(
        "Name", [InputRequired("Enter a name.")], filters=[_keep], render_kw={"autocomplete": "off"}
    )
    email = StringField(
        "E-mail",
        [InputRequired("Enter an e-mail address.")],
        filters=[_keep],
        description="They sign in with it.",
        render_kw={"type": "email", "autocomplete": "off"},
    )
    role = RadioField(
        "Role",
        [InputRequired("Choose a role.")],
        choices=[SelectChoice(role.value, role.label) for role in SIGNING_IN],
    )
    platform_ids = SelectMultipleField("Platforms", coerce=int)
    all_platforms = BooleanField("All platforms, including future ones", description="For support only.")
