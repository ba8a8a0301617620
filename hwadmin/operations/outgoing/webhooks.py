"""A platform's webhooks: the addresses of its own programs, which receive messages about what happens."""

from __future__ import annotations

import base64
import json
import secrets
import uuid
from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import func, select

from hwadmin.clock import utcnow
from hwadmin.db.extensions import db
from hwadmin.domain import webhook_urls
from hwadmin.domain.event_kinds import EventType
from hwadmin.domain.permissions import Actor, Permission, require
from hwadmin.domain.text_validation import Problems, refuse
from hwadmin.domain.webhook_urls import ForbiddenDestination
from hwadmin.errors import NotFound, WrongState
from hwadmin.models import MessageKind, OutgoingMessage, Platform, WebhookEndpoint
from hwadmin.operations.audit.outgoing_events import (
    record_webhook_changed,
    record_webhook_created,
    record_webhook_deleted,
    record_webhook_disabled,
)
from hwadmin.queries.scope import find

# The former secret signs beside the new one for so long, so that the receiver can change over.
OVERLAP = timedelta(hours=24)
MOST_PER_PLATFORM = 20
PING = "webhook.ping"


def create_webhook(
    actor: Actor,
    platform_id: int,
    *,
    url: str,
    event_types: Sequence[str] | None = None,
    description: str | None = None,
    allow_loopback: bool = False,
) -> tuple[WebhookEndpoint, str]:
    """Create a webhook: a platform's program receives messages at its address.

    Args:
        actor: who sets it up.
        platform_id: the platform whose orders and devices the messages are about.
        url: https, on the public Internet.
        event_types: the types of events it receives; None for all.
        description: what it is, for people.
        allow_loopback: whether the address may be this machine's own.

    Returns:
        The webhook, and the secret its messages are signed with, to be shown this once.

    Raises:
        NotAllowed, NotFound: nothing was done.
        InvalidInput: at ``url``, ``event_types`` or ``description``.
        WrongState: the platform has too many already.
    """
    require(actor, Permission.WEBHOOKS_WRITE)
    # Locked, so that two at once do not both find room for the last one.
    platform = find(actor, Platform, platform_id, lock=True, lets_others_refer=True)
    checked = _checked(url, event_types, description, allow_loopback)
    present = db.session.scalar(
        select(func.count(WebhookEndpoint.id)).where(
            WebhookEndpoint.platform_id == platform.id, WebhookEndpoint.deleted_at.is_(None)
        )
    )
    if (present or 0) >= MOST_PER_PLATFORM:
        raise WrongState(f"{platform.name} has {MOST_PER_PLATFORM} webhooks, which is the most there can be.")
    secret = _new_secret()
    endpoint = WebhookEndpoint(
        platform_id=platform.id,
        url=checked[0],
        event_types=checked[1],
        description=checked[2],
        secret=secret,
        created_at=utcnow(),
        created_by_name=actor.name,
    )
    db.session.add(endpoint)
    db.session.flush()
    record_webhook_created(actor, endpoint)
    return endpoint, secret


def change_webhook(
    actor: Actor,
    endpoint_id: int,
    *,
    url: str,
    event_types: Sequence[str] | None = None,
    description: str | None = None,
    allow_loopback: bool = False,
) -> WebhookEndpoint:
    """Change a webhook's address, its types of events, or its description.

    Messages that wait for it go to the new address.

    Raises:
        NotAllowed, NotFound, InvalidInput: nothing was done.
    """
    endpoint = _found(actor, endpoint_id)
    url, event_types, description = _checked(url, event_types, description, allow_loopback)
    changes = []
    if endpoint.url != url:
        changes.append(f"address {endpoint.url} → {url}")
        endpoint.silent_since = endpoint.paused_until = None
    if endpoint.event_types != event_types:
        changes.append(f"told of {', '.join(event_types) if event_types else 'everything'}")
    if endpoint.description != description:
        changes.append("description")
    endpoint.url, endpoint.event_types, endpoint.description = url, event_types, description
    if changes:
        record_webhook_changed(
            actor, endpoint, f"Changed the webhook to {endpoint.url}: {'; '.join(changes)}"
        )
    return endpoint


def rotate_secret(actor: Actor, endpoint_id: int) -> tuple[WebhookEndpoint, str]:
    """Give a webhook a new secret. For a day its messages are signed with the former one as well.

    Returns:
        The webhook, and the new secret, to be shown this once.

    Raises:
        NotAllowed, NotFound: nothing was done.
    """
    endpoint = _found(actor, endpoint_id)
    endpoint.former_secret, endpoint.former_until = endpoint.secret, utcnow() + OVERLAP
    endpoint.secret = secret = _new_secret()
    record_webhook_changed(actor, endpoint, f"Gave the webhook to {endpoint.url} a new secret")
    return endpoint, secret


def enable_webhook(actor: Actor, endpoint_id: int) -> WebhookEndpoint:
    """Enable a disabled webhook: it receives what happens from now on.

    Raises:
        NotAllowed, NotFound: nothing was done.
        WrongState: it is not disabled.
    """
    endpoint = _found(actor, endpoint_id)
    if endpoint.disabled_at is None:
        raise WrongState(f"The webhook to {endpoint.url} is not disabled.")
    endpoint.disabled_at = endpoint.disabled_reason = None
    endpoint.silent_since = endpoint.paused_until = None
    record_webhook_changed(actor, endpoint, f"Enabled the webhook to {endpoint.url} again")
    return endpoint


def disable_webhook(actor: Actor, endpoint: WebhookEndpoint, reason: str) -> None:
    """Disable a webhook: its receiver refused it, nobody has answered for days, or somebody asked for that.

    Args:
        actor: who notices or wants it.
        endpoint: the webhook, locked.
        reason: a sentence for people.
    """
    if not endpoint.is_open:
        return
    endpoint.disabled_at, endpoint.disabled_reason = utcnow(), reason
    record_webhook_disabled(actor, endpoint, reason=reason)


def delete_webhook(actor: Actor, endpoint_id: int) -> WebhookEndpoint:
    """Remove a webhook and forget its secret. What was sent to it stays in the log.

    Raises:
        NotAllowed, NotFound: nothing was done.
    """
    endpoint = _found(actor, endpoint_id)
    endpoint.deleted_at = utcnow()
    endpoint.secret = endpoint.former_secret = endpoint.former_until = None
    record_webhook_deleted(actor, endpoint)
    return endpoint


def ping_webhook(actor: Actor, endpoint_id: int) -> OutgoingMessage:
    """Send a webhook a test message without content.

    Raises:
        NotAllowed, NotFound: nothing was done.
        WrongState: it is disabled.
    """
    endpoint = _found(actor, endpoint_id)
    if not endpoint.is_open:
        raise WrongState(f"The webhook to {endpoint.url} is disabled; enable it first.")
    now = utcnow()
    body = {"type": PING, "timestamp": now.isoformat().replace("+00:00", "Z"), "data": {}}
    message = OutgoingMessage(
        uid=f"msg_{uuid.uuid4().hex}",
        kind=MessageKind.WEBHOOK,
        type=PING,
        platform_id=endpoint.platform_id,
        endpoint_id=endpoint.id,
        recipient=endpoint.url,
        subject="Test",
        payload=json.dumps(body),
        created_at=now,
        next_at=now,
    )
    db.session.add(message)
    return message


def _found(actor: Actor, endpoint_id: int) -> WebhookEndpoint:
    require(actor, Permission.WEBHOOKS_WRITE)
    endpoint = find(actor, WebhookEndpoint, endpoint_id, lock=True)
    if endpoint.deleted_at is not None:
        raise NotFound("There is no such webhook.")
    return endpoint


def _checked(
    url: str, event_types: Sequence[str] | None, description: str | None, allow_loopback: bool
) -> tuple[str, list[str] | None, str]:
    problems = Problems()
    address = problems.text(
        "url", url, most=webhook_urls.MOST_CHARACTERS, required="Say where the messages go."
    )
    if address and not problems.errors:
        try:
            webhook_urls.read(address, allow_loopback=allow_loopback)
        except ForbiddenDestination as refusal:
            problems.add("url", str(refusal))
    chosen = None
    if event_types is not None:
        known = EventType.labels()
        unknown = [kind for kind in event_types if kind not in known]
        if unknown:
            problems.add("event_types", f"There is no event “{unknown[0][:60]}”.")
        elif not event_types:
            problems.add("event_types", "Choose at least one event, or all of them.")
        chosen = [kind for kind in known if kind in event_types]
    text = problems.text("description", description, most=200) or ""
    refuse(problems)
    return address or "", chosen, text


def _new_secret() -> str:
    """256 random bits, as Standard Webhooks writes a secret."""
    return "whsec_" + base64.b64encode(secrets.token_bytes(32)).decode()
