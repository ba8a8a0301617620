"""``hwadmin token``: API tokens, for whoever runs the server. Audited like the pages."""

from __future__ import annotations

from typing import Any

import click
from flask.cli import AppGroup
from sqlalchemy import select

from hwadmin.cli import output
from hwadmin.cli.execution import run_operation
from hwadmin.db.extensions import db
from hwadmin.domain.permissions import COMMAND_LINE
from hwadmin.errors import NotFound
from hwadmin.models import ApiToken, Platform
from hwadmin.operations.people import tokens
from hwadmin.queries.people.people import person_by_email
from hwadmin.queries.people.tokens import token_by_prefix, visible_tokens

token_commands = AppGroup("token", help="Tokens for the API.", short_help="Tokens for the API.")

_name = click.option("--name", default="Command line", show_default=True, help="What the token is for.")
_days = click.option(
    "--days", type=int, default=tokens.DEFAULT_DAYS, show_default=True, help="How long it is valid."
)
_without_proof = click.option(
    "--without-proof", is_flag=True, help="It may do what people prove again who they are for."
)


@token_commands.command("create")
@click.argument("email")
@_name
@_days
@click.option("--send-any-amount", is_flag=True, help="It may send orders above HWADMIN_SEND_PROOF_ABOVE.")
@_without_proof
@output.as_json
def create(
    email: str, name: str, days: int, send_any_amount: bool, without_proof: bool, as_json: bool
) -> None:
    """Make a token that acts as the person with this EMAIL.

    The token goes to standard output, and nothing else does.
    """

    def operation() -> tuple[ApiToken, str]:
        person = person_by_email(email)
        if person is None:
            raise NotFound(f"There is nobody with the e-mail address {email}.")
        return tokens.create_token(
            COMMAND_LINE,
            person.id,
            name=name,
            days=days,
            sends_any_amount=send_any_amount,
            acts_without_proof=without_proof,
        )

    _show(*run_operation(operation), as_json=as_json)


@token_commands.command("create-service")
@click.argument("platform")
@click.argument("service")
@_name
@_days
@_without_proof
@output.as_json
def create_service(
    platform: str, service: str, name: str, days: int, without_proof: bool, as_json: bool
) -> None:
    """Make a token for a program: the service account SERVICE of the PLATFORM with this name.

    The account is made with its first token. The token goes to standard output, and nothing else does.
    """

    def operation() -> tuple[ApiToken, str]:
        key = db.session.scalars(select(Platform.id).where(Platform.name == platform)).one_or_none()
        if key is None:
            raise NotFound(f"There is no platform named {platform}.")
        return tokens.create_service_token(
            COMMAND_LINE, key, service, name=name, days=days, acts_without_proof=without_proof
        )

    _show(*run_operation(operation), as_json=as_json)


@token_commands.command("list")
@output.as_json
def list_tokens(as_json: bool) -> None:
    """List all tokens, one a line: beginning, whom it acts as, what for, last used, expiry, state."""
    rows = run_operation(lambda: list(visible_tokens(COMMAND_LINE)))
    output.show([_described(token) for token in rows], map(_line, rows), as_json=as_json)


@token_commands.command("revoke")
@click.argument("prefix")
@output.as_json
def revoke(prefix: str, as_json: bool) -> None:
    """End the token that begins with PREFIX, from its next request on."""

    def operation() -> ApiToken:
        token = token_by_prefix(prefix)
        if token is None:
            raise NotFound(f"There is not exactly one token beginning with {prefix}.")
        return tokens.revoke_token(COMMAND_LINE, token.id)

    token = run_operation(operation)
    output.show(_described(token), [f"{token.prefix}… ({token.name}) is revoked."], as_json=as_json)


def _show(token: ApiToken, secret: str, *, as_json: bool) -> None:
    output.show(_described(token) | {"token": secret}, [secret], as_json=as_json)
    click.echo(
        f"Acts as {token.owner_name} until {token.expires_at.date()}. It is shown this once.", err=True
    )


def _described(token: ApiToken) -> dict[str, Any]:
    return {
        "prefix": token.prefix,
        "acts_as": token.owner_name,
        "name": token.name,
        "last_used_at": token.last_used_at,
        "expires_at": token.expires_at,
        "state": token.state,
    }


def _line(token: ApiToken) -> str:
    used = f"{token.last_used_at.date()} {token.last_used_at.hour:02}:00" if token.last_used_at else "never"
    expires = str(token.expires_at.date())
    return "\t".join((token.prefix, token.owner_name, token.name, used, expires, token.state))
