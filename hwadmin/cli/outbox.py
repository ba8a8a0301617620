"""``hwadmin outbox``: the worker, for whoever runs the server."""

from __future__ import annotations

import os
import signal
import threading
from dataclasses import asdict

import click
from flask import current_app
from flask.cli import AppGroup

from hwadmin.cli import output
from hwadmin.config import Settings
from hwadmin.db.extensions import db
from hwadmin.db.tenancy import acting_as
from hwadmin.domain.permissions import COMMAND_LINE
from hwadmin.outbox.daily_digest import write_digests
from hwadmin.outbox.webhook_client import WebhookClient
from hwadmin.outbox.worker import Worker, name_of_this_process
from hwadmin.queries.outgoing.backlog import backlog

outbox_commands = AppGroup("outbox", help="Mail and webhooks.", short_help="Mail and webhooks.")


@outbox_commands.command("run")
@click.option("--once", is_flag=True, help="Do what is due now, and end.")
@click.option("--with-parent", is_flag=True, help="End when the process that started this one ends.")
def run(once: bool, with_parent: bool) -> None:
    """Deliver mail and webhooks. Several of these may run at once."""
    settings: Settings = current_app.config["HWADMIN"]
    stop = threading.Event()
    worker = Worker(name_of_this_process(), WebhookClient(allow_loopback=settings.webhook_loopback), stop)
    if once:
        click.echo(f"{worker.drain()} messages tried.")
        return
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    parent = os.getppid()
    click.echo("Mail and webhooks leave from here.")
    worker.run(lambda: not with_parent or os.getppid() == parent)


@outbox_commands.command("digest")
@output.as_json
def digest(as_json: bool) -> None:
    """Write the daily mails of new orders now, for whoever has had none today."""
    mails = write_digests()
    output.show({"mails": mails}, [f"{mails} daily mails written."], as_json=as_json)


@outbox_commands.command("status")
@output.as_json
def status(as_json: bool) -> None:
    """Show how much waits to be sent, how late it is, and what failed for good."""
    with acting_as(db.session, COMMAND_LINE):
        found = backlog()
    minutes = int(found.late_seconds // 60)
    output.show(
        asdict(found),
        [
            f"{found.events:,} events wait to become messages.",
            f"{found.mails:,} mails and {found.webhooks:,} webhook messages wait to be sent.",
            f"What is due longest has been due for {minutes:,} minutes." if minutes else "Nothing is late.",
            f"{found.failed:,} messages failed for good; they can be sent again under Outgoing messages.",
        ],
        as_json=as_json,
    )
