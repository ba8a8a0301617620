"""Platforms; and what all pages of reference data share: a list that is searched, narrowed and exported."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, ClassVar

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_admin import expose
from flask_admin.contrib.sqla.filters import BaseSQLAFilter
from flask_wtf import FlaskForm
from sqlalchemy import ColumnElement, Select, and_, func, select, true
from sqlalchemy.orm import raiseload

from hwadmin.errors import InvalidInput, WrongState
from hwadmin.extensions import db
from hwadmin.forms.platforms import PlatformForm
from hwadmin.models import Account, CatalogItem, Platform
from hwadmin.operations.platforms import change_platform, create_platform, find
from hwadmin.permissions import Actor, Permission
from hwadmin.queries.accounts import patterns
from hwadmin.queries.scope import within
from hwadmin.spreadsheets import MAX_EXPORT_ROWS
from hwadmin.uow import transact
from hwadmin.views.auth import put_errors
from hwadmin.views.base import TableView
from hwadmin.views.downloads import download
from hwadmin.views.gate import current_actor


class OneOf(BaseSQLAFilter):  # type: ignore[misc]
    """A filter that is a list to choose from, asked for anew by each request and for its actor only."""

    def __init__(
        self,
        column: Any,
        name: str,
        choices: Callable[[Actor], Sequence[tuple[str, str]]],
        condition: Callable[[str], ColumnElement[bool]],
        *,
        everything: str | None = None,
        of_keys: bool = False,
    ) -> None:
        super().__init__(column, name)
        self.choices, self.condition = choices, condition
        self.everything = everything or f"{name}: all"
        self.of_keys = of_keys

    def operation(self) -> str:
        return "is"

    def get_options(self, view: Any) -> None:
        return None  # Flask-Admin asks once, at the start, when nobody is asking.

    def validate(self, value: str) -> bool:
        if self.of_keys:
            return value.isascii() and value.isdigit() and len(value) <= 18
        return any(value == choice for choice, _ in self.choices(current_actor()))


class ReferenceView(TableView):
    """A list of reference data with small pages around it."""

    # Column → what it is sorted by. The key is always last, so that pages neither repeat nor skip a row.
    orders: ClassVar[dict[str, tuple[Any, ...]]] = {}
    default_order: ClassVar[tuple[str, bool]]
    search_hint: ClassVar[str]
    export_header: ClassVar[tuple[str, ...]] = ()
    column_auto_select_related = False

    # ---- What a list asks the database; Flask-Admin keeps the address, the paging and the sorting links

    def searched(self, text: str) -> ColumnElement[bool]:
        """The condition of the search box."""
        raise NotImplementedError

    def statement(self) -> Select[Any]:
        """The rows of the list, with everything they show."""
        return select(self.model).options(*self.loading)

    def conditions(self, search: str | None, filters: Iterable[Any] | None) -> list[ColumnElement[bool]]:
        """What narrows the list now."""
        found = [self._filters[index].condition(value) for index, _, value in filters or ()]
        if search and search.strip():
            found.append(self.searched(search))
        return found

    def rows(
        self, conditions: Sequence[Any], order: str, descending: bool, limit: int, offset: int
    ) -> Sequence[Any]:
        """One page of the list."""
        columns = (*self.orders[order], self.model.id)
        query = self.statement().where(self.condition(), *conditions)
        query = query.order_by(
            *(column.desc().nulls_last() if descending else column.asc().nulls_last() for column in columns)
        )
        return db.session.scalars(query.limit(limit).offset(offset)).all()

    def count(self, conditions: Sequence[Any]) -> int:
        """How many rows there are on all pages."""
        query = select(func.count(self.model.id)).where(self.condition(), *conditions)
        return int(db.session.execute(query).scalar_one())

    # ---- Flask-Admin's hooks

    def init_search(self) -> bool:
        return True

    def search_placeholder(self) -> str:
        return self.search_hint

    def get_sortable_columns(self) -> dict[str, str]:
        return {name: name for name in self.orders}

    def get_list(
        self,
        page: int | None,
        sort_column: str | None,
        sort_desc: bool | None,
        search: str | None,
        filters: Sequence[Any] | None,
        execute: bool = True,
        page_size: int | None = None,
    ) -> tuple[int, Sequence[Any]]:
        conditions = self.conditions(search, filters)
        order, descending = self.default_order
        if sort_column in self.orders:
            order, descending = sort_column, bool(sort_desc)
        size = page_size or self.page_size
        rows = self.rows(conditions, order, descending, size, (page or 0) * size)
        return self.count(conditions), rows

    def _get_list_filter_args(self) -> list[Any]:
        return self._narrowed(request.args.items())

    def _narrowed(self, values: Iterable[tuple[str, str]]) -> list[Any]:
        found = []
        for name, value in values:
            index, filter_ = (self._filter_args or {}).get(name.partition("_")[2], (None, None))
            if not value or index is None or not name.startswith("flt"):
                continue
            if filter_.validate(value):
                found.append((index, filter_.name, value))
            else:
                flash(f"“{value[:60]}” is no {filter_.name.lower()} to choose.", "error")
        return found

    def render(self, template: str, **kwargs: Any) -> str:
        if template == self.list_template:
            actor = current_actor()
            active = {name: value for _, name, value in kwargs.get("active_filters") or ()}
            kwargs["narrowing"] = [
                {
                    "name": f"flt_{self.get_filter_arg(index, one)}",
                    "label": one.name,
                    "everything": one.everything,
                    "choices": one.choices(actor),
                    "value": active.get(one.name, ""),
                }
                for index, one in enumerate(self._filters or ())
            ]
            kwargs["several_platforms"] = actor.platform_ids is None or len(actor.platform_ids) > 1
        page: str = super().render(template, **kwargs)
        return page

    # ---- Export

    def exported(self, row: Any) -> tuple[Any, ...]:
        """A row of the export, under ``export_header``."""
        raise NotImplementedError

    @expose("/export-rows/", methods=("POST",))
    def export_rows(self) -> ResponseReturnValue:
        """The list, narrowed as it is now, as CSV or XLSX."""
        filters = self._narrowed(request.form.items())
        conditions = self.conditions(request.form.get("search", "").replace("\0", ""), filters)
        order, descending = self.default_order
        rows = self.rows(conditions, order, descending, MAX_EXPORT_ROWS + 1, 0)
        return download(
            request.form.get("format"), self.name, self.export_header, (self.exported(row) for row in rows)
        )

    # ---- Small pages with a form

    def form_page(
        self,
        form: FlaskForm,
        heading: str,
        crumbs: Sequence[tuple[str, str]],
        *,
        status: int = 200,
        template: str = "admin/hw/platforms/form.html",
        **values: Any,
    ) -> ResponseReturnValue:
        """A form on a page of its own; the last crumb is where Cancel leads."""
        return self.render(template, form=form, heading=heading, crumbs=crumbs, **values), status

    def done(self, deed: Callable[[], Any], form: FlaskForm, at: str | None = None) -> tuple[Any, int]:
        """Do what a form asks for, in one unit of work; a refusal goes back into the form.

        Args:
            deed: the operation.
            form: what was sent.
            at: the field at which a wrong state is shown; above the form where absent.

        Returns:
            What the operation gave and 0, or None and the status of the refusal.
        """
        if not form.validate():
            return None, 422
        try:
            return transact(deed), 0
        except InvalidInput as refusal:
            put_errors(form, refusal)
            return None, 422
        except WrongState as refusal:
            if at is None:
                form.form_errors.append(refusal.message)
            else:
                form[at].errors = [*form[at].errors, refusal.message]
            return None, 409


class PlatformsView(ReferenceView):
    """Platforms, for super-admins."""

    permissions = {
        "index_view": Permission.PLATFORMS_READ,
        "create_view": Permission.PLATFORMS_WRITE,
        "create": Permission.PLATFORMS_WRITE,
        "edit_view": Permission.PLATFORMS_WRITE,
        "change": Permission.PLATFORMS_WRITE,
    }
    column_list = ("name", "currency", "forbids_self_approval")
    column_labels = {"forbids_self_approval": "Self-approval"}
    orders = {"name": (Platform.name,), "currency": (Platform.currency,)}
    default_order = ("name", False)
    search_hint = "Search platforms"
    loading = (raiseload("*"),)
    list_template = "admin/hw/platforms/list.html"
    form = PlatformForm

    def __init__(self) -> None:
        super().__init__(Platform, name="Platforms", endpoint="platforms", url="/platforms")

    def searched(self, text: str) -> ColumnElement[bool]:
        return and_(true(), *(Platform.name.ilike(pattern, escape="\\") for pattern in patterns(text)))

    def render(self, template: str, **kwargs: Any) -> str:
        if template == self.list_template:
            keys = [platform.id for platform in kwargs["data"]]
            kwargs["accounts"], kwargs["items"] = (
                _per_platform(model, keys) for model in (Account, CatalogItem)
            )
        return super().render(template, **kwargs)

    def _page(self, form: PlatformForm, platform: Platform | None, status: int = 200) -> ResponseReturnValue:
        crumbs = [("Platforms", url_for("platforms.index_view"))]
        heading = platform.name if platform else "New platform"
        return self.form_page(form, heading, crumbs, status=status)

    @expose("/new/")
    def create_view(self) -> ResponseReturnValue:
        """Show the form for a new platform."""
        return self._page(PlatformForm(), None)

    @expose("/new/", methods=("POST",))
    def create(self) -> ResponseReturnValue:
        """Create a platform."""
        form, actor = PlatformForm(), current_actor()
        platform, refused = self.done(lambda: create_platform(actor, **_typed(form)), form)
        if refused:
            return self._page(form, None, refused)
        flash(f"Created {platform.name}. Its catalog is empty, and nobody has been given it yet.", "success")
        return redirect(url_for("platforms.index_view"))

    @expose("/<int:key>/edit/")
    def edit_view(self, key: int) -> ResponseReturnValue:
        """Show a platform's settings."""
        platform = find(current_actor(), Platform, key)
        return self._page(PlatformForm(obj=platform), platform)

    @expose("/<int:key>/edit/", methods=("POST",))
    def change(self, key: int) -> ResponseReturnValue:
        """Change a platform's settings."""
        actor, form = current_actor(), PlatformForm()
        platform = find(actor, Platform, key)
        changed, refused = self.done(lambda: change_platform(actor, key, **_typed(form)), form)
        if refused:
            return self._page(form, platform, refused)
        flash(f"Saved {changed.name}.", "success")
        return redirect(url_for("platforms.index_view"))


def _typed(form: PlatformForm) -> dict[str, Any]:
    return {
        "name": form.name.data or "",
        "currency": form.currency.data or "",
        "forbids_self_approval": bool(form.forbids_self_approval.data),
    }


def _per_platform(model: type[Account] | type[CatalogItem], keys: Sequence[int]) -> dict[int, int]:
    query = (
        select(model.platform_id, func.count(model.id))
        .where(within(current_actor(), model), model.platform_id.in_(keys))
        .group_by(model.platform_id)
    )
    return {row[0]: row[1] for row in db.session.execute(query)}
