"""What is kept of the company's people and groups, as SCIM describes it."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field
from scim2_models import (
    URN,
    AuthenticationScheme,
    Bulk,
    CaseExact,
    ChangePassword,
    ComplexAttribute,
    ETag,
    External,
    Filter,
    Mutability,
    Patch,
    Reference,
    Required,
    Resource,
    ResourceType,
    ScimProvider,
    ServiceProviderConfig,
    Sort,
    Uniqueness,
)

from hwadmin.scim.schema import CORE, MOST_RESULTS, POLICY, Email, Name, User

CORE_GROUP = "urn:ietf:params:scim:schemas:core:2.0:Group"


class RoleEntry(ComplexAttribute):
    """A role the person has at the identity provider."""

    value: str | None = None
    """The role; the claim ``roles`` of the access rules."""

    display: str | None = None
    """The role as it is shown."""

    type: str | None = None
    """What kind of role it is."""

    primary: bool | None = None
    """Whether it is the main one."""


class PushedUser(Resource[Any]):
    """Somebody who may sign in, once a rule gives their groups access."""

    __schema__ = URN(CORE)

    user_name: Annotated[str | None, Uniqueness.server, Required.true] = None
    """The name by which the identity provider knows the person; unique."""

    name: Name | None = None
    """The components of the person's name."""

    display_name: str | None = None
    """The name as it is shown; without it the formatted name, or given and family name."""

    active: bool | None = None
    """Whether the person may sign in. Whoever is not active is let in no more, at the next request."""

    emails: list[Email] | None = None
    """The person's e-mail addresses. The primary one, or else the user name, is whom they are here."""

    roles: list[RoleEntry] | None = None
    """The person's roles at the identity provider."""


class Member(ComplexAttribute):
    """A user in a group."""

    value: Annotated[str | None, Mutability.immutable, CaseExact.true] = None
    """The id of the user."""

    # A reference names its type by the class: "User".
    ref: Annotated[Reference[User[Any]] | None, Mutability.immutable] = Field(
        None, serialization_alias="$ref", validation_alias="$ref"
    )
    """The URI of the user; derived from the id."""

    type: Annotated[str | None, Mutability.immutable] = Field(None, examples=["User"])
    """Always ``User``: groups within groups are not understood."""

    display: Annotated[str | None, Mutability.read_only] = None
    """Not kept: the name is the user's own."""


class PushedGroup(Resource[Any]):
    """A group of users; the access rules say what it gives."""

    __schema__ = URN(CORE_GROUP)

    display_name: Annotated[str | None, Required.true] = None
    """The name of the group, which the value of a rule may be; its ``externalId`` may be as well."""

    members: list[Member] | None = None
    """Who is in it."""


CONFIG = ServiceProviderConfig(
    patch=Patch(supported=True),
    bulk=Bulk(supported=False, max_operations=0, max_payload_size=0),
    filter=Filter(supported=True, max_results=MOST_RESULTS),
    change_password=ChangePassword(supported=False),
    sort=Sort(supported=True),
    etag=ETag(supported=True),
    authentication_schemes=[
        AuthenticationScheme(
            type=AuthenticationScheme.Type.oauthbearertoken,
            name="Bearer token",
            description="A staff token, made on the page Staff directory.",
            spec_uri=Reference[External]("https://www.rfc-editor.org/info/rfc6750"),
            primary=True,
        )
    ],
)


def _resource_type(model: type[Resource[Any]], name: str) -> ResourceType:
    changes = {"id": name, "name": name, "endpoint": f"/{name}s"}
    return ResourceType.from_resource(model).model_copy(update=changes)


PROVIDER = ScimProvider(
    models=[PushedUser, PushedGroup],
    resource_types=[
        _resource_type(PushedUser, "User"),
        _resource_type(PushedGroup, "Group"),
    ],
    config=CONFIG,
    policy=POLICY,
)
USER_TYPE, GROUP_TYPE = PROVIDER.resource_types
