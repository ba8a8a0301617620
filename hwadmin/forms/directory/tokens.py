"""The shape of what is typed about an account's HR directory."""

from __future__ import annotations

from flask_wtf import FlaskForm
from wtforms import StringField
from wtforms.validators import InputRequired


class DirectoryTokenForm(FlaskForm):  # type: ignore[misc]
    """A token for an identity provider."""

    name = StringField(
        "Identity provider",
        [InputRequired("Say which identity provider it is for.")],
        filters=[lambda value: (value or "").strip()],
        description="The name the history shows, for example “Okta”.",
        render_kw={"maxlength": 120, "autocomplete": "off"},
    )
