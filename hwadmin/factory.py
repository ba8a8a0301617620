"""The factory: wiring, and nothing else."""

from __future__ import annotations

import sys
from datetime import timedelta
from pathlib import Path

import click
from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from hwadmin import api, cli, cli_audit, cli_retention, cli_tokens, engines, outbox, scim
from hwadmin.config import Settings
from hwadmin.extensions import csrf, db, login_manager
from hwadmin.views import site

ROOT = Path(__file__).resolve().parent.parent


def create_app(settings: Settings | None = None) -> Flask:
    """Make the application.

    Args:
        settings: what the deployment decides; read from the environment where absent.
    """
    settings = settings or Settings.from_env()
    settings.instance.mkdir(parents=True, exist_ok=True)
    app = Flask(
        "hwadmin",
        instance_path=str(settings.instance),
        template_folder=str(ROOT / "templates"),
        static_folder=str(ROOT / "hwadmin" / "static"),
        static_url_path="/static",
    )
    app.config.from_mapping(
        HWADMIN=settings,
        SECRET_KEY=settings.secret_key,
        SQLALCHEMY_DATABASE_URI=settings.database_url,
        SQLALCHEMY_ENGINE_OPTIONS=engines.engine_options(settings.database_url),
        SESSION_COOKIE_NAME="hwadmin_session",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SECURE=settings.https,
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
    app.jinja_options = {"trim_blocks": True, "lstrip_blocks": True}
    if settings.proxies:
        app.wsgi_app = ProxyFix(  # type: ignore[method-assign]
            app.wsgi_app, x_for=settings.proxies, x_proto=settings.proxies, x_host=settings.proxies
        )
    db.init_app(app)
    if click.get_current_context(silent=True) or "flask_migrate" in sys.modules:
        # For the command line, and for tests, which have loaded it by now. A worker that serves pages does
        # without it and without Alembic, which are large.
        from flask_migrate import Migrate

        Migrate().init_app(app, db, directory=str(ROOT / "migrations"))
    login_manager.init_app(app)
    csrf.init_app(app)
    site.install(app)
    api.install(app)
    scim.install(app)
    cli.install(app)
    cli_tokens.install(app)
    cli_audit.install(app)
    cli_retention.install(app)
    outbox.install(app)
    return app
