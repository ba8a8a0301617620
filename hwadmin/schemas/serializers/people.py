"""People, platforms and the audit trail as the API shows them."""

from __future__ import annotations

from hwadmin.domain.orders.waiting import deadlines_of
from hwadmin.models import AuditEvent, Person, Platform, reference
from hwadmin.schemas import response_models
from hwadmin.schemas.serializers.base import named


def person(row: Person) -> response_models.PersonResponse:
    """Somebody who signs in."""
    return response_models.PersonResponse(
        id=row.id,
        name=row.name,
        email=row.email,
        role=row.role,
        platforms=[
            response_models.NamedResponse(id=platform.id, name=platform.name) for platform in row.platforms
        ],
        all_platforms=row.all_platforms,
        disabled_at=row.disabled_at,
        created_at=row.created_at,
    )


def platform(row: Platform) -> response_models.PlatformResponse:
    """A platform."""
    return response_models.PlatformResponse(
        id=row.id,
        name=row.name,
        currency=row.currency,
        forbids_self_approval=row.forbids_self_approval,
        deadlines={
            what: response_models.DeadlineResponse(days=rule.days, owner_id=rule.owner_id)
            for what, rule in deadlines_of(row.deadlines).items()
        },
        created_at=row.created_at,
    )


def audit_event(row: AuditEvent) -> response_models.AuditEventResponse:
    """An audit event, by the names things had then."""
    return response_models.AuditEventResponse(
        id=row.id,
        at=row.at,
        kind=row.kind,
        actor=response_models.SomebodyResponse(name=row.actor_name),
        platform=named(row.platform_id, row.platform_name),
        account=named(row.account_id, row.account_name),
        order_reference=reference(row.order_id) if row.order_id is not None else None,
        device_id=row.device_id,
        summary=row.summary,
        reason=row.reason,
        details=row.details,
        request_id=row.request_id,
    )
