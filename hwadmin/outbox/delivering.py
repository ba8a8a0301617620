"""One attempt to deliver a message. No transaction is open meanwhile."""

from __future__ import annotations

from standardwebhooks import Webhook

from hwadmin.clock import utcnow
from hwadmin.models import MessageKind
from hwadmin.outbox.mailing import send_mail
from hwadmin.outbox.posting import Poster
from hwadmin.outbox.queue import GONE, Result, Task


def deliver(task: Task, poster: Poster) -> Result:
    """Deliver a message once, and say what came of it."""
    if task.closed is not None:
        return Result(delivered=False, problem=task.closed, final=True)
    return send_mail(task) if task.kind is MessageKind.MAIL else _post(task, poster)


def _post(task: Task, poster: Poster) -> Result:
    now = utcnow()
    signatures = (Webhook(secret).sign(task.uid, now, task.payload) for secret in task.secrets)
    answer = poster.post(
        task.recipient,
        task.payload.encode(),
        {
            "Content-Type": "application/json",
            "User-Agent": "hwadmin-webhooks/1",
            "webhook-id": task.uid,
            "webhook-timestamp": str(int(now.timestamp())),
            # While a secret is changed over, both sign; the receiver needs one that fits.
            "webhook-signature": " ".join(signatures),
        },
    )
    if answer.status is None:
        return Result(delivered=False, problem=answer.problem, milliseconds=answer.milliseconds, silent=True)
    delivered = 200 <= answer.status < 300
    problem = f"Answered {answer.status}."
    if 300 <= answer.status < 400:
        problem = f"Answered {answer.status}: redirects are not followed; change the address instead."
    return Result(
        delivered=delivered,
        problem=None if delivered else problem,
        answer=answer.status,
        excerpt=answer.excerpt,
        milliseconds=answer.milliseconds,
        final=answer.status == GONE,
    )
