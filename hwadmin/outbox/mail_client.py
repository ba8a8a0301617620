"""Mail through Flask-Mailman: over SMTP, or into files where no server is named."""

from __future__ import annotations

import json
import smtplib
import tempfile
import time
from collections.abc import Sequence
from email.utils import format_datetime
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from flask import Flask, current_app
from flask_mailman import EmailMultiAlternatives, Mail
from flask_mailman.backends.base import BaseEmailBackend

from hwadmin.config import Settings
from hwadmin.domain.people import signed_links
from hwadmin.operations.orders.approvals.links import signed_token
from hwadmin.operations.people.password_links import PURPOSE
from hwadmin.outbox.mail_templates import OWN_LINK, approval_address, password_address
from hwadmin.outbox.queue import DeliveryResult, Task
from hwadmin.rendering.purchase_order import HEADER, as_rows, file_name
from hwadmin.rendering.purchase_order_pdf import as_pdf, order_of
from hwadmin.rendering.spreadsheets import csv_rows

FOLDER = "mail"
_TIMEOUT_SECONDS = 10
_PORTS = {"smtp": 25, "smtp+starttls": 587, "smtps": 465}

mail = Mail()


class EmlFiles(BaseEmailBackend):  # type: ignore[misc]
    """Writes each message to a file that any mail program opens, named by its Message-ID."""

    def send_messages(self, email_messages: Sequence[EmailMultiAlternatives]) -> int:
        """Write the messages. A repeated one takes the place of the first."""
        settings: Settings = current_app.config["HWADMIN"]
        folder = settings.instance / FOLDER
        folder.mkdir(parents=True, exist_ok=True)
        for message in email_messages:
            name = message.extra_headers["Message-ID"].strip("<>").partition("@")[0]
            # Written aside and moved: nobody ever reads half a message.
            with tempfile.NamedTemporaryFile("wb", dir=folder, suffix=".part", delete=False) as file:
                file.write(message.message().as_bytes(linesep="\r\n"))
            Path(file.name).replace(folder / f"{name}.eml")
        return len(email_messages)


def configure(app: Flask, settings: Settings) -> None:
    """Tell Flask-Mailman where mail goes."""
    app.config.setdefault("MAIL_DEFAULT_SENDER", settings.mail_from)
    app.config.setdefault("MAIL_TIMEOUT", _TIMEOUT_SECONDS)
    if settings.smtp_url:
        parts = urlsplit(settings.smtp_url)
        app.config.from_mapping(
            MAIL_BACKEND="smtp",
            MAIL_SERVER=parts.hostname,
            MAIL_PORT=parts.port or _PORTS[parts.scheme],
            MAIL_USERNAME=unquote(parts.username) if parts.username else None,
            MAIL_PASSWORD=unquote(parts.password) if parts.password else None,
            MAIL_USE_TLS=parts.scheme == "smtp+starttls",
            MAIL_USE_SSL=parts.scheme == "smtps",
        )
    else:
        app.config["MAIL_BACKEND"] = EmlFiles
    mail.init_app(app)


def message_id(uid: str) -> str:
    """The Message-ID of a mail: the same at every attempt, so that a repetition is recognised."""
    settings: Settings = current_app.config["HWADMIN"]
    return f"<{uid}@{urlsplit(settings.base_url).hostname or 'localhost'}>"


def composed(task: Task, connection: BaseEmailBackend) -> EmailMultiAlternatives:
    """The mail as it is sent: text, and the same in HTML."""
    parts: dict[str, Any] = with_own_link(json.loads(task.payload))
    purchase_order = parts.get("purchase_order")
    headers = {"Message-ID": message_id(task.uid), "Date": format_datetime(task.created_at)}
    if purchase_order is None:
        # So that no out-of-office answer comes back. Whoever is sent an order shall answer.
        headers["Auto-Submitted"] = "auto-generated"
    message = EmailMultiAlternatives(
        subject=task.subject,
        body=parts["text"],
        to=[task.recipient],
        reply_to=[parts["reply_to"]] if parts.get("reply_to") else None,
        headers=headers,
        connection=connection,
    )
    message.attach_alternative(parts["html"], "text/html")
    if purchase_order is not None:
        _attach(message, purchase_order, parts["made"])
    return message


def _attach(message: EmailMultiAlternatives, document: dict[str, Any], made: str) -> None:
    """Attach the purchase order, drawn as the mail leaves from what it was when it was sent."""
    order = order_of(document)
    message.attach(file_name(order, "pdf"), as_pdf(order, made), "application/pdf")
    rows = b"".join(csv_rows(HEADER, as_rows(order)))
    message.attach(file_name(order, "csv"), rows, "text/csv")


def with_own_link(parts: dict[str, Any]) -> dict[str, Any]:
    """The mail with its receiver's own link. It is made when the mail leaves and stored nowhere."""
    secret_key = current_app.config["HWADMIN"].secret_key
    if approval := parts.get("approval"):
        token = signed_token(secret_key, approval["request"], approval["seed"])
        link = approval_address(approval["reference"], token)
    elif password := parts.get("password"):
        token = signed_links.signed_token(secret_key, PURPOSE, password["link"], password["seed"])
        link = password_address(token)
    else:
        return parts
    return parts | {form: parts[form].replace(OWN_LINK, link) for form in ("text", "html")}


def send_mail(task: Task) -> DeliveryResult:
    """Hand a mail over to the server once and return the result."""
    started = time.monotonic()
    problem, final = None, False
    try:
        # Closed whatever happens, which Flask-Mailman leaves undone where a message is refused.
        with mail.get_connection() as connection:
            composed(task, connection).send()
    except smtplib.SMTPRecipientsRefused as error:
        code, text = next(iter(error.recipients.values()))
        problem, final = f"The mail server refused the recipient: {_reply(code, text)}", code >= 500
    except smtplib.SMTPResponseException as error:
        # A wrong password is ours to mend, not the message's fault.
        final = error.smtp_code >= 500 and not isinstance(error, smtplib.SMTPAuthenticationError)
        problem = f"The mail server refused: {_reply(error.smtp_code, error.smtp_error)}"
    except (OSError, smtplib.SMTPException) as error:
        problem = f"The mail server cannot be reached: {error}"
    except ValueError as error:
        problem, final = f"This cannot be sent: {error}", True
    return DeliveryResult(
        delivered=problem is None,
        problem=problem[:500] if problem else None,
        final=final,
        milliseconds=int((time.monotonic() - started) * 1000),
    )


def _reply(code: int, text: bytes | str) -> str:
    return f"{code} {text.decode('utf-8', 'replace') if isinstance(text, bytes) else text}"
