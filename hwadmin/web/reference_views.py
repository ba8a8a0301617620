"""What all pages of reference data share: a list that is searched, narrowed and exported, and small forms."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, ClassVar

from flask import flash, request
from flask.typing import ResponseReturnValue
from flask_admin import expose
from flask_admin.contrib.sqla.filters import BaseSQLAFilter
from sqlalchemy import ColumnElement, Select, func, select

from hwadmin.db.extensions import db
from hwadmin.domain.permissions import Actor
from hwadmin.queries.sorting import sorted_by
from hwadmin.queries.text_match import narrowed_search
from hwadmin.rendering.spreadsheets import MAX_EXPORT_ROWS
from hwadmin.web.access import current_actor
from hwadmin.web.admin_views import TableView
from hwadmin.web.downloads import download
from hwadmin.web.form_pages import FormPagesView

# A list with more rows than this says so instead of counting them, which would take longer than showing one.
MAX_COUNTED = 10_000


class ChoiceFilter(BaseSQLAFilter):  # type: ignore[misc]
    """A filter with a list of choices, which each request reads anew for its own actor."""

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


class ReferenceView(TableView, FormPagesView):
    """A list of reference data with small pages around it."""

    # Column → what it is sorted by. The key is always last, so that pages neither repeat nor skip a row.
    orders: ClassVar[dict[str, tuple[Any, ...]]] = {}
    default_order: ClassVar[tuple[str, bool]]
    # Those no index gives: all rows are sorted for one page, so only as many as are counted.
    dear_orders: ClassVar[frozenset[str]] = frozenset()
    # What else the search and the order of the list look at.
    joins: ClassVar[tuple[Any, ...]] = ()
    search_hint: ClassVar[str]
    export_header: ClassVar[tuple[str, ...]] = ()
    column_auto_select_related = False

    # ---- What a list asks the database; Flask-Admin keeps the address, the paging and the sorting links

    def searched(self, text: str) -> ColumnElement[bool]:
        """The condition of the search box."""
        raise NotImplementedError

    def statement(self) -> Select[Any]:
        """The rows of the list, with everything they show."""
        query = select(self.model).options(*self.loading)
        for relationship in self.joins:
            query = query.join(relationship)
        return query

    def conditions(self, search: str | None, filters: Iterable[Any] | None) -> list[ColumnElement[bool]]:
        """What narrows the list now."""
        conditions = [self._filters[index].condition(value) for index, _, value in filters or ()]
        if search and search.strip():
            conditions.append(self.searched(search))
        return conditions

    def rows(
        self, conditions: Sequence[Any], order: str, descending: bool, limit: int, offset: int
    ) -> Sequence[Any]:
        """One page of the list."""
        columns = dict.fromkeys((*self.orders[order], self.model.id))
        query = self.statement().where(self.condition(), *conditions)
        query = query.order_by(*sorted_by(columns, descending=descending))
        return db.session.scalars(query.limit(limit).offset(offset)).all()

    def count(self, conditions: Sequence[Any]) -> int | None:
        """How many rows there are on all pages; None for more than anybody counts."""
        some = select(self.model.id).where(self.condition(), *conditions).limit(MAX_COUNTED + 1)
        if not conditions and current_actor().platform_ids is None:
            # By the index of the keys, as far as is counted; what narrows the list has an index of its own.
            some = some.order_by(self.model.id)
        counted: int = db.session.execute(select(func.count()).select_from(some.subquery())).scalar_one()
        return counted if counted <= MAX_COUNTED else None

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
    ) -> tuple[int | None, Sequence[Any]]:
        conditions = self.conditions(search, filters)
        order, descending = self.default_order
        if sort_column in self.orders:
            order, descending = sort_column, bool(sort_desc)
        size = page_size or self.page_size
        if search and search.strip():
            these = [self.condition(), *conditions]
            number, conditions = narrowed_search(self.model.id, these, most=MAX_COUNTED)
            count = number if number <= MAX_COUNTED else None
        else:
            count = self.count(conditions)
        if count is None and order in self.dear_orders:
            label = self.get_column_name(order)
            flash(f"More than {MAX_COUNTED:,} cannot be sorted by “{label}”. Search or filter first.", "info")
            order, descending = self.default_order
        return count, self.rows(conditions, order, descending, size, (page or 0) * size)

    def _get_list_filter_args(self) -> list[Any]:
        return self._narrowed(request.args.items())

    def _narrowed(self, values: Iterable[tuple[str, str]]) -> list[Any]:
        active = []
        for name, value in values:
            index, filter_ = (self._filter_args or {}).get(name.partition("_")[2], (None, None))
            if not value or index is None or not name.startswith("flt"):
                continue
            if filter_.validate(value):
                active.append((index, filter_.name, value))
            else:
                flash(f"“{value[:60]}” is not a {filter_.name.lower()} you can choose.", "error")
        return active

    def render(self, template: str, **kwargs: Any) -> str:
        if template == self.list_template:
            actor = current_actor()
            names = [name for name, _ in kwargs["list_columns"]]
            kwargs["most_counted"] = MAX_COUNTED
            if kwargs["count"] is None and kwargs["sort_column"] in map(names.index, self.dear_orders):
                kwargs["sort_column"] = None
            # How the list is sorted where nobody chose: the place of the column, and whether downwards.
            kwargs["default_sort"] = (names.index(self.default_order[0]), self.default_order[1])
            active = {name: value for _, name, value in kwargs.get("active_filters") or ()}
            kwargs["narrowing"] = [
                {
                    "name": f"flt_{self.get_filter_arg(index, filter_)}",
                    "label": filter_.name,
                    "everything": filter_.everything,
                    "choices": filter_.choices(actor),
                    "value": active.get(filter_.name, ""),
                }
                for index, filter_ in enumerate(self._filters or ())
            ]
            kwargs["several_platforms"] = actor.sees_several_platforms
        page: str = super().render(template, **kwargs)
        return page

    # ---- Export

    def exported(self, rows: Sequence[Any]) -> Iterable[Sequence[Any]]:
        """The rows of the export, under ``export_header``."""
        raise NotImplementedError

    @expose("/export-rows/", methods=("POST",))
    def export_rows(self) -> ResponseReturnValue:
        """The list, narrowed as it is now, as CSV or XLSX."""
        filters = self._narrowed(request.form.items())
        conditions = self.conditions(request.form.get("search", "").replace("\0", ""), filters)
        order, descending = self.default_order
        rows = self.rows(conditions, order, descending, MAX_EXPORT_ROWS + 1, 0)
        return download(request.form.get("format"), self.name, self.export_header, self.exported(rows))
