"""Saved searches: the list of them, saving the one that is open, and going to one."""

from __future__ import annotations

from flask import abort, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_admin import expose

from hwadmin.db.unit_of_work import transact
from hwadmin.domain.permissions import Permission
from hwadmin.errors import InvalidInput, WrongState
from hwadmin.models.search import SearchedPage
from hwadmin.operations.search.saved_searches import remove_search, save_search
from hwadmin.queries.search.saved_searches import saved_search, saved_searches
from hwadmin.web.access import current_actor
from hwadmin.web.admin_views import GuardedView
from hwadmin.web.layout import go_back

_ENDPOINTS = {
    SearchedPage.ORDERS: "orders.index_view",
    SearchedPage.DEVICES: "devices.index_view",
    SearchedPage.ACCOUNTS: "accounts.index_view",
    SearchedPage.AUDIT: "audit.index_view",
    SearchedPage.EVERYTHING: "search.index_view",
}


class SearchesView(GuardedView):
    """One's own searches, and those colleagues share; each has an address that can be sent."""

    permissions = {
        "index_view": Permission.SEARCHES_OWN,
        "save": Permission.SEARCHES_OWN,
        "open": Permission.SEARCHES_OWN,
        "remove": Permission.SEARCHES_OWN,
    }

    def __init__(self) -> None:
        super().__init__(name="Saved searches", endpoint="searches", url="/saved-searches")

    @expose("/")
    def index_view(self) -> ResponseReturnValue:
        """All one may open."""
        actor = current_actor()
        page: str = self.render(
            "admin/hw/search/saved_searches/list.html",
            heading="Saved searches",
            searches=saved_searches(actor),
            me=actor.id,
        )
        return page

    @expose("/", methods=("POST",))
    def save(self) -> ResponseReturnValue:
        """Keep the search of the page one came from."""
        actor, form = current_actor(), request.form
        page, query = form.get("page", ""), form.get("query", "")[:4000]
        name, shared = form.get("name", ""), form.get("shared") == "1"
        try:
            saved = transact(lambda: save_search(actor, page, query, name, shared=shared))
        except (InvalidInput, WrongState) as refusal:
            if page not in set(SearchedPage):
                abort(422, "This page cannot be saved as a search.")
            page = self.render(
                "admin/hw/search/saved_searches/form.html",
                heading="Save this search",
                page=SearchedPage(page),
                query=query,
                name=name,
                shared=shared,
                problem=refusal.message,
            )
            return page, 409 if isinstance(refusal, WrongState) else 422
        return go_back("searches.index_view", f"Saved “{saved.name}”.")

    @expose("/<int:key>")
    def open(self, key: int) -> ResponseReturnValue:
        """Go to the page with its filters."""
        saved = saved_search(current_actor(), key)
        if saved is None:
            abort(404)
        address = url_for(_ENDPOINTS[saved.page])
        return redirect(f"{address}?{saved.query}" if saved.query else address)

    @expose("/<int:key>/remove", methods=("POST",))
    def remove(self, key: int) -> ResponseReturnValue:
        """Let go of one of one's own."""
        actor = current_actor()
        removed = transact(lambda: remove_search(actor, key))
        return go_back("searches.index_view", f"Removed “{removed.name}”.")
