"""``flask outbox``: the worker, for whoever runs the server."""

from __future__ import annotations

import os
import signal
import threading

import click
from flask import Flask, current_app
from flask.cli import AppGroup

from hwadmin.config import Settings
from hwadmin.outbox import mailing
from hwadmin.outbox.digest import write_digests
from hwadmin.outbox.posting import Poster
from hwadmin.outbox.worker import Worker, name_of_this_process

outbox_commands = AppGroup("outbox", help="Mail and webhooks.", short_help="Mail and webhooks.")


@outbox_commands.command("run")
@click.option("--once", is_flag=True, help="Do what is due now, and end.")
@click.option("--with-parent", is_flag=True, help="End when the process that started this one ends.")
def run(once: bool, with_parent: bool) -> None:
    """Deliver mail and webhooks. Several of these may run at once."""
    settings: Settings = current_app.config["HWADMIN"]
    stop = threading.Event()
    worker = Worker(name_of_this_process(), Poster(allow_loopback=settings.webhook_loopback), stop)
    if once:
        click.echo(f"{worker.drain()} messages tried.")
        return
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    parent = os.getppid()
    click.echo("Mail and webhooks leave from here.")
    worker.run(lambda: not with_parent or os.getppid() == parent)


@outbox_commands.command("digest")
def digest() -> None:
    """Write the daily mails of new orders now, for whoever has had none today."""
    click.echo(f"{write_digests()} daily mails written.")


def install(app: Flask) -> None:
    """Offer these commands under ``flask``, and say where mail goes."""
    mailing.configure(app, app.config["HWADMIN"])
    app.cli.add_command(outbox_commands)
