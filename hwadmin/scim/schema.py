"""What the directory holds of a person, as SCIM describes it; and how far senders may depart from the letter.

Only what hardware is ordered by is declared. Everything else an identity provider sends (addresses, photos,
passwords) is dropped on arrival and never stored.
"""

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
    Extension,
    External,
    Filter,
    Mutability,
    Patch,
    Path,
    Reference,
    Required,
    Resource,
    ResourceType,
    ScimPolicy,
    ScimProvider,
    ServiceProviderConfig,
    Sort,
    Uniqueness,
)
from scim2_models.resources.resource import AnyExtension

CORE = "urn:ietf:params:scim:schemas:core:2.0:User"
ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
MOST_RESULTS = 200
# Of one bulk request: each takes some twenty milliseconds.
MOST_OPERATIONS = 200
MOST_BYTES = 2 * 1024 * 1024


class Name(ComplexAttribute):
    """The components of the person's name."""

    formatted: str | None = None
    """The full name, formatted for display."""

    family_name: str | None = None
    """The family name, or last name in most Western languages."""

    given_name: str | None = None
    """The given name, or first name in most Western languages."""

    middle_name: str | None = None
    """The middle names."""

    honorific_prefix: str | None = None
    """Titles in front of the name."""

    honorific_suffix: str | None = None
    """Suffixes behind the name."""


class Email(ComplexAttribute):
    """An e-mail address of the person."""

    value: str | None = None
    """The address."""

    type: str | None = Field(None, examples=["work", "home", "other"])
    """What the address is for."""

    primary: bool | None = None
    """Whether mail goes to this address; the first one, where none is marked."""


class PhoneNumber(ComplexAttribute):
    """A phone number of the person."""

    value: str | None = None
    """The number."""

    type: str | None = Field(None, examples=["work", "home", "mobile", "other"])
    """What the number is for."""

    primary: bool | None = None
    """Whether this is the number to call first."""


class User(Resource[AnyExtension]):
    """A person on the account."""

    __schema__ = URN(CORE)

    user_name: Annotated[str | None, Uniqueness.server, Required.true] = None
    """The name by which the identity provider knows the person; unique in the account."""

    name: Name | None = None
    """The components of the person's name."""

    display_name: str | None = None
    """The name as it is shown; without it the formatted name, or given and family name."""

    title: str | None = None
    """The person's title, such as "Vice President"."""

    active: bool | None = None
    """Whether the person works here. Nothing is ordered for whoever does not."""

    emails: list[Email] | None = None
    """The person's e-mail addresses."""

    phone_numbers: list[PhoneNumber] | None = None
    """The person's phone numbers."""


class Manager(ComplexAttribute):
    """The person's manager."""

    value: Annotated[str | None, CaseExact.true] = None
    """The id of the manager. A user name, e-mail address or employee number is understood as well, also of
    somebody who is pushed later."""

    ref: Annotated[Reference[User[Any]] | None, Mutability.read_only] = Field(
        None, serialization_alias="$ref", validation_alias="$ref"
    )
    """The URI of the manager; derived from the value."""

    display_name: Annotated[str | None, Mutability.read_only] = None
    """The name of the manager; derived from the value."""


class EnterpriseUser(Extension):
    """What a company knows of the person."""

    __schema__ = URN(ENTERPRISE)

    employee_number: str | None = None
    """The number the company gives the person."""

    cost_center: str | None = None
    """The accounting code the person's devices are booked on, unless an order says otherwise."""

    organization: str | None = None
    """The name of the organization."""

    division: str | None = None
    """The name of the division."""

    department: str | None = None
    """The name of the department."""

    manager: Manager | None = None
    """The person's manager, who approves what is ordered for them where the account asks for that."""


CONFIG = ServiceProviderConfig(
    patch=Patch(supported=True),
    bulk=Bulk(supported=True, max_operations=MOST_OPERATIONS, max_payload_size=MOST_BYTES),
    filter=Filter(supported=True, max_results=MOST_RESULTS),
    change_password=ChangePassword(supported=False),
    sort=Sort(supported=True),
    etag=ETag(supported=True),
    authentication_schemes=[
        AuthenticationScheme(
            type=AuthenticationScheme.Type.oauthbearertoken,
            name="Bearer token",
            description="A token of the account, made on its Directory page.",
            spec_uri=Reference[External]("https://www.rfc-editor.org/info/rfc6750"),
            primary=True,
        )
    ],
)
# Okta and Entra send attributes nobody here knows, remove by value, and replace e-mail addresses by a filter
# that matches none yet.
POLICY = ScimPolicy(
    unknown=ScimPolicy.Unknown.ignore,
    remove_value_as_filter=ScimPolicy.RemoveValue.apply,
    unmatched_path_filter=ScimPolicy.UnmatchedPathFilter.create,
)
PROVIDER = ScimProvider(
    models=[User, EnterpriseUser],
    resource_types=[ResourceType.from_resource(User[EnterpriseUser])],
    config=CONFIG,
    policy=POLICY,
)
USER_TYPE = PROVIDER.resource_types[0]
USER: type[Resource[Any]] = User[EnterpriseUser]
# A path within it. Written as a call, since a variable is no type to the type checker.
PATH: type[Path[Any]] = Path.__class_getitem__(USER)
