"""Every operation is proved by tests: that it is done, each refusal, done again, done by several at once."""

from __future__ import annotations

from collections.abc import Iterator

from tests.guards.operation_proofs import RACE, REPETITION, SUCCESS, proofs, proofs_of, refusals_of
from tests.guards.test_api_coverage import operations, shared, used_by_the_api

# What is done with orders has tests of its own in any case; of what else has a call of the API,
# tests/api/test_repeating_every_write.py shows success, repetition and sixteen callers at once.
_ALWAYS = ("orders/", "fulfillment/", "ordering/")

# What no test of its own proves yet. An entry goes when its test is there, and none is added.
GAPS: dict[str, str] = {
    "accounts/accounts:rename_account": "race",
    "accounts/employees:change_employee": "WrongState",
    "accounts/employees:restore_employee": "race",
    "accounts/locations:change_location": "race",
    "accounts/locations:restore_location": "race",
    "accounts/onboarding:create_account_with_order": "race",
    "accounts/settings:change_ordering_settings": "race",
    "accounts/settings:change_employee_defaults": "WrongState",
    "accounts/synchronization/accounts:change_account_fields": "InvalidInput",
    "accounts/synchronization/accounts:upsert_account": "InvalidInput",
    "accounts/synchronization/employees:change_employee_fields": "InvalidInput WrongState",
    "accounts/synchronization/employees:upsert_employee": "WrongState",
    "accounts/synchronization/locations:change_location_fields": "InvalidInput",
    "accounts/synchronization/locations:upsert_location": "InvalidInput",
    "catalog/items:create_item": "InvalidInput",
    "catalog/items:set_external_key": "InvalidInput",
    "devices/external_keys:set_external_key": "InvalidInput",
    "directory/employee_import:import_employees": "ChangedMeanwhile",
    "directory/tokens:create_directory_token": "race repetition",
    "directory/tokens:revoke_directory_token": "race repetition",
    "ordering/basket:edit_basket": "race repetition success",
    "ordering/basket:delete_basket": "ChangedMeanwhile race repetition success",
    "ordering/confirmation:confirm_basket": "ChangedMeanwhile InvalidInput WrongState race repetition "
    "success",
    "ordering/copies:copy_to_basket": "WrongState success",
    "orders/submission/submission:check_order": "race",
    "outgoing/messages:replay_message": "WrongState",
    "outgoing/messages:choose_new_order_mail": "InvalidInput race",
    "outgoing/retention:prune": "race",
    "outgoing/webhooks:create_webhook": "InvalidInput WrongState",
    "people/access_rules:create_access_rule": "InvalidInput success",
    "people/access_rules:change_access_rule": "InvalidInput repetition success",
    "people/access_rules:delete_access_rule": "repetition success",
    "people/people:create_person_without_password": "InvalidInput race repetition success",
    "people/people:change_person": "InvalidInput",
    "people/people:reset_password": "InvalidInput WrongState",
    "people/second_factor:reset_second_factor": "WrongState race repetition success",
    "people/staff/tokens:create_staff_token": "InvalidInput repetition success",
    "people/staff/tokens:revoke_staff_token": "WrongState race repetition",
    "people/tokens:create_token": "race",
    "people/tokens:create_service_token": "InvalidInput race",
    "people/tokens:revoke_token": "race",
    "search/saved_searches:save_search": "race",
    "search/saved_searches:remove_search": "race",
}


def needed() -> Iterator[tuple[str, str, set[str]]]:
    """Each operation, its name, and what tests have to prove of it."""
    used = used_by_the_api()
    for module, name in operations():
        if f"{module}:{name}" in shared():
            continue
        own = module.startswith(_ALWAYS) or name not in used
        yield (
            f"{module}:{name}",
            name,
            {*refusals_of(module, name), *((SUCCESS, REPETITION, RACE) if own else ())},
        )


def test_every_operation_is_proved() -> None:
    needs = list(needed())
    proved = proofs({name for _, name, _ in needs})
    missing = {
        key: " ".join(sorted(kinds - proved[name])) for key, name, kinds in needs if kinds - proved[name]
    }
    assert missing == GAPS, (
        "write the missing test below tests/operations or tests/races, or take the entry away"
    )


TESTS = """
ACTIONS = {"approve": approve_order}

def decide(actor, key):
    return reject_order(actor, key)

def test_a_decision_is_taken_once(world):
    decide(world.ada, 1)
    with pytest.raises(WrongState):
        cancel_order(world.ada, 1)

@pytest.mark.parametrize("action, reason", [(reopen_order, None)])
def test_it_says_why(world, action, reason):
    refused(InvalidInput, world.ada, lambda ada: action(ada, 1, reason))
    ACTIONS["approve"](world.ada)
"""
NAMES = {"approve_order", "reject_order", "cancel_order", "reopen_order"}


def test_what_a_module_of_tests_proves_is_read_from_it() -> None:
    assert set(proofs_of(TESTS, NAMES)) == {
        ("reject_order", SUCCESS),
        ("reject_order", REPETITION),
        ("cancel_order", "WrongState"),
        ("reopen_order", "InvalidInput"),
        ("reopen_order", SUCCESS),
        ("approve_order", SUCCESS),
    }
    assert set(proofs_of("def claim(actor):\n    claim_order(actor)", {"claim_order"}, race=True)) == {
        ("claim_order", RACE)
    }
    assert set(proofs_of("def claim(actor):\n    claim_order(actor)", {"claim_order"})) == set()
