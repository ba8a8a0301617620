"""Whatever people can do, a program can: every operation has a call of the API, or a reason why not."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping

from hwadmin.api.calls import CALLS
from tests.guards.source_tree import MODULES, nodes_of, tree_of

# Who calls one of these asks for a permission: so does every operation, and hardly anything else.
_ASKING = {"require", "lock_order_for", "lock_order_with_reason", "lock_device_with_order", "open_push"}

# Operations without a call of their own, and why.
_BY_FIELDS = "PATCH changes the stated fields of the row instead, this among them."
_PAGES = "It belongs to the steps of the pages; a program sends everything at once."
_SHARED = "It is a part of other operations, which have calls."
WITHOUT_A_CALL: Mapping[str, str] = {
    "accounts/accounts:rename_account": _BY_FIELDS,
    "accounts/employees:change_employee": _BY_FIELDS,
    "accounts/employees:restore_employee": _BY_FIELDS,
    "accounts/locations:change_location": _BY_FIELDS,
    "accounts/locations:restore_location": _BY_FIELDS,
    "accounts/settings:change_ordering_settings": _BY_FIELDS,
    "accounts/settings:change_employee_defaults": _BY_FIELDS,
    "accounts/onboarding:create_account_with_order": "POST /accounts, then POST /orders.",
    "directory/pushes:open_push": _SHARED,
    "people/staff/access:open_staff_push": _SHARED,
    "people/staff/tokens:create_staff_token": "A token must not make tokens: whoever stole it would stay.",
    "people/staff/tokens:revoke_staff_token": "Tokens are kept where they are made, on the pages.",
    "fulfillment/corrections/locked_devices:lock_device_with_order": _SHARED,
    "orders/transition:lock_order_for": _SHARED,
    "orders/transition:lock_order_with_reason": _SHARED,
    "directory/tokens:create_directory_token": "A token must not make tokens: whoever stole it would stay.",
    "directory/tokens:revoke_directory_token": "Tokens are kept where they are made, on the pages.",
    **dict.fromkeys(
        (
            "people/access_rules:create_access_rule",
            "people/access_rules:change_access_rule",
            "people/access_rules:delete_access_rule",
        ),
        "Who decides is decided by a person, who proves again who they are.",
    ),
    "people/people:create_person_without_password": "An identity provider’s people come by themselves.",
    "people/second_factor:reset_second_factor": "A person who knows them lets them in again, on the pages.",
    "people/tokens:create_token": "A token must not make tokens: whoever stole it would stay.",
    "people/tokens:create_service_token": "A token must not make tokens: whoever stole it would stay.",
    "people/tokens:revoke_token": "Tokens are kept where they are made, on the pages.",
    "fulfillment/corrections/identifier_conflicts:take_device": "POST /devices/{id}/move, then fulfill.",
    "fulfillment/drafts:keep_draft": _PAGES,
    "fulfillment/takeovers:take_over_draft": _PAGES,
    "ordering/basket:edit_basket": _PAGES,
    "ordering/basket:delete_basket": _PAGES,
    "ordering/confirmation:confirm_basket": _PAGES,
    "ordering/copies:copy_to_basket": "a program gets the order to send (POST …/copy): it has no basket",
    "orders/submission/submission:check_order": _PAGES,
    "orders/approvals/answers:decide_as_manager": "A manager answers by a mail’s link, and has no token.",
    "outgoing/messages:choose_new_order_mail": "Each person chooses their own mail, on their own page.",
    "outgoing/retention:prune": "Operators do it on the command line; nobody else may delete.",
    "search/saved_searches:save_search": _PAGES,
    "search/saved_searches:remove_search": _PAGES,
}


def _names(tree: ast.AST) -> set[str]:
    """Every name a module uses."""
    return {node.id for node in nodes_of(tree) if isinstance(node, ast.Name)} | {
        node.attr for node in nodes_of(tree) if isinstance(node, ast.Attribute)
    }


def _asks(function: ast.FunctionDef) -> bool:
    return any(
        isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in _ASKING
        for node in ast.walk(function)
    )


def operations() -> Iterator[tuple[str, str]]:
    """Each operation: its module below ``operations``, and its name."""
    for module in MODULES:
        if not module.startswith("operations/"):
            continue
        for node in tree_of(module).body:
            if isinstance(node, ast.FunctionDef) and not node.name.startswith("_") and _asks(node):
                yield module.removeprefix("operations/").removesuffix(".py"), node.name


def used_by_the_api() -> set[str]:
    """Every name the modules of the API use."""
    return set().union(*(_names(tree_of(module)) for module in MODULES if module.startswith("api/")))


def shared() -> set[str]:
    """The operations that are parts of others."""
    return {key for key, reason in WITHOUT_A_CALL.items() if reason == _SHARED}


def test_every_operation_has_a_call_or_a_reason() -> None:
    used = used_by_the_api()
    missing = [
        f"{module}:{name}"
        for module, name in operations()
        if name not in used and f"{module}:{name}" not in WITHOUT_A_CALL
    ]
    assert missing == [], "declare a call in hwadmin/api, or say here why a program cannot do it"


def test_every_reason_is_needed() -> None:
    used = used_by_the_api()
    known = {f"{module}:{name}" for module, name in operations()}
    assert set(WITHOUT_A_CALL) <= known
    assert [key for key in WITHOUT_A_CALL if key.partition(":")[2] in used] == []
    assert all(len(reason) > 10 for reason in WITHOUT_A_CALL.values())


def test_what_is_missing_is_found() -> None:
    assert _asks(ast.parse("def f(actor):\n    require(actor, X)").body[0])  # type: ignore[arg-type]
    assert _names(ast.parse("decisions.approve_order")) == {"decisions", "approve_order"}


def test_every_write_of_what_has_a_version_takes_if_match() -> None:
    versioned = {one.path for one in CALLS if one.method == "GET" and (one.order or one.versioned)}
    assert versioned == {"/orders/<reference>", "/accounts/<account_id>/employees/<employee_id>"}
    without = {
        f"{one.method} {one.path}"
        for one in CALLS
        if one.writes and not one.conditional
        if any(f"{one.path}/".startswith(f"{path}/") for path in versioned)
    }
    assert without == set()
