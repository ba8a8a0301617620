"""The command line: API tokens, for whoever runs the server. Audited like the pages."""

from __future__ import annotations

import click
from flask import Flask
from flask.cli import AppGroup
from sqlalchemy import select

from hwadmin.cli import perform
from hwadmin.errors import NotFound
from hwadmin.extensions import db
from hwadmin.models import ApiToken, Platform
from hwadmin.operations import tokens
from hwadmin.permissions import COMMAND_LINE
from hwadmin.queries.people import person_by_email
from hwadmin.queries.tokens import token_by_prefix, visible_tokens

token_commands = AppGroup("token", help="Tokens for the API.", short_help="Tokens for the API.")

_name = click.option("--name", default="Command line", show_default=True, help="What the token is for.")
_days = click.option(
    "--days", type=int, default=tokens.DEFAULT_DAYS, show_default=True, help="How long it is valid."
)


@token_commands.command("create")
@click.argument("email")
@_name
@_days
def create(email: str, name: str, days: int) -> None:
    """Make a token that acts as the person with this EMAIL.

    The token goes to standard output, and nothing else does.
    """

    def deed() -> tuple[ApiToken, str]:
        person = person_by_email(email)
        if person is None:
            raise NotFound(f"There is nobody with the e-mail address {email}.")
        return tokens.create_token(COMMAND_LINE, person.id, name=name, days=days)

    _show(*perform(deed))


@token_commands.command("create-service")
@click.argument("platform")
@click.argument("service")
@_name
@_days
def create_service(platform: str, service: str, name: str, days: int) -> None:
    """Make a token for a program: the service account SERVICE of the PLATFORM with this name.

    The account is made with its first token. The token goes to standard output, and nothing else does.
    """

    def deed() -> tuple[ApiToken, str]:
        key = db.session.scalars(select(Platform.id).where(Platform.name == platform)).one_or_none()
        if key is None:
            raise NotFound(f"There is no platform named {platform}.")
        return tokens.create_service_token(COMMAND_LINE, key, service, name=name, days=days)

    _show(*perform(deed))


@token_commands.command("list")
def list_tokens() -> None:
    """List all tokens, one a line: beginning, whom it acts as, what for, last used, expiry, state."""
    for token in perform(lambda: list(visible_tokens(COMMAND_LINE))):
        used = f"{token.last_used_at:%Y-%m-%d %H:00}" if token.last_used_at else "never"
        click.echo(
            "\t".join(
                (
                    token.prefix,
                    token.owner_name,
                    token.name,
                    used,
                    f"{token.expires_at:%Y-%m-%d}",
                    token.state,
                )
            )
        )


@token_commands.command("revoke")
@click.argument("prefix")
def revoke(prefix: str) -> None:
    """End the token that begins with PREFIX, from its next request on."""

    def deed() -> ApiToken:
        token = token_by_prefix(prefix)
        if token is None:
            raise NotFound(f"There is not exactly one token beginning with {prefix}.")
        return tokens.revoke_token(COMMAND_LINE, token.id)

    token = perform(deed)
    click.echo(f"{token.prefix}… ({token.name}) is revoked.")


def _show(token: ApiToken, secret: str) -> None:
    click.echo(secret)
    click.echo(
        f"Acts as {token.owner_name} until {token.expires_at:%Y-%m-%d}. It is shown this once.", err=True
    )


def install(app: Flask) -> None:
    """Offer these commands under ``flask``."""
    app.cli.add_command(token_commands)
