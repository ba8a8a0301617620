"""The locations of an account."""

from __future__ import annotations

from hwadmin.api.calls import ApiRequest, ApiResponse, call
from hwadmin.api.changes import changed, stated_fields
from hwadmin.api.lookups import get_account_or_404, row_id
from hwadmin.api.paging import each, last_id_of, page_of
from hwadmin.db.extensions import db
from hwadmin.domain.permissions import Permission
from hwadmin.errors import NotFound
from hwadmin.models import Location
from hwadmin.operations.accounts import locations
from hwadmin.operations.accounts.locations import NewLocation
from hwadmin.operations.accounts.synchronization.locations import change_location_fields, upsert_location
from hwadmin.queries.accounts.by_key import locations_where
from hwadmin.schemas import request_models, response_models, serializers

_READ, _WRITE = Permission.ACCOUNTS_READ, Permission.ACCOUNTS_WRITE
_ALL = "/accounts/<account_id>/locations"
_ONE = f"{_ALL}/<location_id>"


@call("GET", _ALL, _READ, response_models.LocationPage, "Accounts", query=request_models.Changed)
def list_locations(request: ApiRequest, account_id: str) -> response_models.LocationPage:
    """List an account's locations. Archived ones are listed with `updated_since` only."""
    account, query = get_account_or_404(request.actor, account_id), request.query
    conditions = [Location.account_id == account.id, *changed(query, Location)]
    if query.updated_since is None:
        conditions.append(Location.archived_at.is_(None))
    after = last_id_of("locations", query.cursor) or 0
    rows = locations_where(request.actor, *conditions, after=after, limit=query.limit + 1)
    return page_of(
        response_models.LocationPage,
        "locations",
        rows,
        query.limit,
        each(serializers.location),
    )


@call("GET", _ONE, _READ, response_models.LocationResponse, "Accounts")
def show_location(request: ApiRequest, account_id: str, location_id: str) -> response_models.LocationResponse:
    """Show a location, also one that is archived."""
    return serializers.location(_location_or_404(request, account_id, location_id))


@call(
    "POST",
    _ALL,
    _WRITE,
    response_models.LocationResponse,
    "Accounts",
    body=request_models.NewLocationRequest,
    body_required=True,
    status=201,
)
def add_location(request: ApiRequest, account_id: str) -> response_models.LocationResponse:
    """Add a location to an account."""
    account = get_account_or_404(request.actor, account_id)
    location = locations.add_location(request.actor, account.id, new_location(request.body))
    return serializers.location(location)


@call(
    "PATCH",
    _ONE,
    _WRITE,
    response_models.LocationResponse,
    "Accounts",
    body=request_models.LocationChanges,
)
def change_location(
    request: ApiRequest, account_id: str, location_id: str
) -> response_models.LocationResponse:
    """Change a location; what is left out stays."""
    location = _location_or_404(request, account_id, location_id)
    values = stated_fields(request.body)
    location = change_location_fields(request.actor, location.id, values)
    db.session.flush()
    return serializers.location(location)


@call("DELETE", _ONE, _WRITE, response_models.LocationResponse, "Accounts")
def archive_location(
    request: ApiRequest, account_id: str, location_id: str
) -> response_models.LocationResponse:
    """Archive a location: it is no longer offered. Devices that are there keep it."""
    location = _location_or_404(request, account_id, location_id)
    if location.archived_at is None:
        location = locations.archive_location(request.actor, location.id)
        db.session.flush()
    return serializers.location(location)


@call(
    "PUT",
    f"{_ALL}/external/<external_id>",
    _WRITE,
    response_models.LocationResponse,
    "Accounts",
    body=request_models.ChangedLocation,
    creates=True,
)
def put_location(request: ApiRequest, account_id: str, external_id: str) -> ApiResponse:
    """Create the location you know by this key, or change it to what is stated.

    The same again changes nothing. An archived one is offered again by it.
    """
    values = stated_fields(request.body)
    location, created = upsert_location(request.actor, row_id(account_id), external_id, values)
    return ApiResponse(serializers.location(location), 201 if created else 200)


def _location_or_404(request: ApiRequest, account_id: str, location_id: str) -> Location:
    conditions = (Location.account_id == row_id(account_id), Location.id == row_id(location_id))
    rows = locations_where(request.actor, *conditions)
    if not rows:
        raise NotFound("There is no such location.")
    return rows[0]


def new_location(new: request_models.NewLocationRequest) -> NewLocation:
    """A location as the operations take it."""
    return NewLocation(new.name, new.address or "", new.external_id)
