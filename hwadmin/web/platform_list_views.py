"""Imported lists of a whole platform: which platform comes first."""

from __future__ import annotations

from functools import partial
from typing import Any, ClassVar

from flask import url_for
from flask.typing import ResponseReturnValue
from flask_admin import expose

from hwadmin.models import Platform
from hwadmin.queries.directory.known_names import names_of_platform
from hwadmin.queries.people.platforms import platform_names
from hwadmin.queries.scope import find
from hwadmin.web.access import current_actor
from hwadmin.web.list_import_views import ListImportView, ListTarget


class PlatformListImportView(ListImportView):
    """The pages of one kind of list, for a platform. `list_page`: the page it is found on, and its name."""

    list_page: ClassVar[tuple[str, str]]

    @expose("/")
    def index_view(self) -> ResponseReturnValue:
        """Choose the platform."""
        platforms = platform_names(current_actor())
        here = f"{self.endpoint}.import_form"
        return self.render(
            "admin/hw/admin_views/choose_platform.html",
            heading=self.list_words.heading,
            crumbs=[self._crumb()],
            platforms=[(name, url_for(here, key=key)) for key, name in platforms],
        )

    def _crumb(self) -> tuple[str, str]:
        endpoint, name = self.list_page
        return name, url_for(endpoint)

    def list_target(self, key: int) -> ListTarget:
        """The platform."""
        platform = find(current_actor(), Platform, key)
        names = partial(names_of_platform, current_actor(), key)
        return ListTarget(platform.currency, self.list_page[0], known_names=names)

    def list_frame(self, key: int) -> dict[str, Any]:
        """The way back to the page it is found on."""
        platform = find(current_actor(), Platform, key)
        name, back = self._crumb()
        return {"crumbs": [(name, back)], "back_url": back, "context": platform.name}
