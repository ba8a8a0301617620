"""The shape of what is typed about API tokens."""

from __future__ import annotations

from collections.abc import Iterable

from flask_wtf import FlaskForm
from wtforms import BooleanField, SelectField, StringField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]
from wtforms.validators import InputRequired

_DAYS = [
    SelectChoice("30", "30 days"),
    SelectChoice("90", "90 days"),
    SelectChoice("365", "One year"),
    SelectChoice("1095", "Three years"),
]


def _keep(value: str | None) -> str:
    return (value or "").strip()


def choices(pairs: Iterable[tuple[int, str]]) -> list[SelectChoice]:
    """Keys and names as the choices of a field."""
    return [SelectChoice(key, name) for key, name in pairs]


class TokenForm(FlaskForm):  # type: ignore[misc]
    """A token of one's own."""

    name = StringField(
        "What for",
        [InputRequired("Say what the token is for.")],
        filters=[_keep],
        description="So that you recognize it later, for example “Nightly sync”.",
        render_kw={"maxlength": 120, "autocomplete": "off"},
    )
    days = SelectField("Valid for", choices=_DAYS, default="365")
    acts_without_proof = BooleanField(
        "May do what asks people to confirm who they are",
        description="Change people and their passwords, renew the secrets of webhooks, move devices to "
        "another account, anonymize. Without this, all of that is refused.",
    )


class PersonTokenForm(TokenForm):
    """A token of anybody's, for super-admins. Who there is is set by the view."""

    sends_any_amount = BooleanField(
        "May send orders of any amount",
        description="Without this, sending is refused above the amount at which people confirm who they are.",
    )
    person_id = SelectField("Acts as", coerce=int, description="It may do exactly what this person may.")


class ServiceTokenForm(TokenForm):
    """A token of a platform's service account. Which platforms there are is set by the view."""

    platform_id = SelectField("Platform", coerce=int)
    service = StringField(
        "Service account",
        [InputRequired("Give the service account a name.")],
        filters=[_keep],
        description="The program’s name in the history. It acts as a platform admin of this platform; "
        "if it has a service account of this name already, that one is used.",
        render_kw={"maxlength": 120, "autocomplete": "off"},
    )
