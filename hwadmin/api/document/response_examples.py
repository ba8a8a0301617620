"""Examples of what the API answers besides orders, accounts and devices; a test checks each."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel

from hwadmin.api.document.example_parts import ACCOUNT, AT, DANA, LINE, PLATFORM
from hwadmin.api.outgoing import deliveries, webhooks
from hwadmin.schemas import response_models

# What is shown in the answer alone.
_NOT_SHOWN = "…"
_ADA, _PIET = {"name": "Ada Okafor"}, {"name": "Piet Jansen"}
_REASON = "Ordered twice; see HW-000119."
_WEBHOOK: dict[str, Any] = {
    "id": 5,
    "platform": PLATFORM,
    "url": "https://example.com/hooks/hwadmin",
    "event_types": ["order.approved", "order.fulfilled"],
    "description": "The ordering portal",
    "disabled_at": None,
    "disabled_reason": None,
    "created_at": AT,
}
_PERSON: dict[str, Any] = {
    "id": 12,
    "name": "Noor Haddad",
    "email": "noor@example.com",
    "role": "platform_admin",
    "platforms": [PLATFORM],
    "all_platforms": False,
    "disabled_at": None,
    "created_at": AT,
}
_ROW: dict[str, Any] = {
    "row": 2,
    "sheet": "",
    "title": "Dana Reed",
    "outcome": "changed",
    "changes": ["department “Ward 3” → “Ward 4”"],
    "notes": [],
    "question": None,
}


def response_examples(order: dict[str, Any], device: dict[str, Any]) -> dict[type[BaseModel], dict[str, Any]]:
    """The examples, by model.

    Args:
        order: the example of an order.
        device: the example of a device.
    """
    return {
        response_models.CorrectedDeviceResponse: {"device": device, "warnings": []},
        response_models.FeedPage: {
            "items": [{"id": "41-1", "type": "order.approved", "timestamp": AT, "data": order}],
            "next_cursor": None,
            "last": "41-1",
        },
        **_about_fulfillment({"order": order, "written": True, "units": [_UNIT], "warnings": []}),
        **_ABOUT_WEBHOOKS,
        **_ABOUT_ORDERS,
        **_ABOUT_THE_REST,
    }


_UNIT: dict[str, Any] = {
    "unit_id": 51,
    "identifier": "80:5e:c0:09:ab:dc",
    "outcome": "created",
    "message": "",
    "device_id": 9,
    "warnings": [],
    "paired_to": None,
    "slot": None,
    "not_applied": [],
}


def _about_fulfillment(done: dict[str, Any]) -> dict[type[BaseModel], dict[str, Any]]:
    return {
        response_models.FulfillmentResponse: done,
        response_models.ListFulfillmentResponse: done
        | {
            "matches": [
                {"row": 2, "unit_id": 51, "label": "T54W #1", "identifier": "80:5e:c0:09:ab:dc"},
            ],
            "questions": [],
            "choices": [],
            "not_matched": ["Row 3: There is no open unit for it."],
        },
    }


_ABOUT_WEBHOOKS: dict[type[BaseModel], dict[str, Any]] = {
    webhooks.Webhook: _WEBHOOK,
    webhooks.MadeWebhook: _WEBHOOK | {"secret": _NOT_SHOWN},
    deliveries.DeliveryResponse: {
        "id": 81,
        "webhook_id": "msg_2mXq…",
        "type": "order.approved",
        "state": "delivered",
        "created_at": AT,
        "next_at": None,
        "delivered_at": AT,
        "failed_at": None,
        "last_error": None,
        "attempts": [{"at": AT, "milliseconds": 84, "status": 200, "error": None}],
        "payload": {"type": "order.approved", "timestamp": AT, "data": {"reference": "HW-000123"}},
    },
}


_ABOUT_ORDERS: dict[type[BaseModel], dict[str, Any]] = {
    response_models.ClaimResponse: {
        "reference": "HW-000123",
        "placing": {"name": "Ada Okafor", "since": AT, "until": "2026-03-02T09:45:00Z"},
    },
    response_models.EventResponse: {
        "at": AT,
        "kind": "order.rejected",
        "actor": _ADA,
        "reason": _REASON,
        "summary": "Rejected HW-000123 for Riverside Clinic",
        "details": {},
    },
    response_models.AuditEventResponse: {
        "id": 4711,
        "at": AT,
        "kind": "order.rejected",
        "actor": _ADA,
        "platform": PLATFORM,
        "account": ACCOUNT,
        "order_reference": "HW-000123",
        "device_id": None,
        "summary": "Rejected HW-000123 for Riverside Clinic",
        "reason": _REASON,
        "details": {},
        "request_id": "1ca227ee-939d-448f-b38f-3edc6f642166",
    },
    response_models.NoteResponse: {
        "id": 6,
        "text": "The customer called; they need it by Friday.",
        "author": {"name": "Sam Reyes"},
        "created_at": AT,
        "removed_at": None,
        "removed_by": None,
    },
    response_models.DecisionResults: {
        "results": [
            {
                "reference": "HW-000123",
                "done": True,
                "status": 200,
                "detail": None,
                "order_status": "approved",
                "version": 4,
            },
            {
                "reference": "HW-000124",
                "done": False,
                "status": 409,
                "detail": "HW-000124 cannot be approved: it is Cancelled, set by Piet Jansen.",
                "order_status": None,
                "version": None,
            },
        ]
    },
    response_models.OrderSnapshotResponse: {
        "reference": "HW-000123",
        "status": "submitted",
        "status_label": "Pending approval",
        "version": 2,
        "fulfilled_units": 0,
        "fulfillable_units": 1,
        "since": AT,
        "by": _PIET,
        "until": None,
        "facts": {"Requester": "Dana Reed"},
        "plans": {"T54W #1": "for Dana Reed"},
        "lines": [LINE],
        "units": [],
    },
}

_ABOUT_THE_REST: dict[type[BaseModel], dict[str, Any]] = {
    response_models.AccountingCodeResponse: {
        "id": 2,
        "code": "4711",
        "description": "Ward 3",
        "archived_at": None,
    },
    response_models.PhoneLineResponse: {
        "id": 12,
        "phone_number": "+353 86 123 4567",
        "mobile_carrier": "KPN",
        "rate_plan": None,
        "employee": DANA,
        "device_id": None,
        "contract_term_months": 24,
        "contract_ends_on": "2027-01-31",
        "contract_balance": None,
        "currency": "EUR",
        "eligible_from": None,
        "eligible": False,
        "eligibility": "Not eligible: the contract runs until 31 Jan 2027.",
        "upgraded_by": None,
        "ended_at": None,
    },
    response_models.ListReportResponse: {
        "written": False,
        "digest": "4f1a…",
        "counts": {"changed": 1},
        "notes": [],
        "questions": [],
        "rows": [_ROW],
    },
    response_models.CatalogItemResponse: {
        "id": 14,
        "external_id": None,
        "platform_id": 1,
        "sku": "AP-IP17",
        "make": "Apple",
        "model": "iPhone 17",
        "kind": "mobile",
        "identifier_kind": "imei",
        "unit_price": "899.00",
        "currency": "EUR",
        "max_handsets": None,
        "mobile_carrier": None,
        "color": None,
        "size": None,
        "colors": ["black", "green"],
        "terms": [{"months": 24, "price": "99.00"}],
        "options": [
            {"size": "256 GB", "term_months": 24, "unit_price": "99.00", "monthly_price": "30.50"},
        ],
        "archived": False,
        "updated_at": AT,
    },
    response_models.RetirementResults: {
        "results": [{"device_id": 9, "done": True, "status": 200, "detail": None}]
    },
    response_models.FitsResponse: {"skus": ["AP-IP17"]},
    response_models.ArticleNumbersResponse: {"numbers": [{"distributor_id": 2, "number": "V-4711"}]},
    response_models.DistributorResponse: {
        "id": 2,
        "name": "Acme Distribution",
        "email": "orders@acme.example",
        "customer_number": "K-1204",
        "note": None,
        "expected_days": 5,
        "archived": False,
        "created_at": AT,
    },
    response_models.MeResponse: {
        "kind": "person",
        "person": {"id": 3, "name": "Piet Jansen", "email": "piet@example.com"},
        "name": "Piet Jansen",
        "role": "platform_admin",
        "platforms": [PLATFORM],
        "all_platforms": False,
        "permissions": ["orders:read", "orders:submit"],
        "version": "1.0.0",
    },
    response_models.PersonResponse: _PERSON,
    response_models.PersonWithPassword: _PERSON | {"password": _NOT_SHOWN},
    response_models.PlatformResponse: {
        "id": 1,
        "name": "Northwind Voice",
        "currency": "EUR",
        "forbids_self_approval": False,
        "deadlines": {"decision": {"days": 2, "owner_id": None}, "placement": {"days": 1, "owner_id": 4}},
        "created_at": AT,
    },
}
