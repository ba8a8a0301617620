"""The shape of what is typed about webhooks."""

from __future__ import annotations

from flask_wtf import FlaskForm
from wtforms import BooleanField, SelectField, SelectMultipleField, StringField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]
from wtforms.validators import InputRequired, ValidationError

from hwadmin.domain.event_kinds import EventType


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
        description="Which system answers there, for example “Billing” or “ERP”.",
        render_kw={"maxlength": 200},
    )
    everything = BooleanField("Everything, including what is added later")
    event_types = SelectMultipleField(
        "Events", choices=[SelectChoice(kind, label) for kind, label in EventType.labels().items()]
    )

    def validate_everything(self, field: BooleanField) -> None:
        """Refuse everything and some events at once: it cannot be known which of the two is meant."""
        if field.data and self.event_types.data:
            raise ValidationError("Choose either everything or some of the events, not both.")

    @property
    def chosen_events(self) -> list[str] | None:
        """What the webhook receives; None for everything."""
        return None if self.everything.data else list(self.event_types.data or ())


class NewWebhookForm(WebhookForm):
    """A new webhook. Which platforms there are is set by the view."""

    platform_id = SelectField("Platform", coerce=int)
