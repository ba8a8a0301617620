"""Running an operation on behalf of the command line."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import TypeVar

import click

from hwadmin.db.extensions import db
from hwadmin.db.tenancy import acting_as
from hwadmin.db.unit_of_work import transact
from hwadmin.domain.permissions import COMMAND_LINE
from hwadmin.errors import DomainError
from hwadmin.operations.audit import recording

T = TypeVar("T")


def run_operation(operation: Callable[[], T]) -> T:
    """Run an operation as the command line: one commit, one request id, a refusal as one sentence."""
    before = recording.request_id.set(str(uuid.uuid4()))
    try:
        with acting_as(db.session, COMMAND_LINE):
            return transact(operation)
    except DomainError as refusal:
        raise click.ClickException(refusal.message) from refusal
    finally:
        recording.request_id.reset(before)
