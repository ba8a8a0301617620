"""The platforms: for super-admins."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, url_for
from flask.typing import ResponseReturnValue
from flask_admin import expose
from sqlalchemy import ColumnElement, and_, true
from sqlalchemy.orm import raiseload

from hwadmin.domain.permissions import Permission
from hwadmin.forms.people.platforms import PlatformForm
from hwadmin.models import Account, CatalogItem, Platform
from hwadmin.operations.people.platforms import change_platform, create_platform
from hwadmin.queries.people.platforms import rows_per_platform
from hwadmin.queries.scope import find
from hwadmin.queries.text_match import part_of, words_of
from hwadmin.web.access import current_actor
from hwadmin.web.reference_views import ReferenceView


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
    list_template = "admin/hw/people/platforms/list.html"
    form = PlatformForm

    def __init__(self) -> None:
        super().__init__(Platform, name="Platforms", endpoint="platforms", url="/platforms")

    def searched(self, text: str) -> ColumnElement[bool]:
        return and_(true(), *(part_of(word, Platform.name) for word in words_of(text)))

    def render(self, template: str, **kwargs: Any) -> str:
        if template == self.list_template:
            keys = [platform.id for platform in kwargs["data"]]
            kwargs["accounts"], kwargs["items"] = (
                rows_per_platform(current_actor(), model, keys) for model in (Account, CatalogItem)
            )
        return super().render(template, **kwargs)

    def _page(self, form: PlatformForm, platform: Platform | None, status: int = 200) -> ResponseReturnValue:
        crumbs = [("Platforms", url_for("platforms.index_view"))]
        heading = platform.name if platform else "New platform"
        template = "admin/hw/people/platforms/form.html"
        return self.form_page(form, heading, crumbs, status=status, template=template, platform=platform)

    @expose("/new/")
    def create_view(self) -> ResponseReturnValue:
        """Show the form for a new platform."""
        return self._page(PlatformForm(), None)

    @expose("/new/", methods=("POST",))
    def create(self) -> ResponseReturnValue:
        """Create a platform."""
        form, actor = PlatformForm(), current_actor()
        platform, refused = self.done(lambda: create_platform(actor, **_input(form)), form)
        if refused:
            return self._page(form, None, refused)
        flash(f"Created {platform.name}. Its catalog is empty, and nobody has access to it yet.", "success")
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
        changed, refused = self.done(lambda: change_platform(actor, key, **_input(form)), form)
        if refused:
            return self._page(form, platform, refused)
        flash(f"Saved {changed.name}.", "success")
        return redirect(url_for("platforms.index_view"))


def _input(form: PlatformForm) -> dict[str, Any]:
    return {
        "name": form.name.data or "",
        "currency": form.currency.data or "",
        "forbids_self_approval": bool(form.forbids_self_approval.data),
    }
