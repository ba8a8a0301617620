"""The people who sign in."""

from __future__ import annotations

from hwadmin.api.calls import BASE_PATH, ApiRequest, ApiResponse, call
from hwadmin.api.changes import changed
from hwadmin.api.lookups import row_id
from hwadmin.api.paging import each, last_id_of, page_of
from hwadmin.db.extensions import db
from hwadmin.domain.permissions import Permission
from hwadmin.errors import NotFound
from hwadmin.models import Person
from hwadmin.operations.people import people
from hwadmin.operations.people.person_checks import PersonFacts
from hwadmin.queries.people.people import people_after
from hwadmin.schemas import request_models, response_models, serializers

_ONE = "/people/<person_id>"


@call(
    "GET",
    "/people",
    Permission.PEOPLE_READ,
    response_models.PersonPage,
    "People",
    query=request_models.ChangedSince,
)
def list_people(request: ApiRequest) -> response_models.PersonPage:
    """List everybody who signs in, disabled people included."""
    limit, after = request.query.limit, last_id_of("people", request.query.cursor) or 0
    rows = people_after(after, limit + 1, *changed(request.query, Person))
    return page_of(response_models.PersonPage, "people", rows, limit, each(serializers.person))


@call("GET", _ONE, Permission.PEOPLE_READ, response_models.PersonResponse, "People")
def show_person(request: ApiRequest, person_id: str) -> response_models.PersonResponse:
    """Show a person."""
    return serializers.person(_person_or_404(person_id))


@call(
    "POST",
    "/people",
    Permission.PEOPLE_WRITE,
    response_models.PersonWithPassword,
    "People",
    body=request_models.NewPersonRequest,
    body_required=True,
    status=201,
    needs_proof=True,
)
def create_person(request: ApiRequest) -> ApiResponse:
    """Let somebody sign in. The response has the generated password, which is never shown again."""
    new: request_models.NewPersonRequest = request.body
    person, password = people.create_person(
        request.actor,
        PersonFacts(new.name, new.email, new.role, new.platform_ids, new.all_platforms),
    )
    db.session.flush()
    fields = serializers.person(person).model_dump()
    return ApiResponse(
        response_models.PersonWithPassword(**fields, password=password),
        headers={"Location": f"{BASE_PATH}/people/{person.id}", "Cache-Control": "no-store"},
    )


@call(
    "PATCH",
    _ONE,
    Permission.PEOPLE_WRITE,
    response_models.PersonResponse,
    "People",
    body=request_models.PersonChanges,
    conflicts=True,
    needs_proof=True,
)
def change_person(request: ApiRequest, person_id: str) -> response_models.PersonResponse:
    """Change who somebody is or what they are given, or disable or enable them.

    A new role or other platforms end their sessions.
    """
    changes: request_models.PersonChanges = request.body
    person = _person_or_404(person_id)
    stated = changes.model_fields_set - {"disabled"}
    if stated:
        facts = PersonFacts(
            changes.name or person.name,
            changes.email or person.email,
            changes.role or person.role,
            [platform.id for platform in person.platforms]
            if changes.platform_ids is None
            else changes.platform_ids,
            person.all_platforms if changes.all_platforms is None else changes.all_platforms,
        )
        person = people.change_person(request.actor, person.id, facts)
    if changes.disabled is not None and changes.disabled is not (person.disabled_at is not None):
        operation = people.disable_person if changes.disabled else people.enable_person
        person = operation(request.actor, person.id)
    db.session.flush()
    return serializers.person(person)


@call(
    "POST",
    f"{_ONE}/reset-password",
    Permission.PEOPLE_WRITE,
    response_models.PersonWithPassword,
    "People",
    body=request_models.Nothing,
    conflicts=True,
    needs_proof=True,
)
def reset_password(request: ApiRequest, person_id: str) -> ApiResponse:
    """Give somebody a new password, which is never shown again. Their sessions end."""
    person, password = people.reset_password(request.actor, _person_or_404(person_id).id)
    db.session.flush()
    fields = serializers.person(person).model_dump()
    return ApiResponse(
        response_models.PersonWithPassword(**fields, password=password), headers={"Cache-Control": "no-store"}
    )


def _person_or_404(person_id: str) -> Person:
    rows = people_after(0, 1, Person.id == row_id(person_id))
    if not rows:
        raise NotFound("There is no such person.")
    return rows[0]
