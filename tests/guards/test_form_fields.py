"""What a form of the pages writes, a request of the API writes too, or the reason why not stands here."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Mapping

import pytest
from pydantic import BaseModel
from wtforms import Form
from wtforms.fields.core import UnboundField

from hwadmin import forms
from hwadmin.api import calls
from hwadmin.schemas import request_models

CALLS = {one.name: one for one in calls.CALLS}

# The calls that write what a form does.
CALLS_OF: Mapping[str, tuple[str, ...]] = {
    "AccountForm": ("create_account", "change_account"),
    "LocationForm": ("add_location", "change_location"),
    "EmployeeForm": ("add_employee", "change_employee"),
    "NewEmployeeForm": ("add_employee",),
    "AnonymizeForm": ("anonymize",),
    "MergeForm": ("merge_employee",),
    "PhoneLineForm": ("add_phone_line", "change_phone_line"),
    "CodeForm": ("add_accounting_code",),
    "DefaultsForm": ("change_employee",),
    "DistributorForm": ("add_distributor", "patch_distributor"),
    "ArticleNumbersForm": ("set_article_numbers",),
    "ItemForm": ("create_item", "change_item"),
    "NewItemForm": ("create_item",),
    "DeviceForm": ("change_device",),
    "RegisterForm": ("register_device",),
    "ReplaceForm": ("replace",),
    "RetireForm": ("retire", "retire_devices"),
    "MoveForm": ("move",),
    "OrderingInformationForm": ("create_order", "change_order"),
    "ReasonForm": ("reject", "cancel", "reopen", "override"),
    "PlacementForm": ("mark_ordered", "patch_placement"),
    "SendForm": ("send",),
    "FulfillForm": ("fulfill",),
    "CloseShortForm": ("close_units_short",),
    "UnlinkForm": ("unlink_unit",),
    "WebhookForm": ("create_webhook", "change_webhook"),
    "NewWebhookForm": ("create_webhook",),
    "PersonForm": ("create_person", "change_person"),
    "PlatformForm": ("create_platform", "change_platform"),
}
# Forms whose fields are those of a part of a request.
PARTS_OF: Mapping[str, type[BaseModel]] = {
    "SettingsForm": request_models.SettingsChanges,
    "PlanForm": request_models.UnitIntent,
}
_TOKENS = "A token must not make tokens: whoever stole it would stay."
_LIST = "The API takes the list itself, as a file or a text."
_PERSON = "Only a person signs in, and proves who they are."
# Forms without a call, and why.
WITHOUT_A_CALL: Mapping[str, str] = {
    "ImportedListForm": _LIST,
    "ListForm": _LIST,
    "DirectoryTokenForm": _TOKENS,
    "StaffTokenForm": _TOKENS,
    "TokenForm": _TOKENS,
    "PersonTokenForm": _TOKENS,
    "ServiceTokenForm": _TOKENS,
    "AccessRuleForm": "Who decides is decided by a person, who proves again who they are.",
    "AnswerForm": "A manager answers by a mail’s link, and has no token.",
    "DecisionForm": "It has the version alone, which a program sends as If-Match.",
    "DeadlinesForm": "One request has all deadlines, by name: DeadlinesChanges.",
    "IdentifierConflictForm": "It chooses between correct, unlink and move, which are calls.",
    **dict.fromkeys(
        ("SignInForm", "PasswordForm", "ForgottenForm", "ChosenPasswordForm", "OneTimeCodeForm"), _PERSON
    ),
    **dict.fromkeys(("SetUpForm", "IdentityForm"), _PERSON),
}
# Fields that requests have by another name; None: it is no content, and the reason stands beside it.
OTHER_NAMES: Mapping[str, str | None] = {
    "PhoneLineForm.employee": "employee_id",
    "DefaultsForm.manager": "manager_id",
    "MergeForm.other": "other_employee_id",
    "FulfillForm.identifiers": "units",
    "CloseShortForm.units": "unit_ids",
    "PlanForm.employees": "employee_id",
    "PlanForm.locations": "location_id",
    "PlanForm.bases": "base_unit_id",
    "PlanForm.codes": "accounting_codes",
    "PlanForm.reasons": "upgrade_reason",
    "WebhookForm.everything": "event_types",  # "*"
    "NewWebhookForm.everything": "event_types",
    # A name typed to be sure; what was looked up by it; which of two things to do; which device.
    "AnonymizeForm.meant": None,
    "MoveForm.account": None,
    "ReplaceForm.what": None,
    "UnlinkForm.device": None,
    # A program knows people by its own keys, and need not be asked.
    "NewEmployeeForm.somebody_else": None,
    # A program sends it as If-Match.
    "OrderingInformationForm.version": None,
    "ReasonForm.version": None,
    "PlacementForm.version": None,
    "SendForm.version": None,
    "PlanForm.version": None,
}


def page_forms() -> dict[str, set[str]]:
    """The forms of the pages, each with its fields."""
    found: dict[str, set[str]] = {}
    for module in pkgutil.walk_packages(forms.__path__, f"{forms.__name__}."):
        for name, form in vars(importlib.import_module(module.name)).items():
            if isinstance(form, type) and issubclass(form, Form) and form.__module__ == module.name:
                found[name] = {
                    field
                    for base in form.__mro__
                    for field, value in vars(base).items()
                    if isinstance(value, UnboundField)
                }
    return found


FORMS = page_forms()


def missing_fields(form: str, fields: set[str], requests: Mapping[str, type[BaseModel]]) -> list[str]:
    """The fields of a form that a request does not have."""
    names = {field: OTHER_NAMES.get(f"{form}.{field}", field) for field in fields}
    return [
        f"{call} has no {name}"
        for call, request in requests.items()
        for field, name in sorted(names.items())
        if name is not None and name not in request.model_fields
    ]


def requests_of(form: str) -> dict[str, type[BaseModel]]:
    """The bodies that write what a form does, by call."""
    if form in PARTS_OF:
        return {PARTS_OF[form].__name__: PARTS_OF[form]}
    bodies = {name: CALLS[name].body for name in CALLS_OF[form]}
    return {name: body for name, body in bodies.items() if body is not None}


@pytest.mark.parametrize("form", sorted({*CALLS_OF, *PARTS_OF}))
def test_what_a_form_writes_a_program_writes(form: str) -> None:
    assert missing_fields(form, FORMS[form], requests_of(form)) == []


def test_every_form_has_a_call_or_a_reason() -> None:
    assert {*CALLS_OF, *PARTS_OF} | set(WITHOUT_A_CALL) == set(FORMS)
    assert not {*CALLS_OF, *PARTS_OF} & set(WITHOUT_A_CALL)
    assert set(OTHER_NAMES) <= {f"{form}.{field}" for form, fields in FORMS.items() for field in fields}


def test_a_missing_field_is_found() -> None:
    assert missing_fields("LocationForm", {"name", "floor"}, requests_of("LocationForm")) == [
        "add_location has no floor",
        "change_location has no floor",
    ]
