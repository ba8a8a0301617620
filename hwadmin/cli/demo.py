"""``hwadmin demo load``: for trying the product out, never for production."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click
from flask import current_app
from flask.cli import AppGroup

from hwadmin.config import Settings
from hwadmin.errors import DomainError

if TYPE_CHECKING:
    from hwadmin.demo.loading import Loaded

demo_commands = AppGroup("demo", help="Made-up data for trying out.", short_help="Data for trying out.")


@demo_commands.command("load")
@click.option("--if-empty", is_flag=True, help="Do nothing where there is a platform or a person already.")
def load_demo(if_empty: bool) -> None:
    """Fill an empty database with platforms, customers and two months of orders."""
    # Here, so that what serves the product does not load it.
    from hwadmin.demo.loading import NotEmpty, is_empty, load

    if if_empty and not is_empty():
        click.echo("No demo data was loaded: the database is in use already.")
        return
    settings: Settings = current_app.config["HWADMIN"]
    if settings.production:
        raise click.ClickException(
            "Demo data is refused in production mode: everybody knows its passwords. "
            "Create a first super-admin with: hwadmin person create-super-admin EMAIL --name NAME"
        )
    try:
        loaded = load()
    except NotEmpty as refusal:
        # Somebody else may have loaded it since we looked.
        if not if_empty:
            raise click.ClickException(refusal.message) from refusal
        click.echo("No demo data was loaded: the database is in use already.")
    except DomainError as refusal:
        raise click.ClickException(f"No demo data was loaded. {refusal.message}") from refusal
    else:
        click.echo(_summary(loaded))


def _summary(loaded: Loaded) -> str:
    from hwadmin.demo.accounts import PASSWORD, PEOPLE

    width = max(len(one.email) for one in PEOPLE)
    return "\n".join(
        (
            f"Loaded the demo: {loaded.platforms} platforms, {loaded.accounts} accounts, "
            f"{loaded.orders} orders and {loaded.devices} devices.",
            f"Sign in with the password {PASSWORD} as",
            *(
                f"  {one.email:{width}}  {one.name}, {one.role.label.lower()} of "
                f"{' and '.join(one.platforms) if one.platforms not in ((), ('all',)) else 'all platforms'}"
                for one in PEOPLE
            ),
        )
    )
