"""Where the SCIM server reads and writes the staff of one identity provider."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from scim2_models import (
    InvalidValueException,
    NotFoundException,
    PreconditionFailedException,
    Resource,
    ResourceType,
    ResponseParameters,
    SearchRequest,
    UniquenessException,
)
from scim2_models.path import CompareOperator, Comparison
from scim2_server.memory import InMemoryStorage
from scim2_server.storage import SearchPage
from sqlalchemy import ColumnElement

from hwadmin.config import IdentityProvider
from hwadmin.domain.permissions import Actor
from hwadmin.errors import InvalidInput
from hwadmin.models import StaffEntry, StaffGroup
from hwadmin.operations.people.staff import access, entries, groups
from hwadmin.queries.people.staff import staff_entries, staff_groups
from hwadmin.scim.recording_storage import RecordingStorage
from hwadmin.scim.staff import resources
from hwadmin.scim.staff.schema import USER_TYPE

Result = TypeVar("Result")


class StaffStorage(RecordingStorage):
    """The people and groups of a provider, for one of its requests; what is written is one push."""

    def __init__(self, actor: Actor, provider: IdentityProvider, break_glass: str) -> None:
        self.actor, self.provider, self.break_glass = actor, provider, break_glass
        self._push: access.StaffPush | None = None

    @property
    def push(self) -> access.StaffPush:
        """What this request writes; from the first time on, others wait for it."""
        if self._push is None:
            self._push = access.open_staff_push(self.actor, self.provider, self.break_glass)
        return self._push

    def begin(self) -> None:
        assert self.push is not None

    def close(self) -> None:
        if self._push is not None:
            access.close_staff_push(self._push)

    # ---- Reading

    def get(
        self,
        resource_type: ResourceType,
        resource_id: str,
        *,
        response_parameters: ResponseParameters[Any] | None = None,
    ) -> Resource[Any]:
        return resources.resource_of(self._row(resource_type, resource_id))

    def search(
        self,
        resource_types: list[ResourceType],
        search_request: SearchRequest[Any],
        *,
        position: Any = None,
    ) -> SearchPage:
        """Search as the library does, among what a look-up by a name or an id narrows it to."""
        memory = InMemoryStorage()
        memory.resources = [
            resources.resource_of(row)
            for resource_type in resource_types
            for row in self._rows(resource_type, *_narrowed(resource_type, search_request))
        ]
        return memory.search(resource_types, search_request)

    def _rows(
        self, resource_type: ResourceType, *conditions: ColumnElement[bool]
    ) -> Sequence[StaffEntry | StaffGroup]:
        read = staff_entries if resource_type.name == USER_TYPE.name else staff_groups
        return read(self.provider.key, *conditions)

    def _row(
        self, resource_type: ResourceType, scim_id: str, expected_version: str | None = None
    ) -> StaffEntry | StaffGroup:
        table = _table(resource_type)
        row = next(iter(self._rows(resource_type, table.scim_id == scim_id)), None)
        if row is None:
            raise NotFoundException(detail="There is no such user or group.")
        if expected_version not in (None, resources.version_of(row)):
            raise PreconditionFailedException
        return row

    # ---- Writing

    def create(self, resource_type: ResourceType, resource: Resource[Any]) -> Resource[Any]:
        if resource_type.name == USER_TYPE.name:
            entry = _done(lambda: entries.add_staff_entry(self.push, resources.facts_of(resource)))
            return self.get(resource_type, entry.scim_id)
        group = _done(lambda: groups.add_staff_group(self.push, resources.group_facts_of(resource)))
        return self.get(resource_type, group.scim_id)

    def update(
        self,
        resource_type: ResourceType,
        resource: Resource[Any],
        *,
        expected_version: str | None = None,
    ) -> Resource[Any]:
        row = self._row(resource_type, str(resource.id), expected_version)
        if isinstance(row, StaffEntry):
            _done(lambda: entries.change_staff_entry(self.push, row, resources.facts_of(resource)))
        else:
            _done(lambda: groups.change_staff_group(self.push, row, resources.group_facts_of(resource)))
        return self.get(resource_type, str(resource.id))

    def delete(
        self, resource_type: ResourceType, resource_id: str, *, expected_version: str | None = None
    ) -> None:
        row = self._row(resource_type, resource_id, expected_version)
        if isinstance(row, StaffEntry):
            entries.remove_staff_entry(self.push, row)
        else:
            _done(lambda: groups.remove_staff_group(self.push, row))


def _done(work: Callable[[], Result]) -> Result:
    """What the work returns; its refusals as SCIM's own."""
    try:
        return work()
    except entries.StaffUserNameTaken as refusal:
        raise UniquenessException(detail=refusal.message) from None
    except InvalidInput as refusal:
        detail = " ".join(f"{error.field}: {error.message}" for error in refusal.errors)
        raise InvalidValueException(detail=detail) from None


def _table(resource_type: ResourceType) -> type[StaffEntry] | type[StaffGroup]:
    return StaffEntry if resource_type.name == USER_TYPE.name else StaffGroup


def _narrowed(resource_type: ResourceType, request: SearchRequest[Any]) -> list[ColumnElement[bool]]:
    """The condition of a look-up by one name or id, by its index; of anything else none."""
    node = request.filter.ast if request.filter is not None else None
    if not isinstance(node, Comparison) or node.op != CompareOperator.eq or not isinstance(node.value, str):
        return []
    attribute = str(node.attr_path).rpartition(":")[2].lower()
    if attribute == "username" and resource_type.name == USER_TYPE.name:
        return [StaffEntry.user_name_key == node.value.lower()]
    if attribute == "displayname" and resource_type.name != USER_TYPE.name:
        return [StaffGroup.name_key == node.value.lower()]
    return []
