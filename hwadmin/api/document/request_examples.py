"""Examples of what programs send, for the docs; a test checks each against its model."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel

from hwadmin.api.outgoing import webhooks
from hwadmin.schemas import request_models

_ITEM: dict[str, Any] = {
    "sku": "AP-IP17",
    "make": "Apple",
    "model": "iPhone 17",
    "kind": "mobile",
    "unit_price": "899.00",
    "size": "128 GB",
    "colors": ["black", "green"],
}
_LINE: dict[str, Any] = {
    "phone_number": "+353 86 123 4567",
    "mobile_carrier": "KPN",
    "employee_id": 3,
    "contract_term_months": 24,
    "contract_ends_on": "2027-01-31",
}

REQUEST_EXAMPLES: dict[type[BaseModel], dict[str, Any]] = {
    request_models.Nothing: {},
    request_models.AccountChanges: {"name": "Hillside Clinic", "external_id": "customer-12"},
    request_models.LocationChanges: {"address": "2 Quay, Riverside"},
    request_models.OtherRecord: {"other_employee_id": 4, "reason": "One badge, two spellings."},
    request_models.NewAccountingCode: {"code": "4711", "description": "Ward 3"},
    request_models.AccountingCodeChanges: {"archived": True},
    request_models.NewPhoneLineRequest: _LINE,
    request_models.PhoneLineChanges: {"contract_ends_on": "2028-01-31", "contract_balance": None},
    request_models.NewItemRequest: _ITEM,
    request_models.ItemChanges: {"unit_price": "849.00"},
    request_models.ItemPrices: {
        "prices": [
            {"size": "128 GB", "unit_price": "899.00"},
            {"size": "256 GB", "term_months": 24, "unit_price": "99.00", "monthly_price": "30.50"},
        ]
    },
    request_models.AccessoryFits: {"skus": ["AP-IP17"]},
    request_models.StatedArticleNumbers: {"numbers": [{"distributor_id": 2, "number": "V-4711"}]},
    request_models.DeviceChanges: {"employee_id": 3, "serial": "F2LX12345"},
    request_models.CorrectedIdentifier: {
        "identifier": "80:5E:C0:09:AB:DC",
        "reason": "Two digits were exchanged.",
    },
    request_models.Successor: {"identifier": "80:5E:C0:09:AB:DD", "reason": "The display is broken."},
    request_models.DeviceMove: {"account_id": 8, "reason": "The branch was sold."},
    request_models.RetiredDevices: {"devices": [9, 12], "reason": "Returned to the lessor."},
    request_models.RetiredDevice: {"reason": "Stolen.", "on": "2026-03-01"},
    request_models.UnitIntents: {"units": [{"unit_id": 51, "employee_id": 3, "location_id": None}]},
    request_models.ClosedUnits: {"unit_ids": [52], "reason": "Not made any more."},
    request_models.OrderingInformation: {"attention": "Reception", "notify": ["dana@example.com"]},
    request_models.NewNoteRequest: {"text": "The customer called; they need it by Friday."},
    request_models.NewPersonRequest: {
        "name": "Noor Haddad",
        "email": "noor@example.com",
        "role": "platform_admin",
        "platform_ids": [1],
    },
    request_models.PersonChanges: {"disabled": True},
    request_models.NewPlatformRequest: {"name": "Cedar Mobile", "currency": "EUR"},
    request_models.PlatformChanges: {
        "forbids_self_approval": True,
        "deadlines": {"placement": {"days": 2, "owner_id": 4}, "decision": None},
    },
    request_models.BulkDecision: {
        "action": "approve",
        "orders": [{"reference": "HW-000123", "version": 3}, {"reference": "HW-000124"}],
    },
    request_models.NewDistributorRequest: {
        "name": "Acme Distribution",
        "email": "orders@acme.example",
        "customer_number": "K-1204",
        "expected_days": 5,
    },
    request_models.DistributorChange: {"note": "Orders before noon leave the same day."},
    request_models.ReceivingDistributor: {"distributor": "Acme Distribution"},
    request_models.PlacementChange: {"distributor_reference": "A-20418"},
    webhooks.NewWebhook: {
        "url": "https://example.com/hooks/hwadmin",
        "event_types": ["order.approved", "order.fulfilled"],
    },
    webhooks.WebhookChanges: {"event_types": ["*"]},
}
# Lists, by the name of the call that takes them.
LIST_EXAMPLES = {
    "import_account_list": "Account;Location;Address\nRiverside Clinic;Ward 3;1 Quay\n",
    "import_employee_list": "Name;E-mail;Number\nRob Ames;rob@example.com;18\n",
    "import_phone_line_list": "Number;Carrier;Employee\n+31612340001;KPN;Dana Reed\n",
    "import_catalog_list": "SKU;Make;Model;Kind;Price\nYL-T58;Yealink;T58;Desk phone;99.00\n",
    "fulfill_by_list": "MAC\n80:5e:c0:1d:65:4a\n",
}
