"""The command line: people, for whoever runs the server. Audited like the pages."""

from __future__ import annotations

import sys
import uuid
from collections.abc import Callable
from typing import TypeVar

import click
from flask import Flask
from flask.cli import AppGroup
from sqlalchemy import func, select
from sqlalchemy.orm import selectinload

from hwadmin.demo.command import demo_commands
from hwadmin.errors import DomainError, NotFound
from hwadmin.extensions import db
from hwadmin.models import Person
from hwadmin.operations import audit, people
from hwadmin.operations.people import PersonFacts
from hwadmin.permissions import COMMAND_LINE, Role
from hwadmin.queries.people import person_by_email
from hwadmin.tenancy import acting_as
from hwadmin.uow import transact

T = TypeVar("T")

person_commands = AppGroup("person", help="The people who may sign in.", short_help="People who may sign in.")

_password_stdin = click.option(
    "--password-stdin", is_flag=True, help="Read the password from the first line of standard input."
)


def perform(deed: Callable[[], T]) -> T:
    """Run a deed on behalf of the command line: one commit, one request id, refusals as one sentence."""
    before = audit.request_id.set(str(uuid.uuid4()))
    try:
        with acting_as(db.session, COMMAND_LINE):
            return transact(deed)
    except DomainError as refusal:
        raise click.ClickException(refusal.message) from refusal
    finally:
        audit.request_id.reset(before)


@person_commands.command("create-super-admin")
@click.argument("email")
@click.option("--name", required=True, help="Their name, as shown in the audit log.")
@_password_stdin
def create_super_admin(email: str, name: str, password_stdin: bool) -> None:
    """Create somebody who decides and fulfills for all platforms, with this EMAIL."""
    password = _first_line() if password_stdin else _asked()
    facts = PersonFacts(name=name, email=email, role=Role.SUPER_ADMIN)
    person, _ = perform(lambda: people.create_person(COMMAND_LINE, facts, password))
    click.echo(f"{person.name} ({person.email}) is created and may sign in.")


@person_commands.command("list")
def list_people() -> None:
    """List everybody, one a line: e-mail, name, role, platforms, and whether they are disabled."""

    def everybody() -> list[Person]:
        statement = select(Person).options(selectinload(Person.platforms))
        return list(db.session.scalars(statement.order_by(func.lower(Person.name), Person.id)))

    for person in perform(everybody):
        state = f"disabled {person.disabled_at:%Y-%m-%d}" if person.disabled_at else "active"
        given = people.platforms_in_words(person.role, person.platforms, person.all_platforms)
        click.echo("\t".join((person.email, person.name, person.role.label, given, state)))


@person_commands.command("reset-password")
@click.argument("email")
@_password_stdin
def reset_password(email: str, password_stdin: bool) -> None:
    """Give the person with this EMAIL a new password and end their sessions.

    A made-up password goes to standard output, and nothing else does.
    """
    given = _first_line() if password_stdin else None
    person, password = perform(lambda: people.reset_password(COMMAND_LINE, _key(email), given))
    if given is None:
        click.echo(password)
    click.echo(f"{person.name} has a new password and is signed out everywhere.", err=True)


@person_commands.command("disable")
@click.argument("email")
def disable(email: str) -> None:
    """Let the person with this EMAIL in no more, from their next click on."""
    person = perform(lambda: people.disable_person(COMMAND_LINE, _key(email)))
    click.echo(f"{person.name} is disabled and signed out everywhere.")


def _key(email: str) -> int:
    person = person_by_email(email)
    if person is None:
        raise NotFound(f"There is nobody with the e-mail address {email}.")
    return person.id


def _asked() -> str:
    return str(click.prompt("Password", hide_input=True, confirmation_prompt="Password again"))


def _first_line() -> str:
    return sys.stdin.readline().rstrip("\r\n")


def install(app: Flask) -> None:
    """Offer these commands under ``flask``."""
    app.cli.add_command(person_commands)
    app.cli.add_command(demo_commands)
