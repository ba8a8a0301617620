"""One attempt to deliver a message. No transaction is open meanwhile."""

from __future__ import annotations

from standardwebhooks import Webhook

from hwadmin.clock import utcnow
from hwadmin.models import MessageKind
from hwadmin.outbox.mail_client import send_mail
from hwadmin.outbox.queue import GONE, DeliveryResult, Task
from hwadmin.outbox.webhook_client import WebhookClient


def deliver(task: Task, client: WebhookClient) -> DeliveryResult:
    """Deliver a message once and return the result."""
    if task.closed is not None:
        return DeliveryResult(delivered=False, problem=task.closed, final=True)
    return send_mail(task) if task.kind is MessageKind.MAIL else _post(task, client)


def _post(task: Task, client: WebhookClient) -> DeliveryResult:
    now = utcnow()
    signatures = (Webhook(secret).sign(task.uid, now, task.payload) for secret in task.secrets)
    response = client.post(
        task.recipient,
        task.payload.encode(),
        {
            "Content-Type": "application/json",
            "User-Agent": "hwadmin-webhooks/1",
            "webhook-id": task.uid,
            "webhook-timestamp": str(int(now.timestamp())),
            # While a secret is changed, both sign; one valid signature is enough for the receiver.
            "webhook-signature": " ".join(signatures),
        },
    )
    if response.status is None:
        return DeliveryResult(
            delivered=False, problem=response.problem, milliseconds=response.milliseconds, silent=True
        )
    delivered = 200 <= response.status < 300
    problem = f"Answered {response.status}."
    if 300 <= response.status < 400:
        problem = f"Answered {response.status}: redirects are not followed; change the address instead."
    return DeliveryResult(
        delivered=delivered,
        problem=None if delivered else problem,
        answer=response.status,
        excerpt=response.excerpt,
        milliseconds=response.milliseconds,
        final=response.status == GONE,
    )
