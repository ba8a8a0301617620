"""What has changed: in lists, and in what a program sends."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement

from hwadmin.domain.permissions import Actor
from hwadmin.errors import InvalidInput
from hwadmin.schemas.request_models import Changed, ChangedSince, RequestModel

_SWITCHES = frozenset(
    {
        "active",
        "archived",
        "requests_menu",
        "requires_employee_number",
        "allows_upgrade_override",
        "requires_manager_approval",
    }
)


def changed(query: ChangedSince, model: Any, key: Any = None) -> list[ColumnElement[bool]]:
    """The conditions of a list of the model.

    Args:
        query: what is wanted.
        model: the rows of the list.
        key: the column of the keys of other programs, where it has another name.
    """
    conditions: list[ColumnElement[bool]] = []
    if query.updated_since is not None:
        conditions.append(model.updated_at >= query.updated_since)
    if isinstance(query, Changed) and query.external_id is not None:
        conditions.append((model.external_id if key is None else key) == query.external_id)
    return conditions


def stated_fields(body: RequestModel) -> dict[str, Any]:
    """The fields a program stated, as the operations take them; a switch that is null is not stated."""
    values = body.model_dump(exclude_unset=True)
    for fields in (values, values.get("settings") or {}):
        for name in [name for name, value in fields.items() if value is None and name in _SWITCHES]:
            del fields[name]
    return values


def platform_id_for(actor: Actor, stated: int | None) -> int:
    """The platform an account is for: the one stated, or the only one the actor is given."""
    if stated is not None:
        return stated
    if actor.platform_ids is not None and len(actor.platform_ids) == 1:
        return next(iter(actor.platform_ids))
    raise InvalidInput.at("platform_id", "Name the platform.")
