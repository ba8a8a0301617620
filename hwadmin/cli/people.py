"""``hwadmin person``: people, for whoever runs the server. Audited like the pages."""

from __future__ import annotations

import sys
from typing import Any

import click
from flask.cli import AppGroup
from sqlalchemy import func, select
from sqlalchemy.orm import selectinload

from hwadmin.cli import output
from hwadmin.cli.execution import run_operation
from hwadmin.db.extensions import db
from hwadmin.domain.permissions import COMMAND_LINE, SIGNING_IN, Role
from hwadmin.errors import NotFound
from hwadmin.models import Person, Platform
from hwadmin.operations.people import people
from hwadmin.operations.people.person_checks import PersonFacts, describe_platforms
from hwadmin.queries.people.people import person_by_email

person_commands = AppGroup("person", help="The people who may sign in.", short_help="People who may sign in.")

_password_stdin = click.option(
    "--password-stdin", is_flag=True, help="Read the password from the first line of standard input."
)
_name = click.option("--name", required=True, help="Their name, as shown in the audit log.")


@person_commands.command("create-super-admin")
@click.argument("email")
@_name
@_password_stdin
@output.as_json
def create_super_admin(email: str, name: str, password_stdin: bool, as_json: bool) -> None:
    """Create somebody who decides and fulfills for all platforms, with this EMAIL."""
    password = _first_line() if password_stdin else _typed_twice()
    facts = PersonFacts(name=name, email=email, role=Role.SUPER_ADMIN)
    person, _ = run_operation(lambda: people.create_person(COMMAND_LINE, facts, password))
    sentence = f"{person.name} ({person.email}) is created and may sign in."
    output.show(_described(person), [sentence], as_json=as_json)


@person_commands.command("create")
@click.argument("email")
@_name
@click.option("--role", required=True, type=click.Choice([role.value for role in SIGNING_IN]))
@click.option("--platform", "platforms", multiple=True, metavar="NAME", help="Repeat it for several.")
@click.option("--all-platforms", is_flag=True, help="All platforms, those to come included.")
@_password_stdin
@output.as_json
def create(email: str, password_stdin: bool, as_json: bool, **given: Any) -> None:
    """Create somebody with this EMAIL.

    A made-up password goes to standard output, and nothing else does.
    """
    own = _first_line() if password_stdin else None

    def operation() -> tuple[Person, str]:
        keys = [_platform_key(name) for name in given["platforms"]]
        facts = PersonFacts(
            given["name"], email, given["role"], platform_ids=keys, all_platforms=given["all_platforms"]
        )
        return people.create_person(COMMAND_LINE, facts, own)

    person, password = run_operation(operation)
    _show_password(
        person, None if own is not None else password, "is created and may sign in.", as_json=as_json
    )


@person_commands.command("list")
@output.as_json
def list_people(as_json: bool) -> None:
    """List everybody, one a line: e-mail, name, role, platforms, and whether they are disabled."""

    def everybody() -> list[Person]:
        statement = select(Person).options(selectinload(Person.platforms))
        return list(db.session.scalars(statement.order_by(func.lower(Person.name), Person.id)))

    rows = run_operation(everybody)
    output.show([_described(person) for person in rows], map(_line, rows), as_json=as_json)


@person_commands.command("reset-password")
@click.argument("email")
@_password_stdin
@output.as_json
def reset_password(email: str, password_stdin: bool, as_json: bool) -> None:
    """Give the person with this EMAIL a new password and end their sessions.

    A made-up password goes to standard output, and nothing else does.
    """
    own = _first_line() if password_stdin else None
    person, password = run_operation(lambda: people.reset_password(COMMAND_LINE, _key(email), own))
    made_up = password if own is None else None
    _show_password(person, made_up, "has a new password and is signed out everywhere.", as_json=as_json)


@person_commands.command("disable")
@click.argument("email")
@output.as_json
def disable(email: str, as_json: bool) -> None:
    """Disable the person with this EMAIL, from their next click on."""
    person = run_operation(lambda: people.disable_person(COMMAND_LINE, _key(email)))
    sentence = f"{person.name} is disabled and signed out everywhere."
    output.show(_described(person), [sentence], as_json=as_json)


@person_commands.command("enable")
@click.argument("email")
@output.as_json
def enable(email: str, as_json: bool) -> None:
    """Let the disabled person with this EMAIL in again, with the password they had."""
    person = run_operation(lambda: people.enable_person(COMMAND_LINE, _key(email)))
    output.show(_described(person), [f"{person.name} may sign in again."], as_json=as_json)


def _show_password(person: Person, password: str | None, sentence: str, *, as_json: bool) -> None:
    """Print a made-up password; None where whoever called knows it."""
    document = _described(person) | ({} if password is None else {"password": password})
    output.show(document, [] if password is None else [password], as_json=as_json)
    click.echo(f"{person.name} {sentence}", err=True)


def _described(person: Person) -> dict[str, Any]:
    return {
        "email": person.email,
        "name": person.name,
        "role": person.role.value,
        "all_platforms": person.all_platforms or person.role is Role.SUPER_ADMIN,
        "platforms": sorted(platform.name for platform in person.platforms),
        "disabled_at": person.disabled_at,
    }


def _line(person: Person) -> str:
    state = f"disabled {person.disabled_at.date()}" if person.disabled_at else "active"
    platforms = describe_platforms(person.role, person.platforms, person.all_platforms)
    return "\t".join((person.email, person.name, person.role.label, platforms, state))


def _key(email: str) -> int:
    person = person_by_email(email)
    if person is None:
        raise NotFound(f"There is nobody with the e-mail address {email}.")
    return person.id


def _platform_key(name: str) -> int:
    key = db.session.scalars(select(Platform.id).where(Platform.name == name)).one_or_none()
    if key is None:
        raise NotFound(f"There is no platform named {name}.")
    return key


def _typed_twice() -> str:
    return str(click.prompt("Password", hide_input=True, confirmation_prompt="Password again"))


def _first_line() -> str:
    return sys.stdin.readline().rstrip("\r\n")
