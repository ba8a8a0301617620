"""The platforms."""

from __future__ import annotations

from hwadmin.api.calls import BASE_PATH, ApiRequest, ApiResponse, call
from hwadmin.api.changes import changed
from hwadmin.api.lookups import row_id
from hwadmin.api.paging import each, last_id_of, page_of
from hwadmin.db.extensions import db
from hwadmin.domain.orders.waiting import Deadline, WaitsFor
from hwadmin.domain.permissions import Permission
from hwadmin.models import Platform
from hwadmin.operations.people import platforms
from hwadmin.operations.people.deadlines import set_deadlines
from hwadmin.queries.people.platforms import platforms_after
from hwadmin.queries.scope import find
from hwadmin.schemas import request_models, response_models, serializers

_ONE = "/platforms/<platform_id>"


@call(
    "GET",
    "/platforms",
    Permission.PLATFORMS_READ,
    response_models.PlatformPage,
    "People",
    query=request_models.ChangedSince,
)
def list_platforms(request: ApiRequest) -> response_models.PlatformPage:
    """List the platforms."""
    limit, after = request.query.limit, last_id_of("platforms", request.query.cursor) or 0
    rows = platforms_after(request.actor, after, limit + 1, *changed(request.query, Platform))
    return page_of(
        response_models.PlatformPage,
        "platforms",
        rows,
        limit,
        each(serializers.platform),
    )


@call("GET", _ONE, Permission.PLATFORMS_READ, response_models.PlatformResponse, "People")
def show_platform(request: ApiRequest, platform_id: str) -> response_models.PlatformResponse:
    """Show a platform."""
    return serializers.platform(find(request.actor, Platform, row_id(platform_id)))


@call(
    "POST",
    "/platforms",
    Permission.PLATFORMS_WRITE,
    response_models.PlatformResponse,
    "People",
    body=request_models.NewPlatformRequest,
    body_required=True,
    status=201,
)
def create_platform(request: ApiRequest) -> ApiResponse:
    """Add a platform. Its catalog is empty, and nobody but super-admins sees it yet."""
    new: request_models.NewPlatformRequest = request.body
    platform = platforms.create_platform(
        request.actor,
        name=new.name,
        currency=new.currency,
        forbids_self_approval=new.forbids_self_approval,
    )
    return ApiResponse(
        serializers.platform(platform), headers={"Location": f"{BASE_PATH}/platforms/{platform.id}"}
    )


@call(
    "PATCH",
    _ONE,
    Permission.PLATFORMS_WRITE,
    response_models.PlatformResponse,
    "People",
    body=request_models.PlatformChanges,
    conflicts=True,
)
def change_platform(request: ApiRequest, platform_id: str) -> response_models.PlatformResponse:
    """Rename a platform, change its currency, its deadlines, or forbid people to approve their own orders."""
    changes: request_models.PlatformChanges = request.body
    platform = find(request.actor, Platform, row_id(platform_id))
    forbids = changes.forbids_self_approval
    platform = platforms.change_platform(
        request.actor,
        platform.id,
        name=changes.name or platform.name,
        currency=changes.currency or platform.currency,
        forbids_self_approval=platform.forbids_self_approval if forbids is None else forbids,
    )
    if changes.deadlines is not None:
        stated = changes.deadlines.model_dump(exclude_unset=True)
        platform = set_deadlines(
            request.actor,
            platform.id,
            {WaitsFor(what): Deadline(**rule) if rule else None for what, rule in stated.items()},
        )
    db.session.flush()
    return serializers.platform(platform)
