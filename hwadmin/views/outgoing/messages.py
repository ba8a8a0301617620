"""Outgoing messages: what is waiting, what failed, what was delivered, for super-admins."""

from __future__ import annotations

import json
from typing import Any

from flask import abort, request
from flask.typing import ResponseReturnValue
from flask_admin import expose

from hwadmin.db.unit_of_work import transact
from hwadmin.domain.event_kinds import EventType, MailType
from hwadmin.domain.permissions import Permission
from hwadmin.models import MessageKind, OutgoingMessage, order_id_of, reference
from hwadmin.operations.outgoing import messages as outgoing
from hwadmin.queries.accounts.accounts import platform_choices
from hwadmin.queries.outgoing.messages import STATES, MessageFilter, is_any, message, messages
from hwadmin.web import access
from hwadmin.web.admin_views import GuardedView, row_id
from hwadmin.web.layout import go_back

_KINDS = {MessageKind.WEBHOOK.value: "Webhooks", MessageKind.MAIL.value: "Mail"}


class OutgoingView(GuardedView):
    """What left the system, or could not."""

    permissions = {
        "index_view": Permission.OUTGOING_READ,
        "details_view": Permission.OUTGOING_READ,
        "replay": Permission.OUTGOING_REPLAY,
    }

    def __init__(self) -> None:
        super().__init__(name="Outgoing messages", endpoint="outgoing", url="/outgoing")

    @expose("/")
    def index_view(self) -> ResponseReturnValue:
        """The newest messages of a state."""
        actor = access.current_actor()
        state = request.args.get("state", "")
        if state not in STATES:
            state = STATES[0]
        words = _words()
        before = request.args.get("before", "")
        found, more = messages(
            actor, _message_filter(state, words), before=row_id(before) if before else None
        )
        page: str = self.render(
            "admin/hw/outgoing/messages/list.html",
            messages=found,
            older_than=more,
            states=STATES,
            state=state,
            any_failed=is_any("failed"),
            words=words,
            kinds=_KINDS,
            platforms=platform_choices(actor),
            types=EventType.labels() | MailType.labels(),
            reference=reference,
        )
        return page

    @expose("/<key>/")
    def details_view(self, key: str) -> ResponseReturnValue:
        """One message, with every attempt to deliver it."""
        found = message(access.current_actor(), row_id(key))
        if found is None:
            abort(404)
        page: str = self.render(
            "admin/hw/outgoing/messages/details.html",
            message=found,
            content=_content(found),
            types=EventType.labels() | MailType.labels(),
            reference=reference(found.order_id) if found.order_id else None,
        )
        return page

    @expose("/<key>/replay", methods=("POST",))
    def replay(self, key: str) -> ResponseReturnValue:
        """Send a message once more."""
        actor, number = access.current_actor(), row_id(key)
        transact(lambda: outgoing.replay_message(actor, number))
        return go_back("outgoing.details_view", "The message is on its way again.", key=number)


def _words() -> dict[str, str]:
    """The filter as it was asked for; what cannot be meant is left out."""
    words = {name: request.args.get(name, "").strip()[:100] for name in ("kind", "platform", "order", "q")}
    return {name: word for name, word in words.items() if word and word.isprintable()}


def _message_filter(state: str, words: dict[str, str]) -> MessageFilter:
    platform, order = words.get("platform", ""), words.get("order")
    return MessageFilter(
        state=state,
        kind=MessageKind(words["kind"]) if words.get("kind") in _KINDS else None,
        platform_id=int(platform)
        if platform.isascii() and platform.isdigit() and len(platform) <= 18
        else None,
        # Words that are no order's find none.
        order_id=(order_id_of(order) or 0) if order else None,
        recipient=words.get("q"),
    )


def _content(message: OutgoingMessage) -> str:
    """What is sent, as people read it."""
    sent: Any = json.loads(message.payload)
    if message.kind is MessageKind.MAIL:
        return str(sent["text"])
    return json.dumps(sent, ensure_ascii=False, indent=2)
