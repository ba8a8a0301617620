"""Applications lent to one test after another, each time on another database.

Making one takes as long as a quick test, and its first use longer still: every statement is compiled for its
engine. One that a test added a route, a hook or a listener to is not lent again.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from flask import Flask
from sqlalchemy import QueuePool, event
from sqlalchemy.engine import make_url

from hwadmin.config import Settings
from hwadmin.db.extensions import db
from tests import databases

_HOOKS = (
    *("before_request_funcs", "after_request_funcs", "teardown_request_funcs", "error_handler_spec"),
    *("template_context_processors", "url_default_functions", "view_functions", "blueprints"),
)


class _Lent:
    """An application, whose connections lead to the database it is lent for."""

    def __init__(self, settings: Settings) -> None:
        self.app = databases.new_app(settings)
        self.engine = db._app_engines[self.app][None]
        # Where more come at once than the pool has connections, they wait as long as a busy machine needs.
        if isinstance(self.engine.pool, QueuePool):
            self.engine.pool._timeout = 120
        self.config, self.extensions = dict(self.app.config), dict(self.app.extensions)
        event.listen(self.engine, "do_connect", self._lead_to_its_database)
        self.shape = self._shape()

    def _lead_to_its_database(
        self, dialect: Any, _record: object, arguments: list[Any], named: dict[str, Any]
    ) -> None:
        to, also = dialect.create_connect_args(self.engine.url)
        arguments[:] = to
        named |= also

    def _shape(self) -> list[object]:
        parts: list[Any] = [self.engine, self.engine.pool, self.engine.dialect]
        return [
            len(list(self.app.url_map.iter_rules())),
            self.app.wsgi_app,
            *(repr(getattr(self.app, hook)) for hook in _HOOKS),
            *(
                len(list(getattr(part.dispatch, name)))
                for part in parts
                for name in part.dispatch._event_names
            ),
        ]

    @property
    def sound(self) -> bool:
        """Whether it has the routes, hooks and listeners it began with."""
        return self._shape() == self.shape

    def begin(self, settings: Settings) -> None:
        """Make it what a new one on this database would be."""
        app = self.app
        app.config.clear()
        app.config |= self.config | {
            "HWADMIN": settings,
            "SQLALCHEMY_DATABASE_URI": settings.database_url,
        }
        app.extensions.clear()
        app.extensions |= self.extensions
        app.testing, app._got_first_request = True, False
        self.engine.url = make_url(settings.database_url)


_free: dict[str, list[_Lent]] = {}
_made: dict[Flask, _Lent] = {}


def lend_again(app: Flask, settings: Settings) -> None:
    """Lead an application that is lent to another database, in a process that inherited it."""
    _made[app].begin(settings)


@contextmanager
def borrowed_app(settings: Settings) -> Iterator[Flask]:
    """An application on the database of these settings."""
    free = _free.setdefault(settings.database_url.partition(":")[0], [])
    lent = free.pop() if free else _Lent(settings)
    _made[lent.app] = lent
    lent.begin(settings)
    try:
        yield lent.app
    finally:
        with lent.app.app_context():
            db.session.remove()
        # One that is still out would be given back to a pool that is gone, and never be closed.
        out = getattr(lent.engine.pool, "checkedout", int)()
        lent.engine.dispose()
        assert not out, f"{out} connections are still in use."
        if lent.sound:
            free.append(lent)
        else:
            del _made[lent.app]
