"""Who is answered what, on every route: the policy of the access matrix, as data.

A row names an endpoint and a method, the people it is for, what its address and its body are made of, and
the answer those people get. Everybody else is refused, in one way for each reason:

    not signed in, or not any more      GET to the sign-in page (302), everything else 401
    signed in, but not meant            403, whatever the address names
    meant, but not given the platform   404, the very answer of something that does not exist
    an address that cannot be one       404

Words in braces are things of one platform; which there are is in test_access_matrix.py. Bodies are valid:
the deed is done for whom it is for, so a refusal is by permission or platform and not by bad input.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

# ---- The people: Northwind is Piet's and Sam's, Blue Harbor is Bea's, Tess has Northwind and Cedar,
# Uma supports all platforms. Dora's session was open when she was disabled; Nico's cookie was kept by
# somebody when he signed out.

SUPER = frozenset({"ada"})
PLATFORM = frozenset({"piet", "bea", "tess"})
SUPPORT = frozenset({"sam", "uma"})
WRITERS = SUPER | PLATFORM
EVERYBODY = SUPER | PLATFORM | SUPPORT
NOBODY: frozenset[str] = frozenset()
SIGNED_OUT = frozenset({"anonymous", "dora", "nico"})
# At the door of the API the same people come with tokens: Dora's is hers still, Nico's was revoked. Beside
# them come a program of Northwind's own, somebody with a token that has expired, and a browser that sends
# Ada's cookie and no token.
PROGRAM = frozenset({"program"})
# At the door of the directories come Northwind's and Blue Harbor's identity providers, and one whose token
# was revoked; everybody else has no business there, whatever they bear.
DIRECTORIES = frozenset({"okta", "entra"})
NO_TOKEN = SIGNED_OUT | {"expired", "cookie"}

GIVEN: Mapping[str, frozenset[str]] = {
    "ada": frozenset({"northwind", "blue_harbor", "cedar"}),
    "piet": frozenset({"northwind"}),
    "bea": frozenset({"blue_harbor"}),
    "tess": frozenset({"northwind", "cedar"}),
    "sam": frozenset({"northwind"}),
    "uma": frozenset({"northwind", "blue_harbor", "cedar"}),
    "program": frozenset({"northwind"}),
    "okta": frozenset({"northwind"}),
    "entra": frozenset({"blue_harbor"}),
}
PAGE_PERSONAS = (*sorted(EVERYBODY), *sorted(SIGNED_OUT))
API_PERSONAS = (*sorted(EVERYBODY | PROGRAM), *sorted(NO_TOKEN))
DIRECTORY_PERSONAS = (*sorted(DIRECTORIES), "cut_off", "ada", "piet", "program", "anonymous", "cookie")


@dataclass(frozen=True)
class Route:
    """One endpoint and method: for whom it is, and what it answers them."""

    endpoint: str
    method: str
    may: frozenset[str]
    answer: int = 200
    # Parts of the address, or parameters behind it, and the thing each names.
    at: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, str] = field(default_factory=dict)
    body: Mapping[str, Any] = field(default_factory=dict)
    # What is answered to who is not signed in, where that is not a refusal.
    signed_out: int | None = None
    # A thing of no platform: it is nobody's own and nobody's foreign.
    shared: bool = False
    # A thing of one person: theirs, and a super-admin's; to everybody else it is not there.
    of: str | None = None
    # Not even a super-admin's.
    private: bool = False
    # A POST that only shows: the same page again, with what was typed.
    only_shows: bool = False
    # Sent by a script of a page: its body is JSON.
    by_script: bool = False

    def __str__(self) -> str:
        return f"{self.method} {self.endpoint}"

    def given(self, persona: str, tenant: str | None) -> bool:
        """Whether what the address names, of this tenant, is there for the persona."""
        if tenant is None or self.shared:
            return tenant is not None
        if self.of is not None:
            return persona == self.of or (persona in SUPER and not self.private)
        return tenant in GIVEN.get(persona, NOBODY)

    @property
    def by_token(self) -> bool:
        """Whether it is of the API, where tokens say who asks."""
        return self.endpoint.startswith("api.") or self.by_directory

    @property
    def by_directory(self) -> bool:
        """Whether it is of the directories, where only tokens of the very account count."""
        return self.endpoint.startswith("scim.")

    @property
    def personas(self) -> tuple[str, ...]:
        """Everybody who comes to its door."""
        if self.by_directory:
            return DIRECTORY_PERSONAS
        return API_PERSONAS if self.by_token else PAGE_PERSONAS

    @property
    def names_something(self) -> bool:
        """Whether its address names a thing."""
        return bool(self.at or self.query)

    @property
    def writes(self) -> bool:
        """Whether it changes something where it is answered well."""
        return self.method != "GET" and not self.only_shows


def page(endpoint: str, may: frozenset[str], **rest: Any) -> Route:
    """A page that shows."""
    return Route(endpoint, "GET", may, **rest)


def deed(endpoint: str, may: frozenset[str], **rest: Any) -> Route:
    """A POST that does something and goes on to a page."""
    return Route(endpoint, "POST", may, **{"answer": 302} | rest)


def export(endpoint: str, **body: str) -> Route:
    """A download: a POST, since it leaves an audit event."""
    return Route(endpoint, "POST", EVERYBODY, 200, body={"format": "csv"} | body)


_ACCOUNT = {"key": "account"}
_ORDER = {"reference": "submitted"}
_APPROVED = {"reference": "approved"}
_APPROVED_UNIT, _FULFILLED_UNIT = {"unit": "approved_unit"}, {"unit": "fulfilled_unit"}
_ITEM = {"make": "Yealink", "model": "T57W", "sku": "NEW-1", "kind": "deskphone", "unit_price": "99"}
_PERSON = {"name": "Noor Haddad", "email": "noor@example.com", "role": "super_admin"}
_KEY = "a-submission-of-the-matrix"
_HOOK = "https://hooks.example.com/another"
_WEBHOOK = {"key": "webhook"}
_ANYBODY = EVERYBODY | SIGNED_OUT
_AWAITING = {"reference": "awaiting"}
_LINK = _AWAITING | {"token": "link"}
_USED_LINK = {"reference": "answered", "token": "used_link"}
_LIST = "Name;E-mail\nSomebody New;somebody.new@example.com"

ROUTES: tuple[Route, ...] = (
    # ---- Open to everybody
    page("healthz", EVERYBODY, signed_out=200),
    page("static", EVERYBODY, signed_out=200, at={"filename": "stylesheet"}, shared=True),
    page("admin.static", EVERYBODY, signed_out=200, at={"filename": "library"}, shared=True),
    page("api_document", EVERYBODY, signed_out=200),
    page("api_docs", EVERYBODY, signed_out=200),
    page("auth.sign_in", EVERYBODY, answer=302, signed_out=200),
    # ---- A manager's link, which is the key to one order, whoever holds it
    page("approval.question", _ANYBODY, signed_out=200, at=_LINK, shared=True),
    deed(
        "approval.answer",
        _ANYBODY,
        answer=303,
        signed_out=303,
        at=_LINK,
        body={"answer": "agree"},
        shared=True,
    ),
    page("approval.thanks", _ANYBODY, signed_out=200, at=_USED_LINK, shared=True),
    Route("auth.sign_in", "POST", EVERYBODY, 422, signed_out=422, only_shows=True),
    # ---- One's own account
    page("admin.index", EVERYBODY, answer=302),
    page("auth.account", EVERYBODY),
    deed(
        "auth.change_password",
        EVERYBODY,
        answer=303,
        body={
            "current_password": "the-password-of-everybody",
            "new_password": "violet-anchor-marble-7",
            "repeated": "violet-anchor-marble-7",
        },
    ),
    deed("auth.choose_mail", SUPER, answer=303, body={"new_order_mail": "daily"}),
    deed("auth.logout", EVERYBODY, answer=303),
    deed("auth.logout_everywhere", EVERYBODY, answer=303),
    # ---- API tokens: one's own, and for super-admins everybody's
    page("tokens.index_view", EVERYBODY),
    page("tokens.create_view", EVERYBODY),
    deed("tokens.create", EVERYBODY, answer=200, body={"name": "Nightly sync", "days": "30"}),
    page("tokens.create_service_view", SUPER),
    deed(
        "tokens.create_service",
        SUPER,
        answer=200,
        body={"platform_id": "{platform}", "service": "Shop", "name": "Nightly sync", "days": "30"},
    ),
    deed("tokens.revoke", EVERYBODY, at={"key": "token"}, of="piet"),
    # ---- Ordering: each with a basket of their own
    page("ordering.index", PLATFORM),
    page("ordering.account", PLATFORM, at=_ACCOUNT, answer=302),
    page("ordering.new", PLATFORM, at=_ACCOUNT),
    page("ordering.upgrade", PLATFORM, at=_ACCOUNT),
    page("ordering.accessories", PLATFORM, at=_ACCOUNT),
    page("ordering.device", PLATFORM, at=_ACCOUNT, query={"item": "sku"}),
    deed("ordering.choose", PLATFORM, at=_ACCOUNT, answer=303, body={"item": "{sku}", "do": "add"}),
    deed(
        "ordering.change",
        PLATFORM,
        at=_ACCOUNT,
        answer=303,
        body={"quantity-1": "3", "was-quantity-1": "2"},
    ),
    deed("ordering.delete_basket", PLATFORM, at=_ACCOUNT, body={"version": "1", "sure": "yes"}),
    page("ordering.information", PLATFORM, at=_ACCOUNT),
    deed(
        "ordering.save_information",
        PLATFORM,
        at=_ACCOUNT,
        answer=303,
        body={"mark": "{information_seen}", "ship_to": "{location}", "go": "employees"},
    ),
    page("ordering.employees", PLATFORM, at=_ACCOUNT),
    deed(
        "ordering.save_employees",
        PLATFORM,
        at=_ACCOUNT,
        answer=303,
        body={
            "u-1-1-mark": "{plan_seen}",
            "u-1-1-name": "Dana",
            "u-1-1-employee": "{employee}",
            "u-1-1-location": "{location}",
            "go": "confirm",
        },
    ),
    page("ordering.look_up", PLATFORM, at=_ACCOUNT),
    page("ordering.employee_facts", PLATFORM, at={"key": "account", "part": "employee"}),
    page("ordering.confirm_form", PLATFORM, at=_ACCOUNT),
    deed(
        "ordering.confirm",
        PLATFORM,
        at=_ACCOUNT,
        body={"submission_key": "{basket_key}", "seen": "{basket_seen}"},
    ),
    # ---- Hardware orders
    page("orders.index_view", EVERYBODY),
    export("orders.export_orders", status="all"),
    deed("orders.approve_several", SUPER, body={"order": "{submitted_id}"}),
    page("orders.order", EVERYBODY, at=_ORDER),
    page("orders.history", EVERYBODY, at=_ORDER),
    page("orders.then", EVERYBODY, at=_ORDER),
    page("orders.compare", EVERYBODY, at=_ORDER),
    deed("orders.edit_lines", WRITERS, at=_ORDER, body={"sku": "{sku}", "quantity": "3"}),
    page("orders.plan_form", WRITERS, at=_ORDER),
    deed("orders.plan", WRITERS, at=_ORDER, body={"employee-{unit}": "{another_employee}"}),
    deed("orders.copy", WRITERS, at=_ORDER),
    deed("orders.approve", SUPER, at=_ORDER),
    page("orders.mark_ordered_form", SUPER, at=_ORDER),
    deed("orders.mark_ordered", SUPER, at=_ORDER, body={"distributor": "Voxport"}),
    page("orders.reject_form", SUPER, at=_ORDER),
    deed("orders.reject", SUPER, at=_ORDER, body={"reason": "Ordered twice."}),
    page("orders.reopen_form", SUPER, at=_APPROVED),
    deed("orders.reopen", SUPER, at=_APPROVED, body={"reason": "Too many."}),
    page("orders.override_form", SUPER, at=_AWAITING),
    deed("orders.override", SUPER, at=_AWAITING, body={"reason": "On holiday."}),
    deed("orders.ask_manager", WRITERS, at=_AWAITING),
    page("orders.purchase_order", SUPER, at=_APPROVED),
    deed("orders.export_purchase_order", SUPER, answer=200, at=_APPROVED, body={"format": "csv"}),
    page("my_orders.index_view", PLATFORM),
    page("orders.cancel_form", PLATFORM, at=_ORDER),
    deed("orders.cancel", PLATFORM, at=_ORDER),
    page("orders.fulfill_form", SUPER, at=_APPROVED),
    deed("orders.fulfill", SUPER, at=_APPROVED, body={"unit-{approved_unit}": "{new_mac}"}),
    Route(
        "orders.keep_draft",
        "POST",
        SUPER,
        at=_APPROVED,
        body={"steps": [{"unit": "{#approved_unit}", "text": "{new_mac}"}]},
        by_script=True,
    ),
    page("orders.list_form", SUPER, at=_APPROVED),
    Route("orders.read_list", "POST", SUPER, at=_APPROVED, body={"text": "{new_mac}"}, only_shows=True),
    deed("orders.add_note", SUPER | SUPPORT, at=_ORDER, body={"text": "The customer rang."}),
    deed("orders.remove_note", SUPER | SUPPORT, at={"key": "note"}, of="sam"),
    deed("orders.apply_plan", SUPER, at={"reference": "fulfilled"}, body={"unit": "{fulfilled_unit}"}),
    page("orders.unit_sheet", EVERYBODY, at=_APPROVED),
    page("orders.close_short_form", SUPER, at=_APPROVED),
    deed(
        "orders.close_short", SUPER, at=_APPROVED, body={"unit-{approved_unit}": "1", "reason": "Sold out."}
    ),
    page("orders.unlink_form", SUPER, at={"reference": "fulfilled"}, query=_FULFILLED_UNIT),
    deed(
        "orders.unlink",
        SUPER,
        at={"reference": "fulfilled"},
        query=_FULFILLED_UNIT,
        body={"device": "{device}", "reason": "Sent back."},
    ),
    page("orders.clash", SUPER, at=_APPROVED, query=_APPROVED_UNIT),
    deed(
        "orders.resolve_clash",
        SUPER,
        at=_APPROVED,
        query=_APPROVED_UNIT,
        body={"do": "right", "right": "{new_mac}"},
    ),
    # ---- Saved searches
    page("searches.index_view", EVERYBODY),
    deed("searches.save", EVERYBODY, body={"page": "orders", "query": "status=all", "name": "All of them"}),
    page("searches.open", EVERYBODY, answer=302, at={"key": "search"}, of="piet", private=True),
    deed("searches.remove", EVERYBODY, at={"key": "search"}, of="piet", private=True),
    # ---- Dashboard
    page("dashboard.index_view", WRITERS),
    # ---- Search everything
    page("search.index_view", EVERYBODY),
    # ---- Devices
    page("devices.index_view", EVERYBODY),
    export("devices.export_rows"),
    page("devices.ordered", EVERYBODY),
    page("devices.details_view", EVERYBODY, at={"key": "device"}),
    page("devices.register_form", WRITERS, at={"account": "account"}),
    deed(
        "devices.register",
        WRITERS,
        at={"account": "account"},
        body={"sku": "{sku}", "identifier": "{new_mac}", "employee_id": "{employee}"},
    ),
    page("devices.edit_view", WRITERS, at={"key": "device"}),
    deed(
        "devices.change",
        WRITERS,
        at={"key": "device"},
        body={"employee_id": "{employee}", "location_id": "{location}"},
    ),
    page("devices.move_form", SUPER, at={"key": "device"}),
    deed(
        "devices.move",
        SUPER,
        at={"key": "device"},
        body={"account": "by its key", "account_id": "{other_account}", "reason": "Swapped."},
    ),
    page("devices.replace_form", SUPER, at={"key": "device"}),
    deed(
        "devices.replace",
        SUPER,
        at={"key": "device"},
        body={"what": "broken", "identifier": "{new_mac}", "reason": "Dead on arrival."},
    ),
    # ---- Accounts
    page("accounts.index_view", EVERYBODY),
    export("accounts.export_rows"),
    page("accounts.look_up", EVERYBODY),
    page("account_form.new_account", WRITERS),
    deed(
        "account_form.create_account",
        WRITERS,
        body={"platform": "{platform}", "name": "Riverside Clinic", "submission_key": _KEY},
    ),
    page("account_form.new_order", PLATFORM, at=_ACCOUNT),
    deed(
        "account_form.submit_order",
        PLATFORM,
        at=_ACCOUNT,
        body={
            "submission_key": _KEY,
            "lines-0-sku": "{sku}",
            "lines-0-quantity": "1",
            "lines-0-units-1-employee": "{employee}",
            "ship_to": "{location}",
        },
    ),
    page("accounts.details_view", EVERYBODY, at=_ACCOUNT),
    page("accounts.employees", EVERYBODY, at=_ACCOUNT),
    page("accounts.locations", EVERYBODY, at=_ACCOUNT),
    page("accounts.hardware_orders", EVERYBODY, at=_ACCOUNT),
    page("accounts.edit_view", WRITERS, at=_ACCOUNT),
    deed("accounts.rename", WRITERS, at=_ACCOUNT, body={"name": "Another name"}),
    page("accounts.location_form", WRITERS, at=_ACCOUNT),
    deed("accounts.add_location", WRITERS, at=_ACCOUNT, body={"name": "A new site"}),
    page("accounts.edit_location", WRITERS, at={"key": "account", "part": "location"}),
    deed(
        "accounts.change_location",
        WRITERS,
        at={"key": "account", "part": "location"},
        body={"name": "Another site"},
    ),
    deed("accounts.archive_location", WRITERS, at={"key": "account", "part": "location"}),
    deed("accounts.restore_location", WRITERS, at={"key": "account", "part": "gone_location"}),
    page("accounts.employee", EVERYBODY, at={"key": "account", "part": "employee"}),
    page("accounts.employee_form", WRITERS, at=_ACCOUNT),
    deed("accounts.add_employee", WRITERS, at=_ACCOUNT, body={"name": "Somebody new"}),
    page("accounts.edit_employee", WRITERS, at={"key": "account", "part": "employee"}),
    deed(
        "accounts.change_employee",
        WRITERS,
        at={"key": "account", "part": "employee"},
        body={"name": "Somebody else"},
    ),
    deed("accounts.deactivate_employee", WRITERS, at={"key": "account", "part": "employee"}),
    deed("accounts.restore_employee", WRITERS, at={"key": "account", "part": "left_employee"}),
    # ---- How an account orders, and its phone lines
    page("account_settings.index_view", EVERYBODY, answer=302),
    page("account_settings.show", EVERYBODY, at=_ACCOUNT),
    page("account_settings.edit_form", WRITERS, at=_ACCOUNT),
    deed("account_settings.edit", WRITERS, at=_ACCOUNT, body={"requests_menu": "y"}),
    deed("account_settings.add_code", WRITERS, at=_ACCOUNT, body={"code": "4799"}),
    deed("account_settings.archive_code", WRITERS, at={"key": "account", "part": "code"}),
    deed("account_settings.restore_code", WRITERS, at={"key": "account", "part": "old_code"}),
    page("account_settings.employee_form", WRITERS, at={"key": "account", "part": "employee"}),
    deed(
        "account_settings.employee",
        WRITERS,
        at={"key": "account", "part": "employee"},
        body={"accounting_codes": "4711"},
    ),
    page("phone_lines.index_view", EVERYBODY, answer=302),
    page("phone_lines.show", EVERYBODY, at=_ACCOUNT),
    page("phone_lines.new_form", WRITERS, at=_ACCOUNT),
    deed(
        "phone_lines.add", WRITERS, at=_ACCOUNT, body={"phone_number": "+31 6 0001", "mobile_carrier": "KPN"}
    ),
    page("phone_lines.edit_form", WRITERS, at={"key": "account", "part": "phone_line"}),
    deed(
        "phone_lines.change",
        WRITERS,
        at={"key": "account", "part": "phone_line"},
        body={"phone_number": "+31 6 0002", "mobile_carrier": "KPN"},
    ),
    deed("phone_lines.end", WRITERS, at={"key": "account", "part": "phone_line"}),
    deed("phone_lines.restore", WRITERS, at={"key": "account", "part": "ended_phone_line"}),
    page("phone_lines.import_form", WRITERS, at=_ACCOUNT),
    deed("phone_lines.import_list", WRITERS, at=_ACCOUNT, body={"text": "Number,Carrier\n+31 6 0003,KPN"}),
    page("catalog_options.index_view", EVERYBODY, answer=302),
    page("catalog_options.show", SUPER, at={"key": "accessory"}),
    deed(
        "catalog_options.set_prices",
        SUPER,
        at={"key": "accessory"},
        body={"size": "", "term": "24", "unit": "1", "monthly": "2"},
    ),
    deed("catalog_options.set_fits", SUPER, at={"key": "accessory"}, body={"fits": "{item}"}),
    # ---- The directory of an account
    page("directory.index_view", EVERYBODY, answer=302),
    page("directory.show", EVERYBODY, at=_ACCOUNT),
    deed("directory.create_token", WRITERS, answer=200, at=_ACCOUNT, body={"name": "Entra"}),
    deed("directory.revoke_token", WRITERS, at={"key": "account", "part": "directory_token"}),
    page("directory.import_form", WRITERS, at=_ACCOUNT),
    Route("directory.read_import", "POST", WRITERS, at=_ACCOUNT, body={"text": _LIST}, only_shows=True),
    deed("directory.apply_import", WRITERS, at=_ACCOUNT, body={"text": _LIST}),
    page("accounts.anonymize_form", SUPER, at={"key": "account", "part": "employee"}),
    deed(
        "accounts.anonymize",
        SUPER,
        at={"key": "account", "part": "employee"},
        body={"reason": "They asked for it.", "meant": "y"},
    ),
    # ---- Catalog
    page("catalog.index_view", EVERYBODY),
    export("catalog.export_rows"),
    page("catalog.create_view", SUPER),
    deed("catalog.create", SUPER, body={"platform_id": "{platform}", **_ITEM}),
    page("catalog.edit_view", SUPER, at={"key": "item"}),
    deed("catalog.change", SUPER, at={"key": "unused_item"}, body=_ITEM),
    deed("catalog.archive", SUPER, at={"key": "item"}),
    deed("catalog.restore", SUPER, at={"key": "archived_item"}),
    page("catalog.delete_form", SUPER, at={"key": "unused_item"}),
    deed("catalog.delete", SUPER, at={"key": "unused_item"}),
    # ---- Audit log
    page("audit.index_view", EVERYBODY),
    export("audit.export"),
    # ---- Platforms
    page("platforms.index_view", SUPER),
    page("platforms.create_view", SUPER),
    deed("platforms.create", SUPER, body={"name": "Redwood Telecom", "currency": "EUR"}),
    page("platforms.edit_view", SUPER, at={"key": "platform"}),
    deed("platforms.change", SUPER, at={"key": "platform"}, body={"name": "A new name", "currency": "EUR"}),
    # ---- Webhooks and outgoing messages
    page("webhooks.index_view", WRITERS),
    page("webhooks.create_view", WRITERS),
    deed("webhooks.create", WRITERS, answer=200, body={"platform_id": "{platform}", "url": _HOOK}),
    page("webhooks.details_view", WRITERS, at=_WEBHOOK),
    page("webhooks.edit_view", WRITERS, at=_WEBHOOK),
    deed("webhooks.change", WRITERS, at=_WEBHOOK, body={"url": _HOOK}),
    deed("webhooks.rotate", WRITERS, answer=200, at=_WEBHOOK),
    deed("webhooks.ping", WRITERS, at=_WEBHOOK),
    deed("webhooks.enable", WRITERS, at={"key": "disabled_webhook"}),
    deed("webhooks.delete", WRITERS, at=_WEBHOOK),
    deed("webhooks.replay", WRITERS, at={"key": "webhook", "part": "message"}),
    page("outgoing.index_view", SUPER),
    page("outgoing.details_view", SUPER, at={"key": "message"}),
    deed("outgoing.replay", SUPER, at={"key": "message"}),
    # ---- People
    page("people.index_view", SUPER),
    page("people.create_view", SUPER),
    deed("people.create_view", SUPER, answer=200, body=_PERSON),
    page("people.edit_view", SUPER, query={"id": "person"}, shared=True),
    deed("people.edit_view", SUPER, answer=303, query={"id": "person"}, body=_PERSON, shared=True),
    deed("people.disable", SUPER, at={"key": "person"}, shared=True),
    deed("people.enable", SUPER, at={"key": "disabled_person"}, shared=True),
    deed("people.reset_password", SUPER, answer=200, at={"key": "person"}, shared=True),
)

# ---- The API. Words with a number sign are sent as numbers.


def call(method: str, name: str, may: frozenset[str], answer: int = 200, **rest: Any) -> Route:
    """A call of the API; what a platform admin may, a program of the platform may as well."""
    return Route(f"api.{name}", method, may | PROGRAM if may & PLATFORM else may, answer, **rest)


_OF_ACCOUNT = {"account_id": "account"}

API: tuple[Route, ...] = (
    call("GET", "list_catalog", WRITERS),
    call("GET", "list_accounts", EVERYBODY),
    call("POST", "create_account", WRITERS, 201, body={"name": "New", "platform_id": "{#platform}"}),
    call("GET", "show_account", EVERYBODY, at=_OF_ACCOUNT),
    call("GET", "list_employees", EVERYBODY, at=_OF_ACCOUNT),
    call("POST", "add_employee", WRITERS, 201, at=_OF_ACCOUNT, body={"name": "Somebody new"}),
    call("GET", "list_locations", EVERYBODY, at=_OF_ACCOUNT),
    call("POST", "add_location", WRITERS, 201, at=_OF_ACCOUNT, body={"name": "A new site"}),
    call("GET", "list_devices_of_account", EVERYBODY, at=_OF_ACCOUNT),
    call("GET", "list_devices", EVERYBODY),
    call(
        "POST",
        "register_device",
        WRITERS,
        201,
        at=_OF_ACCOUNT,
        body={"sku": "{sku}", "identifier": "{new_mac}", "employee_id": "{#employee}"},
    ),
    call("GET", "list_orders", EVERYBODY),
    call(
        "POST",
        "create_order",
        PLATFORM,
        201,
        body={
            "account_id": "{#account}",
            "lines": [
                {
                    "sku": "{sku}",
                    "quantity": 1,
                    "intents": [{"employee_id": "{#employee}", "location_id": "{#location}"}],
                }
            ],
            "ship_to_location_id": "{#location}",
        },
    ),
    call("GET", "show_order", EVERYBODY, at=_ORDER),
    call("GET", "list_events", EVERYBODY, at=_ORDER),
    call("GET", "list_webhooks", PLATFORM),
    call("POST", "create_webhook", PLATFORM, 201, body={"url": _HOOK, "platform_id": "{#platform}"}),
    call("DELETE", "delete_webhook", PLATFORM, at={"webhook_id": "webhook"}),
    call("PUT", "put_lines", WRITERS, at=_ORDER, body={"lines": [{"sku": "{sku}", "quantity": 3}]}),
    call("POST", "approve", SUPER, at=_ORDER),
    call("POST", "mark_ordered", SUPER, at=_ORDER, body={"distributor": "Voxport"}),
    call("POST", "reject", SUPER, at=_ORDER, body={"reason": "Ordered twice."}),
    call("POST", "cancel", PLATFORM, at=_ORDER),
    call("POST", "reopen", SUPER, at=_APPROVED, body={"reason": "Too many."}),
    call(
        "POST",
        "fulfill",
        SUPER,
        at=_APPROVED,
        body={"units": [{"unit_id": "{#approved_unit}", "identifier": "{new_mac}"}]},
    ),
)

# ---- The directories: who is not the very account's is answered 401, whatever the address names.


def push(method: str, name: str, answer: int = 200, *, one: bool = False, **rest: Any) -> Route:
    """What an identity provider asks of its account."""
    at = {"account": "account"} | ({"key": "scim_user"} if one else {})
    return Route(f"scim.{name}", method, DIRECTORIES, answer, at=at | rest.pop("at", {}), **rest)


_TITLE = {"op": "Replace", "value": {"title": "Nurse"}}
_USER = {"userName": "somebody.new", "displayName": "Somebody New"}

SCIM: tuple[Route, ...] = (
    push("GET", "root"),
    push("GET", "users"),
    push("POST", "users", 201, body=_USER),
    push("POST", "search_users", body={"count": 1}, only_shows=True),
    push("GET", "user", one=True),
    push("PUT", "user", one=True, body=_USER),
    push("PATCH", "user", 204, one=True, body={"Operations": [_TITLE]}),
    push("DELETE", "user", 204, one=True),
    push("GET", "rest", at={"rest": "scim_schemas"}),
    push(
        "POST",
        "rest",
        at={"rest": "scim_bulk"},
        body={"Operations": [{"method": "POST", "path": "/Users", "bulkId": "a", "data": _USER}]},
    ),
)

# ---- What Flask-Admin brings along and nobody may use: closed to everybody, whatever is asked of it.

_BUILT_IN = (
    ("action_view", "POST"),
    ("ajax_lookup", "GET"),
    ("ajax_update", "POST"),
    ("create_view", "GET"),
    ("create_view", "POST"),
    ("delete_view", "POST"),
    ("details_view", "GET"),
    ("edit_view", "GET"),
    ("edit_view", "POST"),
    ("export", "GET"),
)
# Where a view has made the handler its own, or has given another one its name, it is in the table above.
_OUR_OWN = {
    "orders": (),
    "devices": ("details_view", "edit_view"),
    "accounts": ("details_view", "edit_view"),
    "catalog": ("create_view", "edit_view"),
    "platforms": ("create_view", "edit_view"),
    "people": ("create_view", "edit_view"),
}
_CLOSED_BODY = {
    "id": "{account}",
    "rowid": "{account}",
    "action": "delete",
    "list_form_pk": "{account}",
    "name": "X",
    "export_type": "csv",
}

CLOSED: tuple[Route, ...] = (
    *(
        Route(f"{view}.{handler}", method, NOBODY, query={"id": "account"}, body=_CLOSED_BODY)
        for view, own in _OUR_OWN.items()
        for handler, method in _BUILT_IN
        if handler not in own
    ),
    # Platforms are few and need no export.
    Route("platforms.export_rows", "POST", NOBODY, body={"format": "csv"}),
)

POLICY: Mapping[tuple[str, str], Route] = {
    (route.endpoint, route.method): route for route in (*ROUTES, *API, *SCIM, *CLOSED)
}


# ---- Things of another platform inside a body: refused like things that never were, and nothing is changed.


@dataclass(frozen=True)
class Smuggled:
    """A deed on one's own, with something of another platform in its body."""

    endpoint: str
    who: str
    # Fields to replace; the words in braces are of the other platform, and then of no platform.
    fields: Mapping[str, Any]
    answer: int = 422
    method: str = "POST"

    def __str__(self) -> str:
        return f"{self.endpoint} {' '.join(self.fields)} by {self.who}"


def _intending(**intent: str) -> dict[str, Any]:
    return {"sku": "{own:sku}", "quantity": 1, "intents": [intent]}


SMUGGLED: tuple[Smuggled, ...] = (
    Smuggled("account_form.create_account", "piet", {"platform": "{platform}"}),
    Smuggled("account_form.create_account", "tess", {"platform": "{platform}"}),
    Smuggled("account_form.create_account", "piet", {"lines-0-sku": "{sku}"}),
    Smuggled("account_form.submit_order", "piet", {"lines-0-sku": "{sku}"}),
    Smuggled("account_form.submit_order", "tess", {"lines-0-sku": "{sku}"}),
    Smuggled("account_form.submit_order", "piet", {"lines-0-units-1-employee": "{employee}"}),
    Smuggled("account_form.submit_order", "piet", {"lines-0-units-1-location": "{location}"}),
    Smuggled("account_form.submit_order", "piet", {"ship_to": "{location}"}),
    Smuggled("orders.edit_lines", "piet", {"sku": "{sku}"}),
    Smuggled("orders.edit_lines", "ada", {"sku": "{sku}"}),
    Smuggled("orders.edit_lines", "piet", {"add_sku": "{sku}"}),
    Smuggled("orders.plan", "piet", {"employee-{own:unit}": "{employee}"}),
    Smuggled("orders.plan", "ada", {"employee-{own:unit}": "{employee}"}),
    Smuggled("orders.plan", "piet", {"location-{own:unit}": "{location}"}),
    Smuggled("orders.plan", "piet", {"base-{own:unit}": "{unit}"}),
    Smuggled("orders.plan", "piet", {"employee-{unit}": "{own:employee}"}),
    Smuggled("orders.fulfill", "ada", {"unit-{approved_unit}": "{new_mac}"}),
    # A unit that is not of the order takes no text; the answer speaks of the order's own.
    Smuggled("orders.keep_draft", "ada", {"steps": [{"unit": "{#unit}", "text": "{new_mac}"}]}, 200),
    Smuggled("orders.apply_plan", "ada", {"unit": "{fulfilled_unit}"}, 409),
    Smuggled("orders.close_short", "ada", {"unit-{approved_unit}": "1"}),
    Smuggled("orders.unlink", "ada", {"device": "{base}"}, 409),
    Smuggled("devices.register", "piet", {"sku": "{sku}"}),
    Smuggled("devices.register", "piet", {"employee_id": "{employee}"}),
    Smuggled("devices.register", "piet", {"location_id": "{location}"}),
    Smuggled("devices.register", "piet", {"base_device_id": "{base}"}),
    Smuggled("devices.register", "ada", {"employee_id": "{employee}"}),
    Smuggled("devices.change", "piet", {"employee_id": "{employee}"}),
    Smuggled("devices.change", "piet", {"location_id": "{location}"}),
    Smuggled("devices.change", "ada", {"employee_id": "{employee}"}),
    Smuggled("api.create_account", "piet", {"platform_id": "{#platform}"}, 404),
    Smuggled("api.create_account", "program", {"platform_id": "{#platform}"}, 404),
    Smuggled("api.create_order", "piet", {"account_id": "{#account}"}, 404),
    Smuggled("api.create_order", "program", {"account_id": "{#account}"}, 404),
    Smuggled("api.create_order", "piet", {"lines": [{"sku": "{sku}", "quantity": 1}]}),
    Smuggled("api.create_order", "tess", {"ship_to_location_id": "{#location}"}),
    Smuggled("api.create_order", "piet", {"lines": [_intending(employee_id="{#employee}")]}),
    Smuggled("api.create_order", "piet", {"lines": [_intending(location_id="{#location}")]}),
    Smuggled("api.put_lines", "piet", {"lines": [{"sku": "{sku}", "quantity": 1}]}, method="PUT"),
    Smuggled("api.put_lines", "ada", {"lines": [{"sku": "{sku}", "quantity": 1}]}, method="PUT"),
    Smuggled("api.register_device", "piet", {"sku": "{sku}"}),
    Smuggled("api.register_device", "piet", {"employee_id": "{#employee}"}),
    Smuggled("api.register_device", "program", {"base_device_id": "{#base}", "employee_id": None}),
    Smuggled("api.fulfill", "ada", {"units": [{"unit_id": "{#approved_unit}", "identifier": "{new_mac}"}]}),
)

# ---- Addresses that look for things: what is another platform's is found as little as what never was.

SEARCHES: tuple[str, ...] = (
    "/orders/?status=all&platform={platform}",
    "/orders/?status=all&account={account}",
    "/orders/?status=all&q={submitted}",
    "/orders/?status=all&q={mac}",
    "/orders/?status=all&q={account_name}",
    "/orders/?status=all&q={platform_name}",
    "/search/?q={submitted}",
    "/search/?q={mac}",
    "/search/?q={account_name}",
    "/search/?q={platform_name}",
    "/search/?q={employee_name}",
    "/devices/?search={mac}",
    "/devices/?search={account_name}",
    "/devices/?search={employee_name}",
    "/devices/?search={sku}",
    "/devices/?flt_platform_is={platform}",
    "/devices/?flt_account_is={account}",
    "/accounts/?search={account_name}",
    "/accounts/?search={platform_name}",
    "/accounts/?flt_platform_is={platform}",
    "/accounts/look-up/?query={account_name}",
    "/accounts/new-with-hardware?platform={platform}",
    "/catalog/?search={sku}",
    "/catalog/?flt_platform_is={platform}",
    "/catalog/?flt_make_is={make}",
    "/audit/?platform={platform}",
    "/audit/?order={submitted}",
    "/audit/?device={mac}",
    "/audit/?person={person_name}",
    "/audit/?request={request}",
)
API_SEARCHES: tuple[str, ...] = (
    "/api/v1/accounts?q={account_name}",
    "/api/v1/accounts?q={platform_name}",
    "/api/v1/catalog?platform={platform}",
    "/api/v1/catalog?make={make}",
    "/api/v1/catalog?q={sku}",
    "/api/v1/devices?identifier={mac}",
    "/api/v1/devices?account={account}",
    "/api/v1/orders?platform={platform}",
    "/api/v1/orders?account={account}",
    "/api/v1/orders?q={submitted}",
    "/api/v1/orders?q={mac}",
    "/api/v1/orders?q={account_name}",
)
