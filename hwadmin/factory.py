"""The factory: wiring, and nothing else."""

from __future__ import annotations

import sys
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

import click
from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from hwadmin import api, scim
from hwadmin.config import Settings
from hwadmin.db import engines
from hwadmin.db.extensions import db
from hwadmin.views import site
from hwadmin.web.extensions import csrf, login_manager
from hwadmin.web.http.application import Application
from hwadmin.web.http.trusted_hosts import TrustedHosts
from hwadmin.web.monitoring import metrics, probes, requests

ROOT = Path(__file__).resolve().parent.parent


def create_app(settings: Settings | None = None) -> Flask:
    """Make the application.

    Args:
        settings: what the deployment decides; read from the environment where absent.
    """
    settings = settings or Settings.from_env()
    settings.instance.mkdir(parents=True, exist_ok=True)
    app = Application(
        "hwadmin",
        instance_path=str(settings.instance),
        template_folder=str(ROOT / "templates"),
        static_folder=str(ROOT / "hwadmin" / "static"),
        static_url_path="/static",
    )
    _configure(app, settings)
    requests.install(app, settings)
    app.jinja_options = {"trim_blocks": True, "lstrip_blocks": True}
    app.wsgi_app = TrustedHosts(app.wsgi_app, _trusted_hosts(settings))  # type: ignore[method-assign]
    if settings.proxies:
        app.wsgi_app = ProxyFix(  # type: ignore[method-assign]
            app.wsgi_app, x_for=settings.proxies, x_proto=settings.proxies, x_host=settings.proxies
        )
    requests.wrap(app, settings)
    db.init_app(app)
    login_manager.init_app(app)
    csrf.init_app(app)
    site.install(app)
    probes.install(app)
    metrics.install(app)
    api.install(app)
    scim.install(app)
    if click.get_current_context(silent=True) or "flask_migrate" in sys.modules:
        _install_commands(app, settings)
    return app


def _install_commands(app: Flask, settings: Settings) -> None:
    """For the command line, and for tests, which have loaded Migrate by now.

    A worker that serves pages does without them and what they need: Alembic, which is large, and mail, which
    is sent by a process of its own.
    """
    from flask_migrate import Migrate

    from hwadmin import cli
    from hwadmin.outbox import mail_client

    Migrate().init_app(app, db, directory=str(ROOT / "migrations"))
    mail_client.configure(app, settings)
    cli.install(app)


def _configure(app: Flask, settings: Settings) -> None:
    """Set what Flask and its extensions read from the configuration."""
    app.config.from_mapping(
        HWADMIN=settings,
        SECRET_KEY=settings.secret_key,
        SQLALCHEMY_DATABASE_URI=settings.database_url,
        SQLALCHEMY_ENGINE_OPTIONS=engines.engine_options(settings.database_url),
        # A browser takes this prefix from this very host alone, and over TLS only.
        SESSION_COOKIE_NAME="__Host-hwadmin_session" if settings.https else "hwadmin_session",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SECURE=settings.https,
        SESSION_COOKIE_PATH="/",
        SESSION_COOKIE_SAMESITE="Lax",
        PERMANENT_SESSION_LIFETIME=timedelta(minutes=settings.idle_minutes),
        # Neither urlencoded nor JSON bodies have a limit by default. Flask's limit of 1,000 multipart parts
        # stays; the fulfillment form, which needs more, is sent urlencoded.
        MAX_CONTENT_LENGTH=4 * 1024 * 1024,
        MAX_FORM_MEMORY_SIZE=4 * 1024 * 1024,
        # A page may stay open as long as its session lives.
        WTF_CSRF_TIME_LIMIT=None,
        SEND_FILE_MAX_AGE_DEFAULT=timedelta(hours=1),
    )


def _trusted_hosts(settings: Settings) -> list[str]:
    """The names this server answers to; a request for any other one is refused with 400."""
    own = urlsplit(settings.base_url).hostname or ""
    return [own, "localhost", "127.0.0.1", *settings.trusted_hosts]
