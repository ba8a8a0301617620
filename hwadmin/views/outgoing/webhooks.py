"""Webhooks: messages to a platform's own programs. Platform admins see their own, super-admins all."""

from __future__ import annotations

from collections.abc import Callable

from flask import abort, current_app, make_response, request, url_for
from flask.typing import ResponseReturnValue
from flask_admin import expose
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]

from hwadmin.config import Settings
from hwadmin.db.unit_of_work import transact
from hwadmin.domain.event_kinds import EventType
from hwadmin.domain.permissions import Permission
from hwadmin.errors import InvalidInput
from hwadmin.forms.outgoing.webhooks import NewWebhookForm, WebhookForm
from hwadmin.models import MessageKind, WebhookEndpoint
from hwadmin.operations.outgoing import messages as outgoing
from hwadmin.operations.outgoing import webhooks
from hwadmin.queries.accounts.accounts import platform_choices
from hwadmin.queries.outgoing.messages import MessageFilter, messages, webhook, webhooks_of
from hwadmin.queries.outgoing.messages import message as one_message
from hwadmin.web import access
from hwadmin.web.admin_views import GuardedView, row_id
from hwadmin.web.form_errors import put_errors
from hwadmin.web.layout import go_back

_WRITE = Permission.WEBHOOKS_WRITE


class WebhooksView(GuardedView):
    """List, make and look after webhooks. A secret is on the answer that made it, and nowhere else."""

    permissions = dict.fromkeys(
        (
            "index_view",
            "create_view",
            "create",
            "details_view",
            "edit_view",
            "change",
            "rotate",
            "ping",
            "enable",
            "delete",
            "replay",
        ),
        _WRITE,
    )

    def __init__(self) -> None:
        super().__init__(name="Webhooks", endpoint="webhooks", url="/webhooks")

    @expose("/")
    def index_view(self) -> ResponseReturnValue:
        """The webhooks of the actor's platforms."""
        page: str = self.render(
            "admin/hw/outgoing/webhooks/list.html",
            endpoints=webhooks_of(access.current_actor()),
            types=EventType.labels(),
        )
        return page

    @expose("/new")
    def create_view(self) -> ResponseReturnValue:
        """Ask where the messages shall go."""
        return self._form_page(self._new_form(), None)

    @expose("/new", methods=("POST",))
    def create(self) -> ResponseReturnValue:
        """Make a webhook, and show its secret this once."""
        form, actor = self._new_form(), access.current_actor()
        return self._shown_once(
            form,
            lambda: webhooks.create_webhook(
                actor,
                form.platform_id.data,
                url=form.url.data or "",
                event_types=form.chosen_events,
                description=form.description.data,
                allow_loopback=_loopback(),
            ),
        )

    @expose("/<key>/")
    def details_view(self, key: str) -> ResponseReturnValue:
        """One webhook, and how its deliveries went."""
        endpoint, before = _endpoint(key), request.args.get("before", "")
        found, more = messages(
            access.current_actor(),
            MessageFilter(kind=MessageKind.WEBHOOK, endpoint_id=endpoint.id),
            before=row_id(before) if before else None,
        )
        page: str = self.render(
            "admin/hw/outgoing/webhooks/details.html",
            endpoint=endpoint,
            messages=found,
            older_than=more,
            types=EventType.labels(),
        )
        return page

    @expose("/<key>/edit")
    def edit_view(self, key: str) -> ResponseReturnValue:
        """Show what can be changed."""
        endpoint = _endpoint(key)
        form = WebhookForm(obj=endpoint)
        form.event_types.data = endpoint.event_types or []
        form.everything.data = endpoint.event_types is None
        return self._form_page(form, endpoint)

    @expose("/<key>/edit", methods=("POST",))
    def change(self, key: str) -> ResponseReturnValue:
        """Change where messages go, or what about."""
        endpoint, form, actor = _endpoint(key), WebhookForm(), access.current_actor()
        if not form.validate():
            return self._form_page(form, endpoint, 422)
        number = endpoint.id
        try:
            transact(
                lambda: webhooks.change_webhook(
                    actor,
                    number,
                    url=form.url.data or "",
                    event_types=form.chosen_events,
                    description=form.description.data,
                    allow_loopback=_loopback(),
                )
            )
        except InvalidInput as refusal:
            put_errors(form, refusal)
            return self._form_page(form, endpoint, 422)
        return go_back("webhooks.details_view", "The webhook is saved.", key=number)

    @expose("/<key>/rotate", methods=("POST",))
    def rotate(self, key: str) -> ResponseReturnValue:
        """Make a new secret, and show it this once."""
        actor, number = access.current_actor(), row_id(key)
        endpoint, secret = transact(lambda: webhooks.rotate_secret(actor, number))
        return self._secret_page(endpoint, secret, is_new=False)

    @expose("/<key>/ping", methods=("POST",))
    def ping(self, key: str) -> ResponseReturnValue:
        """Send a message that says nothing."""
        actor, number = access.current_actor(), row_id(key)
        transact(lambda: webhooks.ping_webhook(actor, number))
        return go_back(
            "webhooks.details_view", "A test is on its way. Reload to see how it went.", key=number
        )

    @expose("/<key>/enable", methods=("POST",))
    def enable(self, key: str) -> ResponseReturnValue:
        """Tell it again what happens."""
        actor, number = access.current_actor(), row_id(key)
        transact(lambda: webhooks.enable_webhook(actor, number))
        return go_back("webhooks.details_view", "The webhook receives events again.", key=number)

    @expose("/<key>/delete", methods=("POST",))
    def delete(self, key: str) -> ResponseReturnValue:
        """Tell it nothing more."""
        actor, number = access.current_actor(), row_id(key)
        endpoint = transact(lambda: webhooks.delete_webhook(actor, number))
        return go_back("webhooks.index_view", f"The webhook to {endpoint.url} is deleted.")

    @expose("/<key>/messages/<part>/replay", methods=("POST",))
    def replay(self, key: str, part: str) -> ResponseReturnValue:
        """Send one of its messages again."""
        actor, number, endpoint = access.current_actor(), row_id(part), _endpoint(key)
        sent = one_message(actor, number)
        if sent is None or sent.endpoint_id != endpoint.id:
            abort(404)
        transact(lambda: outgoing.replay_message(actor, number))
        return go_back("webhooks.details_view", "The message is on its way again.", key=endpoint.id)

    # ---- Forms

    def _new_form(self) -> NewWebhookForm:
        form = NewWebhookForm()
        form.platform_id.choices = [
            SelectChoice(int(key), name) for key, name in platform_choices(access.current_actor())
        ]
        return form

    def _form_page(
        self, form: WebhookForm, endpoint: WebhookEndpoint | None, status: int = 200
    ) -> ResponseReturnValue:
        action = url_for("webhooks.change", key=endpoint.id) if endpoint else url_for("webhooks.create")
        page = self.render(
            "admin/hw/outgoing/webhooks/form.html", form=form, endpoint=endpoint, action=action
        )
        return page, status

    def _shown_once(
        self, form: WebhookForm, operation: Callable[[], tuple[WebhookEndpoint, str]]
    ) -> ResponseReturnValue:
        if not form.validate():
            return self._form_page(form, None, 422)
        try:
            endpoint, secret = transact(operation)
        except InvalidInput as refusal:
            put_errors(form, refusal)
            return self._form_page(form, None, 422)
        return self._secret_page(endpoint, secret, is_new=True)

    def _secret_page(self, endpoint: WebhookEndpoint, secret: str, *, is_new: bool) -> ResponseReturnValue:
        # Not after a redirect: it would travel in the session's cookie, which is signed but not secret.
        return make_response(
            self.render(
                "admin/hw/outgoing/webhooks/secret.html", endpoint=endpoint, secret=secret, is_new=is_new
            )
        )


def _endpoint(key: str) -> WebhookEndpoint:
    found = webhook(access.current_actor(), row_id(key))
    if found is None:
        abort(404)
    return found


def _loopback() -> bool:
    settings: Settings = current_app.config["HWADMIN"]
    return settings.webhook_loopback
