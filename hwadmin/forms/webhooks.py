"""The shape of what is typed about webhooks."""

from __future__ import annotations

from flask_wtf import FlaskForm
from wtforms import SelectField, SelectMultipleField, StringField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]
from wtforms.validators import InputRequired

from hwadmin.operations.announcements import TYPES


def _keep(value: str | None) -> str:
    return (value or "").strip()


class WebhookForm(FlaskForm):  # type: ignore[misc]
    """Where messages go, and what about."""

    url = StringField(
        "Address",
        [InputRequired("Say where the messages go.")],
        filters=[_keep],
        description="It must begin with https:// and be on the public Internet. Redirects are not followed.",
        render_kw={"maxlength": 500, "inputmode": "url", "placeholder": "https://example.com/hooks"},
    )
    description = StringField(
        "Description",
        filters=[_keep],
        description="What answers there: “Billing”, “ERP”.",
        render_kw={"maxlength": 200},
    )
    event_types = SelectMultipleField(
        "Events", choices=[SelectChoice(kind, label) for kind, label in TYPES.items()]
    )


class NewWebhookForm(WebhookForm):
    """A new webhook. Which platforms there are is set by the view."""

    platform_id = SelectField("Platform", coerce=int)
