"""Settings, read once from the environment. The only reader of ``os.environ``."""

from __future__ import annotations

import contextlib
import os
import secrets
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit


class ConfigurationError(RuntimeError):
    """The environment does not allow a safe start; the sentence says what to set."""


def _flag(environ: Mapping[str, str], name: str, default: bool) -> bool:
    value = environ.get(name, "").strip().lower()
    if not value:
        return default
    if value in {"1", "true", "yes", "on"}:
        return True
    if value in {"0", "false", "no", "off"}:
        return False
    raise ConfigurationError(f"{name} must be 1 or 0, not {value!r}.")


def _number(environ: Mapping[str, str], name: str, default: int) -> int:
    value = environ.get(name, "").strip()
    try:
        return int(value) if value else default
    except ValueError:
        raise ConfigurationError(f"{name} must be a whole number, not {value!r}.") from None


def _database_url(value: str) -> str:
    # What hosting providers hand out, translated to the driver we ship.
    for prefix in ("postgres://", "postgresql://"):
        if value.startswith(prefix):
            return "postgresql+psycopg://" + value.removeprefix(prefix)
    return value


def _address(environ: Mapping[str, str], name: str, schemes: set[str]) -> str:
    value = environ.get(name, "").strip().rstrip("/")
    try:
        parts = urlsplit(value)
        fits = not value or (parts.scheme in schemes and bool(parts.hostname) and parts.port != 0)
    except ValueError:
        fits = False
    if not fits:
        # Not the value itself: it may hold a password.
        raise ConfigurationError(f"{name} must begin with {' or '.join(sorted(schemes))}:// and name a host.")
    return value


def _sender(environ: Mapping[str, str], name: str) -> str:
    value = environ.get(name, "").strip()
    if value and (not value.isprintable() or "@" not in value):
        raise ConfigurationError(f'{name} must be an e-mail address, such as "Orders <orders@example.com>".')
    return value


_BASE_URL = "http://127.0.0.1:8000"
_MAIL_FROM = "Hardware Orders <hwadmin@localhost>"


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything the deployment decides. See the README for each variable's meaning."""

    database_url: str
    secret_key: str
    instance: Path
    production: bool = False
    https: bool = False
    proxies: int = 0
    idle_minutes: int = 30
    session_hours: int = 12
    # Per token and worker; see hwadmin/api/limits.py.
    api_requests_per_minute: int = 600
    # The same for the tokens of directories: Entra alone sends some 25 requests a second.
    scim_requests_per_minute: int = 3000
    # What people type to get here, for links in mail.
    base_url: str = _BASE_URL
    # Empty: mail is written to files in the instance folder instead.
    smtp_url: str = ""
    mail_from: str = _MAIL_FROM
    # For how many days ended messages and failed sign-ins are kept; see hwadmin/operations/retention.py.
    keep_messages_days: int = 90
    keep_failed_sign_ins_days: int = 30
    # Lets webhooks go to this machine itself, for trying out.
    webhook_loopback: bool = False

    @classmethod
    def from_env(cls, environ: Mapping[str, str] | None = None) -> Settings:
        """Read the settings.

        Raises:
            ConfigurationError: in production without a secret key of 32 characters or more, or where a
                value makes no sense.
        """
        environ = os.environ if environ is None else environ
        production = _flag(environ, "HWADMIN_PRODUCTION", False)
        instance = Path(
            environ.get("HWADMIN_INSTANCE") or Path(__file__).resolve().parent.parent / "instance"
        )
        secret_key = environ.get("HWADMIN_SECRET_KEY", "")
        if production and len(secret_key) < 32:
            raise ConfigurationError(
                "Set HWADMIN_SECRET_KEY to 32 or more random characters before starting in production, "
                'for example with: python -c "import secrets; print(secrets.token_urlsafe(48))"'
            )
        if not secret_key:
            secret_key = _kept_secret(instance)
        return cls(
            database_url=_database_url(
                environ.get("HWADMIN_DATABASE_URL") or f"sqlite:///{instance / 'hwadmin.sqlite3'}"
            ),
            secret_key=secret_key,
            instance=instance,
            production=production,
            https=_flag(environ, "HWADMIN_HTTPS", production),
            proxies=_number(environ, "HWADMIN_PROXIES", 0),
            idle_minutes=_number(environ, "HWADMIN_IDLE_MINUTES", 30),
            session_hours=_number(environ, "HWADMIN_SESSION_HOURS", 12),
            api_requests_per_minute=_number(environ, "HWADMIN_API_REQUESTS_PER_MINUTE", 600),
            scim_requests_per_minute=_number(environ, "HWADMIN_SCIM_REQUESTS_PER_MINUTE", 3000),
            base_url=_address(environ, "HWADMIN_BASE_URL", {"http", "https"}) or _BASE_URL,
            smtp_url=_address(environ, "HWADMIN_SMTP_URL", {"smtp", "smtp+starttls", "smtps"}),
            mail_from=_sender(environ, "HWADMIN_MAIL_FROM") or _MAIL_FROM,
            keep_messages_days=_number(environ, "HWADMIN_KEEP_MESSAGES_DAYS", 90),
            keep_failed_sign_ins_days=_number(environ, "HWADMIN_KEEP_FAILED_SIGN_INS_DAYS", 30),
            webhook_loopback=_flag(environ, "HWADMIN_WEBHOOK_LOOPBACK", False),
        )


def _kept_secret(instance: Path) -> str:
    """A random key kept beside the embedded database, so a restart signs nobody out."""
    instance.mkdir(parents=True, exist_ok=True)
    path = instance / "secret_key"
    if not path.exists():
        # Written aside and linked: of several workers starting at once, one wins and all read the same.
        with tempfile.NamedTemporaryFile("w", dir=instance, prefix="secret_key.") as file:
            file.write(secrets.token_urlsafe(48))
            file.flush()
            with contextlib.suppress(FileExistsError):
                os.link(file.name, path)
    return path.read_text()
