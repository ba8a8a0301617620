"""Where the SCIM server reads and writes: the employees of one account, by our operations and queries."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from scim2_models import (
    Context,
    InvalidValueException,
    NotFoundException,
    PreconditionFailedException,
    Resource,
    ResourceType,
    ResponseParameters,
    SearchRequest,
    UniquenessException,
)
from scim2_server.storage import SearchPage

from hwadmin.db.extensions import db
from hwadmin.domain.permissions import Actor
from hwadmin.errors import InvalidInput
from hwadmin.models import Employee
from hwadmin.operations.directory import employees, pushes
from hwadmin.operations.directory.entry_checks import DirectoryEntry
from hwadmin.operations.directory.identification import PersonTaken
from hwadmin.operations.directory.pushes import Push
from hwadmin.queries.directory.employees import DirectoryRow, directory_count, directory_rows
from hwadmin.scim import filters
from hwadmin.scim.recording_storage import RecordingStorage
from hwadmin.scim.schema import ENTERPRISE, USER, USER_TYPE


class EmployeeStorage(RecordingStorage):
    """The employees of an account, for one request of its identity provider.

    What is written is collected in a push, which the caller closes within the same unit of work.
    """

    def __init__(self, actor: Actor, account_id: int) -> None:
        self.actor, self.account_id = actor, account_id
        self._push: Push | None = None

    @property
    def push(self) -> Push:
        """What this request writes; from the first time on, others wait for it."""
        if self._push is None:
            self._push = pushes.open_push(self.actor, self.account_id)
        return self._push

    def begin(self) -> None:
        """Let others who write the same account's employees wait."""
        assert self.push is not None

    def close(self) -> None:
        """Write the event of what was done, if anything was."""
        if self._push is not None:
            pushes.close_push(self._push)

    # ---- Reading

    def get(
        self,
        resource_type: ResourceType,
        resource_id: str,
        *,
        response_parameters: ResponseParameters[Any] | None = None,
    ) -> Resource[Any]:
        rows = []
        if resource_type.name == USER_TYPE.name:
            rows = directory_rows(self.actor, self.account_id, [Employee.scim_id == resource_id])
        if not rows:
            raise NotFoundException(detail="There is no such user.")
        return resource_of(rows[0])

    def search(
        self,
        resource_types: list[ResourceType],
        search_request: SearchRequest[Any],
        *,
        position: Any = None,
    ) -> SearchPage:
        dialect = db.session.get_bind().dialect.name
        conditions = filters.conditions(search_request, dialect)
        order = filters.order(search_request, dialect)
        total = directory_count(self.actor, self.account_id, conditions)
        rows: list[DirectoryRow] = []
        if search_request.count != 0 and total:
            rows = directory_rows(
                self.actor,
                self.account_id,
                conditions,
                order=order,
                limit=search_request.count,
                offset=search_request.start_index_0 or 0,
            )
        return SearchPage(total, [resource_of(row) for row in rows])

    # ---- Writing

    def create(self, resource_type: ResourceType, resource: Resource[Any]) -> Resource[Any]:
        entry = entry_of(resource)
        try:
            employee = employees.add_entry(self.push, entry)
        except (PersonTaken, InvalidInput) as refusal:
            raise _refused(refusal) from None
        assert employee.scim_id is not None
        return self.get(resource_type, employee.scim_id)

    def update(
        self,
        resource_type: ResourceType,
        resource: Resource[Any],
        *,
        expected_version: str | None = None,
    ) -> Resource[Any]:
        employee = self._get(resource.id, expected_version)
        try:
            employees.change_entry(self.push, employee, _with_shown_name(employee, entry_of(resource)))
        except (PersonTaken, InvalidInput) as refusal:
            raise _refused(refusal) from None
        return self.get(resource_type, str(resource.id))

    def delete(
        self, resource_type: ResourceType, resource_id: str, *, expected_version: str | None = None
    ) -> None:
        employees.remove_entry(self.push, self._get(resource_id, expected_version))

    def _get(self, scim_id: str | None, expected_version: str | None) -> Employee:
        employee = employees.entry_of(self.push, scim_id or "")
        if employee is None:
            raise NotFoundException(detail="There is no such user.")
        if expected_version is not None and expected_version != version_of(employee.version):
            raise PreconditionFailedException
        return employee


def version_of(version: int) -> str:
    """A version as an entity tag."""
    return f'W/"{version}"'


def _refused(refusal: PersonTaken | InvalidInput) -> UniquenessException | InvalidValueException:
    if isinstance(refusal, PersonTaken):
        return UniquenessException(detail=refusal.message)
    return InvalidValueException(
        detail=" ".join(f"{error.field}: {error.message}" for error in refusal.errors)
    )


# ---- An employee as SCIM and as ours


def resource_of(row: DirectoryRow) -> Resource[Any]:
    """The resource of an employee in the directory."""
    body: dict[str, Any] = {
        **row.record,
        "id": row.scim_id,
        "meta": {
            "resourceType": USER_TYPE.name,
            "created": row.created_at,
            "lastModified": row.updated_at,
            "version": version_of(row.version),
        },
    }
    # A directory that took the attribute away is not given it back; the person stays as they are.
    if row.deactivated_at is not None and "active" in row.record:
        body["active"] = False
    company = body.get(ENTERPRISE)
    if company and company.get("manager") and row.manager_name is not None:
        manager = {**company["manager"], "displayName": row.manager_name}
        if row.manager_scim_id is not None:
            manager["$ref"] = f"Users/{row.manager_scim_id}"
        body[ENTERPRISE] = {**company, "manager": manager}
    resource: Resource[Any] = USER.model_validate(body)
    return resource


def entry_of(resource: Resource[Any]) -> DirectoryEntry:
    """The directory entry in a resource."""
    attributes = resource.model_dump(scim_ctx=Context.DEFAULT)
    record = {name: value for name, value in attributes.items() if name not in ("schemas", "id", "meta")}
    for several in ("emails", "phoneNumbers"):
        record[several] = [entry for entry in record.get(several) or () if entry.get("value")]
    company = record.get(ENTERPRISE) or {}
    manager = (company.get("manager") or {}).get("value")
    # What follows from the value is added when it is read.
    company = {**company, "manager": {"value": manager} if manager else None}
    record[ENTERPRISE] = {name: value for name, value in company.items() if value not in (None, "", {})}
    record = {name: value for name, value in record.items() if value not in (None, "", [], {})}
    names = record.get("name") or {}
    return DirectoryEntry(
        user_name=str(record.get("userName") or ""),
        name=_name(record, names),
        active=attributes.get("active"),
        external_id=record.get("externalId"),
        email=_first(record.get("emails")),
        employee_number=company.get("employeeNumber"),
        title=record.get("title"),
        department=company.get("department"),
        division=company.get("division"),
        organization=company.get("organization"),
        phone_numbers=record.get("phoneNumbers") or (),
        cost_center=company.get("costCenter"),
        manager=manager or None,
        record=record,
    )


def _name(record: Mapping[str, Any], names: Mapping[str, Any]) -> str:
    both = " ".join(str(names[part]) for part in ("givenName", "familyName") if names.get(part))
    return str(record.get("displayName") or names.get("formatted") or both or record.get("userName") or "")


def _with_shown_name(employee: Employee, entry: DirectoryEntry) -> DirectoryEntry:
    """The entry, with the name the person is shown by from now on.

    A directory may change the family name alone. Then the display name it sent long ago, which nobody there
    keeps, follows; and where nothing of the name is different, the person goes on to be shown as before.
    """
    before, now = _naming(employee.directory_record or {}), _naming(entry.record)
    if before == now:
        return replace(entry, name=employee.name)
    (whole_before, *parts_before), (whole, *parts) = before, now
    if not whole or whole != whole_before:
        return entry
    shown = whole
    for part_before, part in zip(parts_before, parts, strict=True):
        if part_before and part:
            shown = re.sub(rf"(?<!\w){re.escape(part_before)}(?!\w)", part.replace("\\", r"\\"), shown)
    return replace(entry, name=shown)


def _naming(record: Mapping[str, Any]) -> list[str]:
    """The whole name a directory gives somebody, and the parts it may consist of."""
    names = record.get("name") or {}
    whole = record.get("displayName") or names.get("formatted") or ""
    return [str(whole), str(names.get("givenName") or ""), str(names.get("familyName") or "")]


def _first(entries: Any) -> str | None:
    """The value of the primary entry, or else of the first."""
    several = entries or []
    first = next((entry for entry in several if entry.get("primary")), several[0] if several else None)
    return first["value"] if first else None
