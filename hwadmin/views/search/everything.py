"""Search everything: the search box of every page."""

from __future__ import annotations

from flask import jsonify, redirect, request
from flask.typing import ResponseReturnValue
from flask_admin import expose

from hwadmin.domain.permissions import Permission
from hwadmin.queries.search.everything import search_everything
from hwadmin.queries.search.hits import MAX_HITS
from hwadmin.views.search.hit_pages import label_of, page_of
from hwadmin.web.access import current_actor
from hwadmin.web.admin_views import GuardedView

_SUGGESTED = 8


class SearchView(GuardedView):
    """Search among everything the actor has access to."""

    permissions = {"index_view": Permission.SEARCH, "suggest": Permission.SEARCH}

    def __init__(self) -> None:
        super().__init__(name="Search", endpoint="search", url="/search")

    @expose("/")
    def index_view(self) -> ResponseReturnValue:
        """The hits by sort; with a single hit, its own page."""
        actor = current_actor()
        text = request.args.get("q", "").strip()[:200]
        results = search_everything(actor, text)
        if results.only is not None:
            return redirect(page_of(results.only))
        page: str = self.render(
            "admin/hw/search/everything.html",
            heading=f"Search for “{text}”" if text else "Search",
            text=text,
            results=results,
            most=MAX_HITS,
            page_of=page_of,
            several_platforms=actor.sees_several_platforms,
        )
        return page

    @expose("/suggestions")
    def suggest(self) -> ResponseReturnValue:
        """The first hits of what was typed so far: the address and the words of each."""
        results = search_everything(current_actor(), request.args.get("query", "")[:200])
        return jsonify([[page_of(hit), label_of(hit)] for hit in results.best(_SUGGESTED)])
