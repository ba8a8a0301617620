"""Serving SCIM for staff."""

from __future__ import annotations

from flask import Response

from hwadmin.scim.server import DirectoryService, respond
from hwadmin.scim.staff import authentication
from hwadmin.scim.staff.schema import PROVIDER
from hwadmin.scim.staff.storage import StaffStorage
from hwadmin.web import access
from hwadmin.web.authentication.sign_in_rules import settings

_SERVICE = DirectoryService(PROVIDER)


def serve(base_path: str) -> Response:
    """Respond to the present request to the staff directory, whose addresses begin with this path."""
    actor, provider = access.current_actor(), authentication.pushing_provider()
    break_glass = settings().break_glass
    return respond(_SERVICE, base_path, lambda: StaffStorage(actor, provider, break_glass))
