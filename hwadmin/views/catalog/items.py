"""The catalog: everybody reads their platforms', super-admins keep it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_admin import expose
from sqlalchemy import ColumnElement, true
from sqlalchemy.orm import contains_eager, raiseload

from hwadmin.db.unit_of_work import transact
from hwadmin.domain.device_kinds import Kind
from hwadmin.domain.permissions import Permission
from hwadmin.forms.catalog.items import ItemForm, NewItemForm
from hwadmin.forms.fields import options
from hwadmin.models import CatalogItem, Platform
from hwadmin.operations.catalog.items import archive_item, change_item, create_item, delete_item, restore_item
from hwadmin.queries.accounts.accounts import platform_choices
from hwadmin.queries.catalog import exports
from hwadmin.queries.catalog.items import item_search, makes, price_list
from hwadmin.queries.scope import find
from hwadmin.web.access import current_actor
from hwadmin.web.layout import go_back
from hwadmin.web.reference_views import ChoiceFilter, ReferenceView

_WRITE = Permission.CATALOG_WRITE
_STATES = (("archived", "Archived"), ("all", "On sale and archived"))


def _state(value: str) -> ColumnElement[bool]:
    return CatalogItem.archived_at.is_not(None) if value == "archived" else true()


class CatalogView(ReferenceView):
    """What the platforms sell."""

    permissions = {
        "index_view": Permission.CATALOG_READ,
        "export_rows": Permission.EXPORT,
        "create_view": _WRITE,
        "create": _WRITE,
        "edit_view": _WRITE,
        "change": _WRITE,
        "archive": _WRITE,
        "restore": _WRITE,
        "delete_form": _WRITE,
        "delete": _WRITE,
    }
    column_list = ("item", "sku", "kind", "details", "unit_price", "platform")
    column_labels = {"item": "Item", "sku": "SKU", "unit_price": "Unit price"}
    column_filters = (
        ChoiceFilter(
            CatalogItem.platform_id,
            "Platform",
            platform_choices,
            lambda value: CatalogItem.platform_id == int(value),
            of_keys=True,
        ),
        ChoiceFilter(
            CatalogItem.kind,
            "Kind",
            lambda actor: [(kind.value, kind.label) for kind in Kind],
            lambda value: CatalogItem.kind == Kind(value),
        ),
        ChoiceFilter(CatalogItem.make, "Make", makes, lambda value: CatalogItem.make == value),
        ChoiceFilter(CatalogItem.archived_at, "State", lambda actor: _STATES, _state, everything="On sale"),
    )
    orders = {
        "item": (CatalogItem.make, CatalogItem.model),
        "sku": (CatalogItem.sku,),
        "kind": (CatalogItem.kind, CatalogItem.make, CatalogItem.model),
        "unit_price": (CatalogItem.unit_price,),
        "platform": (Platform.name, CatalogItem.make, CatalogItem.model),
    }
    default_order = ("item", False)
    search_hint = "Search make, model or SKU"
    joins = (CatalogItem.platform,)
    loading = (contains_eager(CatalogItem.platform), raiseload("*"))
    list_template = "admin/hw/catalog/list.html"
    export_header = exports.HEADER
    form = ItemForm

    def __init__(self) -> None:
        super().__init__(CatalogItem, name="Catalog", endpoint="catalog", url="/catalog")

    def searched(self, text: str) -> ColumnElement[bool]:
        return item_search(text)

    def conditions(self, search: str | None, filters: Iterable[Any] | None) -> list[ColumnElement[bool]]:
        filters = list(filters or ())
        found = super().conditions(search, filters)
        # What is not sold any more is shown to those who ask for it.
        if not any(name == "State" for _, name, _ in filters):
            found.append(CatalogItem.archived_at.is_(None))
        return found

    def exported(self, rows: Sequence[CatalogItem]) -> Iterator[Sequence[Any]]:
        return exports.exported_items(rows)

    # ---- Pages

    def _page(self, form: ItemForm, item: CatalogItem | None, status: int = 200) -> ResponseReturnValue:
        crumbs = [("Catalog", url_for("catalog.index_view"))]
        heading = item.title if item else "New catalog item"
        if item is not None:
            form.unit_price.label.text = f"Unit price in {item.platform.currency}"
        template = "admin/hw/catalog/form.html"
        prices = price_list(current_actor(), item.id) if item is not None else ()
        return self.form_page(
            form, heading, crumbs, status=status, template=template, item=item, prices=prices
        )

    def _new_form(self) -> NewItemForm:
        form = NewItemForm(platform_id=request.args.get("platform"))
        form.platform_id.choices = options([("", "Choose…"), *platform_choices(current_actor())])
        return form

    @expose("/new/")
    def create_view(self) -> ResponseReturnValue:
        """Show the form for a new item."""
        return self._page(self._new_form(), None)

    @expose("/new/", methods=("POST",))
    def create(self) -> ResponseReturnValue:
        """Add an item to a platform's catalog."""
        actor, form = current_actor(), self._new_form()
        if form.validate() and form.platform_id.data is None:
            form.platform_id.errors = ["Choose the platform that sells it."]
            return self._page(form, None, 422)
        item, refused = self.done(lambda: create_item(actor, form.platform_id.data, form.entry), form)
        if refused:
            return self._page(form, None, refused)
        flash(f"Added {item} to the catalog.", "success")
        if "again" in request.form:
            return redirect(url_for("catalog.create_view", platform=item.platform_id))
        return redirect(url_for("catalog.index_view"))

    @expose("/<int:key>/edit/")
    def edit_view(self, key: int) -> ResponseReturnValue:
        """Show an item, to be changed."""
        item = find(current_actor(), CatalogItem, key)
        return self._page(ItemForm(obj=item), item)

    @expose("/<int:key>/edit/", methods=("POST",))
    def change(self, key: int) -> ResponseReturnValue:
        """Change an item; orders that exist stay as they are."""
        actor, form = current_actor(), ItemForm()
        item = find(actor, CatalogItem, key)
        changed, refused = self.done(lambda: change_item(actor, key, form.entry), form)
        if refused:
            return self._page(form, item, refused)
        flash(f"Saved {changed}.", "success")
        return redirect(url_for("catalog.index_view"))

    @expose("/<int:key>/archive/", methods=("POST",))
    def archive(self, key: int) -> ResponseReturnValue:
        """Take an item off sale."""
        actor = current_actor()
        item = transact(lambda: archive_item(actor, key))
        return go_back("catalog.edit_view", f"{item} is archived: it cannot be ordered any more.", key=key)

    @expose("/<int:key>/restore/", methods=("POST",))
    def restore(self, key: int) -> ResponseReturnValue:
        """Put an item on sale again."""
        actor = current_actor()
        item = transact(lambda: restore_item(actor, key))
        return go_back("catalog.edit_view", f"{item} is on sale again.", key=key)

    @expose("/<int:key>/delete/")
    def delete_form(self, key: int) -> ResponseReturnValue:
        """Ask before an item is deleted for good."""
        item = find(current_actor(), CatalogItem, key)
        return self.render("admin/hw/catalog/delete.html", item=item)

    @expose("/<int:key>/delete/", methods=("POST",))
    def delete(self, key: int) -> ResponseReturnValue:
        """Delete an item that was never used."""
        actor = current_actor()
        name = str(find(actor, CatalogItem, key))
        transact(lambda: delete_item(actor, key))
        return go_back("catalog.index_view", f"Deleted {name}.")
