"""Who the token acts as."""

from __future__ import annotations

from hwadmin import __version__
from hwadmin.api.calls import ApiRequest, call
from hwadmin.db.extensions import db
from hwadmin.domain.permissions import Permission
from hwadmin.models import Person
from hwadmin.queries.people.platforms import platform_names
from hwadmin.schemas import response_models


@call("GET", "/me", Permission.OWN_ACCOUNT, response_models.MeResponse, "People")
def me(request: ApiRequest) -> response_models.MeResponse:
    """Show as whom the token acts: the person or service, its role, platforms and permissions."""
    actor = request.actor
    person = db.session.get(Person, actor.id) if actor.id is not None else None
    return response_models.MeResponse(
        kind="person" if person else "service",
        person=(
            response_models.MyPersonResponse(id=person.id, name=person.name, email=person.email)
            if person
            else None
        ),
        name=actor.name,
        role=actor.role,
        platforms=[response_models.NamedResponse(id=key, name=name) for key, name in platform_names(actor)],
        all_platforms=actor.platform_ids is None,
        permissions=sorted(actor.permissions),
        version=__version__,
    )
