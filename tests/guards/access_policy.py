"""Who is answered what, on every route: the policy of the access matrix, as data.

A row names an endpoint and a method, the people it is for, what its address and its body are made of, and
the answer those people get. Everybody else is refused, in one way for each reason:

    not signed in, or not any more      GET to the sign-in page (302), everything else 401
    signed in, but not meant            403, whatever the address names
    meant, but not given the platform   404, the very answer of something that does not exist
    an address that cannot be one       404

Words in braces are things of one platform; which there are is in test_access_matrix.py. Bodies are valid:
the action is done for whom it is for, so a refusal is by permission or platform and not by bad input.
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
# The identity provider that pushes the company's own people, and one whose staff token was revoked. Neither
# is let in by the token of the other door.
STAFF_PROVIDER = frozenset({"staff_okta"})
STAFF_PERSONAS = ("staff_okta", "staff_cut_off", "okta", "ada", "piet", "program", "anonymous", "cookie")
DIRECTORY_PERSONAS = (*DIRECTORY_PERSONAS, "staff_okta")


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
    # Fields, or the text of a list.
    body: Mapping[str, Any] | str = field(default_factory=dict)
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
    # A GET that records that it was asked, such as an export.
    recorded: bool = False
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
        return self.endpoint.startswith("api.") or self.by_directory or self.by_staff_directory

    @property
    def by_directory(self) -> bool:
        """Whether it is of the directories, where only tokens of the very account count."""
        return self.endpoint.startswith("scim.")

    @property
    def by_staff_directory(self) -> bool:
        """Whether it is of the staff directory, where only staff tokens count."""
        return self.endpoint.startswith("scim_staff.")

    @property
    def personas(self) -> tuple[str, ...]:
        """Everybody who comes to its door."""
        if self.by_directory:
            return DIRECTORY_PERSONAS
        if self.by_staff_directory:
            return STAFF_PERSONAS
        return API_PERSONAS if self.by_token else PAGE_PERSONAS

    @property
    def names_something(self) -> bool:
        """Whether its address names a thing."""
        return bool(self.at or self.query)

    @property
    def writes(self) -> bool:
        """Whether it changes something where it is answered well."""
        return self.recorded or (self.method != "GET" and not self.only_shows)


def page(endpoint: str, may: frozenset[str], **rest: Any) -> Route:
    """A page that shows."""
    return Route(endpoint, "GET", may, **rest)


def action(endpoint: str, may: frozenset[str], **rest: Any) -> Route:
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
_EVERYTHING = {"url": _HOOK, "everything": "y"}
_WEBHOOK = {"key": "webhook"}
_ANYBODY = EVERYBODY | SIGNED_OUT
_AWAITING = {"reference": "awaiting"}
_LINK = _AWAITING | {"token": "link"}
_USED_LINK = {"reference": "answered", "token": "used_link"}
_ACCOUNTS = "Account;Location\nA new customer;Head office"
_SKUS = "SKU;Make;Model;Kind;Price\nNEW-9;Yealink;T57W;Desk phone;99.00"
_LINES = "Number,Carrier\n+31 6 0003,KPN"
_RULE = {"provider": "okta", "claim": "groups", "value": "helpers", "role": "super_admin"}
_SHOWN: dict[str, Any] = {"shared": True, "only_shows": True}
_OKTA, _AT_RULE = {"provider": "provider"}, {"key": "access_rule"}
_LIST = "Name;E-mail\nSomebody New;somebody.new@example.com"

ROUTES: tuple[Route, ...] = (
    # ---- Open to everybody
    page("healthz", EVERYBODY, signed_out=200),
    page("livez", EVERYBODY, signed_out=200),
    page("readyz", EVERYBODY, signed_out=200),
    # Without a token in the settings there is none.
    page("metrics", EVERYBODY, answer=404, signed_out=404),
    page("static", EVERYBODY, signed_out=200, at={"filename": "stylesheet"}, shared=True),
    page("admin.static", EVERYBODY, signed_out=200, at={"filename": "library"}, shared=True),
    page("api_document", EVERYBODY, signed_out=200),
    page("api_docs", EVERYBODY, signed_out=200),
    page("api_chapter", EVERYBODY, signed_out=200, at={"chapter": "api_chapter"}, shared=True),
    page("auth.sign_in", EVERYBODY, answer=302, signed_out=200),
    # ---- A manager's link, which is the key to one order, whoever holds it
    page("approval.question", _ANYBODY, signed_out=200, at=_LINK, shared=True),
    action(
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
    action(
        "auth.change_password",
        EVERYBODY,
        answer=303,
        body={
            "current_password": "the-password-of-everybody",
            "new_password": "violet-anchor-marble-7",
            "repeated": "violet-anchor-marble-7",
        },
    ),
    action("auth.choose_mail", SUPER, answer=303, body={"new_order_mail": "daily"}),
    action("auth.logout", EVERYBODY, answer=303),
    Route(
        "auth.end_session", "POST", EVERYBODY, 404, at={"mark": "session_mark"}, shared=True, only_shows=True
    ),
    # ---- A link to choose a new password
    page("password_links.forgotten", EVERYBODY, signed_out=200),
    Route(
        "password_links.forgotten",
        "POST",
        EVERYBODY,
        422,
        signed_out=422,
        body={"email": ""},
        only_shows=True,
    ),
    page("password_links.choose", _ANYBODY, answer=404, signed_out=404, at={"token": "no_link"}, shared=True),
    Route(
        "password_links.choose",
        "POST",
        _ANYBODY,
        404,
        signed_out=404,
        at={"token": "no_link"},
        shared=True,
        only_shows=True,
    ),
    # ---- By an identity provider, which cannot be reached; see tests/views/people/single_sign_on
    *(
        Route(f"single_sign_on.{endpoint}", "POST", _ANYBODY, 503, signed_out=503, at=_OKTA, **_SHOWN)
        for endpoint in ("leave", "backchannel_logout")
    ),
    page("single_sign_on.callback", _ANYBODY, answer=422, signed_out=422, at=_OKTA, shared=True),
    Route("single_sign_on.confirm", "POST", EVERYBODY, 503, at=_OKTA, **_SHOWN),
    # ---- Passkeys; the site of the matrix is called by a number, for which there are none
    *(
        Route(f"passkeys.{endpoint}", "POST", may, answer, signed_out=out, only_shows=True)
        for endpoint, may, answer, out in (
            ("sign_in_options", _ANYBODY, 409, 409),
            ("sign_in", _ANYBODY, 422, 422),
            ("confirm_options", EVERYBODY, 409, None),
            ("confirm", EVERYBODY, 422, None),
            ("add_options", EVERYBODY, 409, None),
            ("add", EVERYBODY, 422, None),
        )
    ),
    Route("passkeys.remove", "POST", EVERYBODY, 404, at={"key": "no_passkey"}, shared=True, only_shows=True),
    # ---- One-time codes; nobody of the site has set them up
    Route("second_factor.sign_in_code", "POST", _ANYBODY, 303, signed_out=303, only_shows=True),
    page("second_factor.set_up_page", EVERYBODY),
    Route("second_factor.set_up", "POST", EVERYBODY, 422, body={"code": "000000"}, only_shows=True),
    Route("second_factor.renew_recovery_codes", "POST", EVERYBODY, 409, only_shows=True),
    Route("second_factor.turn_off", "POST", EVERYBODY, 409, only_shows=True),
    Route("identity.confirm", "POST", EVERYBODY, 422, only_shows=True),
    action("auth.logout_everywhere", EVERYBODY, answer=303),
    # ---- API tokens: one's own, and for super-admins everybody's
    page("tokens.index_view", EVERYBODY),
    page("tokens.create_view", EVERYBODY),
    action("tokens.create", EVERYBODY, answer=200, body={"name": "Nightly sync", "days": "30"}),
    page("tokens.create_service_view", SUPER),
    action(
        "tokens.create_service",
        SUPER,
        answer=200,
        body={"platform_id": "{platform}", "service": "Shop", "name": "Nightly sync", "days": "30"},
    ),
    action("tokens.revoke", EVERYBODY, at={"key": "token"}, of="piet"),
    # ---- Ordering: each with a basket of their own
    page("ordering.index", PLATFORM),
    page("ordering.account", WRITERS, at=_ACCOUNT, answer=302),
    page("ordering_catalog.new", WRITERS, at=_ACCOUNT),
    page("ordering_catalog.upgrade", WRITERS, at=_ACCOUNT),
    page("ordering_catalog.accessories", WRITERS, at=_ACCOUNT),
    page("ordering_device.device", WRITERS, at=_ACCOUNT, query={"item": "sku"}),
    action("ordering_device.choose", WRITERS, at=_ACCOUNT, answer=303, body={"item": "{sku}", "do": "add"}),
    action(
        "ordering_basket.change",
        WRITERS,
        at=_ACCOUNT,
        answer=303,
        body={"quantity-1": "3", "was-quantity-1": "2"},
    ),
    action("ordering_basket.delete", WRITERS, at=_ACCOUNT, body={"version": "1", "sure": "yes"}),
    page("ordering_information.show", WRITERS, at=_ACCOUNT),
    action(
        "ordering_information.save",
        WRITERS,
        at=_ACCOUNT,
        answer=303,
        body={"mark": "{information_seen}", "ship_to": "{location}", "go": "employees"},
    ),
    page("ordering_employees.show", WRITERS, at=_ACCOUNT),
    action(
        "ordering_employees.save",
        WRITERS,
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
    page("ordering_employees.look_up", WRITERS, at=_ACCOUNT),
    page("ordering_employees.employee_facts", WRITERS, at={"key": "account", "part": "employee"}),
    page("ordering_confirmation.show", WRITERS, at=_ACCOUNT),
    action(
        "ordering_confirmation.confirm",
        WRITERS,
        at=_ACCOUNT,
        body={"submission_key": "{basket_key}", "seen": "{basket_seen}"},
    ),
    # ---- Hardware orders
    page("orders.index_view", EVERYBODY),
    page("order_changes.changes", EVERYBODY),
    export("orders.export_orders", status="all"),
    action("several_orders.approve", SUPER, answer=303, body={"order": "{submitted_id}"}),
    action("several_orders.mark_ordered", SUPER, answer=303, body={"order": "{submitted_id}"}),
    action(
        "several_orders.send", SUPER, answer=303, body={"order": "{approved_id}", "distributor": "Voxport"}
    ),
    action("several_orders.reject", SUPER, answer=303, body={"order": "{submitted_id}", "reason": "Twice."}),
    action(
        "several_orders.reopen", SUPER, answer=303, body={"order": "{approved_id}", "reason": "By mistake."}
    ),
    Route(
        "several_orders.ask",
        "POST",
        SUPER,
        body={"order": "{submitted_id}", "do": "reject"},
        only_shows=True,
    ),
    page("order.show", EVERYBODY, at=_ORDER),
    page("order_timeline.history", EVERYBODY, at=_ORDER),
    page("order_timeline.then", EVERYBODY, at=_ORDER),
    page("order_timeline.compare", EVERYBODY, at=_ORDER),
    action("order.edit_lines", WRITERS, at=_ORDER, body={"add_sku": "{sku}", "add_quantity": "3"}),
    page("order.plan_form", WRITERS, at=_ORDER),
    action("order.plan", WRITERS, at=_ORDER, body={"employee-{unit}": "{another_employee}"}),
    action("order.copy", WRITERS, answer=303, at=_ORDER),
    action("order_decisions.approve", SUPER, at=_ORDER),
    page("order_decisions.mark_ordered_form", SUPER, at=_ORDER),
    action("order_decisions.mark_ordered", SUPER, at=_ORDER, body={"distributor": "Voxport"}),
    page("order_decisions.reject_form", SUPER, at=_ORDER),
    action("order_decisions.reject", SUPER, at=_ORDER, body={"reason": "Ordered twice."}),
    page("order_decisions.reopen_form", SUPER, at=_APPROVED),
    action("order_decisions.reopen", SUPER, at=_APPROVED, body={"reason": "Too many."}),
    page("order_decisions.override_form", SUPER, at=_AWAITING),
    action("order_decisions.override", SUPER, at=_AWAITING, body={"reason": "On holiday."}),
    action("order_decisions.ask_manager", WRITERS, at=_AWAITING),
    page("purchase_orders.purchase_order", SUPER, at=_APPROVED),
    page("order_information.information_form", WRITERS, at={"reference": "submitted"}),
    action(
        "order_information.change_information",
        WRITERS,
        at={"reference": "submitted"},
        body={"attention": "Dana Reed"},
    ),
    action("order_claims.claim", SUPER, at=_APPROVED),
    Route("order_claims.release", "POST", SUPER, 302, at=_APPROVED, only_shows=True),
    page("placements.send_form", SUPER, at=_APPROVED),
    action("placements.send", SUPER, at=_APPROVED, body={"distributor": "Voxport"}),
    page("placements.placement_form", SUPER, at={"reference": "placed"}),
    action("placements.correct", SUPER, at={"reference": "placed"}, body={"distributor_reference": "VX-2"}),
    action("purchase_orders.export_purchase_order", SUPER, answer=200, at=_APPROVED, body={"format": "csv"}),
    page("my_orders.index_view", PLATFORM),
    page("order_decisions.cancel_form", PLATFORM, at=_ORDER),
    action("order_decisions.cancel", PLATFORM, at=_ORDER),
    page("fulfillment.fulfill_form", SUPER, at=_APPROVED),
    action("fulfillment.fulfill", SUPER, at=_APPROVED, body={"unit-{approved_unit}": "{new_mac}"}),
    Route(
        "fulfillment_drafts.keep_draft",
        "POST",
        SUPER,
        at=_APPROVED,
        body={"steps": [{"unit": "{#approved_unit}", "text": "{new_mac}"}]},
        by_script=True,
    ),
    action(
        "fulfillment_drafts.take_over",
        SUPER,
        at={"reference": "placed"},
        body={"take_unit": "{placed_unit}"},
    ),
    page("list_upload.list_form", SUPER, at=_APPROVED),
    Route("list_upload.read_list", "POST", SUPER, at=_APPROVED, body={"text": "{new_mac}"}, only_shows=True),
    action("order_notes.add_note", SUPER | SUPPORT, at=_ORDER, body={"text": "The customer rang."}),
    action("order_notes.remove_note", SUPER | SUPPORT, at={"key": "note"}, of="sam"),
    action("fulfillment.apply_plan", SUPER, at={"reference": "fulfilled"}, body={"unit": "{fulfilled_unit}"}),
    page("unit_sheet.unit_sheet", EVERYBODY, at=_APPROVED),
    page("fulfillment_corrections.close_short_form", SUPER, at=_APPROVED),
    action(
        "fulfillment_corrections.close_short",
        SUPER,
        at=_APPROVED,
        body={"unit-{approved_unit}": "1", "reason": "Sold out."},
    ),
    page("fulfillment_corrections.unlink_form", SUPER, at={"reference": "fulfilled"}, query=_FULFILLED_UNIT),
    action(
        "fulfillment_corrections.unlink",
        SUPER,
        at={"reference": "fulfilled"},
        query=_FULFILLED_UNIT,
        body={"device": "{device}", "reason": "Sent back."},
    ),
    page("fulfillment_corrections.conflict", SUPER, at=_APPROVED, query=_APPROVED_UNIT),
    action(
        "fulfillment_corrections.resolve_conflict",
        SUPER,
        at=_APPROVED,
        query=_APPROVED_UNIT,
        body={"do": "right", "right": "{new_mac}"},
    ),
    # ---- Saved searches
    page("searches.index_view", EVERYBODY),
    action("searches.save", EVERYBODY, body={"page": "orders", "query": "status=all", "name": "All of them"}),
    page("searches.open", EVERYBODY, answer=302, at={"key": "search"}, of="piet", private=True),
    action("searches.remove", EVERYBODY, at={"key": "search"}, of="piet", private=True),
    # ---- Dashboard
    page("dashboard.index_view", WRITERS),
    # ---- Search everything
    page("search.index_view", EVERYBODY),
    page("search.suggest", EVERYBODY),
    # ---- Devices
    page("devices.index_view", EVERYBODY),
    export("devices.export_rows"),
    page("devices.ordered", EVERYBODY),
    page("devices.details_view", EVERYBODY, at={"key": "device"}),
    page("devices.register_form", WRITERS, at={"account": "account"}),
    action(
        "devices.register",
        WRITERS,
        at={"account": "account"},
        body={"sku": "{sku}", "identifier": "{new_mac}", "employee_id": "{employee}"},
    ),
    page("devices.edit_view", WRITERS, at={"key": "device"}),
    action(
        "devices.change",
        WRITERS,
        at={"key": "device"},
        body={"employee_id": "{employee}", "location_id": "{location}"},
    ),
    page("devices.move_form", SUPER, at={"key": "device"}),
    action(
        "devices.move",
        SUPER,
        at={"key": "device"},
        body={"account": "by its key", "account_id": "{other_account}", "reason": "Swapped."},
    ),
    page("device_retirements.retire_form", WRITERS, query={"device": "device"}),
    action("device_retirements.retire", WRITERS, body={"device": "{device}", "reason": "Lost."}),
    page("device_corrections.replace_form", SUPER, at={"key": "device"}),
    action(
        "device_corrections.replace",
        SUPER,
        at={"key": "device"},
        body={"what": "broken", "identifier": "{new_mac}", "reason": "Dead on arrival."},
    ),
    # ---- Accounts
    page("accounts.index_view", EVERYBODY),
    export("accounts.export_rows"),
    page("accounts.look_up", EVERYBODY),
    page("account_form.new_account", WRITERS),
    action(
        "account_form.create_account",
        WRITERS,
        body={"platform": "{platform}", "name": "Riverside Clinic", "submission_key": _KEY},
    ),
    page("accounts.details_view", EVERYBODY, at=_ACCOUNT),
    page("account_employees.show", EVERYBODY, at=_ACCOUNT),
    page("account_locations.show", EVERYBODY, at=_ACCOUNT),
    page("accounts.hardware_orders", EVERYBODY, at=_ACCOUNT),
    page("accounts.edit_view", WRITERS, at=_ACCOUNT),
    action("accounts.rename", WRITERS, at=_ACCOUNT, body={"name": "Another name"}),
    page("account_locations.location_form", WRITERS, at=_ACCOUNT),
    action("account_locations.add_location", WRITERS, at=_ACCOUNT, body={"name": "A new site"}),
    page("account_locations.edit_location", WRITERS, at={"key": "account", "part": "location"}),
    action(
        "account_locations.change_location",
        WRITERS,
        at={"key": "account", "part": "location"},
        body={"name": "Another site"},
    ),
    action("account_locations.archive_location", WRITERS, at={"key": "account", "part": "location"}),
    action("account_locations.restore_location", WRITERS, at={"key": "account", "part": "gone_location"}),
    page("account_employees.employee", EVERYBODY, at={"key": "account", "part": "employee"}),
    page("account_employees.employee_form", WRITERS, at=_ACCOUNT),
    action("account_employees.add_employee", WRITERS, at=_ACCOUNT, body={"name": "Somebody new"}),
    page("account_employees.edit_employee", WRITERS, at={"key": "account", "part": "employee"}),
    action(
        "account_employees.change_employee",
        WRITERS,
        at={"key": "account", "part": "employee"},
        body={"name": "Somebody else"},
    ),
    action("account_employees.deactivate_employee", WRITERS, at={"key": "account", "part": "employee"}),
    action("account_employees.restore_employee", WRITERS, at={"key": "account", "part": "left_employee"}),
    # ---- How an account orders, and its phone lines
    page("account_settings.index_view", EVERYBODY, answer=302),
    page("account_settings.show", EVERYBODY, at=_ACCOUNT),
    page("account_settings.edit_form", WRITERS, at=_ACCOUNT),
    action("account_settings.edit", WRITERS, at=_ACCOUNT, body={"requests_menu": "y"}),
    action("account_settings.add_code", WRITERS, at=_ACCOUNT, body={"code": "4799"}),
    action("account_settings.archive_code", WRITERS, at={"key": "account", "part": "code"}),
    action("account_settings.restore_code", WRITERS, at={"key": "account", "part": "old_code"}),
    page("account_settings.employee_form", WRITERS, at={"key": "account", "part": "employee"}),
    action(
        "account_settings.employee",
        WRITERS,
        at={"key": "account", "part": "employee"},
        body={"accounting_codes": "4711"},
    ),
    page("phone_lines.index_view", EVERYBODY, answer=302),
    page("phone_lines.show", EVERYBODY, at=_ACCOUNT),
    page("phone_lines.new_form", WRITERS, at=_ACCOUNT),
    action(
        "phone_lines.add", WRITERS, at=_ACCOUNT, body={"phone_number": "+31 6 0001", "mobile_carrier": "KPN"}
    ),
    page("phone_lines.edit_form", WRITERS, at={"key": "account", "part": "phone_line"}),
    action(
        "phone_lines.change",
        WRITERS,
        at={"key": "account", "part": "phone_line"},
        body={"phone_number": "+31 6 0002", "mobile_carrier": "KPN"},
    ),
    action("phone_lines.end", WRITERS, at={"key": "account", "part": "phone_line"}),
    action("phone_lines.restore", WRITERS, at={"key": "account", "part": "ended_phone_line"}),
    page("phone_line_import.import_form", WRITERS, at=_ACCOUNT),
    Route(
        "phone_line_import.read_import", "POST", WRITERS, at=_ACCOUNT, body={"text": _LINES}, only_shows=True
    ),
    action("phone_line_import.apply_import", WRITERS, at=_ACCOUNT, body={"text": _LINES}),
    page("account_import.index_view", WRITERS),
    page("account_import.import_form", WRITERS, at={"key": "platform"}),
    Route(
        "account_import.read_import",
        "POST",
        WRITERS,
        at={"key": "platform"},
        body={"text": _ACCOUNTS},
        only_shows=True,
    ),
    action("account_import.apply_import", WRITERS, at={"key": "platform"}, body={"text": _ACCOUNTS}),
    page("catalog_import.index_view", SUPER),
    page("catalog_import.import_form", SUPER, at={"key": "platform"}),
    Route(
        "catalog_import.read_import",
        "POST",
        SUPER,
        at={"key": "platform"},
        body={"text": _SKUS},
        only_shows=True,
    ),
    action("catalog_import.apply_import", SUPER, at={"key": "platform"}, body={"text": _SKUS}),
    page("catalog_options.index_view", EVERYBODY, answer=302),
    page("catalog_options.show", SUPER, at={"key": "accessory"}),
    action(
        "catalog_options.set_prices",
        SUPER,
        at={"key": "accessory"},
        body={"size": "", "term": "24", "unit": "1", "monthly": "2"},
    ),
    action("catalog_options.set_articles", SUPER, at={"key": "item"}, body={"number-{distributor}": "V-1"}),
    action("catalog_options.set_fits", SUPER, at={"key": "accessory"}, body={"fits": "{item}"}),
    # ---- The directory of an account
    page("directory.index_view", EVERYBODY, answer=302),
    page("directory.show", EVERYBODY, at=_ACCOUNT),
    action("directory.create_token", WRITERS, answer=200, at=_ACCOUNT, body={"name": "Entra"}),
    action("directory.revoke_token", WRITERS, at={"key": "account", "part": "directory_token"}),
    page("employee_import.import_form", WRITERS, at=_ACCOUNT),
    Route("employee_import.read_import", "POST", WRITERS, at=_ACCOUNT, body={"text": _LIST}, only_shows=True),
    action("employee_import.apply_import", WRITERS, at=_ACCOUNT, body={"text": _LIST}),
    page("merging.merge_form", SUPER, at={"key": "account", "part": "employee"}),
    action(
        "merging.merge",
        SUPER,
        at={"key": "account", "part": "employee"},
        body={"other": "{another_employee}", "reason": "One badge."},
    ),
    page("anonymization.anonymize_form", SUPER, at={"key": "account", "part": "employee"}),
    action(
        "anonymization.anonymize",
        SUPER,
        at={"key": "account", "part": "employee"},
        body={"reason": "They asked for it.", "meant": "y"},
    ),
    # ---- Catalog
    page("catalog.index_view", EVERYBODY),
    export("catalog.export_rows"),
    page("catalog.create_view", SUPER),
    action("catalog.create", SUPER, body={"platform_id": "{platform}", **_ITEM}),
    page("catalog.edit_view", SUPER, at={"key": "item"}),
    action("catalog.change", SUPER, at={"key": "unused_item"}, body=_ITEM),
    action("catalog.archive", SUPER, at={"key": "item"}),
    action("catalog.restore", SUPER, at={"key": "archived_item"}),
    page("catalog.delete_form", SUPER, at={"key": "unused_item"}),
    action("catalog.delete", SUPER, at={"key": "unused_item"}),
    # ---- Audit log
    page("audit.index_view", EVERYBODY),
    export("audit.export"),
    page("audit_verification.index_view", SUPER),
    action("audit_verification.verify", SUPER, answer=200, **_SHOWN),
    # Its head goes into a file.
    action("audit_verification.publish", SUPER, answer=303, **_SHOWN),
    # ---- Platforms
    page("distributors.index_view", SUPER),
    page("distributors.create_form", SUPER),
    action("distributors.create", SUPER, body={"name": "Brandt"}),
    page("distributors.change_form", SUPER, at={"key": "distributor"}, shared=True),
    action("distributors.change", SUPER, at={"key": "distributor"}, shared=True, body={"name": "Brandt"}),
    action("distributors.archive", SUPER, at={"key": "distributor"}, shared=True),
    action("distributors.restore", SUPER, at={"key": "archived_distributor"}, shared=True),
    page("platforms.index_view", SUPER),
    page("platforms.create_view", SUPER),
    action("platforms.create", SUPER, body={"name": "Redwood Telecom", "currency": "EUR"}),
    page("platforms.edit_view", SUPER, at={"key": "platform"}),
    action("platforms.change", SUPER, at={"key": "platform"}, body={"name": "A new name", "currency": "EUR"}),
    page("deadlines.deadlines_form", SUPER, at={"key": "platform"}),
    action("deadlines.change_deadlines", SUPER, at={"key": "platform"}, body={"decision_days": "4"}),
    # ---- Webhooks and outgoing messages
    page("webhooks.index_view", WRITERS),
    page("webhooks.create_view", WRITERS),
    action("webhooks.create", WRITERS, answer=200, body={"platform_id": "{platform}"} | _EVERYTHING),
    page("webhooks.details_view", WRITERS, at=_WEBHOOK),
    page("webhooks.edit_view", WRITERS, at=_WEBHOOK),
    action("webhooks.change", WRITERS, at=_WEBHOOK, body=_EVERYTHING),
    action("webhooks.rotate", WRITERS, answer=200, at=_WEBHOOK),
    action("webhooks.ping", WRITERS, at=_WEBHOOK),
    action("webhooks.enable", WRITERS, at={"key": "disabled_webhook"}),
    action("webhooks.delete", WRITERS, at=_WEBHOOK),
    action("webhooks.replay", WRITERS, at={"key": "webhook", "part": "message"}),
    page("outgoing.index_view", SUPER),
    page("outgoing.details_view", SUPER, at={"key": "message"}),
    action("outgoing.replay", SUPER, at={"key": "message"}),
    # ---- People
    page("access_rules.index_view", SUPER),
    page("access_rules.create_form", SUPER),
    action("access_rules.create", SUPER, body=_RULE),
    page("access_rules.change_form", SUPER, at=_AT_RULE, shared=True),
    action("access_rules.change", SUPER, at=_AT_RULE, shared=True, body=_RULE),
    action("access_rules.delete", SUPER, at=_AT_RULE, shared=True),
    page("staff_directory.index_view", SUPER),
    action("staff_directory.create_token", SUPER, answer=200, body={"provider": "okta", "name": "Another"}),
    action("staff_directory.revoke_token", SUPER, answer=303, at={"key": "staff_token"}, shared=True),
    page("people.index_view", SUPER),
    page("people.create_view", SUPER),
    action("people.create_view", SUPER, answer=200, body=_PERSON),
    page("people.edit_view", SUPER, query={"id": "person"}, shared=True),
    action("people.edit_view", SUPER, answer=303, query={"id": "person"}, body=_PERSON, shared=True),
    action("people.disable", SUPER, at={"key": "person"}, shared=True),
    action("people.enable", SUPER, at={"key": "disabled_person"}, shared=True),
    action("people.reset_password", SUPER, answer=200, at={"key": "person"}, shared=True),
    Route(
        "people.reset_second_factor", "POST", SUPER, 409, at={"key": "person"}, shared=True, only_shows=True
    ),
)

# ---- The API. Words with a number sign are sent as numbers.


def call(method: str, name: str, may: frozenset[str], answer: int = 200, **rest: Any) -> Route:
    """A call of the API; what a platform admin may, a program of the platform may as well."""
    return Route(f"api.{name}", method, may | PROGRAM if may & PLATFORM else may, answer, **rest)


_OF_ACCOUNT = {"account_id": "account"}
_LOCATION_OF_ACCOUNT = {"account_id": "account", "location_id": "location"}
_EMPLOYEE_OF_ACCOUNT = {"account_id": "account", "employee_id": "employee"}
_SKU = {"sku": "sku"}
_LINE_OF_ACCOUNT = {"account_id": "account", "line_id": "phone_line"}
_DEVICE = {"device_id": "device"}
_OF_WEBHOOK = {"webhook_id": "webhook"}
_UNIT_WITH_DEVICE = {"reference": "fulfilled", "unit_id": "fulfilled_unit"}

API: tuple[Route, ...] = (
    call("GET", "me", EVERYBODY),
    call("GET", "list_people", SUPER),
    call("GET", "show_person", SUPER, at={"person_id": "person"}, shared=True),
    call(
        "POST",
        "create_person",
        SUPER,
        201,
        body={"name": "Noor Haddad", "email": "noor@example.com", "role": "super_admin"},
    ),
    call("PATCH", "change_person", SUPER, at={"person_id": "person"}, shared=True, body={"disabled": True}),
    call("POST", "reset_password", SUPER, at={"person_id": "person"}, shared=True),
    call("GET", "list_platforms", SUPER),
    call("GET", "show_platform", SUPER, at={"platform_id": "platform"}),
    call("POST", "create_platform", SUPER, 201, body={"name": "Another Telecom"}),
    call("PATCH", "change_platform", SUPER, at={"platform_id": "platform"}, body={"name": "Renamed"}),
    call("GET", "list_audit_events", SUPER),
    call("GET", "list_catalog", WRITERS),
    call("GET", "show_item", EVERYBODY, at=_SKU),
    call("POST", "create_item", SUPER, 201, body=_ITEM | {"platform_id": "{#platform}"}),
    call("PATCH", "change_item", SUPER, at=_SKU, body={"make": "Another"}),
    call("DELETE", "delete_item", SUPER, at={"sku": "unused_sku"}),
    call("POST", "archive_item", SUPER, at=_SKU),
    call("POST", "restore_item", SUPER, at={"sku": "archived_sku"}),
    call("POST", "set_prices", SUPER, at=_SKU, body={"prices": [{"unit_price": "9.00"}]}),
    call("GET", "show_fits", EVERYBODY, at=_SKU),
    call("GET", "show_article_numbers", SUPER, at=_SKU),
    call(
        "POST",
        "set_article_numbers",
        SUPER,
        at=_SKU,
        body={"numbers": [{"distributor_id": "{#distributor}", "number": "V-1"}]},
    ),
    call("POST", "set_fits", SUPER, at={"sku": "accessory_sku"}, body={"skus": ["{sku}"]}),
    call("GET", "list_accounts", EVERYBODY),
    call("POST", "create_account", WRITERS, 201, body={"name": "New", "platform_id": "{#platform}"}),
    call("GET", "show_account", EVERYBODY, at=_OF_ACCOUNT),
    call("GET", "list_employees", EVERYBODY, at=_OF_ACCOUNT),
    call("POST", "add_employee", WRITERS, 201, at=_OF_ACCOUNT, body={"name": "Somebody new"}),
    call("GET", "list_locations", EVERYBODY, at=_OF_ACCOUNT),
    call("GET", "show_location", EVERYBODY, at=_LOCATION_OF_ACCOUNT),
    call("POST", "add_location", WRITERS, 201, at=_OF_ACCOUNT, body={"name": "A new site"}),
    call("PATCH", "change_account", WRITERS, at=_OF_ACCOUNT, body={"name": "Another name"}),
    call("PUT", "put_account", WRITERS, 201, body={"name": "New", "platform_id": "{#platform}"}),
    call("PATCH", "change_location", WRITERS, at=_LOCATION_OF_ACCOUNT, body={"name": "Another name"}),
    call("DELETE", "archive_location", WRITERS, at=_LOCATION_OF_ACCOUNT),
    call("PUT", "put_location", WRITERS, 201, at=_OF_ACCOUNT, body={"name": "A new site"}),
    call("GET", "show_employee", EVERYBODY, at=_EMPLOYEE_OF_ACCOUNT),
    call("PATCH", "change_employee", WRITERS, at=_EMPLOYEE_OF_ACCOUNT, body={"title": "Nurse"}),
    call("DELETE", "deactivate_employee", WRITERS, at=_EMPLOYEE_OF_ACCOUNT),
    call(
        "POST",
        "merge_employee",
        SUPER,
        at=_EMPLOYEE_OF_ACCOUNT,
        body={"other_employee_id": "{#left_employee}", "reason": "One badge."},
    ),
    call("POST", "anonymize", SUPER, at=_EMPLOYEE_OF_ACCOUNT, body={"reason": "Asked us to."}),
    call(
        "POST",
        "import_account_list",
        WRITERS,
        query={"platform": "platform"},
        body="Account\nA listed clinic",
    ),
    call(
        "POST",
        "import_catalog_list",
        SUPER,
        query={"platform": "platform"},
        body="SKU;Make;Model;Kind;Price\nNEW-9;Yealink;T58;deskphone;99.00",
    ),
    call("POST", "import_employee_list", WRITERS, at=_OF_ACCOUNT, body=_LIST),
    call("POST", "import_phone_line_list", WRITERS, at=_OF_ACCOUNT, body="Number;Carrier\n+31612340001;KPN"),
    call("PUT", "put_employee", WRITERS, 201, at=_OF_ACCOUNT, body={"name": "Somebody new"}),
    call("GET", "list_phone_lines", EVERYBODY, at=_OF_ACCOUNT),
    call(
        "POST",
        "add_phone_line",
        WRITERS,
        201,
        at=_OF_ACCOUNT,
        body={"phone_number": "+31612340000", "mobile_carrier": "KPN"},
    ),
    call("GET", "show_phone_line", EVERYBODY, at=_LINE_OF_ACCOUNT),
    call("PATCH", "change_phone_line", WRITERS, at=_LINE_OF_ACCOUNT, body={"rate_plan": "Unlimited"}),
    call("POST", "end_phone_line", WRITERS, at=_LINE_OF_ACCOUNT),
    call(
        "POST",
        "restore_phone_line",
        WRITERS,
        at={"account_id": "account", "line_id": "ended_phone_line"},
    ),
    call("GET", "list_spares", EVERYBODY, at=_OF_ACCOUNT),
    call("GET", "list_accounting_codes", EVERYBODY, at=_OF_ACCOUNT),
    call("POST", "add_accounting_code", WRITERS, 201, at=_OF_ACCOUNT, body={"code": "9000"}),
    call(
        "PATCH",
        "change_accounting_code",
        WRITERS,
        at={"account_id": "account", "code_id": "code"},
        body={"archived": True},
    ),
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
    call("GET", "show_order_as_of", EVERYBODY, at=_ORDER),
    call("GET", "purchase_order", SUPER, at=_APPROVED, recorded=True),
    call("GET", "list_notes", SUPER | SUPPORT, at=_ORDER),
    call("POST", "add_note", SUPER | SUPPORT, 201, at=_ORDER, body={"text": "They called."}),
    call("DELETE", "remove_note", SUPER | SUPPORT, at={"note_id": "note"}, of="sam"),
    call(
        "PUT", "put_units", WRITERS, at=_ORDER, body={"units": [{"unit_id": "{#unit}", "employee_id": None}]}
    ),
    call("POST", "copy", WRITERS, at=_ORDER, only_shows=True),
    call("POST", "ask_manager", WRITERS, at=_AWAITING),
    call("POST", "override", SUPER, at=_AWAITING, body={"reason": "Agreed by phone."}),
    call(
        "POST",
        "close_units_short",
        SUPER,
        at=_APPROVED,
        body={"unit_ids": ["{#approved_unit}"], "reason": "Sold out."},
    ),
    call("POST", "fulfill_by_list", SUPER, at=_APPROVED, body="{new_mac}"),
    call("POST", "unlink_unit", SUPER, at=_UNIT_WITH_DEVICE, body={"reason": "The wrong one."}),
    call("POST", "apply_plan", SUPER, at=_UNIT_WITH_DEVICE),
    call("GET", "list_webhooks", PLATFORM),
    call("POST", "create_webhook", PLATFORM, 201, body={"url": _HOOK, "platform_id": "{#platform}"}),
    call("DELETE", "delete_webhook", PLATFORM, at=_OF_WEBHOOK),
    call("PATCH", "change_webhook", PLATFORM, at=_OF_WEBHOOK, body={"description": "Another"}),
    call("POST", "rotate", PLATFORM, at=_OF_WEBHOOK),
    call("POST", "ping", PLATFORM, 201, at=_OF_WEBHOOK),
    call("GET", "list_deliveries", PLATFORM, at=_OF_WEBHOOK),
    call("POST", "replay", PLATFORM, at=_OF_WEBHOOK | {"delivery_id": "message"}),
    call("GET", "list_feed", EVERYBODY),
    call("GET", "show_device", EVERYBODY, at=_DEVICE),
    call("PATCH", "change_device", WRITERS, at=_DEVICE, body={"serial": "NEW1"}),
    call(
        "POST",
        "correct_device",
        SUPER,
        at=_DEVICE,
        body={"identifier": "{new_mac}", "reason": "A slip."},
    ),
    call("POST", "replace", SUPER, at=_DEVICE, body={"identifier": "{new_mac}", "reason": "Broken."}),
    call("POST", "move", SUPER, at=_DEVICE, body={"account_id": "{#other_account}", "reason": "Sold."}),
    call("POST", "retire", WRITERS, at=_DEVICE, body={"reason": "Lost."}),
    call("GET", "show_claim", SUPER | SUPPORT, at=_APPROVED),
    call("POST", "claim_order", SUPER, at=_APPROVED),
    call("DELETE", "release_claim", SUPER, 409, at=_APPROVED, only_shows=True),
    call("POST", "retire_devices", WRITERS, body={"devices": ["{#device}"], "reason": "Lost."}),
    call("PUT", "put_lines", WRITERS, at=_ORDER, body={"lines": [{"sku": "{sku}", "quantity": 3}]}),
    call("GET", "list_distributors", SUPER),
    call("GET", "show_distributor", SUPER, at={"distributor_id": "distributor"}, shared=True),
    call("POST", "add_distributor", SUPER, 201, body={"name": "Brandt"}),
    call(
        "PATCH",
        "patch_distributor",
        SUPER,
        at={"distributor_id": "distributor"},
        body={"note": "By noon."},
        shared=True,
    ),
    call("POST", "send", SUPER, at={"reference": "approved"}, body={"distributor": "Voxport"}),
    call(
        "PATCH",
        "patch_placement",
        SUPER,
        at={"reference": "placed"},
        body={"distributor_reference": "VX-2"},
    ),
    call(
        "POST",
        "decide_on_orders",
        SUPER,
        body={"action": "approve", "orders": [{"reference": "{submitted}"}]},
    ),
    call("PATCH", "change_order", WRITERS, at=_ORDER, body={"attention": "Reception"}),
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
_NAME = {"op": "Replace", "value": {"displayName": "Somebody Else"}}
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


def push_staff(method: str, name: str, answer: int = 200, **rest: Any) -> Route:
    """What the company's identity provider asks."""
    return Route(f"scim_staff.{name}", method, STAFF_PROVIDER, answer, shared=True, **rest)


_ONE_USER, _ONE_GROUP = {"key": "staff_user"}, {"key": "staff_group"}
_GROUP = {"displayName": "another group"}

STAFF: tuple[Route, ...] = (
    push_staff("GET", "root"),
    push_staff("GET", "users"),
    push_staff("POST", "users", 201, body=_USER),
    push_staff("POST", "search_users", body={"count": 1}, only_shows=True),
    push_staff("GET", "user", at=_ONE_USER),
    push_staff("PUT", "user", at=_ONE_USER, body=_USER),
    push_staff("PATCH", "user", 204, at=_ONE_USER, body={"Operations": [_NAME]}),
    push_staff("DELETE", "user", 204, at=_ONE_USER),
    push_staff("GET", "groups"),
    push_staff("POST", "groups", 201, body=_GROUP),
    push_staff("POST", "search_groups", body={"count": 1}, only_shows=True),
    push_staff("GET", "group", at=_ONE_GROUP),
    push_staff("PUT", "group", at=_ONE_GROUP, body=_GROUP),
    push_staff("PATCH", "group", 204, at=_ONE_GROUP, body={"Operations": [_NAME]}),
    push_staff("DELETE", "group", 204, at=_ONE_GROUP),
    push_staff("GET", "rest", at={"rest": "scim_schemas"}),
    # There are no bulk requests.
    push_staff("POST", "rest", 501, at={"rest": "scim_bulk"}, body={"Operations": []}, only_shows=True),
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
    (route.endpoint, route.method): route for route in (*ROUTES, *API, *SCIM, *STAFF, *CLOSED)
}


# ---- Things of another platform inside a body: refused like things that never were, and nothing is changed.


@dataclass(frozen=True)
class Smuggled:
    """An action on one's own, with something of another platform in its body."""

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
    Smuggled("order.edit_lines", "ada", {"add_sku": "{sku}"}),
    Smuggled("order.edit_lines", "piet", {"add_sku": "{sku}"}),
    Smuggled("order.plan", "piet", {"employee-{own:unit}": "{employee}"}),
    Smuggled("order.plan", "ada", {"employee-{own:unit}": "{employee}"}),
    Smuggled("order.plan", "piet", {"location-{own:unit}": "{location}"}),
    Smuggled("order.plan", "piet", {"base-{own:unit}": "{unit}"}),
    Smuggled("order.plan", "piet", {"employee-{unit}": "{own:employee}"}),
    Smuggled("fulfillment.fulfill", "ada", {"unit-{approved_unit}": "{new_mac}"}),
    # A unit that is not of the order takes no text; the answer speaks of the order's own.
    Smuggled(
        "fulfillment_drafts.keep_draft", "ada", {"steps": [{"unit": "{#unit}", "text": "{new_mac}"}]}, 200
    ),
    Smuggled("fulfillment.apply_plan", "ada", {"unit": "{fulfilled_unit}"}, 409),
    Smuggled("fulfillment_corrections.close_short", "ada", {"unit-{approved_unit}": "1"}),
    Smuggled("fulfillment_corrections.unlink", "ada", {"device": "{base}"}, 409),
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
    Smuggled("api.put_account", "piet", {"platform_id": "{#platform}"}, 404, method="PUT"),
    Smuggled("api.change_employee", "piet", {"manager_id": "{#employee}"}, method="PATCH"),
    Smuggled("api.create_order", "piet", {"account_id": "{#account}"}, 404),
    Smuggled("api.create_order", "program", {"account_id": "{#account}"}, 404),
    Smuggled("api.create_order", "piet", {"lines": [{"sku": "{sku}", "quantity": 1}]}),
    Smuggled("api.create_order", "tess", {"ship_to_location_id": "{#location}"}),
    Smuggled("api.create_order", "piet", {"lines": [_intending(employee_id="{#employee}")]}),
    Smuggled("api.create_order", "piet", {"lines": [_intending(location_id="{#location}")]}),
    Smuggled("api.put_lines", "piet", {"lines": [{"sku": "{sku}", "quantity": 1}]}, method="PUT"),
    Smuggled("api.put_lines", "ada", {"lines": [{"sku": "{sku}", "quantity": 1}]}, method="PUT"),
    Smuggled("api.change_order", "piet", {"ship_to_location_id": "{#location}"}, method="PATCH"),
    Smuggled("api.put_units", "piet", {"units": [{"unit_id": "{#unit}"}]}, method="PUT"),
    Smuggled(
        "api.put_units",
        "piet",
        {"units": [{"unit_id": "{own:unit}", "employee_id": "{#employee}"}]},
        method="PUT",
    ),
    Smuggled("api.close_units_short", "ada", {"unit_ids": ["{#approved_unit}"]}),
    Smuggled("api.register_device", "piet", {"sku": "{sku}"}),
    Smuggled("api.register_device", "piet", {"employee_id": "{#employee}"}),
    Smuggled("api.register_device", "program", {"base_device_id": "{#base}", "employee_id": None}),
    Smuggled("api.change_device", "piet", {"employee_id": "{#employee}"}, method="PATCH"),
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
    "/search/suggestions?query={account_name}",
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
