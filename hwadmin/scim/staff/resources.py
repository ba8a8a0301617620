"""A user and a group of the staff directory as SCIM and as ours."""

from __future__ import annotations

from typing import Any

from scim2_models import Context, Resource

from hwadmin.models import StaffEntry, StaffGroup
from hwadmin.operations.people.staff.entries import StaffFacts
from hwadmin.operations.people.staff.groups import GroupFacts
from hwadmin.scim.staff.schema import GROUP_TYPE, USER_TYPE, PushedGroup, PushedUser


def version_of(row: StaffEntry | StaffGroup) -> str:
    """A version as an entity tag."""
    return f'W/"{row.version}"'


def resource_of(row: StaffEntry | StaffGroup) -> Resource[Any]:
    """The resource of a user or a group."""
    is_user = isinstance(row, StaffEntry)
    body: dict[str, Any] = {
        **(_user(row) if isinstance(row, StaffEntry) else _group(row)),
        "id": row.scim_id,
        "meta": {
            "resourceType": (USER_TYPE if is_user else GROUP_TYPE).name,
            "created": row.created_at,
            "lastModified": row.updated_at,
            "version": version_of(row),
        },
    }
    model: type[Resource[Any]] = PushedUser if is_user else PushedGroup
    return model.model_validate(body)


def _user(entry: StaffEntry) -> dict[str, Any]:
    body = dict(entry.record)
    person = entry.person
    if person is not None and person.disabled_at is not None and not person.access_withdrawn:
        # A super-admin disabled them, and no push lets them in again.
        body["active"] = False
    return body


def _group(group: StaffGroup) -> dict[str, Any]:
    members = [
        {"value": entry.scim_id, "$ref": f"Users/{entry.scim_id}", "type": USER_TYPE.name}
        for entry in group.members
    ]
    body = {"displayName": group.name, "externalId": group.external_id, "members": members}
    return {name: value for name, value in body.items() if value}


def facts_of(resource: Resource[Any]) -> StaffFacts:
    """What is in the resource of a user."""
    attributes = resource.model_dump(scim_ctx=Context.DEFAULT)
    record = {name: value for name, value in attributes.items() if name not in ("schemas", "id", "meta")}
    for several in ("emails", "roles"):
        record[several] = [entry for entry in record.get(several) or () if entry.get("value")]
    record = {name: value for name, value in record.items() if value not in (None, "", [], {})}
    names, emails = record.get("name") or {}, record.get("emails") or []
    both = " ".join(str(names[part]) for part in ("givenName", "familyName") if names.get(part))
    primary = next((entry for entry in emails if entry.get("primary")), emails[0] if emails else None)
    user_name = str(record.get("userName") or "")
    return StaffFacts(
        user_name=user_name,
        name=str(record.get("displayName") or names.get("formatted") or both or user_name),
        email=str(primary["value"]) if primary else user_name,
        active=record.get("active") is not False,
        external_id=record.get("externalId"),
        record=record,
    )


def group_facts_of(resource: Resource[Any]) -> GroupFacts:
    """What is in the resource of a group."""
    attributes = resource.model_dump(scim_ctx=Context.DEFAULT)
    members = [str(member["value"]) for member in attributes.get("members") or () if member.get("value")]
    return GroupFacts(str(attributes.get("displayName") or ""), attributes.get("externalId"), members)
