"""Distributors and decisions on several orders, as the API shows them."""

from __future__ import annotations

from hwadmin.models import Distributor
from hwadmin.operations.orders.bulk_decisions import DecisionResult
from hwadmin.schemas import response_models


def distributor(row: Distributor) -> response_models.DistributorResponse:
    return response_models.DistributorResponse(
        id=row.id,
        name=row.name,
        email=row.email,
        customer_number=row.customer_number,
        note=row.note,
        expected_days=row.expected_days,
        archived=row.archived_at is not None,
        created_at=row.created_at,
    )


def decision_result(row: DecisionResult, status: int) -> response_models.DecisionResultResponse:
    return response_models.DecisionResultResponse(
        reference=row.reference,
        done=row.done,
        status=status,
        detail=row.refusal.message if row.refusal else None,
        order_status=row.order.status if row.order else None,
        version=row.order.version if row.order else None,
    )
