"""What every page's view shares: a permission per handler, scoped rows, no hidden second call."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, ClassVar

from flask import Flask, abort
from flask_admin import BaseView
from flask_admin.contrib.sqla import ModelView
from sqlalchemy import func, select
from werkzeug.routing import IntegerConverter

from hwadmin.db.extensions import db
from hwadmin.domain.permissions import Permission
from hwadmin.queries.scope import within
from hwadmin.web import access


class GuardedView(BaseView):  # type: ignore[misc]
    """A view whose handlers each name the permission they ask for; what is not named is closed."""

    # Handler name → permission.
    permissions: ClassVar[Mapping[str, Permission]] = {}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Flask-Admin wants an index page in every view; several of ours have none."""
        if getattr(self, "_default_view", None) is None:
            self._default_view: str | None = next(iter(self.permissions))
        super().__init__(*args, **kwargs)

    def declare(self, app: Flask) -> None:
        """Declare the permission of each handler; see ``hwadmin/web/access.py``."""
        for handler, permission in self.permissions.items():
            access.declare(app, f"{self.endpoint}.{handler}", permission)

    def render(self, template: str, **values: Any) -> str:
        """The page, with what Flask-Admin's own templates ask for."""
        page: str = super().render(template, **values)
        return page

    def _run_view(self, fn: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        # Flask-Admin calls a handler again when it raised TypeError; an action must not be done twice.
        return fn(self, *args, **kwargs)


class TableView(GuardedView, ModelView):  # type: ignore[misc]
    """A Flask-Admin list and forms over one model: scoped rows, explicit columns, writes by operations.

    Subclasses state their columns, and override ``create_model`` / ``update_model`` to call an operation in
    a unit of work. Nothing is ever deleted here, and in-place editing and look-ups stay off.
    """

    can_delete = False
    can_create = False
    can_edit = False
    can_view_details = False
    page_size = 50
    can_set_page_size = False
    column_display_actions = True
    list_template = "admin/hw/admin_views/list.html"
    create_template = "admin/hw/admin_views/create.html"
    edit_template = "admin/hw/admin_views/edit.html"
    details_template = "admin/hw/admin_views/details.html"
    named_filter_urls = True

    # Loader options of the list: state the eager loading and raiseload("*") the rest.
    loading: ClassVar[tuple[Any, ...]] = ()

    def __init__(self, model: Any, **kwargs: Any) -> None:
        super().__init__(model, db, **kwargs)

    def condition(self) -> Any:
        """Which rows this actor is given: the second wall of tenancy, for list, count and get-one alike."""
        return within(access.current_actor(), self.model)

    def get_query(self) -> Any:
        return db.session.query(self.model).filter(self.condition()).options(*self.loading)

    def get_count_query(self) -> Any:
        return db.session.query(func.count(self.model.id)).filter(self.condition())

    def get_one(self, id: Any) -> Any:  # noqa: A002
        row = db.session.scalars(
            select(self.model).where(self.condition(), self.model.id == row_id(id))
        ).one_or_none()
        if row is None:
            abort(404)
        return row


class KeyInAddress(IntegerConverter):
    """``<int:key>``: plain digits of a key that can exist. Werkzeug's own takes digits of every script."""

    regex = r"[0-9]{1,18}"


def row_id(text: Any) -> int:
    """A row's key from an address; anything that cannot be one is simply not there (404)."""
    text = str(text)
    if not (text.isascii() and text.isdigit()) or len(text) > 18:
        abort(404)
    return int(text)
