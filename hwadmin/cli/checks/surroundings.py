"""Checks of what is around the database: settings, folder, disk, mail server, proxy."""

from __future__ import annotations

import http.client
import os
import shutil
import smtplib
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

from hwadmin.cli.checks.findings import Finding, fine, note, wrong
from hwadmin.config import Settings
from hwadmin.db import dialects
from hwadmin.outbox.mail_client import mail

_LEAST_BYTES = 1_000_000_000
_SECONDS = 5


def settings_fit(settings: Settings) -> Iterator[Finding]:
    """Whether the settings go together."""
    secure = settings.base_url.startswith("https://")
    before = True
    if not settings.production:
        yield note(
            "settings",
            "This is no production mode.",
            "Set HWADMIN_PRODUCTION=1 where real people work with it.",
        )
        before = False
    if settings.production and not secure:
        yield wrong(
            "settings",
            f"HWADMIN_BASE_URL is {settings.base_url}, so links in mail do not lead to a safe address.",
            "Set it to the https:// address that people type.",
        )
        before = False
    if secure and not settings.https:
        yield wrong(
            "settings",
            "Cookies also travel without TLS.",
            "Remove HWADMIN_HTTPS=0, or set HWADMIN_HTTPS=1.",
        )
        before = False
    if settings.production and settings.webhook_loopback:
        yield wrong("settings", "Webhooks may go to this machine itself.", "Remove HWADMIN_WEBHOOK_LOOPBACK.")
        before = False
    if settings.production and dialects.file_of(settings.database_url) is not None:
        yield note(
            "settings",
            "The database is a file on this machine.",
            "Use a database server where more than a few people work.",
        )
    if before:
        yield fine("settings", "The settings go together.")


def folder_is_safe(settings: Settings) -> Iterator[Finding]:
    """Whether the instance folder can be written, and its secret key is nobody else's."""
    if not os.access(settings.instance, os.W_OK):
        yield wrong(
            "folder",
            f"{settings.instance} cannot be written.",
            "Give it to the user that the product runs as, or set HWADMIN_INSTANCE.",
        )
        return
    key = settings.instance / "secret_key"
    if key.exists() and key.stat().st_mode & 0o077:
        yield wrong("folder", f"Others on this machine can read {key}.", f"Run chmod 600 {key}.")
        return
    yield fine("folder", f"{settings.instance} can be written.")


def disk_has_room(settings: Settings) -> Iterator[Finding]:
    """Whether there is room where the product writes."""
    places = {settings.instance}
    file = dialects.file_of(settings.database_url)
    if file is not None:
        places.add(file.parent)
    for place in sorted(places):
        free = shutil.disk_usage(place if place.exists() else Path("/")).free
        if free < _LEAST_BYTES:
            yield wrong(
                "disk",
                f"{free / 1e6:,.0f} MB are left where {place} is.",
                "Make room; hwadmin retention prune deletes what is no longer needed.",
            )
        else:
            yield fine("disk", f"{free / 1e9:,.1f} GB are left where {place} is.")


def mail_server_answers(settings: Settings) -> Iterator[Finding]:
    """Whether the mail server lets us in. Nothing is sent."""
    if not settings.smtp_url:
        action = "Set HWADMIN_SMTP_URL, so that mail leaves."
        sentence = f"Mail is written to files in {settings.instance / 'mail'}."
        yield wrong("mail", sentence, action) if settings.production else note("mail", sentence, action)
        return
    host = urlsplit(settings.smtp_url).hostname
    try:
        with mail.get_connection():
            pass
    except smtplib.SMTPAuthenticationError:
        yield wrong("mail", f"{host} refuses the password.", "Correct HWADMIN_SMTP_URL.")
    except (OSError, smtplib.SMTPException) as error:
        yield wrong(
            "mail",
            f"{host} does not answer as a mail server ({type(error).__name__}).",
            "Look at the server, and at host, port and scheme in HWADMIN_SMTP_URL.",
        )
    else:
        yield fine("mail", f"{host} takes mail from here.")


def address_leads_here(settings: Settings) -> Iterator[Finding]:
    """Whether the address that people type leads to the product, and the proxy passes on what it must."""
    parts = urlsplit(settings.base_url)
    if parts.scheme == "https" and not settings.proxies:
        yield wrong(
            "proxy",
            "People come by https, but HWADMIN_PROXIES is 0: everybody seems to come from the proxy.",
            "Set HWADMIN_PROXIES to the number of proxies in front, usually 1.",
        )
        return
    try:
        status, ours, safe = _answer(settings.base_url)
    except (OSError, http.client.HTTPException) as error:
        yield wrong(
            "proxy",
            f"{settings.base_url} does not answer from here ({type(error).__name__}).",
            "Look at the proxy and the web service; HWADMIN_BASE_URL must be what people type.",
        )
        return
    if status != http.HTTPStatus.OK or not ours:
        yield wrong(
            "proxy",
            f"{settings.base_url}/livez answers {status}, and not as this product does.",
            "Look which server that is, and at the name in HWADMIN_BASE_URL.",
        )
    elif parts.scheme == "https" and not safe:
        yield wrong(
            "proxy",
            "The product takes requests by https for http ones.",
            "Let the proxy set X-Forwarded-Proto, and HWADMIN_PROXIES be the number of proxies.",
        )
    else:
        yield fine("proxy", f"{settings.base_url} leads here.")


def _answer(base_url: str) -> tuple[int, bool, bool]:
    """Of /livez there: its status, whether it is this product's, and whether it knows of TLS."""
    parts = urlsplit(base_url)
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    connection = kind(parts.hostname or "", parts.port, timeout=_SECONDS)
    try:
        connection.request("GET", "/livez")
        answer = connection.getresponse()
        headers = answer.headers
        return answer.status, "X-Request-Id" in headers, "Strict-Transport-Security" in headers
    finally:
        connection.close()
