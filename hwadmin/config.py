"""Settings, read once from the environment. The only reader of ``os.environ``."""

from __future__ import annotations

import contextlib
import os
import re
import secrets
import tempfile
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
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
    scheme, _, rest = value.partition("://")
    if scheme not in ("postgres", "postgresql", "postgresql+psycopg", "sqlite"):
        raise ConfigurationError("HWADMIN_DATABASE_URL must begin with postgresql:// or sqlite:///.")
    # What hosting providers hand out, translated to the driver we ship.
    return value if scheme == "sqlite" else f"postgresql+psycopg://{rest}"


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


def _names(environ: Mapping[str, str], name: str) -> tuple[str, ...]:
    names = tuple(part.strip().lower() for part in environ.get(name, "").split(",") if part.strip())
    for part in names:
        if not re.fullmatch(r"\.?[a-z0-9-]+(\.[a-z0-9-]+)*", part):
            raise ConfigurationError(f"{name} must be host names with commas between them, without ports.")
    return names


def _sender(environ: Mapping[str, str], name: str) -> str:
    value = environ.get(name, "").strip()
    if value and (not value.isprintable() or "@" not in value):
        raise ConfigurationError(f'{name} must be an e-mail address, such as "Orders <orders@example.com>".')
    return value


def _lines(environ: Mapping[str, str], name: str) -> str:
    """A text of several lines, which an environment file writes in one, with | between them."""
    lines = [line.strip() for line in environ.get(name, "").replace("|", "\n").splitlines()]
    if not all(line.isprintable() for line in lines):
        raise ConfigurationError(f"{name} must be plain text, its lines separated by |.")
    return "\n".join(line for line in lines if line)


def _token(environ: Mapping[str, str], name: str) -> str:
    value = environ.get(name, "").strip()
    if value and not (len(value) >= 16 and value.isascii() and value.isprintable() and " " not in value):
        raise ConfigurationError(f"{name} must be 16 or more letters, digits and signs without spaces.")
    return value


def _word(environ: Mapping[str, str], name: str, words: tuple[str, ...], default: str) -> str:
    value = environ.get(name, "").strip().lower()
    if value and value not in words:
        raise ConfigurationError(f"{name} must be one of {', '.join(words)}, not {value!r}.")
    return value or default


@dataclass(frozen=True, slots=True)
class IdentityProvider:
    """A company's identity provider, by which its people sign in over OpenID Connect."""

    # In the addresses of the pages, and in what is stored about whom it let in.
    key: str
    name: str
    # As the provider writes it: compared letter by letter.
    issuer: str
    client_id: str
    client_secret: str = field(repr=False)
    # Whose e-mail addresses sign in there and have no password here.
    domains: tuple[str, ...] = ()
    # What is asked for besides openid, profile and email.
    scopes: tuple[str, ...] = ()
    # Whether it asks for a second factor itself, or what its tokens say where it did, such as amr=mfa.
    second_factor: bool | tuple[str, ...] = False


def is_on_this_machine(url: str) -> bool:
    """Whether an address leads to this machine itself, where TLS adds nothing."""
    return urlsplit(url).hostname in {"localhost", "127.0.0.1", "::1"}


def _providers(path: str) -> tuple[IdentityProvider, ...]:
    """The identity providers that a TOML file names, a table for each."""
    if not path:
        return ()
    try:
        tables = tomllib.loads(Path(path).read_text())
    except (OSError, ValueError) as error:
        raise ConfigurationError(f"HWADMIN_SIGN_IN_PROVIDERS: {path} cannot be read: {error}") from None
    providers = tuple(_provider(key, table) for key, table in tables.items())
    domains = [domain for provider in providers for domain in provider.domains]
    if len(set(domains)) < len(domains) or len({row.issuer for row in providers}) < len(providers):
        raise ConfigurationError("HWADMIN_SIGN_IN_PROVIDERS: two providers share a domain or an issuer.")
    return providers


def _provider(key: str, table: Any) -> IdentityProvider:
    where = f"HWADMIN_SIGN_IN_PROVIDERS: [{key}]"
    if not re.fullmatch(r"[a-z][a-z0-9-]{0,39}", key) or not isinstance(table, dict):
        raise ConfigurationError(f"{where} must be a table named by small letters, digits and hyphens.")
    texts = {name: table.pop(name, "") for name in ("name", "issuer", "client_id", "client_secret")}
    lists = {name: table.pop(name, []) for name in ("domains", "scopes")}
    second_factor = table.pop("second_factor", False)
    lists["second_factor"] = second_factor if isinstance(second_factor, list) else []
    if table:
        raise ConfigurationError(f"{where} has entries that mean nothing: {', '.join(table)}.")
    if not all(isinstance(text, str) and text.strip() for text in texts.values()):
        raise ConfigurationError(f"{where} needs name, issuer, client_id and client_secret, as texts.")
    if not all(isinstance(of, list) and all(isinstance(text, str) for text in of) for of in lists.values()):
        raise ConfigurationError(f"{where}: {', '.join(lists)} must be lists of texts.")
    if not isinstance(second_factor, bool | list) or not all("=" in of for of in lists["second_factor"]):
        raise ConfigurationError(f"{where}: second_factor is true or false, or claims such as amr=mfa.")
    if not texts["issuer"].startswith("https://") and not is_on_this_machine(texts["issuer"]):
        raise ConfigurationError(f"{where}: issuer must begin with https://.")
    domains = tuple(domain.strip().lower().removeprefix("@") for domain in lists["domains"])
    second_factor = tuple(lists["second_factor"]) or second_factor is True
    return IdentityProvider(
        key, **texts, domains=domains, scopes=tuple(lists["scopes"]), second_factor=second_factor
    )


_BASE_URL = "http://127.0.0.1:8000"
_MAIL_FROM = "Hardware Orders <hwadmin@localhost>"


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything the deployment decides. docs/admin/configuration.md says what each means."""

    database_url: str
    secret_key: str
    instance: Path
    production: bool = False
    https: bool = False
    proxies: int = 0
    # For how long one request may wait for locks, in seconds; the web server lets it live for 30.
    request_seconds: float = 12.0
    idle_minutes: int = 30
    session_hours: int = 12
    # Per token, all workers of a machine together; see hwadmin/web/http/rate_limit.py.
    api_requests_per_minute: int = 600
    # The same for the tokens of directories: Entra alone sends some 25 requests a second.
    scim_requests_per_minute: int = 3000
    # Lists that a person may send in a minute, and searches; see hwadmin/web/http/person_limits.py.
    uploads_per_minute: int = 30
    searches_per_minute: int = 3_000
    # Whether super-admins must have a second factor, and for how many days they may put it off.
    second_factor_required: bool = False
    second_factor_grace_days: int = 14
    send_proof_above: int = 0  # In units of an order's currency: above it sending asks for a fresh proof.
    # By which people sign in without a password of ours.
    providers: tuple[IdentityProvider, ...] = ()
    # The e-mail address of the super-admin who can sign in when a provider cannot be reached.
    break_glass: str = ""
    # What people type to get here, for links in mail.
    base_url: str = _BASE_URL
    # The names this server answers to, beside that of the base URL and this machine's own.
    trusted_hosts: tuple[str, ...] = ()
    # Empty: mail is written to files in the instance folder instead.
    smtp_url: str = ""
    mail_from: str = _MAIL_FROM
    # Who buys, for purchase orders: name and address, a line each.
    buyer: str = ""
    # For how long “I am placing this” is good, unless it is repeated.
    claim_minutes: int = 30
    # For how many days ended messages and failed sign-ins are kept: operations/outgoing/retention.py.
    keep_messages_days: int = 90
    keep_failed_sign_ins_days: int = 30
    # Lets webhooks go to this machine itself, for trying out.
    webhook_loopback: bool = False
    # Whoever asks for /metrics sends it as a bearer token; empty: there is no /metrics.
    metrics_token: str = ""
    # "json", or "text" for people.
    log_format: str = "text"
    log_level: str = "info"
    # What takes longer is logged as slow, in milliseconds; 0: nothing is.
    slow_request_ms: int = 1000
    slow_statement_ms: int = 500

    @classmethod
    def from_env(cls, environ: Mapping[str, str] | None = None) -> Settings:
        """Read the settings.

        Raises:
            ConfigurationError: in production without a secret key of 32 characters or more, or where a
                value makes no sense.
        """
        environ = os.environ if environ is None else environ
        production = _flag(environ, "HWADMIN_PRODUCTION", False)
        instance = Path(environ.get("HWADMIN_INSTANCE") or Path(__file__).resolve().parents[1] / "instance")
        url = environ.get("HWADMIN_DATABASE_URL") or f"sqlite:///{instance / 'hwadmin.sqlite3'}"
        return cls(
            database_url=_database_url(url),
            secret_key=_secret_key(environ, instance, production=production),
            instance=instance,
            production=production,
            https=_flag(environ, "HWADMIN_HTTPS", production),
            proxies=_number(environ, "HWADMIN_PROXIES", 0),
            request_seconds=_number(environ, "HWADMIN_REQUEST_SECONDS", 12),
            idle_minutes=_number(environ, "HWADMIN_IDLE_MINUTES", 30),
            session_hours=_number(environ, "HWADMIN_SESSION_HOURS", 12),
            api_requests_per_minute=_number(environ, "HWADMIN_API_REQUESTS_PER_MINUTE", 600),
            uploads_per_minute=_number(environ, "HWADMIN_UPLOADS_PER_MINUTE", 30),
            searches_per_minute=_number(environ, "HWADMIN_SEARCHES_PER_MINUTE", 3_000),
            scim_requests_per_minute=_number(environ, "HWADMIN_SCIM_REQUESTS_PER_MINUTE", 3000),
            second_factor_required=_flag(environ, "HWADMIN_SECOND_FACTOR_REQUIRED", production),
            second_factor_grace_days=_number(environ, "HWADMIN_SECOND_FACTOR_GRACE_DAYS", 14),
            send_proof_above=_number(environ, "HWADMIN_SEND_PROOF_ABOVE", 0),
            providers=_providers(environ.get("HWADMIN_SIGN_IN_PROVIDERS", "").strip()),
            break_glass=_sender(environ, "HWADMIN_BREAK_GLASS").lower(),
            base_url=_address(environ, "HWADMIN_BASE_URL", {"http", "https"}) or _BASE_URL,
            trusted_hosts=_names(environ, "HWADMIN_TRUSTED_HOSTS"),
            smtp_url=_address(environ, "HWADMIN_SMTP_URL", {"smtp", "smtp+starttls", "smtps"}),
            mail_from=_sender(environ, "HWADMIN_MAIL_FROM") or _MAIL_FROM,
            buyer=_lines(environ, "HWADMIN_BUYER"),
            claim_minutes=_number(environ, "HWADMIN_CLAIM_MINUTES", 30),
            keep_messages_days=_number(environ, "HWADMIN_KEEP_MESSAGES_DAYS", 90),
            keep_failed_sign_ins_days=_number(environ, "HWADMIN_KEEP_FAILED_SIGN_INS_DAYS", 30),
            webhook_loopback=_flag(environ, "HWADMIN_WEBHOOK_LOOPBACK", False),
            **_observation(environ, production=production),
        )


def _observation(environ: Mapping[str, str], *, production: bool) -> dict[str, Any]:
    """The settings of logs and metrics."""
    levels = ("debug", "info", "warning", "error")
    return {
        "metrics_token": _token(environ, "HWADMIN_METRICS_TOKEN"),
        "log_format": _word(
            environ, "HWADMIN_LOG_FORMAT", ("json", "text"), "json" if production else "text"
        ),
        "log_level": _word(environ, "HWADMIN_LOG_LEVEL", levels, "info"),
        "slow_request_ms": _number(environ, "HWADMIN_SLOW_REQUEST_MS", 1000),
        "slow_statement_ms": _number(environ, "HWADMIN_SLOW_STATEMENT_MS", 500),
    }


def _secret_key(environ: Mapping[str, str], instance: Path, *, production: bool) -> str:
    given = environ.get("HWADMIN_SECRET_KEY", "")
    if production and len(given) < 32:
        raise ConfigurationError(
            "Set HWADMIN_SECRET_KEY to 32 or more random characters before starting in production, "
            'for example with: python -c "import secrets; print(secrets.token_urlsafe(48))"'
        )
    return given or _kept_secret(instance)


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
