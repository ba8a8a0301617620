"""The shape of what is typed about one-time codes, and to prove who one is."""

from __future__ import annotations

from flask_wtf import FlaskForm
from wtforms import HiddenField, PasswordField, StringField
from wtforms.validators import InputRequired, Length

from hwadmin.domain.people.passwords import LONGEST

_CODE = {
    "autocomplete": "one-time-code",
    "inputmode": "numeric",
    "autocapitalize": "off",
    "spellcheck": "false",
}


class OneTimeCodeForm(FlaskForm):  # type: ignore[misc]
    """A one-time code at signing in; the ticket says whose password was right."""

    ticket = HiddenField()
    code = StringField(
        "Code",
        [InputRequired("Enter the code of your app."), Length(max=40, message="That is too long.")],
        description="Six digits from your authenticator app, or one of your recovery codes.",
        render_kw={**_CODE, "inputmode": "text"},
    )


class SetUpForm(FlaskForm):  # type: ignore[misc]
    """The first code of an app."""

    secret = HiddenField()
    code = StringField(
        "Code your app shows",
        [InputRequired("Enter the code your app shows."), Length(max=40, message="That is too long.")],
        render_kw=_CODE,
    )


class IdentityForm(FlaskForm):  # type: ignore[misc]
    """One's password, and a code; the view takes its field away where one has no second factor."""

    password = PasswordField(
        "Password",
        [InputRequired("Enter your password."), Length(max=4 * LONGEST, message="That is too long.")],
        render_kw={"autocomplete": "current-password"},
    )
    code = StringField(
        "Code",
        [InputRequired("Enter a code."), Length(max=40, message="That is too long.")],
        description="Six digits from your authenticator app, or one of your recovery codes.",
        render_kw={**_CODE, "inputmode": "text"},
    )
