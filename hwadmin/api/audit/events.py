"""The audit trail: who decided what, when and why."""

from __future__ import annotations

from hwadmin.api.calls import ApiRequest, call
from hwadmin.api.lookups import order_id_or_404
from hwadmin.api.paging import each, last_id_of, page_of
from hwadmin.domain.permissions import Permission
from hwadmin.queries.audit.events import EventFilter, page_of_events
from hwadmin.schemas import request_models, response_models, serializers


@call(
    "GET",
    "/audit",
    Permission.AUDIT_READ_ALL,
    response_models.AuditEventPage,
    "Audit",
    query=request_models.AuditQuery,
)
def list_audit_events(request: ApiRequest) -> response_models.AuditEventPage:
    """List the audit events, newest first."""
    query: request_models.AuditQuery = request.query
    wanted = EventFilter(
        kind=query.kind,
        platform_id=query.platform,
        order_id=order_id_or_404(query.order) if query.order else None,
        device_id=query.device,
        since=query.since,
        until=query.until,
        request_id=query.request_id,
    )
    before = last_id_of("audit", query.cursor)
    rows = page_of_events(request.actor, wanted, before=before, size=query.limit + 1).events
    return page_of(
        response_models.AuditEventPage,
        "audit",
        rows,
        query.limit,
        each(serializers.audit_event),
    )
