"""What a command prints: sentences for people, or one JSON document for programs."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

import click

as_json = click.option("--json", "as_json", is_flag=True, help="Print a JSON document instead of sentences.")


def show(document: Any, lines: Iterable[str], *, as_json: bool) -> None:
    """Print the outcome of a command to standard output.

    Args:
        document: for programs; moments are written as ISO 8601.
        lines: the same for people.
        as_json: which of the two is wanted.
    """
    if as_json:
        click.echo(json.dumps(document, ensure_ascii=False, indent=2, default=_moment))
        return
    for line in lines:
        click.echo(line)


def _moment(value: Any) -> str:
    text: str = value.isoformat()
    return text
