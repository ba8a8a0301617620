"""What tests of the API can ask for."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import Table, select

from hwadmin.db.extensions import Base, db
from tests.api.callers import Callers
from tests.builders import World

# What a request may leave behind that is no action: the hour a token was used in.
_NOTES = {"api_token"}


@pytest.fixture
def api(app: Flask, world: World) -> Callers:
    api = Callers(app, world)
    # Made now, so that no test takes the making of a token for a trace of what it does.
    for name in ("ada", "piet", "bea", "sam", "service"):
        getattr(api, name)
    return api


class Traces:
    """What is in the database, to be compared: a refusal and a GET leave none."""

    def __init__(self) -> None:
        self.before = self._read()

    @staticmethod
    def _read() -> dict[str, list[tuple[object, ...]]]:
        def rows(table: Table) -> list[tuple[object, ...]]:
            return sorted(
                (tuple(map(str, row)) for row in db.session.connection().execute(select(table))), key=str
            )

        # Both sessions of a test share one connection: what this one began must not enclose a request.
        db.session.commit()
        found = {table.name: rows(table) for table in Base.metadata.sorted_tables if table.name not in _NOTES}
        db.session.commit()
        return found

    def none(self) -> bool:
        after = self._read()
        changed = [name for name, rows in after.items() if rows != self.before[name]]
        assert changed == []
        return True


@pytest.fixture
def traces(world: World) -> type[Traces]:
    """``before = traces()`` … ``assert before.none()``."""
    return Traces
