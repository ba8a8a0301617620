"""The conditions of the second wall: which rows a statement asks for, by whom it is sent."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import ColumnElement, literal_column, select
from sqlalchemy.dialects import postgresql

from hwadmin.domain.permissions import COMMAND_LINE, Actor, Role
from hwadmin.models import Account, AuditEvent, Platform
from hwadmin.queries.scope import given, within, within_given

SUPPORT = Actor(1, "Sam", Role.SUPPORT, None)
PIET = Actor(2, "Piet", Role.PLATFORM_ADMIN, frozenset({9, 3}))
NOBODY = Actor(3, "Nobody", Role.PLATFORM_ADMIN, frozenset())


def sql(condition: ColumnElement[bool], **parameters: Any) -> str:
    statement: Any = select(literal_column("1")).where(condition).params(**parameters)
    dialect: Any = postgresql.dialect  # Without types.
    compiled = statement.compile(dialect=dialect(), compile_kwargs={"literal_binds": True})
    return str(compiled).partition("WHERE ")[2]


@pytest.mark.parametrize(
    ("actor", "model", "condition"),
    [
        (COMMAND_LINE, Account, "true"),
        (COMMAND_LINE, AuditEvent, "true"),
        (SUPPORT, Account, "true"),
        # Events of the whole product are a super-admin's.
        (SUPPORT, AuditEvent, "audit_event.platform_id IS NOT NULL"),
        (PIET, AuditEvent, "audit_event.platform_id IN (3, 9)"),
        (PIET, Account, "account.platform_id IN (3, 9)"),
        (PIET, Platform, "platform.id IN (3, 9)"),
        (NOBODY, Account, "false"),
        (NOBODY, Platform, "false"),
    ],
)
def test_a_row_is_given_by_its_platform(actor: Actor, model: Any, condition: str) -> None:
    assert sql(within(actor, model)) == condition


@pytest.mark.parametrize(
    ("model", "condition"),
    [(Account, "account.platform_id IN (3, 9)"), (Platform, "platform.id IN (3, 9)")],
)
def test_a_statement_made_once_asks_for_the_same(model: Any, condition: str) -> None:
    assert given(COMMAND_LINE) == {}
    assert sql(within_given(True, model)) == "true"
    parameters = {name: sorted(ids) for name, ids in given(PIET).items()}
    assert sql(within_given(False, model), **parameters) == condition
