"""Distributors, for super-admins."""

from __future__ import annotations

from hwadmin.api.calls import ApiRequest, call
from hwadmin.api.changes import changed
from hwadmin.api.lookups import row_id
from hwadmin.api.paging import each, last_id_of, page_of
from hwadmin.db.extensions import db
from hwadmin.domain.permissions import Permission
from hwadmin.models import Distributor
from hwadmin.operations.catalog.distributors import (
    DistributorFacts,
    archive_distributor,
    change_distributor,
    create_distributor,
)
from hwadmin.queries.catalog.distributors import distributors_page, get_distributor
from hwadmin.schemas import request_models, response_models, serializers

_FACTS = ("name", "email", "customer_number", "note", "expected_days")


@call(
    "GET",
    "/distributors",
    Permission.DISTRIBUTORS_READ,
    response_models.DistributorPage,
    "Distributors",
    query=request_models.DistributorQuery,
)
def list_distributors(request: ApiRequest) -> response_models.DistributorPage:
    """List the distributors we buy from. Archived ones are listed with `archived` or `updated_since` only."""
    query: request_models.DistributorQuery = request.query
    after = last_id_of("distributors", query.cursor) or 0
    rows = distributors_page(
        *changed(query, Distributor),
        archived=query.archived or query.updated_since is not None,
        after=after,
        limit=query.limit + 1,
    )
    return page_of(
        response_models.DistributorPage,
        "distributors",
        rows,
        query.limit,
        each(serializers.distributor),
    )


@call(
    "GET",
    "/distributors/<distributor_id>",
    Permission.DISTRIBUTORS_READ,
    response_models.DistributorResponse,
    "Distributors",
)
def show_distributor(request: ApiRequest, distributor_id: str) -> response_models.DistributorResponse:
    """Show one distributor."""
    return serializers.distributor(get_distributor(row_id(distributor_id)))


@call(
    "POST",
    "/distributors",
    Permission.DISTRIBUTORS_WRITE,
    response_models.DistributorResponse,
    "Distributors",
    body=request_models.NewDistributorRequest,
    body_required=True,
    status=201,
)
def add_distributor(request: ApiRequest) -> response_models.DistributorResponse:
    """Create a distributor."""
    return serializers.distributor(
        create_distributor(request.actor, DistributorFacts(**request.body.model_dump()))
    )


@call(
    "PATCH",
    "/distributors/<distributor_id>",
    Permission.DISTRIBUTORS_WRITE,
    response_models.DistributorResponse,
    "Distributors",
    body=request_models.DistributorChange,
    body_required=True,
)
def patch_distributor(request: ApiRequest, distributor_id: str) -> response_models.DistributorResponse:
    """Change a distributor, or archive it; what is left out stays as it is.

    Other days until delivery count for the orders that are with the distributor now.
    """
    key, changes = row_id(distributor_id), request.body.model_dump(exclude_unset=True)
    row: Distributor = get_distributor(key)
    if changes.keys() & set(_FACTS):
        facts = {name: changes.get(name, getattr(row, name)) for name in _FACTS}
        row = change_distributor(request.actor, key, DistributorFacts(**facts))
    archived = changes.get("archived")
    if archived is not None and archived != (row.archived_at is not None):
        row = archive_distributor(request.actor, key, archived=archived)
    db.session.flush()
    return serializers.distributor(row)
