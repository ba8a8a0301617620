"""Search everything: one box in the frame of every page, straight to the answer where there is one."""

from __future__ import annotations

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_admin import expose

from hwadmin.permissions import Permission
from hwadmin.queries.devices import DeviceRow
from hwadmin.queries.search import MOST_SHOWN, AccountHit, EmployeeHit, Hit, LineHit, OrderHit, find
from hwadmin.views.base import GuardedView
from hwadmin.views.gate import current_actor


class SearchView(GuardedView):
    """Whatever a caller names, among what one is given."""

    permissions = {"index_view": Permission.SEARCH}

    def __init__(self) -> None:
        super().__init__(name="Search", endpoint="search", url="/search")

    @expose("/")
    def index_view(self) -> ResponseReturnValue:
        """What was found, by sort; the thing itself where it is one."""
        actor = current_actor()
        text = request.args.get("q", "").strip()[:200]
        found = find(actor, text)
        if found.only is not None:
            return redirect(page_of(found.only))
        page: str = self.render(
            "admin/hw/search.html",
            heading=f"Search for “{text}”" if text else "Search",
            text=text,
            found=found,
            most=MOST_SHOWN,
            several_platforms=actor.platform_ids is None or len(actor.platform_ids) > 1,
        )
        return page


def page_of(hit: Hit) -> str:
    """The address of the page that says everything about what was found."""
    if isinstance(hit, OrderHit):
        return url_for("orders.order", reference=hit.reference)
    if isinstance(hit, DeviceRow):
        return url_for("devices.details_view", key=hit.id)
    if isinstance(hit, EmployeeHit):
        return url_for("accounts.employee", key=hit.account_id, part=hit.id)
    if isinstance(hit, LineHit):
        if hit.employee_id is not None:
            return url_for("accounts.employee", key=hit.account_id, part=hit.employee_id)
        return url_for("accounts.details_view", key=hit.account_id)
    if isinstance(hit, AccountHit):
        return url_for("accounts.details_view", key=hit.id)
    return url_for("orders.index_view", status="all", platform=hit.id)
